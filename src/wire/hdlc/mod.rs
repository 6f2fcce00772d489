//! HDLC frame format type 3 (Green Book 8.4): one frame, in and out.
//!
//! ```text
//! 7E  format(2)  destination(1,2,4)  source(1,2,4)  control(1)  HCS(2)  information  FCS(2)  7E
//!     1010 S LLL LLLLLLLL: S = more segments follow, L = bytes between the flags
//! ```

#[cfg(feature = "explain")]
pub(super) mod explain;

use super::check::Check;
use super::cursor::{Reader, Writer};
use super::description::Description;
use super::dlms::apdu::Apdu;
use super::serial::{Parity, SerialSettings};
pub use super::verdict::Error;
use super::verdict::Verdict;

/// The protocol as a whole.
pub(super) const DESCRIPTION: Description = Description {
    name: "hdlc",
    title: "HDLC frame",
    settings: &[
        SerialSettings::HAN,
        SerialSettings::MBUS,
        SerialSettings::FAST,
        SerialSettings::OPTICAL,
        SerialSettings::new(38_400, 8, Parity::None),
    ],
    polling: None,
};

/// Opens and closes every frame. There is no byte stuffing: frames may contain it too (Green Book 8.4.1.1).
pub const FLAG: u8 = 0x7E;

/// The largest number of bytes between two flags that the eleven bits of the format field can say.
pub const MAX_LENGTH: usize = 2047;

/// Format, two addresses of one byte, control and FCS.
const MIN_LENGTH: usize = 7;
const CHECK_LENGTH: usize = 2;

/// A frame whose check sequences are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Whether the information goes on in the next frame.
    pub segmented: bool,
    /// Who the frame is for; comes first on the wire, also in the direction from the meter.
    pub destination: &'a [u8],
    /// Who sent it.
    pub source: &'a [u8],
    /// The kind of frame; Kaifa's 0x10 is an I-frame's, all others send a UI frame's. Never a reason to refuse.
    pub control: u8,
    /// What it carries; empty if there is no information field.
    pub information: &'a [u8],
}

/// Where a frame's fields are after its opening flag, once the header check sequence is right.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    length: u16,
    segmented: bool,
    destination: u8,
    source: u8,
    /// Bytes from the format field to the header check sequence, both included.
    header: u8,
}

impl Layout {
    /// Reads the bytes after a flag. `Ok(None)`: they may be a header, but more are needed to decide.
    fn read(behind_flag: &[u8]) -> Result<Option<Self>, Error> {
        let mut reader = Reader::new(behind_flag);
        let Ok(format) = reader.u16() else { return Ok(None) };
        let length = format & 0x07FF;
        if usize::from(length) < MIN_LENGTH {
            return Err(Error::Length);
        }
        let Some(destination) = address(&mut reader)? else { return Ok(None) };
        let Some(source) = address(&mut reader)? else { return Ok(None) };
        let Ok(_control) = reader.u8() else { return Ok(None) };
        let bare = 2 + destination + source + 1;
        let segmented = format & 0x0800 != 0;
        let layout = Layout {
            length,
            segmented,
            destination: destination as u8,
            source: source as u8,
            header: bare as u8,
        };
        match usize::from(length).checked_sub(bare + CHECK_LENGTH) {
            // Without information there is no header check either (Green Book 8.4.1.6).
            Some(0) => Ok(Some(layout)),
            Some(rest) if rest > CHECK_LENGTH => {
                let Ok(received) = reader.array() else { return Ok(None) };
                if !Check::over(behind_flag.get(..bare).unwrap_or_default()).holds(received) {
                    return Err(Error::HeaderCheck);
                }
                Ok(Some(Layout { header: (bare + CHECK_LENGTH) as u8, ..layout }))
            }
            _ => Err(Error::Length),
        }
    }

    /// Bytes on the wire, both flags included.
    pub(super) const fn total(&self) -> usize {
        self.length as usize + 2
    }

    /// Judges the rest of the frame.
    fn verify(&self, behind_flag: &[u8]) -> Result<(), Error> {
        match behind_flag.get(usize::from(self.length)) {
            Some(&FLAG) => {}
            Some(_) => return Err(Error::Flag),
            None => return Err(Error::Cut),
        }
        let frame = behind_flag.get(..usize::from(self.length)).unwrap_or_default();
        let (checked, received) = frame.split_last_chunk().ok_or(Error::Length)?;
        if Check::over(checked).holds(*received) { Ok(()) } else { Err(Error::FrameCheck) }
    }

    /// The fields themselves, of bytes that were verified.
    pub(super) fn frame<'a>(&self, behind_flag: &'a [u8]) -> Frame<'a> {
        let part = |from: usize, to: usize| behind_flag.get(from..to).unwrap_or_default();
        let source = 2 + usize::from(self.destination);
        let control = source + usize::from(self.source);
        Frame {
            segmented: self.segmented,
            destination: part(2, source),
            source: part(source, control),
            control: part(control, control + 1).first().copied().unwrap_or_default(),
            information: part(self.header.into(), usize::from(self.length) - CHECK_LENGTH),
        }
    }
}

/// Judges the bytes from a flag on.
pub(super) fn judge(held: &[u8]) -> Verdict<Layout> {
    let behind_flag = held.get(1..).unwrap_or_default();
    match behind_flag.first() {
        None => return Verdict::More { enough: 2 },
        Some(&format) if is_type_3(format) => {}
        Some(_) => return Verdict::Noise,
    }
    match Layout::read(behind_flag) {
        Err(error) => Verdict::Failure { error, claimed: 1 },
        Ok(None) => Verdict::More { enough: held.len() + 1 },
        Ok(Some(layout)) if held.len() < layout.total() => Verdict::More { enough: layout.total() },
        Ok(Some(layout)) => match layout.verify(behind_flag) {
            Ok(()) => Verdict::Frame(layout),
            Err(error) => Verdict::Failure { error, claimed: layout.total() },
        },
    }
}

/// The last byte of an address has its lowest bit set; one, two and four bytes are allowed (Green Book 8.4.2.2).
#[inline]
fn address(reader: &mut Reader<'_>) -> Result<Option<usize>, Error> {
    let length = match *reader.rest() {
        [one, ..] if ends(one) => 1,
        [_, two, ..] if ends(two) => 2,
        [_, _, three, ..] if ends(three) => return Err(Error::Address),
        [_, _, _, four, ..] if ends(four) => 4,
        [_, _, _, _, ..] => return Err(Error::Address),
        _ => return Ok(None),
    };
    Ok(reader.take(length).ok().map(<[u8]>::len))
}

const fn ends(byte: u8) -> bool {
    byte & 1 == 1
}

/// Whether the byte after a flag announces format type 3. Anything else is noise, not a damaged frame.
fn is_type_3(format: u8) -> bool {
    format & 0xF0 == 0xA0
}

impl<'a> Frame<'a> {
    /// Reads one whole frame, flags included.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let Some((&FLAG, behind_flag)) = bytes.split_first() else { return Err(Error::Flag) };
        match behind_flag.first() {
            Some(&format) if is_type_3(format) => {}
            _ => return Err(Error::Length),
        }
        let layout = Layout::read(behind_flag)?.ok_or(Error::Cut)?;
        layout.verify(behind_flag)?;
        Ok(layout.frame(behind_flag))
    }

    /// Its part of a message. After an LLC header that is the content of a block without the block's own header.
    pub fn part(&self) -> &'a [u8] {
        match Apdu::parse_llc(self.information) {
            Ok(Apdu::Block(block)) => block.content,
            _ => self.information,
        }
    }

    /// Bytes between the flags.
    pub fn length(&self) -> usize {
        let header_check = if self.information.is_empty() { 0 } else { CHECK_LENGTH };
        let header = 2 + self.destination.len() + self.source.len() + 1 + header_check;
        header + self.information.len() + CHECK_LENGTH
    }

    /// Writes the frame, both flags included.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        let segmented = if self.segmented { 0x0800 } else { 0 };
        let length = u16::try_from(self.length()).unwrap_or(u16::MAX) & 0x07FF;
        let [high, low] = (0xA000 | segmented | length).to_be_bytes();
        let parts = [&[high, low][..], self.destination, self.source, &[self.control][..]];
        let mut check = Check::over(&[]);
        writer.u8(FLAG);
        for part in parts {
            check = check.and(part);
            writer.bytes(part);
        }
        if !self.information.is_empty() {
            let header_check = check.clone().sequence();
            writer.bytes(&header_check);
            writer.bytes(self.information);
            check = check.and(&header_check).and(self.information);
        }
        writer.bytes(&check.sequence());
        writer.u8(FLAG);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(frame: Frame<'_>) -> Vec<u8> {
        let mut buffer = [0; MAX_LENGTH + 2];
        let mut writer = Writer::new(&mut buffer);
        frame.emit(&mut writer);
        let bytes = writer.written().to_vec();
        assert_eq!(writer.finish(), Ok(frame.length() + 2));
        assert_eq!(Frame::parse(&bytes), Ok(frame));
        bytes
    }

    const PLAIN: Frame<'static> = Frame {
        segmented: false,
        destination: &[0x01],
        source: &[0x02, 0x01],
        control: 0x10,
        information: &[],
    };

    #[test]
    fn the_shortest_frame_has_no_header_check() {
        assert_eq!(round_trip(PLAIN), [0x7E, 0xA0, 0x08, 0x01, 0x02, 0x01, 0x10, 0x37, 0x8D, 0x7E]);
    }

    #[test]
    fn seven_bytes_between_the_flags_are_enough() {
        let smallest = Frame { source: &[0x21], ..PLAIN };
        assert_eq!(smallest.length(), MIN_LENGTH);
        round_trip(smallest);
    }

    #[test]
    fn every_form_round_trips() {
        let information = [0x7E; MAX_LENGTH - 10];
        for destination in [&[0x01][..], &[0xCE, 0xFF], &[0x02, 0x04, 0x06, 0x09]] {
            for segmented in [false, true] {
                for information in [&[][..], &[0x42], &information[..information.len() - destination.len()]] {
                    let bytes = round_trip(Frame { segmented, destination, information, ..PLAIN });
                    assert_eq!(bytes[1] & 0xF8, if segmented { 0xA8 } else { 0xA0 });
                }
            }
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let good = round_trip(Frame { information: &[1, 2, 3], ..PLAIN });
        let broken = |index: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[index] = byte;
            Frame::parse(&bytes).unwrap_err()
        };
        assert_eq!(broken(0, 0x7F), Error::Flag);
        assert_eq!(broken(1, 0xB0), Error::Length, "not format type 3");
        assert_eq!(broken(2, 6), Error::Length);
        assert_eq!(broken(6, 0x11), Error::HeaderCheck);
        assert_eq!(broken(10, 0x11), Error::FrameCheck);
        assert_eq!(broken(good.len() - 1, 0x7D), Error::Flag);
        for end in 2..good.len() {
            assert_eq!(Frame::parse(&good[..end]), Err(Error::Cut), "cut after {end} bytes");
        }
    }

    #[test]
    fn an_address_ends_and_has_one_two_or_four_bytes() {
        let read = |bytes: &[u8]| Layout::read(bytes).map(|layout| layout.is_some());
        assert_eq!(read(&[0xA0, 0x10, 0x02, 0x02, 0x01]), Err(Error::Address), "three bytes");
        assert_eq!(read(&[0xA0, 0x10, 0x02, 0x02, 0x02, 0x02]), Err(Error::Address), "no end after four");
        assert_eq!(read(&[0xA0, 0x10, 0x02, 0x02, 0x02]), Ok(false), "may still end");
    }

    #[test]
    fn a_length_that_leaves_no_information_behind_a_header_check_is_refused() {
        // Header of six bytes and FCS: a length of 9 would leave one byte between them, 10 a check of nothing.
        assert!(matches!(Layout::read(&[0xA0, 0x0A, 0x01, 0x02, 0x01, 0x10, 0, 0]), Err(Error::Length)));
        assert!(matches!(Layout::read(&[0xA0, 0x09, 0x01, 0x02, 0x01, 0x10, 0, 0]), Err(Error::Length)));
        assert!(matches!(Layout::read(&[0xA0, 0x07, 0x01, 0x02, 0x01, 0x10, 0, 0]), Err(Error::Length)));
    }
}
