//! Turns clap's many-lined complaints into one line that helps.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Error, Stop, args::variable};
use crate::platform::version;

/// What clap's refusal to go on means: a text to show, or a mistake to explain.
pub fn stop(error: &clap::Error, command: &clap::Command, argv: &[OsString]) -> Stop {
    match error.kind() {
        ErrorKind::DisplayVersion => Stop::Text(version::text()),
        ErrorKind::DisplayHelp => Stop::Text(error.to_string()),
        _ => Stop::Error(Error::Usage(Complaint { error, command, argv }.text())),
    }
}

struct Complaint<'a> {
    error: &'a clap::Error,
    command: &'a clap::Command,
    argv: &'a [OsString],
}

impl Complaint<'_> {
    fn text(&self) -> String {
        let what = self.what();
        let stop = if what.ends_with('?') { "" } else { "." };
        format!("{what}{stop} See '{} --help'", self.program())
    }

    fn what(&self) -> String {
        let argument = self.context(ContextKind::InvalidArg);
        let name = argument.split([' ', '=']).next().unwrap_or_default();
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
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => self.value(name),
            _ => self.first_line(),
        }
    }

    fn unknown(&self, argument: &str) -> String {
        // clap reports '-source' as the unknown short option '-s'.
        let single =
            self.typed().find(|word| short(word) && argument.starts_with('-') && word.starts_with(argument));
        let word = single.unwrap_or(argument);
        let word = word.split('=').next().unwrap_or(word);
        let kind = if word.starts_with('-') { "option" } else { "argument" };
        match self.nearest(word) {
            Some(known) if known == word => format!("option '{word}' belongs to another command"),
            Some(known) => format!("unexpected {kind} '{word}'; did you mean '{known}'?"),
            None => format!("unexpected {kind} '{word}'"),
        }
    }

    fn conflict(&self, name: &str) -> String {
        let prior = self.context(ContextKind::PriorArg);
        match prior.split([' ', '=']).next().unwrap_or_default() {
            "" => format!("'{name}' does not go with the other arguments"),
            prior if prior == name => format!("option '{name}' is given more than once"),
            prior => format!("'{name}' and '{prior}' exclude each other"),
        }
    }

    fn value(&self, name: &str) -> String {
        let value = self.context(ContextKind::InvalidValue);
        let typed = self.typed().any(|word| word.split('=').next() == Some(name));
        match (typed, value.is_empty()) {
            (true, true) => format!("option '{name}' needs a value"),
            (true, false) => format!("option '{name}' does not take '{value}'"),
            (false, _) => {
                format!("{} must be true or false, not '{value}'", variable(name.trim_start_matches('-')))
            }
        }
    }

    /// The option or command that differs least from `word`, if it differs little.
    fn nearest(&self, word: &str) -> Option<String> {
        let bare = word.trim_start_matches('-');
        let commands = self.command.get_subcommands().map(|command| command.get_name().to_owned());
        let used = self
            .command
            .get_subcommands()
            .filter(|command| self.typed().any(|word| word == command.get_name()));
        let options = used.chain([self.command]).flat_map(clap::Command::get_arguments);
        let options = options.filter_map(|arg| arg.get_long().map(|name| format!("--{name}")));
        let candidates = options.chain(["--help".to_owned(), "--version".to_owned()]).chain(commands);
        candidates
            .map(|known| (distance(bare, known.trim_start_matches('-')), known))
            .filter(|(distance, known)| *distance <= known.len() / 4)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, known)| known)
    }

    fn program(&self) -> String {
        let names = self.command.get_subcommands().map(clap::Command::get_name);
        let first = self.typed().next().unwrap_or_default();
        match names.into_iter().find(|name| *name == first) {
            Some(name) => format!("han-exporter {name}"),
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

    fn first_line(&self) -> String {
        let text = self.error.to_string();
        text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
    }
}

/// Whether a word is written with one dash, as older Go programs take their options.
fn short(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--")
}

/// How many letters must be added, removed or replaced to turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.chars().enumerate() {
        let mut next = vec![above + 1];
        for ((pair, other), left) in row.windows(2).zip(&to).zip(0_usize..) {
            let &[diagonal, up] = pair else { continue };
            let left = next.get(left).copied().unwrap_or(usize::MAX - 1);
            next.push((diagonal + usize::from(letter != *other)).min(up + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::args::read;
    use super::*;

    fn complaint(words: &[&str]) -> String {
        let argv = ["han-exporter"].iter().chain(words).map(OsString::from).collect();
        match read(argv).err() {
            Some(Stop::Error(error)) => error.to_string(),
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
            (&["--web.listen=:1"], "unexpected option '--web.listen'. See 'han-exporter --help'"),
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
                &["--source", "a", "--source", "b"],
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
                &["--source", "x", "decode"],
                "'decode' and '--source' exclude each other. See 'han-exporter --help'",
            ),
        ];
        for (words, expected) in table {
            assert_eq!(complaint(words), expected);
        }
    }

    #[test]
    fn counts_the_letters_that_differ() {
        for (from, to, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("sorce", "source", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
