//! SML 1.04, transport version 1: the push of German meters.

use super::frame::{Coming, Verdict};

/// The first octet of a file, four times.
pub const START: u8 = 0x1B;

/// A file whose check sequence held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File<'a> {
    octets: &'a [u8],
}

/// The values of a getList response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List<'a> {
    octets: &'a [u8],
}

/// Where a file ends.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    total: usize,
}

impl Layout {
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    pub(super) fn file<'a>(&self, octets: &'a [u8]) -> File<'a> {
        File { octets }
    }
}

/// Judges the octets from a start on.
pub(super) fn judge(_held: &[u8], _seen: &mut usize, _coming: Coming) -> Verdict<Layout> {
    Verdict::Noise
}

impl<'a> File<'a> {
    /// All its octets.
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// The list in it, if it is an answer with one.
    pub fn list(&self) -> Option<List<'a>> {
        Some(List { octets: self.octets })
    }
}
