//! Kamstrup's binary protocol (KMP): electricity meters 382J and 382L, MULTICAL meters of heat and water.
//!
//! ```text
//! request  80  stuffed: address command data CRC(2)  0D
//! response 40  stuffed: address command data CRC(2)  0D
//!          stuffing: 06, 0D, 1B, 40 and 80 are sent as 1B and their complement
//! ```
//!
//! The protocol can change a meter too. This module has only requests that read.

#[cfg(feature = "explain")]
pub(super) mod explain;
#[cfg(feature = "explain")]
pub(super) mod redact;
mod request;
mod response;

use super::description::{Description, Polling};
use super::serial::{Parity, SerialSettings};
use crc::{CRC_16_XMODEM, Crc, Digest};

pub use request::{MOST, Request};
pub use response::{NoResponse, Response, Value, Values};

use super::cursor::Writer;
use super::verdict::{Error, Stream, Verdict};

/// The protocol as a whole.
pub(super) const DESCRIPTION: Description = Description {
    name: "kmp",
    title: "response in Kamstrup's binary protocol",
    settings: &[
        // Electricity meters first, then those of heat and water.
        SerialSettings::OPTICAL,
        SerialSettings::new(1200, 8, Parity::None).two_stops(),
    ],
    polling: Some(Polling { has_sign_on: false, head_power: None }),
};

/// The first byte of a response.
pub const START: u8 = 0x40;
/// The first byte of a request.
pub const REQUEST: u8 = 0x80;
const END: u8 = 0x0D;
/// Stands before a byte that is sent as its complement.
pub const STUFF: u8 = 0x1B;
const ACKNOWLEDGE: u8 = 0x06;

/// The meter itself. Modules in it have addresses of their own, 7F and BF.
pub const METER: u8 = 0x3F;
const ADDRESSES: [u8; 3] = [METER, 0x7F, 0xBF];

/// Bytes of the longest response on the line: eight registers, each byte stuffed, have less.
pub const LONGEST: usize = 512;
const TYPE: u8 = 0x01;
const SERIAL: u8 = 0x02;
const REGISTERS: u8 = 0x10;

static XMODEM: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);

/// A response as it is sent; its check sequence is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Between start and end.
    stuffed: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads one whole response.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        judge(bytes, &mut 0, Stream::Ended).of_all(bytes.len(), |total| *total).map(|_| Frame::of(bytes))
    }

    /// The frame of bytes that were judged.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Frame { stuffed: bytes.get(1..bytes.len().saturating_sub(1)).unwrap_or_default() }
    }

    /// Address, command and data without stuffing and check sequence: for [`Response::parse`].
    pub fn bytes(&self) -> impl Iterator<Item = u8> + use<'a> {
        content(self.stuffed)
    }

    /// Writes the frame.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        writer.u8(START);
        writer.bytes(self.stuffed);
        writer.u8(END);
    }
}

/// Whether a capture begins with a request or a response, whole or damaged.
pub fn begins(capture: &[u8]) -> bool {
    matches!(capture, [START | REQUEST, address, TYPE | SERIAL | REGISTERS, ..] if ADDRESSES.contains(address))
}

/// Judges the bytes from a start on, `seen` of which hold no end.
pub(super) fn judge(held: &[u8], seen: &mut usize, stream: Stream) -> Verdict<usize> {
    let held = held.get(..LONGEST).unwrap_or(held);
    match held {
        [START, address, ..] if ADDRESSES.contains(address) => {}
        [START] => return Verdict::unproven(2, stream),
        _ => return Verdict::Noise,
    }
    let searched = (*seen).max(1);
    let found =
        held.iter().skip(searched).position(|byte| matches!(*byte, END | START | REQUEST | ACKNOWLEDGE));
    let Some(length) = found.map(|found| searched + found) else {
        *seen = held.len();
        return Verdict::without_end(held.len(), LONGEST, stream);
    };
    let stuffed = held.get(1..length).unwrap_or_default();
    let fail = |error| Verdict::Failure { error, claimed: length + 1 };
    match (held.get(length), verify(stuffed)) {
        (Some(&END), Ok(_)) => Verdict::Frame(length + 1),
        (Some(&END), Err(error)) => fail(error),
        // Another begins: that byte is its own.
        (Some(&START), _) => Verdict::Failure { error: Error::Cut, claimed: length },
        _ => fail(Error::Flag),
    }
}

const CHECK_LENGTH: usize = 2;

/// Whether the check of what is between start and end is right.
fn verify(stuffed: &[u8]) -> Result<&[u8], Error> {
    let mut check = XMODEM.digest();
    let mut count = 0;
    let mut rest = stuffed.iter();
    while let Some(&byte) = rest.next() {
        let byte = match byte {
            STUFF => rest.next().map(|byte| !byte).filter(|byte| is_stuffed(*byte)).ok_or(Error::Flag)?,
            byte if is_stuffed(byte) => return Err(Error::Flag),
            byte => byte,
        };
        check.update(&[byte]);
        count += 1;
    }
    match (count, check.finalize() == 0 || cfg!(fuzzing)) {
        (0..4, _) => Err(Error::Length),
        (_, true) => Ok(stuffed),
        (_, false) => Err(Error::FrameCheck),
    }
}

const fn is_stuffed(byte: u8) -> bool {
    matches!(byte, ACKNOWLEDGE | END | STUFF | START | REQUEST)
}

/// What precedes the check sequence, without stuffing.
fn content(stuffed: &[u8]) -> impl Iterator<Item = u8> + use<'_> {
    let count = unstuffed(stuffed).count().saturating_sub(CHECK_LENGTH);
    unstuffed(stuffed).take(count)
}

/// Bytes as they were before stuffing.
fn unstuffed(stuffed: &[u8]) -> impl Iterator<Item = u8> + use<'_> {
    let mut rest = stuffed.iter();
    core::iter::from_fn(move || match *rest.next()? {
        STUFF => rest.next().map(|byte| !byte),
        byte => Some(byte),
    })
}

/// Writes a response with this content: address, command and data.
pub fn seal(content: &[u8], writer: &mut Writer<'_>) {
    let mut stuffer = Stuffer::begin(START, writer);
    stuffer.put(content);
    stuffer.end();
}

/// Writes a frame byte by byte.
struct Stuffer<'w, 'a> {
    writer: &'w mut Writer<'a>,
    check: Digest<'static, u16>,
}

impl<'w, 'a> Stuffer<'w, 'a> {
    fn begin(start: u8, writer: &'w mut Writer<'a>) -> Self {
        writer.u8(start);
        Stuffer { writer, check: XMODEM.digest() }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.check.update(bytes);
        self.stuff(bytes);
    }

    fn stuff(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| match is_stuffed(byte) {
            true => self.writer.bytes(&[STUFF, !byte]),
            false => self.writer.u8(byte),
        });
    }

    fn end(mut self) {
        let check = self.check.clone().finalize();
        self.stuff(&check.to_be_bytes());
        self.writer.u8(END);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] =
        &[0x40, 0x3F, 0x10, 0x00, 0x1B, 0x7F, 0x16, 0x04, 0x11, 0x01, 0x2A, 0xF0, 0x24, 0x63, 0x03, 0x0D];

    #[test]
    fn a_frame_comes_out_as_it_went_in() {
        let frame = Frame::parse(ANSWER).unwrap();
        let bytes: Vec<u8> = frame.bytes().collect();
        assert_eq!(bytes, [0x3F, 0x10, 0x00, 0x80, 0x16, 0x04, 0x11, 0x01, 0x2A, 0xF0, 0x24]);
        let mut buffer = [0; LONGEST];
        let mut writer = Writer::new(&mut buffer);
        frame.emit(&mut writer);
        Response::parse(&bytes).unwrap().emit(&mut writer);
        assert_eq!(writer.written(), [ANSWER, ANSWER].concat());
    }

    #[test]
    fn every_byte_that_must_be_stuffed_is() {
        let all: Vec<u8> = (0..=255).collect();
        let mut buffer = [0; LONGEST];
        let mut writer = Writer::new(&mut buffer);
        let mut stuffer = Stuffer::begin(START, &mut writer);
        stuffer.put(&[METER]);
        stuffer.put(&all);
        stuffer.end();
        let frame = Frame::parse(writer.written()).unwrap();
        assert_eq!(frame.bytes().skip(1).collect::<Vec<_>>(), all);
        assert_eq!(frame.stuffed.iter().filter(|byte| is_stuffed(**byte)).count(), 5, "each after 1B alone");
    }

    #[test]
    fn each_fault_has_its_name() {
        let broken = |place: usize, byte: u8| {
            let mut bytes = ANSWER.to_vec();
            bytes[place] = byte;
            Frame::parse(&bytes).map(drop)
        };
        assert_eq!(broken(9, 0), Err(Error::FrameCheck));
        assert_eq!(broken(9, ACKNOWLEDGE), Err(Error::Flag));
        assert_eq!(broken(9, REQUEST), Err(Error::Flag));
        assert_eq!(broken(9, START), Err(Error::Cut), "another response begins");
        assert_eq!(broken(5, 0), Err(Error::Flag), "no complement of a byte that is stuffed");
        assert_eq!(broken(1, 0), Err(Error::Length), "no address");
        assert_eq!(Frame::parse(&ANSWER[..9]), Err(Error::Cut));
        assert_eq!(Frame::parse(&[0x40, 0x3F, 0x0D]), Err(Error::Length));
        assert_eq!(Frame::parse(&[0x40, 0x3F, 0x1B, 0x0D]), Err(Error::Flag));
        assert_eq!(
            verify(&[METER, SERIAL, ACKNOWLEDGE, 0, 0]),
            Err(Error::Flag),
            "to be stuffed in a request too"
        );
    }

    #[test]
    fn a_damaged_response_ends_where_it_ends() {
        let mut damaged = ANSWER.to_vec();
        damaged[9] ^= 1;
        damaged.extend(ANSWER);
        assert!(matches!(
            judge(&damaged, &mut 0, Stream::Open),
            Verdict::Failure { error: Error::FrameCheck, claimed } if claimed == ANSWER.len()
        ));
    }

    #[test]
    fn no_error_of_one_or_two_bits_is_accepted() {
        let bits = ANSWER.len() * 8;
        for (first, second) in (0..bits).flat_map(|first| (first..bits).map(move |second| (first, second))) {
            let mut damaged = ANSWER.to_vec();
            damaged[first / 8] ^= 1 << (first % 8);
            if second > first {
                damaged[second / 8] ^= 1 << (second % 8);
            }
            assert!(Frame::parse(&damaged).is_err(), "bits {first} and {second}");
        }
    }

    #[test]
    fn what_may_still_become_an_response_is_waited_for() {
        let mut seen = 0;
        for end in 1..ANSWER.len() {
            assert!(matches!(judge(&ANSWER[..end], &mut seen, Stream::Open), Verdict::More { .. }), "{end}");
        }
        assert!(matches!(judge(ANSWER, &mut seen, Stream::Open), Verdict::Frame(_)));
        assert!(matches!(judge(&[START, 1], &mut 0, Stream::Open), Verdict::Noise));
        let endless = [&[START, METER][..], &[0; LONGEST]].concat();
        assert!(matches!(
            judge(&endless, &mut 0, Stream::Open),
            Verdict::Failure { error: Error::Length, .. }
        ));
        assert!(begins(ANSWER) && begins(&[REQUEST, METER, TYPE]) && !begins(&[START, METER, 0x92]));
    }
}
