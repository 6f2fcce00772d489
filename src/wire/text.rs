//! A short text kept by value.

use core::fmt;

/// Printable ASCII of at most `N` bytes, as meters write their names.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    /// Those past the length mean nothing.
    bytes: [u8; N],
    length: u8,
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Text { bytes: [0; N], length: 0 };

    /// Keeps what can be shown of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut text = Self::EMPTY;
        text.set(bytes);
        text
    }

    /// Replaces the text by what can be shown of these bytes. The text ends at the first NUL (Landis+Gyr E350 pads its
    /// id with them); blanks around it are omitted, and bytes that are not printable ASCII become '?'.
    #[inline]
    pub fn set(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(..N).unwrap_or(bytes);
        let is_plain = bytes.iter().all(u8::is_ascii_graphic);
        let text = if is_plain {
            bytes
        } else {
            bytes.split(|&byte| byte == 0).next().unwrap_or_default().trim_ascii()
        };
        self.length = text.len() as u8;
        let Some(room) = self.bytes.get_mut(..text.len()) else { return };
        room.copy_from_slice(text);
        if !is_plain {
            room.iter_mut().filter(|byte| !(b' '..=b'~').contains(*byte)).for_each(|byte| *byte = b'?');
        }
    }

    /// Keeps the text that pairs of hexadecimal digits spell, as P1 ports send names; if they spell none, or may be a
    /// number as it is, the digits themselves.
    pub fn set_spelled(&mut self, digits: &[u8]) {
        let spelled = if may_spell(digits) { Self::spell(digits) } else { None };
        self.set(spelled.as_ref().map_or(digits, Text::as_bytes));
    }

    /// The text that pairs of digits spell. NUL may fill its end.
    #[cold]
    fn spell(digits: &[u8]) -> Option<Self> {
        let (pairs, []) = digits.as_chunks::<2>() else { return None };
        let is_spelled = |letter: u8| match digits.len() {
            SURELY_TEXT.. => matches!(letter, b' '..=b'~'),
            _ => matches!(letter, b'0'..=b'9' | b' '),
        };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let mut text = Self::EMPTY;
        for &[high, low] in pairs {
            let letter = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
            let is_filled = text.as_bytes().ends_with(&[0]);
            let may_follow = if letter == 0 { text.length > 0 } else { is_spelled(letter) && !is_filled };
            let slot = text.bytes.get_mut(usize::from(text.length))?;
            *slot = Some(letter).filter(|_| may_follow)?;
            text.length += 1;
        }
        text.as_bytes().iter().any(u8::is_ascii_graphic).then_some(text)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
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

/// More digits than a number of a meter has (GS1's longest have eighteen): they spell a text.
const SURELY_TEXT: usize = 20;
/// Of numbers with so many digits, not one in a million spells digits and blanks: they spell another number.
const SURELY_NUMBER: usize = 14;

/// Whether digits may spell something, as far as their count and the first of them show.
fn may_spell(digits: &[u8]) -> bool {
    match digits {
        [b'2' | b'3', ..] => digits.len() >= SURELY_NUMBER,
        _ => digits.len() >= SURELY_TEXT,
    }
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
        for byte in more.bytes() {
            let slot = self.bytes.get_mut(usize::from(self.length)).ok_or(fmt::Error)?;
            *slot = byte;
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
        for padded in
            ["3132333435363738", "313233343536373820", "2020313233343536373820", "31323334353637380000"]
        {
            assert_eq!(spelled(padded), "12345678");
        }
        for number in [
            "63355700",
            "09610",
            "3960221976967100000000000000000012",
            "ADC0000000000012",
            "00000000000000000000",
            "20202020202020",
            "313233343536",
            "41323334353637",
            "31323300353637",
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
    fn every_byte_is_judged_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for place in 1..19 {
                let mut bytes = *b"KFM_001 6841121BN24~";
                bytes[place] = byte;
                let shown = match byte {
                    0 => String::from_utf8(bytes[..place].to_vec()).unwrap(),
                    b' '..=b'~' => String::from_utf8(bytes.to_vec()).unwrap(),
                    _ => {
                        bytes[place] = b'?';
                        String::from_utf8(bytes.to_vec()).unwrap()
                    }
                };
                assert_eq!(Text::<20>::of(&bytes).as_str(), shown.trim_ascii(), "{byte} at {place}");
            }
        }
    }
}
