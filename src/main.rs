//! The command line: arguments in, exit code out.

use std::{fmt::Display, io::Write, process::ExitCode};

use han_exporter::{
    command::{decode, doctor, serve, simulate},
    config::{self, Command, Config, Error, Stop},
    platform::log,
};

fn main() -> ExitCode {
    match config::parse(std::env::args_os()) {
        Ok(command) => dispatch(command),
        Err(Stop::Text(text)) => show(text.trim_end()),
        Err(Stop::Error(error)) => fail(&error),
    }
}

fn dispatch(command: Command) -> ExitCode {
    match command {
        Command::Serve(args) => match Config::load(&args) {
            Ok(config) => {
                log::start(config.log);
                finish(serve::run(&args, config))
            }
            Err(error) => fail(&error),
        },
        Command::CheckConfig(args) => match Config::load(&args) {
            Ok(config) => show(&config.summary()),
            Err(error) => fail(&error),
        },
        Command::Decode(wish) => {
            wish.warnings.iter().for_each(|warning| complain(&warning));
            decode::main(wish.file.as_deref(), &wish.options)
        }
        Command::Simulate(options) => finish(simulate::main(options)),
        Command::Doctor(wish) => match doctor::run(&wish) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => finish(Err(format_args!("the system refuses to run an event loop: {error}"))),
        },
    }
}

fn show(text: &str) -> ExitCode {
    // Nobody may be reading: 'han-exporter --help | head -1'.
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
}

fn fail(error: &Error) -> ExitCode {
    complain(error);
    error.exit_code().into()
}

fn finish<E: Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn complain(what: &dyn Display) {
    let _ = std::io::stderr().write_all(format!("han-exporter: {what}\n").as_bytes());
}
