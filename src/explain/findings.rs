//! What a capture contains, one finding after the other, whatever it was captured from.

use alloc::vec::Vec;

use super::Options;
use crate::decoder::{Decoder, Error, Event, Outcome, understand};
use crate::reading::Reading;
use crate::wire::deframer::{Deframer, Found};
use crate::wire::dlms::apdu::{Apdu, LLC};
use crate::wire::dlms::cipher::{self, Carrier, Cipher, Keys, Sealed};
use crate::wire::frame::{Frame, Proof, polled_protocol, protocol_of};
use crate::wire::hdlc::FLAG;
use crate::wire::message::{self, Message};
use crate::wire::protocol::Protocol;
use crate::wire::telegram;

/// One frame or message, or bytes that are neither.
pub struct Finding<'a> {
    /// Bytes of the capture before it.
    pub offset: usize,
    /// Bytes it spans, flags included.
    pub length: usize,
    /// What carries it.
    pub origin: Origin,
    /// The frame, if there is one.
    pub frame: Option<Frame<'a>>,
    /// The message it completes as it was sent, with its LLC header if it has one; empty if none is complete.
    pub message: &'a [u8],
    /// The same, decrypted and without LLC header.
    pub plain: &'a [u8],
    /// How many frames the message came in.
    pub segments: usize,
    /// What it came to.
    pub outcome: Outcome<'a>,
}

impl Finding<'_> {
    /// Whether it is a reading or a part of one.
    pub fn is_found(&self) -> bool {
        matches!(self.outcome, Outcome::Reading { .. } | Outcome::Fragment)
    }

    /// What checks prove of what it says.
    pub fn proof(&self) -> Proof {
        self.frame.map_or(Proof::Everything, |frame| frame.proof())
    }

    /// What its message was sealed with, if it is complete and was.
    pub(super) fn sealed(&self) -> Option<Sealed> {
        let message = self.message.strip_prefix(&LLC).unwrap_or(self.message);
        Sealed::read(message).ok()
    }
}

/// What carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Frames of a protocol.
    Protocol(Protocol),
    /// Nothing: the capture is one message after its LLC header.
    Llc,
    /// Nothing: the capture is one message.
    Apdu,
}

impl Origin {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Protocol(protocol) => protocol.name(),
            Origin::Llc => "llc",
            Origin::Apdu => "apdu",
        }
    }
}

/// How a capture is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Frames and anything between them, or responses of a polled meter, perhaps with the requests between them.
    Stream(Option<Protocol>),
    /// One message without frame.
    Bare(Origin),
}

/// Visits everything found, in order, until a visit fails. Returns whether any visit returned true.
pub fn each<E>(
    input: &[u8],
    options: &Options,
    mut visit: impl FnMut(&Finding<'_>) -> Result<bool, E>,
) -> Result<bool, E> {
    match Kind::of(input, &options.keys) {
        Kind::Stream(polled) => frames(input, options, polled, visit),
        Kind::Bare(origin) => {
            let header = if origin == Origin::Llc { LLC.len() } else { 0 };
            let mut message = input.get(header..).unwrap_or_default().to_vec();
            visit(&bare(origin, input, &mut message, &mut Reading::default(), options))
        }
    }
}

impl Kind {
    /// A stream of frames may begin anywhere, so that its first byte may be any; one valid frame proves it.
    fn of(input: &[u8], keys: &Keys) -> Self {
        match input {
            _ if holds_frame(input) => Kind::Stream(None),
            _ if input.starts_with(&LLC) => Kind::Bare(Origin::Llc),
            [cipher::START, ..] if holds_telegrams(input, keys) => Kind::Stream(None),
            [0x0F | 0xE0, ..] => Kind::Bare(Origin::Apdu),
            [first, ..] if cipher::is_encrypted(*first) => Kind::Bare(Origin::Apdu),
            _ => Kind::Stream(polled_protocol(input)),
        }
    }
}

/// Whether there is a valid frame, one with a check of its own.
fn holds_frame(mut input: &[u8]) -> bool {
    let is_good = |found: Found<'_>| found.frame.is_ok_and(|frame| !matches!(frame, Frame::Ciphered(_)));
    let mut deframer = Deframer::default();
    while let Some(found) = deframer.feed(&mut input) {
        if is_good(found) {
            return true;
        }
    }
    core::iter::from_fn(|| deframer.finish().map(is_good)).any(|good| good)
}

/// Whether encrypted messages are the telegrams of a port, which come without a frame, and not a list that was taken
/// out of its frame. If one is not decrypted, its length decides.
fn holds_telegrams(input: &[u8], keys: &Keys) -> bool {
    /// Bytes that no list of a house's meter has, and every telegram seen.
    const LONGEST_LIST: usize = 480;
    let mut buffer = input.to_vec();
    let opened = Cipher::new(keys).open(&mut buffer, Carrier::Line);
    match (cipher::length(input), opened) {
        (Some(length), _) if input.len() > length => true,
        (_, Ok(plain)) => buffer.get(plain).is_some_and(|plain| plain.starts_with(&[telegram::START])),
        (length, Err(_)) => length.is_some_and(|length| length > LONGEST_LIST),
    }
}

/// The one message that a capture is; it is decrypted where it is.
fn bare<'a>(
    origin: Origin,
    input: &'a [u8],
    message: &'a mut [u8],
    reading: &'a mut Reading,
    options: &Options,
) -> Finding<'a> {
    let opened = open(message, options);
    let outcome = match opened {
        Ok(plain) => judge(plain, input, reading, options),
        Err(error) => Outcome::Undecodable(error),
    };
    Finding {
        offset: 0,
        length: input.len(),
        origin,
        frame: None,
        message: input,
        plain: opened.unwrap_or_default(),
        segments: 1,
        outcome,
    }
}

/// Decrypts a message if it is encrypted.
fn open<'a>(message: &'a mut [u8], options: &Options) -> Result<&'a [u8], Error> {
    if !message.first().is_some_and(|first| cipher::is_encrypted(*first)) {
        return Ok(message);
    }
    let range = Cipher::new(&options.keys).open(message, Carrier::Frame).map_err(Error::Cipher)?;
    Ok(message.get(range).unwrap_or_default())
}

/// Bytes after a list are tolerated: loggers leave the authentication tag, or pad.
fn judge<'a>(plain: &'a [u8], input: &'a [u8], reading: &'a mut Reading, options: &Options) -> Outcome<'a> {
    match Apdu::parse(plain) {
        Ok(Apdu::Notification(notification)) => {
            understand(Message::Notification(notification), reading, options.settings)
        }
        Ok(Apdu::Block(block)) if !block.is_last() => Outcome::Fragment,
        Ok(Apdu::Block(_)) => Outcome::Undecodable(Error::SegmentLost),
        Ok(Apdu::Ciphered(_)) => Outcome::Undecodable(Error::Message(message::Error::Nested)),
        // No check sequence says that the bytes are as they were sent.
        Err(error) => Outcome::Rejected(Error::Message(message::Error::Apdu(error)), input),
    }
}

fn frames<E>(
    input: &[u8],
    options: &Options,
    polled: Option<Protocol>,
    mut visit: impl FnMut(&Finding<'_>) -> Result<bool, E>,
) -> Result<bool, E> {
    let mut decoder = Decoder::new(options.settings, Cipher::new(&options.keys));
    if let Some(protocol) = polled {
        decoder = decoder.polling(protocol);
    }
    let mut parts = Parts { input, polled, message: Vec::new(), count: 0, complete: false, end: None };
    let mut rest = input;
    let mut found = false;
    while let Some(event) = decoder.feed(&mut rest) {
        found |= visit(&parts.finding(event))?;
    }
    while let Some(event) = decoder.finish() {
        found |= visit(&parts.finding(event))?;
    }
    Ok(found)
}

/// The parts of a message as they were sent, collected as the decoder does it.
struct Parts<'a> {
    input: &'a [u8],
    message: Vec<u8>,
    count: usize,
    complete: bool,
    /// Where the last valid frame ended; `None` after damage.
    end: Option<usize>,
    /// The protocol of a polled meter.
    polled: Option<Protocol>,
}

impl<'a> Parts<'a> {
    fn finding<'b>(&'b mut self, event: Event<'b>) -> Finding<'b> {
        let offset = usize::try_from(event.offset).unwrap_or(usize::MAX);
        if self.complete || self.is_interrupted(offset) {
            self.message.clear();
            self.count = 0;
        }
        self.end = event.frame.map(|_| offset + event.length);
        self.count += 1;
        // A response is sent in another form than its message.
        let part = if self.polled.is_some() {
            event.message
        } else {
            event.frame.as_ref().map_or(&[][..], Frame::part)
        };
        self.message.extend(part);
        self.complete = !matches!(event.outcome, Outcome::Fragment);
        Finding {
            offset,
            length: event.length,
            origin: Origin::Protocol(match (event.frame, event.outcome, self.polled) {
                (Some(frame), ..) => frame.protocol(),
                (None, _, Some(polled)) => polled,
                (None, Outcome::Rejected(_, bytes), None) => protocol_of(bytes),
                (None, _, None) => Protocol::Hdlc,
            }),
            frame: event.frame,
            message: if self.complete { &self.message } else { &[] },
            plain: event.message,
            segments: self.count,
            outcome: event.outcome,
        }
    }

    /// Whether anything but flags came between the last valid frame and here.
    fn is_interrupted(&self, offset: usize) -> bool {
        let Some(end) = self.end else { return true };
        self.input.get(end..offset).is_some_and(|between| between.iter().any(|&byte| byte != FLAG))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_what_it_is() {
        for (input, kind) in [
            (&[0x7E, 0xA0][..], Kind::Stream(None)),
            (&[], Kind::Stream(None)),
            (b"noise", Kind::Stream(None)),
            (&[0xE6, 0xE7, 0x00, 0x0F], Kind::Bare(Origin::Llc)),
            (&[0x0F, 0x40], Kind::Bare(Origin::Apdu)),
            (&[0xDB, 0x08], Kind::Bare(Origin::Apdu)),
            (b"/LGF5E360", Kind::Stream(None)),
            (b"HFE9000", Kind::Stream(Some(Protocol::Kmp382))),
            (b"@FE9072\rHFE9000", Kind::Stream(Some(Protocol::Kmp382))),
            (&[0x40, 0x3F, 0x10], Kind::Stream(Some(Protocol::Kmp))),
        ] {
            assert_eq!(Kind::of(input, &Keys::default()), kind, "{input:02x?}");
        }
    }

    #[test]
    fn a_good_frame_proves_a_stream_that_begins_with_anything() {
        let frame = [0x7E, 0xA0, 0x08, 0x01, 0x02, 0x01, 0x10, 0x37, 0x8D, 0x7E];
        for start in [&[0x0F][..], &LLC, &[0xDB]] {
            assert_eq!(Kind::of(&[start, &frame].concat(), &Keys::default()), Kind::Stream(None));
            assert_ne!(Kind::of(&[start, &frame[..9]].concat(), &Keys::default()), Kind::Stream(None));
        }
    }
}
