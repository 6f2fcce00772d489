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

impl<'a> Head<'a> {
    /// Explains the header of what begins at a flag; `None` if it ends there.
    fn explain(page: &mut Page, bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        page.take(&mut reader, 1, |_| "flag".into())?;
        let [high, low] = page.array(&mut reader, format)?;
        let length = usize::from(u16::from_be_bytes([high, low]) & 0x07FF);
        let (destination, source) = addresses(page, &mut reader)?;
        let bare = 2 + destination.len() + source.len() + 1;
        let check = Check::over(bytes.get(1..1 + bare)?);
        if length == bare + 2 {
            return Some(Head { length, header: bare, check, bytes });
        }
        if length < bare + 4 {
            page.remark(&format!("a length of {length} has no room for the checks: it is wrong"));
            return None;
        }
        let received = page
            .array(&mut reader, |received| checked("header check", &received, &check.clone().sequence()))?;
        let holds = check.clone().holds(received);
        holds.then(|| Head { length, header: bare + 2, check: check.and(&received), bytes })
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

fn format([high, low]: [u8; 2]) -> String {
    let segmented = if high & 0x08 != 0 { ", segmented" } else { "" };
    // The four highest bits are 1010 for type 3 (Green Book 8.4.1.3).
    let kind = match high >> 4 {
        0b1010 => "3".into(),
        other => format!("unknown ({other:04b})"),
    };
    format!("format: type {kind}{segmented}, length {}", u16::from_be_bytes([high, low]) & 0x07FF)
}

/// Explains destination and source, and the control field after them.
fn addresses<'a>(page: &mut Page, reader: &mut Reader<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let start = reader.rest();
    let parts = (|| Some((address(reader)?, address(reader)?, reader.take(1).ok()?)))();
    let Some((destination, source, control)) = parts else {
        let shown = start.get(..9).unwrap_or(start);
        page.field(shown, "addresses that do not end: each last byte is odd, after 1, 2 or 4");
        return None;
    };
    let (to, from, kind) = (short(destination), short(source), hex::digits(control));
    page.fields(
        &[destination, source, control],
        &format!("destination {to}, source {from}, control 0x{kind}"),
    );
    Some((destination, source))
}

fn address<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let start = reader.rest();
    let Ok(Some(_)) = super::address(reader) else { return None };
    Some(reader.taken(start))
}

/// An address without the zero in front.
fn short(address: &[u8]) -> String {
    let digits = hex::digits(address);
    digits.strip_prefix('0').map(ToOwned::to_owned).unwrap_or(digits)
}
