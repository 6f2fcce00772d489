//! Writes the fixtures as seeds for the fuzz targets into `fuzz/corpus`: `cargo run --example fuzz_seeds`.
//!
//! `stream` starts from complete captures, `frame` from the content of their frames, `value` from the messages inside,
//! `telegram` from the data of telegrams, `sml` from the messages of SML files, `mbus` and `cipher` from the decrypted
//! messages after a byte of their own, `kmp` from responses of polled meters, `session` from poll cycles with them, `text`
//! from the content of all frames, `http` from requests.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::reading::Settings;
use han_exporter::wire::deframer::Deframer;
use han_exporter::wire::dlms::apdu::LLC;
use han_exporter::wire::dlms::cipher::{Cipher, Key, Keys};
use han_exporter::wire::frame::{Frame, polled_protocol};
use han_exporter::wire::protocol::Protocol;

/// What a scraper, a browser, a script and others ask.
const REQUESTS: [&str; 8] = [
    "GET /metrics HTTP/1.1\r\nHost: pi:10170\r\nAccept: application/openmetrics-text;version=1.0.0;q=0.6,*/*;q=0.1\r\nAccept-Encoding: gzip\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: pi.local\r\nUser-Agent: Mozilla/5.0\r\nAccept-Language: nb\r\nSec-Fetch-Mode: navigate\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: example.org\r\nOrigin: http://example.org\r\nReferer: http://example.org/\r\n\r\n",
    "HEAD /-/ready HTTP/1.0\r\n\r\nGET /-/healthy HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
    "GET http://192.0.2.1/style.css HTTP/1.1\nHost: localhost.\n\n",
    "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
    "GET /none HTTP/1.1\r\nHost: a\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

fn main() -> ExitCode {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    match write_all(&package.join("fixtures"), &package.join("fuzz/corpus")) {
        Ok(count) => {
            println!("{count} fixtures written as seeds");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("fuzz_seeds: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(fixtures: &Path, corpus: &Path) -> io::Result<usize> {
    let mut count = 0;
    for (index, request) in REQUESTS.iter().enumerate() {
        // The first byte is the size of the pieces.
        seed(corpus, "http", &index.to_string(), &[&[255], request.as_bytes()].concat())?;
    }
    for maker in entries(fixtures)? {
        for path in entries(&maker)?.iter().filter(|path| path.extension().is_some_and(|end| end == "hex")) {
            let name = path.strip_prefix(fixtures).unwrap_or(path).with_extension("");
            write(corpus, &name.display().to_string().replace('/', "-"), &fs::read_to_string(path)?)?;
            count += 1;
        }
    }
    Ok(count)
}

fn write(corpus: &Path, name: &str, dump: &str) -> io::Result<()> {
    let bytes = unhex(dump);
    if let Some(protocol) = polled_protocol(&bytes) {
        seed(corpus, "kmp", name, &bytes)?;
        return seed(corpus, "session", name, &round(protocol, &bytes));
    }
    seed(corpus, "stream", name, &bytes)?;
    seed(corpus, "session", name, &round(Protocol::Iec, &bytes))?;
    let mut deframer = Deframer::default();
    let mut rest = &bytes[..];
    let mut index = 0;
    while let Some(found) = deframer.feed(&mut rest) {
        let Ok(frame) = found.frame else { continue };
        match frame {
            Frame::Telegram(telegram) => {
                seed(corpus, "telegram", name, telegram.body())?;
                seed(corpus, "text", name, &[&[1], telegram.body()].concat())?;
            }
            Frame::Sml(file) => {
                let messages = file.pieces().collect::<Vec<_>>().concat();
                seed(corpus, "sml", name, &messages)?;
                seed(corpus, "text", name, &[&[2][..], &messages].concat())?;
            }
            _ => {}
        }
        let Frame::Hdlc(frame) = frame else { continue };
        let message = frame.information.strip_prefix(&LLC).unwrap_or(frame.information);
        seed(corpus, "frame", &format!("{name}-{index}"), frame.information)?;
        seed(corpus, "text", &format!("{name}-{index}"), &[&[0], frame.information].concat())?;
        seed(corpus, "value", &format!("{name}-{index}"), message)?;
        index += 1;
    }
    let mut decoder = Decoder::new(Settings::default(), Cipher::new(&keys()));
    let mut rest = &bytes[..];
    while let Some(event) = decoder.feed(&mut rest) {
        if let Outcome::Reading { .. } = event.outcome {
            // The first byte: the length of an M-Bus frame; the security control.
            seed(corpus, "mbus", name, &[&[245], event.message].concat())?;
            (0..4).try_for_each(|control| {
                seed(corpus, "cipher", &format!("{name}-{control}"), &[&[control], event.message].concat())
            })?;
        }
    }
    Ok(())
}

/// The keys of the fixtures: 00 01 … 0F encrypts, D0 D1 … DF authenticates.
fn keys() -> Keys {
    let key = |first: u8| Some(Key::new(std::array::from_fn(|index| first + index as u8)));
    Keys { encryption: key(0), authentication: key(0xD0) }
}

/// The pieces of time that a poll cycle begins with, then these bytes from the meter.
fn round(protocol: Protocol, bytes: &[u8]) -> Vec<u8> {
    const BEGIN_AND_SEND: [u8; 4] = [1, 1, 1, 1];
    let choice = match protocol {
        Protocol::Kmp382 => 0,
        Protocol::Kmp => 1,
        _ => 2,
    };
    let mut script = vec![choice];
    script.extend(BEGIN_AND_SEND);
    for piece in bytes.chunks(0x3E) {
        script.push(0xC0 | piece.len() as u8);
        script.extend(piece);
    }
    script
}

fn seed(corpus: &Path, target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(corpus.join(target))?;
    fs::write(corpus.join(target).join(name), bytes)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// Bytes of a hex dump; `#` begins a comment, and anything but a pair of digits ends it.
fn unhex(dump: &str) -> Vec<u8> {
    let lines = dump.lines().map(|line| line.split('#').next().unwrap_or_default());
    let pairs = lines.flat_map(str::split_whitespace);
    pairs.map_while(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
