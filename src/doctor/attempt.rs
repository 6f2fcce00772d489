//! What was seen at one setting of the line.

use crate::decoder::Error;
use crate::source::{LineErrors, Settings};
use crate::wire::{frame, hdlc, telegram};

use super::protocol::{HEAD, Protocol, recognise};

/// One setting of the line, or the only one of a source that has none, and what came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// The settings; none over a network and from a file.
    pub settings: Option<Settings>,
    /// Octets received.
    pub octets: u64,
    /// How many of them are 0x00 or 0xFF.
    pub blank: u64,
    /// How many are the flag that opens and closes frames.
    pub flags: u64,
    /// The first of them.
    pub first: Vec<u8>,
    /// Frames whose check sequences held.
    pub frames: u64,
    /// Octets of the longest of those.
    pub longest: usize,
    /// Failures behind a flag.
    pub rejected: u64,
    /// Telegrams that began and did not hold; a line of letters is no chance.
    pub telegrams: u64,
    /// Lengths that damaged frames had announced in a header that held.
    pub damaged: Vec<usize>,
    /// Octets of the longest stretch without a pause.
    pub longest_burst: usize,
    /// What the driver counted.
    pub errors: LineErrors,
    /// Another protocol that was recognised.
    pub protocol: Option<Protocol>,
    pub(super) burst: usize,
    pub(super) head: Vec<u8>,
}

/// So many first octets are kept and shown.
pub const FIRST: usize = 16;

/// So many damaged frames say all.
const ENOUGH: usize = 64;

impl Attempt {
    /// An attempt with nothing seen yet.
    pub fn new(settings: Option<Settings>) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Takes note of octets.
    pub fn take(&mut self, octets: &[u8]) {
        let count = |wanted: &[u8]| octets.iter().filter(|octet| wanted.contains(octet)).count() as u64;
        self.octets += octets.len() as u64;
        self.blank += count(&[0x00, 0xFF]);
        self.flags += count(&[hdlc::FLAG]);
        self.burst += octets.len();
        self.longest_burst = self.longest_burst.max(self.burst);
        extend(&mut self.first, octets, FIRST);
        extend(&mut self.head, octets, HEAD);
        if self.head.len() == HEAD {
            self.recognise();
        }
    }

    /// The line paused.
    pub fn pause(&mut self) {
        self.recognise();
        self.burst = 0;
        self.head.clear();
    }

    /// Takes note of a frame that held, and of the octets it spans.
    pub fn hold(&mut self, length: usize) {
        self.frames += 1;
        self.longest = self.longest.max(length);
    }

    /// Takes note of a failure.
    pub fn reject(&mut self, error: Error, octets: &[u8]) {
        self.rejected += 1;
        self.telegrams += u64::from(matches!(octets, [telegram::START | telegram::START_EVEN, ..]));
        if let Some(length) = announced(error, octets).filter(|_| self.damaged.len() < ENOUGH) {
            self.damaged.push(length);
        }
    }

    /// Share of octets that only an idle, broken or inverted line yields.
    pub fn is_blank(&self) -> bool {
        self.octets >= 8 && self.blank * 10 >= self.octets * 9
    }

    fn recognise(&mut self) {
        self.protocol = self.protocol.or_else(|| recognise(&self.head));
    }
}

fn extend(kept: &mut Vec<u8>, octets: &[u8], most: usize) {
    let room = most.saturating_sub(kept.len()).min(octets.len());
    kept.extend_from_slice(&octets[..room]);
}

/// The length a damaged frame claims, flags included; none if its header is damaged too.
fn announced(error: Error, octets: &[u8]) -> Option<usize> {
    // A header of the longest usual addresses, so that its check sequence was seen to hold.
    const HEADER: usize = 12;
    let header_held = match error {
        Error::Frame(frame::Error::FrameCheck | frame::Error::Flag) => true,
        Error::Frame(frame::Error::Cut) => octets.len() >= HEADER,
        _ => false,
    };
    match octets {
        [hdlc::FLAG, high, low, ..] if header_held => {
            Some(usize::from(u16::from_be_bytes([high & 0x07, *low])) + 2)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_counted_in_bursts_and_the_first_are_kept() {
        let mut attempt = Attempt::default();
        attempt.take(&[0x7E; 10]);
        attempt.take(&[0; 20]);
        attempt.pause();
        attempt.take(&[0xFF; 5]);
        assert_eq!((attempt.octets, attempt.flags, attempt.blank, attempt.longest_burst), (35, 10, 25, 30));
        assert_eq!(attempt.first, [[0x7E; 10].as_slice(), &[0; 6]].concat());
        assert!(!attempt.is_blank());
        attempt.take(&[0; 100]);
        assert!(attempt.is_blank());
    }

    #[test]
    fn a_protocol_is_looked_for_at_the_beginning_of_each_burst() {
        let mut attempt = Attempt::default();
        attempt.take(&[1, 2, 3]);
        attempt.take(&[0x68, 9, 9, 0x68]);
        attempt.pause();
        assert_eq!(attempt.protocol, None);
        attempt.take(&[0x68, 9]);
        attempt.take(&[9, 0x68]);
        assert_eq!(attempt.protocol, None, "more may come");
        attempt.pause();
        assert_eq!(attempt.protocol, Some(Protocol::Mbus));
    }

    #[test]
    fn a_damaged_frame_counts_with_the_length_of_its_header() {
        let octets = [&[0x7E, 0xA9, 0x23][..], &[0; 20]].concat();
        let length = |error, octets| announced(Error::Frame(error), octets);
        assert_eq!(length(frame::Error::FrameCheck, &octets), Some(0x125));
        assert_eq!(length(frame::Error::Flag, &octets), Some(0x125));
        assert_eq!(length(frame::Error::Cut, &octets), Some(0x125));
        assert_eq!(length(frame::Error::Cut, &octets[..11]), None);
        assert_eq!(length(frame::Error::HeaderCheck, &octets), None);
    }
}
