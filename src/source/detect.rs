//! Which line settings to try, and in which order. It reads no clock: the caller says when a try is over.

use std::fmt;
use std::time::Duration;

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

/// What the user fixed of the settings; the rest is detected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
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
pub const CANDIDATES: [Settings; 7] = [
    Settings::HAN,
    Settings::new(2400, 8, Parity::None),
    Settings::new(115_200, 8, Parity::None),
    Settings::new(9600, 8, Parity::None),
    Settings::new(9600, 7, Parity::Even),
    Settings::new(115_200, 8, Parity::Even),
    Settings::new(38_400, 8, Parity::None),
];

/// The order of trying: a round over the candidates until one is confirmed.
#[derive(Clone, Debug)]
pub struct Detection {
    candidates: Vec<Settings>,
    current: usize,
    locked: bool,
    /// The first candidate once held frames.
    proven: bool,
}

impl Detection {
    /// Starts with the likeliest of the settings that the wish allows.
    pub fn new(wish: &Wish) -> Self {
        Self { candidates: wish.candidates(), current: 0, locked: false, proven: false }
    }

    /// Settings to use now.
    pub fn settings(&self) -> Settings {
        self.candidates[self.current]
    }

    /// All settings of a round, in order.
    pub fn candidates(&self) -> &[Settings] {
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
    /// Without a single octet the line is dead, whatever its settings: proven ones are then not given up.
    pub fn advance(&mut self, octets: bool) -> bool {
        let stay = self.proven && self.current == 0 && !octets;
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

impl Wish {
    fn candidates(&self) -> Vec<Settings> {
        let known: Vec<_> = CANDIDATES.into_iter().filter(|known| self.over(*known) == *known).collect();
        if !known.is_empty() {
            return known;
        }
        let mut made: Vec<Settings> = Vec::new();
        for settings in CANDIDATES.map(|known| self.over(known)) {
            if !made.contains(&settings) {
                made.push(settings);
            }
        }
        made
    }

    fn over(&self, other: Settings) -> Settings {
        Settings {
            baud: self.baud.unwrap_or(other.baud),
            data: self.data.unwrap_or(other.data),
            parity: self.parity.unwrap_or(other.parity),
            stop: self.stop.unwrap_or(other.stop),
        }
    }
}

impl Settings {
    /// What most Nordic meters use.
    pub const HAN: Self = Self::new(2400, 8, Parity::Even);

    /// Settings with one stop bit.
    pub const fn new(baud: u32, data: u8, parity: Parity) -> Self {
        Self { baud, data, parity, stop: 1 }
    }

    /// How long one octet is on the wire.
    pub fn octet(&self) -> Duration {
        let parity = if self.parity == Parity::None { 0 } else { 1 };
        let bits = 1 + u32::from(self.data) + parity + u32::from(self.stop);
        Duration::from_nanos(u64::from(bits) * 1_000_000_000 / u64::from(self.baud.max(1)))
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

    fn wished(wish: Wish) -> Vec<String> {
        round(&mut Detection::new(&wish))
    }

    #[test]
    fn a_round_tries_the_likeliest_first_and_comes_back() {
        let mut detection = Detection::new(&Wish::default());
        let order = ["2400 8E1", "2400 8N1", "115200 8N1", "9600 8N1", "9600 7E1", "115200 8E1", "38400 8N1"];
        assert_eq!(round(&mut detection), order);
        assert_eq!(round(&mut detection), order);
        assert!(!detection.settled());
    }

    #[test]
    fn what_is_given_limits_what_is_tried() {
        let wish = Wish::default();
        assert_eq!(wished(Wish { baud: Some(2400), ..wish }), ["2400 8E1", "2400 8N1"]);
        assert_eq!(
            wished(Wish { parity: Some(Parity::Even), ..wish }),
            ["2400 8E1", "9600 7E1", "115200 8E1"]
        );
        assert_eq!(wished(Wish { baud: Some(300), ..wish }), ["300 8E1", "300 8N1", "300 7E1"]);
        let both = Wish { baud: Some(2400), parity: Some(Parity::None), ..wish };
        assert_eq!(wished(both), ["2400 8N1"]);
        assert!(Detection::new(&both).settled());
        let odd = Wish { baud: Some(19_200), data: Some(7), parity: Some(Parity::Odd), stop: Some(2) };
        assert_eq!(wished(odd), ["19200 7O2"]);
    }

    #[test]
    fn a_confirmed_setting_is_kept_and_comes_first_after_a_restart() {
        let mut detection = Detection::new(&Wish::default());
        detection.advance(true);
        detection.advance(true);
        detection.confirm();
        detection.confirm();
        assert!(detection.settled() && detection.locked());
        assert_eq!(detection.settings().to_string(), "115200 8N1");
        detection.restart();
        assert!(!detection.settled());
        let order = ["115200 8N1", "2400 8E1", "2400 8N1", "9600 8N1", "9600 7E1", "115200 8E1", "38400 8N1"];
        assert_eq!(round(&mut detection), order);
    }

    #[test]
    fn a_dead_line_does_not_shake_proven_settings_but_does_move_unproven_ones() {
        let mut detection = Detection::new(&Wish::default());
        assert!(!detection.advance(false));
        assert_eq!(detection.settings().to_string(), "2400 8N1");
        detection.confirm();
        detection.restart();
        assert!(detection.advance(false));
        assert_eq!(detection.settings().to_string(), "2400 8N1");
        assert!(!detection.advance(true));
        assert_eq!(detection.settings().to_string(), "2400 8E1");
    }

    #[test]
    fn an_octet_takes_its_bits() {
        assert_eq!(Settings::HAN.octet(), Duration::from_nanos(4_583_333));
        assert_eq!(Settings::new(9600, 7, Parity::Even).octet(), Duration::from_nanos(1_041_666));
    }

    #[test]
    fn a_rounded_rate_is_met_and_a_lost_parity_bit_is_not() {
        assert!(Settings::HAN.met_by(&Settings { baud: 2403, ..Settings::HAN }));
        assert!(!Settings::HAN.met_by(&Settings { baud: 9600, ..Settings::HAN }));
        assert!(!Settings::HAN.met_by(&Settings { parity: Parity::None, ..Settings::HAN }));
    }
}
