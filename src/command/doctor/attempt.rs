//! What was seen at one setting of the line.

use crate::decoder::Error;
use crate::source::{LineErrors, SerialSettings};
use crate::wire::{frame, hdlc, mbus, sml, telegram};

/// One setting of the line, or the only one of a source that has none, and what came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// The settings; none over a network and from a file.
    pub settings: Option<SerialSettings>,
    /// Bytes received.
    pub bytes: u64,
    /// How many of them are 0x00 or 0xFF.
    pub blank: u64,
    /// How many are the flag that opens and closes frames.
    pub flags: u64,
    /// The first of them.
    pub first: Vec<u8>,
    /// Frames whose check sequences held.
    pub frames: u64,
    /// Bytes of the longest of those.
    pub longest: usize,
    /// Failures behind a flag.
    pub rejected: u64,
    /// Telegrams that began and did not hold; a line of letters is no chance.
    pub telegrams: u64,
    /// Lengths that damaged frames had announced in a header that held.
    pub damaged: Vec<usize>,
    /// Bytes of the longest stretch without a pause.
    pub longest_burst: usize,
    /// What the driver counted.
    pub errors: LineErrors,
    pub(super) burst: usize,
}

/// So many first bytes are kept and shown.
pub const FIRST: usize = 16;

/// So many damaged frames say all.
const ENOUGH: usize = 64;

impl Attempt {
    /// An attempt with nothing seen yet.
    pub fn new(settings: Option<SerialSettings>) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Takes note of bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let count = |wanted: &[u8]| bytes.iter().filter(|byte| wanted.contains(byte)).count() as u64;
        self.bytes += bytes.len() as u64;
        self.blank += count(&[0x00, 0xFF]);
        self.flags += count(&[hdlc::FLAG]);
        self.burst += bytes.len();
        self.longest_burst = self.longest_burst.max(self.burst);
        let room = FIRST.saturating_sub(self.first.len()).min(bytes.len());
        self.first.extend_from_slice(&bytes[..room]);
    }

    /// The line paused.
    pub fn pause(&mut self) {
        self.burst = 0;
    }

    /// Takes note of a frame that held, and of the bytes it spans.
    pub fn hold(&mut self, length: usize) {
        self.frames += 1;
        self.longest = self.longest.max(length);
    }

    /// Takes note of a failure.
    pub fn reject(&mut self, error: Error, bytes: &[u8]) {
        self.rejected += 1;
        self.telegrams += u64::from(matches!(bytes, [telegram::START | telegram::START_EVEN, ..]));
        if let Some(length) = announced(error, bytes).filter(|_| self.damaged.len() < ENOUGH) {
            self.damaged.push(length);
        }
    }

    /// Share of bytes that only an idle, broken or inverted line yields.
    pub fn is_blank(&self) -> bool {
        self.bytes >= 8 && self.blank * 10 >= self.bytes * 9
    }
}

/// The length a damaged frame claims, flags included; none if its header is damaged too.
fn announced(error: Error, bytes: &[u8]) -> Option<usize> {
    // A header of the longest usual addresses, so that its check sequence was seen to hold.
    const HEADER: usize = 12;
    let header_held = match error {
        Error::Frame(frame::Error::FrameCheck | frame::Error::Flag) => true,
        Error::Frame(frame::Error::Cut) => bytes.len() >= HEADER,
        _ => false,
    };
    match bytes {
        [hdlc::FLAG, high, low, ..] if header_held => {
            Some(usize::from(u16::from_be_bytes([high & 0x07, *low])) + 2)
        }
        // The length stands there twice, and counts neither start, stop, checksum nor itself.
        [mbus::START, length, _, mbus::START, ..] if header_held => Some(usize::from(*length) + 6),
        // A file has no length of its own: it is as long as it was until its end.
        [sml::START, ..] if header_held => Some(bytes.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_in_bursts_and_the_first_are_kept() {
        let mut attempt = Attempt::default();
        attempt.take(&[0x7E; 10]);
        attempt.take(&[0; 20]);
        attempt.pause();
        attempt.take(&[0xFF; 5]);
        assert_eq!((attempt.bytes, attempt.flags, attempt.blank, attempt.longest_burst), (35, 10, 25, 30));
        assert_eq!(attempt.first, [[0x7E; 10].as_slice(), &[0; 6]].concat());
        assert!(!attempt.is_blank());
        attempt.take(&[0; 100]);
        assert!(attempt.is_blank());
    }

    #[test]
    fn a_damaged_frame_counts_with_the_length_of_its_header() {
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
