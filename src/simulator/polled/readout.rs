//! Readouts of IEC 62056-21: the identification line, then all data at the agreed speed.

use std::collections::VecDeque;
use std::time::Duration;

use super::Response;
use crate::simulator::state::MeterState;
use crate::simulator::telegram::{exponent, measured};
use crate::wire::iec21::{Greeting, Mode, Request};
use crate::wire::serial::SerialSettings;
use crate::wire::telegram::Check;

/// The form of a readout.
pub struct Readout {
    /// The three letters of the manufacturer, and the character of the proposed speed.
    pub manufacturer: &'static str,
    /// The decimal point, or comma.
    pub point: char,
    /// How the check character is computed.
    pub check: Check,
    /// What separates two data sets, and what follows the last one: usually the end of a line.
    pub between: [&'static str; 2],
    /// The data sets, in order: the code as it is written, and what its parentheses contain.
    pub sets: &'static [(&'static str, Shown)],
}

/// What the parentheses of a data set contain.
#[derive(Clone, Copy)]
pub enum Shown {
    /// A fixed text.
    Fixed(&'static str),
    /// So many last digits of the meter's own number.
    Id(usize),
    /// The amount of groups C, D and E of an OBIS code: digits before and after the point, and the unit.
    Number([u8; 3], [usize; 2], &'static str),
}

/// What a meter needs between receiving and sending, and to change its speed (IEC 62056-21, 6.3.14: at least 200 ms).
const REACTION: Duration = Duration::from_millis(250);
/// Without an acknowledgement in this time a meter continues at its first speed (6.4.3.3).
const PATIENCE: Duration = Duration::from_millis(1500);
const START: char = '\x02';
const END: char = '\x03';

impl Readout {
    /// Queues the responses to a sign-on, or changes the speed of data that wait for an acknowledgement.
    pub fn respond(
        &self,
        request: &[u8],
        state: &MeterState<'_>,
        line: SerialSettings,
        responses: &mut VecDeque<Response>,
    ) {
        let ident = format!("/{}{}\r\n", self.manufacturer, state.type_name);
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
                *responses = [Response { pause: REACTION, line, bytes: ident.into_bytes() }, data].into();
            }
            (Some(Request::Readout(speed)), Mode::C(_)) => {
                if let Some(data) = responses.back_mut() {
                    (data.pause, data.line) = (REACTION, line.at(speed.baud()));
                }
            }
            _ => {}
        }
    }

    fn data(&self, state: &MeterState<'_>) -> Vec<u8> {
        let sets: Vec<String> =
            self.sets.iter().filter_map(|(code, shown)| self.set(code, shown, state)).collect();
        let [between, behind] = self.between;
        let block = format!("{}{behind}!\r\n{END}", sets.join(between));
        let mut data = format!("{START}{block}").into_bytes();
        data.push(self.check.of_bytes(block.as_bytes()));
        data
    }

    /// `None` for a missing phase.
    fn set(&self, code: &str, shown: &Shown, state: &MeterState<'_>) -> Option<String> {
        let value = match *shown {
            Shown::Fixed(text) => text.to_owned(),
            Shown::Id(digits) => id(state, digits),
            Shown::Number(code, digits @ [_, decimals], unit) => {
                let number = state.amount(code)?.over(exponent(decimals, unit)?);
                measured(number, digits, self.point, unit)
            }
        };
        Some(format!("{code}({value})"))
    }
}

fn id(state: &MeterState<'_>, digits: usize) -> String {
    state.id.chars().skip(state.id.len().saturating_sub(digits)).collect()
}
