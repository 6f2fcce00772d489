//! The messages of an SML file as they were before some of their bytes were sent twice, also of a damaged one.

use alloc::vec::Vec;

use super::ESCAPE;

/// What was sent, without the escapes that were sent twice.
pub(super) struct Unescaped {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where each of the bytes was sent, and where their end was.
    places: Vec<usize>,
    /// Bytes sent for them.
    pub length: usize,
}

impl Unescaped {
    /// Ends at the first escape that is not sent twice.
    pub fn of(sent: &[u8]) -> Self {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some(&byte) = sent.get(at) {
            let rest = sent.get(at..).unwrap_or_default();
            let escaped = rest.starts_with(&ESCAPE);
            if escaped && !rest.get(ESCAPE.len()..).unwrap_or_default().starts_with(&ESCAPE) {
                break;
            }
            let count = if escaped { ESCAPE.len() } else { 1 };
            bytes.extend(core::iter::repeat_n(byte, count));
            places.extend(at..at + count);
            at += if escaped { 2 * ESCAPE.len() } else { 1 };
        }
        places.push(at);
        Unescaped { bytes, places, length: at }
    }

    /// The bytes that were sent for some of them.
    pub fn sent<'a>(&self, sent: &'a [u8], at: usize, length: usize) -> &'a [u8] {
        let place = |index| self.places.get(index).copied().unwrap_or(self.length);
        sent.get(place(at)..place(at + length)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_knows_where_it_was_sent() {
        let sent = [&[7][..], &[0x1B; 11], &[8], &ESCAPE, &[0x1A, 0, 1, 2]].concat();
        let unescaped = Unescaped::of(&sent);
        assert_eq!(unescaped.bytes, [&[7][..], &[0x1B; 7], &[8]].concat());
        assert_eq!(unescaped.length, 13);
        assert_eq!(unescaped.sent(&sent, 0, 1), [7]);
        assert_eq!(unescaped.sent(&sent, 1, 4), [0x1B; 8]);
        assert_eq!(unescaped.sent(&sent, 7, 2), [0x1B, 8]);
        assert_eq!(unescaped.sent(&sent, 0, 9), &sent[..13]);
        assert_eq!(Unescaped::of(&sent[..14]).bytes.len(), 10, "cut in the middle of an escape");
    }
}
