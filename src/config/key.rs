//! Keys are read from files only, never quoted, and overwritten in memory when they are no longer needed.

use std::{fmt, fs::File, io, os::unix::fs::PermissionsExt, path::Path};

use zeroize::Zeroizing;

use super::input;
use crate::wire::dlms::cipher::Key;

/// How many bytes of a file are looked at: more than a key with any space around it.
const LONGEST: usize = 256;

/// Reads 32 hexadecimal digits from a file that other users cannot read.
pub fn read(path: &Path) -> Result<Key, Error> {
    match open(path)? {
        (_, Some(exposed)) => Err(exposed),
        (file, None) => read_digits(file),
    }
}

/// Reads 32 hexadecimal digits from any file, and what is wrong with its mode: good enough to decode a capture.
pub fn read_exposed(path: &Path) -> Result<(Key, Option<Error>), Error> {
    let (file, exposed) = open(path)?;
    Ok((read_digits(file)?, exposed))
}

fn open(path: &Path) -> Result<(File, Option<Error>), Error> {
    let unreadable = |error: io::Error| Error::Unreadable(error.kind());
    let file = input::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode();
    Ok((file, (mode & 0o007 != 0).then_some(Error::Exposed(mode & 0o777))))
}

fn read_digits(mut file: File) -> Result<Key, Error> {
    let mut text = Zeroizing::new([0; LONGEST]);
    let length = input::fill(&mut file, &mut *text).map_err(|error| Error::Unreadable(error.kind()))?;
    parse(text.get(..length).unwrap_or_default())
}

fn parse(text: &[u8]) -> Result<Key, Error> {
    let text = text.trim_ascii();
    if !text.iter().all(u8::is_ascii_hexdigit) {
        return Err(Error::NotHex);
    }
    let digits = str::from_utf8(text).ok().filter(|digits| digits.len() == 32);
    let key = digits.and_then(|digits| u128::from_str_radix(digits, 16).ok()).map(Zeroizing::new);
    key.map(|key| Key::new(key.to_be_bytes())).ok_or(Error::Length(text.len()))
}

/// How many hexadecimal digits make a key: also one that lost some when it was copied.
const DIGITS_OF_A_KEY: usize = 24;

/// Whether a text is nothing but a key, in any of the forms in which grid operators write one.
pub fn is_key(text: &str) -> bool {
    matches!(next_key(text), Some((0, length)) if length == text.len())
}

/// A text with every key in it replaced: people paste a key where its file belongs, and messages end up in logs.
pub fn hide(text: &str) -> String {
    let mut hidden = String::new();
    let mut rest = text;
    while let Some((start, length)) = next_key(rest) {
        let (before, key) = rest.split_at(start);
        hidden += before;
        hidden += "(a key, not shown)";
        rest = key.get(length..).unwrap_or_default();
    }
    hidden + rest
}

/// Where the first key in a text begins, and its bytes.
fn next_key(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = rest.find(|c: char| c.is_ascii_hexdigit())?;
        let (before, rest) = rest.split_at_checked(at)?;
        let first = Group::at_start(rest)?;
        let (length, digits) = stretch(rest, first);
        // The serial number of a USB adapter is as long as a key: …Controller_0123456789…-if00-port0.
        let is_serial_number =
            before.ends_with('_') && rest.get(length..).is_some_and(|after| after.starts_with("-if"));
        if digits >= DIGITS_OF_A_KEY && !is_serial_number {
            return Some((from + at, length));
        }
        from += at + first.length;
    }
}

/// Digits without a separator, and "0x" before them if it is there.
#[derive(Clone, Copy)]
struct Group {
    length: usize,
    digits: usize,
}

impl Group {
    fn at_start(text: &str) -> Option<Group> {
        let count = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
        let prefixed = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).map_or(0, count);
        let (prefix, digits) = if prefixed > 0 { (2, prefixed) } else { (0, count(text)) };
        (digits > 0).then_some(Group { length: prefix + digits, digits })
    }
}

/// The bytes and digits of groups with the same separator between them, from the first one on. A group as long as a key
/// stands alone, and what goes on as a word is none.
fn stretch(text: &str, first: Group) -> (usize, usize) {
    let Group { mut length, mut digits } = first;
    if digits >= DIGITS_OF_A_KEY {
        return (length, digits);
    }
    let mut usual = None;
    loop {
        let rest = text.get(length..).unwrap_or_default();
        let after = rest.trim_start_matches([' ', ':', ';', ',', '-', '_']);
        let (separator, _) = rest.split_at(rest.len() - after.len());
        let Some(group) = Group::at_start(after) else { return (length, digits) };
        let is_word = after.get(group.length..).is_some_and(|rest| rest.starts_with(char::is_alphabetic));
        let is_usual = *usual.get_or_insert(separator.trim()) == separator.trim();
        if separator.is_empty() || !is_usual || is_word || group.digits >= DIGITS_OF_A_KEY {
            return (length, digits);
        }
        length += separator.len() + group.length;
        digits += group.digits;
    }
}

/// Why there is no key in a file; never quotes the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The file cannot be opened or read.
    Unreadable(io::ErrorKind),
    /// Every user of the machine may read or change it: its mode.
    Exposed(u32),
    /// The number of digits is wrong.
    Length(usize),
    /// There is something other than hexadecimal digits.
    NotHex,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(io::ErrorKind::NotFound) => f.write_str("does not exist; check the path"),
            Self::Unreadable(io::ErrorKind::PermissionDenied) => f.write_str(
                "cannot be read by this user; change its owner or group, or pass it as a systemd credential",
            ),
            Self::Unreadable(io::ErrorKind::TimedOut) => {
                f.write_str("is a pipe that delivers nothing; put the key into a file")
            }
            Self::Unreadable(kind) => write!(f, "cannot be read ({kind}); check the path"),
            Self::Exposed(mode) => {
                write!(f, "is open to every user (mode {mode:04o}); run chmod o-rwx on it")
            }
            Self::Length(digits) => {
                write!(f, "must contain 32 hexadecimal digits but contains {digits}; copy the key again")
            }
            Self::NotHex => f.write_str(
                "must contain 32 hexadecimal digits (0-9, a-f) and nothing else; copy the key again",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"000102030405060708090a0B0C0d0e0F";

    #[test]
    fn reads_digits_of_either_case_and_ignores_space_around_them() {
        let key = Key::new(std::array::from_fn(|index| index as u8));
        assert_eq!(parse(TEXT), Ok(key.clone()));
        assert_eq!(parse(&[b" \t", TEXT, b"\r\n"].concat()), Ok(key));
    }

    #[test]
    fn a_key_is_recognised_in_every_form_and_hidden() {
        let key = "00112233445566778899aabbccddeeff";
        for form in [
            key,
            "00112233445566778899AABBCCDDEEF",
            "0x00112233445566778899aabbccddeeff",
            "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff",
            "00112233-44556677-8899aabb-ccddeeff",
            "00 11 22 33 44 55 66 77  88 99 aa bb cc dd ee ff",
            "00112233-4455-6677-8899-aabbccddeeff",
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
            "0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff",
        ] {
            assert!(is_key(form), "{form}");
            let text = format!("'/etc/{form}' and K={form}, ø");
            assert_eq!(hide(&text), "'/etc/(a key, not shown)' and K=(a key, not shown), ø");
            for words in ["does not exist", "- done", "each, 5 cm"] {
                let text = format!("{form} {words}");
                assert_eq!(hide(&text), format!("(a key, not shown) {words}"));
            }
        }
        for other in [
            "",
            "/etc/han-exporter/key",
            "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A10K3D2B-if00-port0",
            "/dev/serial/by-id/usb-Silicon_Labs_CP2102N_USB_to_UART_Bridge_Controller_\
             0123456789abcdef0123456789abcdef-if00-port0",
            "127.0.0.1:10170, 192.168.100.200:10170, [fe80::1]:10170",
            "00112233445566778899aab",
        ] {
            assert!(!is_key(other));
            assert_eq!(hide(other), other);
        }
        assert!(!is_key("/etc/00112233445566778899aabbccddeeff"));
        assert_eq!(hide(&format!("{key} {key}")), "(a key, not shown) (a key, not shown)");
        assert_eq!(hide(&format!("{key}O")), "(a key, not shown)O", "mistyped");
    }

    #[test]
    fn rejects_other_lengths_and_other_characters() {
        for (text, error) in [
            (b"".as_slice(), Error::Length(0)),
            (&TEXT[1..], Error::Length(31)),
            (&[TEXT, b"00"].concat(), Error::Length(34)),
            (b"0001020304050607 08090a0b0c0d0e0f", Error::NotHex),
            (b"0x0102030405060708090a0b0c0d0e0f", Error::NotHex),
            (&[0xff; 32], Error::NotHex),
        ] {
            assert_eq!(parse(text).unwrap_err(), error, "{text:?}");
        }
    }
}
