//! The options of `decode`.

use std::path::PathBuf;

use clap::Args;

use super::{Format, Options};
use crate::config::{self, DecoderArgs, Error, KeyFiles};
use crate::explain;

/// What was typed after `decode`.
#[derive(Args)]
pub struct DecodeArgs {
    /// The capture, raw or as hexadecimal text; - or nothing for standard input
    file: Option<PathBuf>,

    /// How to show it: text (bytes and meaning), json or prom (as /metrics)
    #[arg(long, default_value = "text", value_parser = format)]
    format: Format,

    /// Write the capture again with meter ids replaced, to be shared
    #[arg(long, conflicts_with = "format")]
    redact: bool,

    #[command(flatten)]
    key_files: KeyFiles,

    #[command(flatten)]
    decoder: DecoderArgs,
}

/// What to decode, and how to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decode {
    /// The capture; `None` for standard input.
    pub file: Option<PathBuf>,
    pub options: Options,
    /// What the user should fix, though this run does without.
    pub warnings: Vec<String>,
}

impl DecodeArgs {
    /// Reads the keys.
    pub fn load(self) -> Result<Decode, Error> {
        let mut warnings = Vec::new();
        let keys = self.key_files.keys(|file| {
            let Some(path) = file.path else { return Ok(None) };
            let named = |what| format!("--{} {what}", file.option);
            // A capture is decoded on a desk: there a key that others may read is no reason to stop.
            let (key, exposed) = config::read_exposed(path).map_err(named)?;
            warnings.extend(exposed.map(named));
            Ok(Some(key))
        })?;
        Ok(Decode {
            warnings,
            file: self.file.filter(|path| path.as_os_str() != "-"),
            options: Options {
                format: self.format,
                redact: self.redact,
                known: explain::Options { settings: self.decoder.settings, keys },
            },
        })
    }
}

fn format(text: &str) -> Result<Format, &'static str> {
    match text {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        "prom" => Ok(Format::Prom),
        _ => Err("is not a format; write text, json or prom"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, parse};
    use crate::config::Stop;
    use crate::reading::Settings;

    fn run(line: &str) -> Result<Command, Stop> {
        parse(["han-exporter"].into_iter().chain(line.split_whitespace()).map(Into::into))
    }

    #[test]
    fn takes_a_file_or_standard_input() {
        let decode = |file: Option<&str>, format, redact, energy_exponent| {
            let settings = Settings { energy_exponent };
            let known = explain::Options { settings, ..explain::Options::default() };
            let options = Options { format, redact, known };
            Ok(Command::Decode(Decode { file: file.map(PathBuf::from), options, warnings: Vec::new() }))
        };
        assert_eq!(run("decode"), decode(None, Format::Text, false, None));
        assert_eq!(run("decode - --format=json"), decode(None, Format::Json, false, None));
        assert_eq!(
            run("decode --format prom a.bin --kamstrup-energy 10Wh"),
            decode(Some("a.bin"), Format::Prom, false, Some(1))
        );
        assert_eq!(run("decode a.hex --redact"), decode(Some("a.hex"), Format::Text, true, None));
    }

    #[test]
    fn names_the_option_that_is_wrong() {
        for (line, words) in [
            ("decode --format xml", "--format 'xml' is not a format; write text, json or prom"),
            ("decode --kamstrup-energy 1", "--kamstrup-energy '1' is not a scale; write auto, 1Wh or 10Wh"),
        ] {
            match run(line) {
                Err(Stop::Error(Error::Usage(text))) => assert_eq!(text, words),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
