//! How polled meters respond to requests in each protocol.

mod kmp;
mod kmp382;
mod readout;

use std::collections::VecDeque;
use std::time::Duration;

use super::state::MeterState;
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;

pub use kmp::{Register, Registers};
pub use readout::{Readout, Shown};

/// The protocol of a polled meter, with what the meter has to send.
#[derive(Clone, Copy)]
pub enum PolledProtocol {
    /// Kamstrup's protocol of the 685-382.
    Kmp382,
    /// Kamstrup's binary protocol.
    Kmp(&'static Registers),
    /// A readout of IEC 62056-21.
    Iec(&'static Readout),
}

/// What a meter sends after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// How long the line must be silent before.
    pub pause: Duration,
    /// Its serial settings.
    pub line: SerialSettings,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What Kamstrup's meters need to respond.
const PROMPT: Duration = Duration::from_millis(20);

impl PolledProtocol {
    /// The protocol's name.
    pub const fn protocol(self) -> Protocol {
        match self {
            PolledProtocol::Kmp382 => Protocol::Kmp382,
            PolledProtocol::Kmp(_) => Protocol::Kmp,
            PolledProtocol::Iec(_) => Protocol::Iec,
        }
    }

    /// Whether a request begins with this byte, whatever precedes it.
    pub const fn begins(self, byte: u8) -> bool {
        match self {
            PolledProtocol::Kmp382 => byte == crate::wire::kmp382::REQUEST,
            PolledProtocol::Kmp(_) => byte == crate::wire::kmp::REQUEST,
            PolledProtocol::Iec(_) => matches!(byte, b'/' | 0x06),
        }
    }

    /// Whether a request ends with this byte.
    pub const fn ends(self, byte: u8) -> bool {
        match self {
            PolledProtocol::Kmp382 | PolledProtocol::Kmp(_) => byte == b'\r',
            PolledProtocol::Iec(_) => byte == b'\n',
        }
    }

    /// Queues the responses to a request.
    pub fn respond(
        self,
        request: &[u8],
        state: &MeterState<'_>,
        line: SerialSettings,
        responses: &mut VecDeque<Response>,
    ) {
        let prompt = |bytes| Response { pause: PROMPT, line, bytes };
        match self {
            PolledProtocol::Kmp382 => responses.extend(kmp382::respond(request, state).map(prompt)),
            PolledProtocol::Kmp(registers) => responses.extend(registers.respond(request, state).map(prompt)),
            PolledProtocol::Iec(readout) => readout.respond(request, state, line, responses),
        }
    }
}
