//! How messages are packed for the line: frames, segments, blocks, and encryption before.

use crate::wire::deframer::LONGEST;
use crate::wire::dlms::apdu::{Apdu, Block, LLC};
use crate::wire::dlms::cipher::{Envelope, Key, Keys};
use crate::wire::encode::encode;
use crate::wire::{hdlc, mbus};

/// How a meter's messages are framed, and whether they are encrypted before.
pub struct Framing {
    frames: Frames,
    /// System title and security control of a meter that encrypts.
    cipher: Option<([u8; 8], u8)>,
}

/// The frames around a message.
#[derive(Clone, Copy)]
enum Frames {
    /// HDLC, and how a long message is split.
    Hdlc(Header, Split),
    /// Long frames of M-Bus, each with this many bytes of the message.
    Mbus(usize),
    None,
}

/// The beginning of every HDLC frame.
#[derive(Clone, Copy)]
pub struct Header {
    /// Destination address.
    pub destination: &'static [u8],
    /// Source address.
    pub source: &'static [u8],
    /// The control byte.
    pub control: u8,
}

/// How a message too long for one frame is split.
#[derive(Clone, Copy)]
pub enum Split {
    /// Not at all.
    Never,
    /// Into segments of this many bytes.
    Segments(usize),
    /// Into blocks of general block transfer, of this many bytes.
    Blocks(usize),
}

/// The encryption key and the authentication key of all simulated meters that encrypt. They are not secret.
pub const KEYS: [u128; 2] =
    [0x0001_0203_0405_0607_0809_0A0B_0C0D_0E0F, 0xD0D1_D2D3_D4D5_D6D7_D8D9_DADB_DCDD_DEDF];

/// The same keys, ready for use.
pub fn keys() -> Keys {
    let [encryption, authentication] = KEYS.map(|key| Some(Key::new(key.to_be_bytes())));
    Keys { encryption, authentication }
}

impl Framing {
    /// Messages without frames.
    pub const NONE: Self = Framing { frames: Frames::None, cipher: None };

    /// Messages in HDLC frames.
    pub const fn hdlc(destination: &'static [u8], source: &'static [u8], control: u8, split: Split) -> Self {
        Framing { frames: Frames::Hdlc(Header { destination, source, control }, split), cipher: None }
    }

    /// Messages in M-Bus frames.
    pub const fn mbus(bytes_per_frame: usize) -> Self {
        Framing { frames: Frames::Mbus(bytes_per_frame), cipher: None }
    }

    /// Encrypts messages before they are framed.
    pub const fn encrypted(self, system_title: [u8; 8], control: u8) -> Self {
        Framing { cipher: Some((system_title, control)), ..self }
    }

    /// Whether messages are encrypted.
    pub const fn is_encrypted(&self) -> bool {
        self.cipher.is_some()
    }

    /// The bytes on the line. `counter` rises with every message.
    pub fn frame(&self, message: &[u8], counter: u32) -> Vec<u8> {
        let mut buffer = vec![0; LONGEST];
        let message = match self.cipher {
            Some((title, control)) => {
                let envelope = Envelope { title, control, counter };
                envelope.seal(&keys(), message, &mut buffer).expect("both keys, and room for any message")
            }
            None => message,
        };
        match &self.frames {
            Frames::Hdlc(header, split) => header.frames(message, *split),
            Frames::Mbus(size) => mbus_frames(message, *size),
            Frames::None => message.to_vec(),
        }
    }
}

impl Header {
    fn frames(&self, message: &[u8], split: Split) -> Vec<u8> {
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

    /// Only the first block has an LLC header.
    fn blocks(&self, message: &[u8], size: usize) -> Vec<u8> {
        let count = message.len().div_ceil(size);
        let block = |(number, content): (usize, &[u8])| {
            let control = if number == count { 0x80 } else { 0x40 };
            let block = Apdu::Block(Block { control, number: number as u16, acknowledged: 0, content });
            let header = if number == 1 { &LLC[..] } else { &[] };
            self.frame(false, &[header, &encode(|writer| block.emit(writer))].concat())
        };
        (1..).zip(message.chunks(size)).flat_map(block).collect()
    }

    fn frame(&self, segmented: bool, information: &[u8]) -> Vec<u8> {
        let Header { destination, source, control } = *self;
        let frame = hdlc::Frame { segmented, destination, source, control, information };
        encode(|writer| frame.emit(writer))
    }
}

fn mbus_frames(message: &[u8], size: usize) -> Vec<u8> {
    let last = message.len().div_ceil(size).saturating_sub(1);
    let frame = |(index, data): (usize, &[u8])| {
        let (number, last) = (index as u8, index == last);
        let (control, address, source, destination) = (0x53, 0xFF, 0x01, 0x67);
        let frame = mbus::Frame { control, address, number, last, source, destination, data };
        encode(|writer| frame.emit(writer))
    };
    message.chunks(size).enumerate().flat_map(frame).collect()
}
