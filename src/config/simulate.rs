//! What a simulated meter was asked to be.

use super::{Error, ListenAddress, args::SimulateArgs, command::read};
use crate::command::simulate::{Endpoint, Fault, Options};
use crate::simulator::Simulated;

/// Makes sense of what was typed after `simulate`.
pub(super) fn read_options(typed: SimulateArgs) -> Result<Options, Error> {
    let phases = read("--phases", &typed.phases, |text| match text {
        "1" => Ok(1),
        "3" => Ok(3),
        _ => Err("is not a number of phases; write 1 or 3".into()),
    })?;
    let at_once = typed.speed == "max";
    let speed = if at_once { 1.0 } else { read("--speed", &typed.speed, speed)? };
    let whole = |text: &str| text.parse().map_err(|_| "is not a whole number".into());
    let seed = read("--seed", &typed.seed, whole)?;
    let meter =
        Simulated::new(&typed.meter, phases, speed, seed).map_err(|error| Error::Usage(error.to_string()))?;
    let endpoint = match (read("--to", &typed.to, outlet)?, typed.link) {
        (Endpoint::Pty { .. }, link) => Endpoint::Pty { link },
        (other, None) => other,
        (_, Some(_)) => return Err(Error::Usage("--link goes with --to pty only".into())),
    };
    let count = typed.count.map(|text| read("--count", &text, whole)).transpose()?;
    let faults =
        typed.fault.iter().map(|text| read("--fault", text, fault)).collect::<Result<Vec<_>, _>>()?;
    let twice = |(index, (kind, _)): (usize, &(Fault, f64))| {
        faults.iter().take(index).any(|(other, _)| other == kind)
    };
    if faults.iter().enumerate().any(twice) {
        return Err(Error::Usage("--fault names one kind twice; give each kind one rate".into()));
    }
    let options = Options { meter, endpoint, at_once, count, faults };
    options.check().map_err(|error| Error::Usage(error.to_string()))?;
    Ok(options)
}

fn speed(text: &str) -> Result<f64, String> {
    let right = |speed: &f64| Simulated::SPEEDS.contains(speed);
    let (slowest, fastest) = (Simulated::SPEEDS.start(), Simulated::SPEEDS.end());
    let wrong = || format!("is not a speed; write a number from {slowest} to {fastest}, or max");
    text.parse().ok().filter(right).ok_or_else(wrong)
}

fn outlet(text: &str) -> Result<Endpoint, String> {
    match (text, text.strip_prefix("tcp:")) {
        ("pty", _) => Ok(Endpoint::Pty { link: None }),
        ("stdout", _) => Ok(Endpoint::Stdout),
        (_, Some(address)) => {
            let address = address.trim_start_matches("//");
            address.parse::<ListenAddress>().map(|_| Endpoint::Tcp(address.into()))
        }
        _ => Err("is not an outlet; write pty, tcp:ADDRESS or stdout".into()),
    }
}

fn fault(text: &str) -> Result<(Fault, f64), String> {
    let (kind, rate) = text.split_once('=').ok_or("is not KIND=RATE; write it like bitflip=0.01")?;
    let right = |rate: &f64| (0.0..=1.0).contains(rate);
    let rate =
        rate.parse().ok().filter(right).ok_or("has no rate from 0 to 1; write it like bitflip=0.01")?;
    let kinds = || Fault::ALL.map(|fault| fault.name()).join(", ");
    let kind = kind.parse().map_err(|_| format!("is not a kind of fault; there are {}", kinds()))?;
    Ok((kind, rate))
}

#[cfg(test)]
mod tests {
    use super::super::{Command, Stop, parse};
    use super::*;

    fn run(line: &str) -> Result<Command, Stop> {
        parse(["han-exporter"].into_iter().chain(line.split_whitespace()).map(Into::into))
    }

    fn meter(name: &str, phases: u8, speed: f64, seed: u64) -> Simulated {
        Simulated::new(name, phases, speed, seed).unwrap()
    }

    #[test]
    fn takes_outlet_rhythm_and_damage() {
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
            endpoint: Endpoint::Tcp("127.0.0.1:7000".into()),
            faults: vec![(Fault::Bitflip, 0.001), (Fault::Cut, 1.0)],
            ..usual.clone()
        };
        let line = "simulate aidon --to tcp:127.0.0.1:7000 --phases 1 --speed .5 --seed 9 --fault bitflip=1e-3 --fault cut=1";
        assert_eq!(run(line), Ok(Command::Simulate(other)));
        let quick = Options { endpoint: Endpoint::Stdout, at_once: true, count: Some(5), ..usual };
        assert_eq!(run("simulate kaifa --to stdout --speed max --count 5"), Ok(Command::Simulate(quick)));
    }

    #[test]
    fn complains_about_the_option_that_is_wrong() {
        for (line, words) in [
            ("simulate kafia", "there are kaifa"),
            ("simulate kaifa --to file", "--to 'file' is not an outlet"),
            ("simulate kaifa --to tcp:x", "--to 'tcp:x' is not an address"),
            ("simulate kaifa --to stdout --link x", "--link goes with --to pty only"),
            ("simulate kaifa --phases 2", "write 1 or 3"),
            ("simulate kaifa --speed 0", "--speed '0' is not a speed"),
            ("simulate kaifa --speed=inf", "is not a speed"),
            ("simulate kaifa --speed max", "--speed max goes with --to stdout only"),
            ("simulate kaifa --seed=-1", "--seed '-1' is not a whole number"),
            ("simulate kaifa --count=x", "--count 'x' is not a whole number"),
            ("simulate kaifa --fault cut", "is not KIND=RATE"),
            ("simulate kaifa --fault cut=2", "has no rate from 0 to 1"),
            ("simulate kaifa --fault cut=nan", "has no rate from 0 to 1"),
            ("simulate kaifa --fault burn=0", "there are bitflip"),
            ("simulate kaifa --fault cut=0 --fault cut=1", "names one kind twice"),
            ("simulate kaifa --fault echo=1", "--fault echo goes with a meter that is asked"),
            ("simulate kaifa --to stdout --fault unplug=1", "--fault unplug goes with"),
            ("simulate kmp382 --to stdout", "waits to be asked: use --to pty or --to tcp:ADDRESS"),
        ] {
            match run(line) {
                Err(Stop::Error(error @ Error::Usage(_))) => {
                    assert!(error.to_string().contains(words), "{error}")
                }
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
