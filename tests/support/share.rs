//! How much of the exhaustive tests runs.

use std::env;

/// All cases; where the variable `TEST_EVERY` holds a number n, every n-th: emulated, all of them would take hours.
///
/// An odd n meets every bit of a byte.
pub fn share<I: Iterator>(cases: I) -> impl Iterator<Item = I::Item> {
    cases.step_by(every())
}

/// One case in so many runs.
pub fn every() -> usize {
    env::var("TEST_EVERY").map_or(1, |text| text.parse().expect("TEST_EVERY is a number above 0"))
}
