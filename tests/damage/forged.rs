//! Starts of encrypted messages that somebody who knows no key wrote into garbage, one within the length that the other
//! claims: they cost a bounded multiple of their bytes, and messages behind them are read.

use crate::support::{self, fixture, report};
use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::deframer::LONGEST;
use han_exporter::wire::dlms::cipher::{Envelope, START};

const TITLE: [u8; 8] = *b"SAG\x67\x01\x02\x03\x04";

/// A start that claims so many bytes behind its length.
fn start(claimed: u16, control: u8) -> Vec<u8> {
    let mut buffer = [0; 64];
    let mut writer = Writer::new(&mut buffer);
    writer.u8(START);
    writer.length(TITLE.len());
    writer.bytes(&TITLE);
    writer.length(claimed.into());
    writer.u8(control);
    writer.written().to_vec()
}

/// Messages with a telegram in them, one after the other.
fn messages(count: u32) -> Vec<u8> {
    let telegram =
        fixture::all().into_iter().find(|fixture| fixture.name == "netherlands/dsmr-4").unwrap().bytes;
    let mut buffer = [0; LONGEST];
    let mut seal = |counter| {
        let envelope = Envelope { title: TITLE, control: 0x30, counter };
        envelope.seal(&support::keys(), &telegram, &mut buffer).expect("room enough").to_vec()
    };
    (1..=count).flat_map(&mut seal).collect()
}

/// What a stream says in pieces of so many bytes, and how many bytes were deciphered for it.
fn heard(stream: &[u8], chunk: usize) -> (Vec<String>, u64) {
    let (mut decoder, mut outcomes) = (support::decoder(), Vec::new());
    let mut take = |decoder: &mut Decoder, mut piece: &[u8]| {
        while let Some(event) = decoder.feed(&mut piece) {
            outcomes.push(report::outcome(&event.outcome));
        }
    };
    stream.chunks(chunk).for_each(|piece| take(&mut decoder, piece));
    (outcomes, decoder.deciphered())
}

#[test]
fn a_flood_of_starts_costs_three_times_its_bytes() {
    for control in [0x20, 0x30] {
        for claimed in [40, 300, 2000, 8000] {
            let flood = start(claimed, control).repeat(4000);
            let (_, deciphered) = heard(&flood, flood.len());
            let most = 3 * flood.len() + 3 * LONGEST;
            assert!(
                deciphered > 0 && deciphered <= most as u64,
                "{deciphered} for {} of {claimed}",
                flood.len()
            );
        }
    }
}

#[test]
fn messages_behind_a_flood_are_read() {
    let good = messages(12);
    for claimed in [100, 1000, 3000, 8000] {
        let stream = [start(claimed, 0x30).repeat(1000), good.clone(), vec![0; LONGEST]].concat();
        let (whole, _) = heard(&stream, stream.len());
        let readings = whole.iter().filter(|outcome| report::is_reading(outcome)).count();
        assert!(readings >= 11, "behind starts that claim {claimed} bytes: {readings} of 12");
        for chunk in [1, 7, 64, 4096] {
            assert!(heard(&stream, chunk).0 == whole, "in pieces of {chunk}");
        }
    }
}

#[test]
fn cut_messages_cost_no_others() {
    let (one, all) = (messages(1), messages(5));
    let stream = [&one[..one.len() / 2], &one[..one.len() / 3], &one[..one.len() - 1], &all].concat();
    let mut readings = 0;
    support::each_event(&stream, stream.len(), |event| {
        readings += u32::from(matches!(event.outcome, Outcome::Reading { .. }));
    });
    assert_eq!(readings, 5);
}
