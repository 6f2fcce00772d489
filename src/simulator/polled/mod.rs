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
use super::meter::Meter;
use super::state::MeterState;
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;
use crate::wire::{kmp as binary, kmp382 as digits};

pub use kmp::{Row, Table};
pub use readout::{Readout, Set, Shown};
pub use stream::PolledStream;

/// What a meter that is asked understands.
#[derive(Clone, Copy)]
pub enum PolledProtocol {
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
    protocol: PolledProtocol,
    line: SerialSettings,
    /// A request, as far as it has come.
    request: Vec<u8>,
    answers: VecDeque<Response>,
}

/// What a meter says when it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// How long the line is silent before.
    pub pause: Duration,
    /// How the meter has set its line for it.
    pub line: SerialSettings,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// Bytes of the longest request: an address of full length, or eight registers, each byte stuffed.
const LONGEST: usize = 64;
/// What Kamstrup's meters need to answer.
const PROMPT: Duration = Duration::from_millis(20);

impl Responder {
    pub(super) fn new(meter: Meter, protocol: PolledProtocol, line: SerialSettings) -> Self {
        Responder { meter, protocol, line, request: Vec::new(), answers: VecDeque::new() }
    }

    /// What it is asked in.
    pub fn protocol(&self) -> Protocol {
        self.protocol.protocol()
    }

    /// How its line is set while it listens.
    pub fn line(&self) -> SerialSettings {
        self.line
    }

    /// The meter behind, as it was when it was asked last.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Hears bytes, so long after the start.
    pub fn hear(&mut self, moment: Duration, bytes: &[u8]) {
        for &byte in bytes {
            if self.protocol.begins(byte) {
                self.request.clear();
            } else if self.request.is_empty() {
                continue;
            }
            self.request.push(byte);
            if self.protocol.ends(byte) {
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
    pub fn answer(&mut self) -> Option<Response> {
        self.answers.pop_front()
    }

    fn respond(&mut self, moment: Duration, request: &[u8]) {
        let state = self.meter.at(moment);
        let prompt = |bytes| Response { pause: PROMPT, line: self.line, bytes };
        match self.protocol {
            PolledProtocol::Kmp382 => self.answers.extend(kmp382::answer(request, &state).map(prompt)),
            PolledProtocol::Kmp(table) => self.answers.extend(table.answer(request, &state).map(prompt)),
            PolledProtocol::Iec(readout) => readout.respond(request, &state, self.line, &mut self.answers),
        }
    }
}

impl PolledProtocol {
    /// What it is called.
    pub const fn protocol(self) -> Protocol {
        match self {
            PolledProtocol::Kmp382 => Protocol::Kmp382,
            PolledProtocol::Kmp(_) => Protocol::Kmp,
            PolledProtocol::Iec(_) => Protocol::Iec,
        }
    }

    /// Whether a request begins with this byte, whatever came before.
    const fn begins(self, byte: u8) -> bool {
        match self {
            PolledProtocol::Kmp382 => byte == digits::REQUEST,
            PolledProtocol::Kmp(_) => byte == binary::REQUEST,
            PolledProtocol::Iec(_) => matches!(byte, b'/' | 0x06),
        }
    }

    const fn ends(self, byte: u8) -> bool {
        match self {
            PolledProtocol::Kmp382 | PolledProtocol::Kmp(_) => byte == b'\r',
            PolledProtocol::Iec(_) => byte == b'\n',
        }
    }
}

/// The number that its customer and its production have, beside the meter's own.
fn number(state: &MeterState<'_>) -> u32 {
    state.id.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests;
