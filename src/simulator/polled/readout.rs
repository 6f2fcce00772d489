//! A meter that is read out by IEC 62056-21: who it is, then all it has, at the speed agreed on.

use std::collections::VecDeque;
use std::time::Duration;

use super::{MeterState, Response};
use crate::simulator::telegram::{exponent, measured};
use crate::wire::iec21::{Greeting, Mode, Request};
use crate::wire::serial::SerialSettings;
use crate::wire::telegram::Check;

/// How a meter writes its readout.
pub struct Readout {
    /// The three letters of its maker, and the character that says how fast it goes on.
    pub maker: &'static str,
    /// The decimal point, or comma.
    pub point: char,
    /// How the check character is made up.
    pub check: Check,
    /// What stands between two data sets, and behind the last one: the end of a line as a rule.
    pub between: [&'static str; 2],
    /// The data sets, in order.
    pub sets: &'static [Set],
}

/// A data set.
pub struct Set {
    /// Its code, as it is written.
    pub code: &'static str,
    /// What stands in its brackets.
    pub shown: Shown,
}

/// What stands in the brackets of a data set.
#[derive(Clone, Copy)]
pub enum Shown {
    /// Always the same.
    Fixed(&'static str),
    /// The last digits of the meter's own number.
    Id(usize),
    /// What is behind groups C, D and E of a code, in so many digits before and behind the point, and its unit.
    Number([u8; 3], [usize; 2], &'static str),
}

/// What a meter needs between hearing and speaking, and to change its speed (IEC 62056-21, 6.3.14: at least 200 ms).
const REACTION: Duration = Duration::from_millis(250);
/// A meter that is not answered for so long goes on as slowly as it began (6.4.3.3).
const PATIENCE: Duration = Duration::from_millis(1500);
const START: char = '\x02';
const END: char = '\x03';

impl Readout {
    /// Answers a request: new answers stand behind those there are, or in the place of data that waited.
    pub fn respond(
        &self,
        request: &[u8],
        state: &MeterState<'_>,
        line: SerialSettings,
        answers: &mut VecDeque<Response>,
    ) {
        let ident = format!("/{}{}\r\n", self.maker, state.model);
        let Some(Greeting { mode, reaction }) = Greeting::read(ident.as_bytes()) else { return };
        match (Request::parse(request), mode) {
            (Some(Request::SignOn(address)), _)
                if !address.digits().is_empty() && address.digits() != id(state, 8).as_bytes() => {}
            (Some(Request::SignOn(_) | Request::SignOnUltraheat), _) => {
                let (pause, line_of_data) = match mode {
                    Mode::A => (reaction, line),
                    Mode::B(speed) => (REACTION, line.at(speed.baud())),
                    Mode::C(_) => (PATIENCE, line),
                };
                let data = Response { pause, line: line_of_data, bytes: self.data(state) };
                *answers = [Response { pause: REACTION, line, bytes: ident.into_bytes() }, data].into();
            }
            (Some(Request::Readout(speed)), Mode::C(_)) => {
                if let Some(data) = answers.back_mut() {
                    (data.pause, data.line) = (REACTION, line.at(speed.baud()));
                }
            }
            _ => {}
        }
    }

    fn data(&self, state: &MeterState<'_>) -> Vec<u8> {
        let sets: Vec<String> = self.sets.iter().filter_map(|set| self.set(set, state)).collect();
        let [between, behind] = self.between;
        let block = format!("{}{behind}!\r\n{END}", sets.join(between));
        let mut data = format!("{START}{block}").into_bytes();
        data.push(self.check.of_bytes(block.as_bytes()));
        data
    }

    /// None for a phase that is not there.
    fn set(&self, set: &Set, state: &MeterState<'_>) -> Option<String> {
        let value = match set.shown {
            Shown::Fixed(text) => text.to_owned(),
            Shown::Id(digits) => id(state, digits),
            Shown::Number(code, digits @ [_, decimals], unit) => {
                let number = state.amount(code)?.over(exponent(decimals, unit)?);
                measured(number, digits, self.point, unit)
            }
        };
        Some(format!("{}({value})", set.code))
    }
}

fn id(state: &MeterState<'_>, digits: usize) -> String {
    state.id.chars().skip(state.id.len().saturating_sub(digits)).collect()
}
