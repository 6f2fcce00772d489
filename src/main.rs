//! The command line: arguments in, exit code out.

use std::{fmt::Display, io::Write, process::ExitCode};

use han_exporter::{
    command::{self, Command, decode, doctor, serve, simulate},
    config::{Config, Error, Stop},
    platform::log,
};

fn main() -> ExitCode {
    let code = answer();
    log::finish();
    code
}

fn answer() -> ExitCode {
    match command::parse(std::env::args_os()).and_then(|command| Ok(run(command)?)) {
        Ok(code) => code,
        Err(Stop::Text(text)) => show(text.trim_end()),
        Err(Stop::Error(error)) => {
            complain(&error);
            error.exit_code().into()
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Error> {
    Ok(match command {
        Command::Serve(args) => {
            let config = Config::load(&args)?;
            finish(serve::run(&args, config))
        }
        Command::CheckConfig(args) => {
            let config = Config::load(&args)?;
            config.doubts().for_each(|doubt| complain(&doubt));
            show(&config.summary())
        }
        Command::Decode(decode) => {
            decode.warnings.iter().for_each(|warning| complain(warning));
            decode::main(decode.file.as_deref(), &decode.options)
        }
        Command::Simulate(options) => finish(simulate::main(options)),
        Command::Doctor(doctor) => match doctor::run(&doctor) {
            Ok(readings) => u8::from(!readings).into(),
            Err(error) => finish(Err(format_args!("the system refuses to run an event loop: {error}"))),
        },
    })
}

fn show(text: &str) -> ExitCode {
    // Nobody may be reading: 'han-exporter --help | head -1'.
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
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
    log::print(&format!("han-exporter: {what}\n"));
}
