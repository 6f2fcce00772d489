//! What meters speak, and how one that is asked is reached.

use core::fmt;
use core::str::FromStr;

use super::serial::{Parity, SerialSettings};

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
    pub const fn is_polled(self) -> bool {
        matches!(self, Self::Kmp382 | Self::Kmp | Self::Iec)
    }

    /// Levels of DTR and RTS that power optical heads in use with its meters; `None` if none are known.
    pub const fn head_power(self) -> Option<(bool, bool)> {
        match self {
            Self::Kmp382 | Self::Iec => Some((false, true)),
            Self::Hdlc | Self::Mbus | Self::P1 | Self::Sml | Self::Kmp => None,
        }
    }

    /// Whether a poll cycle begins with a sign-on, which may wake the meter and contain its address.
    pub const fn has_sign_on(self) -> bool {
        matches!(self, Self::Iec)
    }

    /// The settings its meters use, the likeliest first; of one that is asked, those it begins with.
    pub const fn settings(self) -> &'static [SerialSettings] {
        match self {
            Self::Hdlc => {
                const { &[SerialSettings::HAN, M_BUS, FAST, OPTICAL, SerialSettings::new(38_400, 8, Parity::None)] }
            }
            Self::Mbus => const { &[SerialSettings::HAN, M_BUS] },
            Self::P1 => &P1,
            Self::Sml => const { &[OPTICAL] },
            Self::Kmp382 => const { &[SerialSettings::new(1200, 8, Parity::Even).two_stops()] },
            // Electricity meters first, then those of heat and water.
            Self::Kmp => const { &[OPTICAL, SerialSettings::new(1200, 8, Parity::None).two_stops()] },
            Self::Iec => const { &[SerialSettings::new(300, 7, Parity::Even)] },
        }
    }
}

const M_BUS: SerialSettings = SerialSettings::new(2400, 8, Parity::None);
const OPTICAL: SerialSettings = SerialSettings::new(9600, 8, Parity::None);
const FAST: SerialSettings = SerialSettings::new(115_200, 8, Parity::None);

/// NES in Denmark sends 115200 8E1, Iskraemeco in Slovenia 7N1.
const P1: [SerialSettings; 6] = [
    FAST,
    SerialSettings::new(9600, 7, Parity::Even),
    SerialSettings::new(115_200, 8, Parity::Even),
    SerialSettings::new(115_200, 7, Parity::Even),
    SerialSettings::new(115_200, 7, Parity::None),
    SerialSettings::new(9600, 7, Parity::None),
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
