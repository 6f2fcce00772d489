//! Long frames of wired M-Bus that carry DLMS (EN 13757-2, -3): the customer port of Austria and Poland.
//!
//! ```text
//! 68 L L 68  C A CI STSAP DTSAP  data  CS 16
//!            L bytes from C to the end of data, CS: their sum; CI: 000 F NNNN, F = last segment, N = its number
//! ```

#[cfg(feature = "explain")]
pub(super) mod explain;

use super::cursor::{Reader, Writer};
use super::description::Description;
use super::serial::SerialSettings;
use super::verdict::{Error, Stream, Verdict};

/// The protocol as a whole.
pub(super) const DESCRIPTION: Description = Description {
    name: "mbus",
    title: "M-Bus frame",
    settings: &[SerialSettings::HAN, SerialSettings::MBUS],
    polling: None,
};

/// The first byte of a frame, and its fourth.
pub const START: u8 = 0x68;
/// The last byte.
pub const STOP: u8 = 0x16;

/// START, L, L, START before; checksum and STOP after.
const AROUND: usize = 6;
/// C, A, CI, STSAP, DTSAP.
const HEADER: usize = 5;
/// What L counts at most: Sagemcom's T210-D of older firmware sends 256 to 260 bytes and L modulo 256.
const WRAP: usize = 256;

/// A frame whose checksum held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// C field: 0x53 or 0x73, SND-UD.
    pub control: u8,
    /// A field: 0xFF, to all.
    pub address: u8,
    /// The number of this segment of the message, from 0 to 15.
    pub number: u8,
    /// Whether it is the last one.
    pub last: bool,
    /// STSAP.
    pub source: u8,
    /// DTSAP.
    pub destination: u8,
    /// Its part of the message.
    pub data: &'a [u8],
}

/// Judges the bytes from a start on.
pub(super) fn judge(held: &[u8], stream: Stream) -> Verdict<usize> {
    let mut reader = Reader::new(held);
    let Ok([_, length, again, start, control, _, segment]) = reader.array() else {
        return Verdict::unproven(4 + 3, stream);
    };
    let is_header =
        length == again && start == START && matches!(control, 0x53 | 0x73) && segment & 0xE0 == 0;
    if !is_header {
        return Verdict::Noise;
    }
    let length = usize::from(length);
    let mut failure = None;
    for length in [length, length + WRAP].into_iter().filter(|length| *length >= HEADER) {
        let total = length + AROUND;
        let error = match verify(held, total) {
            Ok(()) => return Verdict::Frame(total),
            Err(Error::Cut) if stream != Stream::Ended => return Verdict::More { enough: total },
            Err(error) => error,
        };
        // The failure by the length as sent is reported, the one by its other meaning is not.
        failure.get_or_insert(Verdict::Failure { error, claimed: total.min(held.len()) });
    }
    failure.unwrap_or(Verdict::Noise)
}

fn verify(held: &[u8], total: usize) -> Result<(), Error> {
    let Some([counted @ .., checksum, stop]) = held.get(4..total) else { return Err(Error::Cut) };
    match (*stop, sum(counted) == *checksum || cfg!(fuzzing)) {
        (STOP, true) => Ok(()),
        (STOP, false) => Err(Error::FrameCheck),
        _ => Err(Error::Flag),
    }
}

/// The sum of bytes modulo 256 (EN 13757-2, 5.3).
pub fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, &byte| sum.wrapping_add(byte))
}

impl<'a> Frame<'a> {
    /// Reads one whole frame.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        judge(bytes, Stream::Ended).of_all(bytes.len(), |total| *total).map(|_| Frame::of(bytes))
    }

    /// The fields of bytes that were judged.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let (header, data) = match bytes {
            [_, _, _, _, control, address, segment, source, destination, data @ .., _, _] => {
                ([control, address, segment, source, destination].map(|byte| *byte), data)
            }
            // A judged frame has its header.
            _ => ([0; HEADER], &[][..]),
        };
        let [control, address, segment, source, destination] = header;
        let (number, last) = (segment & 0x0F, segment & 0x10 != 0);
        Frame { control, address, number, last, source, destination, data }
    }

    /// Writes the frame. L counts modulo 256, as the meters do that send more.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        let segment = self.number & 0x0F | if self.last { 0x10 } else { 0 };
        let header = [self.control, self.address, segment, self.source, self.destination];
        let length = ((HEADER + self.data.len()) % WRAP) as u8;
        writer.bytes(&[START, length, length, START]);
        writer.bytes(&header);
        writer.bytes(self.data);
        writer.u8(sum(&header).wrapping_add(sum(self.data)));
        writer.u8(STOP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(data: &[u8]) -> Vec<u8> {
        let mut buffer = [0; 300];
        let mut writer = Writer::new(&mut buffer);
        let frame =
            Frame { control: 0x53, address: 0xFF, number: 1, last: true, source: 1, destination: 0x67, data };
        frame.emit(&mut writer);
        let bytes = writer.written().to_vec();
        assert_eq!(Frame::parse(&bytes), Ok(frame));
        bytes
    }

    #[test]
    fn frames_of_every_length_are_read_as_they_are_written() {
        for length in 0..=WRAP {
            let bytes = frame(&vec![0x55; length]);
            assert_eq!(bytes.len(), length + HEADER + AROUND);
        }
    }

    #[test]
    fn a_length_beyond_a_byte_is_sent_modulo_256() {
        assert_eq!(frame(&[7; 252])[..4], [0x68, 0x01, 0x01, 0x68]);
        assert_eq!(frame(&[7; 251])[..4], [0x68, 0x00, 0x00, 0x68]);
        assert_eq!(frame(&[7; 250])[..4], [0x68, 0xFF, 0xFF, 0x68]);
    }

    #[test]
    fn each_fault_has_its_name() {
        let good = frame(&[1, 2, 3]);
        let broken = |index: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[index] = byte;
            Frame::parse(&bytes).map(drop)
        };
        assert_eq!(broken(9, 0), Err(Error::FrameCheck));
        assert_eq!(broken(good.len() - 1, 0), Err(Error::Flag));
        assert_eq!(broken(1, 9), Err(Error::Length), "the two lengths differ");
        assert_eq!(broken(4, 0x08), Err(Error::Length), "not SND-UD");
        for end in 8..good.len() {
            assert_eq!(Frame::parse(&good[..end]), Err(Error::Cut), "cut after {end} bytes");
        }
    }

    #[test]
    fn the_longer_length_is_tried_when_the_shorter_one_does_not_hold() {
        let mut bytes = frame(&[1, 2, 3]);
        bytes[9] ^= 1;
        assert!(
            matches!(judge(&bytes, Stream::Open), Verdict::More { enough } if enough == bytes.len() + WRAP)
        );
        bytes.resize(bytes.len() + WRAP, 0);
        assert!(matches!(
            judge(&bytes, Stream::Open),
            Verdict::Failure { error: Error::FrameCheck, claimed: 14 }
        ));
    }

    #[test]
    fn what_may_still_become_a_frame_is_waited_for() {
        let good = frame(&[1, 2, 3]);
        assert!(matches!(judge(&good[..1], Stream::Open), Verdict::More { enough: 7 }), "its head tells");
        for end in 1..good.len() {
            assert!(matches!(judge(&good[..end], Stream::Open), Verdict::More { .. }), "{end}");
            let ended = judge(&good[..end], Stream::Ended);
            assert!(matches!(ended, Verdict::Noise | Verdict::Failure { error: Error::Cut, .. }), "{end}");
        }
    }
}
