//! Frames of every protocol, recognised by their first bytes. All that is decided by protocol is decided here.
//!
//! The folder of a protocol knows its format. It judges bytes from a start byte on; the
//! [`Deframer`](super::deframer::Deframer) finds the start bytes and keeps what is undecided.

#[cfg(feature = "explain")]
use alloc::vec::Vec;

use super::cursor::Writer;
use super::dlms::cipher::{self, Cipher};
use super::dlms::segment::{Assembler, Order};
use super::protocol::Protocol;
use super::unpack::{self, Unpacked};
pub use super::verdict::Error;
pub(crate) use super::verdict::Stream;
use super::verdict::Verdict;
#[cfg(feature = "explain")]
use super::{dlms, encode::encode, meaning::Meanings, page::Page, subject::Subject};
use super::{hdlc, kmp, kmp382, mbus, sml, telegram};

/// A frame whose check sequences are right, or which has none and is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// HDLC.
    Hdlc(hdlc::Frame<'a>),
    /// A long frame of wired M-Bus.
    Mbus(mbus::Frame<'a>),
    /// An encrypted message without any frame, as encrypted P1 ports send it.
    Ciphered(&'a [u8]),
    /// An ASCII telegram: P1, H1, or a readout of IEC 62056-21.
    Telegram(telegram::Telegram<'a>),
    /// An SML file.
    Sml(sml::File<'a>),
    /// A response of a Kamstrup 685-382.
    Kmp382(kmp382::Frame<'a>),
    /// A response in Kamstrup's binary protocol.
    Kmp(kmp::Frame<'a>),
}

/// What the checks of a frame prove of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// All of it.
    Everything,
    /// All but the first line of a readout, with manufacturer and model, which its block check does not cover.
    Data,
    /// Nothing: any bit of it may be wrong.
    Nothing,
}

/// Where a frame ends, and what its protocol found out while judging it.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    Hdlc(hdlc::Layout),
    Mbus(usize),
    Ciphered(usize),
    Telegram(telegram::Layout),
    Sml(usize),
    Kmp382(usize),
    Kmp(usize),
}

/// The formats that are judged.
#[derive(Clone, Copy)]
enum Format {
    Hdlc,
    Mbus,
    Ciphered,
    Telegram,
    Sml,
    Kmp382,
    Kmp,
}

impl Format {
    /// The format whose frames begin with this byte.
    ///
    /// Responses begin with bytes that are ordinary in pushed frames: only the poller looks for them, and for nothing
    /// else.
    const fn of(start: u8, polled: Option<Protocol>) -> Option<Self> {
        Some(match (start, polled) {
            (hdlc::FLAG, None) => Format::Hdlc,
            (mbus::START, None) => Format::Mbus,
            (cipher::START, None) => Format::Ciphered,
            (telegram::START | telegram::START_EVEN, None | Some(Protocol::Iec)) => Format::Telegram,
            (sml::START, None) => Format::Sml,
            (kmp382::START, Some(Protocol::Kmp382)) => Format::Kmp382,
            (kmp::START, Some(Protocol::Kmp)) => Format::Kmp,
            _ => return None,
        })
    }
}

/// Whether frames may begin with a byte. Others are skipped.
pub(super) const fn may_begin(byte: u8, polled: Option<Protocol>) -> bool {
    Format::of(byte, polled).is_some()
}

/// Judges the bytes held, `seen` of which were searched for an end before. When the stream has ended, each protocol but
/// HDLC decides itself whether the frame was cut or never was one.
pub(super) fn judge(
    held: &[u8],
    seen: &mut usize,
    stream: Stream,
    polled: Option<Protocol>,
) -> Verdict<Layout> {
    let Some(format) = held.first().and_then(|start| Format::of(*start, polled)) else {
        return Verdict::Noise;
    };
    match format {
        Format::Hdlc => hdlc::judge(held).map(Layout::Hdlc),
        Format::Mbus => mbus::judge(held, stream).map(Layout::Mbus),
        Format::Ciphered => cipher::judge(held, stream).map(Layout::Ciphered),
        Format::Telegram => telegram::judge(held, seen, stream).map(Layout::Telegram),
        Format::Sml => sml::judge(held, seen, stream).map(Layout::Sml),
        Format::Kmp382 => kmp382::judge(held, stream).map(Layout::Kmp382),
        Format::Kmp => kmp::judge(held, seen, stream).map(Layout::Kmp),
    }
}

/// The protocol of a polled meter from whose responses a capture comes, by its first bytes. On a serial line they would
/// prove nothing.
pub fn polled_protocol(capture: &[u8]) -> Option<Protocol> {
    match () {
        () if kmp382::begins(capture) => Some(Protocol::Kmp382),
        () if kmp::begins(capture) => Some(Protocol::Kmp),
        () => None,
    }
}

impl Layout {
    /// The same, of bytes whose parity bits were taken off.
    pub(super) const fn with_parity(self) -> Self {
        match self {
            Layout::Telegram(layout) => Layout::Telegram(layout.with_parity()),
            other => other,
        }
    }

    /// Bytes on the wire.
    pub(super) const fn total(&self) -> usize {
        match self {
            Layout::Hdlc(layout) => layout.total(),
            Layout::Telegram(layout) => layout.total(),
            Layout::Mbus(total)
            | Layout::Ciphered(total)
            | Layout::Sml(total)
            | Layout::Kmp382(total)
            | Layout::Kmp(total) => *total,
        }
    }

    /// Bytes of it that belong to it alone: HDLC's closing flag may open the next frame (Green Book 8.4.1.2).
    pub(super) const fn own(&self) -> usize {
        match self {
            Layout::Hdlc(layout) => layout.total() - 1,
            other => other.total(),
        }
    }

    /// The frame in the bytes that were judged.
    pub(super) fn frame<'a>(&self, bytes: &'a [u8]) -> Frame<'a> {
        match self {
            Layout::Hdlc(layout) => Frame::Hdlc(layout.frame(bytes.get(1..).unwrap_or_default())),
            Layout::Mbus(_) => Frame::Mbus(mbus::Frame::of(bytes)),
            Layout::Ciphered(_) => Frame::Ciphered(bytes),
            Layout::Telegram(layout) => Frame::Telegram(layout.telegram(bytes)),
            Layout::Sml(_) => Frame::Sml(sml::File::of(bytes)),
            Layout::Kmp382(_) => Frame::Kmp382(kmp382::Frame::of(bytes)),
            Layout::Kmp(_) => Frame::Kmp(kmp::Frame::of(bytes)),
        }
    }
}

/// The protocol whose pushed frames begin like these bytes, whatever is wrong with them.
pub fn protocol_of(bytes: &[u8]) -> Protocol {
    match bytes.first().and_then(|start| Format::of(*start, None)) {
        Some(Format::Mbus) => Protocol::Mbus,
        Some(Format::Ciphered) => Protocol::P1,
        Some(Format::Telegram) if telegram::begins_readout(bytes) => Protocol::Iec,
        Some(Format::Telegram) => Protocol::P1,
        Some(Format::Sml) => Protocol::Sml,
        _ => Protocol::Hdlc,
    }
}

impl<'a> Frame<'a> {
    /// The frame that these bytes are, from the first to the last.
    pub fn parse(bytes: &'a [u8], polled: Option<Protocol>) -> Option<Self> {
        let verdict = judge(bytes, &mut 0, Stream::Ended, polled);
        Some(verdict.of_all(bytes.len(), Layout::total).ok()?.frame(bytes))
    }

    /// Its protocol.
    pub const fn protocol(&self) -> Protocol {
        match self {
            Frame::Hdlc(_) => Protocol::Hdlc,
            Frame::Mbus(_) => Protocol::Mbus,
            Frame::Telegram(telegram) if telegram.is_readout() => Protocol::Iec,
            Frame::Ciphered(_) | Frame::Telegram(_) => Protocol::P1,
            Frame::Sml(_) => Protocol::Sml,
            Frame::Kmp382(_) => Protocol::Kmp382,
            Frame::Kmp(_) => Protocol::Kmp,
        }
    }

    /// What its checks prove.
    pub const fn proof(&self) -> Proof {
        match self {
            Frame::Telegram(telegram) => match telegram.check() {
                telegram::Check::Crc => Proof::Everything,
                telegram::Check::Xor | telegram::Check::Sum => Proof::Data,
                telegram::Check::None => Proof::Nothing,
            },
            _ => Proof::Everything,
        }
    }

    /// Finds the message that it carries or completes.
    pub(crate) fn unpack(
        self,
        assembler: &mut Assembler,
        cipher: &mut Cipher,
    ) -> Result<Unpacked<'a>, unpack::Error> {
        match self {
            Frame::Hdlc(frame) => unpack::from_hdlc(&frame, assembler, cipher),
            Frame::Mbus(frame) => unpack::add_part(
                Order::Numbered(frame.number.into()),
                frame.last,
                frame.data,
                assembler,
                cipher,
            ),
            Frame::Ciphered(message) => unpack::decrypted_before(message, cipher),
            Frame::Telegram(telegram) => unpack::from_telegram(telegram, cipher),
            Frame::Sml(file) => unpack::from_sml(&file, assembler),
            Frame::Kmp382(frame) => unpack::from_response(frame.bytes(), Protocol::Kmp382, assembler),
            Frame::Kmp(frame) => unpack::from_response(frame.bytes(), Protocol::Kmp, assembler),
        }
    }

    /// Its part of a message, as it was sent; empty if that is not found in the frame as it is.
    pub fn part(&self) -> &'a [u8] {
        match *self {
            Frame::Hdlc(frame) => frame.part(),
            Frame::Mbus(frame) => frame.data,
            Frame::Ciphered(bytes) => bytes,
            Frame::Telegram(telegram) => telegram.bytes(),
            Frame::Sml(file) => file.bytes(),
            Frame::Kmp382(_) | Frame::Kmp(_) => &[],
        }
    }

    /// Writes the frame as it was sent.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        match self {
            Frame::Hdlc(frame) => frame.emit(writer),
            Frame::Mbus(frame) => frame.emit(writer),
            Frame::Ciphered(bytes) => writer.bytes(bytes),
            Frame::Telegram(telegram) => telegram.emit(writer),
            Frame::Sml(file) => writer.bytes(file.bytes()),
            Frame::Kmp382(frame) => frame.emit(writer),
            Frame::Kmp(frame) => frame.emit(writer),
        }
    }
}

/// Explains what begins a subject's bytes, as far as it goes: a frame, or a damaged one of this protocol.
#[cfg(feature = "explain")]
pub(crate) fn explain(page: &mut Page, frame: Option<&Frame<'_>>, protocol: Protocol, subject: &Subject<'_>) {
    let (bytes, meanings) = (subject.bytes(), subject.meanings);
    match frame.map_or(protocol, Frame::protocol) {
        Protocol::Hdlc => hdlc::explain::explain(page, subject),
        Protocol::Mbus => mbus::explain::explain(page, subject),
        Protocol::P1 | Protocol::Iec => match (frame, bytes.first()) {
            (Some(Frame::Telegram(telegram)), _) => telegram::explain::explain(page, telegram, meanings),
            (_, Some(&cipher::START)) => dlms::explain::message(page, bytes, meanings),
            _ => telegram::explain::explain_damaged(page, bytes, meanings),
        },
        Protocol::Sml => sml::explain::explain(page, subject),
        Protocol::Kmp382 => kmp382::explain::explain(page, bytes, meanings),
        Protocol::Kmp => kmp::explain::explain(page, bytes, meanings),
    }
}

/// What of a frame may be shared.
#[cfg(feature = "explain")]
pub(crate) enum Redacted {
    /// The bytes of a frame without what identifies the meter.
    Frame(Vec<u8>),
    /// The message is to be redacted when all its parts are there.
    Part,
    /// Nothing: it is not understood well enough.
    Nothing,
}

/// Redacts a frame; `message` is what it contains, decoded.
#[cfg(feature = "explain")]
pub(crate) fn redact(frame: &Frame<'_>, message: &[u8], meanings: &dyn Meanings) -> Redacted {
    let masked = match frame {
        Frame::Hdlc(_) | Frame::Mbus(_) | Frame::Ciphered(_) => return Redacted::Part,
        Frame::Telegram(telegram) => Some(telegram::redact::masked(telegram, meanings)),
        Frame::Sml(file) => sml::redact::masked(message, file.padding(), meanings),
        Frame::Kmp382(_) => kmp382::redact::masked(message, meanings),
        Frame::Kmp(_) => kmp::redact::masked(message, meanings),
    };
    masked.map_or(Redacted::Nothing, Redacted::Frame)
}

/// The bytes of a frame whose part of a message is replaced by another one of the same length.
#[cfg(feature = "explain")]
pub(crate) fn with_part(frame: &Frame<'_>, part: &[u8]) -> Vec<u8> {
    encode(|writer| match *frame {
        Frame::Hdlc(frame) => {
            let head = frame.information.strip_suffix(frame.part()).unwrap_or_default();
            hdlc::Frame { information: &[head, part].concat(), ..frame }.emit(writer);
        }
        Frame::Mbus(frame) => mbus::Frame { data: part, ..frame }.emit(writer),
        _ => writer.bytes(part),
    })
}
