//! What the tests of the core share: fixtures, and events as text that owns what it says.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod fixture;
pub mod line;
pub mod random;
pub mod report;

use han_exporter::decoder::{Decoder, Event};

/// Decodes a stream in pieces of `chunk` octets and hands every event to `take`, those at its end included.
pub fn each_event(stream: &[u8], chunk: usize, mut take: impl FnMut(Event<'_>)) {
    let mut decoder = Decoder::default();
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
