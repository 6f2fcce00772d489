//! A meter that needs no hardware: frames as a real one sends them, from a made-up household.
//!
//! A [`Simulated`] says which meter; a [`Meter`] is it, without a clock of its own; a [`PushStream`] plays it in time.
//! Power holds for as long as the meter's shortest interval and the registers are its exact sum. The first frames are
//! one of each list, the one with the registers first, so that every value is known at once.

mod appliance;
mod clock;
mod demand;
mod dlms;
mod framing;
mod gas;
mod household;
mod meter;
mod model;
mod models;
mod polled;
mod random;
mod sml;
mod state;
mod stream;
mod telegram;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

pub use framing::KEYS;
pub use household::{Registers, Sample};
pub use meter::{DueFrame, Meter};
pub use polled::{PolledStream, Responder, Response};
pub use random::Random;
pub use stream::{PushStream, paced};

use crate::wire::dlms::cipher::Keys;
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;
use model::{Messages, MeterModel};
use models::MODELS;
use polled::PolledProtocol;

/// The names of the meters there are.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|model| model.name)
}

/// What stands behind `sim:`: a meter's name, and how it shall be.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    model: usize,
    phases: usize,
    speed: f64,
    seed: u64,
}

/// Why a text is no simulated meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is none of this name.
    Name(String),
    /// It has no such setting.
    Setting(String),
    /// A setting has no such value.
    Value {
        /// The setting.
        setting: &'static str,
        /// What was given.
        value: String,
    },
}

impl Simulated {
    const USUAL: Self = Simulated { model: 0, phases: 3, speed: 1.0, seed: 1 };

    /// The slowest and the fastest it goes.
    pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=3600.0;

    /// A meter by its name, with 1 or 3 phases.
    pub fn new(name: &str, phases: u8, speed: f64, seed: u64) -> Result<Self, Error> {
        let usual = Simulated::named(name)?;
        let wrong = |setting, value: String| Error::Value { setting, value };
        match phases {
            1 | 3 if Simulated::SPEEDS.contains(&speed) => {
                Ok(Simulated { phases: phases.into(), speed, seed, ..usual })
            }
            1 | 3 => Err(wrong("speed", speed.to_string())),
            _ => Err(wrong("phases", phases.to_string())),
        }
    }

    /// How many times faster than a real meter it is.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// What its household, and whatever else is drawn by lot, follows from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How its line would be set.
    pub fn line(&self) -> SerialSettings {
        self.model().line
    }

    /// What opens its messages, if it ciphers them.
    pub fn keys(&self) -> Option<Keys> {
        self.model().messages.is_ciphered().then(framing::keys)
    }

    /// What it is to be asked in, if it does not speak by itself.
    pub fn polled(&self) -> Option<Protocol> {
        self.protocol().map(PolledProtocol::protocol)
    }

    /// The meter that answers, started at a time since 1970; `None` of one that speaks by itself.
    pub fn responder(&self, start: Duration) -> Option<Responder> {
        Some(Responder::new(self.meter(start), self.protocol()?, self.line()))
    }

    /// The same as a stream in both directions.
    pub fn polled_stream(&self, start: Duration) -> Option<PolledStream> {
        Some(PolledStream::new(self.responder(start)?, self.speed))
    }

    /// The meter, started at a time since 1970.
    pub fn meter(&self, start: Duration) -> Meter {
        Meter::new(self.model(), self.phases, self.seed, start)
    }

    /// The same as a stream, to be read as a port is.
    pub fn push_stream(&self, start: Duration) -> PushStream {
        PushStream::new(self.meter(start), self.speed)
    }

    fn protocol(&self) -> Option<PolledProtocol> {
        match self.model().messages {
            Messages::Polled(protocol) => Some(protocol),
            _ => None,
        }
    }

    fn model(&self) -> &'static MeterModel {
        MODELS[self.model]
    }

    fn named(name: &str) -> Result<Self, Error> {
        let model = names().position(|known| known == name).ok_or_else(|| Error::Name(name.into()))?;
        Ok(Simulated { model, ..Simulated::USUAL })
    }

    fn set(&mut self, setting: &str, value: &str) -> Result<(), Error> {
        let wrong = |setting| Error::Value { setting, value: value.into() };
        match setting {
            "phases" => {
                let phases = ["1", "3"].contains(&value).then(|| value.parse().ok()).flatten();
                self.phases = phases.ok_or(wrong("phases"))?;
            }
            "speed" => {
                let speed = value.parse().ok().filter(|speed| Simulated::SPEEDS.contains(speed));
                self.speed = speed.ok_or(wrong("speed"))?;
            }
            "seed" => self.seed = value.parse().map_err(|_| wrong("seed"))?,
            other => return Err(Error::Setting(other.into())),
        }
        Ok(())
    }
}

impl FromStr for Simulated {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, settings) = text.split_once('?').unwrap_or((text, ""));
        let mut simulated = Simulated::named(name)?;
        for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
            let (setting, value) = setting.split_once('=').unwrap_or((setting, ""));
            simulated.set(setting, value)?;
        }
        Ok(simulated)
    }
}

impl fmt::Display for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Simulated { model, phases, speed, seed } = self;
        let usual = Simulated { model: *model, ..Simulated::USUAL };
        f.write_str(MODELS[*model].name)?;
        let mut separator = '?';
        let mut setting = |differs: bool, setting: fmt::Arguments<'_>| match differs {
            true => write!(f, "{}{setting}", std::mem::replace(&mut separator, '&')),
            false => Ok(()),
        };
        setting(*phases != usual.phases, format_args!("phases={phases}"))?;
        setting(*speed != usual.speed, format_args!("speed={speed}"))?;
        setting(*seed != usual.seed, format_args!("seed={seed}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Name(name) => {
                write!(
                    f,
                    "there is no simulated meter \"{name}\": there are {}",
                    names().collect::<Vec<_>>().join(", ")
                )
            }
            Error::Setting(setting) => {
                write!(f, "a simulated meter has no setting \"{setting}\": there are phases, speed, seed")
            }
            Error::Value { setting, value } => {
                let right = match *setting {
                    "phases" => "1 or 3",
                    "speed" => "a number from 0.1 to 3600",
                    _ => "a whole number",
                };
                write!(f, "{setting} of a simulated meter is {right}, not \"{value}\"")
            }
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::AsyncReadExt;
    use tokio::time::Instant;

    const START: Duration = Duration::from_secs(1_718_961_154);

    #[test]
    fn a_name_and_its_settings_are_read() {
        let usual = Simulated::new("kaifa", 3, 1.0, 1).unwrap();
        assert_eq!("kaifa".parse(), Ok(usual.clone()));
        assert_eq!("kaifa?".parse(), Ok(usual));
        let other = Simulated::new("aidon", 1, 60.5, 7).unwrap();
        assert_eq!("aidon?seed=7&phases=1&speed=60.5".parse(), Ok(other.clone()));
        assert_eq!(other.to_string().parse(), Ok(other));
        for name in names() {
            assert!(name.parse::<Simulated>().is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_right() {
        for (text, told) in [
            ("", "no simulated meter \"\": there are kaifa, kamstrup, aidon"),
            ("Kaifa", "no simulated meter \"Kaifa\""),
            ("kaifa?phase=1", "no setting \"phase\": there are phases, speed, seed"),
            ("kaifa?phases=2", "phases of a simulated meter is 1 or 3, not \"2\""),
            ("kaifa?phases=03", "1 or 3, not \"03\""),
            ("kaifa?speed=0", "speed of a simulated meter is a number from 0.1 to 3600, not \"0\""),
            ("kaifa?speed=nan", "not \"nan\""),
            ("kaifa?speed=1e9", "not \"1e9\""),
            ("kaifa?seed=-1", "seed of a simulated meter is a whole number, not \"-1\""),
            ("kaifa?seed", "a whole number, not \"\""),
        ] {
            let error = text.parse::<Simulated>().unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!(Simulated::new("kaifa", 2, 1.0, 1).is_err() && Simulated::new("kaifa", 3, 0.0, 1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_stream_brings_each_frame_when_it_is_due() {
        for speed in [1.0, 50.0] {
            let simulated = Simulated::new("kaifa", 3, speed, 1).unwrap();
            let mut meter = simulated.meter(START);
            let mut stream = simulated.push_stream(START);
            let begin = Instant::now();
            for _ in 0..200 {
                let frame = meter.next();
                let mut bytes = vec![0; frame.bytes.len()];
                stream.read_exact(&mut bytes).await.unwrap();
                assert_eq!(bytes, frame.bytes);
                let late = begin.elapsed().checked_sub(paced(frame.due, speed)).expect("it came too early");
                assert!(late <= Duration::from_millis(1), "{late:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_buffer_loses_nothing() {
        let simulated = Simulated::new("kamstrup", 3, 1.0, 1).unwrap();
        let mut meter = simulated.meter(START);
        let expected: Vec<u8> = (0..5).flat_map(|_| meter.next().bytes).collect();
        let mut stream = simulated.push_stream(START);
        let mut bytes = Vec::new();
        while bytes.len() < expected.len() {
            let mut piece = [0; 7];
            let wanted = (expected.len() - bytes.len()).min(7);
            let count = stream.read(&mut piece[..wanted]).await.unwrap();
            assert!(count > 0, "the stream ended");
            bytes.extend_from_slice(&piece[..count]);
        }
        assert_eq!(bytes, expected);
    }
}
