//! An M-Bus frame field by field, as far as it goes.

use alloc::format;
use alloc::string::String;

use super::{Frame, HEADER, STOP, sum};
use crate::wire::cursor::Reader;
use crate::wire::dlms::explain;
use crate::wire::page::{Page, checked};
use crate::wire::subject::Subject;

/// Explains what begins at a start byte, and the message it completes.
pub(in crate::wire) fn explain(page: &mut Page, subject: &Subject<'_>) {
    let bytes = subject.bytes();
    // If it is valid, it decides which of two lengths is meant.
    let frame = Frame::parse(bytes).ok();
    let mut reader = Reader::new(bytes);
    // What is cut off is explained as far as it goes.
    let _complete = head(page, &mut reader, frame.as_ref()).and_then(|length| {
        let data = reader.take(length - HEADER).unwrap_or(reader.rest());
        match frame.is_some() && subject.segments == 1 && !subject.is_part {
            true => explain::message(page, data, subject.meanings),
            false => page.field(data, "part of a message"),
        }
        reader = Reader::new(bytes.get(bytes.len().min(4 + HEADER + data.len())..).unwrap_or_default());
        end(page, &mut reader, bytes, length)
    });
    if subject.segments > 1 {
        explain::assembled(page, subject, "M-Bus frame");
    }
}

/// The fields in front of the message; the length, if it has room for them.
fn head(page: &mut Page, reader: &mut Reader<'_>, frame: Option<&Frame<'_>>) -> Option<usize> {
    page.take(reader, 1, |_| "start".into())?;
    let &[length, again] = reader.take(2).ok()? else { return None };
    let sent = usize::from(length);
    let length = frame.map_or(sent, |frame| HEADER + frame.data.len());
    let meaning = match length == sent {
        true => format!("length {length}, twice"),
        false => format!("length {length}, twice, modulo 256"),
    };
    page.field(&[length as u8, again], &meaning);
    page.take(reader, 1, |_| "start".into())?;
    page.array(reader, |[control, address]| format!("control 0x{control:02x}, address 0x{address:02x}"))?;
    page.array(reader, segment)?;
    page.array(reader, |[source, destination]| format!("from 0x{source:02x}, to 0x{destination:02x}"))?;
    (length >= HEADER).then_some(length)
}

/// Bit 4 is set in the last one, the lowest four count.
fn segment([byte]: [u8; 1]) -> String {
    let more = if byte & 0x10 != 0 { "the last" } else { "more follow" };
    format!("frame {} of the message, {more}", byte & 0x0F)
}

fn end(page: &mut Page, reader: &mut Reader<'_>, bytes: &[u8], length: usize) -> Option<()> {
    let counted = bytes.get(4..4 + length)?;
    page.take(reader, 1, |received| checked("checksum", received, &[sum(counted)]))?;
    page.array(reader, |[byte]| match byte {
        STOP => "stop".into(),
        _ => format!("0x{byte:02x}, no stop where the length says that the frame ends"),
    })
    .map(drop)
}
