//! Which line settings to try, and in which order. It reads no clock: the caller says when a try is over.

use crate::wire::protocol::Protocol;
pub use crate::wire::serial::{Parity, SerialSettings};

/// What the user fixed of the settings; the rest is detected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedSettings {
    /// Bits a second.
    pub baud: Option<u32>,
    /// Data bits.
    pub data: Option<u8>,
    /// The parity bit.
    pub parity: Option<Parity>,
    /// Stop bits.
    pub stop: Option<u8>,
}

/// The settings meters use, the likeliest first.
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

/// The order of trying: a round over the candidates until one is confirmed.
#[derive(Clone, Debug)]
pub struct Detection {
    candidates: Vec<SerialSettings>,
    current: usize,
    locked: bool,
    /// The first candidate once held frames.
    proven: bool,
}

impl Detection {
    /// Starts with the likeliest of the settings that the fixed allows, of those in use with a protocol if it is named.
    /// Whoever asks sets the line himself: there is nothing to be found out.
    pub fn new(fixed: &FixedSettings, protocol: Option<Protocol>) -> Self {
        let known = protocol.map_or(&CANDIDATES[..], Protocol::settings);
        let mut candidates = fixed.candidates(known);
        if protocol.is_some_and(Protocol::is_polled) {
            candidates.truncate(1);
        }
        Self { candidates, current: 0, locked: false, proven: false }
    }

    /// Uses other settings, which are not to be doubted.
    pub fn use_only(&mut self, settings: SerialSettings) {
        self.candidates = vec![settings];
        self.current = 0;
    }

    /// Settings to use now.
    pub fn settings(&self) -> SerialSettings {
        self.candidates[self.current]
    }

    /// All settings of a round, in order.
    pub fn candidates(&self) -> &[SerialSettings] {
        &self.candidates
    }

    /// Whether nothing is left to find out.
    pub fn settled(&self) -> bool {
        self.locked || self.candidates.len() == 1
    }

    /// Whether a frame held at the settings in use.
    pub fn locked(&self) -> bool {
        self.locked
    }

    /// A frame held: stays here, and begins here whenever detection starts again.
    pub fn confirm(&mut self) {
        self.candidates[..=self.current].rotate_right(1);
        self.current = 0;
        self.locked = true;
        self.proven = true;
    }

    /// No frame held in this try: moves on; true if that ends the round.
    ///
    /// Without a single byte the line is dead, whatever its settings: proven ones are then not given up.
    pub fn advance(&mut self, bytes: bool) -> bool {
        let stay = self.proven && self.current == 0 && !bytes;
        if !stay {
            self.current = (self.current + 1) % self.candidates.len();
        }
        self.current == 0
    }

    /// Frames stayed away: starts again with the settings that held last.
    pub fn restart(&mut self) {
        self.current = 0;
        self.locked = false;
    }
}

impl FixedSettings {
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
    fn a_round_tries_the_likeliest_first_and_comes_back() {
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
    fn what_is_given_limits_what_is_tried() {
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
    fn a_protocol_that_is_named_limits_what_is_tried() {
        let of = |fixed: FixedSettings, protocol| round(&mut Detection::new(&fixed, Some(protocol)));
        let fixed = FixedSettings::default();
        assert_eq!(of(fixed, Protocol::Sml), ["9600 8N1"]);
        assert_eq!(of(FixedSettings { baud: Some(9600), ..fixed }, Protocol::P1), ["9600 7E1", "9600 7N1"]);
        assert_eq!(of(fixed, Protocol::Kmp), ["9600 8N1"], "the session knows the others");
        assert_eq!(of(FixedSettings { baud: Some(1200), ..fixed }, Protocol::Kmp), ["1200 8N2"]);
        assert_eq!(of(FixedSettings { stop: Some(2), ..fixed }, Protocol::Iec), ["300 7E2"]);
        let mut detection = Detection::new(&fixed, Some(Protocol::Iec));
        detection.use_only(SerialSettings::HAN);
        assert!(detection.settled() && detection.settings() == SerialSettings::HAN);
    }

    #[test]
    fn a_confirmed_setting_is_kept_and_comes_first_after_a_restart() {
        let mut detection = Detection::new(&FixedSettings::default(), None);
        detection.advance(true);
        detection.advance(true);
        detection.confirm();
        detection.confirm();
        assert!(detection.settled() && detection.locked());
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
    fn a_dead_line_does_not_shake_proven_settings_but_does_move_unproven_ones() {
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
