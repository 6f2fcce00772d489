//! Damages frames as it happens on the way from a meter to its reader.

use std::time::Duration;

use clap::ValueEnum;

use crate::simulator::Random;

/// A kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// A bit is inverted.
    Bitflip,
    /// A byte is lost.
    Lost,
    /// A byte arrives twice.
    Doubled,
    /// The end of the frame is missing.
    Cut,
    /// Bytes are replaced, as by a receiver that expects another parity.
    Parity,
    /// Garbage arrives before the frame.
    Noise,
    /// Nothing arrives for half a minute after the frame.
    Silence,
    /// The adapter is unplugged before the frame, and plugged in again.
    Unplug,
    /// A request is returned before its response, as by many optical heads.
    Echo,
    /// A request does not reach the meter.
    Deaf,
}

/// Faults and the rate of each: from 0, never, to 1, for every frame.
pub type Rates = Vec<(Fault, f64)>;

/// Damages frames at given rates. Equal seeds do the same damage.
pub struct Injector {
    rates: Rates,
    random: Random,
    silent_until: Duration,
}

/// A frame after damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The bytes on the line.
    pub bytes: Vec<u8>,
    /// Whether the adapter is unplugged first.
    pub unplugged: bool,
}

impl Fault {
    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether it damages requests, and not frames of the meter.
    pub const fn affects_requests(self) -> bool {
        matches!(self, Fault::Echo | Fault::Deaf)
    }
}

impl Injector {
    /// How long [`Fault::Silence`] lasts.
    pub const SILENCE: Duration = Duration::from_secs(30);

    /// An injector with these rates.
    pub fn new(rates: Rates, seed: u64) -> Self {
        Injector { rates, random: Random::new(!seed), silent_until: Duration::ZERO }
    }

    /// Damages a frame that is due at a time since the start; `None` if it is not sent.
    pub fn damage(&mut self, due: Duration, frame: Vec<u8>) -> Option<Damaged> {
        if due < self.silent_until {
            return None;
        }
        let mut damaged = Damaged { bytes: frame, unplugged: false };
        for index in 0..self.rates.len() {
            let (fault, rate) = self.rates[index];
            if !fault.affects_requests() && self.random.chance(rate) {
                self.inflict(fault, due, &mut damaged);
            }
        }
        Some(damaged)
    }

    /// Whether a fault damages the present request.
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

    /// Some receivers replace a byte of wrong parity by a question mark, others by a zero.
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

    /// A thousand frames after damage.
    fn damaged(fault: Fault) -> Vec<Damaged> {
        let mut injector = Injector::new(vec![(fault, 1.0)], 5);
        (0..1000).filter_map(|_| injector.damage(Duration::ZERO, FRAME.to_vec())).collect()
    }

    #[track_caller]
    fn always(fault: Fault, holds: impl Fn(&[u8]) -> bool) {
        let all = damaged(fault);
        assert!(all.iter().all(|frame| holds(&frame.bytes) && !frame.unplugged), "{fault:?}");
        assert!(all.iter().any(|frame| frame.bytes != all[0].bytes), "{fault:?} hits one place only");
    }

    #[test]
    fn each_fault_does_its_damage() {
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
    fn unplugging_leaves_the_frame_intact() {
        let intact = Damaged { bytes: FRAME.to_vec(), unplugged: true };
        assert!(damaged(Fault::Unplug).iter().all(|frame| *frame == intact));
    }

    #[test]
    fn silence_suppresses_the_frames_of_half_a_minute() {
        let mut injector = Injector::new(vec![(Fault::Silence, 1.0)], 5);
        let heard: Vec<u64> = (0..100)
            .filter(|second| injector.damage(Duration::from_secs(*second), FRAME.to_vec()).is_some())
            .collect();
        assert_eq!(heard, [0, 30, 60, 90]);
    }

    #[test]
    fn requests_are_damaged_apart_from_frames() {
        let intact = Damaged { bytes: FRAME.to_vec(), unplugged: false };
        for fault in [Fault::Echo, Fault::Deaf] {
            assert!(damaged(fault).iter().all(|frame| *frame == intact));
            let mut injector = Injector::new(vec![(fault, 0.5)], 5);
            let hits = (0..1000).filter(|_| injector.hits(fault)).count();
            assert!((400..600).contains(&hits), "{hits}");
            assert!(!injector.hits(Fault::Noise));
        }
    }

    #[test]
    fn keeps_the_rates_and_repeats_for_equal_seeds() {
        let damaged = |rate, seed| -> Vec<bool> {
            let mut injector = Injector::new(vec![(Fault::Bitflip, rate)], seed);
            let is_damaged = |_| {
                injector.damage(Duration::ZERO, FRAME.to_vec())
                    != Some(Damaged { bytes: FRAME.to_vec(), unplugged: false })
            };
            (0..2000).map(is_damaged).collect()
        };
        let count = |rate| damaged(rate, 9).into_iter().filter(|damaged| *damaged).count();
        assert_eq!((count(0.0), count(1.0)), (0, 2000));
        assert!((140..260).contains(&count(0.1)), "{}", count(0.1));
        assert_eq!(damaged(0.5, 9), damaged(0.5, 9));
        assert_ne!(damaged(0.5, 9), damaged(0.5, 10));
    }

    #[test]
    fn tolerates_an_empty_frame() {
        let rates = Fault::value_variants().iter().map(|fault| (*fault, 1.0)).collect();
        let mut injector = Injector::new(rates, 1);
        assert!(injector.damage(Duration::ZERO, vec![]).is_some());
    }

    #[test]
    fn finds_faults_by_name() {
        for fault in Fault::value_variants() {
            assert_eq!(Fault::from_str(&fault.name(), false), Ok(*fault));
        }
        assert!(Fault::from_str("flood", false).is_err());
    }
}
