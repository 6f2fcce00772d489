//! Messages in parts: blocks of general block transfer, HDLC segments, M-Bus frames. A part that is lost, doubled or out of
//! place costs only its message; no message is made of parts of two.
//!
//! Blocks and M-Bus frames are numbered, HDLC segments are not. Parts of two messages with consecutive numbers are told
//! apart by what is between them: a silence, a lost connection, bytes of no frame. Between messages that come every few
//! seconds there is always one of these. If a frame vanishes without a trace, as in an adapter that buffers whole frames,
//! the numbers alone cannot show it; an authentication tag does, and so does the counter of an encrypted message.

use crate::support;
use crate::support::fixture::{self, Fixture};
use crate::support::report;
use han_exporter::decoder::{Decoder, Outcome};

/// Every fixture whose message comes in several parts.
fn in_parts() -> Vec<Fixture> {
    let fixtures: Vec<_> = fixture::all().into_iter().filter(|fixture| fixture.frames.len() > 1).collect();
    let blocks = fixtures.iter().filter(|fixture| fixture.name.contains("blocks")).count();
    assert!(blocks >= 6 && fixtures.len() >= blocks + 7, "{} fixtures in parts", fixtures.len());
    fixtures
}

#[test]
fn a_lost_doubled_or_swapped_part_costs_only_its_message() {
    for fixture in in_parts() {
        let own = support::readings(&fixture.bytes);
        let parts: Vec<&[u8]> = (0..fixture.frames.len()).map(|index| fixture.frame(index)).collect();
        for broken in broken(&parts) {
            let said = readings(&[&broken, &parts]);
            // A whole message may still stand among the parts: behind a doubled first one, or before the doubled last.
            assert!(said.len() <= 2 && said.iter().all(|said| own.contains(said)), "{}", fixture.name);
            let last = said.last();
            assert_eq!(last, own.first(), "{}: the message behind is lost as well", fixture.name);
        }
    }
}

#[test]
fn a_stream_may_begin_in_the_middle_of_a_message() {
    for fixture in in_parts() {
        let parts: Vec<&[u8]> = (0..fixture.frames.len()).map(|index| fixture.frame(index)).collect();
        for (_, rest) in (1..parts.len()).map(|begin| parts.split_at(begin)) {
            assert_eq!(readings(&[&[], rest, &parts]), support::readings(&fixture.bytes), "{}", fixture.name);
            let stream = [rest, &parts].concat().concat();
            assert_eq!(support::readings(&stream), support::readings(&fixture.bytes), "{}", fixture.name);
        }
    }
}

#[test]
fn parts_of_two_messages_are_told_apart_by_what_is_between_them() {
    for fixture in in_parts() {
        let parts: Vec<&[u8]> = (0..fixture.frames.len()).map(|index| fixture.frame(index)).collect();
        for (begun, rest) in (1..parts.len()).map(|middle| parts.split_at(middle)) {
            assert_eq!(readings(&[begun, rest]), [""; 0], "{}: a silence", fixture.name);
            for between in [&[0x55][..], &begun[0][..begun[0].len() / 2]] {
                let stream = [begun, &[between], rest].concat().concat();
                assert_eq!(support::readings(&stream), [""; 0], "{}: {between:02x?}", fixture.name);
            }
            let mut decoder = support::decoder();
            let mut said = Vec::new();
            begun.iter().for_each(|part| take(&mut decoder, &mut &part[..], &mut said));
            decoder.restart();
            rest.iter().for_each(|part| take(&mut decoder, &mut &part[..], &mut said));
            assert_eq!(said, [""; 0], "{}: a line that was lost", fixture.name);
        }
    }
}

/// The parts with one lost, one doubled, two exchanged.
fn broken<'a>(parts: &[&'a [u8]]) -> Vec<Vec<&'a [u8]>> {
    let mut broken = Vec::new();
    for index in 0..parts.len() {
        let mut lost = parts.to_vec();
        lost.remove(index);
        let mut doubled = parts.to_vec();
        doubled.insert(index, parts[index]);
        broken.extend([lost, doubled]);
        for other in 0..index {
            let mut exchanged = parts.to_vec();
            exchanged.swap(index, other);
            broken.push(exchanged);
        }
    }
    broken
}

/// What a meter says that sends these parts, then falls silent, then those.
fn readings(messages: &[&[&[u8]]]) -> Vec<String> {
    let mut decoder = support::decoder();
    let mut said = Vec::new();
    for parts in messages {
        for mut part in parts.iter().copied() {
            take(&mut decoder, &mut part, &mut said);
        }
        while decoder.idle().is_some() {}
    }
    said
}

fn take(decoder: &mut Decoder, part: &mut &[u8], said: &mut Vec<String>) {
    while let Some(event) = decoder.feed(part) {
        if let Outcome::Reading { .. } = event.outcome {
            said.push(report::outcome(&event.outcome));
        }
    }
}
