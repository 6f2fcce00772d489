//! How much of the exhaustive tests runs: every pair of bits, every burst, a million mutants of each fixture.
//!
//! A plain `cargo test` runs a share of their cases, `ci/full` a larger one, `ci/long` all. What grows with the length
//! of a fixture alone always runs whole, but on an emulated machine.

use std::env;
use std::io::{Write, stderr};
use std::sync::Once;

/// Without `TEST_EVERY`: one case in so many. It is odd, so that every bit of a byte is met.
const DEFAULT: usize = 61;

/// All of these cases, which are few; a share of them only where even less than the default runs.
pub fn all<I: Iterator>(cases: I) -> impl Iterator<Item = I::Item> {
    cases.step_by(if every() > DEFAULT { every() } else { 1 })
}

/// One case in [`every`] of these.
pub fn share<I: Iterator>(cases: I) -> impl Iterator<Item = I::Item> {
    cases.step_by(every())
}

/// One case in so many runs: the number in the variable `TEST_EVERY`, where 1 means all.
pub fn every() -> usize {
    static REPORTED: Once = Once::new();
    let every = env::var("TEST_EVERY").map_or(DEFAULT, |text| match text.parse() {
        Ok(every) if every > 0 => every,
        _ => panic!("TEST_EVERY is '{text}', not a number above 0"),
    });
    // Written past the test harness, which captures only what the print macros write.
    REPORTED.call_once(|| {
        let _ = match every {
            1 => writeln!(stderr(), "exhaustive tests: every case"),
            _ => writeln!(stderr(), "exhaustive tests: 1 case in {every}; TEST_EVERY=1 runs every case"),
        };
    });
    every
}
