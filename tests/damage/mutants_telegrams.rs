//! A million telegrams per fixture with wrong contents and a right check: whatever a meter, or somebody who pretends to be
//! one, sends, the decoder does not panic, does not hang and does not contradict itself.
//!
//! The mutants are the same in every run. The number that a failure prints reproduces its mutant.

use crate::support;
use crate::support::arc::repair;
use crate::support::fixture::{self, Fixture};
use crate::support::random::Random;
use crate::support::share::share;
use han_exporter::decoder::{Decoder, Error, Event, Outcome};
use han_exporter::meter::{Datum, Kind, LISTS, List};
use han_exporter::reading::{Content, Reading};
use han_exporter::wire::message::Message;
use han_exporter::wire::telegram::Telegram;

const MUTANTS: u64 = 1_000_000;

#[test]
fn decodes_a_million_mutants_of_each_consistently() {
    let mut fixtures = fixture::of("p1");
    fixtures.extend(fixture::of("iec"));
    fixtures.retain(|fixture| fixture.bytes[0] == b'/');
    assert!(fixtures.len() > 25);
    fixture::check_each(fixtures, |fixture| {
        let mut decoder = Decoder::default();
        let mut bytes = Vec::with_capacity(2 * fixture.bytes.len());
        for number in share(0..MUTANTS) {
            let mut random = Random::new(number);
            bytes.clear();
            bytes.extend_from_slice(&fixture.bytes);
            mutate(&mut bytes, &mut random);
            repair(&mut bytes);
            let name = || format!("{}, mutant {number}", fixture.name);
            take(&mut decoder, &bytes, number % 16 == 0, &name);
        }
    });
}

/// Every byte is judged, and what comes of it does not contradict itself.
fn take(decoder: &mut Decoder, bytes: &[u8], thorough: bool, name: &dyn Fn() -> String) {
    let mut rest = bytes;
    let mut events = 0;
    while let Some(event) = decoder.feed(&mut rest) {
        check_event(&event, thorough, name);
        events += 1;
    }
    while let Some(event) = decoder.finish() {
        check_event(&event, thorough, name);
        events += 1;
    }
    assert!(rest.is_empty() && events < 100, "{}: {events} events", name());
    assert!(decoder.feed(&mut &b"\n"[..]).is_none(), "{}: something was left", name());
}

fn check_event(event: &Event<'_>, thorough: bool, name: &dyn Fn() -> String) {
    match event.outcome {
        Outcome::Reading { list, message, reading } => {
            check_reading(list, reading, name);
            if let Message::Telegram(telegram) = message
                && thorough
            {
                assert_eq!(Telegram::parse(telegram.bytes()), Ok(telegram), "{}", name());
                check_items(list, &message, name);
            }
        }
        Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
            assert!(Error::REASONS.contains(&error.reason()), "{}: {error:?}", name());
        }
        Outcome::Fragment => panic!("{}: a fragment", name()),
    }
}

fn check_reading(list: &'static List, reading: &Reading, name: &dyn Fn() -> String) {
    assert!(LISTS.iter().any(|known| std::ptr::eq(*known, list)), "{}: no list of ours", name());
    let mut counts = false;
    for (register, value) in reading.registers() {
        assert!(value.to_f64().is_finite(), "{}: {value:?}", name());
        counts |= register.kind() == Kind::Counter;
    }
    assert_eq!(counts, reading.content == Content::Energy, "{}", name());
    let identity = &reading.identity;
    for text in [identity.model.as_bytes(), identity.id.as_bytes(), identity.list_version.as_bytes()] {
        assert!(text.iter().all(|byte| (b' '..=b'~').contains(byte)), "{}: {text:?}", name());
    }
    if let Some(seconds) = reading.clock.and_then(|clock| clock.to_unix(list.zone)) {
        // The years 2000 to 2099.
        assert!((946_600_000..4_102_500_000).contains(&seconds), "{}: {seconds}", name());
    }
}

/// No item has a register of another unit than its number's, and their walk ends.
fn check_items(list: &'static List, message: &Message<'_>, name: &dyn Fn() -> String) {
    let mut numbers = 0;
    list.items(message).each(|item| {
        numbers += usize::from(matches!(item.datum, Datum::Number(_)));
        assert!(item.unit.is_none() || matches!(item.datum, Datum::Number(_)), "{}: {item:?}", name());
        let is_bare = matches!(item.datum, Datum::Number(_)) && item.unit.is_none();
        assert!(!is_bare || item.register.is_none(), "{}: {item:?}", name());
    });
    assert!(numbers < 3000, "{}", name());
}

/// Does one to four things to a telegram that damage or malice might do.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        if bytes.len() < 8 {
            return;
        }
        let place = 1 + random.below(bytes.len() - 2);
        match random.below(14) {
            0 => _ = bytes.remove(place),
            1 => bytes.insert(place, interesting(random)),
            2 => splice(bytes, place, random),
            3 => swap_lines(bytes, random),
            4 => bytes[place] ^= 1 << random.below(8),
            5 => bytes[place] = random.byte(),
            6..9 => bytes[place] = interesting(random),
            _ => digit(bytes, place, random),
        }
    }
}

/// What a telegram is made of.
fn interesting(random: &mut Random) -> u8 {
    const LIKELY: &[u8; 32] = b"()*:-.,&!/0019 \r\n\x02\x03\x06kWhVASFC+6\0\xFF";
    LIKELY[random.below(LIKELY.len())]
}

/// Another digit in the place of the next one.
fn digit(bytes: &mut [u8], place: usize, random: &mut Random) {
    let digit = b'0' + random.below(10) as u8;
    bytes[place..].iter_mut().filter(|byte| byte.is_ascii_digit()).take(1).for_each(|byte| *byte = digit);
}

fn splice(bytes: &mut Vec<u8>, place: usize, random: &mut Random) {
    let start = random.below(bytes.len());
    let end = (start + 1 + random.below(40)).min(bytes.len());
    let piece = bytes[start..end].to_vec();
    let until = (place + random.below(2) * piece.len()).min(bytes.len());
    bytes.splice(place..until, piece);
}

fn swap_lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.len() > 3 {
        let (one, other) = (1 + random.below(lines.len() - 2), 1 + random.below(lines.len() - 2));
        lines.swap(one, other);
        *bytes = lines.concat();
    }
}

/// Without mutants that reach the tables the other test would prove little.
#[test]
fn most_mutants_of_a_telegram_are_still_read() {
    let fixture: Fixture = fixture::named("netherlands/dsmr-5");
    let mut readings = 0;
    for number in 0..1000 {
        let mut bytes = fixture.bytes.clone();
        mutate(&mut bytes, &mut Random::new(number));
        repair(&mut bytes);
        readings += support::readings(&bytes).len();
    }
    assert!((250..950).contains(&readings), "{readings} of 1000");
}
