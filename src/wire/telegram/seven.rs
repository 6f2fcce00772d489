//! Characters of seven bits, eight octets at a time: a telegram has two thousand of them and comes every second.

use super::{END, START};

const EACH: u64 = u64::MAX / 0xFF;
const HIGH: u64 = EACH << 7;

/// Octets read as characters: with or without a parity bit on each.
#[derive(Clone, Copy)]
pub(super) struct Seven<'a> {
    octets: &'a [u8],
    mask: u8,
}

impl<'a> Seven<'a> {
    pub(super) const fn of(octets: &'a [u8], with_parity: bool) -> Self {
        Seven { octets, mask: if with_parity { 0x7F } else { 0xFF } }
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<u8> {
        self.octets.get(index).map(|octet| octet & self.mask)
    }

    pub(super) const fn len(&self) -> usize {
        self.octets.len()
    }

    /// How many characters in a row, from a place on, are of a kind.
    pub(super) fn run(&self, from: usize, of_kind: impl Fn(u8) -> bool) -> usize {
        let rest = self.octets.get(from..).unwrap_or_default();
        rest.iter().take_while(|&&octet| of_kind(octet & self.mask)).count()
    }

    /// Where `!` or `/` stands next, from a place on.
    #[inline]
    pub(super) fn find_mark(&self, from: usize) -> Option<usize> {
        let rest = self.octets.get(from..)?;
        let (words, _) = rest.as_chunks();
        let mask = EACH * u64::from(self.mask);
        let has_mark = |word: &[u8; 8]| {
            let word = u64::from_ne_bytes(*word) & mask;
            has_zero(word ^ (EACH * END as u64)) | has_zero(word ^ (EACH * START as u64)) != 0
        };
        let skipped = words.iter().position(has_mark).unwrap_or(words.len()) * 8;
        let rest = rest.get(skipped..)?;
        let place = rest.iter().position(|octet| matches!(octet & self.mask, END | START))?;
        Some(from + skipped + place)
    }
}

/// Whether octets may be characters: no NUL, and nothing beyond ASCII.
#[inline]
pub(super) fn is_text(octets: &[u8]) -> bool {
    let (words, rest) = octets.as_chunks();
    let is_plain = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        word & HIGH | has_zero(word) == 0
    };
    words.iter().all(is_plain) && rest.iter().all(|octet| (1..0x80).contains(octet))
}

/// Whether the parity of every octet is even.
pub(super) fn is_even(octets: &[u8]) -> bool {
    octets.iter().all(|octet| octet.count_ones() % 2 == 0)
}

/// A character with its parity bit.
pub(super) const fn with_parity(octet: u8) -> u8 {
    octet | ((octet.count_ones() as u8 & 1) << 7)
}

/// The highest bit of each octet that is 0, and perhaps of some above it.
const fn has_zero(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_wherever_they_stand() {
        for octet in 0..=u8::MAX {
            for place in 0..20 {
                let mut octets = *b"0-0:1.0.0(210222161900W)";
                octets[place] = octet;
                let is_mark = |octet| matches!(octet, b'!' | b'/');
                assert_eq!(Seven::of(&octets, false).find_mark(0), is_mark(octet).then_some(place));
                assert_eq!(Seven::of(&octets, true).find_mark(0), is_mark(octet & 0x7F).then_some(place));
                assert_eq!(Seven::of(&octets, false).find_mark(place + 1), None);
                assert_eq!(is_text(&octets), octet != 0 && octet < 0x80, "{octet} at {place}");
            }
        }
    }

    #[test]
    fn parity_is_even() {
        assert_eq!([b'/', b'!', b'0', b'1'].map(with_parity), [0xAF, 0x21, 0x30, 0xB1]);
        for octet in 0..0x80 {
            assert!(is_even(&[with_parity(octet)]) && !is_even(&[with_parity(octet) ^ 0x80]));
        }
    }
}
