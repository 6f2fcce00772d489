//! The values of SML: a type and a length, then bytes or elements.
//!
//! ```text
//! M TTT LLLL   M: another byte of the length follows, T: type, L: length, its highest part first
//! ```
//!
//! A list's length counts elements, any other one bytes, those of type and length included.

use super::Error;
use crate::wire::cursor::{Reader, Writer};
use crate::wire::obis::Obis;

/// A value of any type that SML knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// 0: bytes. No bytes at all also say that an optional value is not there.
    Octets(&'a [u8]),
    /// 4: zero is false; the byte is kept as sent.
    Boolean(u8),
    /// 5, signed, and 6, unsigned.
    Integer(Integer<'a>),
    /// 7: elements of any types.
    List(Sequence<'a>),
}

/// A whole number as it was sent: big-endian, in one to eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer<'a> {
    /// Whether its highest bit is a sign.
    pub signed: bool,
    /// Its bytes; leading ones without meaning may be omitted.
    pub bytes: &'a [u8],
}

/// The elements of a list. It exists only if all of them parsed, so walking it cannot fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequence<'a> {
    count: usize,
    bytes: &'a [u8],
}

const OCTETS: u8 = 0;
const BOOLEAN: u8 = 4;
const SIGNED: u8 = 5;
const UNSIGNED: u8 = 6;
const LIST: u8 = 7;

const MORE: u8 = 0x80;
const TYPE: u8 = 0x70;
const LENGTH: u8 = 0x0F;
/// Bytes of the longest length: four of them reach beyond any file.
const LONGEST: usize = 4;

impl<'a> Value<'a> {
    /// An optional value that is not there.
    pub const ABSENT: Self = Value::Octets(&[]);

    /// Reads one value with all that is in it.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let Head { kind, length } = Head::read(reader)?;
        if kind == LIST {
            return Sequence::read(length, reader).map(Value::List);
        }
        let bytes = reader.take(length)?;
        Ok(match (kind, bytes) {
            (BOOLEAN, &[byte]) => Value::Boolean(byte),
            (SIGNED, _) => Value::Integer(Integer::signed(bytes)),
            (UNSIGNED, _) => Value::Integer(Integer::unsigned(bytes)),
            _ => Value::Octets(bytes),
        })
    }

    /// Writes the value, its lengths as short as they can be.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        let (kind, length, bytes) = match self {
            Value::Octets(bytes) => (OCTETS, bytes.len(), *bytes),
            Value::Boolean(byte) => (BOOLEAN, 1, core::slice::from_ref(byte)),
            Value::Integer(Integer { signed: true, bytes }) => (SIGNED, bytes.len(), *bytes),
            Value::Integer(Integer { signed: false, bytes }) => (UNSIGNED, bytes.len(), *bytes),
            Value::List(Sequence { count, bytes }) => (LIST, *count, *bytes),
        };
        Head::emit(kind, length, writer);
        writer.bytes(bytes);
    }

    /// Whether it is an optional value that is not there.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Value::Octets([]))
    }

    /// The bytes, if it is a string of them; empty if it is absent.
    pub const fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Value::Octets(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The code, if it is a string of six bytes.
    pub fn obis(&self) -> Option<Obis> {
        self.bytes()?.try_into().ok().map(Obis)
    }

    /// The whole number, if it is one.
    pub const fn integer(&self) -> Option<Integer<'a>> {
        match self {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The elements, if it is a list of just so many.
    pub fn elements<const N: usize>(&self) -> Option<[Value<'a>; N]> {
        let Value::List(sequence) = self else { return None };
        let mut elements = sequence.iter();
        (sequence.count == N).then(|| core::array::from_fn(|_| elements.next().unwrap_or(Value::ABSENT)))
    }
}

/// A value's type, and how many bytes or elements follow: as many as values of the type have.
struct Head {
    kind: u8,
    length: usize,
}

impl Head {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let first = reader.u8()?;
        let (mut last, mut taken) = (first, 1);
        let mut length = usize::from(first & LENGTH);
        while last & MORE != 0 {
            last = reader.u8()?;
            taken += 1;
            if last & TYPE != 0 || taken > LONGEST {
                return Err(Error::Type(first));
            }
            length = length << 4 | usize::from(last & LENGTH);
        }
        let kind = (first & TYPE) >> 4;
        if kind == LIST {
            return Ok(Head { kind, length });
        }
        // Only the end of a message is shorter than its own length field.
        let length = length.checked_sub(taken).ok_or(Error::Type(first))?;
        match (kind, length) {
            (OCTETS, _) | (BOOLEAN, 1) | (SIGNED | UNSIGNED, 1..=8) => Ok(Head { kind, length }),
            _ => Err(Error::Type(first)),
        }
    }

    fn emit(kind: u8, length: usize, writer: &mut Writer<'_>) {
        let counted = |bytes: usize| if kind == LIST { length } else { length + bytes };
        let bytes = (1..LONGEST).find(|&bytes| counted(bytes) >> (4 * bytes) == 0).unwrap_or(LONGEST);
        for place in (0..bytes).rev() {
            let more = if place > 0 { MORE } else { 0 };
            let kind = if place + 1 == bytes { kind << 4 } else { 0 };
            writer.u8(more | kind | (counted(bytes) >> (4 * place)) as u8 & LENGTH);
        }
    }
}

impl<'a> Integer<'a> {
    /// A whole number without a sign.
    pub const fn unsigned(bytes: &'a [u8]) -> Self {
        Integer { signed: false, bytes }
    }

    /// A whole number that may be negative.
    pub const fn signed(bytes: &'a [u8]) -> Self {
        Integer { signed: true, bytes }
    }

    /// Its value; `None` if that is beyond 63 bits and a sign.
    pub fn value(self) -> Option<i64> {
        if self.bytes.len() > 8 {
            return None;
        }
        let negative = self.signed && self.bytes.first().is_some_and(|byte| byte & 0x80 != 0);
        let before = if negative { u64::MAX } else { 0 };
        let bits = self.bytes.iter().fold(before, |bits, &byte| bits << 8 | u64::from(byte));
        if self.signed { Some(bits.cast_signed()) } else { i64::try_from(bits).ok() }
    }

    /// Its value as a number of another type, if it fits.
    pub fn fit<T: TryFrom<i64>>(self) -> Option<T> {
        T::try_from(self.value()?).ok()
    }
}

impl<'a> Sequence<'a> {
    /// No elements.
    pub const EMPTY: Self = Sequence { count: 0, bytes: &[] };

    /// The elements that bytes are, from the first to the last.
    pub fn parse(count: usize, bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        let sequence = Sequence::read(count, &mut reader)?;
        if reader.rest().is_empty() { Ok(sequence) } else { Err(Error::Trailing) }
    }

    /// Steps over so many elements and all in them, without a stack: it only counts how many are still to come.
    pub(super) fn read(count: usize, reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = reader.rest();
        let mut to_come = count;
        while let Some(behind) = to_come.checked_sub(1) {
            let Head { kind, length } = Head::read(reader)?;
            to_come = if kind == LIST {
                behind.saturating_add(length)
            } else {
                reader.take(length)?;
                behind
            };
        }
        Ok(Sequence { count, bytes: reader.taken(start) })
    }

    /// Takes the head of a list whose elements are to be read next, and returns how many there are; `None` takes nothing,
    /// because what comes next is no list.
    pub fn enter(reader: &mut Reader<'_>) -> Result<Option<usize>, Error> {
        let mut behind = *reader;
        let Head { kind, length } = Head::read(&mut behind)?;
        if kind != LIST {
            return Ok(None);
        }
        *reader = behind;
        Ok(Some(length))
    }

    /// Takes the head of a list of just so many elements.
    pub(super) fn enter_exactly(count: usize, reader: &mut Reader<'_>) -> Result<(), Error> {
        if Sequence::enter(reader)? == Some(count) { Ok(()) } else { Err(Error::Form) }
    }

    /// Begins a list of so many elements, which are to be written next.
    pub fn open(count: usize, writer: &mut Writer<'_>) {
        Head::emit(LIST, count, writer);
    }

    /// Writes a list of these elements.
    pub fn emit(elements: &[Value<'_>], writer: &mut Writer<'_>) {
        Sequence::open(elements.len(), writer);
        elements.iter().for_each(|element| element.emit(writer));
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether it has no elements.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Walks them.
    pub const fn iter(&self) -> Elements<'a> {
        Elements { left: self.count, reader: Reader::new(self.bytes) }
    }
}

impl<'a> IntoIterator for Sequence<'a> {
    type Item = Value<'a>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

/// The elements still to come of a list.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'a> {
    left: usize,
    reader: Reader<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.left = self.left.checked_sub(1)?;
        Value::read(&mut self.reader).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Value<'_>, Error> {
        let mut reader = Reader::new(bytes);
        let value = Value::read(&mut reader)?;
        assert!(reader.rest().is_empty(), "{bytes:02x?}");
        Ok(value)
    }

    fn emitted(value: &Value<'_>) -> Vec<u8> {
        let mut buffer = [0; 0x2000];
        let mut writer = Writer::new(&mut buffer);
        value.emit(&mut writer);
        writer.written().to_vec()
    }

    #[test]
    fn whole_numbers_of_any_width() {
        for (bytes, value) in [
            (&[0x52, 0x80][..], Some(-128)),
            (&[0x62, 0x80], Some(128)),
            (&[0x53, 0x8B, 0x28], Some(-29_912)),
            (&[0x63, 0x8B, 0x28], Some(35_624)),
            (&[0x54, 0xFE, 0xCB, 0xFD], Some(-78_851)),
            (&[0x56, 0x01, 0, 0, 0, 0], Some(1 << 32)),
            (&[0x59, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE], Some(-2)),
            (&[0x69, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Some(i64::MAX)),
            (&[0x69, 0x80, 0, 0, 0, 0, 0, 0, 0], None),
        ] {
            let Ok(Value::Integer(integer)) = read(bytes) else { panic!("{bytes:02x?}") };
            assert_eq!(integer.value(), value, "{bytes:02x?}");
            assert_eq!(emitted(&Value::Integer(integer)), bytes);
        }
        assert_eq!(Integer::unsigned(&[1; 9]).value(), None);
        assert_eq!(
            (Integer::unsigned(&[200]).fit::<i8>(), Integer::signed(&[200]).fit::<i8>()),
            (None, Some(-56))
        );
    }

    #[test]
    fn lengths_of_every_form() {
        for (length, head) in [
            (0, &[0x01][..]),
            (14, &[0x0F]),
            (15, &[0x81, 0x01]),
            (48, &[0x83, 0x02]),
            (253, &[0x8F, 0x0F]),
            (254, &[0x81, 0x80, 0x01]),
            (4092, &[0x8F, 0x8F, 0x0F]),
            (4093, &[0x81, 0x80, 0x80, 0x01]),
        ] {
            let bytes = [head, &vec![7; length]].concat();
            assert_eq!(read(&bytes), Ok(Value::Octets(&vec![7; length])), "{length}");
            assert_eq!(emitted(&Value::Octets(&vec![7; length])), bytes, "{length}");
        }
        for (count, head) in [(0, &[0x70][..]), (15, &[0x7F]), (16, &[0xF1, 0x00]), (21, &[0xF1, 0x05])] {
            let elements = vec![0x01; count];
            let value = Value::List(Sequence::parse(count, &elements).unwrap());
            assert_eq!(emitted(&value), [head, &elements].concat());
            assert_eq!(read(&emitted(&value)), Ok(value));
        }
        assert_eq!(read(&[0x80, 0x04, 1, 2]), Ok(Value::Octets(&[1, 2])), "longer written than it need be");
    }

    #[test]
    fn lists_in_lists() {
        let bytes = [0x73, 0x62, 5, 0x72, 0x42, 1, 0x70, 0x02, 9];
        let Ok(value @ Value::List(list)) = read(&bytes) else { panic!() };
        assert_eq!((list.len(), list.is_empty(), list.into_iter().count()), (3, false, 3));
        let [five, inner, nine] = value.elements().unwrap();
        assert_eq!((five.integer().and_then(Integer::fit), nine.bytes()), (Some(5), Some(&[9][..])));
        assert_eq!(inner.elements().map(|[flag, _]| flag), Some(Value::Boolean(1)));
        assert_eq!(value.elements::<2>(), None);
        assert_eq!(emitted(&value), bytes);
        assert!(Value::ABSENT.is_absent() && !nine.is_absent());
    }

    #[test]
    fn what_is_no_value_says_why() {
        for (bytes, error) in [
            (&[][..], Error::Truncated),
            (&[0x00], Error::Type(0)),
            (&[0x03, 1], Error::Truncated),
            (&[0x61], Error::Type(0x61)),
            (&[0x5A, 0, 0, 0, 0, 0, 0, 0, 0, 0], Error::Type(0x5A)),
            (&[0x43, 0, 0], Error::Type(0x43)),
            (&[0x12, 0], Error::Type(0x12)),
            (&[0x81], Error::Truncated),
            (&[0x81, 0x71], Error::Type(0x81)),
            (&[0x80, 0x80, 0x80, 0x80, 0x01], Error::Type(0x80)),
            (&[0x72, 0x01], Error::Truncated),
            (&[0x71, 0x00], Error::Type(0)),
            (&[0xFF, 0x8F, 0x8F, 0x0F, 0x70], Error::Truncated),
        ] {
            assert_eq!(read(bytes), Err(error), "{bytes:02x?}");
        }
        assert_eq!(Sequence::parse(1, &[0x01, 0x01]), Err(Error::Trailing));
    }

    #[test]
    fn no_depth_needs_a_stack() {
        let mut bytes = vec![0x71; 1 << 20];
        assert_eq!(read(&bytes), Err(Error::Truncated));
        bytes.push(0x01);
        assert!(read(&bytes).is_ok());
    }
}
