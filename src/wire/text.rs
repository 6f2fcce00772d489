//! A short text kept by value.

use core::fmt;

/// Printable ASCII of at most `N` octets, as meters write their names.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    /// Those past the length mean nothing.
    octets: [u8; N],
    length: u8,
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Text { octets: [0; N], length: 0 };

    /// Keeps what can be shown of these octets.
    pub fn of(octets: &[u8]) -> Self {
        let mut text = Self::EMPTY;
        text.set(octets);
        text
    }

    /// Keeps what can be shown instead of what it held: ends at the first NUL (Landis+Gyr E350 pads its id with them), leaves out the spaces
    /// around it, replaces what is not printable ASCII by '?', and cuts after `N` octets.
    #[inline(never)]
    pub fn set(&mut self, octets: &[u8]) {
        let octets = octets.get(..N).unwrap_or(octets);
        *self = Text { octets: [b'!'; N], length: octets.len() as u8 };
        if let Some(room) = self.octets.get_mut(..octets.len()) {
            room.copy_from_slice(octets);
        }
        let (words, rest) = self.octets.as_chunks();
        if !words.iter().all(|word| is_plain(u64::from_ne_bytes(*word)))
            || !rest.iter().all(u8::is_ascii_graphic)
        {
            self.tidy();
        }
    }

    /// Keeps the text that pairs of hexadecimal digits spell, as P1 ports send names; if they spell none, or are so few
    /// that they may be a number as it is, the digits themselves.
    pub fn set_spelled(&mut self, digits: &[u8]) {
        /// More digits than a number of a meter has (GS1's longest have eighteen).
        const SURELY_SPELLED: usize = 20;
        let (pairs, rest) = digits.as_chunks();
        let spelled =
            (digits.len() >= SURELY_SPELLED && rest.is_empty()).then(|| Text::spell(pairs)).flatten();
        match spelled {
            Some(text) => *self = text,
            None => self.set(digits),
        }
    }

    fn spell(pairs: &[[u8; 2]]) -> Option<Self> {
        let digit = |octet: u8| char::from(octet).to_digit(16);
        let mut text = Text::EMPTY;
        for &[high, low] in pairs {
            let letter = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
            let slot = text.octets.get_mut(usize::from(text.length))?;
            *slot = Some(letter).filter(|letter| (b' '..=b'~').contains(letter))?;
            text.length += 1;
        }
        Some(text)
    }

    /// Leaves out what does not belong to the text.
    #[cold]
    fn tidy(&mut self) {
        let octets = self.octets;
        let mut shown = octets.get(..usize::from(self.length)).unwrap_or_default();
        if shown.contains(&0) {
            shown = shown.split(|&octet| octet == 0).next().unwrap_or_default();
        }
        shown = shown.trim_ascii();
        self.length = shown.len() as u8;
        for (slot, &octet) in self.octets.iter_mut().zip(shown) {
            *slot = if (b' '..=b'~').contains(&octet) { octet } else { b'?' };
        }
    }

    /// Its octets.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Whether it begins so.
    pub fn starts_with(&self, start: &str) -> bool {
        self.as_bytes().starts_with(start.as_bytes())
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Whether each of eight octets is from '!' to '~', all at once: in one that is not, the highest bit is set, or would be
/// after taking away '!' or adding what '~' lacks of 127.
const fn is_plain(word: u64) -> bool {
    const EACH: u64 = u64::MAX / 0xFF;
    let below = word.wrapping_sub(EACH * b'!' as u64);
    let above = word.wrapping_add(EACH);
    (word | below | above) & (EACH * 0x80) == 0
}

impl<const N: usize> PartialEq for Text<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> Eq for Text<N> {}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Formats into a text; what does not fit is cut.
impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for octet in more.bytes() {
            let slot = self.octets.get_mut(usize::from(self.length)).ok_or(fmt::Error)?;
            *slot = octet;
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_shown_is_not() {
        assert_eq!(Text::<16>::of(b"52185764\0\0\0\0").as_str(), "52185764");
        assert_eq!(Text::<16>::of(b"\0\0\0\0").as_str(), "");
        assert_eq!(Text::<16>::of(b"  a\xffb\n ").as_str(), "a?b");
        assert_eq!(Text::<4>::of(b"123456").as_str(), "1234");
        assert!(Text::<4>::of(b"").is_empty());
    }

    #[test]
    fn names_are_spelled_in_digits() {
        let spelled = |digits: &str| {
            let mut text = Text::<40>::EMPTY;
            text.set_spelled(digits.as_bytes());
            text.to_string()
        };
        assert_eq!(spelled("4530303132333435363738393031323334"), "E0012345678901234");
        assert_eq!(spelled("4B384547303030303030303030303132"), "K8EG000000000012");
        for number in [
            "63355700",
            "09610",
            "3960221976967100000000000000000012",
            "ADC0000000000012",
            "00000000000000000000",
        ] {
            assert_eq!(spelled(number), number);
        }
        assert_eq!(
            spelled("453030313233343536373839303132333"),
            "453030313233343536373839303132333",
            "an odd number of digits"
        );
    }

    #[test]
    fn every_octet_is_judged_wherever_it_stands() {
        for octet in 0..=u8::MAX {
            for place in 1..19 {
                let mut octets = *b"KFM_001 6841121BN24~";
                octets[place] = octet;
                let shown = match octet {
                    0 => String::from_utf8(octets[..place].to_vec()).unwrap(),
                    b' '..=b'~' => String::from_utf8(octets.to_vec()).unwrap(),
                    _ => {
                        octets[place] = b'?';
                        String::from_utf8(octets.to_vec()).unwrap()
                    }
                };
                assert_eq!(Text::<20>::of(&octets).as_str(), shown.trim_ascii(), "{octet} at {place}");
            }
        }
    }
}
