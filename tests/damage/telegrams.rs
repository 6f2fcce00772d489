//! What a serial line does to telegrams, and what the checks detect.
//!
//! CRC-16/ARC is the product of x + 1 and a primitive polynomial of degree 15. Up to 4,095 bytes it detects every wrong
//! bit, every two wrong bits and every burst within 16 bits between `/` and `!`. It does not protect its own digits, which
//! are letters: one wrong bit there may change three bits of the number, and then passes together with one certain wrong
//! bit in the text. All such pairs are counted here; nothing else passes.
//!
//! A lost or added byte moves all bytes after it. No check detects that for certain: one try in 65,536 passes.
//! A telegram without a check is protected only by its form, and by parity on lines of seven bits.

use crate::support;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::arc::{arc, end, holds};
use crate::support::fixture::{self, Fixture};
use crate::support::line::flip;
use crate::support::register::{added_by_each_bit, assert_sixteen_independent};
use crate::support::report;
use crate::support::share::{all, every, share};
use han_exporter::decoder::{Decoder, Outcome};

#[test]
fn rejects_single_bit_errors() {
    fixture::check_each(with_crc(), |fixture| {
        let mut line = Line::of(fixture);
        for bit in all(0..fixture.bytes.len() * 8) {
            let bytes = line.damaged(|bytes| flip(bytes, bit));
            let harmless = same_telegram(&bytes, fixture);
            line.expect(&bytes, if harmless { Expect::Own } else { Expect::Nothing }, "one bit");
        }
    });
}

#[test]
fn two_wrong_bits_pass_only_where_one_is_in_a_digit_of_the_check() {
    fixture::check_each(with_crc(), |fixture| {
        // Bytes without a check's digits: no two of their bits change the register in the same way, and none not at all.
        let (end, behind) = end(&fixture.bytes);
        let added = added_by_each_bit(end + 1, ARC);
        let distinct: BTreeSet<u16> = added.iter().copied().collect();
        assert!(distinct.len() == added.len() && !distinct.contains(&0), "{}", fixture.name);
        // A digit of the check that a bit turns into another: the pairs with a bit of the text that this may pass with.
        let sent = u16::from_str_radix(text(&fixture.bytes[end + 1..behind]), 16).unwrap();
        let mut line = Line::of(fixture);
        let mut passed = 0;
        for digit in all((end + 1) * 8..behind * 8) {
            let bytes = line.damaged(|bytes| flip(bytes, digit));
            let Ok(told) = u16::from_str_radix(text(&bytes[end + 1..behind]), 16) else { continue };
            for (bit, added) in added.iter().enumerate() {
                let bytes = line.damaged(|bytes| {
                    flip(bytes, digit);
                    flip(bytes, bit);
                });
                if added ^ sent == told {
                    assert!(holds(&bytes), "{}", fixture.name);
                    passed += 1;
                } else if bit % 64 == 0 || bit / 8 + 2 > end {
                    line.expect(&bytes, Expect::OwnOrNothing, "a bit and one of a digit");
                }
            }
        }
        assert!(passed <= 4, "{}: {passed} pairs pass", fixture.name);
    });
}

#[test]
fn rejects_double_bit_errors_in_short_telegrams() {
    fixture::check_each(with_crc(), |fixture| {
        if fixture.bytes.len() > SHORT {
            return;
        }
        let (end, _) = end(&fixture.bytes);
        let mut line = Line::of(fixture);
        for first in share(0..fixture.bytes.len() * 8) {
            for second in first + 1..fixture.bytes.len() * 8 {
                let bytes = line.damaged(|bytes| {
                    flip(bytes, first);
                    flip(bytes, second);
                });
                let in_digit = second / 8 > end;
                if !(in_digit && holds(&bytes)) {
                    line.expect(&bytes, Expect::OwnOrNothing, "two bits");
                }
            }
        }
    });
}

#[test]
fn no_double_bit_error_creates_an_end() {
    let tried = AtomicUsize::new(0);
    fixture::check_each(with_crc(), |fixture| {
        let (end, _) = end(&fixture.bytes);
        let mut line = Line::of(fixture);
        // A `!` is one or two bits away from a byte; another bit near it may make the rest of an end.
        for place in share(5..end) {
            let difference = fixture.bytes[place] ^ b'!';
            if difference.count_ones() > 2 {
                continue;
            }
            let near = (place.saturating_sub(40) * 8)..((place + 12).min(end) * 8);
            let others = if difference.count_ones() == 1 { near } else { 0..1 };
            for other in others {
                let bytes = line.damaged(|bytes| {
                    bytes[place] = b'!';
                    if difference.count_ones() == 1 {
                        flip(bytes, other);
                    }
                });
                if bytes[place] == b'!' && !holds(&bytes) {
                    line.expect(&bytes, Expect::Nothing, "an end");
                    tried.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });
    assert!(tried.into_inner() * every() > 100_000, "hardly anything was found to try");
}

#[test]
fn no_burst_passes() {
    let tried = AtomicUsize::new(0);
    fixture::check_each(with_crc(), |fixture| {
        let (end, behind) = end(&fixture.bytes);
        // Within the text: what sixteen bits in a row add cannot cancel, so that no burst passes whatever it is.
        let added = added_by_each_bit(end + 1, ARC);
        assert_sixteen_independent(&added, &fixture.name);
        // About the end, where text, `!`, digits and the end of the line meet: all of them.
        let mut line = Line::of(fixture);
        let mut chance = 0;
        for start in share((end - 3) * 8..behind * 8) {
            for burst in (1..=0xFFFF_u32).step_by(2) {
                let bytes = line.damaged(|bytes| strike(bytes, start, burst));
                if bytes[..end] != fixture.bytes[..end] && holds(&bytes) {
                    chance += 1;
                    continue;
                }
                // One may make an end of the line before it, and leave all that was said.
                line.expect(&bytes, Expect::OwnOrNothing, "burst at the end");
                tried.fetch_add(1, Ordering::Relaxed);
            }
        }
        // Half a million tries, of which those that hit both text and digits pass with a chance of 1 in 65,536.
        assert!(chance <= 16, "{}: {chance}", fixture.name);
    });
    assert!(tried.into_inner() * every() > 1_000_000);
}

#[test]
fn no_burst_creates_an_end() {
    let tried = AtomicUsize::new(0);
    fixture::check_each(with_crc(), |fixture| {
        let (end, _) = end(&fixture.bytes);
        let mut line = Line::of(fixture);
        for start in share(5 * 8..(end - 3) * 8) {
            let byte = start / 8;
            for burst in (1..=0xFFFF_u32).step_by(2) {
                let flips = (burst << (start % 8)).to_le_bytes();
                let ends = (0..3).any(|index| fixture.bytes[byte + index] ^ flips[index] == b'!');
                if !ends {
                    continue;
                }
                let bytes = line.damaged(|bytes| strike(bytes, start, burst));
                // What has no end of a line behind its digits is refused at once; a part of it is tried all the same.
                if (looks_like_end(&bytes) || burst % 127 == 0) && !holds(&bytes) {
                    line.expect(&bytes, Expect::Nothing, "burst");
                    tried.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    });
    assert!(tried.into_inner() * every() > 10_000, "hardly anything was found to try");
}

#[test]
fn a_lost_or_added_byte_passes_only_if_the_check_matches_by_chance() {
    let tried = AtomicUsize::new(0);
    let passed = AtomicUsize::new(0);
    fixture::check_each(with_crc(), |fixture| {
        let mut line = Line::of(fixture);
        let mut check = |bytes: Vec<u8>| {
            tried.fetch_add(1, Ordering::Relaxed);
            let said = line.said(&bytes);
            if !said.is_empty() && said != line.own {
                assert!(holds(&bytes), "{}: {said:?}", fixture.name);
                passed.fetch_add(1, Ordering::Relaxed);
            }
        };
        for place in share(0..=fixture.bytes.len()) {
            if place < fixture.bytes.len() {
                let mut lost = fixture.bytes.clone();
                lost.remove(place);
                check(lost);
            }
            for added in 0..=u8::MAX {
                let mut more = fixture.bytes.clone();
                more.insert(place, added);
                check(more);
            }
        }
    });
    let (tried, passed) = (tried.into_inner(), passed.into_inner());
    println!("{passed} of {tried} say something else and have a check that is right by chance");
    assert!(tried * every() > 1_000_000 && passed < (tried / 65_536).max(6), "{passed} of {tried}");
}

#[test]
fn parity_catches_every_odd_number_of_wrong_bits_in_a_character() {
    let mut fixtures = fixture::all();
    fixtures.retain(|fixture| fixture.bytes[0] == 0xAF);
    assert!(fixtures.len() >= 3);
    fixture::check_each(fixtures, |fixture| {
        let mut line = Line::of(fixture);
        let needed = (0..fixture.bytes.len()).rev().find(|&at| fixture.bytes[at] & 0x7F == b'!').unwrap();
        for place in all(0..fixture.bytes.len()) {
            for pattern in (1..=u8::MAX).filter(|pattern| pattern.count_ones() % 2 == 1) {
                let bytes = line.damaged(|bytes| bytes[place] ^= pattern);
                // Behind the end only the line ends: without it the telegram ends with its check or another one.
                let expected = if place > needed { Expect::OwnOrNothing } else { Expect::Nothing };
                line.expect(&bytes, expected, "parity");
            }
        }
    });
}

/// The polynomial of CRC-16/ARC, backwards.
const ARC: u16 = 0xA001;

/// Telegrams up to this many bytes meet every pair of wrong bits.
const SHORT: usize = 420;

enum Expect {
    Own,
    Nothing,
    OwnOrNothing,
}

/// Fixtures with a check of their own that stand as they were sent: one telegram, seven bits.
fn with_crc() -> Vec<Fixture> {
    let mut fixtures = fixture::of("p1");
    fixtures.retain(|fixture| fixture.is_proven && fixture.bytes[0] == b'/');
    assert!(fixtures.len() > 15, "telegrams are missing");
    fixtures
}

/// Whether digits and the end of a line follow the first `!`.
fn looks_like_end(bytes: &[u8]) -> bool {
    let (_, behind) = end(bytes);
    matches!(bytes[behind..], [] | [b'\r' | b'\n' | b'/' | 0, ..])
}

/// Whether damage left what it says as it was: small letters in the check, an end of the line that is another one.
fn same_telegram(bytes: &[u8], fixture: &Fixture) -> bool {
    let ((end, behind), (own_end, own_behind)) = (end(bytes), end(&fixture.bytes));
    let number = |bytes: &[u8], end: usize, behind| u16::from_str_radix(text(&bytes[end + 1..behind]), 16);
    let line_ends = |rest: &[u8]| matches!(rest, [] | [b'\r', ..] | [b'\n', ..] | [0] | [0, b'\r', ..]);
    let start = bytes.iter().position(|&byte| byte == b'/').unwrap_or(0);
    end < bytes.len()
        && bytes[start..=end] == fixture.bytes[..=own_end]
        && number(bytes, end, behind) == number(&fixture.bytes, own_end, own_behind)
        && behind - end <= 5
        && line_ends(&bytes[behind..])
}

/// One decoder that meets a telegram damaged in one way after another.
struct Line<'a> {
    fixture: &'a Fixture,
    own: Vec<String>,
    decoder: Decoder,
}

impl<'a> Line<'a> {
    fn of(fixture: &'a Fixture) -> Self {
        Line { fixture, own: support::readings(&fixture.bytes), decoder: Decoder::default() }
    }

    fn damaged(&self, damage: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = self.fixture.bytes.clone();
        damage(&mut bytes);
        bytes
    }

    /// The readings of these bytes.
    fn said(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut said = Vec::new();
        let mut rest = bytes;
        while let Some(event) = self.decoder.feed(&mut rest) {
            if let Outcome::Reading { .. } = event.outcome {
                said.push(report::outcome(&event.outcome));
            }
        }
        while let Some(event) = self.decoder.finish() {
            if let Outcome::Reading { .. } = event.outcome {
                said.push(report::outcome(&event.outcome));
            }
        }
        // What was held at the end must not belong to the next one.
        assert!(self.decoder.feed(&mut &b"\r\n"[..]).is_none());
        said
    }

    #[track_caller]
    fn expect(&mut self, bytes: &[u8], expected: Expect, what: &str) {
        let said = self.said(bytes);
        let as_expected = match expected {
            Expect::Own => said == self.own,
            Expect::Nothing => said.is_empty(),
            Expect::OwnOrNothing => said.is_empty() || said == self.own,
        };
        let shown = || String::from_utf8_lossy(bytes).into_owned();
        assert!(as_expected, "{}, {what}: {said:?}\n{}", self.fixture.name, shown());
    }
}

/// Makes the bits of a burst wrong from a place on.
fn strike(bytes: &mut [u8], start: usize, burst: u32) {
    let flips = (burst << (start % 8)).to_le_bytes();
    bytes.iter_mut().skip(start / 8).zip(flips).for_each(|(byte, flips)| *byte ^= flips);
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

#[test]
fn the_check_is_linear() {
    let bytes = b"/ABC5x\r\n\r\n1-0:1.8.0(1*Wh)\r\n!";
    for (bit, added) in added_by_each_bit(bytes.len(), ARC).into_iter().enumerate() {
        let mut damaged = bytes.to_vec();
        flip(&mut damaged, bit);
        assert_eq!(arc(&damaged) ^ arc(bytes), added, "bit {bit}");
    }
}
