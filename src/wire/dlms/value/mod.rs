//! COSEM data: a tag, then a value (Blue Book 4.1.5, A-XDR).

mod described;
mod measure;

use crate::wire::clock::DateTime;
use crate::wire::cursor::{Reader, Truncated, Writer};
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;
pub use described::{Described, Descriptor};
use measure::{COMPACT_ARRAY, UNKNOWN, measure, size_of};

/// A value of any type that COSEM knows. Numbers are big-endian on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// 0: nothing is here.
    Null,
    /// 1: elements of one type.
    Array(Sequence<'a>),
    /// 2: elements of any types.
    Structure(Sequence<'a>),
    /// 3: zero is false; the byte is kept as sent.
    Boolean(u8),
    /// 4: so many bits, the first one highest in the first byte.
    Bits(Bits<'a>),
    /// 5: double-long.
    I32(i32),
    /// 6: double-long-unsigned.
    U32(u32),
    /// 9: octet-string.
    Octets(&'a [u8]),
    /// 10: visible-string.
    Text(&'a [u8]),
    /// 12: utf8-string.
    Utf8(&'a [u8]),
    /// 13: two decimal digits.
    Bcd(u8),
    /// 15: integer.
    I8(i8),
    /// 16: long.
    I16(i16),
    /// 17: unsigned.
    U8(u8),
    /// 18: long-unsigned.
    U16(u16),
    /// 19: an array whose element type is written once.
    Compact(Compact<'a>),
    /// 20: long64.
    I64(i64),
    /// 21: long64-unsigned.
    U64(u64),
    /// 22: enum.
    Enum(u8),
    /// 23: IEEE 754, by its bits.
    F32(u32),
    /// 24: IEEE 754, by its bits.
    F64(u64),
    /// 25: date-time.
    DateTime(DateTime),
    /// 26: date: year, month, day, day of week.
    Date([u8; 5]),
    /// 27: time: hour, minute, second, hundredths.
    Time([u8; 4]),
    /// 255: any value will do; only ever asked for, never sent by a meter.
    DontCare,
}

/// The elements of an array or structure. It exists only if all of them parsed, so walking it cannot fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sequence<'a> {
    count: usize,
    bytes: &'a [u8],
}

/// A bit-string: its last byte may be used in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits<'a> {
    /// How many bits count.
    pub count: usize,
    /// The bytes that hold them.
    pub bytes: &'a [u8],
}

/// A compact-array: the type of an element, and the elements without tags. Nothing we read sends one; it is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compact<'a> {
    /// The type description: a tag, or a tag and the types inside.
    pub description: &'a [u8],
    /// The elements.
    pub contents: &'a [u8],
}

/// Why bytes are not a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// They end too early.
    Truncated,
    /// A tag that stands for no type; 7 and 11 are obsolete and of no known length.
    Tag(u8),
    /// Sequences inside sequences, deeper than any list.
    Depth,
}

impl From<Truncated> for Error {
    fn from(_: Truncated) -> Self {
        Error::Truncated
    }
}

/// A list is an array of structures of structures; twice that is room enough, and bounds the stack.
const MAX_DEPTH: usize = 6;

const ARRAY: u8 = 1;
const STRUCTURE: u8 = 2;
const U32: u8 = 6;
const OCTETS: u8 = 9;
const TEXT: u8 = 10;
const UTF8: u8 = 12;
const I8: u8 = 15;
const I16: u8 = 16;
const U16: u8 = 18;
const COMPACT: u8 = 19;
const U64: u8 = 21;
const ENUM: u8 = 22;

/// The scaler and unit that bytes begin with, if they do, and what lies behind (Blue Book 4.3.2, scal_unit_type).
#[inline]
fn scaler(bytes: &[u8]) -> Option<((i8, Unit), &[u8])> {
    match bytes.split_first_chunk()? {
        (&[STRUCTURE, 2, I8, exponent, ENUM, unit], behind) => {
            Some(((exponent.cast_signed(), Unit(unit)), behind))
        }
        _ => None,
    }
}

fn bits<'a>(reader: &mut Reader<'a>) -> Result<Bits<'a>, Error> {
    let count = reader.length()?;
    let bytes = reader.take(count.div_ceil(8))?;
    Ok(Bits { count, bytes })
}

fn compact<'a>(reader: &mut Reader<'a>) -> Result<Compact<'a>, Error> {
    let all = reader.rest();
    skip_description(reader, MAX_DEPTH)?;
    let description = all.get(..all.len() - reader.rest().len()).unwrap_or_default();
    let length = reader.length()?;
    Ok(Compact { description, contents: reader.take(length)? })
}

/// An array's description has a count of two bytes and one type, a structure's a count and as many types.
fn skip_description(reader: &mut Reader<'_>, depth: usize) -> Result<(), Error> {
    let depth = depth.checked_sub(1).ok_or(Error::Depth)?;
    match reader.u8()? {
        ARRAY => {
            reader.u16()?;
            skip_description(reader, depth)
        }
        STRUCTURE => {
            let count = reader.length()?;
            (0..count).try_for_each(|_| skip_description(reader, depth))
        }
        tag => match size_of(tag) {
            UNKNOWN | COMPACT_ARRAY => Err(Error::Tag(tag)),
            _ => Ok(()),
        },
    }
}

impl<'a> Sequence<'a> {
    /// No elements.
    pub const EMPTY: Self = Sequence { count: 0, bytes: &[] };

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let count = reader.length()?;
        let length = measure(reader.rest(), count)?;
        Ok(Sequence { count, bytes: reader.take(length)? })
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
    #[inline]
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
    reader: Reader<'a>,
}

/// The shapes that lists are made of, taken in one step where they stand.
impl<'a> Elements<'a> {
    /// Bytes of the elements not yet taken.
    #[inline]
    pub const fn left(&self) -> usize {
        self.reader.rest().len()
    }

    /// Whether the next element is a structure.
    #[inline]
    pub fn at_structure(&self) -> bool {
        self.at(STRUCTURE)
    }

    #[inline]
    fn at(&self, tag: u8) -> bool {
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

    /// Takes the next element if it describes another.
    fn descriptor(&mut self) -> Option<Descriptor> {
        Descriptor::take(&mut self.reader)
    }

    /// Takes the next element if it is a string of any kind.
    #[inline]
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let (&(OCTETS | TEXT | UTF8), rest) = self.reader.rest().split_first()? else { return None };
        let mut reader = Reader::new(rest);
        let string = counted(&mut reader).ok()?;
        self.reader = reader;
        Some(string)
    }

    #[inline]
    fn u32(&mut self) -> Option<i64> {
        let (&[U32, a, b, c, d], rest) = self.reader.rest().split_first_chunk()? else { return None };
        self.reader = Reader::new(rest);
        Some(u32::from_be_bytes([a, b, c, d]).into())
    }

    /// Takes the next element if it is a u32, or a u64 that fits.
    #[inline]
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

impl<'a> Value<'a> {
    /// Reads one value and leaves the reader behind it.
    #[inline]
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let tag = reader.u8()?;
        Ok(match tag {
            0 => Value::Null,
            ARRAY => Value::Array(Sequence::read(reader)?),
            STRUCTURE => Value::Structure(Sequence::read(reader)?),
            3 => Value::Boolean(reader.u8()?),
            4 => Value::Bits(bits(reader)?),
            5 => Value::I32(reader.u32()?.cast_signed()),
            U32 => Value::U32(reader.u32()?),
            OCTETS => Value::Octets(counted(reader)?),
            TEXT => Value::Text(counted(reader)?),
            UTF8 => Value::Utf8(counted(reader)?),
            13 => Value::Bcd(reader.u8()?),
            I8 => Value::I8(reader.u8()?.cast_signed()),
            I16 => Value::I16(reader.u16()?.cast_signed()),
            17 => Value::U8(reader.u8()?),
            U16 => Value::U16(reader.u16()?),
            COMPACT => Value::Compact(compact(reader)?),
            20 => Value::I64(i64::from_be_bytes(reader.array()?)),
            U64 => Value::U64(u64::from_be_bytes(reader.array()?)),
            ENUM => Value::Enum(reader.u8()?),
            23 => Value::F32(reader.u32()?),
            24 => Value::F64(u64::from_be_bytes(reader.array()?)),
            25 => Value::DateTime(DateTime(reader.array()?)),
            26 => Value::Date(reader.array()?),
            27 => Value::Time(reader.array()?),
            255 => Value::DontCare,
            _ => return Err(Error::Tag(tag)),
        })
    }

    /// Writes the value with its tag. Lengths come out in their shortest form.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        writer.u8(self.tag());
        match *self {
            Value::Null | Value::DontCare => {}
            Value::Array(sequence) | Value::Structure(sequence) => {
                writer.length(sequence.count);
                sequence.iter().for_each(|element| element.emit(writer));
            }
            Value::Boolean(byte) | Value::Bcd(byte) | Value::U8(byte) | Value::Enum(byte) => writer.u8(byte),
            Value::Bits(bits) => {
                writer.length(bits.count);
                writer.bytes(bits.bytes);
            }
            Value::Compact(compact) => {
                writer.bytes(compact.description);
                emit_counted(writer, compact.contents);
            }
            Value::Octets(bytes) | Value::Text(bytes) | Value::Utf8(bytes) => emit_counted(writer, bytes),
            Value::I8(number) => writer.u8(number.cast_unsigned()),
            Value::I16(number) => writer.u16(number.cast_unsigned()),
            Value::U16(number) => writer.u16(number),
            Value::I32(number) => writer.u32(number.cast_unsigned()),
            Value::U32(number) | Value::F32(number) => writer.u32(number),
            Value::I64(number) => writer.bytes(&number.to_be_bytes()),
            Value::U64(number) | Value::F64(number) => writer.bytes(&number.to_be_bytes()),
            Value::DateTime(DateTime(bytes)) => writer.bytes(&bytes),
            Value::Date(bytes) => writer.bytes(&bytes),
            Value::Time(bytes) => writer.bytes(&bytes),
        }
    }

    const fn tag(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Array(_) => ARRAY,
            Value::Structure(_) => STRUCTURE,
            Value::Boolean(_) => 3,
            Value::Bits(_) => 4,
            Value::I32(_) => 5,
            Value::U32(_) => U32,
            Value::Octets(_) => OCTETS,
            Value::Text(_) => TEXT,
            Value::Utf8(_) => UTF8,
            Value::Bcd(_) => 13,
            Value::I8(_) => I8,
            Value::I16(_) => I16,
            Value::U8(_) => 17,
            Value::U16(_) => U16,
            Value::Compact(_) => COMPACT,
            Value::I64(_) => 20,
            Value::U64(_) => U64,
            Value::Enum(_) => ENUM,
            Value::F32(_) => 23,
            Value::F64(_) => 24,
            Value::DateTime(_) => 25,
            Value::Date(_) => 26,
            Value::Time(_) => 27,
            Value::DontCare => 255,
        }
    }

    /// The whole number it is, if it is one that fits.
    #[inline]
    pub fn integer(&self) -> Option<i64> {
        Some(match *self {
            Value::I8(number) => number.into(),
            Value::I16(number) => number.into(),
            Value::I32(number) => number.into(),
            Value::I64(number) => number,
            Value::U8(number) | Value::Enum(number) => number.into(),
            Value::U16(number) => number.into(),
            Value::U32(number) => number.into(),
            Value::U64(number) => i64::try_from(number).ok()?,
            _ => return None,
        })
    }

    /// The bytes of a string of any kind.
    #[inline]
    pub const fn string(&self) -> Option<&'a [u8]> {
        match *self {
            Value::Octets(bytes) | Value::Text(bytes) | Value::Utf8(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The elements of an array or structure.
    pub const fn sequence(&self) -> Option<Sequence<'a>> {
        match *self {
            Value::Array(sequence) | Value::Structure(sequence) => Some(sequence),
            _ => None,
        }
    }
}

#[inline]
fn counted<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Error> {
    let length = reader.length()?;
    Ok(reader.take(length)?)
}

fn emit_counted(writer: &mut Writer<'_>, bytes: &[u8]) {
    writer.length(bytes.len());
    writer.bytes(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<(Value<'_>, usize), Error> {
        let mut reader = Reader::new(bytes);
        let value = Value::read(&mut reader)?;
        Ok((value, reader.rest().len()))
    }

    /// Parses to the value, emits the bytes again, and fails when cut anywhere.
    #[track_caller]
    fn check(bytes: &[u8], value: Value<'_>) {
        assert_eq!(parse(bytes), Ok((value, 0)));
        let mut buffer = [0; 256];
        let mut writer = Writer::new(&mut buffer);
        value.emit(&mut writer);
        assert_eq!(writer.written(), bytes);
        for end in 0..bytes.len() {
            assert_eq!(parse(&bytes[..end]), Err(Error::Truncated), "cut after {end} bytes");
        }
        assert_eq!(measure(bytes, 1), Ok(bytes.len()), "measuring sees what reading takes");
    }

    #[test]
    fn every_type_of_the_table() {
        check(&[0], Value::Null);
        check(&[3, 1], Value::Boolean(1));
        check(&[4, 11, 0xFF, 0xE0], Value::Bits(Bits { count: 11, bytes: &[0xFF, 0xE0] }));
        check(&[5, 0xFF, 0xFF, 0xFF, 0xFE], Value::I32(-2));
        check(&[6, 0xFF, 0xFF, 0xFF, 0xFE], Value::U32(0xFFFF_FFFE));
        check(&[9, 3, 1, 2, 3], Value::Octets(&[1, 2, 3]));
        check(&[10, 2, b'h', b'i'], Value::Text(b"hi"));
        check(&[12, 2, 0xC3, 0xA6], Value::Utf8("æ".as_bytes()));
        check(&[13, 0x42], Value::Bcd(0x42));
        check(&[15, 0xFF], Value::I8(-1));
        check(&[16, 0xFF, 0xFE], Value::I16(-2));
        check(&[17, 0xFF], Value::U8(255));
        check(&[18, 0xFF, 0xFE], Value::U16(0xFFFE));
        check(&[20, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE], Value::I64(-2));
        check(&[21, 0xFF, 0, 0, 0, 0, 0, 0, 1], Value::U64(0xFF00_0000_0000_0001));
        check(&[22, 27], Value::Enum(27));
        check(&[23, 0x41, 0x20, 0, 0], Value::F32(0x4120_0000));
        check(&[24, 0x40, 0x24, 0, 0, 0, 0, 0, 0], Value::F64(0x4024_0000_0000_0000));
        let clock = DateTime([7, 0xE8, 10, 1, 2, 19, 0, 10, 0xFF, 0x80, 0, 0]);
        check(&[&[25][..], &clock.0].concat(), Value::DateTime(clock));
        check(&[26, 7, 0xE8, 10, 1, 2], Value::Date([7, 0xE8, 10, 1, 2]));
        check(&[27, 19, 0, 10, 0xFF], Value::Time([19, 0, 10, 0xFF]));
        check(&[255], Value::DontCare);
    }

    #[test]
    fn sequences_hold_their_elements() {
        let (array, _) = parse(&[1, 2, 2, 2, 17, 1, 0, 2, 0]).unwrap();
        check(&[1, 2, 2, 2, 17, 1, 0, 2, 0], array);
        let sequence = array.sequence().unwrap();
        assert_eq!((sequence.len(), sequence.is_empty()), (2, false));
        let inner: Vec<_> = sequence.iter().map(|element| element.sequence().unwrap().len()).collect();
        assert_eq!(inner, [2, 0]);
        let (empty, _) = parse(&[2, 0]).unwrap();
        assert!(empty.sequence().unwrap().is_empty());
        assert_eq!(parse(&[2, 1, 17, 1, 0xAA]).unwrap().1, 1, "what follows is not taken");
    }

    #[test]
    fn compact_arrays_are_stepped_over_whole() {
        for bytes in [
            &[19, 18, 4, 0, 1, 0, 2][..],
            &[19, 2, 2, 18, 17, 6, 0, 1, 2, 0, 3, 4],
            &[19, 1, 0, 2, 17, 2, 8, 9],
        ] {
            let (value, rest) = parse(bytes).unwrap();
            assert!(matches!(value, Value::Compact(_)) && rest == 0);
            check(bytes, value);
        }
        assert_eq!(parse(&[19, 99, 0]), Err(Error::Tag(99)));
        assert_eq!(
            parse(&[19, 19, 18, 0]),
            Err(Error::Tag(19)),
            "no compact-array inside the description of one"
        );
    }

    #[test]
    fn unknown_tags_are_named_at_any_depth() {
        for tag in (0..=255).filter(|&tag| size_of(tag) == UNKNOWN) {
            assert_eq!(parse(&[tag, 0, 0, 0, 0, 0]), Err(Error::Tag(tag)));
            assert_eq!(parse(&[2, 1, tag, 0, 0, 0, 0]), Err(Error::Tag(tag)));
        }
        assert_eq!([size_of(7), size_of(11)], [UNKNOWN; 2], "obsolete, of no known length");
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| [[2, 1].repeat(depth), vec![0]].concat();
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(Error::Depth));
        assert_eq!(parse(&nested(1000)), Err(Error::Depth));
        assert_eq!(parse(&[&[19][..], &[1, 0, 1].repeat(1000), &[17, 0]].concat()), Err(Error::Depth));
    }

    #[test]
    fn lists_are_taken_in_steps() {
        let body = [
            2, 5, 2, 3, 9, 6, 1, 0, 1, 7, 0, 255, 6, 0, 0, 1, 2, 2, 2, 15, 0xFF, 22, 27, 18, 0, 7, 16, 0xFF,
            0xFE,
        ];
        let body = [&body[..], &[17, 5, 9, 6, 1, 2, 3, 4, 5, 6]].concat();
        let (value, _) = parse(&body).unwrap();
        let mut elements = value.sequence().unwrap().iter();
        assert_eq!((elements.code(), elements.scaler(), elements.number()), (None, None, None));
        assert!(elements.at_structure() && elements.left() == body.len() - 2);
        elements.enter_record();
        assert!(!elements.at_structure());
        assert_eq!(elements.code(), Some(Obis([1, 0, 1, 7, 0, 255])));
        assert_eq!(elements.number(), Some(0x102));
        assert_eq!(elements.scaler(), Some((-1, Unit::W)));
        assert_eq!(elements.register(), None, "a u16 is no register");
        assert_eq!((elements.number(), elements.number(), elements.number()), (Some(7), Some(-2), None));
        assert_eq!(elements.next(), Some(Value::U8(5)));
        assert_eq!(elements.string(), Some(&[1, 2, 3, 4, 5, 6][..]));
        assert_eq!((elements.left(), elements.string(), elements.next()), (0, None, None));
        let (strings, _) = parse(&[2, 4, 10, 1, b'a', 12, 1, b'b', 9, 0, 17, 5]).unwrap();
        let mut elements = strings.sequence().unwrap().iter();
        assert_eq!((elements.string(), elements.string()), (Some(&b"a"[..]), Some(&b"b"[..])));
        assert_eq!((elements.string(), elements.string()), (Some(&b""[..]), None));
        assert_eq!(elements.next(), Some(Value::U8(5)), "what is no string is not taken");
        let wide = [2, 2, 21, 0, 0, 0, 1, 0, 0, 0, 0, 21, 255, 0, 0, 0, 0, 0, 0, 0];
        let mut elements = parse(&wide).unwrap().0.sequence().unwrap().iter();
        assert_eq!((elements.register(), elements.register()), (Some(1 << 32), None));
    }

    #[test]
    fn only_whole_numbers_that_fit_are_integers() {
        assert_eq!(Value::U64(u64::MAX).integer(), None);
        assert_eq!(Value::U64(5).integer(), Some(5));
        assert_eq!(Value::I16(-5).integer(), Some(-5));
        assert_eq!(Value::Enum(5).integer(), Some(5));
        for other in [Value::Null, Value::Octets(&[5]), Value::F32(5), Value::Bcd(5), Value::Boolean(1)] {
            assert_eq!(other.integer(), None, "{other:?}");
        }
        assert_eq!(Value::Utf8(b"a").string(), Some(&b"a"[..]));
        assert_eq!(Value::U8(1).string(), None);
    }
}
