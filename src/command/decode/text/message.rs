//! A message field by field: header, date-time, every value.

use super::page::Page;
use super::words;
use crate::command::decode::fields::{Content, Field, Fields};
use crate::decoder::{Outcome, understand};
use crate::hex;
use crate::meter::{List, Register, Shape};
use crate::reading::{Reading, Settings};
use crate::wire::clock::DateTime;
use crate::wire::cursor::Reader;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::apdu::{Apdu, LLC};
use crate::wire::dlms::value::Value;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// Explains what a frame carries: an LLC header, then a message.
pub(super) fn explain(page: &mut Page, bytes: &[u8], settings: Settings) {
    match bytes.strip_prefix(&LLC) {
        Some(message) => {
            page.field(&LLC, "LLC: from the meter");
            explain_bare(page, message, settings);
        }
        // Only the first block of a transfer has the header.
        None if bytes.starts_with(&[BLOCK]) => explain_bare(page, bytes, settings),
        None => page.field(bytes, "no LLC header of a meter: not taken apart"),
    }
}

/// Explains a message without LLC header.
pub(super) fn explain_bare(page: &mut Page, message: &[u8], settings: Settings) {
    let mut reader = Reader::new(message);
    let Some(&tag) = message.first() else { return page.remark("no message") };
    // A message that breaks off is explained as far as it goes: `None` only says that it did.
    let _complete = match tag {
        0x0F => notification(page, &mut reader, &Known::of(message, settings)),
        0xDB..=0xDD => ciphered(page, &mut reader),
        BLOCK => block(page, &mut reader),
        _ => {
            page.field(message, &format!("service 0x{tag:02x}, which meters do not push"));
            None
        }
    };
}

const BLOCK: u8 = 0xE0;

/// What is known of a list.
struct Known {
    list: Option<&'static List>,
    /// Its values, if it was understood.
    reading: Reading,
    understood: bool,
}

impl Known {
    fn of(message: &[u8], settings: Settings) -> Self {
        let mut reading = Reading::default();
        let list = match Apdu::parse(message) {
            Ok(Apdu::Notification(notification)) => {
                match understand(Message::Notification(notification), &mut reading, settings) {
                    Outcome::Reading { list, .. } => Some(list),
                    _ => None,
                }
            }
            _ => None,
        };
        Known { list, reading, understood: list.is_some() }
    }
}

fn notification(page: &mut Page, reader: &mut Reader<'_>, known: &Known) -> Option<()> {
    page.take(reader, 1, |_| "data-notification".into())?;
    page.take(reader, 4, |id| format!("invoke id 0x{}", hex::digits(id).replace(' ', "")))?;
    date_time(page, reader)?;
    let body = reader.rest();
    let mut fields = Fields::new(body, known.list);
    for field in fields.by_ref() {
        page.indent = field.depth;
        page.field(field.bytes, &meaning(&field, known));
    }
    page.indent = 0;
    if !fields.rest().is_empty() {
        page.field(fields.rest(), "bytes behind the message");
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

fn meaning(field: &Field<'_>, known: &Known) -> String {
    match field.content {
        Content::Open { array, count } => format!("{} of {count}", if array { "array" } else { "structure" }),
        Content::Code(obis) => format!("{obis}  {}", words::name(obis)),
        Content::Descriptor(descriptor) => words::descriptor(&descriptor),
        Content::Scaler(exponent, unit) => format!("scaler {exponent}, unit {}", words::unit(unit)),
        Content::Broken(error) => words::value_error(error),
        Content::Value(value, scale) => match field.code {
            Some(obis) if known.is_bare() => {
                let value = explained(&value, field, scale, known);
                format!("{obis}  {}  {value}", words::name(obis))
            }
            None if known.is_bare() && field.depth == 1 => {
                format!("{}  not read", explained(&value, field, scale, known))
            }
            None if known.understood && field.at < 4 && words::is_text(&value) => {
                format!("list version  {}", explained(&value, field, scale, known))
            }
            _ => explained(&value, field, scale, known),
        },
    }
}

impl Known {
    /// Whether no code stands in front of a value.
    fn is_bare(&self) -> bool {
        self.list.is_some_and(|list| matches!(list.shape, Shape::Positional(_) | Shape::Described(_)))
    }

    /// The power of ten that the list's table gives a number.
    fn scale(&self, code: Option<Obis>, raw: i64) -> Option<(i8, Unit)> {
        let register = code.and_then(Register::find)?;
        let value = self.reading.value(register).filter(|_| self.understood)?;
        (value.mantissa() == raw).then(|| (value.exponent(), register.quantity().unit()))
    }

    /// Whether a number of a known list did not become a value.
    fn drops(&self, code: Option<Obis>) -> bool {
        let register = code.and_then(Register::find);
        self.understood && register.is_some_and(|register| self.reading.value(register).is_none())
    }
}

fn explained(value: &Value<'_>, field: &Field<'_>, scale: Option<(i8, Unit)>, known: &Known) -> String {
    let Some(raw) = value.integer() else { return words::value(value) };
    let number = match scale.or_else(|| known.scale(field.code, raw)) {
        Some((exponent, unit)) => words::number(Decimal::new(raw, exponent), unit),
        None => raw.to_string(),
    };
    let left_out = match (known.drops(field.code), scale) {
        (true, None) => ", its power of ten is not known: left out",
        (true, Some(_)) if raw == 0 => ", not measured: left out",
        (true, Some(_)) => ": left out",
        (false, _) => "",
    };
    number + left_out
}

fn ciphered(page: &mut Page, reader: &mut Reader<'_>) -> Option<()> {
    let tag = page.take(reader, 1, |tag| words::ciphering(tag).into())?;
    counted(page, reader, words::system_title)?;
    if tag == [0xDD] {
        return page.take(reader, reader.rest().len(), |_| "not taken apart".into()).map(drop);
    }
    let length = length_of(reader)?;
    page.take(reader, length, |_| "length".into())?;
    let control = page.take(reader, 1, words::security_control)?;
    page.take(reader, 4, |counter| {
        format!("invocation counter 0x{}", hex::digits(counter).replace(' ', ""))
    })?;
    let tag = if matches!(control, [control] if control & 0x10 != 0) { TAG } else { 0 };
    let length = reader.rest().len().checked_sub(tag)?;
    page.take(reader, length, |_| "ciphered".into())?;
    (tag > 0).then(|| page.take(reader, tag, |_| "tag".into())).flatten().map(drop)
}

/// Bytes of a tag.
const TAG: usize = 12;

fn block(page: &mut Page, reader: &mut Reader<'_>) -> Option<()> {
    page.take(reader, 1, |_| "general-block-transfer".into())?;
    page.take(reader, 1, words::block_control)?;
    page.take(reader, 2, |number| format!("block 0x{}", hex::digits(number).replace(' ', "")))?;
    page.take(reader, 2, |number| format!("acknowledges block 0x{}", hex::digits(number).replace(' ', "")))?;
    counted(page, reader, |_| "part of a message".into())?;
    if !reader.rest().is_empty() {
        page.take(reader, reader.rest().len(), |_| "bytes behind the block".into())?;
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
