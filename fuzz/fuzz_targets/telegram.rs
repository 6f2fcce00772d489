//! Any data between a first line and an end: the sets lie in them one behind the other, and the telegram gives one
//! event, with a reading that does not contradict itself.

#![no_main]

mod check;

use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::meter::Datum;
use han_exporter::wire::decimal::Decimal;
use han_exporter::wire::telegram::set::{Malformed, Raw, Set, Sets};
use han_exporter::wire::telegram::{LONGEST, Telegram};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    check_sets(data);
    check_numbers(data);
    for [head, end] in [
        [&b"/ISk5\\2MT382-1000\r\n\r\n"[..], b"!0000\r\n"],
        [b"/KFM5x\r\n\r\n", b"!\r\n"],
        [b"/KAM 685-382-OK-10\r\n\x02", b"!\r\n\x03\x00"],
        [b"/ESO5x\r\n\r\n", b"!0\n"],
    ] {
        check_telegram(&[head, data, end].concat(), head.len());
    }
});

/// Every byte belongs to a set, to a line that is none, or ends a line.
fn check_sets(data: &[u8]) {
    let mut at = data.as_ptr() as usize;
    for set in Sets::of(data) {
        let bytes = match set {
            Ok(set) => {
                check_values(&set);
                set.bytes
            }
            Err(Malformed(line)) => line,
        };
        let start = bytes.as_ptr() as usize;
        assert!(start >= at && !bytes.is_empty());
        let between = &data[at - data.as_ptr() as usize..start - data.as_ptr() as usize];
        assert!(between.iter().all(|byte| matches!(byte, b'\r' | b'\n')));
        at = start + bytes.len();
    }
    let rest = &data[at - data.as_ptr() as usize..];
    assert!(rest.iter().all(|byte| matches!(byte, b'\r' | b'\n')));
}

fn check_values(set: &Set<'_>) {
    assert_eq!(set.bytes.last(), Some(&b')'));
    let values: Vec<Raw<'_>> = set.values().collect();
    assert!(!values.is_empty());
    assert_eq!(set.single(), values.first().copied().filter(|_| values.len() == 1));
    for raw in values {
        let count = |bracket| raw.0.iter().filter(|byte| **byte == bracket).count();
        assert_eq!(count(b'('), count(b')'));
    }
}

fn check_numbers(bytes: &[u8]) {
    if let Some((number, _)) = Decimal::read(bytes) {
        assert_eq!(Decimal::read(number.to_string().as_bytes()), Some((number, &[][..])));
    }
}

fn check_telegram(bytes: &[u8], head: usize) {
    if let Ok(telegram) = Telegram::parse(bytes) {
        assert_eq!(telegram.bytes(), bytes);
        assert!(telegram.is_ciphered() || bytes[..telegram.end()].ends_with(telegram.body()));
        let _ = (telegram.ident().model(), telegram.check());
    }
    let mut decoder = Decoder::default();
    let mut rest = bytes;
    let mut last = false;
    let mut events = 0;
    loop {
        match if last { decoder.finish() } else { decoder.feed(&mut rest) } {
            Some(event) => {
                check_outcome(&event.outcome);
                events += 1;
            }
            None if last => break,
            None => last = true,
        }
    }
    let data = &bytes[head..bytes.len() - 3];
    let is_plain = data.iter().all(|byte| (b' '..=b'~').contains(byte) && !matches!(byte, b'!' | b'/'));
    assert!(!is_plain || bytes.len() > LONGEST || events == 1, "{events} events");
}

fn check_outcome(outcome: &Outcome<'_>) {
    match outcome {
        Outcome::Reading { list, message, reading } => {
            check::reading(list, reading);
            list.items(message).each(|item| {
                assert!(item.unit.is_none() || matches!(item.datum, Datum::Number(_)));
            });
        }
        Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
            assert!(Error::REASONS.contains(&error.reason()));
        }
        Outcome::Fragment => {}
    }
}
