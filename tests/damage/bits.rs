//! No damage that is usual on a serial line is ever accepted as a reading: every single and double bit error and every byte
//! lost or added, on every fixture, through the real decoder. Bursts have a file of their own.
//!
//! A frame with wrong bits is never accepted. A lost or added byte moves all bytes after it, and no check sequence detects
//! that for certain: one try in 65,536 that ends before a flag makes a valid frame. kaifa/list-2-it-flags, whose check
//! sequence ends in a byte like a flag, has one; its contents are then undecodable.

use crate::support::fixture;
use crate::support::line::{Line, flip};
use crate::support::share::{all, share};
use han_exporter::wire::hdlc::FLAG;

#[test]
fn rejects_single_bit_errors() {
    fixture::check_each(fixture::checked(), |fixture| {
        let mut line = Line::of(fixture);
        for bit in all(0..fixture.bytes.len() * 8) {
            line.damage(|bytes| flip(bytes, bit));
            line.expect_loss(&format!("bit {bit}"));
        }
    });
}

#[test]
fn rejects_double_bit_errors() {
    fixture::check_each(fixture::checked(), |fixture| {
        let mut line = Line::of(fixture);
        // One in each of two frames are two single ones, of which each costs its frame.
        for &(start, length) in &fixture.frames {
            for first in start * 8..(start + length) * 8 {
                for second in share(first + 1..(start + length) * 8) {
                    line.damage(|bytes| {
                        flip(bytes, first);
                        flip(bytes, second);
                    });
                    line.expect_loss("two bits");
                }
            }
        }
    });
}

#[test]
fn rejects_frames_that_lost_a_byte() {
    fixture::check_each(fixture::checked(), |fixture| {
        let mut line = Line::of(fixture);
        for place in all(0..fixture.bytes.len()) {
            line.damage(|bytes| _ = bytes.remove(place));
            line.expect_no_other();
            // The flag of a next frame then stands where the closing one did.
            line.damage(|bytes| {
                bytes.remove(place);
                bytes.push(FLAG);
            });
            line.expect_no_other();
        }
    });
}

#[test]
fn rejects_frames_with_an_added_byte() {
    fixture::check_each(fixture::checked(), |fixture| {
        let mut line = Line::of(fixture);
        for place in share(0..=fixture.bytes.len()) {
            for added in 0..=u8::MAX {
                line.damage(|bytes| bytes.insert(place, added));
                line.expect_no_other();
            }
        }
    });
}
