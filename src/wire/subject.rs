//! What is to be explained: a frame or what is damaged of one, and the message that it completes.

use super::meaning::Meanings;

/// A stretch of a capture that is a frame or a damaged one.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The bytes of the capture from its first on.
    pub rest: &'a [u8],
    /// How many of them are its own.
    pub length: usize,
    /// Whether it is a valid frame.
    pub is_valid: bool,
    /// The message it completes, as it was sent; empty if it completes none.
    pub message: &'a [u8],
    /// How many frames the message came in.
    pub segments: usize,
    /// Whether the rest of the message is still to come, or a part is missing.
    pub is_part: bool,
    /// What codes and values mean.
    pub meanings: &'a dyn Meanings,
}

impl<'a> Subject<'a> {
    /// Its own bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.rest.get(..self.length).unwrap_or(self.rest)
    }
}
