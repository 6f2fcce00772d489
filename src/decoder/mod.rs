//! Bytes become frames, frames become messages, messages become readings.
//!
//! [`Deframer`] finds frames in the stream and checks them. `Frame::unpack` takes the message out of a frame, or adds a
//! part to the message in the [`Assembler`]; [`Cipher`] decrypts it. [`understand`] finds the [`List`] that the message is
//! and reads its values.

mod budget;
mod error;

use crate::meter::List;
use crate::reading::{Read, Reading, Settings};
use crate::wire::deframer::{Deframer, Found, Place};
use crate::wire::dlms::cipher::{self, Carrier, Cipher, Keys};
use crate::wire::dlms::segment::Assembler;
use crate::wire::frame::{Frame, Proof, Stream};
use crate::wire::message::Message;
use crate::wire::protocol::Protocol;
use crate::wire::unpack::{self, Unpacked};
use budget::Budget;
pub use error::Error;

/// Decodes a stream of bytes, with one event for each frame or damaged stretch. It has no clock and no log. It allocates
/// only its buffers, which grow to the longest frame and message; without the feature `explain` it allocates nothing.
#[derive(Default)]
pub struct Decoder {
    deframer: Deframer,
    assembler: Assembler,
    cipher: Cipher,
    budget: Budget,
    deciphered: u64,
    reading: Reading,
    settings: Settings,
}

/// The result for one frame or damaged stretch.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    /// Bytes of the stream before it.
    pub offset: u64,
    /// Bytes it spans, flags included.
    pub length: usize,
    /// The frame; `None` for a damaged stretch.
    pub frame: Option<Frame<'a>>,
    /// The message that the frame completes, decrypted and without its transport; empty if there is none.
    pub message: &'a [u8],
    /// What was decoded.
    pub outcome: Outcome<'a>,
}

/// What was decoded.
#[derive(Clone, Copy)]
pub enum Outcome<'a> {
    /// A list that is known.
    Reading {
        /// Which one.
        list: &'static List,
        /// The message it came in.
        message: Message<'a>,
        /// Its values.
        reading: &'a Reading,
    },
    /// A part of a message whose other parts are still to come.
    Fragment,
    /// A valid frame whose content cannot be read.
    Undecodable(Error),
    /// Bytes that are not a valid frame.
    Rejected(Error, &'a [u8]),
}

impl<'a> Event<'a> {
    /// The frame that a meter is certain to have sent: a valid one, or an encrypted message without a frame that is
    /// known to be a message although it was not decrypted.
    pub fn sent(&self) -> Option<Frame<'a>> {
        match self.outcome {
            Outcome::Rejected(Error::Cipher(error), bytes) if error.is_of_a_message() => {
                Some(Frame::Ciphered(bytes))
            }
            _ => self.frame,
        }
    }

    /// What checks prove of what it says. A message that was decrypted is proven, or it would not have been.
    pub fn proof(&self) -> Proof {
        self.frame.map_or(Proof::Everything, |frame| frame.proof())
    }

    /// Whether it is a message that cannot be read, and no damage. Encrypted bytes that neither a frame nor a key proves
    /// count as a message only as long as nothing of the meter was ever read.
    pub fn is_undecodable(&self, has_read: bool) -> bool {
        match self.outcome {
            Outcome::Undecodable(_) => true,
            Outcome::Rejected(Error::Cipher(error), _) => error.is_of_a_message() || !has_read,
            _ => false,
        }
    }
}

impl Decoder {
    /// A decoder with what the user knows of the meter, and with the keys of its messages.
    pub fn new(settings: Settings, cipher: Cipher) -> Self {
        Decoder { settings, cipher, ..Decoder::default() }
    }

    /// Decrypts messages with these keys from now on.
    pub fn decrypt_with(&mut self, keys: &Keys) {
        self.cipher = Cipher::new(keys);
    }

    /// Makes it a decoder for a polled meter. It looks only for responses of this protocol, because their first bytes are
    /// ordinary ones elsewhere.
    pub fn polling(self, protocol: Protocol) -> Self {
        Decoder { deframer: Deframer::polling(protocol), ..self }
    }

    /// Takes bytes from the front of `input` and returns the next event; `None` when all are taken.
    pub fn feed(&mut self, input: &mut &[u8]) -> Option<Event<'_>> {
        let (place, decrypted) = self.find(input, Stream::Open)?;
        Some(self.event(&place, decrypted))
    }

    /// Decodes what is held when the line falls silent. Call until `None`. Then an incomplete message is dropped, because
    /// parts after a silence may belong to another one.
    pub fn idle(&mut self) -> Option<Event<'_>> {
        let Some((place, decrypted)) = self.find(&mut &[][..], Stream::Silent) else {
            self.assembler.reset();
            self.cipher.wipe();
            return None;
        };
        Some(self.event(&place, decrypted))
    }

    /// Drops what is held, because the line was lost and found again.
    pub fn restart(&mut self) {
        self.deframer.restart();
        self.assembler.reset();
    }

    /// Decodes what is held at the end of the stream. Call until `None`.
    pub fn finish(&mut self) -> Option<Event<'_>> {
        let Some((place, decrypted)) = self.find(&mut &[][..], Stream::Ended) else {
            self.cipher.wipe();
            return None;
        };
        Some(self.event(&place, decrypted))
    }

    /// Whether it holds bytes that may become a frame.
    pub fn is_waiting(&self) -> bool {
        self.deframer.is_waiting()
    }

    /// Count of bytes that belonged to no frame.
    pub fn discarded(&self) -> u64 {
        self.deframer.discarded()
    }

    /// Count of bytes without a frame that were given to the cipher, with success or without.
    pub fn deciphered(&self) -> u64 {
        self.deciphered
    }

    /// Finds the next frame or failure, and decrypts the frame if only that can prove it.
    pub(crate) fn find(&mut self, input: &mut &[u8], stream: Stream) -> Option<(Place, Result<(), Error>)> {
        loop {
            let place = self.deframer.advance(input, stream)?;
            if !place.is_bare() {
                return Some((place, Ok(())));
            }
            if let Some(decrypted) = self.try_to_decrypt(&place) {
                return Some((place, decrypted));
            }
        }
    }

    /// Decrypts a message without a frame, which nothing but its key can prove. If that fails, the bytes may not be a
    /// message at all and others may begin within them. `None`: they are part of a damaged frame that was reported.
    fn try_to_decrypt(&mut self, place: &Place) -> Option<Result<(), Error>> {
        let Decoder { deframer, assembler, cipher, budget, deciphered, .. } = self;
        let is_part = deframer.is_reported(place);
        let Found { offset, frame: Ok(Frame::Ciphered(message)), .. } = deframer.lend(place) else {
            return Some(Ok(()));
        };
        let decrypted = match cipher.has_key() {
            true if is_part && !budget.admit(offset, message.len()) => {
                deframer.pass_over(place);
                return None;
            }
            true => {
                *deciphered += message.len() as u64;
                unpack::decrypt(message, Carrier::Line, assembler, cipher).map(drop).map_err(Error::from)
            }
            // Without a key nothing but its beginning is known.
            false if !is_part => return Some(Ok(())),
            false => Err(Error::Cipher(cipher::Error::NoKey)),
        };
        if decrypted.is_err() {
            deframer.take_back(place);
        }
        (decrypted.is_ok() || !is_part).then_some(decrypted)
    }

    /// Unpacks and reads what was found.
    pub(crate) fn event(&mut self, place: &Place, decrypted: Result<(), Error>) -> Event<'_> {
        let Decoder { deframer, assembler, cipher, reading, settings, .. } = self;
        let Found { offset, length, after_noise, frame } = deframer.lend(place);
        let event = |frame, message, outcome| Event { offset, length, frame, message, outcome };
        let frame = match (frame, decrypted) {
            (Ok(frame), Ok(())) => frame,
            (Ok(frame), Err(error)) => return event(None, &[], Outcome::Rejected(error, frame.part())),
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

/// Reads a message as the first list that it matches.
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
