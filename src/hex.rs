//! Captures as text: a hex dump becomes bytes again.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The bytes of a capture, raw or as a hex dump: two digits per byte with or without spaces, commas, colons, semicolons,
/// `0x`, and comments from `#` to the end of the line; or as `xxd` and `hexdump -C` print it.
pub fn bytes(capture: &[u8]) -> Cow<'_, [u8]> {
    let text = capture.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(capture);
    if let Some(bytes) = core::str::from_utf8(text).ok().and_then(rows) {
        return Cow::Owned(bytes);
    }
    if !is_dump(text) && !text.trim_ascii().is_empty() {
        return Cow::Borrowed(capture);
    }
    let mut dump = Dump::default();
    let mut bytes: Vec<u8> = text.iter().filter_map(|&character| dump.take(character)).collect();
    bytes.extend(dump.high);
    Cow::Owned(bytes)
}

/// Writes bytes as two digits each with a blank between.
pub fn digits(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

/// The bytes of a dump whose rows begin with their offset: that of `xxd`, and that of `hexdump -C`.
fn rows(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut first, mut width, mut repeats) = (Vec::new(), None, 0, false);
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line == "*" {
            repeats = true;
            continue;
        }
        let (offset, row) = row(line)?;
        let before = offset.checked_sub(*first.get_or_insert(offset))?;
        // `*` stands for rows like the one before.
        while repeats && bytes.len() < before && before <= LARGEST {
            bytes.extend_from_within(bytes.len().checked_sub(width)?..);
        }
        if bytes.len() != before {
            return None;
        }
        (width, repeats) = (row.len().max(1), false);
        bytes.extend(row);
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// No capture is larger than this, whatever offset a row claims.
const LARGEST: usize = 1 << 24;

/// A row's offset and its bytes. The last of `hexdump -C` has none.
fn row(line: &str) -> Option<(usize, Vec<u8>)> {
    let (offset, digits) = match line.split_once(": ") {
        Some((offset, rest)) => (offset, rest.split("  ").next()?),
        None => match line.split_once("  ") {
            Some((offset, rest)) => (offset, rest.split_once('|')?.0),
            None => (line, ""),
        },
    };
    if offset.len() < 7 {
        return None;
    }
    let pairs = digits.split_whitespace().flat_map(|word| word.as_bytes().chunks(2));
    let bytes = pairs.map(|pair| match pair {
        &[high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    Some((usize::from_str_radix(offset, 16).ok()?, bytes.collect::<Option<_>>()?))
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Whether bytes are the text of a hex dump: at least a pair of digits or a comment, and nothing else.
pub(crate) fn is_dump(text: &[u8]) -> bool {
    let mut comment = false;
    let mut characters = 0;
    text.iter().all(|&byte| {
        comment = byte != b'\n' && (comment || byte == b'#');
        characters += if comment { 2 } else { usize::from(byte.is_ascii_hexdigit()) };
        if comment { byte >= b' ' || byte.is_ascii_whitespace() } else { is_dump_byte(byte) }
    }) && characters > 1
}

/// Whether a byte may be in a hex dump outside comments.
pub(crate) fn is_dump_byte(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte.is_ascii_whitespace() || b"xX,;:".contains(&byte)
}

/// Reads a hex dump that arrives in pieces.
#[derive(Debug, Default)]
pub(crate) struct Dump {
    high: Option<u8>,
    comment: bool,
}

impl Dump {
    /// Turns a piece of text into bytes in place; returns their number.
    #[cfg(feature = "daemon")]
    pub(crate) fn read(&mut self, piece: &mut [u8]) -> usize {
        let mut length = 0;
        for index in 0..piece.len() {
            let Some(byte) = self.take(piece[index]) else { continue };
            piece[length] = byte;
            length += 1;
        }
        length
    }

    /// The byte that a character completes. A digit without a partner is a byte of its own: many loggers leave the
    /// leading zero out.
    fn take(&mut self, character: u8) -> Option<u8> {
        self.comment = character != b'\n' && (self.comment || character == b'#');
        match char::from(character).to_digit(16) {
            Some(digit) if !self.comment => {
                let digit = digit as u8;
                let high = self.high.take();
                if high.is_none() {
                    self.high = Some(digit);
                }
                high.map(|high| high << 4 | digit)
            }
            // The zero of 0x is not a digit.
            _ if character.eq_ignore_ascii_case(&b'x') => self.high.take().filter(|high| *high != 0),
            _ => self.high.take(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_dump() {
        for dump in [
            "7e a0 0f 00",
            "# Kaifa, list 1: æ\r\n7e a0 # flag, type\r\n\t0f0 # end",
            "7EA00F00",
            "# a comment: zz\n7e,a0 # ff\r\n0f\t00\n",
            "0x7E, 0xA0, 0x0F, 0x00",
            "7e:a0:0f:0",
            "0x7ea00f00",
            "\u{FEFF}7e a0 f 0",
        ] {
            assert_eq!(bytes(dump.as_bytes()), &[0x7E, 0xA0, 0x0F, 0x00][..], "{dump}");
        }
    }

    #[test]
    fn rows_with_offsets_and_characters() {
        let xxd = "00000000: 7ea0 8701 0201 109e 6de6 e700 0f40 0000  ~.......m..  |@.\n00000010: 00 09                                    ..\n";
        let hexdump = "00000000  7e a0 87 01 02 01 10 9e  6d e6 e7 00 0f 40 00 00  |~.......m....@..|\r\n\
                       00000010  00 09                                             |..|\r\n00000012\r\n";
        let expected = [
            0x7E, 0xA0, 0x87, 0x01, 0x02, 0x01, 0x10, 0x9E, 0x6D, 0xE6, 0xE7, 0x00, 0x0F, 0x40, 0x00, 0x00,
            0x00, 0x09,
        ];
        for dump in [xxd, hexdump, &format!("# a comment\n\n{xxd}"), &xxd.to_uppercase()] {
            assert_eq!(bytes(dump.as_bytes()), &expected[..], "{dump}");
        }
        let cut =
            xxd.lines().map(|line| format!("{}\n", line.split("  ").next().unwrap())).collect::<String>();
        assert_eq!(bytes(cut.as_bytes()), &expected[..], "without its characters");
        let later = "0000010: 7e a0  ~.\n0000012: 0f 00  ..";
        assert_eq!(bytes(later.as_bytes()), &[0x7E, 0xA0, 0x0F, 0x00][..], "from the middle of a dump");
        let zeros = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n\
                     00000030  7e                                                |~|\n00000031\n";
        assert_eq!(bytes(zeros.as_bytes()), [&[0; 48][..], &[0x7E]].concat());
    }

    #[test]
    fn a_dump_that_lacks_a_row_is_none() {
        for text in [
            "00000000: 7ea0  ~.\n00000010: 0f00  ..\n",
            "00000000  7e a0  |~.|\n*\n00000009\n",
            "00000000  7e a0  |~.|\n*\nffffffffff\n",
            "*\n00000000  7e  |~|\n*\n00000000\n*\n00000007\nx",
        ] {
            assert_eq!(rows(text), None, "{text}");
        }
        assert_eq!(bytes(b"00000000 7e"), &[0, 0, 0, 0, 0x7E][..], "digits alone");
    }

    #[test]
    fn what_is_no_dump_stays_as_it_is() {
        let telegram = b"/KFM5KAIFA\r\n1-0:1.8.0(1*kWh)\r\n";
        for raw in [&telegram[..], b"7e a0 zz", b"# \x01\n7e a0", &[0x7E, 0xA0, 0xFF], b"~", b"7"] {
            assert!(matches!(bytes(raw), Cow::Borrowed(same) if same == raw));
        }
        assert!(bytes(b"").is_empty() && bytes(b" \r\n").is_empty());
        assert!(bytes(b"# nothing but a comment").is_empty());
    }

    #[test]
    fn a_digit_without_a_partner_is_a_byte() {
        assert_eq!(*bytes(b"0x7 0x10"), [7, 16]);
        assert_eq!(*bytes(b"7e a"), [0x7E, 10]);
        assert_eq!(*bytes(b"00 0 00"), [0, 0, 0]);
    }

    #[test]
    fn digits_are_read_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(digits(&all).as_bytes()), &all[..]);
    }
}
