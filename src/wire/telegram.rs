//! ASCII telegrams: P1 and H1 ports (DSMR and its kin), and the readouts of IEC 62056-21 they descend from.

use super::frame::{Coming, Error, Verdict};

/// The first octet of a telegram.
pub const START: u8 = b'/';
/// The same with a parity bit, as a line of seven data bits and even parity looks to a reader of eight.
pub const START_EVEN: u8 = START | 0x80;

/// A telegram that is whole, its check sequence right if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telegram<'a> {
    octets: &'a [u8],
}

/// Where a telegram ends.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    total: usize,
}

impl Layout {
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    pub(super) fn telegram<'a>(&self, octets: &'a [u8]) -> Telegram<'a> {
        Telegram { octets }
    }
}

/// Judges the octets from a start on.
pub(super) fn judge(_held: &[u8], _seen: &mut usize, _coming: Coming) -> Verdict<Layout> {
    Verdict::Noise
}

impl<'a> Telegram<'a> {
    /// All its octets.
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// Reads one whole telegram.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        match judge(octets, &mut 0, Coming::Nothing) {
            Verdict::Frame(layout) if layout.total() == octets.len() => Ok(layout.telegram(octets)),
            Verdict::Failure { error, .. } => Err(error),
            _ => Err(Error::Length),
        }
    }
}
