//! COSEM data: a tag, then a value (Blue Book 4.1.5, A-XDR).

mod compact;
mod described;
mod sequence;
mod tag;

use core::fmt;

use crate::wire::clock::DateTime;
use crate::wire::cursor::{Reader, Truncated, Writer};
pub use compact::Compact;
pub use described::{Described, Descriptor, Scaling};
pub use sequence::{Elements, Sequence};

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
    /// 255: any value; only used in requests, never sent by a meter.
    DontCare,
}

/// A bit-string: its last byte may be used in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits<'a> {
    /// How many bits count.
    pub count: usize,
    /// The bytes that hold them.
    pub bytes: &'a [u8],
}

/// Why bytes are not a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// They end too early.
    Truncated,
    /// A tag without a type; 7 and 11 are obsolete and of unknown length.
    Tag(u8),
    /// Sequences inside sequences, deeper than any list.
    Depth,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Truncated => f.write_str("ends here, in the middle of a value"),
            Error::Tag(tag) => write!(f, "0x{tag:02x} is not a type of value"),
            Error::Depth => f.write_str("sequences contain one another, deeper than in any list"),
        }
    }
}

impl From<Truncated> for Error {
    fn from(_: Truncated) -> Self {
        Error::Truncated
    }
}

/// A list is an array of structures of structures. Twice that is enough, and limits the recursion.
const MAX_DEPTH: usize = 6;

impl<'a> Bits<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let count = reader.length()?;
        let bytes = reader.take(count.div_ceil(8))?;
        Ok(Bits { count, bytes })
    }
}

impl<'a> Value<'a> {
    /// Reads one value and leaves the reader after it.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let tag = reader.u8()?;
        Ok(match tag {
            tag::NULL => Value::Null,
            tag::ARRAY => Value::Array(Sequence::read(reader)?),
            tag::STRUCTURE => Value::Structure(Sequence::read(reader)?),
            tag::BOOLEAN => Value::Boolean(reader.u8()?),
            tag::BITS => Value::Bits(Bits::read(reader)?),
            tag::I32 => Value::I32(reader.u32()?.cast_signed()),
            tag::U32 => Value::U32(reader.u32()?),
            tag::OCTETS => Value::Octets(reader.counted()?),
            tag::TEXT => Value::Text(reader.counted()?),
            tag::UTF8 => Value::Utf8(reader.counted()?),
            tag::BCD => Value::Bcd(reader.u8()?),
            tag::I8 => Value::I8(reader.u8()?.cast_signed()),
            tag::I16 => Value::I16(reader.u16()?.cast_signed()),
            tag::U8 => Value::U8(reader.u8()?),
            tag::U16 => Value::U16(reader.u16()?),
            tag::COMPACT => Value::Compact(Compact::read(reader)?),
            tag::I64 => Value::I64(i64::from_be_bytes(reader.array()?)),
            tag::U64 => Value::U64(u64::from_be_bytes(reader.array()?)),
            tag::ENUM => Value::Enum(reader.u8()?),
            tag::F32 => Value::F32(reader.u32()?),
            tag::F64 => Value::F64(u64::from_be_bytes(reader.array()?)),
            tag::DATE_TIME => Value::DateTime(DateTime(reader.array()?)),
            tag::DATE => Value::Date(reader.array()?),
            tag::TIME => Value::Time(reader.array()?),
            tag::DONT_CARE => Value::DontCare,
            _ => return Err(Error::Tag(tag)),
        })
    }

    /// Writes the value with its tag. Lengths come out in their shortest form.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        writer.u8(self.tag());
        match *self {
            Value::Null | Value::DontCare => {}
            Value::Array(sequence) | Value::Structure(sequence) => {
                writer.length(sequence.len());
                sequence.iter().for_each(|element| element.emit(writer));
            }
            Value::Boolean(byte) | Value::Bcd(byte) | Value::U8(byte) | Value::Enum(byte) => writer.u8(byte),
            Value::Bits(bits) => {
                writer.length(bits.count);
                writer.bytes(bits.bytes);
            }
            Value::Compact(compact) => {
                writer.bytes(compact.description);
                writer.counted(compact.contents);
            }
            Value::Octets(bytes) | Value::Text(bytes) | Value::Utf8(bytes) => writer.counted(bytes),
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
            Value::Null => tag::NULL,
            Value::Array(_) => tag::ARRAY,
            Value::Structure(_) => tag::STRUCTURE,
            Value::Boolean(_) => tag::BOOLEAN,
            Value::Bits(_) => tag::BITS,
            Value::I32(_) => tag::I32,
            Value::U32(_) => tag::U32,
            Value::Octets(_) => tag::OCTETS,
            Value::Text(_) => tag::TEXT,
            Value::Utf8(_) => tag::UTF8,
            Value::Bcd(_) => tag::BCD,
            Value::I8(_) => tag::I8,
            Value::I16(_) => tag::I16,
            Value::U8(_) => tag::U8,
            Value::U16(_) => tag::U16,
            Value::Compact(_) => tag::COMPACT,
            Value::I64(_) => tag::I64,
            Value::U64(_) => tag::U64,
            Value::Enum(_) => tag::ENUM,
            Value::F32(_) => tag::F32,
            Value::F64(_) => tag::F64,
            Value::DateTime(_) => tag::DATE_TIME,
            Value::Date(_) => tag::DATE,
            Value::Time(_) => tag::TIME,
            Value::DontCare => tag::DONT_CARE,
        }
    }

    /// The whole number it is, if it is one that fits. An enum is none: it stands for a state.
    pub fn integer(&self) -> Option<i64> {
        Some(match *self {
            Value::I8(number) => number.into(),
            Value::I16(number) => number.into(),
            Value::I32(number) => number.into(),
            Value::I64(number) => number,
            Value::U8(number) => number.into(),
            Value::U16(number) => number.into(),
            Value::U32(number) => number.into(),
            Value::U64(number) => i64::try_from(number).ok()?,
            _ => return None,
        })
    }

    /// The bytes of a string of any kind.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::obis::Obis;
    use crate::wire::unit::Unit;

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
        for tag in [7, 8, 11, 14, 28, 60, 254] {
            assert_eq!(parse(&[tag, 0, 0, 0, 0, 0]), Err(Error::Tag(tag)));
            assert_eq!(parse(&[2, 1, tag, 0, 0, 0, 0]), Err(Error::Tag(tag)));
            assert_eq!(parse(&[19, tag, 0]), Err(Error::Tag(tag)));
        }
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
    fn sequences_end_where_their_last_element_ends() {
        let scaled = [2, 3, 9, 1, 7, 18, 0, 1, 2, 2, 15, 0, 22, 27];
        let bytes = [&[2, 4, 1, 2][..], &scaled, &scaled, &[0, 17, 5, 2, 1, 2, 0, 0xAA, 0xBB]].concat();
        assert_eq!(parse(&bytes).map(|(_, rest)| rest), Ok(2));
        assert_eq!(parse(&bytes[..bytes.len() - 3]), Err(Error::Truncated));
        assert_eq!(
            parse(&[2, 1, 2, 0, 0, 0]).map(|(_, rest)| rest),
            Ok(2),
            "an empty sequence within another"
        );
    }

    #[test]
    fn lengths_may_be_long() {
        let parsed = |bytes: &[u8]| parse(bytes).map(|(_, rest)| rest);
        assert_eq!(parsed(&[&[2, 1, 9, 0x81, 200][..], &[7; 200]].concat()), Ok(0));
        assert_eq!(parsed(&[&[2, 0x82, 0, 130][..], &[0; 130]].concat()), Ok(0));
        assert_eq!(parsed(&[2, 1, 9, 0x83, 0, 0, 1]), Err(Error::Truncated));
        assert_eq!(parsed(&[2, 1, 9]), Err(Error::Truncated));
    }

    #[test]
    fn a_scaler_is_as_deep_as_any_sequence() {
        let within = |depth: usize, inside: &[u8]| parse(&[&[2, 1].repeat(depth), inside].concat()).map(drop);
        for inside in [&[2, 2, 15, 0, 22, 27][..], &[2, 2, 15, 0, 17, 27], &[2, 0]] {
            assert_eq!(within(MAX_DEPTH - 1, inside), Ok(()));
            assert_eq!(within(MAX_DEPTH, inside), Err(Error::Depth));
        }
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
        for other in [
            Value::Enum(5),
            Value::Null,
            Value::Octets(&[5]),
            Value::F32(5),
            Value::Bcd(5),
            Value::Boolean(1),
        ] {
            assert_eq!(other.integer(), None, "{other:?}");
        }
        assert_eq!(Value::Utf8(b"a").string(), Some(&b"a"[..]));
        assert_eq!(Value::U8(1).string(), None);
    }
}
