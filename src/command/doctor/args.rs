//! The options of `doctor`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use crate::config::{self, Error, KeyFiles};
use crate::source::Source;
use crate::wire::dlms::cipher::Keys;

/// What was typed after `doctor`.
#[derive(Args)]
pub struct DoctorArgs {
    /// The source to examine, written like --source
    #[arg(default_value = "auto", value_parser = config::source)]
    source: Source,

    /// How long to listen, in seconds
    #[arg(long, value_name = "N", default_value = "180", value_parser = seconds)]
    seconds: Duration,

    #[command(flatten)]
    key_files: KeyFiles,
}

/// What to examine.
#[derive(Clone, Debug, PartialEq)]
pub struct Doctor {
    pub source: Source,
    /// How long to listen.
    pub time: Duration,
    /// What decrypts the meter's messages.
    pub keys: Keys,
    /// Where they were read from: option and file.
    pub key_files: Vec<(&'static str, PathBuf)>,
}

impl DoctorArgs {
    /// Reads the keys.
    pub fn load(self) -> Result<Doctor, Error> {
        let keys = self.key_files.keys(|file| {
            let key = file.path.map(config::read_key).transpose();
            key.map_err(|what| format!("--{} {what}", file.option))
        })?;
        let keys = config::of_source(&self.source, keys);
        let key_files = self.key_files.both().into_iter();
        let key_files = key_files.filter_map(|file| Some((file.option, file.path?.to_owned()))).collect();
        Ok(Doctor { source: self.source, time: self.seconds, keys, key_files })
    }
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    match text.parse() {
        Ok(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err("is not a time; write a number of seconds from 1 to 86400"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, parse};
    use crate::config::Stop;

    fn run(line: &str) -> Result<Command, Stop> {
        parse(["han-exporter"].into_iter().chain(line.split_whitespace()).map(Into::into))
    }

    #[test]
    fn takes_a_source_and_a_time() {
        let doctor = |source, seconds| {
            let source = config::source(source).unwrap();
            let time = Duration::from_secs(seconds);
            Ok(Command::Doctor(Doctor { source, time, keys: Keys::default(), key_files: Vec::new() }))
        };
        assert_eq!(run("doctor"), doctor("auto", 180));
        assert_eq!(run("doctor /dev/ttyUSB0 --seconds 5"), doctor("/dev/ttyUSB0", 5));
        assert_eq!(run("doctor -"), doctor("-", 180));
        let Ok(Command::Doctor(usual)) = run("doctor") else { panic!("another command") };
        let minute = Duration::from_secs(60);
        assert!(super::super::polling::patience(usual.time) >= minute, "some meters push once a minute");
    }

    #[test]
    fn names_what_is_wrong() {
        for (line, words) in [
            ("doctor --seconds 0", "--seconds '0' is not a time"),
            ("doctor ttyUSB0", "SOURCE 'ttyUSB0' cannot be read: unknown source"),
        ] {
            match run(line) {
                Err(Stop::Error(Error::Usage(text))) => assert!(text.starts_with(words), "{text}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
