//! Asks a meter that does not speak by itself: requests out, bytes in, the decoder's events out.
//!
//! ```text
//! begin ──▶ task: Line, Send, Pause, Listen, … ──▶ Rest
//!                 └ done        └ done └ feed, timeout
//! ```
//!
//! A engine does nothing and waits for nothing itself. It says what is to be done next, and is told when that is done,
//! what bytes came, and when none came in time. So it is tried without a port and without a clock.
//!
//! It never sends anything that could change a meter: what it sends is made of the requests of `wire` alone, and all of
//! those read.

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
use readout::Readout;

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task<'a> {
    /// Set the line so. One that cannot be set stays as it is.
    Line(SerialSettings),
    /// Send these bytes, and wait until the last of them has left.
    Send(&'a [u8]),
    /// Let so much time pass.
    Pause(Duration),
    /// Listen, until bytes stay away for so long, or so much time has passed in all.
    Listen {
        /// Without a byte.
        quiet: Duration,
        /// In all.
        total: Duration,
    },
    /// Nothing, before the next round.
    Rest,
}

/// What the owner of a meter knows of it, and of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollOptions {
    /// How the line is set in the beginning; what the protocol says if nothing else is known.
    pub line: Option<SerialSettings>,
    /// Whether the line's speed can be changed; that behind a network adapter cannot.
    pub can_switch: bool,
    /// The meter's address (IEC 62056-21).
    pub address: Address,
    /// Whether the meter sleeps and must be woken (IEC 62056-21).
    pub wake: Wake,
}

/// How a round went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Whether the meter answered all that matters.
    pub answered: bool,
    /// Bytes that came.
    pub bytes: u32,
}

/// One meter, asked round by round.
pub struct PollEngine {
    protocol: Protocol,
    decoder: Decoder,
    dialogue: Dialogue,
    round: Round,
    /// Bytes that came when none were expected.
    ignored: u64,
}

enum Dialogue {
    Exchange(Exchange),
    Readout(Readout),
}

impl Default for PollOptions {
    fn default() -> Self {
        PollOptions { line: None, can_switch: true, address: Address::NONE, wake: Wake::None }
    }
}

impl PollEngine {
    /// A engine that rests; `None` for a protocol that nobody asks for.
    pub fn new(protocol: Protocol, options: &PollOptions) -> Option<Self> {
        let dialogue = match protocol {
            Protocol::Kmp382 => Dialogue::Exchange(Exchange::new(&plan::KMP382, options)),
            Protocol::Kmp => Dialogue::Exchange(Exchange::new(&plan::KMP, options)),
            Protocol::Iec => Dialogue::Readout(Readout::new(options)),
            Protocol::Hdlc | Protocol::Mbus | Protocol::P1 | Protocol::Sml => return None,
        };
        let decoder = Decoder::default().polling(protocol);
        Some(PollEngine { protocol, decoder, dialogue, round: Round::default(), ignored: 0 })
    }

    /// The same, where `decoder` knows what its owner knows.
    pub fn reading_with(self, decoder: Decoder) -> Self {
        PollEngine { decoder: decoder.polling(self.protocol), ..self }
    }

    /// Begins a round. `identity`: who the meter is, is asked as well.
    pub fn begin(&mut self, identity: bool) {
        self.round = Round::default();
        self.decoder.restart();
        match &mut self.dialogue {
            Dialogue::Exchange(exchange) => exchange.begin(identity),
            Dialogue::Readout(readout) => readout.begin(),
        }
    }

    /// The line was lost and found again: another meter may hang on it.
    pub fn restart(&mut self) {
        self.decoder.restart();
        match &mut self.dialogue {
            Dialogue::Exchange(exchange) => exchange.restart(),
            Dialogue::Readout(readout) => readout.restart(),
        }
    }

    /// What is to be done now.
    pub fn task(&self) -> Task<'_> {
        let is_waiting = self.decoder.is_waiting();
        match &self.dialogue {
            Dialogue::Exchange(exchange) => exchange.task(is_waiting),
            Dialogue::Readout(readout) => readout.task(is_waiting),
        }
    }

    /// [`Task::Line`], [`Task::Send`] or [`Task::Pause`] is done.
    pub fn done(&mut self) {
        let is_fresh = match &mut self.dialogue {
            Dialogue::Exchange(exchange) => exchange.done(),
            Dialogue::Readout(readout) => readout.done(),
        };
        if is_fresh {
            self.decoder.restart();
        }
    }

    /// Takes from the front of `input` and returns what it comes to, one event a call; `None` when it is used up.
    pub fn feed(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        let PollEngine { decoder, dialogue, round, ignored, .. } = self;
        round.bytes = round.bytes.saturating_add(input.len() as u32);
        if let Dialogue::Readout(readout) = dialogue {
            let mut line = readout.hear(input);
            // No telegram ends with its first line. What may end there is noise before it.
            while !line.is_empty() {
                let _noise = decoder.feed(&mut line);
            }
        }
        if !dialogue.is_listening() {
            *ignored += input.len() as u64;
            *input = &[];
        }
        let event = decoder.feed(input);
        // The decoder may leave some for the next call.
        round.bytes = round.bytes.saturating_sub(input.len() as u32);
        event.inspect(|event| dialogue.note(event))
    }

    /// The time of [`Task::Listen`] is over. Call until `None`.
    pub fn timeout(&mut self) -> Option<Event<'_>> {
        let PollEngine { decoder, dialogue, .. } = self;
        let Some((place, opened)) = decoder.find(&mut &[][..], dialogue.stream()) else {
            dialogue.timeout();
            return None;
        };
        Some(decoder.event(&place, opened)).inspect(|event| dialogue.note(event))
    }

    /// How the round went, when it is over.
    pub fn round(&self) -> Round {
        let answered = match &self.dialogue {
            Dialogue::Exchange(exchange) => exchange.answered(),
            Dialogue::Readout(readout) => readout.answered(),
        };
        Round { answered, ..self.round }
    }

    /// How often the meter is to be asked if its owner does not say.
    pub fn interval(&self) -> Duration {
        match &self.dialogue {
            Dialogue::Exchange(exchange) => exchange.interval(),
            Dialogue::Readout(_) => Duration::from_secs(60),
        }
    }

    /// Bytes so far that belonged to no answer.
    pub fn discarded(&self) -> u64 {
        self.decoder.discarded() + self.ignored
    }
}

impl Dialogue {
    /// Whether bytes that come now are for the decoder.
    const fn is_listening(&self) -> bool {
        match self {
            Dialogue::Exchange(exchange) => exchange.is_listening(),
            Dialogue::Readout(readout) => readout.is_listening(),
        }
    }

    /// What may follow when the meter has fallen silent. A readout of which the check sequence is missing would be
    /// taken for one that has none if nothing more could come.
    const fn stream(&self) -> Stream {
        match self {
            Dialogue::Exchange(_) => Stream::Ended,
            Dialogue::Readout(_) => Stream::Silent,
        }
    }

    fn note(&mut self, event: &Event<'_>) {
        match self {
            Dialogue::Exchange(exchange) => exchange.note(event),
            Dialogue::Readout(readout) => readout.note(event),
        }
    }

    fn timeout(&mut self) {
        match self {
            Dialogue::Exchange(exchange) => exchange.timeout(),
            Dialogue::Readout(readout) => readout.timeout(),
        }
    }
}
