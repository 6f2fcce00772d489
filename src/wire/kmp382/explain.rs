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
    let mut lines = Lines { page, reader: Reader::new(bytes), data: Reader::new(response.data) };
    lines.take(1, "response; two digits a byte");
    lines.take(4, &format!("address fe, command 0x{:02x}", response.command));
    let message = Message::Kmp382(response);
    let cells = match meanings.layout(&message) {
        Layout::Block(cells) => cells,
        _ => Vec::new(),
    };
    let mut at = 0;
    for (cell, value) in cells.iter().zip(&meanings.values(&message)) {
        lines.take_data(cell.at.saturating_sub(at), UNKNOWN);
        lines.take_data(cell.width, &meaning(value, meanings));
        at = cell.at + cell.width;
    }
    lines.take_data(usize::MAX, UNKNOWN);
    lines.take(2, "LRC: ok");
    lines.take(1, "end");
}

/// Takes digits off the front and explains them.
struct Lines<'p, 'a> {
    page: &'p mut Page,
    reader: Reader<'a>,
    /// The bytes that the digits spell.
    data: Reader<'a>,
}

impl Lines<'_, '_> {
    fn take(&mut self, count: usize, meaning: &str) {
        let taken = self.reader.take(count.min(self.reader.rest().len())).unwrap_or_default();
        if !taken.is_empty() {
            self.page.field(taken, meaning);
        }
    }

    /// Takes the digits of so many bytes of data, as far as there are, and shows the bytes.
    fn take_data(&mut self, count: usize, meaning: &str) {
        let bytes = self.data.take(count.min(self.data.rest().len())).unwrap_or_default();
        if !bytes.is_empty() {
            self.take(2 * bytes.len(), &format!("{}  {meaning}", hex::digits(bytes)));
        }
    }
}
