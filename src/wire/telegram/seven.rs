//! Characters of seven bits, eight bytes at a time: a telegram has two thousand of them and comes every second.

use super::{END, START};

const EACH: u64 = u64::MAX / 0xFF;
const HIGH: u64 = EACH << 7;

/// Bytes read as characters: with or without a parity bit on each.
#[derive(Clone, Copy)]
pub(super) struct Seven<'a> {
    bytes: &'a [u8],
    mask: u8,
}

impl<'a> Seven<'a> {
    pub(super) const fn of(bytes: &'a [u8], with_parity: bool) -> Self {
        Seven { bytes, mask: if with_parity { 0x7F } else { 0xFF } }
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<u8> {
        self.bytes.get(index).map(|byte| byte & self.mask)
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many characters in a row, from a place on, are of a kind.
    pub(super) fn run(&self, from: usize, of_kind: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|&&byte| of_kind(byte & self.mask)).count()
    }

    /// Where, from a place on, `!` stands next, or a NUL or a byte beyond ASCII, which no telegram has.
    #[inline]
    pub(super) fn find_end(&self, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        let (pairs, _) = rest.as_chunks();
        let mask = EACH * u64::from(self.mask);
        let has_one = |[first, second]: &[[u8; 8]; 2]| {
            (stops(u64::from_ne_bytes(*first) & mask) | stops(u64::from_ne_bytes(*second) & mask)) & HIGH != 0
        };
        let (pairs, _) = pairs.as_chunks();
        let skipped = pairs.iter().position(has_one).unwrap_or(pairs.len()) * 16;
        let place =
            rest.get(skipped..)?.iter().position(|byte| matches!(byte & self.mask, END | 0 | 0x80..))?;
        Some(from + skipped + place)
    }

    /// Where a slash stands between two places.
    #[cold]
    pub(super) fn find_start(&self, from: usize, to: usize) -> Option<usize> {
        let between = self.bytes.get(from..to).unwrap_or_default();
        between.iter().position(|byte| byte & self.mask == START).map(|place| from + place)
    }
}

/// A highest bit, at least one, for bytes that end the search: `!`, 0 and those that have it themselves. Without any of
/// them nothing is borrowed from a neighbour, and there is none.
const fn stops(word: u64) -> u64 {
    let end = word ^ (EACH * END as u64);
    end.wrapping_sub(EACH) | word.wrapping_sub(EACH) | word
}

/// Where the next bracket stands, opening or closing: they differ in the lowest bit.
pub(super) fn find_bracket(bytes: &[u8]) -> Option<usize> {
    const CLOSING: u64 = EACH * b')' as u64;
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        // The first byte that is 0 now sets its highest bit; those behind it may do so without being 0.
        let word = (u64::from_le_bytes(*word) | EACH) ^ CLOSING;
        let brackets = word.wrapping_sub(EACH) & !word & HIGH;
        if brackets != 0 {
            return Some(8 * index + brackets.trailing_zeros() as usize / 8);
        }
    }
    let place = rest.iter().position(|byte| matches!(byte, b'(' | b')'))?;
    Some(bytes.len() - rest.len() + place)
}

/// Whether the parity of every byte is even.
pub(super) fn is_even(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.count_ones() % 2 == 0)
}

/// A character with its parity bit, which makes the number of its ones even.
pub const fn with_parity(byte: u8) -> u8 {
    byte | ((byte.count_ones() as u8 & 1) << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for place in 0..44 {
                let mut bytes = *b"0-0:1.0.0(210222161900W)\r\n1-0:1.8.0(000.1)\r\n";
                bytes[place] = byte;
                let ends = |byte| matches!(byte, b'!' | 0 | 0x80..);
                assert_eq!(Seven::of(&bytes, false).find_end(0), ends(byte).then_some(place));
                assert_eq!(Seven::of(&bytes, true).find_end(0), ends(byte & 0x7F).then_some(place));
                assert_eq!(Seven::of(&bytes, false).find_end(place + 1), None);
                let slash = (byte == b'/').then_some(place);
                assert_eq!(Seven::of(&bytes, false).find_start(0, bytes.len()), slash);
            }
        }
    }

    #[test]
    fn brackets_are_found_wherever_they_stand() {
        for byte in 0..=u8::MAX {
            for place in 0..21 {
                let mut bytes = *b"0000000000000000.000*";
                bytes[place] = byte;
                assert_eq!(find_bracket(&bytes), matches!(byte, b'(' | b')').then_some(place), "{byte}");
            }
        }
    }

    #[test]
    fn parity_is_even() {
        assert_eq!([b'/', b'!', b'0', b'1'].map(with_parity), [0xAF, 0x21, 0x30, 0xB1]);
        for byte in 0..0x80 {
            assert!(is_even(&[with_parity(byte)]) && !is_even(&[with_parity(byte) ^ 0x80]));
        }
    }
}
