//! Check sequences: CRC-16/X.25 of HDLC and SML (ISO/IEC 13239, annex A), CRC-16/ARC of P1 telegrams.

use crc::{CRC_16_ARC, CRC_16_IBM_SDLC, Crc, Digest, Table};

// Sixteen bytes a step: the check is the larger half of decoding a frame.
static X25: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_IBM_SDLC);

static ARC: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_ARC);

/// The check of a P1 telegram over its bytes from `/` to `!`.
pub fn arc(bytes: &[u8]) -> u16 {
    ARC.checksum(bytes)
}

/// A check sequence in the making.
#[derive(Clone)]
pub struct Check(Digest<'static, u16, Table<16>>);

impl Check {
    /// Starts with these bytes.
    pub fn over(bytes: &[u8]) -> Self {
        Check(X25.digest()).and(bytes)
    }

    /// Goes on with these bytes.
    pub fn and(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// The two bytes as they are sent: low byte first (Green Book 8.4.1.8).
    pub fn sequence(self) -> [u8; 2] {
        self.0.finalize().to_le_bytes()
    }

    /// CRC-16/KERMIT: the same register, begun with zeros and not turned over at the end.
    pub fn kermit(bytes: &[u8]) -> u16 {
        let mut digest = X25.digest_with_initial(0);
        digest.update(bytes);
        !digest.finalize()
    }

    /// Whether the bytes received are those computed.
    pub fn holds(self, received: [u8; 2]) -> bool {
        // The fuzzer cannot guess a check sequence, and must still reach the code after it.
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
        assert_eq!(Check::kermit(b"123456789"), 0x2189);
        assert_eq!(arc(b"123456789"), 0xBB3D);
    }

    #[test]
    fn a_sequence_of_zeros_is_compared_like_any_other() {
        assert!(!Check::over(b"123456789").holds([0, 0]));
        assert!(Check::over(b"123456789").holds([0x6E, 0x90]));
    }
}
