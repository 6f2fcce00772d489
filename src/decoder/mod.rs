//! The sentence as code: bytes to frames, frames to messages, messages to readings.

mod error;

use core::ops::Range;

use crate::meter::List;
use crate::reading::{Read, Reading, Settings};
use crate::wire::deframer::{Deframer, Found, Place};
use crate::wire::dlms::apdu::{self, Apdu};
use crate::wire::dlms::cipher::{self, Carrier, Cipher};
use crate::wire::dlms::segment::{Assembler, Order};
use crate::wire::frame::{Frame, Stream};
use crate::wire::hdlc;
use crate::wire::message::Message;
use crate::wire::protocol::Protocol;
use crate::wire::sml;
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

/// Where the message of a good frame lies.
enum Held<'a> {
    /// In the frame, ready to be understood.
    Ready(Message<'a>, &'a [u8]),
    /// In the assembler, without what stood before and behind it; an answer in a protocol of its own says which.
    Assembled(Range<usize>, Option<Protocol>),
    /// Not all of it is there.
    Fragment,
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
            true => open(message, Carrier::Line, assembler, cipher).map(drop),
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
        let (bytes, outcome) = match unpack(frame, assembler, cipher) {
            Ok(Held::Ready(message, bytes)) => (bytes, understand(message, reading, *settings)),
            Ok(Held::Assembled(range, asked)) => {
                let bytes = assembler.part(range);
                let outcome = match Message::read_answer(bytes, asked) {
                    Ok(message) => understand(message, reading, *settings),
                    Err(error) => Outcome::Undecodable(Error::Message(error)),
                };
                (bytes, outcome)
            }
            Ok(Held::Fragment) => (&[][..], Outcome::Fragment),
            Err(error) => (&[][..], Outcome::Undecodable(error)),
        };
        event(Some(frame), bytes, outcome)
    }
}

/// Finds the message that a frame carries or completes.
#[inline]
fn unpack<'a>(frame: Frame<'a>, assembler: &mut Assembler, cipher: &mut Cipher) -> Result<Held<'a>, Error> {
    match frame {
        Frame::Hdlc(frame) if frame.segmented || continues(&frame, assembler) => {
            segment(&frame, assembler, cipher)
        }
        Frame::Hdlc(frame) => match Apdu::parse_llc(frame.information)? {
            Apdu::Notification(notification) => {
                let message = frame.information.strip_prefix(&apdu::LLC).unwrap_or(frame.information);
                Ok(Held::Ready(Message::Notification(notification), message))
            }
            Apdu::Ciphered(_) => {
                let message = frame.information.strip_prefix(&apdu::LLC).unwrap_or(frame.information);
                open(message, Carrier::Frame, assembler, cipher)
            }
            Apdu::Block(block) => {
                let order = Order::Numbered(block.number.checked_sub(1).ok_or(Error::SegmentLost)?);
                collect(order, block.is_last(), block.content, assembler, cipher)
            }
        },
        Frame::Mbus(frame) => {
            collect(Order::Numbered(frame.number.into()), frame.last, frame.data, assembler, cipher)
        }
        // Whether it opens was seen before.
        Frame::Ciphered(message) if cipher.has_key() => {
            Ok(Held::Assembled(cipher::Sealed::read(message)?.plaintext(), None))
        }
        Frame::Ciphered(_) => Err(Error::Cipher(cipher::Error::NoKey)),
        // Nobody has published how Poland's telegrams are to be opened.
        Frame::Telegram(telegram) if telegram.is_ciphered() => Err(Error::Cipher(match cipher.has_key() {
            true => cipher::Error::Form,
            false => cipher::Error::NoKey,
        })),
        Frame::Telegram(telegram) => Ok(Held::Ready(Message::Telegram(telegram), telegram.bytes())),
        Frame::Sml(file) => messages(&file, assembler),
        Frame::Kmp382(frame) => spelled(frame.bytes(), Protocol::Kmp382, assembler),
        Frame::Kmp(frame) => spelled(frame.bytes(), Protocol::Kmp, assembler),
    }
}

/// Puts together a message whose bytes stand otherwise on the line.
fn spelled<'a>(
    bytes: impl Iterator<Item = u8>,
    asked: Protocol,
    assembler: &mut Assembler,
) -> Result<Held<'a>, Error> {
    assembler.spell(bytes)?;
    Ok(Held::Assembled(0..assembler.message().len(), Some(asked)))
}

/// Whether a frame is the last of the segments that wait for it.
#[inline]
fn continues(frame: &hdlc::Frame<'_>, assembler: &Assembler) -> bool {
    assembler.collecting_segments() && !frame.information.starts_with(&apdu::LLC)
}

/// Segments carry no number. They belong together only if nothing at all lay between them on the line, and only the
/// first begins with the LLC header: one that does begins a new message, and the one before it stays unfinished.
fn segment<'a>(
    frame: &hdlc::Frame<'a>,
    assembler: &mut Assembler,
    cipher: &mut Cipher,
) -> Result<Held<'a>, Error> {
    let body = frame.information.strip_prefix(&apdu::LLC);
    let order = Order::Unnumbered { first: body.is_some() };
    collect(order, !frame.segmented, body.unwrap_or(frame.information), assembler, cipher)
}

/// Finds the list in a file. Messages of which something was sent twice are put together.
#[cold]
fn messages<'a>(file: &sml::File<'a>, assembler: &mut Assembler) -> Result<Held<'a>, Error> {
    if let Some(messages) = file.messages() {
        return Ok(Held::Ready(Message::Sml(sml::List::parse(messages)?), messages));
    }
    let mut first = true;
    for piece in file.pieces() {
        assembler.push(Order::Unnumbered { first }, false, piece)?;
        first = false;
    }
    assembler.push(Order::Unnumbered { first }, true, &[])?;
    Ok(Held::Assembled(0..assembler.message().len(), None))
}

/// Adds a part to its message, which is opened when it is whole.
fn collect<'a>(
    order: Order,
    last: bool,
    part: &[u8],
    assembler: &mut Assembler,
    cipher: &mut Cipher,
) -> Result<Held<'a>, Error> {
    match assembler.push(order, last, part)? {
        true => unlock(Carrier::Frame, assembler, cipher),
        false => Ok(Held::Fragment),
    }
}

/// Opens a ciphered message that came in one part.
fn open<'a>(
    message: &[u8],
    carrier: Carrier,
    assembler: &mut Assembler,
    cipher: &mut Cipher,
) -> Result<Held<'a>, Error> {
    assembler.load(message)?;
    unlock(carrier, assembler, cipher)
}

/// Deciphers the message in the assembler if it is ciphered.
fn unlock<'a>(carrier: Carrier, assembler: &mut Assembler, cipher: &mut Cipher) -> Result<Held<'a>, Error> {
    let message = assembler.message_mut();
    let range = match message.first() {
        Some(0xDB..=0xDD) => cipher.open(message, carrier)?,
        _ => 0..message.len(),
    };
    Ok(Held::Assembled(range, None))
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
