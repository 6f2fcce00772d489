//! Every option of every command: one table, and how clap is told of it.
//!
//! A table is a few bytes an option, where calls to clap's builder would be a thousand.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, builder::BoolishValueParser, value_parser};

use super::help::{self, ABOUT, EXAMPLES, LOG, METER, WEB};
use crate::platform::version;

/// One option, or one word behind a command.
#[derive(Clone, Copy)]
struct Opt {
    name: &'static str,
    kind: Kind,
    /// What stands for its value in the help.
    value: &'static str,
    help: &'static str,
    default: Option<&'static str>,
    variable: Option<&'static str>,
    heading: Option<&'static str>,
    /// The option that it excludes.
    excludes: Option<&'static str>,
    place: Place,
}

#[derive(Clone, Copy)]
enum Kind {
    Switch,
    Text,
    /// May be repeated.
    Texts,
    Path,
}

/// Where it stands on the command line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind its name.
    Named,
    /// Alone; it may be left out.
    Alone,
    /// Alone, and it must be there.
    Needed,
}

/// The options of the main job.
static MAIN: [Opt; 16] = [
    text("source", "SOURCE", "Where the bytes come from; the forms are listed below [default: auto]")
        .heading(METER)
        .variable("HAN_EXPORTER_SOURCE"),
    path("key-file", "FILE", "Encryption key: 32 hexadecimal digits [default: credential han-key, if any]")
        .heading(METER)
        .variable("HAN_EXPORTER_KEY_FILE"),
    path("auth-key-file", "FILE", "Authentication key, likewise [default: credential han-auth-key, if any]")
        .heading(METER)
        .variable("HAN_EXPORTER_AUTH_KEY_FILE"),
    text("kamstrup-energy", "SCALE", "Scale of Kamstrup's energy registers: auto, 1Wh or 10Wh")
        .heading(METER)
        .default("auto")
        .variable("HAN_EXPORTER_KAMSTRUP_ENERGY"),
    text("max-age", "DURATION", "Leave out momentary values older than this and 3 usual intervals")
        .heading(METER)
        .default("30s")
        .variable("HAN_EXPORTER_MAX_AGE"),
    text(
        "max-age-registers",
        "DURATION",
        "Leave out energy registers and the meter's id when older than this",
    )
    .heading(METER)
    .default("2.5h")
    .variable("HAN_EXPORTER_MAX_AGE_REGISTERS"),
    path("config.file", "FILE", "YAML file that names several meters, in place of --source and key files")
        .variable("HAN_EXPORTER_CONFIG_FILE"),
    switch("check-config", "Judge the configuration and stop: exit code 0 if it is right, 2 or 78 if not"),
    texts("web.listen-address", "ADDRESS", "Address to serve on; may be repeated [default: :10170]")
        .heading(WEB)
        .variable("HAN_EXPORTER_WEB_LISTEN_ADDRESS"),
    text("web.telemetry-path", "PATH", "Path of the metrics")
        .heading(WEB)
        .default("/metrics")
        .variable("HAN_EXPORTER_WEB_TELEMETRY_PATH"),
    path("web.config.file", "FILE", "File with TLS and password settings (refused: not supported yet)")
        .heading(WEB)
        .variable("HAN_EXPORTER_WEB_CONFIG_FILE"),
    switch(
        "web.systemd-socket",
        "Serve on the sockets that systemd hands over, in place of --web.listen-address",
    )
    .heading(WEB)
    .variable("HAN_EXPORTER_WEB_SYSTEMD_SOCKET"),
    text("web.max-requests", "N", "Most scrapes answered at the same time; 0 for no limit")
        .heading(WEB)
        .default("40")
        .variable("HAN_EXPORTER_WEB_MAX_REQUESTS"),
    switch("web.disable-exporter-metrics", "Leave out the metrics about the exporter itself (process_*)")
        .heading(WEB)
        .variable("HAN_EXPORTER_WEB_DISABLE_EXPORTER_METRICS"),
    text("log.level", "LEVEL", "Least severity to log: debug, info, warn or error")
        .heading(LOG)
        .default("info")
        .variable("HAN_EXPORTER_LOG_LEVEL"),
    text("log.format", "FORMAT", "Form of the log lines: logfmt or json")
        .heading(LOG)
        .default("logfmt")
        .variable("HAN_EXPORTER_LOG_FORMAT"),
];

static DECODE: [Opt; 6] = [
    path("file", "FILE", "The capture, raw or as hexadecimal text; - or nothing for standard input")
        .place(Place::Alone),
    text("format", "FORMAT", "How to show it: text (bytes and meaning), json or prom (as /metrics)")
        .default("text"),
    switch("redact", "Write the capture again with meter ids replaced, to be shared").excludes("format"),
    path("key-file", "FILE", "Encryption key of the meter: 32 hexadecimal digits"),
    path("auth-key-file", "FILE", "Authentication key, likewise"),
    text("kamstrup-energy", "SCALE", "Scale of Kamstrup's energy registers: auto, 1Wh or 10Wh")
        .default("auto"),
];

static SIMULATE: [Opt; 8] = [
    text("meter", "METER", "The meter to be, by its name; the names are listed below").place(Place::Needed),
    text("to", "OUTLET", "Where to send: pty, tcp:ADDRESS (listens there) or stdout").default("pty"),
    text("phases", "N", "Phases of the meter: 1 or 3").default("3"),
    path("link", "PATH", "Path of a symbolic link to the pseudo-terminal, kept while it runs"),
    text("speed", "N", "How many times faster than a real meter, or max on stdout").default("1"),
    text("seed", "N", "Which made-up household; the same seed gives the same bytes").default("1"),
    text("count", "N", "End after this many frames"),
    texts("fault", "KIND=RATE", "Damage at a rate from 0 to 1; may be repeated; the kinds are listed below"),
];

static DOCTOR: [Opt; 4] = [
    text("source", "SOURCE", "The source to examine, written like --source [default: auto]")
        .place(Place::Alone),
    text("seconds", "N", "How long to listen").default("60"),
    path("key-file", "FILE", "Encryption key of the meter: 32 hexadecimal digits"),
    path("auth-key-file", "FILE", "Authentication key, likewise"),
];

/// The command line as clap understands it. An empty variable counts as none: environment files leave many empty.
pub fn definition() -> Command {
    let others = [
        command("decode", "Explain captured bytes", &DECODE),
        command("simulate", "Be a meter", &SIMULATE).after_help(help::simulate()),
        command("doctor", "Find out why there is no data, or set up a new cable", &DOCTOR),
    ];
    command("han-exporter", ABOUT, &MAIN)
        .version(version::VERSION)
        .after_help(EXAMPLES)
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true)
        .subcommands(others)
}

fn command(name: &'static str, about: &'static str, options: &'static [Opt]) -> Command {
    Command::new(name).about(about).args(options.iter().map(Opt::arg))
}

const fn switch(name: &'static str, help: &'static str) -> Opt {
    Opt {
        name,
        kind: Kind::Switch,
        value: "",
        help,
        default: None,
        variable: None,
        heading: None,
        excludes: None,
        place: Place::Named,
    }
}

const fn text(name: &'static str, value: &'static str, help: &'static str) -> Opt {
    Opt { kind: Kind::Text, value, ..switch(name, help) }
}

const fn texts(name: &'static str, value: &'static str, help: &'static str) -> Opt {
    Opt { kind: Kind::Texts, value, ..switch(name, help) }
}

const fn path(name: &'static str, value: &'static str, help: &'static str) -> Opt {
    Opt { kind: Kind::Path, value, ..switch(name, help) }
}

impl Opt {
    const fn default(self, text: &'static str) -> Self {
        Opt { default: Some(text), ..self }
    }

    const fn variable(self, name: &'static str) -> Self {
        Opt { variable: Some(name), ..self }
    }

    const fn heading(self, heading: &'static str) -> Self {
        Opt { heading: Some(heading), ..self }
    }

    const fn excludes(self, name: &'static str) -> Self {
        Opt { excludes: Some(name), ..self }
    }

    const fn place(self, place: Place) -> Self {
        Opt { place, ..self }
    }

    fn arg(&self) -> Arg {
        let variable =
            self.variable.filter(|name| std::env::var_os(name).is_none_or(|value| !value.is_empty()));
        let arg = Arg::new(self.name)
            .long((self.place == Place::Named).then_some(self.name))
            .required(self.place == Place::Needed)
            .help(self.help)
            .help_heading(self.heading)
            .default_value(self.default)
            .conflicts_with_all(self.excludes)
            .env(variable)
            .hide_env(true);
        match self.kind {
            Kind::Switch => arg.action(ArgAction::SetTrue).value_parser(BoolishValueParser::new()),
            Kind::Text => arg.value_name(self.value),
            Kind::Texts => arg.value_name(self.value).action(ArgAction::Append),
            Kind::Path => arg.value_name(self.value).value_parser(value_parser!(PathBuf)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        definition().debug_assert();
    }
}
