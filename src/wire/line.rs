//! How a serial line is set, and what may be spoken on it.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

/// Settings of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bits a second.
    pub baud: u32,
    /// Data bits: 7 or 8.
    pub data: u8,
    /// The parity bit.
    pub parity: Parity,
    /// Stop bits: 1 or 2.
    pub stop: u8,
}

/// The parity bit of each octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parity {
    /// There is none.
    None,
    /// It makes the number of ones even.
    Even,
    /// It makes the number of ones odd.
    Odd,
}

/// What meters speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// DLMS in HDLC frames, pushed.
    Hdlc,
    /// DLMS in frames of wired M-Bus, pushed.
    Mbus,
    /// ASCII telegrams, pushed.
    P1,
    /// SML, pushed.
    Sml,
    /// Kamstrup's protocol of the 685-382, asked for.
    Kmp382,
    /// Kamstrup's binary protocol, asked for.
    Kmp,
    /// The readout of IEC 62056-21, asked for.
    Iec,
}

impl Settings {
    /// What most Nordic meters use.
    pub const HAN: Self = Self::new(2400, 8, Parity::Even);

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

    /// How long one octet is on the wire.
    pub const fn octet(&self) -> Duration {
        let parity = if matches!(self.parity, Parity::None) { 0 } else { 1 };
        let bits = 1 + self.data as u64 + parity + self.stop as u64;
        let baud = if self.baud == 0 { 1 } else { self.baud as u64 };
        Duration::from_nanos(bits * 1_000_000_000 / baud)
    }

    /// Whether a driver that reports `got` does what these settings ask. Drivers report the rate their divisor gives.
    pub fn met_by(&self, got: &Settings) -> bool {
        let near = self.baud.abs_diff(got.baud) <= self.baud / 33;
        near && (self.data, self.parity, self.stop) == (got.data, got.parity, got.stop)
    }
}

/// Writes the usual short form, `2400 8E1`.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        write!(f, "{} {}{}{}", self.baud, self.data, parity, self.stop)
    }
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Hdlc, Self::Mbus, Self::P1, Self::Sml, Self::Kmp382, Self::Kmp, Self::Iec];

    /// How a source names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hdlc => "hdlc",
            Self::Mbus => "mbus",
            Self::P1 => "p1",
            Self::Sml => "sml",
            Self::Kmp382 => "kmp382",
            Self::Kmp => "kmp",
            Self::Iec => "iec",
        }
    }

    /// Whether the meter speaks only when it is asked.
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::Kmp382 | Self::Kmp | Self::Iec)
    }

    /// The settings its meters use, the likeliest first; of one that is asked, those it begins with.
    pub const fn settings(self) -> &'static [Settings] {
        match self {
            Self::Hdlc => {
                const { &[Settings::HAN, M_BUS, FAST, OPTICAL, Settings::new(38_400, 8, Parity::None)] }
            }
            Self::Mbus => const { &[Settings::HAN, M_BUS] },
            Self::P1 => &P1,
            Self::Sml => const { &[OPTICAL] },
            Self::Kmp382 => const { &[Settings::new(1200, 8, Parity::Even).two_stops()] },
            // Electricity meters first, then those of heat and water.
            Self::Kmp => const { &[OPTICAL, Settings::new(1200, 8, Parity::None).two_stops()] },
            Self::Iec => const { &[Settings::new(300, 7, Parity::Even)] },
        }
    }
}

const M_BUS: Settings = Settings::new(2400, 8, Parity::None);
const OPTICAL: Settings = Settings::new(9600, 8, Parity::None);
const FAST: Settings = Settings::new(115_200, 8, Parity::None);

/// NES in Denmark sends 115200 8E1, Iskraemeco in Slovenia 7N1.
const P1: [Settings; 6] = [
    FAST,
    Settings::new(9600, 7, Parity::Even),
    Settings::new(115_200, 8, Parity::Even),
    Settings::new(115_200, 7, Parity::Even),
    Settings::new(115_200, 7, Parity::None),
    Settings::new(9600, 7, Parity::None),
];

impl FromStr for Protocol {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == text).ok_or(())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_octet_takes_its_bits() {
        assert_eq!(Settings::HAN.octet(), Duration::from_nanos(4_583_333));
        assert_eq!(Settings::new(9600, 7, Parity::Even).octet(), Duration::from_nanos(1_041_666));
        assert_eq!(Settings::new(1200, 8, Parity::Even).two_stops().octet(), Duration::from_millis(10));
    }

    #[test]
    fn a_rounded_rate_is_met_and_a_lost_parity_bit_is_not() {
        assert!(Settings::HAN.met_by(&Settings::HAN.at(2403)));
        assert!(!Settings::HAN.met_by(&Settings::HAN.at(9600)));
        assert!(!Settings::HAN.met_by(&Settings { parity: Parity::None, ..Settings::HAN }));
    }

    #[test]
    fn protocols_are_read_by_their_names() {
        for protocol in Protocol::ALL {
            assert_eq!(protocol.to_string().parse(), Ok(protocol));
            assert!(!protocol.settings().is_empty());
        }
        assert_eq!("KMP".parse::<Protocol>(), Err(()));
        let first = |protocol: Protocol| protocol.settings()[0].to_string();
        assert_eq!(
            [first(Protocol::Kmp382), first(Protocol::Kmp), first(Protocol::Iec)],
            ["1200 8E2", "9600 8N1", "300 7E1"]
        );
    }
}
