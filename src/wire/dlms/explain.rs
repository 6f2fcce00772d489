//! A message of DLMS field by field: header, date-time, every value.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::apdu::{Apdu, GENERAL_CIPHERING, LLC};
use super::cipher::is_encrypted;
use super::fields::{Content, Field, Fields};
use super::value::{Descriptor, Value};
use crate::hex;
use crate::wire::clock::DateTime;
use crate::wire::cursor::Reader;
use crate::wire::decimal::Decimal;
use crate::wire::meaning::{Fate, Layout, Meanings, Reading};
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::page::Page;
use crate::wire::subject::Subject;
use crate::wire::unit::Unit;
use crate::wire::words;

/// Explains what a frame carries: an LLC header, then a message.
pub(crate) fn information(page: &mut Page, bytes: &[u8], meanings: &dyn Meanings) {
    match bytes.strip_prefix(&LLC) {
        Some(message) => {
            page.field(&LLC, "LLC: from the meter");
            self::message(page, message, meanings);
        }
        // Only the first block of a transfer has the header.
        None if bytes.starts_with(&[BLOCK]) => self::message(page, bytes, meanings),
        None => page.field(bytes, "no LLC header of a meter: not taken apart"),
    }
}

/// Explains a message without LLC header.
pub(crate) fn message(page: &mut Page, message: &[u8], meanings: &dyn Meanings) {
    let mut reader = Reader::new(message);
    let Some(&tag) = message.first() else { return page.remark("no message") };
    // A message that breaks off is explained as far as it goes: `None` only says that it did.
    let _complete = match tag {
        0x0F => notification(page, &mut reader, Known::of(message, meanings)),
        _ if is_encrypted(tag) => ciphered(page, &mut reader),
        BLOCK => block(page, &mut reader),
        _ => {
            page.field(message, &format!("service 0x{tag:02x}, which meters do not push"));
            None
        }
    };
}

const BLOCK: u8 = 0xE0;

/// What is known of the list in a message.
struct Known<'m> {
    meanings: &'m dyn Meanings,
    layout: Layout,
    /// `None` if the list is unknown.
    reading: Option<Reading>,
}

impl<'m> Known<'m> {
    fn of(message: &[u8], meanings: &'m dyn Meanings) -> Self {
        let (mut layout, mut reading) = (Layout::Codes, None);
        if let Ok(Apdu::Notification(notification)) = Apdu::parse(message) {
            let message = Message::Notification(notification);
            reading = meanings.outcome(&message);
            layout = if reading.is_some() { meanings.layout(&message) } else { Layout::Codes };
        }
        Known { meanings, layout, reading }
    }

    /// Whether no code precedes a value.
    fn is_bare(&self) -> bool {
        matches!(self.layout, Layout::Positions(_) | Layout::Described)
    }

    /// The power of ten that the list's table gives a number.
    fn scale(&self, code: Option<Obis>, raw: i64) -> Option<(i8, Unit)> {
        let scale = |fate: &Fate| match fate {
            Fate::Read(value, unit) if value.mantissa() == raw => Some((value.exponent(), *unit)),
            _ => None,
        };
        self.reading.as_ref()?.of(code?).find_map(scale)
    }

    /// Whether a number of a known list did not become a value.
    fn omits(&self, code: Option<Obis>) -> bool {
        let (Some(reading), Some(code)) = (&self.reading, code) else { return false };
        reading.omits(code, self.meanings)
    }
}

fn notification(page: &mut Page, reader: &mut Reader<'_>, mut known: Known<'_>) -> Option<()> {
    page.take(reader, 1, |_| "data-notification".into())?;
    page.array(reader, |id| format!("invoke id 0x{:08x}", u32::from_be_bytes(id)))?;
    date_time(page, reader)?;
    let body = reader.rest();
    let positions = match &mut known.layout {
        Layout::Positions(positions) => core::mem::take(positions),
        _ => Vec::new(),
    };
    let mut fields = Fields::new(body, positions);
    for field in fields.by_ref() {
        page.indent = field.depth;
        page.field(field.bytes, &meaning(&field, &known));
    }
    page.indent = 0;
    if !fields.rest().is_empty() {
        page.field(fields.rest(), "bytes after the message");
    }
    Some(())
}

fn date_time(page: &mut Page, reader: &mut Reader<'_>) -> Option<()> {
    let clock =
        |bytes: &[u8]| bytes.last_chunk().map_or(String::new(), |&clock| words::clock(&DateTime(clock)));
    match *reader.rest() {
        [0x00, ..] => page.take(reader, 1, |_| "date-time: not sent".into()),
        [0x0C, ..] => page.take(reader, 13, |bytes| format!("date-time: {}", clock(bytes))),
        [0x09, 0x0C, ..] => page.take(reader, 14, |bytes| format!("date-time, tagged: {}", clock(bytes))),
        _ => {
            page.take(reader, reader.rest().len(), |_| {
                "date-time expected: 00, or 0c and twelve bytes".into()
            });
            None
        }
    }
    .map(drop)
}

fn meaning(field: &Field<'_>, known: &Known<'_>) -> String {
    match field.content {
        Content::Open { array, count } => format!("{} of {count}", if array { "array" } else { "structure" }),
        Content::Code(obis) => format!("{obis}  {}", known.meanings.name(obis)),
        Content::Descriptor(descriptor) => describes(&descriptor, known.meanings),
        Content::Scaler(exponent, unit) => format!("scaler {exponent}, unit {}", words::unit(unit)),
        Content::Broken(error) => error.to_string(),
        Content::Value(value, scale) => match field.code {
            Some(obis) if known.is_bare() => {
                let value = explained(&value, field, scale, known);
                format!("{obis}  {}  {value}", known.meanings.name(obis))
            }
            None if known.is_bare() && field.depth == 1 => {
                format!("{}  not read", explained(&value, field, scale, known))
            }
            None if known.reading.is_some() && field.at < 4 && is_text(&value) => {
                format!("list version  {}", explained(&value, field, scale, known))
            }
            _ => explained(&value, field, scale, known),
        },
    }
}

fn explained(value: &Value<'_>, field: &Field<'_>, scale: Option<(i8, Unit)>, known: &Known<'_>) -> String {
    let Some(raw) = value.integer() else {
        return field.code.and_then(|code| date_or_time(value, code)).unwrap_or_else(|| shown(value));
    };
    let number = match scale.or_else(|| known.scale(field.code, raw)) {
        Some((exponent, unit)) => words::number(Decimal::new(raw, exponent), unit),
        None => raw.to_string(),
    };
    let left_out = match (known.omits(field.code), scale) {
        (true, None) => ", its power of ten is not known: left out",
        (true, Some(_)) if raw == 0 => ", not measured: left out",
        (true, Some(_)) => ": left out",
        (false, _) => "",
    };
    number + left_out
}

fn ciphered(page: &mut Page, reader: &mut Reader<'_>) -> Option<()> {
    let [tag] = page.array(reader, |[tag]| ciphering(tag).into())?;
    counted(page, reader, system_title)?;
    if tag == GENERAL_CIPHERING {
        return page.take(reader, reader.rest().len(), |_| "not taken apart".into()).map(drop);
    }
    let length = length_of(reader)?;
    page.take(reader, length, |_| "length".into())?;
    let [control] = page.array(reader, security_control)?;
    page.array(reader, |counter| format!("invocation counter 0x{:08x}", u32::from_be_bytes(counter)))?;
    let tag = if control & 0x10 != 0 { TAG } else { 0 };
    let length = reader.rest().len().checked_sub(tag)?;
    page.take(reader, length, |_| "ciphered".into())?;
    (tag > 0).then(|| page.take(reader, tag, |_| "tag".into())).flatten().map(drop)
}

/// Bytes of a tag.
const TAG: usize = 12;

fn block(page: &mut Page, reader: &mut Reader<'_>) -> Option<()> {
    page.take(reader, 1, |_| "general-block-transfer".into())?;
    page.array(reader, block_control)?;
    page.array(reader, |number| format!("block 0x{:04x}", u16::from_be_bytes(number)))?;
    page.array(reader, |number| format!("acknowledges block 0x{:04x}", u16::from_be_bytes(number)))?;
    counted(page, reader, |_| "part of a message".into())?;
    if !reader.rest().is_empty() {
        page.take(reader, reader.rest().len(), |_| "bytes after the block".into())?;
    }
    Some(())
}

/// A length and as many bytes.
fn counted(page: &mut Page, reader: &mut Reader<'_>, meaning: impl FnOnce(&[u8]) -> String) -> Option<()> {
    let width = length_of(reader)?;
    let length = Reader::new(reader.rest()).length().unwrap_or_default();
    page.take(reader, width, |_| format!("length {length}"))?;
    page.take(reader, length, meaning).map(drop)
}

/// How many bytes a length takes.
fn length_of(reader: &Reader<'_>) -> Option<usize> {
    let mut ahead = *reader;
    let before = ahead.rest().len();
    ahead.length().ok()?;
    Some(before - ahead.rest().len())
}

/// Explains the message that a frame completes, where it came in several parts.
pub(in crate::wire) fn assembled(page: &mut Page, subject: &Subject<'_>, part: &str) {
    if !subject.is_valid || subject.is_part {
        return;
    }
    page.gap();
    page.sentence(&match subject.segments {
        1 => format!("message of this {part}"),
        count => format!("message of these {count} {part}s"),
    });
    let shown = page.shown;
    match subject.message.starts_with(&LLC) {
        true => information(page, subject.message, subject.meanings),
        false => message(page, subject.message, subject.meanings),
    }
    page.shown = shown;
}

/// What an element of a list is, as the list itself says: "describes 1-0:32.7.0*255  voltage L1".
fn describes(descriptor: &Descriptor, meanings: &dyn Meanings) -> String {
    let Descriptor { class, obis, attribute, index } = *descriptor;
    let name = match descriptor.is_value() {
        true => meanings.name(obis),
        false => format!("attribute {attribute} of class {class}"),
    };
    let part = if index == 0 { String::new() } else { format!(", element {index}") };
    format!("describes {obis}  {name}{part}").trim_end().to_owned()
}

/// The date or time in an octet-string, which only its code tells from other bytes.
fn date_or_time(value: &Value<'_>, Obis([_, _, c, d, e, _]): Obis) -> Option<String> {
    match ([c, d, e], value.string()?) {
        ([0, 9, 1], &[h, m, s, hundredths]) => Some(words::time([h, m, s, hundredths])),
        ([0, 9, 2], &[high, low, month, day, weekday]) => Some(words::date([high, low, month, day, weekday])),
        _ => None,
    }
}

/// A value that is no whole number.
fn shown(value: &Value<'_>) -> String {
    match *value {
        Value::Null => "null".into(),
        Value::Boolean(byte) => if byte == 0 { "false" } else { "true" }.into(),
        Value::Enum(state) => state.to_string(),
        Value::F32(bits) => f32::from_bits(bits).to_string(),
        Value::F64(bits) => f64::from_bits(bits).to_string(),
        Value::U64(number) => number.to_string(),
        Value::DateTime(date_time) => words::clock(&date_time),
        Value::Bits(bits) => format!("{} bits", bits.count),
        Value::Bcd(digits) => format!("bcd {digits:02x}"),
        Value::Date(date) => words::date(date),
        Value::Time(time) => words::time(time),
        Value::Compact(_) => "compact array".into(),
        Value::DontCare => "any value".into(),
        _ => value.string().map_or(String::new(), words::string),
    }
}

/// Whether a value is a text and no date-time.
fn is_text(value: &Value<'_>) -> bool {
    value.string().is_some_and(|bytes| words::date_time(bytes).is_none())
}

/// How a message is encrypted, by its tag.
const fn ciphering(tag: u8) -> &'static str {
    match tag {
        0xDB => "general-glo-ciphering",
        0xDC => "general-ded-ciphering",
        _ => "general-ciphering",
    }
}

/// Three letters of the manufacturer, then a number.
fn system_title(title: &[u8]) -> String {
    match title.split_at_checked(3) {
        Some((manufacturer, number)) => {
            format!("system title: {} {}", manufacturer.escape_ascii(), hex::digits(number))
                .trim_end()
                .to_owned()
        }
        None => "system title".into(),
    }
}

/// Bit 4 authenticated, bit 5 encrypted, the lowest four the suite (Green Book 9.2.7.2.4.1).
fn security_control([byte]: [u8; 1]) -> String {
    let mut words = vec![format!("suite {}", byte & 0x0F)];
    words.extend((byte & 0x10 != 0).then(|| "authenticated".into()));
    words.extend((byte & 0x20 != 0).then(|| "ciphered".into()));
    format!("security: {}", words.join(", "))
}

/// Bit 7 last block, bit 6 streaming, the rest the window.
fn block_control([byte]: [u8; 1]) -> String {
    let last = if byte & 0x80 != 0 { "last block" } else { "more blocks follow" };
    let streaming = if byte & 0x40 != 0 { ", streaming" } else { "" };
    format!("{last}{streaming}, window {}", byte & 0x3F)
}
