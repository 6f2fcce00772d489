//! A meter that speaks only when it is asked. It has no clock, no port and no line of its own.
//!
//! ```text
//! bytes ──hear──▶ a whole request ──▶ answers, each after a pause and at a setting of the line
//! ```

mod kmp;
mod kmp382;
mod readout;
mod stream;

use std::collections::VecDeque;
use std::time::Duration;

use super::dlms::written;
use super::facts::Facts;
use super::meter::Meter;
use crate::wire::protocol::Protocol;
use crate::wire::serial::Settings;
use crate::wire::{kmp as binary, kmp382 as digits};

pub use kmp::{Row, Table};
pub use readout::{Readout, Set, Shown};
pub use stream::Dialogue;

/// What a meter that is asked understands.
#[derive(Clone, Copy)]
pub enum Tongue {
    /// Kamstrup's protocol of the 685-382.
    Kmp382,
    /// Kamstrup's binary protocol, with these registers.
    Kmp(&'static Table),
    /// IEC 62056-21, with this readout.
    Iec(&'static Readout),
}

/// A simulated meter that answers.
pub struct Responder {
    meter: Meter,
    tongue: Tongue,
    line: Settings,
    /// A request, as far as it has come.
    request: Vec<u8>,
    answers: VecDeque<Answer>,
}

/// What a meter says when it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How long the line is silent before.
    pub pause: Duration,
    /// How the meter has set its line for it.
    pub line: Settings,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// Bytes of the longest request: an address of full length, or eight registers, each byte stuffed.
const LONGEST: usize = 64;
/// What Kamstrup's meters need to answer.
const PROMPT: Duration = Duration::from_millis(20);

impl Responder {
    pub(super) fn new(meter: Meter, tongue: Tongue, line: Settings) -> Self {
        Responder { meter, tongue, line, request: Vec::new(), answers: VecDeque::new() }
    }

    /// What it is asked in.
    pub fn protocol(&self) -> Protocol {
        self.tongue.protocol()
    }

    /// How its line is set while it listens.
    pub fn line(&self) -> Settings {
        self.line
    }

    /// The meter behind, as it was when it was asked last.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Hears bytes, so long after the start.
    pub fn hear(&mut self, moment: Duration, bytes: &[u8]) {
        for &byte in bytes {
            if self.tongue.begins(byte) {
                self.request.clear();
            } else if self.request.is_empty() {
                continue;
            }
            self.request.push(byte);
            if self.tongue.ends(byte) {
                let request = std::mem::take(&mut self.request);
                self.respond(moment, &request);
            } else if self.request.len() == LONGEST {
                self.request.clear();
            }
        }
    }

    /// How long the line is to be silent until it speaks; `None` if it has nothing to say.
    pub fn pause(&self) -> Option<Duration> {
        self.answers.front().map(|answer| answer.pause)
    }

    /// What it says then.
    pub fn answer(&mut self) -> Option<Answer> {
        self.answers.pop_front()
    }

    fn respond(&mut self, moment: Duration, request: &[u8]) {
        let facts = self.meter.at(moment);
        let prompt = |bytes| Answer { pause: PROMPT, line: self.line, bytes };
        match self.tongue {
            Tongue::Kmp382 => self.answers.extend(kmp382::answer(request, &facts).map(prompt)),
            Tongue::Kmp(table) => self.answers.extend(table.answer(request, &facts).map(prompt)),
            Tongue::Iec(readout) => readout.respond(request, &facts, self.line, &mut self.answers),
        }
    }
}

impl Tongue {
    /// What it is called.
    pub const fn protocol(self) -> Protocol {
        match self {
            Tongue::Kmp382 => Protocol::Kmp382,
            Tongue::Kmp(_) => Protocol::Kmp,
            Tongue::Iec(_) => Protocol::Iec,
        }
    }

    /// Whether a request begins with this byte, whatever came before.
    const fn begins(self, byte: u8) -> bool {
        match self {
            Tongue::Kmp382 => byte == digits::REQUEST,
            Tongue::Kmp(_) => byte == binary::REQUEST,
            Tongue::Iec(_) => matches!(byte, b'/' | 0x06),
        }
    }

    const fn ends(self, byte: u8) -> bool {
        match self {
            Tongue::Kmp382 | Tongue::Kmp(_) => byte == b'\r',
            Tongue::Iec(_) => byte == b'\n',
        }
    }
}

/// The number that its customer and its production have, beside the meter's own.
fn number(facts: &Facts<'_>) -> u32 {
    facts.id.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests;
