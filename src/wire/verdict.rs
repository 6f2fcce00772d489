//! What a protocol may conclude from bytes that may be its frame.

use core::fmt;

/// The longest frame that is pushed: a P1 telegram with a message of 2048 digits, an SML file. Readouts may be longer.
pub const LONGEST: usize = 8192;

/// Why bytes that begin like a frame are not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The length is too small for the frame's fields, or larger than any frame.
    Length,
    /// An address does not end, or does not have 1, 2 or 4 bytes.
    Address,
    /// The header check sequence is wrong.
    HeaderCheck,
    /// The frame check sequence is wrong.
    FrameCheck,
    /// No closing byte where the frame ends by its length.
    Flag,
    /// The next frame, or the end of the data, came before the end of this one.
    Cut,
    /// A character's parity bit is wrong.
    Parity,
}

impl Error {
    /// The value of the label `reason` of `han_frame_errors_total`, and the text in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::Length => "length",
            Error::Address => "address",
            Error::HeaderCheck => "header_check",
            Error::FrameCheck => "frame_check",
            Error::Flag => "flag",
            Error::Cut => "cut",
            Error::Parity => "parity",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Length => "the length cannot be right",
            Error::Address => "the addresses do not end",
            Error::HeaderCheck => "the header is damaged: its check is wrong",
            Error::FrameCheck => "the frame is damaged: its check is wrong",
            Error::Flag => "bytes are missing or too many: the frame does not end where its length says",
            Error::Cut => "the frame is cut off",
            Error::Parity => "a character is damaged: its parity is wrong",
        })
    }
}

/// Whether more bytes may follow those held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// More may follow at any moment.
    Open,
    /// None for now: the serial line has fallen silent.
    Silent,
    /// None at all.
    Ended,
}

/// What a protocol concludes from the bytes that begin with one of its start bytes. `L` tells where the parts of its
/// frame are.
pub(super) enum Verdict<L> {
    /// A valid frame.
    Frame(L),
    /// A damaged frame that claimed this many bytes.
    Failure { error: Error, claimed: usize },
    /// No frame, and nothing to report.
    Noise,
    /// Undecided until this many bytes are held.
    More { enough: usize },
    /// This many bytes with valid parity bits: to be judged again without them.
    Parity { length: usize },
}

impl<L> Verdict<L> {
    /// The verdict on a candidate whose first bytes do not prove anything yet; `enough` of them may.
    pub(super) const fn unproven(enough: usize, stream: Stream) -> Self {
        match stream {
            Stream::Ended => Verdict::Noise,
            Stream::Open | Stream::Silent => Verdict::More { enough },
        }
    }

    /// The verdict on a candidate of which the end is not there: of `longest` bytes at most, if it is a frame.
    pub(super) const fn without_end(held: usize, longest: usize, stream: Stream) -> Self {
        match stream {
            _ if held >= longest => Verdict::Failure { error: Error::Length, claimed: longest },
            Stream::Ended => Verdict::Failure { error: Error::Cut, claimed: held },
            Stream::Open | Stream::Silent => Verdict::More { enough: held + 1 },
        }
    }

    /// The layout of a frame that fills all `length` bytes; `total` returns the length of a layout.
    pub(super) fn of_all(self, length: usize, total: impl Fn(&L) -> usize) -> Result<L, Error> {
        match self {
            Verdict::Frame(layout) if total(&layout) == length => Ok(layout),
            Verdict::Failure { error, .. } => Err(error),
            _ => Err(Error::Length),
        }
    }

    /// Wraps the layout of a frame.
    pub(super) fn map<M>(self, wrap: impl FnOnce(L) -> M) -> Verdict<M> {
        match self {
            Verdict::Frame(layout) => Verdict::Frame(wrap(layout)),
            Verdict::Failure { error, claimed } => Verdict::Failure { error, claimed },
            Verdict::Noise => Verdict::Noise,
            Verdict::More { enough } => Verdict::More { enough },
            Verdict::Parity { length } => Verdict::Parity { length },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_reason() {
        use Error::{Address, Cut, Flag, FrameCheck, HeaderCheck, Length, Parity};
        let reasons = [Length, Address, HeaderCheck, FrameCheck, Flag, Cut, Parity].map(Error::reason);
        assert_eq!(reasons, ["length", "address", "header_check", "frame_check", "flag", "cut", "parity"]);
    }
}
