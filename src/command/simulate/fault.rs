//! What may go wrong on the way from a meter to its reader, done to frames on purpose.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::simulator::Random;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A bit is inverted.
    Bitflip,
    /// A byte is lost.
    Lost,
    /// A byte comes twice.
    Doubled,
    /// The end of the frame is missing.
    Cut,
    /// Bytes are replaced as by a receiver that expects another parity.
    Parity,
    /// Garbage comes before the frame.
    Noise,
    /// Nothing comes for half a minute after the frame.
    Silence,
    /// The adapter is unplugged before the frame, and plugged in again.
    Unplug,
    /// A question comes back before its answer, as optical heads return it.
    Echo,
    /// A question does not reach the meter.
    Deaf,
}

/// Faults and how often each strikes: from 0, never, to 1, with every frame.
pub type Rates = Vec<(Fault, f64)>;

/// A kind of fault that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(String);

/// Does to frames what the rates say. The same seed does the same.
pub struct Injector {
    rates: Rates,
    random: Random,
    silent_until: Duration,
}

/// What is left of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// What goes over the line.
    pub bytes: Vec<u8>,
    /// Whether the line is dropped first.
    pub unplugged: bool,
}

impl Fault {
    /// All there are.
    pub const ALL: [Fault; 10] = [
        Fault::Bitflip,
        Fault::Lost,
        Fault::Doubled,
        Fault::Cut,
        Fault::Parity,
        Fault::Noise,
        Fault::Silence,
        Fault::Unplug,
        Fault::Echo,
        Fault::Deaf,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Bitflip => "bitflip",
            Fault::Lost => "lost",
            Fault::Doubled => "doubled",
            Fault::Cut => "cut",
            Fault::Parity => "parity",
            Fault::Noise => "noise",
            Fault::Silence => "silence",
            Fault::Unplug => "unplug",
            Fault::Echo => "echo",
            Fault::Deaf => "deaf",
        }
    }

    /// Whether it strikes what a meter is asked, and not what it says.
    pub const fn affects_requests(self) -> bool {
        matches!(self, Fault::Echo | Fault::Deaf)
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let found = Fault::ALL.into_iter().find(|fault| fault.name() == text);
        found.ok_or_else(|| UnknownFault(text.into()))
    }
}

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Fault::ALL.map(Fault::name).join(", ");
        write!(f, "\"{}\" is no kind of fault: there are {names}", self.0)
    }
}

impl std::error::Error for UnknownFault {}

impl Injector {
    /// How long [`Fault::Silence`] lasts.
    pub const SILENCE: Duration = Duration::from_secs(30);

    /// An injector that strikes at these rates.
    pub fn new(rates: Rates, seed: u64) -> Self {
        Injector { rates, random: Random::new(!seed), silent_until: Duration::ZERO }
    }

    /// What becomes of a frame that is due so long after the start; `None` if it is not sent.
    pub fn strike(&mut self, due: Duration, frame: Vec<u8>) -> Option<Damaged> {
        if due < self.silent_until {
            return None;
        }
        let mut struck = Damaged { bytes: frame, unplugged: false };
        for index in 0..self.rates.len() {
            let (fault, rate) = self.rates[index];
            if !fault.affects_requests() && self.random.chance(rate) {
                self.inflict(fault, due, &mut struck);
            }
        }
        Some(struck)
    }

    /// Whether a fault strikes a question.
    pub fn hits(&mut self, fault: Fault) -> bool {
        let rate = self.rates.iter().find(|(kind, _)| *kind == fault);
        rate.is_some_and(|(_, rate)| self.random.chance(*rate))
    }

    fn inflict(&mut self, fault: Fault, due: Duration, Damaged { bytes, unplugged }: &mut Damaged) {
        let place = self.random.below(bytes.len());
        match fault {
            Fault::Echo | Fault::Deaf => {}
            Fault::Unplug => *unplugged = true,
            Fault::Silence => self.silent_until = due + Injector::SILENCE,
            Fault::Noise => drop(bytes.splice(0..0, self.noise())),
            _ if bytes.is_empty() => {}
            Fault::Bitflip => bytes[place] ^= 1 << self.random.below(8),
            Fault::Lost => drop(bytes.remove(place)),
            Fault::Doubled => bytes.insert(place, bytes[place]),
            Fault::Cut => bytes.truncate(place),
            Fault::Parity => self.garble(bytes, place),
        }
    }

    fn noise(&mut self) -> Vec<u8> {
        let length = 1 + self.random.below(48);
        std::iter::repeat_with(|| self.random.bits() as u8).take(length).collect()
    }

    /// Some receivers put a question mark in the place of a byte with the wrong parity, others a zero.
    fn garble(&mut self, bytes: &mut [u8], surely: usize) {
        let mark = if self.random.chance(0.5) { 0x3F } else { 0x00 };
        for (place, byte) in bytes.iter_mut().enumerate() {
            if place == surely || self.random.chance(0.1) {
                *byte = if *byte == mark { !mark } else { mark };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: [u8; 40] = {
        let mut frame = [0; 40];
        let mut index = 0;
        while index < frame.len() {
            frame[index] = 0x80 + index as u8;
            index += 1;
        }
        frame
    };

    /// What a fault makes of a thousand frames.
    fn struck(fault: Fault) -> Vec<Damaged> {
        let mut injector = Injector::new(vec![(fault, 1.0)], 5);
        (0..1000).filter_map(|_| injector.strike(Duration::ZERO, FRAME.to_vec())).collect()
    }

    #[track_caller]
    fn always(fault: Fault, holds: impl Fn(&[u8]) -> bool) {
        let all = struck(fault);
        assert!(all.iter().all(|struck| holds(&struck.bytes) && !struck.unplugged), "{fault:?}");
        assert!(all.iter().any(|struck| struck.bytes != all[0].bytes), "{fault:?} hits one place only");
    }

    #[test]
    fn each_fault_does_what_it_says() {
        let differing = |bytes: &[u8]| bytes.iter().zip(FRAME).filter(|(byte, sent)| **byte != *sent).count();
        let bits = |bytes: &[u8]| -> u32 { bytes.iter().zip(FRAME).map(|(a, b)| (a ^ b).count_ones()).sum() };
        let without = |place: usize| [&FRAME[..place], &FRAME[place + 1..]].concat();
        let with = |place: usize| [&FRAME[..=place], &FRAME[place..]].concat();
        always(Fault::Bitflip, |bytes| bytes.len() == FRAME.len() && bits(bytes) == 1);
        always(Fault::Lost, |bytes| (0..FRAME.len()).any(|place| bytes == without(place)));
        always(Fault::Doubled, |bytes| (0..FRAME.len()).any(|place| bytes == with(place)));
        always(Fault::Cut, |bytes| bytes.len() < FRAME.len() && FRAME.starts_with(bytes));
        always(Fault::Parity, |bytes| {
            let marks = |mark| bytes.iter().filter(|byte| **byte == mark).count();
            bytes.len() == FRAME.len()
                && differing(bytes) > 0
                && marks(0x3F).max(marks(0)) == differing(bytes)
        });
        always(Fault::Noise, |bytes| bytes.len() > FRAME.len() && bytes.ends_with(&FRAME));
    }

    #[test]
    fn unplugging_leaves_the_frame_whole() {
        let whole = Damaged { bytes: FRAME.to_vec(), unplugged: true };
        assert!(struck(Fault::Unplug).iter().all(|struck| *struck == whole));
    }

    #[test]
    fn silence_swallows_the_frames_of_half_a_minute() {
        let mut injector = Injector::new(vec![(Fault::Silence, 1.0)], 5);
        let heard: Vec<u64> = (0..100)
            .filter(|second| injector.strike(Duration::from_secs(*second), FRAME.to_vec()).is_some())
            .collect();
        assert_eq!(heard, [0, 30, 60, 90]);
    }

    #[test]
    fn questions_are_struck_apart_from_answers() {
        let whole = Damaged { bytes: FRAME.to_vec(), unplugged: false };
        for fault in [Fault::Echo, Fault::Deaf] {
            assert!(struck(fault).iter().all(|struck| *struck == whole));
            let mut injector = Injector::new(vec![(fault, 0.5)], 5);
            let hits = (0..1000).filter(|_| injector.hits(fault)).count();
            assert!((400..600).contains(&hits), "{hits}");
            assert!(!injector.hits(Fault::Noise));
        }
    }

    #[test]
    fn rates_are_kept_and_seeds_repeat() {
        let damaged = |rate, seed| -> Vec<bool> {
            let mut injector = Injector::new(vec![(Fault::Bitflip, rate)], seed);
            let strike = |_| {
                injector.strike(Duration::ZERO, FRAME.to_vec())
                    != Some(Damaged { bytes: FRAME.to_vec(), unplugged: false })
            };
            (0..2000).map(strike).collect()
        };
        let count = |rate| damaged(rate, 9).into_iter().filter(|damaged| *damaged).count();
        assert_eq!((count(0.0), count(1.0)), (0, 2000));
        assert!((140..260).contains(&count(0.1)), "{}", count(0.1));
        assert_eq!(damaged(0.5, 9), damaged(0.5, 9));
        assert_ne!(damaged(0.5, 9), damaged(0.5, 10));
    }

    #[test]
    fn nothing_can_be_done_to_no_bytes() {
        let rates = Fault::ALL.map(|fault| (fault, 1.0)).to_vec();
        let mut injector = Injector::new(rates, 1);
        assert!(injector.strike(Duration::ZERO, vec![]).is_some());
    }

    #[test]
    fn names_are_read_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(fault));
        }
        let error = "flood".parse::<Fault>().unwrap_err().to_string();
        assert!(error.starts_with("\"flood\" is no kind of fault: there are bitflip, lost"), "{error}");
    }
}
