//! The options of `simulate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Endpoint, Fault, Options};
use crate::config::Error;
use crate::simulator::{self, Simulated};

/// The options of `simulate` as typed.
#[derive(Args)]
pub struct SimulateArgs {
    /// The meter to simulate; the names are listed below
    meter: String,

    /// Where to send: pty, tcp:ADDRESS (listens there) or stdout
    #[arg(long, value_name = "ENDPOINT", default_value = "pty", value_parser = endpoint)]
    to: Endpoint,

    /// Phases of the meter: 1 or 3
    #[arg(long, value_name = "N", default_value = "3", value_parser = phases)]
    phases: u8,

    /// Path of a symbolic link to the pseudo-terminal, kept while it runs
    #[arg(long, value_name = "PATH")]
    link: Option<PathBuf>,

    /// How many times faster than a real meter, or max on stdout
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
    speed: Speed,

    /// Which made-up household; the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value = "1", value_parser = whole_number)]
    seed: u64,

    /// End after this many frames
    #[arg(long, value_name = "N", value_parser = whole_number)]
    count: Option<u64>,

    /// Damage at a rate from 0 to 1; may be repeated; the kinds are listed below
    #[arg(long, value_name = "KIND=RATE", value_parser = fault)]
    fault: Vec<(Fault, f64)>,
}

#[derive(Clone, Copy)]
enum Speed {
    Times(f64),
    /// As fast as the frames are taken.
    Max,
}

impl SimulateArgs {
    /// Checks what the options mean together.
    pub fn options(self) -> Result<Options, Error> {
        let (speed, at_once) = match self.speed {
            Speed::Times(speed) => (speed, false),
            Speed::Max => (1.0, true),
        };
        let meter = Simulated::new(&self.meter, self.phases, speed, self.seed)
            .map_err(|error| Error::Usage(error.to_string()))?;
        let endpoint = match (self.to, self.link) {
            (Endpoint::Pty { .. }, link) => Endpoint::Pty { link },
            (other, None) => other,
            (_, Some(_)) => return Err(Error::Usage("--link is for --to pty only".into())),
        };
        let faults = self.fault;
        let mut kinds = faults.iter().enumerate();
        if kinds.any(|(index, (kind, _))| faults.iter().take(index).any(|(earlier, _)| earlier == kind)) {
            return Err(Error::Usage("--fault names one kind twice; give each kind one rate".into()));
        }
        let options = Options { meter, endpoint, at_once, count: self.count, faults };
        options.check().map_err(|error| Error::Usage(error.to_string()))?;
        Ok(options)
    }
}

fn phases(text: &str) -> Result<u8, &'static str> {
    match text {
        "1" => Ok(1),
        "3" => Ok(3),
        _ => Err("is not a number of phases; write 1 or 3"),
    }
}

fn whole_number(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "is not a whole number")
}

fn speed(text: &str) -> Result<Speed, String> {
    let (slowest, fastest) = (Simulated::SPEEDS.start(), Simulated::SPEEDS.end());
    match text.parse() {
        _ if text == "max" => Ok(Speed::Max),
        Ok(times) if Simulated::SPEEDS.contains(&times) => Ok(Speed::Times(times)),
        _ => Err(format!("is not a speed; write a number from {slowest} to {fastest}, or max")),
    }
}

fn endpoint(text: &str) -> Result<Endpoint, String> {
    match (text, text.strip_prefix("tcp:")) {
        ("pty", _) => Ok(Endpoint::Pty { link: None }),
        ("stdout", _) => Ok(Endpoint::Stdout),
        (_, Some(address)) => address.trim_start_matches("//").parse().map(Endpoint::Tcp),
        _ => Err("is not an endpoint; write pty, tcp:ADDRESS or stdout".into()),
    }
}

fn fault(text: &str) -> Result<(Fault, f64), String> {
    let (kind, rate) = text.split_once('=').ok_or("is not KIND=RATE; write it like bitflip=0.01")?;
    let rate = rate.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    let rate = rate.ok_or("has no rate from 0 to 1; write it like bitflip=0.01")?;
    let kinds = || Fault::value_variants().iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ");
    let kind = Fault::from_str(kind, false);
    Ok((kind.map_err(|_| format!("is not a kind of fault; use {}", kinds()))?, rate))
}

/// What follows the options of `simulate --help`.
pub fn help() -> String {
    let [encryption, authentication] = simulator::KEYS;
    let meters = columns(simulator::names());
    format!(
        "Meters:\n{meters}\n\
         Those that encrypt have the keys {encryption:032x} (--key-file)\n\
         and {authentication:032x} (--auth-key-file).\n\n{FAULTS}"
    )
}

fn columns(names: impl Iterator<Item = &'static str>) -> String {
    const IN_A_LINE: usize = 5;
    let names: Vec<_> = names.collect();
    let line = |names: &[&str]| names.iter().map(|name| format!("  {name:<18}")).collect::<String>();
    names.chunks(IN_A_LINE).map(|names| format!("{}\n", line(names).trim_end())).collect()
}

const FAULTS: &str = "\
Faults, each with its rate per frame:
  bitflip=R, lost=R, doubled=R, parity=R  a bit is flipped, a byte lost, doubled, or garbled as by wrong parity
  cut=R, noise=R, silence=R, unplug=R     a frame ends early, garbage precedes it, a pause follows, the line drops
  echo=R, deaf=R                          a request comes back, or does not reach the meter

kmp382, kmp, multical, kamstrup-iec, zmd120 and 2wr5 must be polled, on a pty or a socket.

Example:
  han-exporter simulate kaifa --to tcp:127.0.0.1:7000 --speed 10 --fault bitflip=0.01";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, parse};
    use crate::config::Stop;
    use crate::simulator;

    fn run(line: &str) -> Result<Command, Stop> {
        parse(["han-exporter"].into_iter().chain(line.split_whitespace()).map(Into::into))
    }

    fn meter(name: &str, phases: u8, speed: f64, seed: u64) -> Simulated {
        Simulated::new(name, phases, speed, seed).unwrap()
    }

    #[test]
    fn takes_endpoint_speed_and_faults() {
        let usual = Options {
            meter: meter("kaifa", 3, 1.0, 1),
            endpoint: Endpoint::Pty { link: None },
            at_once: false,
            count: None,
            faults: vec![],
        };
        assert_eq!(run("simulate kaifa"), Ok(Command::Simulate(usual.clone())));
        let linked = Options { endpoint: Endpoint::Pty { link: Some("/tmp/meter".into()) }, ..usual.clone() };
        assert_eq!(run("simulate kaifa --link /tmp/meter"), Ok(Command::Simulate(linked)));
        let other = Options {
            meter: meter("aidon", 1, 0.5, 9),
            endpoint: Endpoint::Tcp("127.0.0.1:7000".parse().unwrap()),
            faults: vec![(Fault::Bitflip, 0.001), (Fault::Cut, 1.0)],
            ..usual.clone()
        };
        let line = "simulate aidon --to tcp:127.0.0.1:7000 --phases 1 --speed .5 --seed 9 --fault bitflip=1e-3 --fault cut=1";
        assert_eq!(run(line), Ok(Command::Simulate(other)));
        let quick = Options { endpoint: Endpoint::Stdout, at_once: true, count: Some(5), ..usual };
        assert_eq!(run("simulate kaifa --to stdout --speed max --count 5"), Ok(Command::Simulate(quick)));
    }

    #[test]
    fn names_the_option_that_is_wrong() {
        for (line, words) in [
            ("simulate kafia", "use kaifa"),
            ("simulate kaifa --to file", "--to 'file' is not an endpoint"),
            ("simulate kaifa --to tcp:x", "--to 'tcp:x' is not an address"),
            ("simulate kaifa --to stdout --link x", "--link is for --to pty only"),
            ("simulate kaifa --phases 2", "write 1 or 3"),
            ("simulate kaifa --speed 0", "--speed '0' is not a speed"),
            ("simulate kaifa --speed=inf", "is not a speed"),
            ("simulate kaifa --speed max", "--speed max is for --to stdout only"),
            ("simulate kaifa --seed=-1", "--seed '-1' is not a whole number"),
            ("simulate kaifa --count=x", "--count 'x' is not a whole number"),
            ("simulate kaifa --fault cut", "is not KIND=RATE"),
            ("simulate kaifa --fault cut=2", "has no rate from 0 to 1"),
            ("simulate kaifa --fault cut=nan", "has no rate from 0 to 1"),
            ("simulate kaifa --fault burn=0", "use bitflip"),
            ("simulate kaifa --fault cut=0 --fault cut=1", "names one kind twice"),
            ("simulate kaifa --fault echo=1", "--fault echo is for polled meters only"),
            ("simulate kaifa --to stdout --fault unplug=1", "--fault unplug is for"),
            ("simulate kmp382 --to stdout", "must be polled: use --to pty or --to tcp:ADDRESS"),
        ] {
            match run(line) {
                Err(Stop::Error(error @ Error::Usage(_))) => {
                    assert!(error.to_string().contains(words), "{error}")
                }
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn every_simulated_meter_is_listed() {
        let help = help();
        for name in simulator::names() {
            assert!(help.split_whitespace().any(|word| word == name), "{name}");
        }
    }
}
