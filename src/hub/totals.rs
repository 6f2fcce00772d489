//! Totals of a meter that sends their parts alone: tariffs without the counter of all, phases without the power of all.
//!
//! A sum is exact, and its HELP says that it is one. It is published only where it cannot be less than all: of a message
//! that has all that its meter sends, and not while a part arrives without the others. Once the meter has sent the total
//! itself, or a part that was missing from a published sum, nothing is added up any more.

use super::report::Report;
use crate::meter::{Kind, Register, TOTALS, Total};
use crate::wire::decimal::Decimal;

/// What is known of each total of one meter.
#[derive(Clone, Copy, Default)]
pub(super) struct Totals([Sum; TOTALS.len()]);

/// What is known of one total.
#[derive(Clone, Copy, Default)]
struct Sum {
    /// The parts that the meter ever sent: a bit for each member of their family.
    known: u8,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum State {
    /// No message had all known parts, or perhaps not all there are.
    #[default]
    Open,
    /// The sum is published.
    Published,
    /// The meter sends the total itself, or it has parts that a published sum lacked.
    Never,
}

impl Totals {
    /// Adds to a report the totals of what it contains. Returns those that were published and would now lack a part.
    pub(super) fn complete(&mut self, report: &mut Report) -> Vec<Register> {
        let mut wrong = Vec::new();
        for (total, sum) in TOTALS.iter().zip(&mut self.0) {
            let was_published = sum.state == State::Published;
            if sum.take(total, report) {
                if let Some(value) = add(parts(total, &report.values)) {
                    report.insert(total.register, value);
                }
                continue;
            }
            let lacks_some = sum.state == State::Never || !parts(total, &report.values).is_empty();
            if was_published && lacks_some && !report.has(total.register) {
                wrong.push(total.register);
            }
        }
        wrong
    }
}

impl Sum {
    /// Takes note of a report. Returns whether it has all parts of the total.
    fn take(&mut self, total: &Total, report: &Report) -> bool {
        if self.state == State::Never {
            return false;
        }
        if report.has(total.register) || report.has(total.beside) {
            self.state = State::Never;
            return false;
        }
        let parts = parts(total, &report.values);
        let sent = parts.iter().fold(0, |sent, (register, _)| sent | bit(*register));
        let is_new = |register: &Register| self.known & bit(*register) == 0;
        let (is_first, is_grown) = (self.known == 0, parts.iter().any(|(register, _)| is_new(register)));
        let adds = parts.iter().any(|(register, value)| is_new(register) && !value.is_zero());
        self.known |= sent;
        if self.state == State::Published && adds {
            self.state = State::Never;
            return false;
        }
        // A single part counts when it comes again, because the other ones may follow.
        let is_believed = !is_grown || (is_first && parts.len() > 1);
        let is_all = report.list.is_all_that_is_sent() && sent == self.known && !parts.is_empty();
        if !is_all || (self.state == State::Open && !is_believed) {
            return false;
        }
        self.state = State::Published;
        true
    }
}

/// The values of a report that are parts of a total.
fn parts<'a>(total: &Total, values: &'a [(Register, Decimal)]) -> &'a [(Register, Decimal)] {
    let is_part = |&&(register, _): &&(Register, Decimal)| total.has_part(register);
    let start = values.iter().take_while(|value| !is_part(value)).count();
    let length = values[start..].iter().take_while(is_part).count();
    &values[start..start + length]
}

/// The place of a register within its family, as a bit.
fn bit(register: Register) -> u8 {
    1 << (register.member_index() % 8)
}

/// The sum; `None` if it does not fit, or if a counter is below zero.
fn add(parts: &[(Register, Decimal)]) -> Option<Decimal> {
    parts.iter().try_fold(Decimal::default(), |sum, &(register, value)| {
        let is_possible = register.kind() != Kind::Counter || value.mantissa() >= 0;
        sum.plus(value).filter(|_| is_possible)
    })
}

#[cfg(test)]
mod tests;
