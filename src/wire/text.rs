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

    /// Keeps what can be shown: ends at the first NUL (Landis+Gyr E350 pads its id with them), leaves out the spaces
    /// around it, replaces what is not printable ASCII by '?', and cuts after `N` octets.
    pub fn of(octets: &[u8]) -> Self {
        let mut text = Text { octets: [b'!'; N], length: octets.len().min(N) as u8 };
        for (slot, &octet) in text.octets.iter_mut().zip(octets) {
            *slot = octet;
        }
        let plain = text.octets.iter().fold(true, |plain, octet| plain & (b'!'..=b'~').contains(octet));
        if !plain {
            text.tidy();
        }
        text
    }

    /// Leaves out what does not belong to the text.
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
        assert_eq!(Text::<16>::of(b"13943597\0\0\0\0").as_str(), "13943597");
        assert_eq!(Text::<16>::of(b"\0\0\0\0").as_str(), "");
        assert_eq!(Text::<16>::of(b"  a\xffb\n ").as_str(), "a?b");
        assert_eq!(Text::<4>::of(b"123456").as_str(), "1234");
        assert!(Text::<4>::of(b"").is_empty());
    }
}
