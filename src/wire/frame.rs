//! What stands on a line: frames of every transport, told apart by their first bytes.
//!
//! A transport's own file knows its format. It judges bytes from a candidate on; [`Deframer`](super::deframer::Deframer)
//! finds the candidates and keeps what is not decided yet.

use super::cursor::Writer;
use super::protocol::Protocol;
pub use super::verdict::Error;
pub(crate) use super::verdict::Stream;
use super::verdict::Verdict;
use super::{dlms::cipher, hdlc, kmp, kmp382, mbus, sml, telegram};

/// A frame whose check sequences held, or which has none and is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// HDLC.
    Hdlc(hdlc::Frame<'a>),
    /// A long frame of wired M-Bus.
    Mbus(mbus::Frame<'a>),
    /// A ciphered message without any frame, as encrypted P1 ports send it.
    Ciphered(&'a [u8]),
    /// An ASCII telegram: P1, H1, or a readout of IEC 62056-21.
    Telegram(telegram::Telegram<'a>),
    /// An SML file.
    Sml(sml::File<'a>),
    /// An answer of a Kamstrup 685-382.
    Kmp382(kmp382::Frame<'a>),
    /// An answer in Kamstrup's binary protocol.
    Kmp(kmp::Frame<'a>),
}

/// Where a frame ends, and what its transport found out while judging it.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    Hdlc(hdlc::Layout),
    Mbus(mbus::Layout),
    Ciphered(usize),
    Telegram(telegram::Layout),
    Sml(sml::Layout),
    Kmp382(kmp382::Layout),
    Kmp(kmp::Layout),
}

/// Bytes that no frame is known to begin with are skipped without a closer look.
///
/// Answers begin with bytes that are ordinary ones elsewhere: only who has asked looks for them, and for nothing else.
pub(super) const fn may_begin(byte: u8, asked: Option<Protocol>) -> bool {
    match asked {
        None => matches!(
            byte,
            hdlc::FLAG | mbus::START | cipher::START | telegram::START | telegram::START_EVEN | sml::START
        ),
        Some(Protocol::Kmp382) => byte == kmp382::START,
        Some(Protocol::Kmp) => byte == kmp::START,
        Some(_) => matches!(byte, telegram::START | telegram::START_EVEN),
    }
}

/// Judges the bytes held, `seen` of which were searched for an end before. When nothing comes any more, a transport
/// other than HDLC says itself whether the candidate was cut or never was one.
pub(super) fn judge(
    held: &[u8],
    seen: &mut usize,
    stream: Stream,
    asked: Option<Protocol>,
) -> Verdict<Layout> {
    if let Some(asked) = asked {
        return judge_answer(held, seen, stream, asked);
    }
    match held.first() {
        Some(&hdlc::FLAG) => hdlc::judge(held).map(Layout::Hdlc),
        Some(&mbus::START) => mbus::judge(held, stream).map(Layout::Mbus),
        Some(&cipher::START) => cipher::judge(held, stream).map(Layout::Ciphered),
        Some(&(telegram::START | telegram::START_EVEN)) => {
            telegram::judge(held, seen, stream).map(Layout::Telegram)
        }
        Some(&sml::START) => sml::judge(held, seen, stream).map(Layout::Sml),
        _ => Verdict::Noise,
    }
}

fn judge_answer(held: &[u8], seen: &mut usize, stream: Stream, asked: Protocol) -> Verdict<Layout> {
    match asked {
        Protocol::Kmp382 => kmp382::judge(held, stream).map(Layout::Kmp382),
        Protocol::Kmp => kmp::judge(held, seen, stream).map(Layout::Kmp),
        _ => match held.first() {
            Some(&(telegram::START | telegram::START_EVEN)) => {
                telegram::judge(held, seen, stream).map(Layout::Telegram)
            }
            _ => Verdict::Noise,
        },
    }
}

/// What a capture must have been asked for, by its first bytes. On a line they would prove nothing.
pub fn asked_for(capture: &[u8]) -> Option<Protocol> {
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
            Layout::Mbus(layout) => layout.total(),
            Layout::Ciphered(total) => *total,
            Layout::Telegram(layout) => layout.total(),
            Layout::Sml(layout) => layout.total(),
            Layout::Kmp382(layout) => layout.total(),
            Layout::Kmp(layout) => layout.total(),
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
            Layout::Mbus(layout) => Frame::Mbus(layout.frame(bytes)),
            Layout::Ciphered(_) => Frame::Ciphered(bytes),
            Layout::Telegram(layout) => Frame::Telegram(layout.telegram(bytes)),
            Layout::Sml(layout) => Frame::Sml(layout.file(bytes)),
            Layout::Kmp382(layout) => Frame::Kmp382(layout.frame(bytes)),
            Layout::Kmp(layout) => Frame::Kmp(layout.frame(bytes)),
        }
    }
}

/// The name of the transport whose frame bytes begin like, whatever is wrong with them.
pub fn protocol_of(bytes: &[u8]) -> &'static str {
    match bytes.first() {
        Some(&mbus::START) => "mbus",
        Some(&cipher::START) => "p1",
        Some(&(telegram::START | telegram::START_EVEN)) => telegram::protocol_of(bytes),
        Some(&sml::START) => "sml",
        _ => "hdlc",
    }
}

impl<'a> Frame<'a> {
    /// The transport's name.
    pub const fn protocol(&self) -> &'static str {
        match self {
            Frame::Hdlc(_) => "hdlc",
            Frame::Mbus(_) => "mbus",
            Frame::Telegram(telegram) if telegram.is_readout() => "iec",
            Frame::Ciphered(_) | Frame::Telegram(_) => "p1",
            Frame::Sml(_) => "sml",
            Frame::Kmp382(_) => Protocol::Kmp382.name(),
            Frame::Kmp(_) => Protocol::Kmp.name(),
        }
    }

    /// Writes the frame as it stands on the line.
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

    /// The frame of HDLC, if it is one.
    pub const fn hdlc(self) -> Option<hdlc::Frame<'a>> {
        match self {
            Frame::Hdlc(frame) => Some(frame),
            _ => None,
        }
    }
}
