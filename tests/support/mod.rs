//! What the tests of the core share: fixtures, and events as text that owns what it says.
#![allow(dead_code, reason = "each group of tests uses a part of it")]

pub mod arc;
#[cfg(feature = "explain")]
pub mod decoded;
#[cfg(feature = "daemon")]
pub mod exporter;
pub mod fixture;
pub mod json;
pub mod line;
#[cfg(feature = "daemon")]
pub mod meters;
pub mod mutant;
#[cfg(feature = "daemon")]
pub mod plugged;
pub mod polled;
pub mod random;
pub mod register;
pub mod report;
pub mod share;

use std::fs;
use std::path::PathBuf;

use han_exporter::decoder::{Decoder, Event};
use han_exporter::reading::Settings;
use han_exporter::wire::dlms::cipher::{Cipher, Key, Keys};
use han_exporter::wire::frame::polled_protocol;

/// The keys of all ciphered fixtures: 00 01 … 0F opens them, D0 D1 … DF proves them.
pub fn keys() -> Keys {
    let key = |first: u8| Some(Key::new(std::array::from_fn(|index| first + index as u8)));
    Keys { encryption: key(0), authentication: key(0xD0) }
}

/// A decoder that has these keys.
pub fn decoder() -> Decoder {
    Decoder::new(Settings::default(), Cipher::new(&keys()))
}

/// The same for a capture, which may be of a meter that is asked.
pub fn decoder_of(capture: &[u8]) -> Decoder {
    match polled_protocol(capture) {
        Some(protocol) => decoder().polling(protocol),
        None => decoder(),
    }
}

/// Decodes a stream in pieces of `chunk` bytes and hands every event to `take`, those at its end included.
pub fn each_event(stream: &[u8], chunk: usize, mut take: impl FnMut(Event<'_>)) {
    let mut decoder = decoder_of(stream);
    for mut piece in stream.chunks(chunk.max(1)) {
        while let Some(event) = decoder.feed(&mut piece) {
            take(event);
        }
    }
    while let Some(event) = decoder.finish() {
        take(event);
    }
}

/// The same, as one text an event.
pub fn events(stream: &[u8], chunk: usize) -> Vec<String> {
    let mut events = Vec::new();
    each_event(stream, chunk, |event| events.push(report::event(&event)));
    events
}

/// What a whole stream says, without where it stood.
pub fn outcomes(stream: &[u8]) -> Vec<String> {
    let mut outcomes = Vec::new();
    each_event(stream, stream.len(), |event| outcomes.push(report::outcome(&event.outcome)));
    outcomes
}

/// The readings among them.
pub fn readings(stream: &[u8]) -> Vec<String> {
    let mut readings = outcomes(stream);
    readings.retain(|outcome| report::is_reading(outcome));
    readings
}

/// Compares texts with the files that hold what they should be; with `BLESS` set, writes the files.
pub fn check_goldens(said: impl IntoIterator<Item = (PathBuf, String)>) {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for (path, said) in said {
        if bless {
            fs::write(&path, &said).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        if said != golden {
            wrong.push(format!("{}\n--- golden\n{golden}--- said\n{said}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
