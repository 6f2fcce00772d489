//! What the user asked for: arguments, environment and files become one `Config`, or one sentence that says what is wrong.

use std::{ffi::OsString, fmt, str::FromStr, time::Duration};

use crate::{platform::log, reading::Settings, source::Source, wire::dlms::cipher::Keys};

mod args;
mod command;
mod credentials;
mod file;
mod help;
mod key;
mod listen;
mod load;
mod options;
mod simulate;
mod usage;
mod yaml;

pub use args::Args;
pub use command::{Command, Decode, Doctor};
pub use listen::{ListenAddress, PORT};
pub use options::definition;

/// Reads the command line and the environment.
pub fn parse(argv: impl IntoIterator<Item = OsString>) -> Result<Command, Stop> {
    let line = args::read(argv.into_iter().collect())?;
    Ok(Command::try_from(line)?)
}

/// Reads a source; the complaint continues a sentence that names it.
fn parse_source(text: &str) -> Result<Source, String> {
    text.trim().parse().map_err(|error| format!("cannot be read: {error}"))
}

/// Everything the main job needs to know. Loading it again re-reads every file.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The meters, never none.
    pub meters: Vec<Meter>,
    /// How long energy registers and the meter's identity stay.
    pub max_age_registers: Duration,
    /// How to serve.
    pub web: Web,
    /// What to log, and how.
    pub log: log::Options,
}

/// One meter and how to read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    /// The value of the label `meter`; none for the one meter of the command line.
    pub name: Option<String>,
    /// Where its bytes come from.
    pub source: Source,
    /// What opens its messages; an authentication key only ever beside an encryption key.
    pub keys: Keys,
    /// The scale of Kamstrup's energy registers.
    pub kamstrup_energy: KamstrupEnergy,
    /// The floor of the age limit of instantaneous values, which is three usual intervals.
    pub max_age: Duration,
}

/// How to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Where to listen.
    pub listen: Listen,
    /// The path of the metrics; begins with a slash.
    pub telemetry_path: String,
    /// Most requests answered at the same time; 0 for no limit.
    pub max_requests: usize,
    /// Whether to leave out `process_*`.
    pub disable_exporter_metrics: bool,
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// On addresses of our own, never none.
    Addresses(Vec<ListenAddress>),
    /// On the sockets that systemd hands over.
    Systemd,
}

/// The scale of the energy registers in Kamstrup lists, which send none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KamstrupEnergy {
    /// What the meter's type says.
    #[default]
    Auto,
    /// Watt-hours.
    Wh,
    /// Tens of watt-hours.
    TenWh,
}

impl KamstrupEnergy {
    /// What the decoder makes of it.
    pub const fn settings(self) -> Settings {
        let energy_exponent = match self {
            Self::Auto => None,
            Self::Wh => Some(0),
            Self::TenWh => Some(1),
        };
        Settings { energy_exponent }
    }
}

impl FromStr for KamstrupEnergy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "1Wh" => Ok(Self::Wh),
            "10Wh" => Ok(Self::TenWh),
            _ => Err("is not a scale; write auto, 1Wh or 10Wh".into()),
        }
    }
}

/// Why there is nothing to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The user asked for a text: help or version.
    Text(String),
    /// The user made a mistake.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A mistake of the user in one line: what, where, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// In the command line or the environment.
    Usage(String),
    /// In a file, or in what the options mean together.
    Configuration(String),
}

impl Error {
    /// The exit code that tells the two apart.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Configuration(_) => 78,
        }
    }
}

impl fmt::Display for Error {
    /// One line whatever was typed: control characters are shown as escapes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(text) | Self::Configuration(text)) = self;
        text.chars().try_for_each(|c| {
            if c.is_control() { write!(f, "{}", c.escape_default()) } else { write!(f, "{c}") }
        })
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line() {
        let error = Error::Usage("a\nb\r\u{1b}[31mø".into());
        assert_eq!(error.to_string(), "a\\nb\\r\\u{1b}[31mø");
        assert_eq!((error.exit_code(), Error::Configuration(String::new()).exit_code()), (2, 78));
    }
}
