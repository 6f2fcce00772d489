//! A response of a Kamstrup 685-382, value by value.

use alloc::format;
use alloc::vec::Vec;

use super::{Frame, Response};
use crate::hex;
use crate::wire::cursor::Reader;
use crate::wire::kmp::explain::{UNKNOWN, meaning};
use crate::wire::meaning::{Layout, Meanings};
use crate::wire::message::Message;
use crate::wire::page::Page;

/// Explains a response, or what is damaged of one.
pub(in crate::wire) fn explain(page: &mut Page, bytes: &[u8], meanings: &dyn Meanings) {
    let content: Vec<u8> = match Frame::parse(bytes) {
        Ok(frame) => frame.bytes().collect(),
        Err(_) => return page.field(bytes, "damaged"),
    };
    let Ok(response) = Response::parse(&content) else { return page.field(bytes, "no response") };
    let mut reader = Reader::new(bytes);
    page.take(&mut reader, 1, |_| "response; two digits a byte".into());
    page.take(&mut reader, 4, |_| format!("address fe, command 0x{:02x}", response.command));
    let message = Message::Kmp382(response);
    let cells = match meanings.layout(&message) {
        Layout::Block(cells) => cells,
        _ => Vec::new(),
    };
    let mut data = Reader::new(response.data);
    // Takes the digits of so many bytes of data, as far as there are, and shows the bytes.
    let mut take_data = |count: usize, meaning: &str| {
        let bytes = data.take(count.min(data.rest().len())).unwrap_or_default();
        if !bytes.is_empty() {
            page.take(&mut reader, 2 * bytes.len(), |_| format!("{}  {meaning}", hex::digits(bytes)));
        }
    };
    let mut at = 0;
    for (cell, value) in cells.iter().zip(&meanings.values(&message)) {
        take_data(cell.at.saturating_sub(at), UNKNOWN);
        take_data(cell.width, &meaning(value, meanings));
        at = cell.at + cell.width;
    }
    take_data(usize::MAX, UNKNOWN);
    page.take(&mut reader, 2, |_| "LRC: ok".into());
    page.take(&mut reader, 1, |_| "end".into());
}
