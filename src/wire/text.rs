//! A short text kept by value.

use core::fmt;

/// Printable ASCII of at most `N` octets, as meters write their names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize> {
    octets: [u8; N],
    length: u8,
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Text { octets: [0; N], length: 0 };

    /// Keeps what can be shown: ends at the first NUL (Landis+Gyr E350 pads its id with them), leaves out the spaces
    /// around it, replaces what is not printable ASCII by '?', and cuts after `N` octets.
    pub fn of(octets: &[u8]) -> Self {
        let shown = octets.split(|&octet| octet == 0).next().unwrap_or_default().trim_ascii();
        let mut text = Self::EMPTY;
        for (&octet, slot) in shown.iter().zip(&mut text.octets) {
            *slot = if octet == b' ' || octet.is_ascii_graphic() { octet } else { b'?' };
            text.length += 1;
        }
        text
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        let octets = self.octets.get(..usize::from(self.length)).unwrap_or_default();
        core::str::from_utf8(octets).unwrap_or_default()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

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
