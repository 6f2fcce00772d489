//! What is sent to polled meters.

use crate::wire::cursor::Writer;
use crate::wire::message::Message;
use crate::wire::{iec21, kmp, kmp382};

/// A request to a meter. None of them changes anything in the meter: `wire` has requests that read, and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    Kmp382(kmp382::Request),
    Kmp(kmp::Request<'static>),
    Iec(iec21::Request),
}

/// A request as it is sent. It is made from a [`Request`] and from nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct EncodedRequest {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

impl EncodedRequest {
    /// More than eight registers with each byte stuffed, or a sign-on with an address of full length.
    const LONGEST: usize = 64;

    pub(super) const EMPTY: Self = EncodedRequest { bytes: [0; Self::LONGEST], length: 0 };

    pub(super) fn new(request: &Request) -> Self {
        let mut bytes = [0; Self::LONGEST];
        let mut writer = Writer::new(&mut bytes);
        match request {
            Request::Kmp382(request) => request.emit(&mut writer),
            Request::Kmp(request) => request.emit(&mut writer),
            Request::Iec(request) => request.emit(&mut writer),
        }
        let length = writer.finish().unwrap_or_default() as u8;
        EncodedRequest { bytes, length }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length.into()).unwrap_or_default()
    }
}

/// The command of the request, which a response repeats, and whether the meter has none of what was requested. `None`
/// for a message that repeats no command.
pub(super) fn answered(message: &Message<'_>) -> Option<(u8, bool)> {
    match message {
        Message::Kmp382(response) => Some((response.command, response.data.is_empty())),
        Message::Kmp(response) => {
            let is_empty = matches!(response, kmp::Response::Registers(values) if values.is_empty());
            Some((response.command(), is_empty))
        }
        _ => None,
    }
}
