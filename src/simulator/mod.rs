//! Meters without hardware: the frames of real meters, with values of a made-up household.
//!
//! A [`Simulated`] names a meter and its settings. A [`Meter`] makes the frames and a [`Responder`]
//! answers requests, both without a clock; [`Simulated::stream`] plays them in time.
//!
//! Power is constant over the meter's shortest interval, and the counters are its exact integral. The first frames are
//! one of each list, that with the counters first, so that every value is known at once.

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
mod responder;
mod row;
mod sml;
mod state;
mod stream;
mod telegram;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::DuplexStream;

pub use framing::KEYS;
pub use household::{Registers, Sample};
pub use meter::{DueFrame, Meter};
pub use polled::Response;
pub use random::Random;
pub use responder::Responder;
pub use stream::paced;

use crate::wire::dlms::cipher::Keys;
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;
use model::{Messages, MeterModel};
use models::MODELS;
use polled::PolledProtocol;

/// The names of all simulated meters.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|model| model.name)
}

/// A simulated meter: its name and settings, as after `sim:`.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    model: usize,
    phases: usize,
    speed: f64,
    seed: u64,
}

/// Why a text is not a simulated meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is no meter of this name.
    Name(String),
    /// There is no such setting.
    Setting(String),
    /// The setting has no such value.
    Value { setting: &'static str, value: String },
}

impl Simulated {
    const DEFAULT: Self = Simulated { model: 0, phases: 3, speed: 1.0, seed: 1 };

    /// The lowest and the highest speed.
    pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=3600.0;

    /// A meter by its name, with 1 or 3 phases.
    pub fn new(name: &str, phases: u8, speed: f64, seed: u64) -> Result<Self, Error> {
        let default = Simulated::named(name)?;
        let wrong = |setting, value: String| Error::Value { setting, value };
        match phases {
            1 | 3 if Simulated::SPEEDS.contains(&speed) => {
                Ok(Simulated { phases: phases.into(), speed, seed, ..default })
            }
            1 | 3 => Err(wrong("speed", speed.to_string())),
            _ => Err(wrong("phases", phases.to_string())),
        }
    }

    /// How many times faster than a real meter it is.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The seed of its household and of everything else that is random.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Its serial settings.
    pub fn line(&self) -> SerialSettings {
        self.model().line
    }

    /// The keys that decrypt its messages, if it encrypts.
    pub fn keys(&self) -> Option<Keys> {
        self.model().messages.is_encrypted().then(framing::keys)
    }

    /// Its protocol, if it is polled.
    pub fn polled(&self) -> Option<Protocol> {
        self.polled_protocol().map(PolledProtocol::protocol)
    }

    /// The meter, started at a time since 1970; `None` if it pushes.
    pub fn responder(&self, start: Duration) -> Option<Responder> {
        Some(Responder::new(self.meter(start), self.polled_protocol()?, self.line()))
    }

    /// The meter, started at a time since 1970.
    pub fn meter(&self, start: Duration) -> Meter {
        Meter::new(self.model(), self.phases, self.seed, start)
    }

    /// The meter as a stream in both directions, to be used like a port. Needs a runtime.
    pub fn stream(&self, start: Duration) -> DuplexStream {
        match self.responder(start) {
            Some(responder) => stream::polled(responder, self.speed),
            None => stream::pushed(self.meter(start), self.speed),
        }
    }

    fn polled_protocol(&self) -> Option<PolledProtocol> {
        match self.model().messages {
            Messages::Polled(protocol) => Some(protocol),
            _ => None,
        }
    }

    fn model(&self) -> &'static MeterModel {
        &MODELS[self.model]
    }

    fn named(name: &str) -> Result<Self, Error> {
        let model = names().position(|known| known == name).ok_or_else(|| Error::Name(name.into()))?;
        Ok(Simulated { model, ..Simulated::DEFAULT })
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
        let default = Simulated { model: *model, ..Simulated::DEFAULT };
        f.write_str(MODELS[*model].name)?;
        let mut separator = '?';
        let mut setting = |differs: bool, setting: fmt::Arguments<'_>| match differs {
            true => write!(f, "{}{setting}", std::mem::replace(&mut separator, '&')),
            false => Ok(()),
        };
        setting(*phases != default.phases, format_args!("phases={phases}"))?;
        setting(*speed != default.speed, format_args!("speed={speed}"))?;
        setting(*seed != default.seed, format_args!("seed={seed}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Name(name) => {
                let known = names().collect::<Vec<_>>().join(", ");
                write!(f, "there is no simulated meter \"{name}\": use {known}")
            }
            Error::Setting(setting) => {
                write!(f, "a simulated meter has no setting \"{setting}\": use phases, speed or seed")
            }
            Error::Value { setting, value } => {
                let right = match *setting {
                    "phases" => "1 or 3",
                    "speed" => "a number from 0.1 to 3600",
                    _ => "a whole number",
                };
                write!(f, "\"{value}\" is not a value for {setting} of a simulated meter: use {right}")
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
    fn reads_a_name_and_its_settings() {
        let default = Simulated::new("kaifa", 3, 1.0, 1).unwrap();
        assert_eq!("kaifa".parse(), Ok(default.clone()));
        assert_eq!("kaifa?".parse(), Ok(default));
        let other = Simulated::new("aidon", 1, 60.5, 7).unwrap();
        assert_eq!("aidon?seed=7&phases=1&speed=60.5".parse(), Ok(other.clone()));
        assert_eq!(other.to_string().parse(), Ok(other));
        for name in names() {
            assert!(name.parse::<Simulated>().is_ok(), "{name}");
        }
    }

    #[test]
    fn errors_name_what_is_allowed() {
        for (text, part) in [
            ("", "no simulated meter \"\": use kaifa, kamstrup, aidon"),
            ("Kaifa", "no simulated meter \"Kaifa\""),
            ("kaifa?phase=1", "no setting \"phase\": use phases, speed or seed"),
            ("kaifa?phases=2", "\"2\" is not a value for phases of a simulated meter: use 1 or 3"),
            ("kaifa?phases=03", "\"03\" is not a value for phases"),
            (
                "kaifa?speed=0",
                "\"0\" is not a value for speed of a simulated meter: use a number from 0.1 to 3600",
            ),
            ("kaifa?speed=nan", "\"nan\" is not a value"),
            ("kaifa?speed=1e9", "\"1e9\" is not a value"),
            ("kaifa?seed=-1", "\"-1\" is not a value for seed of a simulated meter: use a whole number"),
            ("kaifa?seed", "\"\" is not a value for seed"),
        ] {
            let error = text.parse::<Simulated>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(Simulated::new("kaifa", 2, 1.0, 1).is_err() && Simulated::new("kaifa", 3, 0.0, 1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_stream_delivers_each_frame_when_it_is_due() {
        for speed in [1.0, 50.0] {
            let simulated = Simulated::new("kaifa", 3, speed, 1).unwrap();
            let mut meter = simulated.meter(START);
            let mut stream = simulated.stream(START);
            let begin = Instant::now();
            for _ in 0..200 {
                let frame = meter.next();
                let mut bytes = vec![0; frame.bytes.len()];
                stream.read_exact(&mut bytes).await.unwrap();
                assert_eq!(bytes, frame.bytes);
                let late =
                    begin.elapsed().checked_sub(paced(frame.due, speed)).expect("not before it is due");
                assert!(late <= Duration::from_millis(1), "{late:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_buffer_loses_nothing() {
        let simulated = Simulated::new("kamstrup", 3, 1.0, 1).unwrap();
        let mut meter = simulated.meter(START);
        let expected: Vec<u8> = (0..5).flat_map(|_| meter.next().bytes).collect();
        let mut stream = simulated.stream(START);
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
