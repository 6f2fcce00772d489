//! A simulated meter that responds to requests. It has no clock, no port and no line of its own.
//!
//! ```text
//! bytes ──receive──▶ a complete request ──▶ responses, each after a pause and at its serial settings
//! ```

use std::collections::VecDeque;
use std::time::Duration;

use super::meter::Meter;
use super::polled::{PolledProtocol, Response};
use crate::wire::serial::SerialSettings;

/// A polled meter.
pub struct Responder {
    meter: Meter,
    protocol: PolledProtocol,
    line: SerialSettings,
    /// A request, as far as it has arrived.
    request: Vec<u8>,
    responses: VecDeque<Response>,
}

/// Bytes of the longest request: an address of full length, or eight registers with each byte stuffed.
const LONGEST: usize = 64;

impl Responder {
    pub(super) fn new(meter: Meter, protocol: PolledProtocol, line: SerialSettings) -> Self {
        Responder { meter, protocol, line, request: Vec::new(), responses: VecDeque::new() }
    }

    /// The serial settings at which it receives.
    pub fn line(&self) -> SerialSettings {
        self.line
    }

    /// The meter, as it was at the last request.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Receives bytes at a time since the start.
    pub fn receive(&mut self, moment: Duration, bytes: &[u8]) {
        for &byte in bytes {
            if self.protocol.begins(byte) {
                self.request.clear();
            } else if self.request.is_empty() {
                continue;
            }
            self.request.push(byte);
            if self.protocol.ends(byte) {
                let request = std::mem::take(&mut self.request);
                let state = self.meter.at(moment);
                self.protocol.respond(&request, &state, self.line, &mut self.responses);
            } else if self.request.len() == LONGEST {
                self.request.clear();
            }
        }
    }

    /// How long the line must be silent before the next response; `None` without one.
    pub fn pause(&self) -> Option<Duration> {
        self.responses.front().map(|response| response.pause)
    }

    /// The next response.
    pub fn respond(&mut self) -> Option<Response> {
        self.responses.pop_front()
    }
}

#[cfg(test)]
mod tests;
