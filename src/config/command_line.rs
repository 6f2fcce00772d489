//! Reads a command line and the environment into the options that clap derives.

use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches, parser::ValueSource};

use super::{Error, Stop, usage};

/// How the variable of an option begins.
const PREFIX: &str = "HAN_EXPORTER_";

/// The options that the user gave, each under the name he used: `--log.level`, or its variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(Vec<(String, String)>);

impl Given {
    fn of(command: &Command, matches: &ArgMatches) -> Self {
        let name = |arg: &Arg| {
            let option = arg.get_long()?;
            let name = match matches.value_source(arg.get_id().as_str())? {
                ValueSource::CommandLine => format!("--{option}"),
                ValueSource::EnvVariable => arg.get_env()?.to_str()?.to_owned(),
                _ => return None,
            };
            Some((option.to_owned(), name))
        };
        Self(command.get_arguments().filter_map(name).collect())
    }

    /// The name under which an option was given; `None` if it was not.
    pub fn find(&self, option: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == option).map(|(_, name)| name.as_str())
    }

    /// The name under which an option was given, or would have been.
    pub fn name(&self, option: &str) -> String {
        self.find(option).map_or_else(|| format!("--{option}"), str::to_owned)
    }
}

/// Reads a command line; help and version come back as `Stop::Text`.
pub fn read<T: CommandFactory + FromArgMatches>(argv: &[OsString]) -> Result<(T, Given), Stop> {
    let definition = definition::<T>();
    let is_main = argv.get(1).is_none_or(|word| definition.find_subcommand(word).is_none());
    let mut command = with_variables(definition.clone(), is_main);
    let matches = command.try_get_matches_from_mut(argv);
    let read =
        matches.and_then(|matches| Ok((T::from_arg_matches(&matches)?, Given::of(&command, &matches))));
    let read = read.map_err(|error| usage::stop(&error, &command, argv))?;
    if is_main {
        let set = std::env::vars_os().filter(|(_, value)| !value.is_empty());
        let text = |text: OsString| text.to_string_lossy().into_owned();
        check_variables(&definition, set.map(|(name, value)| (text(name), text(value))))?;
    }
    Ok(read)
}

/// The command line as clap understands it. Its help names no variables: one sentence says how they are called.
pub fn definition<T: CommandFactory>() -> Command {
    let hidden = |arg: Arg| arg.hide_env(true);
    T::command().mut_args(hidden).mut_subcommands(|other| other.mut_args(hidden))
}

/// Variables are options of the main job alone, and an empty one counts as none: environment files leave many empty.
fn with_variables(command: Command, is_main: bool) -> Command {
    let is_set = |name: &OsStr| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    command
        .mut_args(|arg| match arg.get_env() {
            Some(name) if is_main && is_set(name) => arg,
            _ => arg.env(None),
        })
        .mut_subcommands(|other| other.mut_args(|arg| arg.env(None)))
}

/// Refuses a variable that is called like ours and is none, because a misspelt setting would have no effect.
fn check_variables(command: &Command, set: impl Iterator<Item = (String, String)>) -> Result<(), Error> {
    let known = |name: &String| command.get_arguments().any(|arg| arg.get_env() == Some(OsStr::new(name)));
    let unknown =
        set.filter(|(name, value)| name.starts_with(PREFIX) && !is_of_a_service(name, value) && !known(name));
    let Some((name, _)) = unknown.min() else { return Ok(()) };
    let meant = meant_variable(command, &name);
    let meant = meant.map_or(".".to_owned(), |meant| format!("; did you mean '{meant}'?"));
    Err(Error::Usage(format!("unexpected variable '{name}'{meant} See 'han-exporter --help'")))
}

/// Whether Kubernetes or Docker sets this variable in every container that can reach a service called `han-exporter`. A
/// `…_PORT` of a service is an address; with a number it is a setting that somebody misspelt.
fn is_of_a_service(name: &str, value: &str) -> bool {
    let is_address = || ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let is_of_a_port = |(_, rest): (&str, &str)| rest.starts_with(|c: char| c.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || (name.ends_with("_PORT") && is_address())
        || name.split_once("_PORT_").is_some_and(is_of_a_port)
}

/// The variable of the option that clap takes for the one that was meant.
fn meant_variable(command: &Command, variable: &str) -> Option<String> {
    if variable.ends_with("_PORT") {
        return Some(format!("{PREFIX}WEB_LISTEN_ADDRESS"));
    }
    let option = variable.trim_start_matches(PREFIX).to_lowercase().replace('_', "-");
    let error = command.clone().try_get_matches_from(["han-exporter", &format!("--{option}")]).err()?;
    let Some(ContextValue::String(meant)) = error.get(ContextKind::SuggestedArg) else { return None };
    let meant = command.get_arguments().find(|arg| arg.get_long() == meant.strip_prefix("--"))?;
    Some(meant.get_env()?.to_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::definition;

    #[test]
    fn an_unknown_variable_is_refused_with_the_one_that_was_meant() {
        let check = |set: &[(&str, &str)]| {
            let set = set.iter().map(|(name, value)| (name.to_string(), value.to_string()));
            check_variables(&definition(), set).map_err(|error| error.to_string())
        };
        for (name, meant) in [
            ("HAN_EXPORTER_SORCE", "; did you mean 'HAN_EXPORTER_SOURCE'?"),
            ("HAN_EXPORTER_KEY", "; did you mean 'HAN_EXPORTER_KEY_FILE'?"),
            ("HAN_EXPORTER_LISTEN_ADDRESS", "; did you mean 'HAN_EXPORTER_WEB_LISTEN_ADDRESS'?"),
            ("HAN_EXPORTER_WEB_TELEMETRYPATH", "; did you mean 'HAN_EXPORTER_WEB_TELEMETRY_PATH'?"),
            ("HAN_EXPORTER_PORT", "; did you mean 'HAN_EXPORTER_WEB_LISTEN_ADDRESS'?"),
            ("HAN_EXPORTER_WEB_PORT", "; did you mean 'HAN_EXPORTER_WEB_LISTEN_ADDRESS'?"),
            ("HAN_EXPORTER_LISTEN_PORT", "; did you mean 'HAN_EXPORTER_WEB_LISTEN_ADDRESS'?"),
            ("HAN_EXPORTER_PORT_NUMBER", "."),
            ("HAN_EXPORTER_CHECK_CONFIG", "."),
            ("HAN_EXPORTER_", "."),
            ("HAN_EXPORTER_FROBNICATE", "."),
        ] {
            let said = format!("unexpected variable '{name}'{meant} See 'han-exporter --help'");
            let set = [("PATH", "/bin"), (name, "8080"), ("HAN_EXPORTER_SOURCE", "auto")];
            assert_eq!(check(&set), Err(said));
        }
        assert_eq!(
            check(&[
                ("HAN_EXPORTER_SERVICE_HOST", "10.0.0.7"),
                ("HAN_EXPORTER_SERVICE_PORT", "10170"),
                ("HAN_EXPORTER_SERVICE_PORT_METRICS", "10170"),
                ("HAN_EXPORTER_PORT", "tcp://10.0.0.7:10170"),
                ("HAN_EXPORTER_PORT_10170_TCP", "tcp://10.0.0.7:10170"),
                ("HAN_EXPORTER_PORT_10170_TCP_ADDR", "10.0.0.7"),
                ("HAN_EXPORTER_PORT_10170_TCP_PORT", "10170"),
                ("HAN_EXPORTER_CABIN_SERVICE_HOST", "10.0.0.7"),
                ("HAN_EXPORTER_SOURCE", "auto"),
                ("HAN_EXPORTERS", "2"),
                ("HAN_BUILD_CACHE", "/tmp"),
            ]),
            Ok(())
        );
    }

    #[test]
    fn every_option_of_the_main_job_has_the_variable_its_name_implies() {
        let command = definition();
        let options = command.get_arguments().filter_map(|arg| Some((arg.get_long()?, arg.get_env()?)));
        let options: Vec<_> = options.collect();
        assert_eq!(options.len(), command.get_arguments().count() - 1, "all but --check-config");
        for (option, variable) in options {
            let implied = format!("HAN_EXPORTER_{}", option.to_uppercase().replace(['.', '-'], "_"));
            assert_eq!(variable.to_str(), Some(implied.as_str()));
        }
    }
}
