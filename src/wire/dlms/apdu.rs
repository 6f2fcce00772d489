//! What a frame carries: the LLC header, then one application message (Green Book 9.3, 9.5).

use core::fmt;

use super::value::{self, Value};
use crate::wire::clock::DateTime;
use crate::wire::cursor::{Reader, Truncated, Writer};

/// From the meter to the reader (Green Book 8.3.2); in front of every message, once.
pub const LLC: [u8; 3] = [0xE6, 0xE7, 0x00];

const DATA_NOTIFICATION: u8 = 0x0F;
pub(super) const GENERAL_GLO_CIPHERING: u8 = 0xDB;
pub(super) const GENERAL_DED_CIPHERING: u8 = 0xDC;
pub(super) const GENERAL_CIPHERING: u8 = 0xDD;
const GENERAL_BLOCK_TRANSFER: u8 = 0xE0;

/// A message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Apdu<'a> {
    /// A list of values, pushed.
    Notification(Notification<'a>),
    /// An encrypted message.
    Ciphered(Ciphered<'a>),
    /// A part of a longer message.
    Block(Block<'a>),
}

/// data-notification.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Notification<'a> {
    /// long-invoke-id-and-priority.
    pub invoke_id: u32,
    /// When the meter made the list.
    pub stamp: Stamp,
    /// The list.
    pub body: Value<'a>,
    /// Bytes after the body: an authentication tag that was left when it was decrypted, or padding.
    pub trailing: &'a [u8],
}

/// The date-time in front of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// `00`: not sent (Aidon, Landis+Gyr E350, Kaifa SE with OBIS codes).
    Absent,
    /// `0C` and twelve bytes, as the standard says.
    Plain(DateTime),
    /// `09 0C` and twelve bytes: a tag that does not belong here. Kaifa KFM_001 always; Kamstrup before revision U1.
    Tagged(DateTime),
}

impl Stamp {
    /// The date-time, however it was written.
    pub const fn date_time(&self) -> Option<DateTime> {
        match *self {
            Stamp::Absent => None,
            Stamp::Plain(date_time) | Stamp::Tagged(date_time) => Some(date_time),
        }
    }
}

/// What can be read of an encrypted message without its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ciphered<'a> {
    /// 0xDB general-glo-, 0xDC general-ded-, 0xDD general-ciphering.
    pub tag: u8,
    /// Who encrypted it: three letters of the manufacturer, then a number.
    pub system_title: &'a [u8],
    /// All that follows the system title.
    pub content: &'a [u8],
}

/// One block of general block transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    /// 0x80 last block, 0x40 streaming, the rest the window.
    pub control: u8,
    /// Counts from 1.
    pub number: u16,
    /// The block of the other side that this one acknowledges.
    pub acknowledged: u16,
    /// Its part of the message.
    pub content: &'a [u8],
}

/// Why bytes are not a message we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The frame carries nothing.
    Empty,
    /// No LLC header of a meter in front.
    ForeignLlc,
    /// A service that meters do not push.
    Service(u8),
    /// The date-time is neither absent nor of twelve bytes.
    Stamp,
    /// It ends too early.
    Truncated,
    /// A value in the body.
    Value(value::Error),
}

impl Error {
    /// The value of the label `reason` of `han_frame_errors_total`, and the text in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::Empty => "empty",
            Error::ForeignLlc => "foreign_llc",
            Error::Service(_) => "service",
            Error::Stamp => "date_time",
            Error::Truncated | Error::Value(value::Error::Truncated) => "truncated",
            Error::Value(value::Error::Tag(_)) => "data_tag",
            Error::Value(value::Error::Depth) => "depth",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Empty => f.write_str("the frame carries no message"),
            Error::ForeignLlc => f.write_str("the message does not begin with the LLC header of a meter"),
            Error::Service(service) => write!(f, "meters do not push messages of service 0x{service:02x}"),
            Error::Stamp => f.write_str("the date-time is neither absent nor of twelve bytes"),
            Error::Truncated => f.write_str("the message ends too early"),
            Error::Value(error) => error.fmt(f),
        }
    }
}

impl From<Truncated> for Error {
    fn from(_: Truncated) -> Self {
        Error::Truncated
    }
}

impl From<value::Error> for Error {
    fn from(error: value::Error) -> Self {
        Error::Value(error)
    }
}

impl<'a> Apdu<'a> {
    /// Reads a frame's information: LLC header and message.
    pub fn parse_llc(information: &'a [u8]) -> Result<Self, Error> {
        let message = match information.strip_prefix(&LLC) {
            Some(message) => message,
            None if information.is_empty() => return Err(Error::Empty),
            // Only the first block of a transfer carries the header (Landis+Gyr E450, E570).
            None if information.first() == Some(&GENERAL_BLOCK_TRANSFER) => information,
            None => return Err(Error::ForeignLlc),
        };
        Apdu::parse(message)
    }

    /// Reads a message without LLC header.
    pub fn parse(message: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(message);
        match reader.u8().map_err(|_| Error::Empty)? {
            DATA_NOTIFICATION => Notification::read(&mut reader).map(Apdu::Notification),
            GENERAL_BLOCK_TRANSFER => Block::read(&mut reader).map(Apdu::Block),
            tag @ (GENERAL_GLO_CIPHERING | GENERAL_DED_CIPHERING | GENERAL_CIPHERING) => {
                Ciphered::read(tag, &mut reader).map(Apdu::Ciphered)
            }
            service => Err(Error::Service(service)),
        }
    }

    /// Writes the message, without LLC header.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        match self {
            Apdu::Notification(notification) => notification.emit(writer),
            Apdu::Ciphered(ciphered) => ciphered.emit(writer),
            Apdu::Block(block) => block.emit(writer),
        }
    }
}

impl<'a> Notification<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let invoke_id = reader.u32()?;
        let stamp = Stamp::read(reader)?;
        let body = Value::read(reader)?;
        Ok(Notification { invoke_id, stamp, body, trailing: reader.rest() })
    }

    fn emit(&self, writer: &mut Writer<'_>) {
        writer.u8(DATA_NOTIFICATION);
        writer.u32(self.invoke_id);
        self.stamp.emit(writer);
        self.body.emit(writer);
        writer.bytes(self.trailing);
    }
}

impl Stamp {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        match reader.u8()? {
            0x00 => Ok(Stamp::Absent),
            0x0C => Ok(Stamp::Plain(DateTime(reader.array()?))),
            0x09 if reader.u8()? == 0x0C => Ok(Stamp::Tagged(DateTime(reader.array()?))),
            _ => Err(Error::Stamp),
        }
    }

    fn emit(&self, writer: &mut Writer<'_>) {
        match self {
            Stamp::Absent => writer.u8(0x00),
            Stamp::Plain(DateTime(bytes)) => {
                writer.u8(0x0C);
                writer.bytes(bytes);
            }
            Stamp::Tagged(DateTime(bytes)) => {
                writer.bytes(&[0x09, 0x0C]);
                writer.bytes(bytes);
            }
        }
    }
}

impl<'a> Ciphered<'a> {
    fn read(tag: u8, reader: &mut Reader<'a>) -> Result<Self, Error> {
        let system_title = reader.counted()?;
        Ok(Ciphered { tag, system_title, content: reader.rest() })
    }

    fn emit(&self, writer: &mut Writer<'_>) {
        writer.u8(self.tag);
        writer.counted(self.system_title);
        writer.bytes(self.content);
    }
}

impl<'a> Block<'a> {
    /// Whether the message ends with it.
    pub const fn is_last(&self) -> bool {
        self.control & 0x80 != 0
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let control = reader.u8()?;
        let number = reader.u16()?;
        let acknowledged = reader.u16()?;
        Ok(Block { control, number, acknowledged, content: reader.counted()? })
    }

    fn emit(&self, writer: &mut Writer<'_>) {
        writer.u8(GENERAL_BLOCK_TRANSFER);
        writer.u8(self.control);
        writer.u16(self.number);
        writer.u16(self.acknowledged);
        writer.counted(self.content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: [u8; 12] = [7, 0xE8, 10, 1, 2, 19, 0, 10, 0xFF, 0x80, 0, 0];

    #[track_caller]
    fn round_trip(message: &[u8]) -> Apdu<'_> {
        let apdu = Apdu::parse(message).unwrap();
        let mut buffer = [0; 128];
        let mut writer = Writer::new(&mut buffer);
        apdu.emit(&mut writer);
        assert_eq!(writer.written(), message);
        apdu
    }

    fn stamp_of(message: &[u8]) -> Stamp {
        match round_trip(message) {
            Apdu::Notification(notification) => notification.stamp,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_three_forms_of_the_date_time() {
        let head = [0x0F, 0x40, 0, 0, 0];
        let body = [17, 5];
        assert_eq!(stamp_of(&[&head[..], &[0], &body].concat()), Stamp::Absent);
        assert_eq!(stamp_of(&[&head[..], &[0x0C], &CLOCK, &body].concat()), Stamp::Plain(DateTime(CLOCK)));
        assert_eq!(
            stamp_of(&[&head[..], &[0x09, 0x0C], &CLOCK, &body].concat()),
            Stamp::Tagged(DateTime(CLOCK))
        );
        for wrong in [&[0x0B][..], &[0x09, 0x0B], &[0x19]] {
            assert_eq!(Apdu::parse(&[&head[..], wrong, &CLOCK, &body].concat()), Err(Error::Stamp));
        }
        assert_eq!(Stamp::Absent.date_time(), None);
        assert_eq!(Stamp::Plain(DateTime(CLOCK)).date_time(), Some(DateTime(CLOCK)));
    }

    #[test]
    fn a_notification_may_have_bytes_behind_it() {
        let message = [0x0F, 0x40, 0, 0, 7, 0, 17, 5, 0xAA, 0xBB];
        let Apdu::Notification(notification) = round_trip(&message) else { panic!() };
        assert_eq!((notification.invoke_id, notification.body), (0x4000_0007, Value::U8(5)));
        assert_eq!(notification.trailing, [0xAA, 0xBB]);
        for end in 1..8 {
            let error = Apdu::parse(&message[..end]).unwrap_err();
            assert_eq!(error.reason(), "truncated", "cut after {end} bytes");
        }
    }

    #[test]
    fn ciphered_messages_and_blocks_are_told_apart() {
        let ciphered = [0xDB, 3, b'K', b'A', b'M', 0x1E, 0x30, 0, 0, 0, 1];
        let Apdu::Ciphered(ciphered) = round_trip(&ciphered) else { panic!() };
        assert_eq!((ciphered.system_title, ciphered.content), (&b"KAM"[..], &[0x1E, 0x30, 0, 0, 0, 1][..]));
        for tag in [0xDC, 0xDD] {
            assert!(
                matches!(round_trip(&[tag, 0, 1]), Apdu::Ciphered(Ciphered { tag: found, .. }) if found == tag)
            );
        }
        let Apdu::Block(block) = round_trip(&[0xE0, 0xC1, 0, 2, 0, 1, 2, 8, 9]) else { panic!() };
        assert_eq!(block, Block { control: 0xC1, number: 2, acknowledged: 1, content: &[8, 9] });
        assert_eq!(Apdu::parse(&[0xE0, 0xC1, 0, 2, 0, 1, 3, 8, 9]), Err(Error::Truncated));
    }

    #[test]
    fn the_header_of_a_meter_is_asked_for() {
        assert!(Apdu::parse_llc(&[0xE6, 0xE7, 0, 0x0F, 0, 0, 0, 0, 0, 0]).is_ok());
        assert_eq!(Apdu::parse_llc(&[0xE6, 0xE6, 0, 0x0F, 0, 0, 0, 0, 0, 0]), Err(Error::ForeignLlc));
        assert_eq!(Apdu::parse_llc(&[0x0F, 0, 0, 0, 0, 0, 0]), Err(Error::ForeignLlc));
        assert_eq!(Apdu::parse_llc(&[]), Err(Error::Empty));
        assert_eq!(Apdu::parse_llc(&LLC), Err(Error::Empty));
        assert!(
            Apdu::parse_llc(&[0xE0, 0x81, 0, 2, 0, 0, 0]).is_ok(),
            "a block after the first has no header"
        );
        assert_eq!(Apdu::parse(&[0xC4, 0]), Err(Error::Service(0xC4)));
    }

    #[test]
    fn a_wrong_value_is_named() {
        let reason =
            |body: &[u8]| Apdu::parse(&[&[0x0F, 0, 0, 0, 0, 0], body].concat()).unwrap_err().reason();
        assert_eq!(reason(&[60]), "data_tag");
        assert_eq!(reason(&[2, 1].repeat(9)), "depth");
        assert_eq!(reason(&[2, 1]), "truncated");
    }
}
