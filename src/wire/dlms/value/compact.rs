//! Compact arrays, whose element type is written once.

use super::tag::{self, ARRAY, STRUCTURE};
use super::{Error, MAX_DEPTH};
use crate::wire::cursor::Reader;

/// A compact-array: the type of an element, and the elements without tags. No known meter sends one: it is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compact<'a> {
    /// The type description: a tag, or a tag and the types inside.
    pub description: &'a [u8],
    /// The elements.
    pub contents: &'a [u8],
}

impl<'a> Compact<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let all = reader.rest();
        skip_description(reader, MAX_DEPTH)?;
        Ok(Compact { description: reader.taken(all), contents: reader.counted()? })
    }
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
        tag => match tag::content(tag) {
            None | Some(tag::Content::CompactArray) => Err(Error::Tag(tag)),
            Some(_) => Ok(()),
        },
    }
}
