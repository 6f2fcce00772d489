//! Answers of meters that are asked, value by value.

use super::page::Page;
use super::words;
use crate::hex;
use crate::meter::{BlockField, BlockForm, Datum, Item, List, Shape};
use crate::wire::kmp::{self, Answer};
use crate::wire::kmp382;
use crate::wire::message::Message;
use crate::wire::obis::Obis;

/// Explains an answer of a Kamstrup 685-382, or what is damaged of one.
pub(super) fn explain_kmp382(page: &mut Page, bytes: &[u8]) {
    let spelled: Vec<u8> = match kmp382::Frame::parse(bytes) {
        Ok(frame) => frame.bytes().collect(),
        Err(_) => return page.field(bytes, "damaged"),
    };
    let Ok(answer) = kmp382::Answer::parse(&spelled) else { return page.field(bytes, "no answer") };
    let mut lines = Lines { page, rest: bytes };
    lines.take(1, "answer; two digits a byte");
    lines.take(4, &format!("address fe, command 0x{:02x}", answer.command));
    let message = Message::Kmp382(answer);
    let list = List::of(&message);
    let cells = match list.map(|list| &list.shape) {
        Some(&Shape::FixedBlock { fields, .. }) => fields,
        _ => &[],
    };
    let items: Vec<Item<'_>> = list.map(|list| list.items(&message).collect()).unwrap_or_default();
    let mut at = 0;
    for (cell, item) in cells.iter().zip(&items) {
        lines.take_bytes(cell.at - at, &answer, at, UNKNOWN);
        let width = width(cell);
        lines.take_bytes(width, &answer, cell.at, &meaning(item));
        at = cell.at + width;
    }
    lines.take_bytes(answer.data.len() - at, &answer, at, UNKNOWN);
    lines.take(2, "LRC: ok");
    lines.take(1, "end");
}

const UNKNOWN: &str = "meaning not known";

/// Explains an answer in Kamstrup's binary protocol, or what is damaged of one.
pub(super) fn explain_kmp(page: &mut Page, bytes: &[u8]) {
    let spelled: Vec<u8> = match kmp::Frame::parse(bytes) {
        Ok(frame) => frame.bytes().collect(),
        Err(_) => return page.field(bytes, "damaged"),
    };
    let mut lines = Lines { page, rest: bytes };
    lines.take(1, "answer; 1b before a byte: its complement is meant");
    let [address, command, ..] = spelled[..] else { return };
    lines.take_stuffed(2, &format!("address {address:02x}, command 0x{command:02x}"));
    match Answer::parse(&spelled) {
        Ok(Answer::Registers(values)) => {
            let message = Message::Kmp(Answer::Registers(values));
            let items = List::of(&message).into_iter().flat_map(|list| list.items(&message));
            for (value, item) in values.iter().zip(items) {
                lines.take_stuffed(
                    5,
                    &format!("register 0x{:04x}, unit 0x{:02x}, {} bytes", value.id, value.unit, value.width),
                );
                lines.take_stuffed(value.width.into(), &meaning(&item));
            }
        }
        Ok(Answer::Type { model, software: [letter, number] }) => {
            lines.take_stuffed(2, &format!("meter type  {model:04x}"));
            let letter = char::from(b'@'.saturating_add(letter));
            lines.take_stuffed(2, &format!("software  {letter}{number}"));
        }
        Ok(Answer::Serial(number)) => lines.take_stuffed(4, &format!("meter id  {number}")),
        Err(_) => lines.take_stuffed(spelled.len() - 2, UNKNOWN),
    }
    lines.take_stuffed(2, "check sequence: ok");
    lines.take(1, "end");
}

/// Takes bytes off the front and explains them.
struct Lines<'p, 'a> {
    page: &'p mut Page,
    rest: &'a [u8],
}

impl Lines<'_, '_> {
    fn take(&mut self, count: usize, meaning: &str) {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        if !taken.is_empty() {
            self.page.field(taken, meaning);
        }
    }

    /// Takes bytes that are spelled by two digits each, and shows what they spell.
    fn take_bytes(&mut self, count: usize, answer: &kmp382::Answer<'_>, at: usize, meaning: &str) {
        let spelled = answer.data.get(at..at + count).unwrap_or_default();
        if count > 0 {
            self.take(2 * count, &format!("{}  {meaning}", hex::digits(spelled)));
        }
    }

    /// Takes so many bytes together with what stuffs them.
    fn take_stuffed(&mut self, count: usize, meaning: &str) {
        let mut end = 0;
        for _ in 0..count {
            end += if self.rest.get(end) == Some(&kmp::STUFF) { 2 } else { 1 };
        }
        self.take(end, meaning);
    }
}

const fn width(cell: &BlockField) -> usize {
    match cell.form {
        BlockForm::Text(length) => length,
        _ => 4,
    }
}

/// What an item says, and of what.
fn meaning(item: &Item<'_>) -> String {
    let name = match (item.register, item.obis) {
        (Some(register), _) => words::of_register(register),
        (None, Obis([1, 0, 0, 0, 0, _])) => "customer number".into(),
        (None, Obis([0, 0, 96, 1, 1, _])) => "production number".into(),
        (None, obis) => words::name(obis),
    };
    let value = match item.datum {
        Datum::Number(number) => {
            item.unit.map_or_else(|| number.to_string(), |unit| words::number(number, unit))
        }
        Datum::Text(text) => format!("\"{}\"", text.escape_ascii()),
        Datum::Name(name) => name.to_string(),
        Datum::Time(_) | Datum::Absent => "no number".into(),
    };
    let name = if name.is_empty() { "no metric".into() } else { name };
    format!("{}  {name}  {value}", item.obis)
}
