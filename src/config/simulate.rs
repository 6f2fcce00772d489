//! What a simulated meter was asked to be.

use std::str::FromStr;

use super::{Error, ListenAddress, args::SimulateArgs, command::read};

/// Which meter to be, and how well.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulate {
    /// The name of the meter; the simulator knows which there are.
    pub meter: String,
    /// Where to send.
    pub to: Outlet,
    /// 1 or 3.
    pub phases: u8,
    /// How many times faster than a real meter; finite and above 0.
    pub speed: f64,
    /// What the made-up household follows from.
    pub seed: u64,
    /// What to damage; each kind at most once.
    pub faults: Vec<Fault>,
}

/// Where a simulated meter sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlet {
    /// A pseudo-terminal.
    Pty,
    /// Whoever connects to this address.
    Tcp(ListenAddress),
    /// Standard output.
    Stdout,
}

/// A kind of damage and its rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// How often, from 0 (never) to 1 (always).
    pub rate: f64,
}

/// A kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A bit of an octet is inverted.
    Flip,
    /// An octet is lost.
    Lose,
    /// An octet arrives as a receiver with the wrong parity sees it.
    Parity,
    /// A frame ends early.
    Cut,
    /// A frame is not sent.
    Silence,
    /// The line is dropped before a frame and comes back.
    Unplug,
}

impl TryFrom<SimulateArgs> for Simulate {
    type Error = Error;

    fn try_from(typed: SimulateArgs) -> Result<Self, Error> {
        let simulate = Self {
            to: read("--to", &typed.to, str::parse)?,
            phases: read("--phases", &typed.phases, |text| match text {
                "1" => Ok(1),
                "3" => Ok(3),
                _ => Err("is not a number of phases; write 1 or 3".into()),
            })?,
            speed: read("--speed", &typed.speed, |text| {
                let right = |speed: &f64| speed.is_finite() && *speed > 0.0;
                text.parse()
                    .ok()
                    .filter(right)
                    .ok_or_else(|| "is not a speed; write a number above 0, like 10".into())
            })?,
            seed: read("--seed", &typed.seed, |text| {
                text.parse().map_err(|_| "is not a whole number".into())
            })?,
            faults: typed
                .fault
                .iter()
                .map(|text| read("--fault", text, str::parse))
                .collect::<Result<_, _>>()?,
            meter: typed.meter,
        };
        let twice = |(index, fault): (usize, &Fault)| {
            simulate.faults.iter().take(index).any(|other| other.kind == fault.kind)
        };
        match simulate.faults.iter().enumerate().any(twice) {
            true => Err(Error::Usage("--fault names one kind twice; give each kind one rate".into())),
            false => Ok(simulate),
        }
    }
}

impl FromStr for Outlet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pty" => Ok(Self::Pty),
            "stdout" => Ok(Self::Stdout),
            _ => match text.strip_prefix("tcp:") {
                Some(address) => address.trim_start_matches("//").parse().map(Self::Tcp),
                None => Err("is not an outlet; write pty, tcp:ADDRESS or stdout".into()),
            },
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, rate) = text.split_once('=').ok_or("is not KIND=RATE; write it like flip=0.001")?;
        let right = |rate: &f64| (0.0..=1.0).contains(rate);
        let rate =
            rate.parse().ok().filter(right).ok_or("has no rate from 0 to 1; write it like flip=0.001")?;
        Ok(Self { kind: kind.parse()?, rate })
    }
}

impl FromStr for FaultKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "flip" => Self::Flip,
            "lose" => Self::Lose,
            "parity" => Self::Parity,
            "cut" => Self::Cut,
            "silence" => Self::Silence,
            "unplug" => Self::Unplug,
            _ => {
                return Err(
                    "is not a kind of fault; there are flip, lose, parity, cut, silence and unplug".into()
                );
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Command, Stop, parse};
    use super::*;

    fn run(line: &str) -> Result<Command, Stop> {
        parse(["han-exporter"].into_iter().chain(line.split_whitespace()).map(Into::into))
    }

    #[test]
    fn takes_outlet_rhythm_and_damage() {
        let usual = Simulate {
            meter: "kaifa".into(),
            to: Outlet::Pty,
            phases: 3,
            speed: 1.0,
            seed: 1,
            faults: vec![],
        };
        assert_eq!(run("simulate kaifa"), Ok(Command::Simulate(usual)));
        let to = Outlet::Tcp("127.0.0.1:7000".parse().unwrap());
        let faults =
            vec![Fault { kind: FaultKind::Flip, rate: 0.001 }, Fault { kind: FaultKind::Cut, rate: 1.0 }];
        let other = Simulate { meter: "aidon".into(), to, phases: 1, speed: 0.5, seed: 9, faults };
        let line = "simulate aidon --to tcp:127.0.0.1:7000 --phases 1 --speed .5 --seed 9 --fault flip=1e-3 --fault cut=1";
        assert_eq!(run(line), Ok(Command::Simulate(other)));
    }

    #[test]
    fn complains_about_the_option_that_is_wrong() {
        for (line, words) in [
            ("simulate kaifa --to file", "--to 'file' is not an outlet"),
            ("simulate kaifa --to tcp:x", "--to 'tcp:x' is not an address"),
            ("simulate kaifa --phases 2", "write 1 or 3"),
            ("simulate kaifa --speed 0", "--speed '0' is not a speed"),
            ("simulate kaifa --speed=inf", "is not a speed"),
            ("simulate kaifa --seed=-1", "--seed '-1' is not a whole number"),
            ("simulate kaifa --fault flip", "is not KIND=RATE"),
            ("simulate kaifa --fault flip=2", "has no rate from 0 to 1"),
            ("simulate kaifa --fault flip=nan", "has no rate from 0 to 1"),
            ("simulate kaifa --fault burn=0", "there are flip, lose, parity, cut, silence and unplug"),
            ("simulate kaifa --fault cut=0 --fault cut=1", "names one kind twice"),
        ] {
            match run(line) {
                Err(Stop::Error(error @ Error::Usage(_))) => {
                    assert!(error.to_string().contains(words), "{line}: {error}")
                }
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
