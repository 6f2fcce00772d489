//! How a serial line is set.

use core::fmt;
use core::time::Duration;

/// Settings of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SerialSettings {
    /// Bits a second.
    pub baud: u32,
    /// Data bits: 7 or 8.
    pub data: u8,
    /// The parity bit.
    pub parity: Parity,
    /// Stop bits: 1 or 2.
    pub stop: u8,
}

/// The parity bit of each byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// No parity bit.
    None,
    /// It makes the number of ones even.
    Even,
    /// It makes the number of ones odd.
    Odd,
}

impl SerialSettings {
    /// What most Nordic meters use.
    pub const HAN: Self = Self::new(2400, 8, Parity::Even);
    /// What most meters with an M-Bus interface use.
    pub const MBUS: Self = Self::new(2400, 8, Parity::None);
    /// What most optical heads use.
    pub const OPTICAL: Self = Self::new(9600, 8, Parity::None);
    /// What most P1 ports use.
    pub const FAST: Self = Self::new(115_200, 8, Parity::None);

    /// Settings with one stop bit.
    pub const fn new(baud: u32, data: u8, parity: Parity) -> Self {
        Self { baud, data, parity, stop: 1 }
    }

    /// The same with two stop bits.
    pub const fn two_stops(self) -> Self {
        Self { stop: 2, ..self }
    }

    /// The same at another rate.
    pub const fn at(self, baud: u32) -> Self {
        Self { baud, ..self }
    }

    /// How long one byte is on the wire.
    pub const fn byte(&self) -> Duration {
        let parity = if matches!(self.parity, Parity::None) { 0 } else { 1 };
        let bits = 1 + self.data as u64 + parity + self.stop as u64;
        let baud = if self.baud == 0 { 1 } else { self.baud as u64 };
        Duration::from_nanos(bits * 1_000_000_000 / baud)
    }

    /// Whether a driver that reports `got` does what these settings ask. Drivers report the rate their divisor gives.
    pub fn met_by(&self, got: &SerialSettings) -> bool {
        let near = self.baud.abs_diff(got.baud) <= self.baud / 33;
        near && (self.data, self.parity, self.stop) == (got.data, got.parity, got.stop)
    }
}

/// Writes the usual short form, `2400 8E1`.
impl fmt::Display for SerialSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        write!(f, "{} {}{}{}", self.baud, self.data, parity, self.stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_takes_its_bits() {
        assert_eq!(SerialSettings::HAN.byte(), Duration::from_nanos(4_583_333));
        assert_eq!(SerialSettings::new(9600, 7, Parity::Even).byte(), Duration::from_nanos(1_041_666));
        assert_eq!(SerialSettings::new(1200, 8, Parity::Even).two_stops().byte(), Duration::from_millis(10));
    }

    #[test]
    fn a_rounded_rate_is_met_and_a_lost_parity_bit_is_not() {
        assert!(SerialSettings::HAN.met_by(&SerialSettings::HAN.at(2403)));
        assert!(!SerialSettings::HAN.met_by(&SerialSettings::HAN.at(9600)));
        assert!(!SerialSettings::HAN.met_by(&SerialSettings { parity: Parity::None, ..SerialSettings::HAN }));
    }
}
