//! The protocols that meters speak.

use core::fmt;
use core::str::FromStr;

use super::description::Description;
use super::serial::SerialSettings;
use super::{hdlc, iec21, kmp, kmp382, mbus, sml, telegram};

/// A protocol.
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
    /// Kamstrup's protocol of the 685-382, polled.
    Kmp382,
    /// Kamstrup's binary protocol, polled.
    Kmp,
    /// The readout of IEC 62056-21, polled.
    Iec,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Hdlc, Self::Mbus, Self::P1, Self::Sml, Self::Kmp382, Self::Kmp, Self::Iec];

    /// Its name in the address of a source and in JSON.
    pub const fn name(self) -> &'static str {
        self.description().name
    }

    /// What one of its frames is called.
    pub const fn title(self) -> &'static str {
        self.description().title
    }

    /// Whether its meters respond only to requests.
    pub const fn is_polled(self) -> bool {
        self.description().polling.is_some()
    }

    /// Levels of DTR and RTS that power the optical heads in use with its meters; `None` if none are known.
    pub fn head_power(self) -> Option<(bool, bool)> {
        self.description().polling?.head_power
    }

    /// Whether a poll cycle begins with a sign-on, which may wake the meter and contain its address.
    pub fn has_sign_on(self) -> bool {
        self.description().polling.is_some_and(|polling| polling.has_sign_on)
    }

    /// The serial settings its meters use, the likeliest first; of polled meters, those at which the poller begins.
    pub const fn settings(self) -> &'static [SerialSettings] {
        self.description().settings
    }

    const fn description(self) -> &'static Description {
        match self {
            Self::Hdlc => &hdlc::DESCRIPTION,
            Self::Mbus => &mbus::DESCRIPTION,
            Self::P1 => &telegram::DESCRIPTION,
            Self::Sml => &sml::DESCRIPTION,
            Self::Kmp382 => &kmp382::DESCRIPTION,
            Self::Kmp => &kmp::DESCRIPTION,
            Self::Iec => &iec21::DESCRIPTION,
        }
    }
}

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
        let powers = [Protocol::Kmp382, Protocol::Iec, Protocol::Kmp, Protocol::P1].map(Protocol::head_power);
        assert_eq!(powers, [Some((false, true)), Some((false, true)), None, None]);
        assert_eq!("KMP".parse::<Protocol>(), Err(()));
        let first = |protocol: Protocol| protocol.settings()[0].to_string();
        assert_eq!(
            [first(Protocol::Kmp382), first(Protocol::Kmp), first(Protocol::Iec)],
            ["1200 8E2", "9600 8N1", "300 7E1"]
        );
    }
}
