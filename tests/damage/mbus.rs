//! What M-Bus frames prove, and what they do not.
//!
//! Their check is the sum of their bytes, in one byte. Every wrong bit changes it, and so does every burst of errors
//! within eight bits: what it adds to the second of two bytes is less than the least that it adds to the first. Two
//! wrong bits of the same weight, one risen and one fallen, leave it as it was, and so do two of the highest: one in
//! fifteen of all double errors passes, and makes a frame as good as any.
//!
//! If the message has a tag, it stays closed then. If it has none, nothing but its structure stands behind it: a wrong bit
//! of the ciphertext is the same wrong bit of the plaintext, and in the middle of a number nobody can see it. Austria's
//! meters send no tag. Of all double errors on such a line, one in forty is read as another value. What guards against
//! them is the parity of each byte on the line (2400 8E1), which is not seen here: errors that pass the sum hit two
//! bytes, and the parity of both.

use crate::support;
use crate::support::fixture::{self, Fixture};
use crate::support::line::{Line, flip};
use crate::support::share::{all, every, share};
use han_exporter::wire::mbus::Frame;

const TAG: &str = "sagemcom/t210-mbus-tag";
const NO_TAG: &str = "sagemcom/t210-mbus";

#[test]
fn rejects_single_bit_errors() {
    fixture::check_each(fixture::of("mbus"), |fixture| {
        let mut line = Line::of(fixture);
        for bit in all(0..fixture.bytes.len() * 8) {
            line.damage(|bytes| flip(bytes, bit));
            line.expect_loss(&format!("bit {bit}"));
        }
    });
}

#[test]
fn rejects_bursts_of_eight_bits() {
    fixture::check_each(fixture::of("mbus"), |fixture| {
        let mut line = Line::of(fixture);
        for start in share(0..fixture.bytes.len() * 8) {
            (1..=0xFF).step_by(2).for_each(|burst| line.expect_burst_lost(start, burst));
        }
    });
}

#[test]
fn rejects_frames_that_lost_or_gained_a_byte() {
    fixture::check_each(fixture::of("mbus"), |fixture| {
        let mut line = Line::of(fixture);
        for place in share(0..=fixture.bytes.len()) {
            if place < fixture.bytes.len() {
                line.damage(|bytes| _ = bytes.remove(place));
                line.expect_no_other();
            }
            for added in 0..=u8::MAX {
                line.damage(|bytes| bytes.insert(place, added));
                line.expect_no_other();
            }
        }
    });
}

#[test]
fn the_authentication_tag_rejects_what_passes_the_checksum() {
    let fixture = fixture::named(TAG);
    let [passed, read, wrong] = double_errors(&fixture);
    println!("{TAG}: {passed} double errors pass the sum, {read} are read, {wrong} of them wrongly");
    assert!(passed * every() > 100_000);
    // What is read is whole: the errors hit what the frame says of itself, such as its addresses.
    assert_eq!(wrong, 0);
}

#[test]
fn without_a_tag_some_errors_that_pass_the_checksum_change_values() {
    let fixture = fixture::named(NO_TAG);
    let [passed, read, wrong] = double_errors(&fixture);
    let all: usize = fixture.frames.iter().map(|(_, length)| length * 8 * (length * 8 - 1) / 2).sum();
    let pairs = all / every();
    println!(
        "{NO_TAG}: {passed} of {pairs} double errors pass the sum, {read} are read, {wrong} of them wrongly"
    );
    // As is said above. If they were told apart now, this file should say so. A share of the pairs does not tell.
    assert!(every() > 1 || (14..=16).contains(&(pairs / passed)) && (38..=46).contains(&(pairs / wrong)));
}

/// How many pairs of wrong bits in a frame pass the sum, how many of those give a reading, and how many another one.
fn double_errors(fixture: &Fixture) -> [usize; 3] {
    let said = support::readings(&fixture.bytes);
    let mut counts = [0; 3];
    let mut bytes = fixture.bytes.clone();
    for &(start, length) in &fixture.frames {
        // A wrong length moves the end of the frame, so that the whole of it must be looked at.
        let header = (start + LENGTHS) * 8;
        for first in share(start * 8..(start + length) * 8) {
            flip(&mut bytes, first);
            for second in first + 1..(start + length) * 8 {
                flip(&mut bytes, second);
                let passes = Frame::parse(&bytes[start..start + length]).is_ok();
                if passes || first < header {
                    let read = support::readings(&bytes);
                    counts[0] += usize::from(passes);
                    counts[1] += usize::from(!read.is_empty());
                    counts[2] += usize::from(!read.is_empty() && read != said);
                    assert!(passes || read.is_empty(), "{}: bits {first} and {second}", fixture.name);
                }
                flip(&mut bytes, second);
            }
            flip(&mut bytes, first);
        }
    }
    counts
}

/// START, L, L.
const LENGTHS: usize = 3;
