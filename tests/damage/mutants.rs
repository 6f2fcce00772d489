//! A million messages per fixture with wrong contents and right check sequences: whatever a meter, or somebody who pretends
//! to be one, sends, the decoder does not panic, does not hang and does not contradict itself.
//!
//! The mutants are the same in every run. The number that a failure prints reproduces its mutant.

use crate::support;
use crate::support::fixture::{self, Fixture};
use crate::support::mutant::{check_reading, mutate};
use crate::support::random::Random;
use crate::support::share::share;
use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::dlms::apdu::{Apdu, LLC, Notification};
use han_exporter::wire::frame;
use han_exporter::wire::hdlc::{Frame, MAX_LENGTH};
use han_exporter::wire::message::Message;

const MUTANTS: u64 = 1_000_000;

#[test]
fn decodes_a_million_mutants_of_each_consistently() {
    // Ciphered ones are made wrong inside in a file of their own.
    let plain = fixture::of("hdlc").into_iter().filter(|fixture| !fixture.ciphered).collect();
    fixture::check_each(plain, |fixture| {
        let mut decoder = Decoder::default();
        let mut information = Vec::with_capacity(MAX_LENGTH);
        let mut bytes = [0; MAX_LENGTH + 2];
        for number in share(0..MUTANTS) {
            let mut random = Random::new(number);
            let hit = random.below(fixture.frames.len());
            for index in 0..fixture.frames.len() {
                let frame = Frame::parse(fixture.frame(index)).expect("a frame of a fixture");
                information.clear();
                information.extend_from_slice(frame.information);
                if index == hit {
                    mutate(&mut information, LLC.len(), &mut random);
                }
                let segmented = frame.segmented ^ (random.below(64) == 0);
                let length = emit(&Frame { segmented, information: &information, ..frame }, &mut bytes);
                let name = || format!("{}, mutant {number}, frame {index}", fixture.name);
                take(&mut decoder, &bytes[..length], &information, number % 16 == 0, &name);
            }
        }
    });
}

/// The frame gives exactly one event.
fn take(decoder: &mut Decoder, bytes: &[u8], information: &[u8], thorough: bool, name: &dyn Fn() -> String) {
    let mut rest = bytes;
    let event = decoder.feed(&mut rest).unwrap_or_else(|| panic!("{}: no event", name()));
    let is_same = matches!(event.frame, Some(frame::Frame::Hdlc(frame)) if frame.information == information);
    assert!(is_same, "{}: another frame", name());
    assert_eq!(event.length, bytes.len(), "{}", name());
    match event.outcome {
        Outcome::Reading { list, message, reading } => {
            check_reading(list, reading, name);
            if let Message::Notification(notification) = message
                && thorough
            {
                check_round_trip(&notification, information, name);
            }
        }
        Outcome::Undecodable(error) => {
            assert!(Error::REASONS.contains(&error.reason()), "{}: {error:?}", name())
        }
        Outcome::Fragment => {}
        Outcome::Rejected(error, _) => panic!("{}: {error:?}", name()),
    }
    assert!(decoder.feed(&mut rest).is_none() && rest.is_empty(), "{}: a second event", name());
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

fn emit(frame: &Frame<'_>, bytes: &mut [u8]) -> usize {
    let mut writer = Writer::new(bytes);
    frame.emit(&mut writer);
    writer.finish().expect("a mutant grows by a splice of a frame at most")
}

/// Without mutants that reach the tables the other test would prove little.
#[test]
fn most_mutants_of_a_list_are_still_lists() {
    let fixture: Fixture = fixture::named("aidon/list-3");
    let frame = Frame::parse(fixture.frame(0)).expect("a frame of a fixture");
    let mut bytes = [0; MAX_LENGTH + 2];
    let mut readings = 0;
    for number in 0..1000 {
        let mut information = frame.information.to_vec();
        mutate(&mut information, LLC.len(), &mut Random::new(number));
        let length = emit(&Frame { information: &information, ..frame }, &mut bytes);
        readings += support::readings(&bytes[..length]).len();
    }
    assert!((250..900).contains(&readings), "{readings} of 1000");
}
