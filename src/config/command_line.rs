//! Reads a command line and the environment into the options that clap derives.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches, parser::ValueSource};

use super::{Stop, usage};

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
    let mut command = with_variables(definition::<T>(), argv);
    let matches = command.try_get_matches_from_mut(argv);
    let read =
        matches.and_then(|matches| Ok((T::from_arg_matches(&matches)?, Given::of(&command, &matches))));
    read.map_err(|error| usage::stop(&error, &command, argv))
}

/// The command line as clap understands it. Its help names no variables: one sentence says how they are called.
pub fn definition<T: CommandFactory>() -> Command {
    let hidden = |arg: Arg| arg.hide_env(true);
    T::command().mut_args(hidden).mut_subcommands(|other| other.mut_args(hidden))
}

/// Variables are options of the main job alone, and an empty one counts as none: environment files leave many empty.
fn with_variables(command: Command, argv: &[OsString]) -> Command {
    let is_main = argv.get(1).is_none_or(|word| command.find_subcommand(word).is_none());
    let is_set = |name: &OsStr| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    command
        .mut_args(|arg| match arg.get_env() {
            Some(name) if is_main && is_set(name) => arg,
            _ => arg.env(None),
        })
        .mut_subcommands(|other| other.mut_args(|arg| arg.env(None)))
}

#[cfg(test)]
mod tests {
    use crate::command::definition;

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
