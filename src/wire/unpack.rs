//! From frames to messages: parts are assembled, encrypted messages decrypted.

use core::ops::Range;

use super::dlms::apdu::{Apdu, LLC};
use super::dlms::cipher::{self, Carrier, Cipher, Sealed};
use super::dlms::segment::{self, Assembler, Order};
use super::message::{self, Message};
use super::protocol::Protocol;
use super::telegram::Telegram;
use super::{hdlc, sml};

/// Where the message of a valid frame is.
pub(crate) enum Unpacked<'a> {
    /// In the frame: the message, and its bytes.
    Message(Message<'a>, &'a [u8]),
    /// At this place of the assembler; of a response, with the protocol in which it is to be read.
    Assembled(Range<usize>, Option<Protocol>),
    /// Parts of it are still to come.
    Part,
}

/// Why a valid frame yields no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Error {
    /// Its part does not continue those before it.
    Segment(segment::Error),
    /// The bytes are not a message.
    Message(message::Error),
    /// The message is not decrypted.
    Cipher(cipher::Error),
}

type Result<'a> = core::result::Result<Unpacked<'a>, Error>;

/// The message that a frame of HDLC carries or completes.
pub(super) fn from_hdlc<'a>(
    frame: &hdlc::Frame<'a>,
    assembler: &mut Assembler,
    cipher: &mut Cipher,
) -> Result<'a> {
    let information = frame.information;
    let after_llc = information.strip_prefix(&LLC);
    let message = after_llc.unwrap_or(information);
    // Segments carry no number. They belong together only if nothing at all was sent between them, and only the first
    // begins with the LLC header: one that does begins a new message, and the one before it stays unfinished.
    if frame.segmented || (assembler.collecting_segments() && after_llc.is_none()) {
        let order = Order::Unnumbered { first: after_llc.is_some() };
        return add_part(order, !frame.segmented, message, assembler, cipher);
    }
    match Apdu::parse_llc(information).map_err(message::Error::Apdu)? {
        Apdu::Notification(notification) => {
            Ok(Unpacked::Message(Message::Notification(notification), message))
        }
        Apdu::Ciphered(_) => decrypt(message, Carrier::Frame, assembler, cipher),
        Apdu::Block(block) => {
            let number = block.number.checked_sub(1).ok_or(Error::Segment(segment::Error::Lost))?;
            add_part(Order::Numbered(number), block.is_last(), block.content, assembler, cipher)
        }
    }
}

/// An encrypted message without a frame. If there is a key, [`decrypt`] must have succeeded for it before: then the
/// assembler contains the plaintext, and only its place is left to find.
pub(super) fn decrypted_before<'a>(message: &[u8], cipher: &Cipher) -> Result<'a> {
    match cipher.has_key() {
        true => Ok(Unpacked::Assembled(Sealed::read(message)?.plaintext(), None)),
        false => Err(Error::Cipher(cipher::Error::NoKey)),
    }
}

/// A telegram, unless its content is encrypted: nobody has published how Poland's telegrams are decrypted.
pub(super) fn from_telegram<'a>(telegram: Telegram<'a>, cipher: &Cipher) -> Result<'a> {
    match (telegram.is_ciphered(), cipher.has_key()) {
        (false, _) => Ok(Unpacked::Message(Message::Telegram(telegram), telegram.bytes())),
        (true, true) => Err(Error::Cipher(cipher::Error::Form)),
        (true, false) => Err(Error::Cipher(cipher::Error::NoKey)),
    }
}

/// The list in a file. Messages of which some bytes were sent twice are assembled.
pub(super) fn from_sml<'a>(file: &sml::File<'a>, assembler: &mut Assembler) -> Result<'a> {
    if let Some(messages) = file.messages() {
        let list = sml::List::parse(messages).map_err(message::Error::Sml)?;
        return Ok(Unpacked::Message(Message::Sml(list), messages));
    }
    let mut first = true;
    for piece in file.pieces() {
        assembler.push(Order::Unnumbered { first }, false, piece)?;
        first = false;
    }
    assembler.push(Order::Unnumbered { first }, true, &[])?;
    Ok(Unpacked::Assembled(0..assembler.message().len(), None))
}

/// A response whose bytes are sent in another form.
pub(super) fn from_response<'a>(
    bytes: impl Iterator<Item = u8>,
    polled: Protocol,
    assembler: &mut Assembler,
) -> Result<'a> {
    assembler.load_decoded(bytes)?;
    Ok(Unpacked::Assembled(0..assembler.message().len(), Some(polled)))
}

/// Adds a part to its message, which is decrypted when it is complete.
pub(super) fn add_part<'a>(
    order: Order,
    last: bool,
    part: &[u8],
    assembler: &mut Assembler,
    cipher: &mut Cipher,
) -> Result<'a> {
    match assembler.push(order, last, part)? {
        true => decrypt_assembled(Carrier::Frame, assembler, cipher),
        false => Ok(Unpacked::Part),
    }
}

/// Decrypts a message that came in one part.
pub(crate) fn decrypt<'a>(
    message: &[u8],
    carrier: Carrier,
    assembler: &mut Assembler,
    cipher: &mut Cipher,
) -> Result<'a> {
    assembler.load(message)?;
    decrypt_assembled(carrier, assembler, cipher)
}

/// Decrypts the message in the assembler if it is encrypted.
fn decrypt_assembled<'a>(carrier: Carrier, assembler: &mut Assembler, cipher: &mut Cipher) -> Result<'a> {
    let message = assembler.message_mut();
    let range = match message.first() {
        Some(&first) if cipher::is_encrypted(first) => cipher.open(message, carrier)?,
        _ => 0..message.len(),
    };
    Ok(Unpacked::Assembled(range, None))
}

impl From<segment::Error> for Error {
    fn from(error: segment::Error) -> Self {
        Error::Segment(error)
    }
}

impl From<message::Error> for Error {
    fn from(error: message::Error) -> Self {
        Error::Message(error)
    }
}

impl From<cipher::Error> for Error {
    fn from(error: cipher::Error) -> Self {
        Error::Cipher(error)
    }
}
