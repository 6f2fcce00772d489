//! The protocol of Kamstrup's 685-382: bytes written as two digits each, requested over its optical port.
//!
//! ```text
//! request  40 "@"  digits of: FE command arguments LRC  0D
//! response 48 "H"  digits of: FE command data      LRC  0D
//! ```
//!
//! The bytes after the start, LRC included, sum up to 0 modulo 256. That detects every error in one byte; it does not
//! see errors that cancel each other out, nor bytes that changed places.
//!
//! The protocol can program meters too. This module has only requests that read.

#[cfg(feature = "explain")]
pub(super) mod explain;
#[cfg(feature = "explain")]
pub(super) mod redact;

use super::cursor::Writer;
use super::description::{Description, Polling};
use super::kmp::NoResponse;
use super::serial::{Parity, SerialSettings};
use super::verdict::{Error, Stream, Verdict};

/// The protocol as a whole.
pub(super) const DESCRIPTION: Description = Description {
    name: "kmp382",
    title: "response of a Kamstrup 685-382",
    settings: &[SerialSettings::new(1200, 8, Parity::Even).two_stops()],
    polling: Some(Polling { has_sign_on: false, head_power: Some((false, true)) }),
};

/// The first byte of a response.
pub const START: u8 = b'H';
/// The first byte of a request.
pub const REQUEST: u8 = b'@';
const ADDRESS: u8 = 0xFE;
const END: u8 = b'\r';

/// Bytes of the longest response, start and end included; the identity has 97.
pub const LONGEST: usize = 512;
/// Digits of address, command and LRC.
const SHORTEST: usize = 6;

/// A request that changes nothing in the meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Who is there; what the response means is not known.
    Hello,
    /// A stretch of memory; the last address belongs to it.
    Memory {
        /// The first address.
        first: u16,
        /// The last one.
        last: u16,
    },
    /// The registers.
    Registers,
    /// The registers of the tariffs.
    Tariffs,
}

/// The content of a response: the command it belongs to, and the bytes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// The command of the request.
    pub command: u8,
    /// What was requested.
    pub data: &'a [u8],
}

/// A response as it is sent; its LRC is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Between start and LRC, two for a byte.
    digits: &'a [u8],
}

impl Request {
    /// Requests type and numbers of the meter: the first 44 bytes of its memory.
    pub const IDENTITY: Self = Request::Memory { first: 0x0001, last: 0x002C };

    /// Writes the request.
    pub fn emit(self, writer: &mut Writer<'_>) {
        match self {
            Request::Hello => spell(REQUEST, 0x00, &[], writer),
            Request::Memory { first, last } => {
                let [[a, b], [c, d]] = [first.to_be_bytes(), last.to_be_bytes()];
                spell(REQUEST, 0x01, &[a, b, c, d], writer);
            }
            Request::Registers => spell(REQUEST, 0x90, &[], writer),
            Request::Tariffs => spell(REQUEST, 0x95, &[0], writer),
        }
    }

    /// Reads a request as the meter does. The best-known driver adds a second LRC, 00, after the first, and meters
    /// respond to it all the same.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let digits = bytes.strip_prefix(&[REQUEST]).and_then(|rest| rest.strip_suffix(&[END]));
        let digits = digits.filter(|digits| digits.iter().all(is_digit)).ok_or(Error::Flag)?;
        let mut buffer = [0; 8];
        let bytes = buffer.get_mut(..digits.len() / 2).filter(|_| digits.len().is_multiple_of(2));
        let bytes = bytes.ok_or(Error::Length)?;
        bytes.iter_mut().zip(pairs(digits)).for_each(|(slot, byte)| *slot = byte);
        let (&mut [ADDRESS, command, ref arguments @ ..], true) = (bytes, sum(digits) == 0) else {
            return Err(Error::FrameCheck);
        };
        // The LRC itself, once or twice.
        Ok(match (command, arguments) {
            (0x00, [_] | [_, 0]) => Request::Hello,
            (0x01, &[a, b, c, d, _] | &[a, b, c, d, _, 0]) => {
                Request::Memory { first: u16::from_be_bytes([a, b]), last: u16::from_be_bytes([c, d]) }
            }
            (0x90, [_] | [_, 0]) => Request::Registers,
            (0x95, [0, _] | [0, _, 0]) => Request::Tariffs,
            _ => return Err(Error::Length),
        })
    }
}

impl<'a> Response<'a> {
    /// Reads the content of a frame.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NoResponse> {
        match bytes {
            &[ADDRESS, command, ref data @ ..] => Ok(Response { command, data }),
            _ => Err(NoResponse::Length),
        }
    }

    /// Writes the response as it is sent.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        spell(START, self.command, self.data, writer);
    }
}

impl<'a> Frame<'a> {
    /// Reads one whole response.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        judge(bytes, Stream::Ended).of_all(bytes.len(), |total| *total).map(|_| Frame::of(bytes))
    }

    /// The frame of bytes that were judged.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Frame { digits: bytes.get(1..bytes.len().saturating_sub(3)).unwrap_or_default() }
    }

    /// The bytes its digits mean, without LRC: for [`Response::parse`].
    pub fn bytes(&self) -> impl Iterator<Item = u8> + use<'a> {
        pairs(self.digits)
    }

    /// Writes the frame.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        writer.u8(START);
        writer.bytes(self.digits);
        byte(sum(self.digits).wrapping_neg(), writer);
        writer.u8(END);
    }
}

/// Whether a capture begins with a request or a response, whole or damaged.
pub fn begins(capture: &[u8]) -> bool {
    matches!(capture, [START | REQUEST, b'F', b'E', digit, ..] if is_digit(digit))
}

/// Judges the bytes from a start on.
pub(super) fn judge(held: &[u8], stream: Stream) -> Verdict<usize> {
    const HEAD: &[u8] = b"HFE";
    let held = held.get(..LONGEST).unwrap_or(held);
    let head = held.get(..HEAD.len()).unwrap_or(held);
    if !HEAD.starts_with(head) || head.len() < HEAD.len() && stream == Stream::Ended {
        return Verdict::Noise;
    }
    let behind_start = held.get(1..).unwrap_or_default();
    let Some(count) = behind_start.iter().position(|byte| !is_digit(byte)) else {
        return Verdict::without_end(held.len(), LONGEST, stream);
    };
    let digits = behind_start.get(..count).unwrap_or_default();
    let failure = |error| Verdict::Failure { error, claimed: count + 2 };
    match behind_start.get(count) {
        Some(&END) if count < SHORTEST || !count.is_multiple_of(2) => failure(Error::Length),
        Some(&END) if sum(digits) == 0 || cfg!(fuzzing) => Verdict::Frame(count + 2),
        Some(&END) => failure(Error::FrameCheck),
        // Only digits or the end may be here.
        _ => Verdict::Failure { error: Error::Flag, claimed: count + 1 },
    }
}

/// Capital letters alone: no meter was seen to send others.
const fn is_digit(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F')
}

/// The bytes that digits spell.
fn pairs(digits: &[u8]) -> impl Iterator<Item = u8> + use<'_> {
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    digits.as_chunks().0.iter().map(move |&[high, low]| value(high) << 4 | value(low))
}

fn sum(digits: &[u8]) -> u8 {
    pairs(digits).fold(0, u8::wrapping_add)
}

/// Writes a request or a response.
fn spell(start: u8, command: u8, rest: &[u8], writer: &mut Writer<'_>) {
    let head = [ADDRESS, command];
    let sum = head.iter().chain(rest).copied().fold(0, u8::wrapping_add);
    writer.u8(start);
    head.iter().chain(rest).for_each(|&each| byte(each, writer));
    byte(sum.wrapping_neg(), writer);
    writer.u8(END);
}

fn byte(byte: u8, writer: &mut Writer<'_>) {
    writer.bytes(&[byte >> 4, byte & 0x0F].map(|value| if value < 10 { b'0' + value } else { b'7' + value }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARIFFS: &[u8] = b"HFE950100002348000023470000000196\r";

    fn emitted(emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
        let mut buffer = [0; LONGEST];
        let mut writer = Writer::new(&mut buffer);
        emit(&mut writer);
        writer.written().to_vec()
    }

    #[test]
    fn requests_are_read_as_they_are_written_and_with_the_second_lrc_of_the_driver() {
        for (request, clean, doubled) in [
            (Request::Hello, "@FE0002\r", "@FE000200\r"),
            (Request::IDENTITY, "@FE010001002CD4\r", "@FE010001002CD400\r"),
            (Request::Memory { first: 0x384, last: 0x39B }, "@FE010384039BDC\r", "@FE010384039BDC00\r"),
            (Request::Registers, "@FE9072\r", "@FE907200\r"),
            (Request::Tariffs, "@FE95006D\r", "@FE95006D00\r"),
        ] {
            assert_eq!(emitted(|writer| request.emit(writer)), clean.as_bytes());
            assert_eq!(Request::parse(clean.as_bytes()), Ok(request), "{clean}");
            assert_eq!(Request::parse(doubled.as_bytes()), Ok(request), "{doubled}");
        }
    }

    #[test]
    fn what_is_no_request_that_reads_is_refused() {
        for (bytes, error) in [
            (&b"@FE920070\r"[..], Error::Length),
            (b"@FE9073\r", Error::FrameCheck),
            (b"HFE9072\r", Error::Flag),
            (b"@FE9072", Error::Flag),
            (b"@FE90g2\r", Error::Flag),
            (b"@FE907\r", Error::Length),
            (b"@FE01000000000000000000000000FF\r", Error::Length),
            (b"@\r", Error::FrameCheck),
            (b"", Error::Flag),
        ] {
            assert_eq!(Request::parse(bytes), Err(error), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn an_response_comes_out_as_it_went_in() {
        let frame = Frame::parse(TARIFFS).unwrap();
        let bytes: Vec<u8> = frame.bytes().collect();
        let response = Response::parse(&bytes).unwrap();
        assert_eq!((response.command, response.data.len()), (0x95, 13));
        assert_eq!(emitted(|writer| response.emit(writer)), TARIFFS);
        assert_eq!(emitted(|writer| frame.emit(writer)), TARIFFS);
        assert_eq!(Response::parse(&bytes[..1]), Err(NoResponse::Length));
    }

    #[test]
    fn each_fault_has_its_name() {
        for (bytes, error) in [
            (&b"HFE950100002348000023470000000195\r"[..], Error::FrameCheck),
            (b"HFE90000G2348\r", Error::Flag),
            (b"HFE900\r", Error::Length),
            (b"HFE02\r", Error::Length),
            (b"HFE90000009", Error::Cut),
            (b"HFE9002\n", Error::Flag),
            (b"HFD9003\r", Error::Length),
            (b"HF", Error::Length),
        ] {
            assert_eq!(Frame::parse(bytes), Err(error), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn no_single_bit_error_is_accepted_and_two_that_cancel_out_are() {
        for bit in 0..TARIFFS.len() * 8 {
            let mut damaged = TARIFFS.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Frame::parse(&damaged).is_err(), "bit {bit}");
        }
        let unseen = b"HFE950100002347000023480000000196\r";
        assert!(Frame::parse(unseen).is_ok(), "no LRC sees that two bytes changed places");
    }

    #[test]
    fn what_may_still_become_an_response_is_waited_for() {
        for end in 1..TARIFFS.len() {
            assert!(matches!(judge(&TARIFFS[..end], Stream::Open), Verdict::More { .. }), "{end}");
        }
        assert!(matches!(judge(&[START; 2], Stream::Open), Verdict::Noise));
        let endless = [b"HFE".as_slice(), &[b'0'; LONGEST], &[END]].concat();
        for held in [&endless[..LONGEST], &endless] {
            assert!(matches!(judge(held, Stream::Open), Verdict::Failure { error: Error::Length, .. }));
        }
        assert!(begins(TARIFFS) && begins(b"@FE9072") && !begins(b"@FEX") && !begins(b"HELLO"));
    }
}
