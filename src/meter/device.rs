//! The identification of a device (DIN 43863-5).

use core::fmt::{self, Write};

use super::manufacturer::manufacturer;
use crate::obis;
use crate::wire::obis::Obis;
use crate::wire::text::Text;

/// Codes of a device's identification in SML: the present one and the former one.
pub const NUMBERS: [Obis; 2] = [obis!(1-0:96.1.0), obis!(1-0:0.0.9)];
/// Codes of the manufacturer's letters in SML: the present one and the former one.
pub const MANUFACTURERS: [Obis; 2] = [obis!(1-0:96.50.1*1), obis!(129-129:199.130.3)];

/// An identification of DIN 43863-5, "1EMH0012345678" on the type plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identification {
    /// 1: electricity.
    pub medium: u8,
    /// Three letters of the manufacturer.
    pub letters: [u8; 3],
    /// The manufacturer's block of numbers.
    pub block: u8,
    /// Eight decimal digits.
    pub number: u32,
}

impl Identification {
    /// Reads ten bytes; the first is 0A, or 09 in meters built to the draft of the standard.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[0x09 | 0x0A, medium @ 0..=0x0F, a, b, c, block, ref number @ ..] = bytes else { return None };
        let number = u32::from_be_bytes(number.try_into().ok()?);
        let letters = [a, b, c];
        let printable = letters.iter().all(u8::is_ascii_uppercase) && number < 100_000_000;
        printable.then_some(Identification { medium, letters, block, number })
    }
}

impl fmt::Display for Identification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Identification { medium, letters, block, number } = self;
        write!(f, "{medium:X}{}{block:02X}{number:08}", letters.escape_ascii())
    }
}

/// An identification as it is printed on the meter: a text is what it says or spells, anything else becomes hexadecimal
/// digits.
pub fn printed(bytes: &[u8]) -> Text<40> {
    let mut text = Text::EMPTY;
    // What does not fit is cut.
    let _ = match Identification::parse(bytes) {
        Some(identification) => write!(text, "{identification}"),
        None if bytes.iter().all(|byte| (b' '..=b'~').contains(byte)) => {
            text.set_spelled(bytes);
            Ok(())
        }
        None => bytes.iter().try_for_each(|byte| write!(text, "{byte:02x}")),
    };
    text
}

/// The manufacturer that an identification names, if its letters are known.
pub fn manufacturer_in(identification: &[u8]) -> Option<&'static str> {
    match identification {
        // Before DIN 43863-5.
        [0x06, letters @ ..] => manufacturer(letters.get(..3)?),
        _ => manufacturer(&Identification::parse(identification)?.letters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifications_are_shown_as_they_are_printed() {
        for (bytes, shown) in [
            (&b"\x0A\x01EMH\x00\x00\xBC\x61\x4E"[..], "1EMH0012345678"),
            (b"\x09\x01ESY\x11\x00\xBC\x61\x4E", "1ESY1112345678"),
            (b"\x0A\x0ELGZ\xA0\x00\x00\x00\x07", "ELGZA000000007"),
            (b"\x0A\x01EMH\x00\x05\xF5\xE1\x00", "0a01454d480005f5e100"),
            (b"\x0A\x01emh\x00\x00\xBC\x61\x4E", "0a01656d680000bc614e"),
            (b"\x06EMH\x01\x02\x03\x04\x05\x06", "06454d48010203040506"),
            (b"\x01\xA8\x15\x78\x56\x34\x12\x01\x02", "01a815785634120102"),
            (b"01234567", "01234567"),
            (b" 01234567  ", "01234567"),
            (b"3031323334353637", "01234567"),
            (b"", ""),
            (&[0xAB; 21], &"ab".repeat(20)),
        ] {
            assert_eq!(printed(bytes).as_str(), shown);
        }
    }

    #[test]
    fn an_identification_names_its_manufacturer() {
        assert_eq!(manufacturer_in(b"\x0A\x01DZG\x00\x00\xBC\x61\x4E"), Some("DZG"));
        assert_eq!(manufacturer_in(b"\x06ISK\x01\x02\x03\x04\x05\x06"), Some("Iskraemeco"));
        assert_eq!(manufacturer_in(b"\x0A\x01XYZ\x00\x00\xBC\x61\x4E"), None);
        assert_eq!(manufacturer_in(b"EMH"), None);
    }
}
