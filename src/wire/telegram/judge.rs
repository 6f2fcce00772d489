//! Where a telegram ends, and whether it is one.

use super::set::Sets;
use super::seven::{Seven, is_even};
use super::{Check, END, Kind, LONGEST, Layout, START, START_EVEN};
use crate::wire::check::arc;
use crate::wire::frame::{Coming, Error, Verdict};

pub(super) const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const ACK: u8 = 0x06;
/// The tag of a ciphered message, which some meters leave out, and the length of its empty title.
const CIPHERED: u8 = 0xDB;
const NO_TITLE: u8 = 0x00;

/// `/`, three letters of the maker, the character of the speed, sixteen of the type and some in between.
const LONGEST_IDENT: usize = 64;

/// Judges the octets from a start on. Those that carry parity bits are judged twice: as they are for where they end,
/// and without the bits for what they say.
pub(in crate::wire) fn judge(held: &[u8], seen: &mut usize, coming: Coming) -> Verdict<Layout> {
    // All places in it then have room in a layout.
    let held = held.get(..LONGEST + 16).unwrap_or(held);
    let with_parity = held.first() == Some(&START_EVEN);
    let scan = Scan { text: Seven::of(held, with_parity), coming };
    let layout = match scan.layout(seen) {
        Ok(layout) => layout,
        Err(Verdict::Failure { error, claimed }) => return scan.failed(error, claimed),
        Err(other) => return other,
    };
    let octets = held.get(..layout.total()).unwrap_or_default();
    match with_parity {
        true if is_even(octets) => Verdict::Parity { length: layout.total() },
        true => scan.failed(Error::Parity, layout.total()),
        false => match layout.verify(octets) {
            Some(check) => Verdict::Frame(Layout { check, ..layout }),
            None => scan.failed(Error::FrameCheck, layout.total()),
        },
    }
}

/// A candidate, and whether it may go on.
struct Scan<'a> {
    text: Seven<'a>,
    coming: Coming,
}

type Found<T> = Result<T, Verdict<Layout>>;

impl Scan<'_> {
    /// Finds where the parts lie. What is right with them is not looked at.
    fn layout(&self, seen: &mut usize) -> Found<Layout> {
        let ident = self.ident()?;
        let (kind, body) = self.behind_ident(ident)?;
        let layout = Layout {
            total: 0,
            ident: ident as u16,
            body: body as u16,
            end: 0,
            kind,
            check: Check::None,
            parity: false,
        };
        if let Kind::Ciphered = kind {
            let end = self.end_of_ciphered(body)?;
            return self.pushed(layout, end);
        }
        let end = self.end_of_data(body, seen)?;
        *seen = end;
        match self.text.get(body - 1) {
            Some(STX) => self.read_out(layout, end),
            _ => self.pushed(layout, end),
        }
    }

    /// Where the first line ends. Without one nothing is proven: a slash may stand anywhere.
    fn ident(&self) -> Found<usize> {
        for index in 1..LONGEST_IDENT {
            let Some(character) = self.text.get(index) else {
                return Err(match self.coming {
                    Coming::Nothing => Verdict::Noise,
                    Coming::More | Coming::Later => Verdict::More { enough: self.text.len() + 1 },
                });
            };
            match character {
                b'\r' | b'\n' if index > 4 => return Ok(index),
                END | START => break,
                b'A'..=b'Z' | b'a'..=b'z' => {}
                // Some send the 2 of "\2", which announces mode E, as the control character of that number.
                b' '..=b'~' | STX if index > 3 => {}
                _ => break,
            }
        }
        Err(Verdict::Noise)
    }

    /// What follows the first line, and where it begins. An acknowledgement may stand between: some meters, and some
    /// optical heads, repeat the reader's.
    fn behind_ident(&self, ident: usize) -> Found<(Kind, usize)> {
        let ends = |from: usize| from + self.text.run(from, is_line_end);
        let mut at = ends(ident);
        let empty_line = (ident..at).filter(|&index| self.text.get(index) == Some(b'\n')).count() > 1;
        while self.need(at)? == ACK {
            at += self.text.run(at, |character| !is_line_end(character));
            self.need(at)?;
            at = ends(at);
        }
        Ok(match self.need(at)? {
            STX => (Kind::Readout, at + 1),
            CIPHERED | NO_TITLE if empty_line => (Kind::Ciphered, at),
            _ if empty_line => (Kind::Push, at),
            _ => (Kind::Readout, at),
        })
    }

    /// Where the `!` behind the data stands.
    #[inline]
    fn end_of_data(&self, body: usize, seen: &mut usize) -> Found<usize> {
        match self.text.find_end(body.max(*seen)) {
            Some(place) if place >= LONGEST => Err(failure(Error::Length, LONGEST)),
            Some(place) if self.text.get(place) == Some(END) => Ok(place),
            Some(place) => Err(failure(Error::FrameCheck, place + 1)),
            None => {
                *seen = self.text.len();
                Err(self.wait(self.text.len()))
            }
        }
    }

    /// Where the `!` behind a ciphered message stands: its octets may look like anything, its length alone counts.
    fn end_of_ciphered(&self, body: usize) -> Found<usize> {
        let mut at = body;
        if self.need(at)? == CIPHERED {
            at += 1;
        }
        if self.need(at)? != NO_TITLE {
            return Err(failure(Error::Flag, at));
        }
        let (octets, start) = match self.need(at + 1)? {
            short @ ..=0x7F => (usize::from(short), at + 2),
            0x81 => (self.need(at + 2)?.into(), at + 3),
            0x82 => (u16::from_be_bytes([self.need(at + 2)?, self.need(at + 3)?]).into(), at + 4),
            _ => return Err(failure(Error::Length, at + 1)),
        };
        let end = start + octets;
        match self.need(end)? {
            END => Ok(end),
            _ => Err(failure(Error::Flag, end)),
        }
    }

    /// The end of a pushed telegram: up to four digits of its check, if it has one, and the end of the line, which may
    /// be missing behind digits.
    fn pushed(&self, layout: Layout, end: usize) -> Found<Layout> {
        let digits = self.text.run(end + 1, |character| character.is_ascii_hexdigit());
        let mut at = end + 1 + digits;
        let layout = |total: usize| {
            let kind = if digits > 0 && layout.kind != Kind::Ciphered { Kind::Push } else { layout.kind };
            Ok(Layout { total: total as u16, end: end as u16, kind, ..layout })
        };
        if digits > 4 {
            return Err(failure(Error::FrameCheck, at));
        }
        if self.text.get(at) == Some(0) {
            at += 1;
        }
        let is_over = |whole: bool| match self.coming {
            Coming::More => false,
            Coming::Later => digits == 4,
            Coming::Nothing => whole,
        };
        // Behind an empty line that end is sent without fail: what lacks it was cut, and perhaps digits with it.
        let whole = digits > 0 || layout(0)?.kind == Kind::Readout;
        match (self.text.get(at), self.text.get(at + 1)) {
            (None, _) if is_over(whole) => layout(at),
            (Some(b'\r'), None) if is_over(whole) => layout(at + 1),
            (None, _) | (Some(b'\r'), None) => Err(self.wait(self.text.len())),
            (Some(b'\r'), Some(b'\n')) => self.unless_more_follows(digits, at + 2).and_then(layout),
            (Some(b'\n'), _) => self.unless_more_follows(digits, at + 1).and_then(layout),
            (Some(b'\r'), _) if digits > 0 => layout(at + 1),
            (Some(START), _) if digits > 0 => layout(at),
            _ => Err(failure(Error::FrameCheck, at)),
        }
    }

    /// Without a check, damage may have made a `!` in the midst of the data. Then another line of them follows.
    fn unless_more_follows(&self, digits: usize, total: usize) -> Found<usize> {
        match self.text.get(total) {
            _ if digits > 0 => Ok(total),
            None if self.coming == Coming::More => Err(self.wait(total)),
            // ETX: the STX that belongs to it was lost, and with it the place where the check begins.
            Some(b'(' | END | ETX) => Err(failure(Error::FrameCheck, total)),
            Some(character) if character.is_ascii_alphanumeric() => Err(failure(Error::FrameCheck, total)),
            _ => Ok(total),
        }
    }

    /// The end of a readout: ETX and BCC. At the end of a capture they may be missing.
    fn read_out(&self, layout: Layout, end: usize) -> Found<Layout> {
        let at = end + 1 + self.text.run(end + 1, is_line_end);
        let total = match (self.text.get(at), self.text.get(at + 1)) {
            (Some(ETX), Some(_)) => at + 2,
            (None, _) if self.coming == Coming::Nothing => at,
            (None, _) | (Some(ETX), None) => return Err(self.wait(self.text.len())),
            _ => return Err(failure(Error::FrameCheck, at)),
        };
        Ok(Layout { total: total as u16, end: end as u16, ..layout })
    }

    /// A character behind the first line.
    fn need(&self, at: usize) -> Found<u8> {
        self.text.get(at).ok_or_else(|| self.wait(at))
    }

    /// What is to be said where octets are missing behind so many.
    fn wait(&self, held: usize) -> Verdict<Layout> {
        match self.coming {
            _ if held >= LONGEST => failure(Error::Length, LONGEST),
            Coming::Nothing => failure(Error::Cut, self.text.len()),
            Coming::More | Coming::Later => Verdict::More { enough: held + 1 },
        }
    }

    /// What is to be said of octets that are no telegram. A slash among them begins another: then this one was cut, and
    /// what seemed to be its end is the other's.
    #[cold]
    fn failed(&self, error: Error, claimed: usize) -> Verdict<Layout> {
        match self.text.find_start(1, claimed) {
            Some(place) => failure(Error::Cut, place),
            None => failure(error, claimed),
        }
    }
}

const fn failure(error: Error, claimed: usize) -> Verdict<Layout> {
    Verdict::Failure { error, claimed }
}

impl Layout {
    /// What proves the octets; `None` if they are damaged.
    fn verify(&self, octets: &[u8]) -> Option<Check> {
        if let Kind::Ciphered = self.kind {
            return Some(Check::None);
        }
        let (body, end) = (usize::from(self.body), usize::from(self.end));
        let behind = octets.get(end + 1..)?;
        let digits = behind.iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
        let check = match behind {
            [.., ETX, received] => Check::of_block(octets.get(body..octets.len() - 1)?, *received)?,
            _ if digits > 0 => {
                let received = str::from_utf8(behind.get(..digits)?).ok()?;
                let holds = u16::from_str_radix(received, 16) == Ok(arc(octets.get(..=end)?));
                return (holds || cfg!(fuzzing)).then_some(Check::Crc);
            }
            _ => Check::None,
        };
        // Seven bits of check are one damage in 64 that passes, and no bits are all of them.
        let data = octets.get(body..end)?;
        let is_well_formed = !data.contains(&START) && Sets::of(data).all(|set| set.is_ok());
        is_well_formed.then_some(check)
    }
}

const fn is_line_end(character: u8) -> bool {
    matches!(character, b'\r' | b'\n')
}
