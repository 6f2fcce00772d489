//! Captures as text: a hex dump becomes bytes again.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The bytes of a capture. Text of nothing but hex digits and separators (blanks, line breaks, `,`, `:`, `;`, `0x`,
/// comments from `#` to the end of the line) is a dump; anything else is raw and stays as it is.
pub fn bytes(capture: &[u8]) -> Cow<'_, [u8]> {
    let dump =
        core::str::from_utf8(capture).ok().map(|text| text.trim_start_matches('\u{FEFF}')).and_then(parse);
    dump.map_or(Cow::Borrowed(capture), Cow::Owned)
}

/// Writes bytes as two digits each with a blank between.
pub fn digits(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

fn parse(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words = lines.flat_map(|line| line.split([' ', '\t', '\r', '\x0C', ',', ':', ';']));
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for word in words {
        let bare = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
        // A digit without a partner is a byte of its own: many loggers leave the leading zero out.
        for pair in bare.unwrap_or(word).as_bytes().chunks(2) {
            bytes.push(pair.iter().try_fold(0, |byte, &digit| Some(byte << 4 | value(digit)?))?);
        }
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_dump() {
        for dump in [
            "7e a0 0f 00",
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
    fn what_is_no_dump_stays_as_it_is() {
        for raw in [&b"/LGF5E360\r\n"[..], b"7e a0 zz", &[0x7E, 0xA0, 0xFF], b"~"] {
            assert!(matches!(bytes(raw), Cow::Borrowed(same) if same == raw));
        }
        assert!(bytes(b"").is_empty() && bytes(b"# nothing but a comment").is_empty());
    }

    #[test]
    fn digits_are_read_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(digits(&all).as_bytes()), &all[..]);
    }
}
