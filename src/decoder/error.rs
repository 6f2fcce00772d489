//! Why a frame yielded no reading.

use core::fmt;

use crate::wire::{dlms::cipher, dlms::segment, frame, message, unpack};

/// Why a frame yielded no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The frame is not valid.
    Frame(frame::Error),
    /// A part of a message came without those before it.
    SegmentLost,
    /// The parts are longer than any message.
    TooLong,
    /// The message cannot be parsed.
    Message(message::Error),
    /// The message was not decrypted.
    Cipher(cipher::Error),
    /// The message is no known list and does not describe itself.
    UnknownList,
}

impl Error {
    /// All reasons in alphabetical order, for counters that start at 0.
    pub const REASONS: [&'static str; 26] = [
        "address",
        "authentication_key",
        "ciphering",
        "counts_anew",
        "cut",
        "data_tag",
        "date_time",
        "depth",
        "empty",
        "encrypted",
        "flag",
        "foreign_llc",
        "frame_check",
        "header_check",
        "key",
        "length",
        "no_authentication_key",
        "parity",
        "replay",
        "segment_lost",
        "service",
        "tag",
        "too_long",
        "trailing",
        "truncated",
        "unknown_list",
    ];

    /// The label in `han_frame_errors_total` and the text in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::Frame(error) => error.reason(),
            Error::SegmentLost => "segment_lost",
            Error::TooLong => "too_long",
            Error::Message(error) => error.reason(),
            Error::Cipher(error) => error.reason(),
            Error::UnknownList => "unknown_list",
        }
    }
}

impl From<unpack::Error> for Error {
    fn from(error: unpack::Error) -> Self {
        match error {
            unpack::Error::Segment(segment::Error::Lost) => Error::SegmentLost,
            unpack::Error::Segment(segment::Error::TooLong) => Error::TooLong,
            unpack::Error::Message(error) => Error::Message(error),
            unpack::Error::Cipher(error) => Error::Cipher(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Frame(error) => error.fmt(f),
            Error::SegmentLost => f.write_str("a part of the message before this one is missing"),
            Error::TooLong => f.write_str("the parts are longer than any message"),
            Error::Message(error) => error.fmt(f),
            Error::Cipher(error) => error.fmt(f),
            Error::UnknownList => {
                f.write_str("the list is unknown and does not itself say what its values are")
            }
        }
    }
}
