//! A million messages a fixture that are wrong inside and right outside: whatever a meter, or someone who pretends to be
//! one, may send with right check sequences, the decoder neither panics nor hangs nor contradicts itself.
//!
//! They are the same in every run. The number that a failure names makes its mutant again.

mod support;

use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::meter::{Kind, LISTS, List};
use han_exporter::reading::{Content, Reading};
use han_exporter::wire::apdu::{Apdu, LLC, Notification};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::hdlc::{Frame, MAX_LENGTH};
use han_exporter::wire::message::Message;
use support::fixture::{self, Fixture};
use support::random::Random;

const MUTANTS: u64 = 1_000_000;

#[test]
fn a_million_of_each_are_decoded_without_contradiction() {
    fixture::check_each(fixture::of("hdlc"), |fixture| {
        let mut decoder = Decoder::default();
        let mut information = Vec::with_capacity(MAX_LENGTH);
        let mut octets = [0; MAX_LENGTH + 2];
        for number in 0..MUTANTS {
            let mut random = Random::new(number);
            let hit = random.below(fixture.frames.len());
            for index in 0..fixture.frames.len() {
                let frame = Frame::parse(fixture.frame(index)).expect("a frame of a fixture");
                information.clear();
                information.extend_from_slice(frame.information);
                if index == hit {
                    mutate(&mut information, &mut random);
                }
                let segmented = frame.segmented ^ (random.below(64) == 0);
                let length = emit(&Frame { segmented, information: &information, ..frame }, &mut octets);
                let name = || format!("{}, mutant {number}, frame {index}", fixture.name);
                take(&mut decoder, &octets[..length], &information, number % 16 == 0, &name);
            }
        }
    });
}

/// The frame gives exactly one event.
fn take(decoder: &mut Decoder, octets: &[u8], information: &[u8], thorough: bool, name: &dyn Fn() -> String) {
    let mut rest = octets;
    let event = decoder.feed(&mut rest).unwrap_or_else(|| panic!("{}: no event", name()));
    let frame = event.frame.and_then(|frame| frame.hdlc());
    assert!(frame.is_some_and(|frame| frame.information == information), "{}: another frame", name());
    assert_eq!(event.length, octets.len(), "{}", name());
    match event.outcome {
        Outcome::Reading { list, message, reading } => {
            check_reading(list, reading, name);
            if let Message::Notification(notification) = message
                && thorough
            {
                check_round_trip(&notification, information, name);
            }
        }
        Outcome::Refused(error) => assert!(Error::REASONS.contains(&error.reason()), "{}: {error:?}", name()),
        Outcome::Fragment => {}
        Outcome::Rejected(error, _) => panic!("{}: {error:?}", name()),
    }
    assert!(decoder.feed(&mut rest).is_none() && rest.is_empty(), "{}: a second event", name());
}

fn check_reading(list: &'static List, reading: &Reading, name: &dyn Fn() -> String) {
    assert!(LISTS.iter().any(|known| std::ptr::eq(*known, list)), "{}: no list of ours", name());
    let mut counts = false;
    let mut empty = true;
    for (register, value) in reading.registers() {
        assert!(value.to_f64().is_finite(), "{}: {value:?}", name());
        assert_eq!(reading.value(register), Some(value), "{}", name());
        counts |= register.kind() == Kind::Counter;
        empty = false;
    }
    assert!(!empty, "{}: a reading that says nothing", name());
    assert_eq!(counts, reading.content == Content::Energy, "{}", name());
    let identity = &reading.identity;
    for text in [identity.model.as_bytes(), identity.id.as_bytes(), identity.list_version.as_bytes()] {
        assert!(text.iter().all(|octet| (b' '..=b'~').contains(octet)), "{}: {text:?}", name());
    }
    if let Some(seconds) = reading.clock.and_then(|clock| clock.to_unix(list.zone)) {
        // One day around the years 1970 to 9999.
        assert!((-86_400..253_402_387_200).contains(&seconds), "{}: {seconds}", name());
    }
}

/// What was parsed is emitted as it was, but for lengths that were longer written than they need be.
fn check_round_trip(notification: &Notification<'_>, information: &[u8], name: &dyn Fn() -> String) {
    let (mut first, mut second) = ([0; 2 * MAX_LENGTH], [0; 2 * MAX_LENGTH]);
    let mut writer = Writer::new(&mut first);
    Apdu::Notification(*notification).emit(&mut writer);
    let emitted = writer.written();
    if emitted.len() + LLC.len() == information.len() {
        assert_eq!(emitted, &information[LLC.len()..], "{}", name());
    }
    let mut rewriter = Writer::new(&mut second);
    Apdu::parse(emitted).unwrap_or_else(|error| panic!("{}: {error:?}", name())).emit(&mut rewriter);
    assert_eq!(rewriter.written(), emitted, "{}", name());
}

fn emit(frame: &Frame<'_>, octets: &mut [u8]) -> usize {
    let mut writer = Writer::new(octets);
    frame.emit(&mut writer);
    writer.finish().expect("a mutant grows by a splice of a frame at most")
}

/// Does one to three things to a message that somebody who knows the format might do.
fn mutate(information: &mut Vec<u8>, random: &mut Random) {
    // Most leave the header alone, or hardly any would reach what lies behind it.
    let spared = if random.below(16) == 0 { 0 } else { LLC.len().min(information.len()) };
    for _ in 0..=random.below(3) {
        if information.len() <= spared {
            information.push(random.octet());
        }
        let place = spared + random.below(information.len() - spared);
        // What moves nothing is tried most: a list whose structure is gone is refused at once.
        match random.below(16) {
            0 => drop_some(information, place, random),
            1 => information.insert(place, interesting(random)),
            2 => information.truncate(place),
            3 => splice(information, place, random),
            4..7 => information[place] = interesting(random),
            7..10 => information[place] ^= 1 << random.below(8),
            10..13 => information[place] = information[place].wrapping_add(1),
            _ => information[place] = random.octet(),
        }
        information.truncate(MAX_LENGTH - 20);
    }
}

/// Tags, lengths and limits.
fn interesting(random: &mut Random) -> u8 {
    const OCTETS: [u8; 32] = [
        0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 0x7E,
        0x7F, 0x80, 0x81, 0x82, 0xFF,
    ];
    OCTETS[random.below(OCTETS.len())]
}

fn drop_some(information: &mut Vec<u8>, place: usize, random: &mut Random) {
    let end = (place + 1 + random.below(8)).min(information.len());
    information.drain(place..end);
}

/// Puts a piece of the message in a second time, over or between what is there.
fn splice(information: &mut Vec<u8>, place: usize, random: &mut Random) {
    let start = random.below(information.len());
    let end = (start + 1 + random.below(24)).min(information.len());
    let piece = information[start..end].to_vec();
    let over = if random.below(2) == 0 { piece.len() } else { 0 };
    let until = (place + over).min(information.len());
    information.splice(place..until, piece);
}

/// The fixtures reach the tables, or their mutants would prove little.
#[test]
fn most_mutants_of_a_list_are_still_lists() {
    let fixture: Fixture = fixture::named("aidon/list-3");
    let frame = Frame::parse(fixture.frame(0)).expect("a frame of a fixture");
    let mut octets = [0; MAX_LENGTH + 2];
    let mut readings = 0;
    for number in 0..1000 {
        let mut information = frame.information.to_vec();
        mutate(&mut information, &mut Random::new(number));
        let length = emit(&Frame { information: &information, ..frame }, &mut octets);
        readings += support::readings(&octets[..length]).len();
    }
    assert!((250..900).contains(&readings), "{readings} of 1000");
}
