//! An HDLC frame field by field, as far as it goes.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use super::FLAG;
use crate::hex;
use crate::wire::check::Check;
use crate::wire::cursor::Reader;
use crate::wire::dlms::apdu::Apdu;
use crate::wire::dlms::explain;
use crate::wire::page::{Page, checked};
use crate::wire::subject::Subject;

/// Explains what begins at a flag, and the message it completes.
pub(in crate::wire) fn explain(page: &mut Page, subject: &Subject<'_>) {
    let Some(head) = Head::explain(page, subject.rest) else { return };
    let information = head.information();
    let is_block = matches!(Apdu::parse_llc(information), Ok(Apdu::Block(_)));
    match subject.segments {
        _ if information.is_empty() => {}
        _ if !subject.is_valid => {
            page.remark("what follows may be wrong: this is not a valid frame");
            explain::information(page, information, subject.meanings);
        }
        _ if is_block => explain::information(page, information, subject.meanings),
        1 if !subject.is_part => explain::information(page, information, subject.meanings),
        segment => page.field(information, &format!("segment {segment} of a message")),
    }
    head.explain_end(page);
    match is_block {
        true => explain::assembled(page, subject, "block"),
        false if subject.segments > 1 => explain::assembled(page, subject, "segment"),
        false => {}
    }
}

/// A frame whose header check is right, or that has none.
struct Head<'a> {
    /// Bytes between the flags, by the format field.
    length: usize,
    /// Bytes of header after the flag.
    header: usize,
    check: Check,
    /// All that is there from the flag on.
    bytes: &'a [u8],
}

/// An address without an end, or of a length that is not allowed.
struct NoAddress;

impl<'a> Head<'a> {
    /// Explains the header of what begins at a flag; `None` if it ends there.
    fn explain(page: &mut Page, bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        page.take(&mut reader, 1, |_| "flag".into())?;
        let format = page.take(&mut reader, 2, format)?;
        let length = usize::from(u16::from_be_bytes(format.try_into().ok()?) & 0x07FF);
        let (destination, source, control) = addresses(page, &mut reader)?;
        let bare = 2 + destination.len() + source.len() + 1;
        let check = Check::over(bytes.get(1..1 + bare)?);
        if length == bare + 2 {
            return Some(Head { length, header: bare, check, bytes });
        }
        if length < bare + 4 {
            page.remark(&format!("a length of {length} has no room for the checks: it is wrong"));
            return None;
        }
        debug_assert_eq!(control.len(), 1);
        let received = page
            .take(&mut reader, 2, |received| checked("header check", received, &check.clone().sequence()))?;
        let received = received.try_into().ok()?;
        check.clone().holds(received).then(|| Head {
            length,
            header: bare + 2,
            check: check.and(&received),
            bytes,
        })
    }

    /// What it carries, as far as it is there.
    fn information(&self) -> &'a [u8] {
        let behind_header = self.bytes.get(1 + self.header..).unwrap_or_default();
        let length = self.length.saturating_sub(self.header + 2);
        behind_header.get(..length).unwrap_or(behind_header)
    }

    /// Explains what follows the information.
    fn explain_end(self, page: &mut Page) {
        let information = self.information();
        let rest = self.bytes.get(1 + self.header + information.len()..).unwrap_or_default();
        let mut reader = Reader::new(rest);
        let check = self.check.and(information);
        if let (Ok(received), Ok(flag)) = (reader.take(2), reader.take(1)) {
            page.field(received, &checked("frame check", received, &check.sequence()));
            match *flag {
                [FLAG] => page.field(flag, "flag"),
                _ => page.field(flag, "no flag where the length says that the frame ends"),
            }
        } else {
            let message = format!("cut after {} of {} bytes", self.bytes.len(), self.length + 2);
            page.field(rest, &message);
        }
    }
}

fn format(bytes: &[u8]) -> String {
    let &[high, low] = bytes else { return String::new() };
    let segmented = if high & 0x08 != 0 { ", segmented" } else { "" };
    format!("format: type {}{segmented}, length {}", type_of(high), u16::from_be_bytes([high, low]) & 0x07FF)
}

/// The four highest bits are 1010 for type 3 (Green Book 8.4.1.3).
fn type_of(format: u8) -> String {
    match format >> 4 {
        0b1010 => "3".into(),
        other => format!("unknown ({other:04b})"),
    }
}

type Addresses<'a> = (&'a [u8], &'a [u8], &'a [u8]);

fn addresses<'a>(page: &mut Page, reader: &mut Reader<'a>) -> Option<Addresses<'a>> {
    let start = reader.rest();
    let parts = (|| Ok((address(reader)?, address(reader)?, reader.take(1).map_err(|_| NoAddress)?)))();
    match parts {
        Ok((destination, source, control)) => {
            let meaning = format!(
                "destination {}, source {}, control 0x{}",
                short(destination),
                short(source),
                hex::digits(control)
            );
            page.fields(&[destination, source, control], &meaning);
            Some((destination, source, control))
        }
        Err(NoAddress) => {
            let shown = start.get(..9).unwrap_or(start);
            page.field(shown, "addresses that do not end: each last byte is odd, after 1, 2 or 4");
            None
        }
    }
}

fn address<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], NoAddress> {
    let last = reader.rest().iter().take(4).position(|byte| byte & 1 == 1).ok_or(NoAddress)?;
    if last == 2 {
        return Err(NoAddress);
    }
    reader.take(last + 1).map_err(|_| NoAddress)
}

/// An address without the zero in front.
fn short(address: &[u8]) -> String {
    let digits = hex::digits(address);
    digits.strip_prefix('0').map(ToOwned::to_owned).unwrap_or(digits)
}
