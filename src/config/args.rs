//! What was typed: the command line and the environment, nothing interpreted yet. Each field is the option of that name.

use std::path::PathBuf;

use clap::{ArgMatches, parser::ValueSource};

use super::{Error, Stop, options::definition, usage};

/// The options of the main job as they were typed; `Config::load` says what they mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    pub(super) source: Option<String>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) auth_key_file: Option<PathBuf>,
    pub(super) kamstrup_energy: String,
    pub(super) max_age: String,
    pub(super) max_age_registers: String,
    pub(super) config_file: Option<PathBuf>,
    pub(super) check_config: bool,
    pub(super) web_listen_address: Vec<String>,
    pub(super) web_telemetry_path: String,
    pub(super) web_config_file: Option<PathBuf>,
    pub(super) web_systemd_socket: bool,
    pub(super) web_max_requests: String,
    pub(super) web_disable_exporter_metrics: bool,
    pub(super) log_level: String,
    pub(super) log_format: String,

    /// The options, without dashes, whose value came from the environment.
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
pub(super) struct Line {
    pub(super) args: Args,
    pub(super) command: Option<Sub>,
}

/// The other jobs.
pub(super) enum Sub {
    Decode(DecodeArgs),
    Simulate(SimulateArgs),
    Doctor(DoctorArgs),
}

/// What was typed after `decode`.
pub(super) struct DecodeArgs {
    pub(super) file: Option<PathBuf>,
    pub(super) format: String,
    pub(super) redact: bool,
    pub(super) key_file: Option<PathBuf>,
    pub(super) auth_key_file: Option<PathBuf>,
    pub(super) kamstrup_energy: String,
}

/// What was typed after `simulate`.
pub(super) struct SimulateArgs {
    pub(super) meter: String,
    pub(super) to: String,
    pub(super) phases: String,
    pub(super) link: Option<PathBuf>,
    pub(super) speed: String,
    pub(super) seed: String,
    pub(super) count: Option<String>,
    pub(super) fault: Vec<String>,
}

/// What was typed after `doctor`.
pub(super) struct DoctorArgs {
    pub(super) source: Option<String>,
    pub(super) seconds: String,
    pub(super) key_file: Option<PathBuf>,
    pub(super) auth_key_file: Option<PathBuf>,
}

/// Reads a command line; help and version come back as `Stop::Text`.
pub(super) fn read(argv: Vec<std::ffi::OsString>) -> Result<Line, Stop> {
    let mut command = definition();
    let matches = match command.try_get_matches_from_mut(&argv) {
        Ok(matches) => matches,
        Err(error) => return Err(usage::stop(&error, &command, &argv)),
    };
    let from_environment = environment(&command, &matches);
    let line = Line::of(&mut Typed(matches), from_environment);
    match (line.args.check_config, &line.command) {
        (true, Some(_)) => Err(Error::Usage("--check-config takes no other command".into()).into()),
        _ => Ok(line),
    }
}

fn environment(command: &clap::Command, matches: &ArgMatches) -> Vec<String> {
    let from_there = |id: &str| matches.value_source(id) == Some(ValueSource::EnvVariable);
    let options = command.get_arguments().filter(|arg| from_there(arg.get_id().as_str()));
    options.filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
}

impl Line {
    fn of(typed: &mut Typed, from_environment: Vec<String>) -> Self {
        let command = typed.0.remove_subcommand().map(|(name, matches)| Sub::of(&name, &mut Typed(matches)));
        Line { args: Args::of(typed, from_environment), command }
    }
}

impl Args {
    fn of(typed: &mut Typed, from_environment: Vec<String>) -> Self {
        Args {
            source: typed.text("source"),
            key_file: typed.path("key-file"),
            auth_key_file: typed.path("auth-key-file"),
            kamstrup_energy: typed.given("kamstrup-energy"),
            max_age: typed.given("max-age"),
            max_age_registers: typed.given("max-age-registers"),
            config_file: typed.path("config.file"),
            check_config: typed.switch("check-config"),
            web_listen_address: typed.texts("web.listen-address"),
            web_telemetry_path: typed.given("web.telemetry-path"),
            web_config_file: typed.path("web.config.file"),
            web_systemd_socket: typed.switch("web.systemd-socket"),
            web_max_requests: typed.given("web.max-requests"),
            web_disable_exporter_metrics: typed.switch("web.disable-exporter-metrics"),
            log_level: typed.given("log.level"),
            log_format: typed.given("log.format"),
            from_environment,
        }
    }
}

impl Sub {
    fn of(name: &str, typed: &mut Typed) -> Self {
        match name {
            "decode" => Sub::Decode(DecodeArgs {
                file: typed.path("file"),
                format: typed.given("format"),
                redact: typed.switch("redact"),
                key_file: typed.path("key-file"),
                auth_key_file: typed.path("auth-key-file"),
                kamstrup_energy: typed.given("kamstrup-energy"),
            }),
            "simulate" => Sub::Simulate(SimulateArgs {
                meter: typed.given("meter"),
                to: typed.given("to"),
                phases: typed.given("phases"),
                link: typed.path("link"),
                speed: typed.given("speed"),
                seed: typed.given("seed"),
                count: typed.text("count"),
                fault: typed.texts("fault"),
            }),
            _ => Sub::Doctor(DoctorArgs {
                source: typed.text("source"),
                seconds: typed.given("seconds"),
                key_file: typed.path("key-file"),
                auth_key_file: typed.path("auth-key-file"),
            }),
        }
    }
}

/// What clap understood of one command.
struct Typed(ArgMatches);

impl Typed {
    fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove_one(name)
    }

    /// The text of an option that has a default, or of a word that must be there.
    fn given(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        self.0.remove_many(name).into_iter().flatten().collect()
    }

    fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.0.remove_one(name)
    }

    fn switch(&self, name: &str) -> bool {
        self.0.get_flag(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_of_the_main_job_has_the_variable_its_name_says() {
        let command = definition();
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
