//! The sentence as code: octets to frames, frames to messages, messages to readings.

use crate::meter::List;
use crate::reading::{Reading, Settings};
use crate::wire::apdu::{self, Apdu, Notification};
use crate::wire::hdlc::{self, Deframer, Found, Frame};
use crate::wire::segment::Assembler;

/// Octets in, one event per frame or failure out. It keeps no clock, no log and no memory of its own beside its size.
#[derive(Default)]
pub struct Decoder {
    deframer: Deframer,
    assembler: Assembler,
    reading: Reading,
    settings: Settings,
}

/// What became of one frame or damaged stretch.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    /// Octets of the stream before it.
    pub offset: u64,
    /// Octets it spans, flags included.
    pub length: usize,
    /// The frame; `None` if there was none.
    pub frame: Option<Frame<'a>>,
    /// What it came to.
    pub outcome: Outcome<'a>,
}

/// What a frame came to.
#[derive(Clone, Copy)]
pub enum Outcome<'a> {
    /// A list we know.
    Reading {
        /// Which one.
        list: &'static List,
        /// The message it came in.
        notification: Notification<'a>,
        /// What it says.
        reading: &'a Reading,
    },
    /// A part of a message; the rest is to come.
    Fragment,
    /// A good frame whose content says nothing to us.
    Refused(Error),
    /// Octets that are no frame.
    Rejected(Error, &'a [u8]),
}

/// Why a frame gave no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The frame itself.
    Frame(hdlc::Error),
    /// A segment came without the ones before it.
    SegmentLost,
    /// Segments longer than any message.
    TooLong,
    /// The message.
    Message(apdu::Error),
    /// A message put together from segments has octets left over: one of them is missing.
    Trailing,
    /// The message is ciphered and there is no key.
    Encrypted,
    /// General block transfer.
    Block,
    /// A list of no maker we know that does not describe itself.
    UnknownList,
}

impl Error {
    /// Every reason there is, for counters that start at 0.
    pub const REASONS: [&'static str; 19] = [
        "length",
        "address",
        "header_check",
        "frame_check",
        "flag",
        "cut",
        "segment_lost",
        "too_long",
        "empty",
        "foreign_llc",
        "service",
        "date_time",
        "truncated",
        "data_tag",
        "depth",
        "trailing",
        "encrypted",
        "block_transfer",
        "unknown_list",
    ];

    /// The label in `han_frame_errors_total` and the text in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::Frame(error) => error.reason(),
            Error::SegmentLost => "segment_lost",
            Error::TooLong => "too_long",
            Error::Message(error) => error.reason(),
            Error::Trailing => "trailing",
            Error::Encrypted => "encrypted",
            Error::Block => "block_transfer",
            Error::UnknownList => "unknown_list",
        }
    }
}

/// Where the message of a good frame lies.
enum Message {
    InFrame,
    Assembled,
    Fragment,
    Refused(Error),
}

impl Decoder {
    /// A decoder for a meter about which something is known.
    pub fn new(settings: Settings) -> Self {
        Decoder { settings, ..Decoder::default() }
    }

    /// Takes from the front of `input` and returns what it comes to, one event a call; `None` when it is used up.
    #[inline]
    pub fn feed(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        let found = self.deframer.feed(input)?;
        Some(event(found, &mut self.assembler, &mut self.reading, self.settings))
    }

    /// Tells that the line has fallen silent. Call until `None`. A message still in segments does not outlive it: the
    /// segments that come after the silence may be another one's.
    pub fn idle(&mut self) -> Option<Event<'_>> {
        let Some(found) = self.deframer.idle() else {
            self.assembler.reset();
            return None;
        };
        Some(event(found, &mut self.assembler, &mut self.reading, self.settings))
    }

    /// Tells that the line was lost and found again: nothing before belongs to anything after.
    pub fn restart(&mut self) {
        self.deframer.restart();
        self.assembler.reset();
    }

    /// Ends the stream. Call until `None`.
    pub fn finish(&mut self) -> Option<Event<'_>> {
        let found = self.deframer.finish()?;
        Some(event(found, &mut self.assembler, &mut self.reading, self.settings))
    }

    /// Octets so far that belonged to no frame.
    pub fn discarded(&self) -> u64 {
        self.deframer.discarded()
    }
}

#[inline]
fn event<'a>(
    found: Found<'a>,
    assembler: &'a mut Assembler,
    reading: &'a mut Reading,
    settings: Settings,
) -> Event<'a> {
    let Found { offset, length, after_noise, frame } = found;
    let frame = match frame {
        Ok(frame) => frame,
        Err(rejected) => {
            assembler.reset();
            let outcome = Outcome::Rejected(Error::Frame(rejected.error), rejected.octets);
            return Event { offset, length, frame: None, outcome };
        }
    };
    let outcome = match assemble(&frame, after_noise, assembler) {
        Message::InFrame => interpret(frame.information, false, reading, settings),
        Message::Assembled => interpret(assembler.message(), true, reading, settings),
        Message::Fragment => Outcome::Fragment,
        Message::Refused(error) => Outcome::Refused(error),
    };
    Event { offset, length, frame: Some(frame), outcome }
}

/// Segments carry no number. They belong together only if nothing at all lay between them on the line, and only the
/// first begins with the LLC header: one that does begins a new message, and the one before it stays unfinished.
fn assemble(frame: &Frame<'_>, after_noise: bool, assembler: &mut Assembler) -> Message {
    let begins = frame.information.starts_with(&apdu::LLC);
    if assembler.collecting() && (after_noise || begins) {
        assembler.reset();
    }
    match (assembler.collecting(), frame.segmented) {
        (false, false) => Message::InFrame,
        (false, true) if !begins => Message::Refused(Error::SegmentLost),
        (_, more) => match assembler.push(more, frame.information) {
            Ok(true) => Message::Assembled,
            Ok(false) => Message::Fragment,
            Err(_) => Message::Refused(Error::TooLong),
        },
    }
}

/// Reads a message with its LLC header.
fn interpret<'a>(
    information: &'a [u8],
    assembled: bool,
    reading: &'a mut Reading,
    settings: Settings,
) -> Outcome<'a> {
    match Apdu::parse_llc(information) {
        Ok(Apdu::Notification(notification)) if assembled && !notification.trailing.is_empty() => {
            Outcome::Refused(Error::Trailing)
        }
        Ok(Apdu::Notification(notification)) => understand(notification, reading, settings),
        Ok(Apdu::Ciphered(_)) => Outcome::Refused(Error::Encrypted),
        Ok(Apdu::Block(_)) => Outcome::Refused(Error::Block),
        Err(error) => Outcome::Refused(Error::Message(error)),
    }
}

/// Finds the meaning of a message that parsed.
#[inline]
pub fn understand<'a>(
    notification: Notification<'a>,
    reading: &'a mut Reading,
    settings: Settings,
) -> Outcome<'a> {
    match List::of(&notification) {
        Some(list) if reading.read(list, &notification, settings) => {
            Outcome::Reading { list, notification, reading }
        }
        _ => Outcome::Refused(Error::UnknownList),
    }
}
