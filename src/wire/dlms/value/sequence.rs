//! The elements of arrays and structures.

use super::tag::{self, Content, ENUM, I8, I16, OCTETS, STRUCTURE, TEXT, U16, U32, U64, UTF8};
use super::{Bits, Compact, Error, MAX_DEPTH, Value};
use crate::wire::cursor::Reader;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// The elements of an array or structure. It exists only if all of them parsed, so walking it cannot fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequence<'a> {
    count: usize,
    bytes: &'a [u8],
}

impl<'a> Sequence<'a> {
    /// No elements.
    pub const EMPTY: Self = Sequence { count: 0, bytes: &[] };

    /// Reads a count and as many elements.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let count = reader.length()?;
        let elements = reader.rest();
        *reader = skip(count, *reader, MAX_DEPTH - 1)?;
        Ok(Sequence { count, bytes: reader.taken(elements) })
    }

    /// How many elements there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The elements in order.
    pub const fn iter(&self) -> Elements<'a> {
        Elements { reader: Reader::new(self.bytes) }
    }
}

impl<'a> IntoIterator for Sequence<'a> {
    type Item = Value<'a>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

/// Walks a [`Sequence`].
#[derive(Debug, Clone, Copy)]
pub struct Elements<'a> {
    pub(super) reader: Reader<'a>,
}

/// Takes the shapes that lists are made of in one step each. They are inlined: the bound on a frame's cost needs it.
impl<'a> Elements<'a> {
    /// Bytes of the elements not yet taken.
    pub const fn left(&self) -> usize {
        self.reader.rest().len()
    }

    /// Whether the next element is a structure.
    pub fn at_structure(&self) -> bool {
        self.at(STRUCTURE)
    }

    pub(super) fn at(&self, tag: u8) -> bool {
        self.reader.rest().first() == Some(&tag)
    }

    /// Takes the next element if it is an OBIS code: an octet-string of six.
    #[inline]
    pub fn code(&mut self) -> Option<Obis> {
        let (&[OCTETS, 6, ref code @ ..], rest): (&[u8; 8], _) = self.reader.rest().split_first_chunk()?
        else {
            return None;
        };
        self.reader = Reader::new(rest);
        Some(Obis(*code))
    }

    /// Steps into the next element if it is a structure that begins with an OBIS code.
    #[inline]
    pub fn enter_record(&mut self) {
        if let [STRUCTURE, 0..0x80, rest @ ..] = self.reader.rest()
            && let [OCTETS, 6, ..] = rest
        {
            self.reader = Reader::new(rest);
        }
    }

    /// Takes the next element if it is a structure of a scaler and a unit.
    #[inline]
    pub fn scaler(&mut self) -> Option<(i8, Unit)> {
        let (scaler, rest) = scaler(self.reader.rest())?;
        self.reader = Reader::new(rest);
        Some(scaler)
    }

    /// Takes the next element if it is a string of any kind.
    #[inline]
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let (&(OCTETS | TEXT | UTF8), rest) = self.reader.rest().split_first()? else { return None };
        let mut reader = Reader::new(rest);
        let string = reader.counted().ok()?;
        self.reader = reader;
        Some(string)
    }

    fn u32(&mut self) -> Option<i64> {
        let (&[U32, a, b, c, d], rest) = self.reader.rest().split_first_chunk()? else { return None };
        self.reader = Reader::new(rest);
        Some(u32::from_be_bytes([a, b, c, d]).into())
    }

    /// Takes the next element if it is a u32, or a u64 that fits.
    pub fn register(&mut self) -> Option<i64> {
        if let Some(number) = self.u32() {
            return Some(number);
        }
        let (&[U64, a, b, c, d, e, f, g, h], rest) = self.reader.rest().split_first_chunk()? else {
            return None;
        };
        self.reader = Reader::new(rest);
        i64::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h])).ok()
    }

    /// Takes the next element if it is a u16.
    pub fn short(&mut self) -> Option<i64> {
        let (&[U16, a, b], rest) = self.reader.rest().split_first_chunk()? else { return None };
        self.reader = Reader::new(rest);
        Some(u16::from_be_bytes([a, b]).into())
    }

    /// Takes the next element if it is an enum.
    pub fn state(&mut self) -> Option<i64> {
        let (&[ENUM, number], rest) = self.reader.rest().split_first_chunk()? else { return None };
        self.reader = Reader::new(rest);
        Some(number.into())
    }

    /// Takes the next element if it is a whole number of one of the sizes that lists are full of.
    #[inline]
    pub fn number(&mut self) -> Option<i64> {
        if let Some(number) = self.u32() {
            return Some(number);
        }
        let (&[tag, a, b], rest) = self.reader.rest().split_first_chunk()?;
        let number = match tag {
            U16 => u16::from_be_bytes([a, b]).into(),
            I16 => i16::from_be_bytes([a, b]).into(),
            _ => return None,
        };
        self.reader = Reader::new(rest);
        Some(number)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        if self.reader.rest().is_empty() {
            return None;
        }
        // They parsed when the sequence was made: there is no error to drop here.
        let mut reader = self.reader;
        let value = Value::read(&mut reader).ok();
        self.reader = reader;
        value
    }
}

/// The scaler and unit that bytes begin with, if they do, and what follows (Blue Book 4.3.2, scal_unit_type).
fn scaler(bytes: &[u8]) -> Option<((i8, Unit), &[u8])> {
    match bytes.split_first_chunk()? {
        (&[STRUCTURE, 2, I8, exponent, ENUM, unit], rest) => {
            Some(((exponent.cast_signed(), Unit(unit)), rest))
        }
        _ => None,
    }
}

/// Steps over this many values and everything in them. Sequences may contain one another `depth` deep.
fn skip(count: usize, mut reader: Reader<'_>, depth: usize) -> Result<Reader<'_>, Error> {
    for _ in 0..count {
        let tag = reader.u8()?;
        match tag::content(tag).ok_or(Error::Tag(tag))? {
            Content::Bytes(count) => reader.take(count).map(drop)?,
            Content::Counted => reader.counted().map(drop)?,
            Content::Bits => reader = after(reader, Bits::read)?,
            Content::CompactArray => reader = after(reader, Compact::read)?,
            Content::Sequence => {
                let depth = depth.checked_sub(1).ok_or(Error::Depth)?;
                let count = reader.length()?;
                reader = skip(count, reader, depth)?;
            }
        }
    }
    Ok(reader)
}

/// What follows a value of a rare type. It is read from a copy, so that the reader of all others stays in registers.
fn after<'a, T>(
    mut reader: Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Error>,
) -> Result<Reader<'a>, Error> {
    read(&mut reader)?;
    Ok(reader)
}
