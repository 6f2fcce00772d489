//! What the program can do: a folder for each command, with its options.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::config::{self, ServeArgs, Stop};
use crate::platform::version;

pub mod decode;
pub mod doctor;
mod help;
pub mod serve;
pub mod simulate;

/// One run of the program.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Read meters and serve their metrics.
    Serve(ServeArgs),
    CheckConfig(ServeArgs),
    Decode(decode::Decode),
    Simulate(simulate::Options),
    Doctor(doctor::Doctor),
}

#[derive(Parser)]
#[command(name = "han-exporter", version = version::VERSION, about = help::ABOUT, after_help = help::EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
struct CommandLine {
    #[command(flatten)]
    serve: ServeArgs,
    #[command(subcommand)]
    other: Option<Other>,
}

/// The commands besides the main job.
#[derive(Subcommand)]
enum Other {
    /// Explain captured bytes
    Decode(decode::DecodeArgs),
    /// Simulate a meter
    #[command(after_help = simulate::help())]
    Simulate(simulate::SimulateArgs),
    /// Find out why there is no data, or set up a new cable
    Doctor(doctor::DoctorArgs),
}

/// Reads the command line and the environment.
pub fn parse(argv: impl IntoIterator<Item = OsString>) -> Result<Command, Stop> {
    let argv = without_help_command(argv.into_iter().collect());
    let (CommandLine { mut serve, other }, given) = config::read(&argv)?;
    serve.given = given;
    Ok(match other {
        None if serve.check_config => Command::CheckConfig(serve),
        None => Command::Serve(serve),
        Some(Other::Decode(args)) => Command::Decode(args.load()?),
        Some(Other::Simulate(args)) => Command::Simulate(args.options()?),
        Some(Other::Doctor(args)) => Command::Doctor(args.load()?),
    })
}

/// Turns `help decode` into `decode --help`.
fn without_help_command(mut argv: Vec<OsString>) -> Vec<OsString> {
    let is_help = |argv: &[OsString]| argv.get(1).is_some_and(|word| word == "help");
    if is_help(&argv) {
        // 'help help' asks for what 'help' alone shows.
        while is_help(&argv) {
            argv.remove(1);
        }
        argv.push("--help".into());
    }
    argv
}

/// The command line as clap understands it, for man pages and completions.
pub fn definition() -> clap::Command {
    config::definition::<CommandLine>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        definition().debug_assert();
    }

    #[test]
    fn no_option_of_the_main_job_goes_with_another_command() {
        let stop = parse(["han-exporter", "--check-config", "decode"].map(Into::into)).unwrap_err();
        assert!(matches!(stop, Stop::Error(config::Error::Usage(_))));
    }
}
