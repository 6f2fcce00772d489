//! Check sequences: CRC-16/X.25 of HDLC (ISO/IEC 13239, annex A), CRC-16/ARC of P1 telegrams.

use crc::{CRC_16_ARC, CRC_16_IBM_SDLC, Crc, Digest, Table};

// Sixteen octets a step: the check is the larger half of decoding a frame.
static X25: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_IBM_SDLC);

static ARC: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_ARC);

/// The check of a P1 telegram over its octets from `/` to `!`.
pub fn arc(octets: &[u8]) -> u16 {
    ARC.checksum(octets)
}

/// A check sequence in the making.
#[derive(Clone)]
pub struct Check(Digest<'static, u16, Table<16>>);

impl Check {
    /// Starts with these octets.
    pub fn over(octets: &[u8]) -> Self {
        Check(X25.digest()).and(octets)
    }

    /// Goes on with these octets.
    pub fn and(mut self, octets: &[u8]) -> Self {
        self.0.update(octets);
        self
    }

    /// The two octets as they stand on the wire: low octet first (Green Book 8.4.1.8).
    pub fn sequence(self) -> [u8; 2] {
        self.0.finalize().to_le_bytes()
    }

    /// Whether the octets received are those computed.
    pub fn holds(self, received: [u8; 2]) -> bool {
        // The fuzzer cannot guess a check sequence; what lies behind it must be reachable all the same.
        cfg!(fuzzing) || self.sequence() == received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_standard() {
        assert_eq!(Check::over(b"123456789").sequence(), [0x6E, 0x90]);
        assert_eq!(Check::over(b"1234").and(b"56789").sequence(), [0x6E, 0x90]);
        assert_eq!(arc(b"123456789"), 0xBB3D);
    }

    #[test]
    fn a_sequence_of_zeros_is_compared_like_any_other() {
        assert!(!Check::over(b"123456789").holds([0, 0]));
        assert!(Check::over(b"123456789").holds([0x6E, 0x90]));
    }
}
