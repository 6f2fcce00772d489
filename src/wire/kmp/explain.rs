//! A response in Kamstrup's binary protocol, value by value.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Frame, Response, STUFF};
use crate::wire::cursor::Reader;
use crate::wire::meaning::{Datum, Meaning, Meanings};
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::page::Page;
use crate::wire::words;

/// Explains a response, or what is damaged of one.
pub(in crate::wire) fn explain(page: &mut Page, bytes: &[u8], meanings: &dyn Meanings) {
    let content: Vec<u8> = match Frame::parse(bytes) {
        Ok(frame) => frame.bytes().collect(),
        Err(_) => return page.field(bytes, "damaged"),
    };
    let mut reader = Reader::new(bytes);
    page.take(&mut reader, 1, |_| "response; 1b escapes the next byte, which is sent inverted".into());
    let [address, command, ..] = content.as_slice() else { return };
    // Takes so many bytes together with what stuffs them.
    let mut stuffed = |count, meaning: &str| {
        let mut end = 0;
        for _ in 0..count {
            end += if reader.rest().get(end) == Some(&STUFF) { 2 } else { 1 };
        }
        if end > 0 {
            page.take(&mut reader, end, |_| meaning.into());
        }
    };
    stuffed(2, &format!("address {address:02x}, command 0x{command:02x}"));
    match Response::parse(&content) {
        Ok(Response::Registers(values)) => {
            let meant = meanings.values(&Message::Kmp(Response::Registers(values)));
            for (value, meant) in values.iter().zip(&meant) {
                stuffed(
                    5,
                    &format!("register 0x{:04x}, unit 0x{:02x}, {} bytes", value.id, value.unit, value.width),
                );
                stuffed(value.width.into(), &meaning(meant, meanings));
            }
        }
        Ok(Response::Type { model, software: [letter, number] }) => {
            stuffed(2, &format!("meter type  {model:04x}"));
            let letter = char::from(b'@'.saturating_add(letter));
            stuffed(2, &format!("software  {letter}{number}"));
        }
        Ok(Response::Serial(number)) => stuffed(4, &format!("meter id  {number}")),
        Err(_) => stuffed(content.len() - 2, UNKNOWN),
    }
    stuffed(2, "check sequence: ok");
    page.take(&mut reader, 1, |_| "end".into());
}

/// Said of bytes that nobody has explained.
pub(in crate::wire) const UNKNOWN: &str = "meaning not known";

/// The code of a value, its name and the value itself.
pub(in crate::wire) fn meaning(value: &Meaning<'_>, meanings: &dyn Meanings) -> String {
    let name = match (&value.register, value.code) {
        (Some(register), _) => register.clone(),
        (None, Obis([1, 0, 0, 0, 0, _])) => "customer number".into(),
        (None, Obis([0, 0, 96, 1, 1, _])) => "production number".into(),
        (None, code) => meanings.name(code),
    };
    let shown = match value.datum {
        Datum::Number(number) => {
            value.unit.map_or_else(|| number.to_string(), |unit| words::number(number, unit))
        }
        Datum::Text(text) => format!("\"{}\"", text.escape_ascii()),
        Datum::Name(name) => name.to_string(),
        Datum::Time(_) | Datum::Absent => "no number".into(),
    };
    let name = if name.is_empty() { "no metric".into() } else { name };
    format!("{}  {name}  {shown}", value.code)
}
