//! How many bytes values take: the walk that proves a sequence whole before anyone reads from it.

use super::{Error, MAX_DEPTH, bits, compact, scaler};
use crate::wire::cursor::Reader;

/// Counts the bytes of so many values and of everything inside them, without recursion. The last one may be found to
/// end behind the bytes given: whoever takes that many will notice.
pub(super) fn measure(bytes: &[u8], count: usize) -> Result<usize, Error> {
    let mut at = 0;
    let mut left = count;
    // Elements still to come in each sequence around the one at hand.
    let mut around = [0; MAX_DEPTH - 1];
    let mut depth = 0;
    loop {
        while left == 0 {
            let Some(outer) = around.get(..depth).and_then(<[usize]>::last) else { return Ok(at) };
            left = *outer;
            depth -= 1;
        }
        left -= 1;
        let tag = *bytes.get(at).ok_or(Error::Truncated)?;
        at += match size_of(tag) {
            size @ 1.. => usize::from(size.unsigned_abs()),
            COUNTED => {
                let (width, length) = length_at(bytes, at + 1)?;
                1 + width + length
            }
            // Every number of a list that describes itself has one: not worth entering.
            SEQUENCE if depth < around.len() && bytes.get(at..).and_then(scaler).is_some() => SCALER_SIZE,
            SEQUENCE => {
                let (width, length) = length_at(bytes, at + 1)?;
                *around.get_mut(depth).ok_or(Error::Depth)? = left;
                depth += 1;
                left = length;
                1 + width
            }
            _ => measure_rare(bytes.get(at..).unwrap_or_default())?,
        };
    }
}

const SCALER_SIZE: usize = 6;

/// How many bytes a length takes, and the length.
#[inline]
fn length_at(bytes: &[u8], at: usize) -> Result<(usize, usize), Error> {
    match bytes.get(at) {
        Some(&short @ 0..0x80) => Ok((1, usize::from(short))),
        _ => long_length(bytes.get(at..).unwrap_or_default()),
    }
}

#[cold]
fn long_length(bytes: &[u8]) -> Result<(usize, usize), Error> {
    let mut reader = Reader::new(bytes);
    let length = reader.length()?;
    Ok((bytes.len() - reader.rest().len(), length))
}

#[cold]
fn measure_rare(bytes: &[u8]) -> Result<usize, Error> {
    let mut reader = Reader::new(bytes);
    let tag = reader.u8()?;
    match size_of(tag) {
        BITS => bits(&mut reader).map(drop)?,
        COMPACT_ARRAY => compact(&mut reader).map(drop)?,
        _ => return Err(Error::Tag(tag)),
    }
    Ok(bytes.len() - reader.rest().len())
}

/// Bytes of an element of fixed size, its tag included. Others are below 1.
const SIZES: [i8; 256] = {
    let mut sizes = [UNKNOWN; 256];
    #[rustfmt::skip]
    let known: [(usize, i8); 26] = [
        (0, 1), (1, SEQUENCE), (2, SEQUENCE), (3, 2), (4, BITS), (5, 5), (6, 5), (9, COUNTED), (10, COUNTED),
        (12, COUNTED), (13, 2), (15, 2), (16, 3), (17, 2), (18, 3), (19, COMPACT_ARRAY), (20, 9), (21, 9), (22, 2),
        (23, 5), (24, 9), (25, 13), (26, 6), (27, 5), (255, 1),
        // Obsolete, of no known length; so is 11.
        (7, UNKNOWN),
    ];
    let mut rest: &[(usize, i8)] = &known;
    while let [(tag, size), tail @ ..] = rest {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
        {
            sizes[*tag] = *size;
        }
        rest = tail;
    }
    sizes
};

const COUNTED: i8 = 0;
const SEQUENCE: i8 = -1;
const BITS: i8 = -2;
pub(super) const COMPACT_ARRAY: i8 = -3;
pub(super) const UNKNOWN: i8 = -4;

/// What the table says of a tag.
#[inline]
pub(super) fn size_of(tag: u8) -> i8 {
    SIZES.get(usize::from(tag)).copied().unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_end_where_their_last_element_ends() {
        let scaled = [2, 3, 9, 1, 7, 18, 0, 1, 2, 2, 15, 0, 22, 27];
        let bytes = [&[1, 2][..], &scaled, &scaled, &[0, 17, 5]].concat();
        assert_eq!(measure(&bytes, 1), Ok(2 + 2 * scaled.len()));
        assert_eq!(measure(&bytes, 2), Ok(3 + 2 * scaled.len()));
        assert_eq!(measure(&bytes, 3), Ok(bytes.len()));
        assert_eq!(measure(&bytes, 4), Err(Error::Truncated));
        assert_eq!(measure(&[2, 1, 2, 0, 0, 0], 1), Ok(4), "an empty sequence within another");
        assert_eq!(measure(&[], 0), Ok(0));
    }

    #[test]
    fn lengths_may_be_long() {
        assert_eq!(measure(&[&[9, 0x81, 200][..], &[7; 200]].concat(), 1), Ok(203));
        assert_eq!(measure(&[&[2, 0x82, 0, 130][..], &[0; 130]].concat(), 1), Ok(134));
        assert_eq!(measure(&[9, 0x83, 0, 0, 1], 1), Err(Error::Truncated));
        assert_eq!(measure(&[9], 1), Err(Error::Truncated));
    }

    #[test]
    fn a_scaler_is_as_deep_as_any_sequence() {
        let within = |depth: usize, inside: &[u8]| measure(&[&[2, 1].repeat(depth), inside].concat(), 1);
        for inside in [&[2, 2, 15, 0, 22, 27][..], &[2, 2, 15, 0, 17, 27], &[2, 0]] {
            assert_eq!(within(4, inside), Ok(8 + inside.len()));
            assert_eq!(within(5, inside), Err(Error::Depth));
        }
    }
}
