//! What brings a message from a simulated meter to its reader: frames, segments, blocks, a cipher around it.

use super::dlms::written;
use crate::wire::deframer::LONGEST;
use crate::wire::dlms::apdu::{Apdu, Block, LLC};
use crate::wire::dlms::cipher::{Envelope, Key, Keys};
use crate::wire::{hdlc, mbus};

/// How a meter's messages are framed, and whether they are ciphered before.
pub struct Framing {
    /// The frames.
    pub frames: Frames,
    /// Who ciphers, and its security control.
    pub cipher: Option<([u8; 8], u8)>,
}

/// The frames around a message.
pub enum Frames {
    /// HDLC, and how a message is cut that is too long for one of them.
    Hdlc(Header, Split),
    /// Long frames of M-Bus, each with so many bytes of the message.
    Mbus(usize),
    /// None.
    Bare,
}

/// What stands in front of every frame of HDLC.
pub struct Header {
    /// Who the frame is for.
    pub destination: &'static [u8],
    /// Who sends it.
    pub source: &'static [u8],
    /// The control byte.
    pub control: u8,
}

/// How a message too long for one frame is cut.
#[derive(Clone, Copy)]
pub enum Split {
    /// It never is.
    Never,
    /// Into segments.
    Segments(usize),
    /// Into blocks of general block transfer.
    Blocks(usize),
}

/// The encryption and the authentication key of every simulated meter that ciphers: no secret, unlike those of real
/// ones.
pub const KEYS: [u128; 2] =
    [0x0001_0203_0405_0607_0809_0A0B_0C0D_0E0F, 0xD0D1_D2D3_D4D5_D6D7_D8D9_DADB_DCDD_DEDF];

/// The same, ready for use.
pub fn keys() -> Keys {
    let [encryption, authentication] = KEYS.map(|key| Some(Key::new(key.to_be_bytes())));
    Keys { encryption, authentication }
}

impl Framing {
    /// The bytes on the line. `counter` rises with every message.
    pub fn carry(&self, message: &[u8], counter: u32) -> Vec<u8> {
        let mut buffer = vec![0; LONGEST];
        let message = match self.cipher {
            Some((title, control)) => {
                let envelope = Envelope { title, control, counter };
                envelope.seal(&keys(), message, &mut buffer).expect("both keys, and room for any message")
            }
            None => message,
        };
        match &self.frames {
            Frames::Hdlc(header, split) => header.carry(message, *split),
            Frames::Mbus(size) => in_mbus(message, *size),
            Frames::Bare => message.to_vec(),
        }
    }
}

impl Header {
    fn carry(&self, message: &[u8], split: Split) -> Vec<u8> {
        let with_header = [&LLC[..], message].concat();
        match split {
            Split::Segments(size) if with_header.len() > size => {
                let last = with_header.len().div_ceil(size) - 1;
                let segments = with_header.chunks(size).enumerate();
                segments.flat_map(|(index, part)| self.frame(index < last, part)).collect()
            }
            Split::Blocks(size) if message.len() > size => self.blocks(message, size),
            _ => self.frame(false, &with_header),
        }
    }

    /// The LLC header stands in front of the first block alone.
    fn blocks(&self, message: &[u8], size: usize) -> Vec<u8> {
        let count = message.len().div_ceil(size);
        let block = |(number, content): (usize, &[u8])| {
            let control = if number == count { 0x80 } else { 0x40 };
            let block = Apdu::Block(Block { control, number: number as u16, acknowledged: 0, content });
            let header = if number == 1 { &LLC[..] } else { &[] };
            self.frame(false, &[header, &written(|writer| block.emit(writer))].concat())
        };
        (1..).zip(message.chunks(size)).flat_map(block).collect()
    }

    fn frame(&self, segmented: bool, information: &[u8]) -> Vec<u8> {
        let Header { destination, source, control } = *self;
        let frame = hdlc::Frame { segmented, destination, source, control, information };
        written(|writer| frame.emit(writer))
    }
}

fn in_mbus(message: &[u8], size: usize) -> Vec<u8> {
    let last = message.len().div_ceil(size).saturating_sub(1);
    let parts = message.chunks(size).enumerate();
    parts
        .flat_map(|(index, data)| {
            let (number, last) = (index as u8, index == last);
            let frame = mbus::Frame {
                control: 0x53,
                address: 0xFF,
                number,
                last,
                source: 0x01,
                destination: 0x67,
                data,
            };
            written(|writer| frame.emit(writer))
        })
        .collect()
}
