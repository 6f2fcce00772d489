//! Characters of seven bits, with or without a parity bit.

use super::{END, START};

/// Bytes read as characters: with or without a parity bit on each.
#[derive(Clone, Copy)]
pub(super) struct Characters<'a> {
    bytes: &'a [u8],
    mask: u8,
}

impl<'a> Characters<'a> {
    pub(super) const fn of(bytes: &'a [u8], with_parity: bool) -> Self {
        Characters { bytes, mask: if with_parity { 0x7F } else { 0xFF } }
    }

    /// Those before a place.
    pub(super) fn before(self, end: usize) -> Self {
        Characters { bytes: self.bytes.get(..end).unwrap_or(self.bytes), ..self }
    }

    pub(super) fn get(&self, index: usize) -> Option<u8> {
        self.bytes.get(index).map(|byte| byte & self.mask)
    }

    /// The bytes from a place on, with the parity bits they have.
    pub(super) fn bytes_from(&self, index: usize) -> &'a [u8] {
        self.bytes.get(index..).unwrap_or_default()
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many characters in a row, from a place on, are of a kind.
    pub(super) fn run(&self, from: usize, of_kind: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|&&byte| of_kind(byte & self.mask)).count()
    }

    /// The place, from another on, of the next `!`, NUL or byte beyond ASCII. No telegram contains the last two.
    pub(super) fn find_end(&self, from: usize) -> Option<usize> {
        /// `contains` and `is_ascii` test many bytes at once, and a telegram has two thousand.
        const STRIDE: usize = 256;
        let rest = self.bytes.get(from..)?;
        let may_end = |bytes: &[u8]| {
            self.mask != 0xFF || bytes.contains(&END) || bytes.contains(&0) || !bytes.is_ascii()
        };
        let start = rest.chunks(STRIDE).take_while(|bytes| !may_end(bytes)).count() * STRIDE;
        let ends = |byte: &u8| matches!(byte & self.mask, END | 0 | 0x80..);
        rest.get(start..)?.iter().position(ends).map(|place| from + start + place)
    }

    /// The place, from another on, of the next slash.
    pub(super) fn find_slash(&self, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        rest.iter().position(|byte| byte & self.mask == START).map(|place| from + place)
    }
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
            for place in [0, 1, 43, 255, 256, 257, 299] {
                let mut bytes = [b'0'; 300];
                bytes[place] = byte;
                let ends = |byte| matches!(byte, b'!' | 0 | 0x80..);
                assert_eq!(Characters::of(&bytes, false).find_end(0), ends(byte).then_some(place));
                assert_eq!(Characters::of(&bytes, true).find_end(0), ends(byte & 0x7F).then_some(place));
                assert_eq!(Characters::of(&bytes, false).find_end(place + 1), None);
                let slash = (byte == b'/').then_some(place);
                assert_eq!(Characters::of(&bytes, false).find_slash(0), slash);
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
