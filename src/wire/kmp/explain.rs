//! An answer in Kamstrup's binary protocol, value by value.

use alloc::format;
use alloc::vec::Vec;

use super::{Answer, Frame, STUFF};
use crate::wire::answer::{UNKNOWN, meaning};
use crate::wire::cursor::Reader;
use crate::wire::meaning::Meanings;
use crate::wire::message::Message;
use crate::wire::page::Page;

/// Explains an answer, or what is damaged of one.
pub(in crate::wire) fn explain(page: &mut Page, bytes: &[u8], meanings: &dyn Meanings) {
    let content: Vec<u8> = match Frame::parse(bytes) {
        Ok(frame) => frame.bytes().collect(),
        Err(_) => return page.field(bytes, "damaged"),
    };
    let mut lines = Lines { page, reader: Reader::new(bytes) };
    lines.take(1, "answer; 1b before a byte: its complement is meant");
    let [address, command, ..] = content.as_slice() else { return };
    lines.take_stuffed(2, &format!("address {address:02x}, command 0x{command:02x}"));
    match Answer::parse(&content) {
        Ok(Answer::Registers(values)) => {
            let meant = meanings.values(&Message::Kmp(Answer::Registers(values)));
            for (value, meant) in values.iter().zip(&meant) {
                lines.take_stuffed(
                    5,
                    &format!("register 0x{:04x}, unit 0x{:02x}, {} bytes", value.id, value.unit, value.width),
                );
                lines.take_stuffed(value.width.into(), &meaning(meant, meanings));
            }
        }
        Ok(Answer::Type { model, software: [letter, number] }) => {
            lines.take_stuffed(2, &format!("meter type  {model:04x}"));
            let letter = char::from(b'@'.saturating_add(letter));
            lines.take_stuffed(2, &format!("software  {letter}{number}"));
        }
        Ok(Answer::Serial(number)) => lines.take_stuffed(4, &format!("meter id  {number}")),
        Err(_) => lines.take_stuffed(content.len() - 2, UNKNOWN),
    }
    lines.take_stuffed(2, "check sequence: ok");
    lines.take(1, "end");
}

/// Takes bytes off the front and explains them.
struct Lines<'p, 'a> {
    page: &'p mut Page,
    reader: Reader<'a>,
}

impl Lines<'_, '_> {
    fn take(&mut self, count: usize, meaning: &str) {
        let taken = self.reader.take(count.min(self.reader.rest().len())).unwrap_or_default();
        if !taken.is_empty() {
            self.page.field(taken, meaning);
        }
    }

    /// Takes so many bytes together with what stuffs them.
    fn take_stuffed(&mut self, count: usize, meaning: &str) {
        let mut end = 0;
        for _ in 0..count {
            end += if self.reader.rest().get(end) == Some(&STUFF) { 2 } else { 1 };
        }
        self.take(end, meaning);
    }
}
