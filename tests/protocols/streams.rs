//! Three noisy lines: every frame that can be recovered is found at its place, and no frame is invented.
//!
//! `fixtures/streams` contains what came over them (valid frames, shared and idle flags, bit errors, lost and added bytes,
//! cuts, garbage, headers that claim 2047 bytes) and, in JSON, where each valid frame is.

use std::fs;

use crate::support::random::Random;
use crate::support::{each_event, events, fixture};
use han_exporter::decoder::{Decoder, Event, Outcome};

const STREAMS: [(&str, usize); 3] = [("kaifa", 393), ("kamstrup", 360), ("aidon", 362)];

#[test]
fn finds_exactly_the_valid_frames() {
    for (name, count) in STREAMS {
        let stream = Stream::read(name);
        assert_eq!(stream.frames.len(), count);
        let mut found = Vec::new();
        each_event(&stream.bytes, stream.bytes.len(), |event| found.extend(good(&event)));
        assert_eq!(found, stream.frames, "{name}");
    }
}

#[test]
fn streams_decode_the_same_in_pieces_of_any_size() {
    for (name, _) in STREAMS {
        let stream = Stream::read(name);
        let whole = events(&stream.bytes, stream.bytes.len());
        for chunk in [1, 2, 3, 7, 64] {
            // Not assert_eq: it would print two megabytes.
            assert!(events(&stream.bytes, chunk) == whole, "{name} in pieces of {chunk}");
        }
    }
}

#[test]
fn silence_anywhere_loses_no_frame() {
    for (name, _) in STREAMS {
        let stream = Stream::read(name);
        for seed in 0..40 {
            assert_eq!(stream.found_with_silences(seed), stream.frames, "{name}, seed {seed}");
        }
    }
}

#[test]
fn every_byte_is_accounted_for() {
    for (name, _) in STREAMS {
        let stream = Stream::read(name);
        let mut rest = &stream.bytes[..];
        let mut decoder = Decoder::default();
        while decoder.feed(&mut rest).is_some() {}
        while decoder.finish().is_some() {}
        let outside = stream.bytes.len() - stream.covered();
        assert!(rest.is_empty(), "{name}");
        // Flags between frames belong to none and are no noise.
        assert!(
            decoder.discarded() as usize <= outside && decoder.discarded() as usize > outside / 2,
            "{name}"
        );
    }
}

/// What came over a line, and where its good frames begin and how long they are.
struct Stream {
    bytes: Vec<u8>,
    frames: Vec<(u64, usize)>,
}

impl Stream {
    fn read(name: &str) -> Self {
        let path = fixture::folder().join("streams").join(name);
        let bytes = fs::read(path.with_extension("bin")).expect("the stream");
        let json = fs::read_to_string(path.with_extension("json")).expect("its description");
        let (offsets, lengths) = (numbers(&json, "offset"), numbers(&json, "len"));
        assert_eq!(offsets.len(), lengths.len(), "{name}");
        Stream { bytes, frames: offsets.into_iter().map(|at| at as u64).zip(lengths).collect() }
    }

    /// Decodes it in pieces of any size, with the line silent behind some of them.
    fn found_with_silences(&self, seed: u64) -> Vec<(u64, usize)> {
        let mut random = Random::new(seed);
        let mut decoder = Decoder::default();
        let mut found = Vec::new();
        let mut rest = &self.bytes[..];
        while !rest.is_empty() {
            let (mut piece, behind) = rest.split_at((1 + random.below(300)).min(rest.len()));
            rest = behind;
            while let Some(event) = decoder.feed(&mut piece) {
                found.extend(good(&event));
            }
            if random.below(4) == 0 {
                while let Some(event) = decoder.idle() {
                    found.extend(good(&event));
                }
            }
        }
        while let Some(event) = decoder.finish() {
            found.extend(good(&event));
        }
        found
    }

    /// Bytes that lie in good frames; a flag that two frames share counts once.
    fn covered(&self) -> usize {
        let mut end = 0;
        let lengths = self.frames.iter().map(|&(offset, length)| {
            let begin = end.max(offset as usize);
            end = offset as usize + length;
            end - begin
        });
        lengths.sum()
    }
}

fn good(event: &Event<'_>) -> Option<(u64, usize)> {
    event.frame.map(|_| (event.offset, event.length))
}

/// Every number in the text that has this name: `"len": 41`.
fn numbers(json: &str, name: &str) -> Vec<usize> {
    let marked = format!("\"{name}\":");
    let values = json.split(&marked).skip(1).map(|rest| rest.trim_start());
    let digits =
        values.map(|rest| rest.split(|mark: char| !mark.is_ascii_digit()).next().unwrap_or_default());
    digits.map(|digits| digits.parse().expect("a number")).collect()
}

/// Segments of two messages must never become one, and an unfinished message must not swallow the next.
#[test]
fn segments_before_and_after_a_loss_yield_no_reading() {
    let message = fixture::named("iskraemeco/am550-records");
    let whole = fixture::named("kaifa/list-1");
    let first = message.frame(0);
    let rest: Vec<u8> = (1..message.frames.len()).flat_map(|index| message.frame(index).to_vec()).collect();

    for restart in [false, true] {
        let mut decoder = Decoder::default();
        assert_eq!(readings(&mut decoder, first), 0);
        match restart {
            true => decoder.restart(),
            false => while decoder.idle().is_some() {},
        }
        assert_eq!(readings(&mut decoder, &rest), 0, "restart: {restart}");
        assert_eq!(readings(&mut decoder, &message.bytes), 1, "the next whole message is read");
    }

    let mut decoder = Decoder::default();
    assert_eq!(readings(&mut decoder, first), 0);
    assert_eq!(readings(&mut decoder, &whole.bytes), 1, "a whole list behind a first segment");
    assert_eq!(readings(&mut decoder, first), 0);
    assert_eq!(
        readings(&mut decoder, &message.bytes),
        1,
        "a whole message behind the first segment of another"
    );
}

fn readings(decoder: &mut Decoder, mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let Some(event) = decoder.feed(&mut bytes) {
        count += usize::from(matches!(event.outcome, Outcome::Reading { .. }));
    }
    count
}

#[test]
fn a_decoder_has_room_only_for_what_comes() {
    assert!(size_of::<Decoder>() <= 8 * 1024, "{} bytes before anything comes", size_of::<Decoder>());
}
