//! Protocols this version does not read, told by what a burst begins with.

use std::fmt;

/// What octets that are no HDLC may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// SML, as German meters send it.
    Sml,
    /// Telegrams of the wired M-Bus, as Austrian meters send them.
    Mbus,
}

/// Octets of a burst that are enough to tell.
pub const HEAD: usize = 64;

const SML: [u8; 8] = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1];

/// Judges the beginning of a burst.
pub fn recognise(head: &[u8]) -> Option<Protocol> {
    // The transmission begins anywhere in a burst if another one ended just before.
    if head.windows(SML.len()).any(|octets| octets == SML) {
        return Some(Protocol::Sml);
    }
    match head {
        // EN 13757-2, 5.1: the length stands there twice.
        [0x68, length, again, 0x68, ..] if length == again => Some(Protocol::Mbus),
        _ => None,
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sml => "SML",
            Self::Mbus => "wired M-Bus telegrams",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_is_told_by_its_beginning() {
        assert_eq!(recognise(&[&[0x42][..], &SML, &[0x76, 5]].concat()), Some(Protocol::Sml));
        assert_eq!(recognise(&[0x68, 0xFA, 0xFA, 0x68, 0x53, 0xFF]), Some(Protocol::Mbus));
    }

    #[test]
    fn what_only_resembles_one_is_none() {
        for head in [
            &b"/KFM5KAIFA-METER\r\n\r\n1-3:0.2.8(50)"[..],
            b"login: raspberry pi os",
            &SML[..7],
            &[0x68, 0xFA, 0xFB, 0x68],
            &[0x7E, 0xA0, 0x27, 0x01],
            &[0; HEAD],
            &[],
        ] {
            assert_eq!(recognise(head), None, "{head:02x?}");
        }
    }
}
