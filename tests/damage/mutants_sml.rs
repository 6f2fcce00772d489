//! A million SML files per fixture with wrong values: the check sequences of the file and of every message that still has
//! one are corrected.
//!
//! The mutants are the same in every run. The number that a failure prints reproduces its mutant.

use crate::support;
use crate::support::fixture;
use crate::support::mutant::check_reading;
use crate::support::random::Random;
use crate::support::share::share;
use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::wire::cursor::{Reader, Writer};
use han_exporter::wire::deframer::LONGEST;
use han_exporter::wire::message::Message;
use han_exporter::wire::sml::{Entry, File, LIST, List, Time, Value, each_message, seal};

const MUTANTS: u64 = 1_000_000;

#[test]
fn decodes_a_million_mutants_of_each_consistently() {
    fixture::check_each(fixture::of("sml"), |fixture| {
        let original = messages(&fixture.bytes);
        let mut decoder = Decoder::default();
        let mut bytes = vec![0; 2 * LONGEST];
        for number in share(0..MUTANTS) {
            let mutant = mutant(&original, number);
            let length = file(&mutant, &mut bytes);
            let name = || format!("{}, mutant {number}", fixture.name);
            take(&mut decoder, &bytes[..length], &mutant, &name);
        }
    });
}

/// The file gives exactly one event.
fn take(decoder: &mut Decoder, bytes: &[u8], mutant: &[u8], name: &dyn Fn() -> String) {
    let mut rest = bytes;
    let event = decoder.feed(&mut rest).unwrap_or_else(|| panic!("{}: no event", name()));
    assert_eq!((event.length, event.frame.is_some()), (bytes.len(), true), "{}", name());
    match event.outcome {
        Outcome::Reading { list, message, reading } => {
            check_reading(list, reading, name);
            assert_eq!(event.message, mutant, "{}", name());
            let Message::Sml(list) = message else { panic!("{}: {message:?}", name()) };
            assert!(is_in(&list, mutant), "{}", name());
        }
        Outcome::Undecodable(error) => {
            assert!(Error::REASONS.contains(&error.reason()), "{}: {error:?}", name())
        }
        Outcome::Fragment => panic!("{}: a fragment", name()),
        Outcome::Rejected(error, _) => panic!("{}: {error:?}", name()),
    }
    assert!(decoder.feed(&mut rest).is_none() && rest.is_empty(), "{}: a second event", name());
}

/// Whether a walk over the values of its message finds the same list.
fn is_in<'a>(list: &List<'a>, messages: &'a [u8]) -> bool {
    let sent = each_message(messages).flatten().find(|message| message.tag == LIST).expect("its message");
    let body = Value::read(&mut Reader::new(sent.body)).expect("a value");
    let Some([_, server, _, time, Value::List(entries), _, _]) = body.elements() else { return false };
    let of_entry = |Entry { name, status, time, unit, scaler, value, signature }: Entry<'a>| {
        Some([Value::Octets(name), status, time, unit, scaler, value, signature])
    };
    Some(list.server()) == server.bytes()
        && list.time() == Time::of(&time)
        && list.entries().map(of_entry).eq(entries.iter().map(|entry| entry.elements()))
}

fn messages(bytes: &[u8]) -> Vec<u8> {
    File::parse(bytes).expect("a file of a fixture").pieces().collect::<Vec<_>>().concat()
}

fn file(messages: &[u8], bytes: &mut [u8]) -> usize {
    let mut writer = Writer::new(bytes);
    File::emit(messages, &mut writer);
    writer.finish().expect("a mutant grows by a splice of a file at most")
}

fn mutant(original: &[u8], number: u64) -> Vec<u8> {
    let mut random = Random::new(number);
    let mut messages = original.to_vec();
    for _ in 0..=random.below(3) {
        mutate(&mut messages, &mut random);
    }
    // Some have wrong check sequences.
    if random.below(16) > 0 {
        repair(&mut messages);
    }
    // What ends in the first byte of an escape cannot be sent, and no message does.
    if messages.last() == Some(&0x1B) {
        messages.push(0);
    }
    messages
}

/// Does something to messages that somebody who knows the format might do.
fn mutate(messages: &mut Vec<u8>, random: &mut Random) {
    if messages.is_empty() {
        messages.push(random.byte());
    }
    let place = random.below(messages.len());
    match random.below(16) {
        0 => drop(messages.drain(place..(place + 1 + random.below(8)).min(messages.len()))),
        1 => messages.insert(place, interesting(random)),
        2 => messages.truncate(place),
        3 => splice(messages, place, random),
        4..7 => messages[place] = interesting(random),
        7..10 => messages[place] ^= 1 << random.below(8),
        10..13 => messages[place] = messages[place].wrapping_add(1),
        _ => messages[place] = random.byte(),
    }
}

/// Types with lengths, and limits.
fn interesting(random: &mut Random) -> u8 {
    const LIKELY: [u8; 32] = [
        0x00, 0x01, 0x02, 0x07, 0x0B, 0x1A, 0x1B, 0x1E, 0x21, 0x23, 0x42, 0x52, 0x53, 0x54, 0x55, 0x59, 0x5A,
        0x62, 0x63, 0x64, 0x65, 0x69, 0x70, 0x71, 0x72, 0x76, 0x77, 0x7F, 0x80, 0x83, 0xF1, 0xFF,
    ];
    LIKELY[random.below(LIKELY.len())]
}

/// Puts a piece of the messages in a second time, over or between what is there.
fn splice(messages: &mut Vec<u8>, place: usize, random: &mut Random) {
    let start = random.below(messages.len());
    let end = (start + 1 + random.below(40)).min(messages.len());
    let piece = messages[start..end].to_vec();
    let over = if random.below(2) == 0 { piece.len() } else { 0 };
    let until = (place + over).min(messages.len());
    messages.splice(place..until, piece);
}

/// Makes the check sequences right of all messages up to the first that is none.
fn repair(messages: &mut [u8]) {
    let mut start = 0;
    while let Some(end) = covered(messages.get(start..).unwrap_or_default()).map(|length| start + length) {
        let mut sealed = vec![0; LONGEST];
        let mut writer = Writer::new(&mut sealed);
        writer.bytes(&messages[start..end]);
        seal(0, &mut writer);
        let check = writer.written()[end - start..].to_vec();
        match messages.get_mut(end..end + check.len()) {
            Some(room) if room[0] == check[0] => room.copy_from_slice(&check),
            // A check sequence of another length is left as it is.
            _ => return,
        }
        start = end + check.len();
    }
}

/// How many bytes the check sequence of a message covers, if it is one so far.
fn covered(bytes: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(bytes);
    if reader.u8().ok()? != 0x76 {
        return None;
    }
    (0..4).try_for_each(|_| Value::read(&mut reader).map(drop)).ok()?;
    Some(bytes.len() - reader.rest().len())
}

/// Without mutants that reach the values the other test would prove little.
#[test]
fn many_mutants_of_a_list_are_still_lists() {
    let original = messages(&fixture::named("holley/dtz541").bytes);
    let mut bytes = vec![0; 2 * LONGEST];
    let readings: usize = (0..1000)
        .map(|number| {
            let length = file(&mutant(&original, number), &mut bytes);
            support::readings(&bytes[..length]).len()
        })
        .sum();
    assert!((150..900).contains(&readings), "{readings} of 1000");
}
