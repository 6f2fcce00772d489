//! No burst of errors of up to 16 bits is ever accepted, whatever its pattern and wherever in a fixture it strikes.
//!
//! On the shortest fixtures all 2^15 of them are tried at every bit on the real decoder. On the others a proof takes the
//! place of most. A burst leaves one of these:
//!
//! 1. A frame's opening flag and the bytes that say where its fields end, but not its header. The register of the
//!    check sequence is linear: it ends on the right remainder if and only if the sum of what each wrong bit adds is 0.
//!    Any 16 neighbouring bits add 16 numbers of which no sum is 0, for these are found to be linearly independent; so
//!    no burst within 16 bits, whatever its pattern, passes the header check sequence, and what length it claims does
//!    not matter.
//! 2. The same, and the whole header: then the part of it behind the header fails the frame check sequence likewise, or
//!    the closing flag is hit and the frame has none.
//! 3. The opening flag, but a lowest bit of an address byte is hit, so that the header may end elsewhere. All of these
//!    are tried.
//! 4. No flag there. Then it is no frame.
//!
//! Besides it may make an opening flag and format field where there was none, or change a header that stands inside a
//! frame by chance. All of these are tried. A candidate inside that it does not touch up to the end of its header
//! failed in its header before and fails in it still, which is checked as well.
//!
//! With SML a burst that neither touches the start nor makes, moves or destroys an escape leaves the end where it was,
//! and fails as in 1. All others are tried. (What fails by one rule may hold by the other, which counts only if all
//! three messages hold by it as well; a burst reaches two of them at most.)

use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::fixture::{self, Fixture};
use crate::support::line::Line;
use crate::support::register::{added_by_each_bit, assert_sixteen_independent};
use crate::support::share::{every, share};
use han_exporter::wire::hdlc::{Error, FLAG, Frame};

/// The polynomial of CRC-16/X.25, backwards.
const X25: u16 = 0x8408;

#[test]
fn rejects_all_bursts_on_short_fixtures() {
    fixture::check_each(fixture::of("hdlc"), |fixture| {
        if fixture.bytes.len() > SHORT {
            return;
        }
        let mut line = Line::of(fixture);
        for start in 0..fixture.bytes.len() * 8 {
            bursts().for_each(|burst| line.expect_burst_lost(start, burst));
        }
    });
}

#[test]
fn no_burst_passes_a_check_sequence() {
    for fixture in fixture::of("hdlc") {
        for index in 0..fixture.frames.len() {
            let frame = fixture.frame(index);
            assert_sixteen_independent(&added_by_each_bit(frame.len() - 2, X25), &fixture.name);
            assert_sixteen_independent(&added_by_each_bit(header_end(frame) - 1, X25), &fixture.name);
        }
    }
}

#[test]
fn no_burst_moves_the_end_of_a_header() {
    fixture::check_each(fixture::of("hdlc"), |fixture| {
        let mut line = Line::of(fixture);
        for &(start, _) in &fixture.frames {
            let frame = parsed(&fixture.bytes[start..]);
            let addresses = start + 3..start + 3 + frame.destination.len() + frame.source.len();
            for first in (addresses.start * 8).saturating_sub(15)..addresses.end * 8 {
                let hits_end = |burst: u32| addresses.clone().any(|byte| hits(byte * 8, first, burst));
                for burst in bursts().filter(|&burst| hits_end(burst)) {
                    line.burst(first, burst);
                    assert!(Frame::parse(&line.bytes[start..]).is_err(), "{} bit {first}", fixture.name);
                }
            }
        }
    });
}

#[test]
fn no_burst_makes_a_frame_inside_another() {
    let tried = AtomicU64::new(0);
    fixture::check_each(fixture::of("hdlc"), |fixture| {
        let mut line = Line::of(fixture);
        let chance = chance_headers(fixture);
        for start in 0..fixture.bytes.len() * 8 {
            let byte = start / 8;
            // A burst begins in this byte and ends two behind it at most.
            let in_header = |&header: &usize| header <= byte + 2 && byte < header + LONGEST_HEADER;
            let all = chance.iter().any(in_header);
            let around = Around::new(fixture, byte);
            for burst in bursts().filter(|&burst| all || around.opens(burst << (start % 8))) {
                line.expect_burst_lost(start, burst);
                tried.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    assert!(tried.into_inner() > 1000, "hardly anything was found to try");
}

#[test]
fn no_burst_moves_the_end_of_an_sml_file() {
    let tried = AtomicU64::new(0);
    let files = fixture::checked().into_iter().filter(|fixture| fixture.protocol == "sml").collect();
    fixture::check_each(files, |fixture| {
        assert_sixteen_independent(&added_by_each_bit(fixture.bytes.len(), X25), &fixture.name);
        let mut line = Line::of(fixture);
        for start in 0..fixture.bytes.len() * 8 {
            let byte = start / 8;
            let edges = Edges::new(fixture, byte);
            for burst in bursts().filter(|&burst| byte < 8 || edges.change(burst << (start % 8))) {
                line.expect_burst_lost(start, burst);
                tried.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    assert!(tried.into_inner() * every() as u64 > 1_000_000, "hardly anything was found to try");
}

/// Fixtures up to this many bytes meet every burst.
const SHORT: usize = 41;

/// Flag, format, two addresses of four bytes, control, check sequence.
const LONGEST_HEADER: usize = 14;

/// Every pattern of errors that begins with a wrong bit and ends within 16.
fn bursts() -> impl Iterator<Item = u32> {
    share((1..=0xFFFF).step_by(2))
}

/// Whether a burst that begins at `start` makes this bit wrong.
fn hits(bit: usize, start: usize, burst: u32) -> bool {
    bit.checked_sub(start).is_some_and(|place| place < 16 && burst >> place & 1 == 1)
}

/// Bytes from the opening flag to the header check sequence, both included.
fn header_end(bytes: &[u8]) -> usize {
    let frame = parsed(bytes);
    let check = if frame.information.is_empty() { 0 } else { 2 };
    3 + frame.destination.len() + frame.source.len() + 1 + check
}

fn parsed(bytes: &[u8]) -> Frame<'_> {
    Frame::parse(bytes).expect("a frame of a fixture")
}

/// Where a flag and a format field stand in a fixture by chance. None has a right header.
fn chance_headers(fixture: &Fixture) -> Vec<usize> {
    let pairs = fixture.bytes.windows(2).enumerate();
    let opening = pairs.filter(|(_, pair)| pair[0] == FLAG && pair[1] & 0xF0 == 0xA0).map(|(place, _)| place);
    let real = |place: &usize| fixture.frames.iter().any(|(start, _)| start == place);
    let chance: Vec<usize> = opening.filter(|place| !real(place)).collect();
    for &place in &chance {
        let error = Frame::parse(&fixture.bytes[place..]).expect_err("a frame inside a frame");
        assert!(
            matches!(error, Error::HeaderCheck | Error::Length | Error::Address),
            "{}: {error:?}",
            fixture.name
        );
    }
    chance
}

/// Six bytes of which a burst may hit the second to the fourth.
struct Around(u64);

impl Around {
    fn new(fixture: &Fixture, byte: usize) -> Self {
        let from_before = [&[0], &fixture.bytes[..]].concat();
        let bytes = from_before[byte..].iter().copied().chain([0; 6]).take(6).enumerate();
        Around(bytes.map(|(index, byte)| u64::from(byte) << (index * 8)).sum())
    }

    /// Whether these flips make an opening flag and format field that were not there.
    fn opens(&self, flips: u32) -> bool {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let word = self.0 ^ (u64::from(flips) << 8);
        let flags = word ^ (ONES * u64::from(FLAG));
        if flags.wrapping_sub(ONES) & !flags & (ONES << 7) == 0 {
            return false;
        }
        let opens = |word: u64, place: u32| word >> (place * 8) & 0xF0FF == 0xA07E;
        (0..4).any(|place| opens(word, place) && !opens(self.0, place))
    }
}

/// Nine bytes of which a burst may hit the fourth to the sixth.
struct Edges([u8; 9]);

impl Edges {
    fn new(fixture: &Fixture, byte: usize) -> Self {
        let from_before = [&[0; 3], &fixture.bytes[..], &[0; 9]].concat();
        Edges(from_before[byte..byte + 9].try_into().expect("nine"))
    }

    /// Whether these flips make an escape that was not there, or destroy one.
    fn change(&self, flips: u32) -> bool {
        let mut after = self.0;
        after[3..7].iter_mut().zip(flips.to_le_bytes()).for_each(|(byte, flips)| *byte ^= flips);
        let escapes = |bytes: &[u8]| {
            bytes
                .windows(4)
                .enumerate()
                .fold(0_u32, |found, (place, bytes)| found | u32::from(bytes == [0x1B; 4]) << place)
        };
        escapes(&self.0) != escapes(&after)
    }
}
