//! What a engine sends.

use crate::wire::cursor::Writer;
use crate::wire::{iec21, kmp, kmp382};

/// A question to a meter. There is none that changes anything in it: the requests of each protocol are those that read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    Kmp382(kmp382::Request),
    Kmp(kmp::Request<'static>),
    Iec(iec21::Request),
}

/// A question as it is sent. It is made of a request and of nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct EncodedRequest {
    bytes: [u8; Self::ROOM],
    length: u8,
}

impl EncodedRequest {
    /// Eight registers, each byte stuffed, and a sign-on with an address of full length have less.
    const ROOM: usize = 64;

    /// Nothing.
    pub(super) const NONE: Self = EncodedRequest { bytes: [0; Self::ROOM], length: 0 };

    pub(super) fn of(request: &Request) -> Self {
        let mut bytes = [0; Self::ROOM];
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
