//! Protocols this version does not read, told by what a burst begins with.

use std::fmt;

/// What octets may be that make no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Lines of text: a P1 telegram, or the readout of IEC 62056-21.
    P1,
}

/// Octets of a burst that are enough to tell.
pub const HEAD: usize = 64;

/// Judges the beginning of a burst.
pub fn recognise(head: &[u8]) -> Option<Protocol> {
    match head {
        [b'/', a, b, c, ..] if [a, b, c].iter().all(|octet| octet.is_ascii_alphabetic()) && is_text(head) => {
            Some(Protocol::P1)
        }
        // The first burst may begin in the middle of a telegram.
        _ if is_text(head) && head.contains(&b'(') && head.contains(&b'.') => Some(Protocol::P1),
        _ => None,
    }
}

fn is_text(head: &[u8]) -> bool {
    let readable = |octet: &u8| (b' '..=b'~').contains(octet) || matches!(octet, b'\r' | b'\n');
    head.len() >= 16 && head.iter().all(readable)
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P1 => "P1 telegrams (DSMR, lines of text)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_is_told_by_its_beginning() {
        let telegram = b"/KFM5KAIFA-METER\r\n\r\n1-3:0.2.8(50)\r\n";
        assert_eq!(recognise(telegram), Some(Protocol::P1));
        assert_eq!(recognise(b"0(001234.567*kWh)\r\n1-0:2.8.0(0"), Some(Protocol::P1));
    }

    #[test]
    fn what_only_resembles_one_is_none() {
        for head in [
            &b"/KFM5"[..],
            b"/K\x00M5KAIFA-METER\r\n\r\n1-3:0.2.8(50)",
            b"login: raspberry pi os",
            &[0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1, 0x76],
            &[0x68, 0xFA, 0xFA, 0x68, 0x53, 0xFF],
            &[0x7E, 0xA0, 0x27, 0x01],
            &[0; HEAD],
            &[],
        ] {
            assert_eq!(recognise(head), None, "{head:02x?}");
        }
    }
}
