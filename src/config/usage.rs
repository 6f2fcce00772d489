//! Turns clap's error messages of many lines into one line that helps.

use std::{error::Error as _, ffi::OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Error, Stop};
use crate::platform::version;

/// What clap reports: a text to show, or a mistake to explain.
pub fn stop(error: &clap::Error, command: &clap::Command, argv: &[OsString]) -> Stop {
    match error.kind() {
        ErrorKind::DisplayVersion => Stop::Text(version::text()),
        ErrorKind::DisplayHelp => Stop::Text(error.to_string()),
        _ => Stop::Error(Error::Usage(Mistake { error, command, argv }.explain())),
    }
}

struct Mistake<'a> {
    error: &'a clap::Error,
    command: &'a clap::Command,
    argv: &'a [OsString],
}

impl Mistake<'_> {
    fn explain(&self) -> String {
        match (self.error.kind(), self.error.source()) {
            // The option's own parser said what is wrong and what would be right.
            (ErrorKind::ValueValidation, Some(reason)) => {
                format!("{} '{}' {reason}", self.name(), self.context(ContextKind::InvalidValue))
            }
            _ => {
                let what = self.what();
                let stop = if what.ends_with('?') { "" } else { "." };
                format!("{what}{stop} See '{} --help'", self.program())
            }
        }
    }

    fn what(&self) -> String {
        let argument = self.context(ContextKind::InvalidArg);
        let name = first_word(&argument);
        match self.error.kind() {
            ErrorKind::UnknownArgument => self.unknown(&argument),
            ErrorKind::InvalidSubcommand => self.unknown(&self.context(ContextKind::InvalidSubcommand)),
            ErrorKind::ArgumentConflict if name.is_empty() => {
                self.conflict(&self.context(ContextKind::InvalidSubcommand))
            }
            ErrorKind::ArgumentConflict => self.conflict(name),
            ErrorKind::MissingRequiredArgument => format!("{argument} is missing"),
            ErrorKind::TooManyValues => format!("option '{name}' takes no value"),
            ErrorKind::InvalidUtf8 => "an argument or variable is not valid UTF-8".to_owned(),
            ErrorKind::InvalidValue => format!("option '{name}' needs a value"),
            _ => self.error.to_string().lines().next().unwrap_or_default().replacen("error: ", "", 1),
        }
    }

    fn unknown(&self, argument: &str) -> String {
        // clap reports '-source', as older Go programs take their options, as the unknown short option '-s'.
        let is_short = |word: &&str| word.starts_with('-') && !word.starts_with("--");
        let short =
            self.typed().find(|word| is_short(word) && is_short(&argument) && word.starts_with(argument));
        let word = short.unwrap_or(argument).split('=').next().unwrap_or_default();
        let kind = if word.starts_with('-') { "option" } else { "argument" };
        if self.is_option(word) {
            return format!("option '{word}' belongs to another command");
        }
        let with_two_dashes = Some(format!("-{word}")).filter(|word| self.is_option(word));
        match with_two_dashes.or_else(|| self.suggestion()) {
            Some(known) => format!("unexpected {kind} '{word}'; did you mean '{known}'?"),
            None => format!("unexpected {kind} '{word}'"),
        }
    }

    /// Whether any command has this option.
    fn is_option(&self, word: &str) -> bool {
        let commands = self.command.get_subcommands().chain([self.command]);
        let options = commands.flat_map(clap::Command::get_arguments).filter_map(clap::Arg::get_long);
        word.strip_prefix("--").is_some_and(|name| options.into_iter().any(|option| option == name))
    }

    fn suggestion(&self) -> Option<String> {
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
            .into_iter()
            .map(|kind| self.context(kind))
            .find(|text| !text.is_empty())
    }

    fn conflict(&self, name: &str) -> String {
        let prior = self.context(ContextKind::PriorArg);
        match first_word(&prior) {
            "" => format!("'{name}' does not go with the other arguments"),
            prior if prior == name => format!("option '{name}' is given more than once"),
            prior => format!("'{name}' and '{prior}' exclude each other"),
        }
    }

    /// The argument with the wrong value as the user gave it: `--log.level`, its variable, or `SOURCE`.
    fn name(&self) -> String {
        let argument = self.context(ContextKind::InvalidArg);
        let name = first_word(&argument);
        let variable = || {
            let mut options = self.command.get_arguments();
            let option = options.find(|arg| arg.get_long() == name.strip_prefix("--"))?;
            option.get_env()?.to_str()
        };
        let is_typed = self.typed().any(|word| word.split('=').next() == Some(name));
        let name = if is_typed { name } else { variable().unwrap_or(name) };
        name.trim_matches(['<', '>', '[', ']']).to_owned()
    }

    fn program(&self) -> String {
        let first = self.typed().next().unwrap_or_default();
        match self.command.find_subcommand(first) {
            Some(command) => format!("han-exporter {}", command.get_name()),
            None => "han-exporter".to_owned(),
        }
    }

    fn typed(&self) -> impl Iterator<Item = &str> {
        self.argv.iter().skip(1).filter_map(|word| word.to_str())
    }

    fn context(&self, kind: ContextKind) -> String {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            Some(ContextValue::Strings(texts)) => texts.join(", "),
            _ => String::new(),
        }
    }
}

/// The name alone of an argument that clap shows with its value: `--source <SOURCE>`.
fn first_word(argument: &str) -> &str {
    argument.split([' ', '=']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse;

    fn message(words: &[&str]) -> String {
        match parse(["han-exporter"].iter().chain(words).map(OsString::from)) {
            Err(Stop::Error(error)) => error.to_string(),
            other => panic!("{words:?}: {other:?}"),
        }
    }

    #[test]
    fn says_what_was_meant() {
        let table: [(&[&str], &str); 13] = [
            (
                &["--sorce", "x"],
                "unexpected option '--sorce'; did you mean '--source'? See 'han-exporter --help'",
            ),
            (
                &["-source=x"],
                "unexpected option '-source'; did you mean '--source'? See 'han-exporter --help'",
            ),
            (
                &["--web.listen=:1"],
                "unexpected option '--web.listen'; did you mean '--web.listen-address'? See 'han-exporter --help'",
            ),
            (&["decod"], "unexpected argument 'decod'; did you mean 'decode'? See 'han-exporter --help'"),
            (&["x"], "unexpected argument 'x'. See 'han-exporter --help'"),
            (
                &["decode", "--fromat", "x"],
                "unexpected option '--fromat'; did you mean '--format'? See 'han-exporter decode --help'",
            ),
            (
                &["decode", "--source", "x"],
                "option '--source' belongs to another command. See 'han-exporter decode --help'",
            ),
            (&["--source"], "option '--source' needs a value. See 'han-exporter --help'"),
            (
                &["--source", "auto", "--source", "-"],
                "option '--source' is given more than once. See 'han-exporter --help'",
            ),
            (
                &["--web.systemd-socket=no"],
                "option '--web.systemd-socket' takes no value. See 'han-exporter --help'",
            ),
            (&["simulate"], "<METER> is missing. See 'han-exporter simulate --help'"),
            (
                &["decode", "--redact", "--format", "json"],
                "'--redact' and '--format' exclude each other. See 'han-exporter decode --help'",
            ),
            (
                &["--source", "auto", "decode"],
                "'decode' and '--source' exclude each other. See 'han-exporter --help'",
            ),
        ];
        for (words, expected) in table {
            assert_eq!(message(words), expected);
        }
    }
}
