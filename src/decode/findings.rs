//! What a capture holds, one finding after the other, whatever it was captured from.

use std::io;

use crate::decoder::{Decoder, Error, Event, Outcome, understand};
use crate::reading::{Reading, Settings};
use crate::wire::apdu::{Apdu, LLC};
use crate::wire::hdlc::{Deframer, FLAG, Frame};

/// One frame or message, or octets that are none.
pub(super) struct Finding<'a> {
    /// Octets of the capture before it.
    pub offset: usize,
    /// Octets it spans, flags included.
    pub length: usize,
    /// What carries it.
    pub protocol: &'static str,
    /// The frame, if there is one.
    pub frame: Option<Frame<'a>>,
    /// The message it completes, with its LLC header if it has one; empty if none is complete.
    pub message: &'a [u8],
    /// How many frames the message came in.
    pub segments: usize,
    /// What it came to.
    pub what: What<'a>,
}

/// What a finding came to.
#[derive(Clone, Copy)]
pub(super) enum What<'a> {
    /// The decoder's answer.
    Decoded(Outcome<'a>),
    /// A protocol that is recognised and not read.
    Unsupported,
}

/// What a capture was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    Hdlc,
    /// One message behind its LLC header, without frame.
    Llc,
    /// One message, without frame and LLC header.
    Apdu,
    /// Another one, by name.
    Unsupported(&'static str),
}

/// Visits everything found, in order. Returns whether any visit said true.
pub(super) fn each(
    input: &[u8],
    settings: Settings,
    mut visit: impl FnMut(&Finding<'_>) -> io::Result<bool>,
) -> io::Result<bool> {
    match Transport::of(input) {
        Transport::Hdlc => frames(input, settings, visit),
        Transport::Llc => visit(&bare("llc", input, settings, &mut Reading::default())),
        Transport::Apdu => visit(&bare("apdu", input, settings, &mut Reading::default())),
        Transport::Unsupported(name) => visit(&Finding::whole(name, input, What::Unsupported)),
    }
}

impl Transport {
    /// A stream of frames may begin anywhere, so that its first octet may be any; one good frame proves it.
    fn of(input: &[u8]) -> Self {
        match input {
            [FLAG, ..] => Transport::Hdlc,
            _ if holds_frame(input) => Transport::Hdlc,
            _ if input.starts_with(&LLC) => Transport::Llc,
            // Kamstrup ends the line before a telegram only when the telegram comes.
            _ if input.trim_ascii_start().starts_with(b"/") => Transport::Unsupported("p1"),
            [0x0F | 0xDB..=0xDD | 0xE0, ..] => Transport::Apdu,
            [0x68, length, again, 0x68, ..] if length == again => Transport::Unsupported("mbus"),
            [0x1B, 0x1B, 0x1B, 0x1B, ..] => Transport::Unsupported("sml"),
            _ => Transport::Hdlc,
        }
    }
}

fn holds_frame(mut input: &[u8]) -> bool {
    let mut deframer = Deframer::default();
    while let Some(found) = deframer.feed(&mut input) {
        if found.frame.is_ok() {
            return true;
        }
    }
    std::iter::from_fn(|| deframer.finish().map(|found| found.frame.is_ok())).any(|good| good)
}

fn bare<'a>(
    protocol: &'static str,
    input: &'a [u8],
    settings: Settings,
    reading: &'a mut Reading,
) -> Finding<'a> {
    let message = if protocol == "llc" { Apdu::parse_llc(input) } else { Apdu::parse(input) };
    let outcome = match message {
        Ok(Apdu::Notification(notification)) => understand(notification, reading, settings),
        Ok(Apdu::Ciphered(_)) => Outcome::Refused(Error::Encrypted),
        Ok(Apdu::Block(_)) => Outcome::Refused(Error::Block),
        // No check sequence says that the octets are as they were sent.
        Err(error) => Outcome::Rejected(Error::Message(error), input),
    };
    Finding { message: input, segments: 1, ..Finding::whole(protocol, input, What::Decoded(outcome)) }
}

fn frames(
    input: &[u8],
    settings: Settings,
    mut visit: impl FnMut(&Finding<'_>) -> io::Result<bool>,
) -> io::Result<bool> {
    let mut decoder = Decoder::new(settings);
    let mut segments = Segments::new(input);
    let mut rest = input;
    let mut found = false;
    while let Some(event) = decoder.feed(&mut rest) {
        found |= visit(&segments.finding(event))?;
    }
    while let Some(event) = decoder.finish() {
        found |= visit(&segments.finding(event))?;
    }
    Ok(found)
}

/// The segments of a message, collected as the decoder does it.
struct Segments<'a> {
    input: &'a [u8],
    message: Vec<u8>,
    count: usize,
    complete: bool,
    /// Where the last good frame ended; `None` after damage.
    end: Option<usize>,
}

impl<'a> Segments<'a> {
    fn new(input: &'a [u8]) -> Self {
        Segments { input, message: Vec::new(), count: 0, complete: false, end: None }
    }

    fn finding<'b>(&'b mut self, event: Event<'b>) -> Finding<'b> {
        let offset = usize::try_from(event.offset).unwrap_or(usize::MAX);
        if self.complete || self.is_interrupted(offset) {
            self.message.clear();
            self.count = 0;
        }
        self.end = event.frame.map(|_| offset + event.length);
        self.count += 1;
        self.message.extend(event.frame.map_or(&[][..], |frame| frame.information));
        self.complete = !matches!(event.outcome, Outcome::Fragment);
        Finding {
            offset,
            length: event.length,
            protocol: "hdlc",
            frame: event.frame,
            message: if self.complete { &self.message } else { &[] },
            segments: self.count,
            what: What::Decoded(event.outcome),
        }
    }

    /// Whether anything but flags lay between the last good frame and here.
    fn is_interrupted(&self, offset: usize) -> bool {
        let Some(end) = self.end else { return true };
        self.input.get(end..offset).is_some_and(|between| between.iter().any(|&octet| octet != FLAG))
    }
}

impl<'a> Finding<'a> {
    fn whole(protocol: &'static str, input: &[u8], what: What<'a>) -> Self {
        let length = input.len();
        Finding { offset: 0, length, protocol, frame: None, message: &[], segments: 0, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_octets_tell_the_transport() {
        for (input, transport) in [
            (&[0x7E, 0xA0][..], Transport::Hdlc),
            (&[], Transport::Hdlc),
            (b"noise", Transport::Hdlc),
            (&[0xE6, 0xE7, 0x00, 0x0F], Transport::Llc),
            (&[0x0F, 0x40], Transport::Apdu),
            (&[0xDB, 0x08], Transport::Apdu),
            (b"/LGF5E360", Transport::Unsupported("p1")),
            (&[0x68, 5, 5, 0x68, 0x53], Transport::Unsupported("mbus")),
            (&[0x1B; 8], Transport::Unsupported("sml")),
        ] {
            assert_eq!(Transport::of(input), transport, "{input:02x?}");
        }
    }

    #[test]
    fn a_good_frame_proves_a_stream_that_begins_with_anything() {
        let frame = [0x7E, 0xA0, 0x08, 0x01, 0x02, 0x01, 0x10, 0x37, 0x8D, 0x7E];
        for start in [&[0x0F][..], b"/", &LLC, &[0x68, 1, 1, 0x68]] {
            assert_eq!(Transport::of(&[start, &frame].concat()), Transport::Hdlc);
            assert_ne!(Transport::of(&[start, &frame[..9]].concat()), Transport::Hdlc);
        }
    }
}
