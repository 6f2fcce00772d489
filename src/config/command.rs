//! What each command was asked to do.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Args, Error, KamstrupEnergy,
    args::{DecodeArgs, DoctorArgs, Line, Sub},
    credentials, parse_source,
};
use crate::{
    command::decode::{self, Format},
    command::simulate,
    source::Source,
    wire::dlms::cipher::{Key, Keys},
};

/// One run of the program.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Read meters and serve their metrics.
    Serve(Args),
    /// Judge the configuration.
    CheckConfig(Args),
    /// Explain captured bytes.
    Decode(Decode),
    /// Be a meter.
    Simulate(simulate::Options),
    /// Find out why there is no data.
    Doctor(Doctor),
}

/// What to decode, and how to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decode {
    /// The capture; none for standard input.
    pub file: Option<PathBuf>,
    /// How to show it, and what the owner knows better than the frames.
    pub options: decode::Options,
    /// What the user should mend and need not before this run.
    pub warnings: Vec<String>,
}

/// What to examine.
#[derive(Clone, Debug, PartialEq)]
pub struct Doctor {
    /// The source.
    pub source: Source,
    /// How long to listen.
    pub time: Duration,
    /// What opens the meter's messages.
    pub keys: Keys,
    /// Where that was read from: option and file.
    pub key_files: Vec<(&'static str, PathBuf)>,
}

impl TryFrom<Line> for Command {
    type Error = Error;

    fn try_from(Line { args, command }: Line) -> Result<Self, Error> {
        Ok(match command {
            None if args.check_config => Self::CheckConfig(args),
            None => Self::Serve(args),
            Some(Sub::Decode(typed)) => Self::Decode(Decode::try_from(typed)?),
            Some(Sub::Simulate(typed)) => Self::Simulate(super::simulate::read_options(typed)?),
            Some(Sub::Doctor(typed)) => Self::Doctor(Doctor::try_from(typed)?),
        })
    }
}

impl TryFrom<DecodeArgs> for Decode {
    type Error = Error;

    fn try_from(typed: DecodeArgs) -> Result<Self, Error> {
        let format = read("--format", &typed.format, |text| match text {
            "text" => Ok(Format::Text),
            "json" => Ok(Format::Json),
            "prom" => Ok(Format::Prom),
            _ => Err("is not a format; write text, json or prom".into()),
        })?;
        let mut warnings = Vec::new();
        let keys = keys(typed.key_file.as_deref(), typed.auth_key_file.as_deref(), |option, path| {
            let (key, exposed) = credentials::read_exposed(path)?;
            warnings.extend(exposed.map(|what| format!("{option} {what}")));
            Ok(key)
        })?;
        Ok(Self {
            warnings,
            file: typed.file.filter(|path| path.as_os_str() != "-"),
            options: decode::Options {
                format,
                redact: typed.redact,
                settings: read("--kamstrup-energy", &typed.kamstrup_energy, str::parse::<KamstrupEnergy>)?
                    .settings(),
                keys,
            },
        })
    }
}

/// Reads the keys that are named beside a command.
fn keys(
    encryption: Option<&Path>,
    authentication: Option<&Path>,
    mut read: impl FnMut(&str, &Path) -> Result<Key, String>,
) -> Result<Keys, Error> {
    let mut read = |option: &str, path: Option<&Path>| {
        let read = path.map(|path| read(option, path)).transpose();
        read.map_err(|what| Error::Configuration(format!("{option} {what}")))
    };
    let encryption = read("--key-file", encryption)?;
    credentials::together(encryption, read("--auth-key-file", authentication)?).map_err(Error::Configuration)
}

impl TryFrom<DoctorArgs> for Doctor {
    type Error = Error;

    fn try_from(typed: DoctorArgs) -> Result<Self, Error> {
        let seconds = read("--seconds", &typed.seconds, |text| {
            let right = |seconds: &u64| (1..=86_400).contains(seconds);
            text.parse()
                .ok()
                .filter(right)
                .ok_or_else(|| "is not a time; write a number of seconds from 1 to 86400".into())
        })?;
        let source = read("the source", typed.source.as_deref().unwrap_or("auto"), parse_source)?;
        let (key, auth_key) = (typed.key_file.as_deref(), typed.auth_key_file.as_deref());
        let given = keys(key, auth_key, |_, path| credentials::read(path))?;
        let keys = credentials::of_source(&source, given);
        let files = [("--key-file", typed.key_file), ("--auth-key-file", typed.auth_key_file)];
        let key_files = files.into_iter().filter_map(|(option, file)| Some((option, file?))).collect();
        Ok(Self { source, time: Duration::from_secs(seconds), keys, key_files })
    }
}

/// Reads the text of an option of a command; the complaint names the option.
pub(super) fn read<T>(name: &str, text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Error> {
    read(text).map_err(|what| Error::Usage(format!("{name} '{text}' {what}")))
}

#[cfg(test)]
mod tests {
    use super::super::{Stop, parse};
    use super::*;

    fn run(line: &str) -> Result<Command, Stop> {
        parse(["han-exporter"].into_iter().chain(line.split_whitespace()).map(Into::into))
    }

    #[test]
    fn decode_takes_a_file_or_standard_input() {
        let decode = |file: Option<&str>, format, redact, energy: KamstrupEnergy| {
            let options =
                decode::Options { format, redact, settings: energy.settings(), keys: Keys::default() };
            Ok(Command::Decode(Decode { file: file.map(PathBuf::from), options, warnings: Vec::new() }))
        };
        let auto = KamstrupEnergy::Auto;
        assert_eq!(run("decode"), decode(None, Format::Text, false, auto));
        assert_eq!(run("decode - --format=json"), decode(None, Format::Json, false, auto));
        assert_eq!(
            run("decode --format prom a.bin --kamstrup-energy 10Wh"),
            decode(Some("a.bin"), Format::Prom, false, KamstrupEnergy::TenWh)
        );
        assert_eq!(run("decode a.hex --redact"), decode(Some("a.hex"), Format::Text, true, auto));
    }

    #[test]
    fn doctor_takes_a_source_and_a_time() {
        let doctor = |source, seconds| {
            let source = parse_source(source).unwrap();
            let time = Duration::from_secs(seconds);
            Ok(Command::Doctor(Doctor { source, time, keys: Keys::default(), key_files: Vec::new() }))
        };
        assert_eq!(run("doctor"), doctor("auto", 60));
        assert_eq!(run("doctor /dev/ttyUSB0 --seconds 5"), doctor("/dev/ttyUSB0", 5));
        assert_eq!(run("doctor -"), doctor("-", 60));
    }

    #[test]
    fn complains_about_the_option_that_is_wrong() {
        for (line, words) in [
            ("decode --format xml", "--format 'xml' is not a format; write text, json or prom"),
            ("decode --kamstrup-energy 1", "write auto, 1Wh or 10Wh"),
            ("doctor --seconds 0", "--seconds '0' is not a time"),
        ] {
            match run(line) {
                Err(Stop::Error(error @ Error::Usage(_))) => {
                    assert!(error.to_string().contains(words), "{line}: {error}")
                }
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
