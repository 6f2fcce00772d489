//! The sentence as code: bytes to frames, frames to messages, messages to readings.

mod error;

use crate::meter::List;
use crate::reading::{Read, Reading, Settings};
use crate::wire::deframer::{Deframer, Found, Place};
use crate::wire::dlms::cipher::{self, Carrier, Cipher};
use crate::wire::dlms::segment::Assembler;
use crate::wire::frame::{Frame, Stream};
use crate::wire::message::Message;
use crate::wire::protocol::Protocol;
use crate::wire::unpack::{self, Unpacked};
pub use error::Error;

/// Bytes in, one event per frame or failure out. It keeps no clock, no log and no memory of its own beside its size.
#[derive(Default)]
pub struct Decoder {
    deframer: Deframer,
    assembler: Assembler,
    cipher: Cipher,
    reading: Reading,
    settings: Settings,
}

/// What became of one frame or damaged stretch.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    /// Bytes of the stream before it.
    pub offset: u64,
    /// Bytes it spans, flags included.
    pub length: usize,
    /// The frame; `None` if there was none.
    pub frame: Option<Frame<'a>>,
    /// The message it completes, without what carried it and deciphered; empty if there is none.
    pub message: &'a [u8],
    /// What it came to.
    pub outcome: Outcome<'a>,
}

impl<'a> Event<'a> {
    /// What a meter has sent for sure: a frame, or a ciphered message that none surrounds, if its bytes are known to be
    /// one although it stays closed.
    pub fn sent(&self) -> Option<Frame<'a>> {
        match self.outcome {
            Outcome::Rejected(Error::Cipher(error), bytes) if error.is_of_a_message() => {
                Some(Frame::Ciphered(bytes))
            }
            _ => self.frame,
        }
    }

    /// Whether it is a message that says nothing to us, and no damage. What no frame proves and no key opens counts as
    /// one only as long as nothing of the meter was ever read.
    pub fn is_undecodable(&self, has_read: bool) -> bool {
        match self.outcome {
            Outcome::Undecodable(_) => true,
            Outcome::Rejected(Error::Cipher(error), _) => error.is_of_a_message() || !has_read,
            _ => false,
        }
    }
}

/// What a frame came to.
#[derive(Clone, Copy)]
pub enum Outcome<'a> {
    /// A list we know.
    Reading {
        /// Which one.
        list: &'static List,
        /// The message it came in.
        message: Message<'a>,
        /// What it says.
        reading: &'a Reading,
    },
    /// A part of a message; the rest is to come.
    Fragment,
    /// A valid frame whose content has no meaning for us.
    Undecodable(Error),
    /// Bytes that are no frame.
    Rejected(Error, &'a [u8]),
}

impl Decoder {
    /// A decoder for a meter about which something is known, and what opens its messages.
    pub fn new(settings: Settings, cipher: Cipher) -> Self {
        Decoder { settings, cipher, ..Decoder::default() }
    }

    /// The same for a meter that is asked: it looks for answers alone, which push ports must not be searched for.
    pub fn polling(self, protocol: Protocol) -> Self {
        Decoder { deframer: Deframer::polling(protocol), ..self }
    }

    /// Takes from the front of `input` and returns what it comes to, one event a call; `None` when it is used up.
    #[inline]
    pub fn feed(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        let (place, opened) = self.find(input, Stream::Open)?;
        Some(self.event(&place, opened))
    }

    /// Tells that the line has fallen silent. Call until `None`. A message still in parts does not outlive it: the
    /// parts that come after the silence may be another one's.
    pub fn idle(&mut self) -> Option<Event<'_>> {
        let Some((place, opened)) = self.find(&mut &[][..], Stream::Silent) else {
            self.assembler.reset();
            return None;
        };
        Some(self.event(&place, opened))
    }

    /// Tells that the line was lost and found again: nothing before belongs to anything after.
    pub fn restart(&mut self) {
        self.deframer.restart();
        self.assembler.reset();
    }

    /// Ends the stream. Call until `None`.
    pub fn finish(&mut self) -> Option<Event<'_>> {
        let (place, opened) = self.find(&mut &[][..], Stream::Ended)?;
        Some(self.event(&place, opened))
    }

    /// Whether bytes are held that may become a frame.
    pub fn is_waiting(&self) -> bool {
        self.deframer.is_waiting()
    }

    /// Bytes so far that belonged to no frame.
    pub fn discarded(&self) -> u64 {
        self.deframer.discarded()
    }

    /// Finds the next frame or failure, and whether it opens if that alone can prove it.
    #[inline]
    pub(crate) fn find(&mut self, input: &mut &[u8], stream: Stream) -> Option<(Place, Result<(), Error>)> {
        loop {
            let place = self.deframer.advance(input, stream)?;
            if !place.is_bare() {
                return Some((place, Ok(())));
            }
            if let Some(opened) = self.try_to_open(&place) {
                return Some((place, opened));
            }
        }
    }

    /// A ciphered message without a frame has no check sequence but what its key proves. One that stays closed may be
    /// no message at all: others may begin within it. `None`: it is a part of a damaged frame, which has been told.
    #[cold]
    fn try_to_open(&mut self, place: &Place) -> Option<Result<(), Error>> {
        let Decoder { deframer, assembler, cipher, .. } = self;
        let is_part = deframer.is_reported(place);
        let Ok(Frame::Ciphered(message)) = deframer.lend(place).frame else { return Some(Ok(())) };
        let opened = match cipher.has_key() {
            true => unpack::decrypt(message, Carrier::Line, assembler, cipher).map(drop).map_err(Error::from),
            // All that is known of it is how it begins.
            false if !is_part => return Some(Ok(())),
            false => Err(Error::Cipher(cipher::Error::NoKey)),
        };
        if opened.is_err() {
            deframer.take_back(place);
        }
        (opened.is_ok() || !is_part).then_some(opened)
    }

    #[inline]
    pub(crate) fn event(&mut self, place: &Place, opened: Result<(), Error>) -> Event<'_> {
        let Decoder { deframer, assembler, cipher, reading, settings } = self;
        let Found { offset, length, after_noise, frame } = deframer.lend(place);
        let event = |frame, message, outcome| Event { offset, length, frame, message, outcome };
        let frame = match (frame, opened) {
            (Ok(frame), Ok(())) => frame,
            (Ok(Frame::Ciphered(bytes)), Err(error)) => {
                return event(None, &[], Outcome::Rejected(error, bytes));
            }
            (Ok(_), Err(error)) => return event(None, &[], Outcome::Rejected(error, &[])),
            (Err(rejected), _) => {
                assembler.reset();
                return event(None, &[], Outcome::Rejected(Error::Frame(rejected.error), rejected.bytes));
            }
        };
        if after_noise && !place.is_bare() {
            assembler.reset();
        }
        let (bytes, outcome) = match frame.unpack(assembler, cipher) {
            Ok(Unpacked::Message(message, bytes)) => (bytes, understand(message, reading, *settings)),
            Ok(Unpacked::Assembled(range, polled)) => {
                let bytes = assembler.part(range);
                let outcome = match Message::read_response(bytes, polled) {
                    Ok(message) => understand(message, reading, *settings),
                    Err(error) => Outcome::Undecodable(Error::Message(error)),
                };
                (bytes, outcome)
            }
            Ok(Unpacked::Part) => (&[][..], Outcome::Fragment),
            Err(error) => (&[][..], Outcome::Undecodable(error.into())),
        };
        event(Some(frame), bytes, outcome)
    }
}

/// Finds the meaning of a message that parsed.
#[inline]
pub fn understand<'a>(message: Message<'a>, reading: &'a mut Reading, settings: Settings) -> Outcome<'a> {
    for list in List::candidates(&message) {
        match reading.read(list, &message, settings) {
            Read::Known => return Outcome::Reading { list, message, reading },
            Read::Unknown => break,
            Read::Mismatch => {}
        }
    }
    Outcome::Undecodable(Error::UnknownList)
}
