//! What was typed: the command line and the environment, nothing interpreted yet.

use std::path::PathBuf;

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, builder::BoolishValueParser};

use super::{
    Error, Stop,
    help::{self, ABOUT, EXAMPLES, LOG, METER, WEB},
    usage,
};
use crate::version;

/// The options of the main job as they were typed; `Config::load` says what they mean.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// Where the bytes come from; the forms are listed below [default: auto]
    #[arg(long, value_name = "SOURCE", env = "HAN_EXPORTER_SOURCE", help_heading = METER)]
    pub(super) source: Option<String>,

    /// Encryption key: 32 hexadecimal digits [default: credential han-key, if any]
    #[arg(long, value_name = "FILE", env = "HAN_EXPORTER_KEY_FILE", help_heading = METER)]
    pub(super) key_file: Option<PathBuf>,

    /// Authentication key, likewise [default: credential han-auth-key, if any]
    #[arg(long, value_name = "FILE", env = "HAN_EXPORTER_AUTH_KEY_FILE", help_heading = METER)]
    pub(super) auth_key_file: Option<PathBuf>,

    /// Scale of Kamstrup's energy registers: auto, 1Wh or 10Wh
    #[arg(long, value_name = "SCALE", default_value = "auto", env = "HAN_EXPORTER_KAMSTRUP_ENERGY", help_heading = METER)]
    pub(super) kamstrup_energy: String,

    /// Leave out momentary values older than this and 3 usual intervals
    #[arg(long, value_name = "DURATION", default_value = "30s", env = "HAN_EXPORTER_MAX_AGE", help_heading = METER)]
    pub(super) max_age: String,

    /// Leave out energy registers and the meter's id when older than this
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "2.5h",
        env = "HAN_EXPORTER_MAX_AGE_REGISTERS",
        help_heading = METER
    )]
    pub(super) max_age_registers: String,

    /// YAML file that names several meters, in place of --source and key files
    #[arg(long = "config.file", value_name = "FILE", env = "HAN_EXPORTER_CONFIG_FILE")]
    pub(super) config_file: Option<PathBuf>,

    /// Judge the configuration and stop: exit code 0 if it is right, 78 if not
    #[arg(long)]
    pub(super) check_config: bool,

    /// Address to serve on; may be repeated [default: :10170]
    #[arg(
        long = "web.listen-address",
        value_name = "ADDRESS",
        action = ArgAction::Append,
        env = "HAN_EXPORTER_WEB_LISTEN_ADDRESS",
        help_heading = WEB
    )]
    pub(super) web_listen_address: Vec<String>,

    /// Path of the metrics
    #[arg(
        long = "web.telemetry-path",
        value_name = "PATH",
        default_value = "/metrics",
        env = "HAN_EXPORTER_WEB_TELEMETRY_PATH",
        help_heading = WEB
    )]
    pub(super) web_telemetry_path: String,

    /// File with TLS and password settings (refused: not supported yet)
    #[arg(long = "web.config.file", value_name = "FILE", env = "HAN_EXPORTER_WEB_CONFIG_FILE", help_heading = WEB)]
    pub(super) web_config_file: Option<PathBuf>,

    /// Serve on the sockets that systemd hands over, in place of --web.listen-address
    #[arg(
        long = "web.systemd-socket",
        env = "HAN_EXPORTER_WEB_SYSTEMD_SOCKET",
        value_parser = BoolishValueParser::new(),
        help_heading = WEB
    )]
    pub(super) web_systemd_socket: bool,

    /// Most scrapes answered at the same time; 0 for no limit
    #[arg(
        long = "web.max-requests",
        value_name = "N",
        default_value = "40",
        env = "HAN_EXPORTER_WEB_MAX_REQUESTS",
        help_heading = WEB
    )]
    pub(super) web_max_requests: String,

    /// Leave out the metrics about the exporter itself (process_*)
    #[arg(
        long = "web.disable-exporter-metrics",
        env = "HAN_EXPORTER_WEB_DISABLE_EXPORTER_METRICS",
        value_parser = BoolishValueParser::new(),
        help_heading = WEB
    )]
    pub(super) web_disable_exporter_metrics: bool,

    /// Least severity to log: debug, info, warn or error
    #[arg(long = "log.level", value_name = "LEVEL", default_value = "info", env = "HAN_EXPORTER_LOG_LEVEL", help_heading = LOG)]
    pub(super) log_level: String,

    /// Form of the log lines: logfmt or json
    #[arg(long = "log.format", value_name = "FORMAT", default_value = "logfmt", env = "HAN_EXPORTER_LOG_FORMAT", help_heading = LOG)]
    pub(super) log_format: String,

    /// The options, without dashes, whose value came from the environment.
    #[arg(skip)]
    pub(super) from_environment: Vec<String>,
}

impl Args {
    /// The name under which the user gave an option: `--log.level` or its environment variable.
    pub(super) fn called(&self, option: &str) -> String {
        let environment = self.from_environment.iter().any(|name| name == option);
        if environment { variable(option) } else { format!("--{option}") }
    }
}

/// The environment variable that stands for an option.
pub(super) fn variable(option: &str) -> String {
    format!("HAN_EXPORTER_{}", option.to_uppercase().replace(['.', '-'], "_"))
}

/// Everything that was typed.
#[derive(Parser)]
#[command(name = "han-exporter", version, about = ABOUT, after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true, next_line_help = false)]
pub(super) struct Line {
    #[command(flatten)]
    pub(super) args: Args,
    #[command(subcommand)]
    pub(super) command: Option<Sub>,
}

/// The other jobs.
#[derive(Subcommand)]
pub(super) enum Sub {
    /// Explain captured bytes
    Decode(DecodeArgs),
    /// Be a meter
    Simulate(SimulateArgs),
    /// Find out why there is no data, or set up a new cable
    Doctor(DoctorArgs),
}

/// What was typed after `decode`.
#[derive(clap::Args)]
pub(super) struct DecodeArgs {
    /// The capture, raw or as hexadecimal text; - or nothing for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// How to show it: text (octets and meaning), json or prom (as /metrics)
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: String,
    /// Write the capture again with meter ids replaced, to be shared
    #[arg(long, conflicts_with = "format")]
    pub(super) redact: bool,
    /// Encryption key of the meter: 32 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// Authentication key, likewise
    #[arg(long, value_name = "FILE")]
    pub(super) auth_key_file: Option<PathBuf>,
    /// Scale of Kamstrup's energy registers: auto, 1Wh or 10Wh
    #[arg(long, value_name = "SCALE", default_value = "auto")]
    pub(super) kamstrup_energy: String,
}

/// What was typed after `simulate`.
#[derive(clap::Args)]
#[command(after_help = help::simulate())]
pub(super) struct SimulateArgs {
    /// The meter to be, by its name; the names are listed below
    #[arg(value_name = "METER")]
    pub(super) meter: String,
    /// Where to send: pty, tcp:ADDRESS (listens there) or stdout
    #[arg(long, value_name = "OUTLET", default_value = "pty")]
    pub(super) to: String,
    /// Phases of the meter: 1 or 3
    #[arg(long, value_name = "N", default_value = "3")]
    pub(super) phases: String,
    /// Path of a symbolic link to the pseudo-terminal, kept while it runs
    #[arg(long, value_name = "PATH")]
    pub(super) link: Option<PathBuf>,
    /// How many times faster than a real meter, or max on stdout
    #[arg(long, value_name = "N", default_value = "1")]
    pub(super) speed: String,
    /// Which made-up household; the same seed gives the same octets
    #[arg(long, value_name = "N", default_value = "1")]
    pub(super) seed: String,
    /// End after this many frames
    #[arg(long, value_name = "N")]
    pub(super) count: Option<String>,
    /// Damage at a rate from 0 to 1; may be repeated; the kinds are listed below
    #[arg(long, value_name = "KIND=RATE", action = ArgAction::Append)]
    pub(super) fault: Vec<String>,
}

/// What was typed after `doctor`.
#[derive(clap::Args)]
pub(super) struct DoctorArgs {
    /// The source to examine, written like --source [default: auto]
    #[arg(value_name = "SOURCE")]
    pub(super) source: Option<String>,
    /// How long to listen
    #[arg(long, value_name = "N", default_value = "60")]
    pub(super) seconds: String,
    /// Encryption key of the meter: 32 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// Authentication key, likewise
    #[arg(long, value_name = "FILE")]
    pub(super) auth_key_file: Option<PathBuf>,
}

/// Reads a command line; help and version come back as `Stop::Text`.
pub(super) fn read(argv: Vec<std::ffi::OsString>) -> Result<Line, Stop> {
    let mut command = definition();
    let matches = match command.try_get_matches_from_mut(&argv) {
        Ok(matches) => matches,
        Err(error) => return Err(usage::stop(&error, &command, &argv)),
    };
    let mut line = Line::from_arg_matches(&matches).map_err(|error| usage::stop(&error, &command, &argv))?;
    line.args.from_environment = environment(&command, &matches);
    match (line.args.check_config, &line.command) {
        (true, Some(_)) => Err(Error::Usage("--check-config takes no other command".into()).into()),
        _ => Ok(line),
    }
}

/// The command line as clap understands it. An empty variable counts as none: environment files leave many empty.
pub fn definition() -> clap::Command {
    Line::command().version(version::VERSION).mut_args(|arg| {
        let empty = arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        let arg = arg.hide_env(true);
        if empty { arg.env(None::<&str>) } else { arg }
    })
}

fn environment(command: &clap::Command, matches: &clap::ArgMatches) -> Vec<String> {
    let from_there = |id: &str| matches.value_source(id) == Some(clap::parser::ValueSource::EnvVariable);
    let options = command.get_arguments().filter(|arg| from_there(arg.get_id().as_str()));
    options.filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Line::command().debug_assert();
    }

    #[test]
    fn every_option_of_the_main_job_has_the_variable_its_name_says() {
        let command = Line::command();
        let options =
            command.get_arguments().filter(|arg| arg.get_long().is_some_and(|name| name != "check-config"));
        let names: Vec<_> =
            options.map(|arg| (arg.get_env(), variable(arg.get_long().unwrap_or_default()))).collect();
        assert_eq!(names.len(), 15);
        for (name, expected) in names {
            assert_eq!(name.and_then(|name| name.to_str()), Some(expected.as_str()));
        }
    }
}
