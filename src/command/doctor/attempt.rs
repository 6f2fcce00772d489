//! What was received at one setting of the serial line.

use crate::decoder::Error;
use crate::source::{LineErrors, SerialSettings};
use crate::wire::{frame, hdlc, mbus, sml, telegram};

/// What was received at one setting of the line, or from a source without settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// `None` over a network and from a file.
    pub settings: Option<SerialSettings>,
    pub bytes: u64,
    /// How many of the bytes are 0x00 or 0xFF.
    pub blank: u64,
    /// How many of the bytes are the flag that begins and ends HDLC frames.
    pub flags: u64,
    /// The first bytes, at most [`FIRST`].
    pub first: Vec<u8>,
    /// Valid frames.
    pub frames: u64,
    /// Bytes of the longest valid frame.
    pub longest: usize,
    /// Frames that began and were rejected.
    pub rejected: u64,
    /// Those of them that began like a telegram; noise hardly ever forms a line of letters.
    pub telegrams: u64,
    /// The lengths of damaged frames whose header was valid.
    pub damaged: Vec<usize>,
    /// The most bytes received without a pause.
    pub longest_burst: usize,
    /// The line errors that the driver counted.
    pub errors: LineErrors,
    /// Bytes received since the last pause.
    pub(super) burst: usize,
}

/// How many of the first bytes are kept and shown.
pub const FIRST: usize = 16;

/// How many lengths of damaged frames are kept.
const MAX_DAMAGED: usize = 64;

impl Attempt {
    pub fn new(settings: Option<SerialSettings>) -> Self {
        Self { settings, ..Self::default() }
    }

    pub fn receive(&mut self, bytes: &[u8]) {
        let count = |wanted: &[u8]| bytes.iter().filter(|byte| wanted.contains(byte)).count() as u64;
        self.bytes += bytes.len() as u64;
        self.blank += count(&[0x00, 0xFF]);
        self.flags += count(&[hdlc::FLAG]);
        self.burst += bytes.len();
        self.longest_burst = self.longest_burst.max(self.burst);
        let room = FIRST.saturating_sub(self.first.len()).min(bytes.len());
        self.first.extend_from_slice(&bytes[..room]);
    }

    pub fn pause(&mut self) {
        self.burst = 0;
    }

    /// Counts a valid frame of `length` bytes.
    pub fn accept(&mut self, length: usize) {
        self.frames += 1;
        self.longest = self.longest.max(length);
    }

    /// Counts a rejected frame that began with `bytes`.
    pub fn reject(&mut self, error: Error, bytes: &[u8]) {
        self.rejected += 1;
        self.telegrams += u64::from(matches!(bytes, [telegram::START | telegram::START_EVEN, ..]));
        if let Some(length) = announced(error, bytes).filter(|_| self.damaged.len() < MAX_DAMAGED) {
            self.damaged.push(length);
        }
    }

    /// Whether nearly all bytes are those of an idle, broken or inverted line.
    pub fn is_blank(&self) -> bool {
        self.bytes >= 8 && self.blank * 10 >= self.bytes * 9
    }
}

/// The length that the header of a damaged frame contains, flags included; `None` if the header is damaged too.
fn announced(error: Error, bytes: &[u8]) -> Option<usize> {
    // Up to and including the header check of an HDLC frame with the longest usual addresses.
    const HEADER: usize = 12;
    let is_header_valid = match error {
        Error::Frame(frame::Error::FrameCheck | frame::Error::Flag) => true,
        Error::Frame(frame::Error::Cut) => bytes.len() >= HEADER,
        _ => false,
    };
    match bytes {
        [hdlc::FLAG, high, low, ..] if is_header_valid => {
            Some(usize::from(u16::from_be_bytes([high & 0x07, *low])) + 2)
        }
        // The length is repeated, and counts neither start, stop, checksum nor itself.
        [mbus::START, length, _, mbus::START, ..] if is_header_valid => Some(usize::from(*length) + 6),
        // An SML file does not contain its length.
        [sml::START, ..] if is_header_valid => Some(bytes.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bytes_between_pauses_and_keeps_the_first() {
        let mut attempt = Attempt::default();
        attempt.receive(&[0x7E; 10]);
        attempt.receive(&[0; 20]);
        attempt.pause();
        attempt.receive(&[0xFF; 5]);
        assert_eq!((attempt.bytes, attempt.flags, attempt.blank, attempt.longest_burst), (35, 10, 25, 30));
        assert_eq!(attempt.first, [[0x7E; 10].as_slice(), &[0; 6]].concat());
        assert!(!attempt.is_blank());
        attempt.receive(&[0; 100]);
        assert!(attempt.is_blank());
    }

    #[test]
    fn takes_the_length_of_a_damaged_frame_from_a_valid_header() {
        let bytes = [&[0x7E, 0xA9, 0x23][..], &[0; 20]].concat();
        let length = |error, bytes| announced(Error::Frame(error), bytes);
        assert_eq!(length(frame::Error::FrameCheck, &bytes), Some(0x125));
        assert_eq!(length(frame::Error::Flag, &bytes), Some(0x125));
        assert_eq!(length(frame::Error::Cut, &bytes), Some(0x125));
        assert_eq!(length(frame::Error::Cut, &bytes[..11]), None);
        assert_eq!(length(frame::Error::HeaderCheck, &bytes), None);
        let bytes = [&[0x68, 0xFA, 0xFA, 0x68][..], &[0; 20]].concat();
        assert_eq!(length(frame::Error::FrameCheck, &bytes), Some(256));
        assert_eq!(length(frame::Error::FrameCheck, &[0x1B; 300]), Some(300));
    }
}
