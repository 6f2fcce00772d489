//! Measures the time from bytes to readings: `cargo run --release --example decode_bench -- N FILE [KEY AUTHKEY]`.
//!
//! FILE is a capture, raw or as a hex dump; it is decoded N times. KEY and AUTHKEY, 32 hexadecimal digits each, decrypt it.
//! An encrypted capture must contain messages of several meters in turn, or all but the first would be replays. To count
//! instructions, run it under `valgrind --tool=callgrind` with two values of N and divide the difference.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::reading::Settings;
use han_exporter::wire::dlms::cipher::{Cipher, Key, Keys};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [times, file, keys @ ..] = arguments.as_slice() else {
        eprintln!("usage: decode_bench N FILE [KEY AUTHKEY]");
        return ExitCode::from(2);
    };
    let key = |index: usize| Some(Key::new(unhex(keys.get(index)?.as_bytes())?.try_into().ok()?));
    let keys = Keys { encryption: key(0), authentication: key(1) };
    let (Ok(times), Ok(content)) = (times.parse::<u32>(), std::fs::read(file)) else {
        eprintln!("decode_bench: '{times}' is not a number, or '{file}' cannot be read");
        return ExitCode::from(2);
    };
    let bytes = unhex(&content).unwrap_or(content);
    let mut decoder = Decoder::new(Settings::default(), Cipher::new(&keys));
    let mut readings = 0_u32;
    let start = Instant::now();
    for _ in 0..times {
        let mut input = &bytes[..];
        while let Some(event) = decoder.feed(&mut input) {
            if let Outcome::Reading { reading, .. } = event.outcome {
                black_box(reading);
                readings += 1;
            }
        }
    }
    let elapsed = start.elapsed();
    println!("readings {readings}");
    println!("ns/frame {:.1}", elapsed.as_nanos() as f64 / f64::from(readings.max(1)));
    if readings == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn unhex(content: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(content).ok()?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let digits: String = lines.flat_map(str::chars).filter(|digit| !digit.is_whitespace()).collect();
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}
