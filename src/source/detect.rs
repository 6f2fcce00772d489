//! Which serial settings to try, and in which order. The caller measures the time of each try.

use std::fmt;

use super::query::{self, Error, once, one_of};
use crate::wire::protocol::Protocol;
use crate::wire::serial::{Parity, SerialSettings};

/// Serial settings that the user has fixed; the others are detected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedSettings {
    /// Bits per second.
    pub baud: Option<u32>,
    /// Data bits.
    pub data: Option<u8>,
    /// The parity bit.
    pub parity: Option<Parity>,
    /// Stop bits.
    pub stop: Option<u8>,
}

/// Settings of meters that push, the likeliest first.
pub const CANDIDATES: [SerialSettings; 8] = [
    SerialSettings::HAN,
    SerialSettings::new(2400, 8, Parity::None),
    SerialSettings::new(115_200, 8, Parity::None),
    SerialSettings::new(9600, 8, Parity::None),
    SerialSettings::new(9600, 7, Parity::Even),
    SerialSettings::new(115_200, 8, Parity::Even),
    SerialSettings::new(38_400, 8, Parity::None),
    SerialSettings::new(115_200, 7, Parity::None),
];

/// Tries the candidates in turn until a frame confirms one.
#[derive(Clone, Debug)]
pub struct Detection {
    /// All settings, in the order in which they are tried.
    pub candidates: Vec<SerialSettings>,
    current: usize,
    /// Whether a valid frame arrived at the present settings.
    pub locked: bool,
    /// Whether the first candidate has yielded valid frames before.
    verified: bool,
}

impl Detection {
    /// Begins with the likeliest settings that `fixed` allows, among those of the protocol if it is given. For a polled
    /// meter the poller sets the line, so there is nothing to detect.
    pub fn new(fixed: &FixedSettings, protocol: Option<Protocol>) -> Self {
        let known = protocol.map_or(&CANDIDATES[..], Protocol::settings);
        let mut candidates = fixed.candidates(known);
        if protocol.is_some_and(Protocol::is_polled) {
            candidates.truncate(1);
        }
        Self { candidates, current: 0, locked: false, verified: false }
    }

    /// Uses these settings alone.
    pub fn use_only(&mut self, settings: SerialSettings) {
        self.candidates = vec![settings];
        self.current = 0;
    }

    /// The settings to use now.
    pub fn settings(&self) -> SerialSettings {
        self.candidates[self.current]
    }

    /// Whether there is nothing left to detect.
    pub fn settled(&self) -> bool {
        self.locked || self.candidates.len() == 1
    }

    /// Call for a valid frame: keeps the settings, and begins with them when detection starts again.
    pub fn confirm(&mut self) {
        self.candidates[..=self.current].rotate_right(1);
        self.current = 0;
        self.locked = true;
        self.verified = true;
    }

    /// Call for a try without a valid frame: moves on; true if all candidates were tried.
    ///
    /// If not one byte arrived, the line is dead at any settings: verified ones are kept.
    pub fn advance(&mut self, any_bytes: bool) -> bool {
        let stay = self.verified && self.current == 0 && !any_bytes;
        if !stay {
            self.current = (self.current + 1) % self.candidates.len();
        }
        self.current == 0
    }

    /// Starts again with the settings that were confirmed last.
    pub fn restart(&mut self) {
        self.current = 0;
        self.locked = false;
    }
}

impl FixedSettings {
    /// Takes a key of a serial line; false if it is not one.
    pub(super) fn take(&mut self, key: &str, value: &str) -> Result<bool, Error> {
        match key {
            "baud" => once("baud", &mut self.baud, baud(value))?,
            "data" => once("data", &mut self.data, one_of("data", value, "7 or 8", &[("7", 7), ("8", 8)]))?,
            "stop" => once("stop", &mut self.stop, one_of("stop", value, "1 or 2", &[("1", 1), ("2", 2)]))?,
            "parity" => {
                let parity = one_of("parity", value, "none, even or odd", &PARITIES);
                once("parity", &mut self.parity, parity)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The settings as they are written, in a fixed order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let name = |parity| PARITIES.iter().find(|(_, it)| *it == parity).map(|(name, _)| name.to_string());
        let given = [
            ("baud", self.baud.map(|baud| baud.to_string())),
            ("data", self.data.map(|data| data.to_string())),
            ("parity", self.parity.and_then(name)),
            ("stop", self.stop.map(|stop| stop.to_string())),
        ];
        given.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }

    fn candidates(&self, known: &[SerialSettings]) -> Vec<SerialSettings> {
        let allowed: Vec<_> = known.iter().copied().filter(|known| self.over(*known) == *known).collect();
        if !allowed.is_empty() {
            return allowed;
        }
        let mut made: Vec<SerialSettings> = Vec::new();
        for settings in known.iter().map(|known| self.over(*known)) {
            if !made.contains(&settings) {
                made.push(settings);
            }
        }
        made
    }

    fn over(&self, other: SerialSettings) -> SerialSettings {
        SerialSettings {
            baud: self.baud.unwrap_or(other.baud),
            data: self.data.unwrap_or(other.data),
            parity: self.parity.unwrap_or(other.parity),
            stop: self.stop.unwrap_or(other.stop),
        }
    }
}

const PARITIES: [(&str, Parity); 3] = [("none", Parity::None), ("even", Parity::Even), ("odd", Parity::Odd)];

/// Baud rates that meters use: those of IEC 62056-21 and those of ports that push.
const RATES: [u32; 9] = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 115_200];

fn baud(text: &str) -> Result<u32, Error> {
    let rate = text.parse().ok().filter(|rate| (300..=921_600).contains(rate));
    rate.ok_or_else(|| Error::Value("baud", text.into(), "a number from 300 to 921600".into()))
}

impl FixedSettings {
    /// The baud rate, if it is none that meters use.
    pub fn unusual_baud(&self) -> Option<u32> {
        self.baud.filter(|baud| !RATES.contains(baud))
    }
}

/// Writes the settings as the query of a source.
impl fmt::Display for FixedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        query::write(f, self.pairs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(detection: &mut Detection) -> Vec<String> {
        let mut names = vec![detection.settings().to_string()];
        while !detection.advance(true) {
            names.push(detection.settings().to_string());
        }
        names
    }

    fn wished(fixed: FixedSettings) -> Vec<String> {
        round(&mut Detection::new(&fixed, None))
    }

    #[test]
    fn tries_the_likeliest_settings_first_and_starts_over() {
        let mut detection = Detection::new(&FixedSettings::default(), None);
        let order = [
            "2400 8E1",
            "2400 8N1",
            "115200 8N1",
            "9600 8N1",
            "9600 7E1",
            "115200 8E1",
            "38400 8N1",
            "115200 7N1",
        ];
        assert_eq!(round(&mut detection), order);
        assert_eq!(round(&mut detection), order);
        assert!(!detection.settled());
    }

    #[test]
    fn fixed_settings_limit_the_candidates() {
        let fixed = FixedSettings::default();
        assert_eq!(wished(FixedSettings { baud: Some(2400), ..fixed }), ["2400 8E1", "2400 8N1"]);
        assert_eq!(
            wished(FixedSettings { parity: Some(Parity::Even), ..fixed }),
            ["2400 8E1", "9600 7E1", "115200 8E1"]
        );
        assert_eq!(
            wished(FixedSettings { baud: Some(300), ..fixed }),
            ["300 8E1", "300 8N1", "300 7E1", "300 7N1"]
        );
        let both = FixedSettings { baud: Some(2400), parity: Some(Parity::None), ..fixed };
        assert_eq!(wished(both), ["2400 8N1"]);
        assert!(Detection::new(&both, None).settled());
        let odd =
            FixedSettings { baud: Some(19_200), data: Some(7), parity: Some(Parity::Odd), stop: Some(2) };
        assert_eq!(wished(odd), ["19200 7O2"]);
    }

    #[test]
    fn a_given_protocol_limits_the_candidates() {
        let of = |fixed: FixedSettings, protocol| round(&mut Detection::new(&fixed, Some(protocol)));
        let fixed = FixedSettings::default();
        assert_eq!(of(fixed, Protocol::Sml), ["9600 8N1"]);
        assert_eq!(of(FixedSettings { baud: Some(9600), ..fixed }, Protocol::P1), ["9600 7E1", "9600 7N1"]);
        assert_eq!(of(fixed, Protocol::Kmp), ["9600 8N1"], "the poll engine knows the others");
        assert_eq!(of(FixedSettings { baud: Some(1200), ..fixed }, Protocol::Kmp), ["1200 8N2"]);
        assert_eq!(of(FixedSettings { stop: Some(2), ..fixed }, Protocol::Iec), ["300 7E2"]);
        let mut detection = Detection::new(&fixed, Some(Protocol::Iec));
        detection.use_only(SerialSettings::HAN);
        assert!(detection.settled() && detection.settings() == SerialSettings::HAN);
    }

    #[test]
    fn confirmed_settings_are_kept_and_come_first_after_a_restart() {
        let mut detection = Detection::new(&FixedSettings::default(), None);
        detection.advance(true);
        detection.advance(true);
        detection.confirm();
        detection.confirm();
        assert!(detection.settled() && detection.locked);
        assert_eq!(detection.settings().to_string(), "115200 8N1");
        detection.restart();
        assert!(!detection.settled());
        let order = [
            "115200 8N1",
            "2400 8E1",
            "2400 8N1",
            "9600 8N1",
            "9600 7E1",
            "115200 8E1",
            "38400 8N1",
            "115200 7N1",
        ];
        assert_eq!(round(&mut detection), order);
    }

    #[test]
    fn a_dead_line_keeps_verified_settings_and_moves_on_from_others() {
        let mut detection = Detection::new(&FixedSettings::default(), None);
        assert!(!detection.advance(false));
        assert_eq!(detection.settings().to_string(), "2400 8N1");
        detection.confirm();
        detection.restart();
        assert!(detection.advance(false));
        assert_eq!(detection.settings().to_string(), "2400 8N1");
        assert!(!detection.advance(true));
        assert_eq!(detection.settings().to_string(), "2400 8E1");
    }
}
