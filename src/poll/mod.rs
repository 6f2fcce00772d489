//! Polls meters that do not push: requests out, bytes in, the decoder's events out.
//!
//! ```text
//! begin ──▶ task: SetLine, Send, Pause, Listen, … ──▶ Rest
//!                 └ done         └ done └ feed, timeout
//! ```
//!
//! A [`PollEngine`] does no input or output and reads no clock. It returns the next task, and its caller reports when
//! the task is done, which bytes arrived and when time ran out. So it is tested without a port and without waiting.
//!
//! It cannot change a meter: everything it sends is one of the requests in `wire`, and all of those read.

mod exchange;
mod plan;
mod readout;
mod request;

use core::time::Duration;

use crate::decoder::{Decoder, Event};
use crate::wire::frame::Stream;
use crate::wire::iec21::{Address, Wake};
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;
use exchange::Exchange;
use plan::Method;
use readout::Readout;

/// What the caller is to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task<'a> {
    /// Set the serial line. A line that cannot be set stays as it is.
    SetLine(SerialSettings),
    /// Send these bytes, and wait until the last of them has left.
    Send(&'a [u8]),
    /// Let this much time pass.
    Pause(Duration),
    /// Receive until either time is over, then call [`PollEngine::timeout`].
    Listen {
        /// Time without a byte.
        quiet: Duration,
        /// Time in all.
        total: Duration,
    },
    /// Nothing until the next poll cycle.
    Rest,
}

/// What the user knows of the meter and of the serial line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PollOptions {
    /// Serial settings to begin with, in place of the protocol's own.
    pub settings: Option<SerialSettings>,
    /// Whether the speed of the line cannot be changed, as behind a network adapter.
    pub is_speed_fixed: bool,
    /// The meter's address (IEC 62056-21).
    pub address: Address,
    /// How a sleeping meter is woken (IEC 62056-21).
    pub wake: Wake,
}

/// The result of a poll cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CycleResult {
    /// Whether the meter responded to every required request.
    pub answered: bool,
    /// Bytes received.
    pub bytes: u32,
}

/// Polls one meter, cycle by cycle.
pub struct PollEngine {
    protocol: Protocol,
    decoder: Decoder,
    cycle: Cycle,
    bytes: u32,
    /// Bytes that arrived when none were expected.
    ignored: u64,
}

/// A poll cycle of either method.
enum Cycle {
    Exchange(Exchange),
    Readout(Readout),
}

/// The steps of a poll cycle.
trait Steps {
    /// Begins a cycle; `identity`: requests the meter's identity too.
    fn begin(&mut self, identity: bool);

    /// Forgets what was found out about the meter and the line.
    fn restart(&mut self);

    /// `is_waiting`: whether the decoder holds the beginning of a response.
    fn task(&self, is_waiting: bool) -> Task<'_>;

    /// Moves on; true if the next byte is the first of a response.
    fn done(&mut self) -> bool;

    /// Whether bytes are for the decoder now.
    fn is_listening(&self) -> bool;

    /// Sees bytes before the decoder does, and takes away those that it must not see or must see at once; returns the
    /// latter.
    fn preview<'i>(&mut self, _input: &mut &'i [u8]) -> &'i [u8] {
        &[]
    }

    /// Takes note of what the decoder found.
    fn note(&mut self, event: &Event<'_>);

    /// What may still arrive when the meter has fallen silent.
    fn silence(&self) -> Stream;

    fn timeout(&mut self);

    fn answered(&self) -> bool;

    fn interval(&self) -> Duration;
}

impl PollEngine {
    /// An engine at rest; `None` if the protocol's meters push.
    pub fn new(protocol: Protocol, options: &PollOptions) -> Option<Self> {
        let cycle = match Method::of(protocol)? {
            Method::Exchange(plan) => Cycle::Exchange(Exchange::new(plan, options)),
            Method::Readout => Cycle::Readout(Readout::new(options)),
        };
        let decoder = Decoder::default().polling(protocol);
        Some(PollEngine { protocol, decoder, cycle, bytes: 0, ignored: 0 })
    }

    /// Decodes responses with the settings of this decoder.
    pub fn reading_with(self, decoder: Decoder) -> Self {
        PollEngine { decoder: decoder.polling(self.protocol), ..self }
    }

    /// Begins a poll cycle; with `identity` it also asks which meter this is.
    pub fn begin(&mut self, identity: bool) {
        self.bytes = 0;
        self.decoder.restart();
        self.cycle.steps_mut().begin(identity);
    }

    /// Call when the line was lost and reopened: another meter may be connected to it.
    pub fn restart(&mut self) {
        self.decoder.restart();
        self.cycle.steps_mut().restart();
    }

    /// What to do now.
    pub fn task(&self) -> Task<'_> {
        self.cycle.steps().task(self.decoder.is_waiting())
    }

    /// Call when [`Task::SetLine`], [`Task::Send`] or [`Task::Pause`] is done.
    pub fn done(&mut self) {
        if self.cycle.steps_mut().done() {
            self.decoder.restart();
        }
    }

    /// Takes bytes from the front of `input` and returns the next event; `None` when the input is used up.
    pub fn feed(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        let PollEngine { decoder, cycle, bytes, ignored, .. } = self;
        let cycle = cycle.steps_mut();
        *bytes = bytes.saturating_add(input.len() as u32);
        let mut before = cycle.preview(input);
        while !before.is_empty() {
            // No telegram ends with its first line, so an event here is noise that came before it.
            let _noise = decoder.feed(&mut before);
        }
        if !cycle.is_listening() {
            *ignored += input.len() as u64;
            *input = &[];
        }
        let event = decoder.feed(input);
        // What the decoder leaves is counted at the next call.
        *bytes = bytes.saturating_sub(input.len() as u32);
        event.inspect(|event| cycle.note(event))
    }

    /// Call when the time of [`Task::Listen`] is over, until it returns `None`.
    pub fn timeout(&mut self) -> Option<Event<'_>> {
        let PollEngine { decoder, cycle, .. } = self;
        let cycle = cycle.steps_mut();
        let Some((place, opened)) = decoder.find(&mut &[][..], cycle.silence()) else {
            cycle.timeout();
            return None;
        };
        Some(decoder.event(&place, opened)).inspect(|event| cycle.note(event))
    }

    /// The result of the last poll cycle, once the task is [`Task::Rest`].
    pub fn result(&self) -> CycleResult {
        CycleResult { answered: self.cycle.steps().answered(), bytes: self.bytes }
    }

    /// The polling interval if the user sets none.
    pub fn interval(&self) -> Duration {
        self.cycle.steps().interval()
    }

    /// Bytes so far that belong to no response.
    pub fn discarded(&self) -> u64 {
        self.decoder.discarded() + self.ignored
    }
}

impl Cycle {
    fn steps(&self) -> &dyn Steps {
        match self {
            Cycle::Exchange(exchange) => exchange,
            Cycle::Readout(readout) => readout,
        }
    }

    fn steps_mut(&mut self) -> &mut dyn Steps {
        match self {
            Cycle::Exchange(exchange) => exchange,
            Cycle::Readout(readout) => readout,
        }
    }
}
