//! ASCII telegrams: P1 and H1 ports (DSMR and similar), and the readouts of IEC 62056-21 they descend from.
//!
//! ```text
//! / FFF Z id  CR LF CR LF      data  ! [CRC] CR LF               pushed (P1, mode D)
//! / FFF Z id  CR LF  STX       data  ! CR LF  ETX BCC            readout (modes A to C)
//! / FFF Z id  CR LF CR LF  00 82 LL LL 30 …  ! CRC CR LF         encrypted inside (Poland)
//! ```

mod characters;
mod code;
#[cfg(feature = "explain")]
pub(crate) mod explain;
pub mod ident;
mod judge;
#[cfg(feature = "explain")]
pub(super) mod redact;
pub mod set;

pub use characters::with_parity;

use super::cursor::Writer;
use super::description::Description;
use super::serial::{Parity, SerialSettings};
use super::verdict::{Error, Stream};
use ident::Ident;
pub(super) use judge::judge;
use set::Sets;

/// The protocol as a whole.
pub(super) const DESCRIPTION: Description = Description {
    name: "p1",
    title: "P1 telegram",
    settings: &[
        SerialSettings::FAST,
        SerialSettings::new(9600, 7, Parity::Even),
        // NES in Denmark.
        SerialSettings::new(115_200, 8, Parity::Even),
        SerialSettings::new(115_200, 7, Parity::Even),
        // Iskraemeco in Slovenia.
        SerialSettings::new(115_200, 7, Parity::None),
        SerialSettings::new(9600, 7, Parity::None),
    ],
    polling: None,
};

/// The first byte of a telegram. If an identification follows it elsewhere, a new one begins there.
pub const START: u8 = b'/';
/// The same with its parity bit, as a line of seven data bits and even parity looks to a reader of eight.
pub const START_EVEN: u8 = START | 0x80;

/// Ends the last line of data, or the line after it.
const END: u8 = b'!';

/// Iskraemeco's MT174 with fifteen billing periods sends 9,522 bytes.
pub const LONGEST: usize = 12 * 1024;

/// A telegram that is whole and whose check held, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telegram<'a> {
    bytes: &'a [u8],
    layout: Layout,
}

/// What proves a telegram's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Nothing but that every line of it is well-formed.
    None,
    /// CRC-16/ARC from `/` to `!`.
    Crc,
    /// BCC by the standard: all bytes after STX up to ETX, combined by exclusive or; and every line is well-formed.
    Xor,
    /// BCC as Kamstrup's 685-382 and MULTICAL build it: the lowest seven bits of the sum of the same bytes; and every
    /// line is well-formed.
    Sum,
}

/// What is between the identification and the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Data that a meter pushes, after an empty line.
    Push,
    /// Data sent on request, after STX or at once.
    Readout,
    /// An encrypted message.
    Ciphered,
}

/// Where a telegram's parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bytes on the wire, the end of its last line included.
    total: u16,
    /// Where the line of identification ends.
    ident: u16,
    /// Where its data begin.
    body: u16,
    /// The place of its `!`.
    end: u16,
    kind: Kind,
    check: Check,
    /// Whether its bytes came with parity bits, which were taken off.
    parity: bool,
}

impl Layout {
    pub(super) const fn total(&self) -> usize {
        self.total as usize
    }

    /// The same, of bytes whose parity bits were taken off.
    pub(super) const fn with_parity(self) -> Self {
        Layout { parity: true, ..self }
    }

    pub(super) const fn telegram<'a>(&self, bytes: &'a [u8]) -> Telegram<'a> {
        Telegram { bytes, layout: *self }
    }
}

impl<'a> Telegram<'a> {
    /// Reads one whole telegram, of bytes without parity bits.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let verdict = judge(bytes, &mut 0, Stream::Ended);
        verdict.of_all(bytes.len(), Layout::total).map(|layout| layout.telegram(bytes))
    }

    /// All its bytes, without parity bits.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Writes it as it was sent, with the parity bits it had.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        match self.layout.parity {
            true => self.bytes.iter().for_each(|&byte| writer.u8(with_parity(byte))),
            false => writer.bytes(self.bytes),
        }
    }

    /// Who sends it.
    pub fn ident(&self) -> Ident<'a> {
        Ident::of(self.bytes.get(1..usize::from(self.layout.ident)).unwrap_or_default())
    }

    /// Its data, from the first to the last line; empty if encrypted.
    pub fn body(&self) -> &'a [u8] {
        match self.layout.kind {
            Kind::Ciphered => &[],
            _ => self.bytes.get(self.layout.body.into()..self.layout.end.into()).unwrap_or_default(),
        }
    }

    /// Its values.
    pub fn sets(&self) -> Sets<'a> {
        Sets::of(self.body())
    }

    /// The place of its `!`.
    pub const fn end(&self) -> usize {
        self.layout.end as usize
    }

    /// What proves its bytes.
    pub const fn check(&self) -> Check {
        self.layout.check
    }

    /// Whether a check sequence proves its bytes.
    pub const fn is_checked(&self) -> bool {
        !matches!(self.layout.check, Check::None)
    }

    /// Whether it has the form of a readout, the response of a polled meter.
    pub const fn is_readout(&self) -> bool {
        matches!(self.layout.kind, Kind::Readout)
    }

    /// Whether what it carries is encrypted.
    pub const fn is_ciphered(&self) -> bool {
        matches!(self.layout.kind, Kind::Ciphered)
    }

    /// Whether its bytes came with parity bits, which were taken off.
    pub const fn had_parity(&self) -> bool {
        self.layout.parity
    }
}

impl Check {
    /// Finds the rule by which a block check character is right for the bytes after STX up to ETX. Kamstrup's meters
    /// alone are known to sum up: of all others' damage, one in 128 would pass by a rule that nobody meant.
    fn of_block(bytes: &[u8], received: u8, manufacturer: &[u8]) -> Option<Check> {
        let holds = |check: &Check| received == check.of_bytes(bytes) || cfg!(fuzzing);
        let may_sum = manufacturer.eq_ignore_ascii_case(b"KAM");
        [Check::Xor, Check::Sum].into_iter().find(|check| holds(check) && (may_sum || *check == Check::Xor))
    }

    /// The block check character by this rule.
    pub fn of_bytes(self, bytes: &[u8]) -> u8 {
        match self {
            Check::Sum => bytes.iter().fold(0_u8, |all, &byte| all.wrapping_add(byte)) & 0x7F,
            Check::None | Check::Crc | Check::Xor => bytes.iter().fold(0, |all, &byte| all ^ byte),
        }
    }
}

/// Whether a damaged telegram was going to be a readout, which has STX after its first line.
pub(super) fn begins_readout(bytes: &[u8]) -> bool {
    let mut after = bytes.iter().map(|byte| byte & 0x7F).skip_while(|byte| !is_line_end(*byte));
    after.find(|byte| !is_line_end(*byte)) == Some(judge::STX)
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}
