//! The tags of COSEM data and what follows each (Blue Book 4.1.5). 7 and 11 are obsolete and of unknown length.

pub(super) const NULL: u8 = 0;
pub(super) const ARRAY: u8 = 1;
pub(super) const STRUCTURE: u8 = 2;
pub(super) const BOOLEAN: u8 = 3;
pub(super) const BITS: u8 = 4;
pub(super) const I32: u8 = 5;
pub(super) const U32: u8 = 6;
pub(super) const OCTETS: u8 = 9;
pub(super) const TEXT: u8 = 10;
pub(super) const UTF8: u8 = 12;
pub(super) const BCD: u8 = 13;
pub(super) const I8: u8 = 15;
pub(super) const I16: u8 = 16;
pub(super) const U8: u8 = 17;
pub(super) const U16: u8 = 18;
pub(super) const COMPACT: u8 = 19;
pub(super) const I64: u8 = 20;
pub(super) const U64: u8 = 21;
pub(super) const ENUM: u8 = 22;
pub(super) const F32: u8 = 23;
pub(super) const F64: u8 = 24;
pub(super) const DATE_TIME: u8 = 25;
pub(super) const DATE: u8 = 26;
pub(super) const TIME: u8 = 27;
pub(super) const DONT_CARE: u8 = 255;

/// What follows a tag.
pub(super) enum Content {
    /// This many bytes.
    Bytes(usize),
    /// A length and as many bytes.
    Counted,
    /// A length in bits, and the bytes that contain them.
    Bits,
    /// A count and as many values.
    Sequence,
    /// The description of a type, a length and as many bytes.
    CompactArray,
}

/// What follows a tag; `None` if no type has it.
#[inline]
pub(super) const fn content(tag: u8) -> Option<Content> {
    Some(match tag {
        NULL | DONT_CARE => Content::Bytes(0),
        BOOLEAN | BCD | I8 | U8 | ENUM => Content::Bytes(1),
        I16 | U16 => Content::Bytes(2),
        I32 | U32 | F32 | TIME => Content::Bytes(4),
        DATE => Content::Bytes(5),
        I64 | U64 | F64 => Content::Bytes(8),
        DATE_TIME => Content::Bytes(12),
        OCTETS | TEXT | UTF8 => Content::Counted,
        BITS => Content::Bits,
        ARRAY | STRUCTURE => Content::Sequence,
        COMPACT => Content::CompactArray,
        _ => return None,
    })
}
