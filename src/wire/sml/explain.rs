//! An SML file field by field, as far as it goes.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::nodes::{Content, Kind, Node, Nodes};
use super::unescaped::Unescaped;
use super::{CLOSE, ESCAPE, Entry, Integer, LIST, List, OPEN, Rule, Time, Value};
use crate::hex;
use crate::wire::check::Check;
use crate::wire::decimal::Decimal;
use crate::wire::meaning::{Fate, Meanings, Reading};
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::page::{self, Page};
use crate::wire::subject::Subject;
use crate::wire::unit::Unit;
use crate::wire::words;

/// Bytes of a start, and of an end.
const EDGE: usize = 8;

/// Explains a file and its messages.
pub(in crate::wire) fn explain(page: &mut Page, subject: &Subject<'_>) {
    let bytes = subject.bytes();
    let (start, behind) = bytes.split_at(EDGE.min(bytes.len()));
    page.field(start, "SML, transport version 1");
    if !subject.is_valid {
        page.remark("what follows may be wrong: this is not a valid file");
    }
    let content = Unescaped::of(behind);
    let edge = behind.get(content.length..).unwrap_or_default();
    let (end, rest) = edge.split_at(EDGE.min(edge.len()));
    let padding = end.get(5).map_or(0, |&padding| usize::from(padding).min(ESCAPE.len()));
    let messages = content.bytes.len().saturating_sub(padding);
    let (messages, filler) = content.bytes.split_at(messages);
    let list = List::parse(messages).ok().filter(|_| subject.is_valid);
    let mut explained = Explained {
        meanings: subject.meanings,
        reading: list.and_then(|list| subject.meanings.outcome(&Message::Sml(list))),
        messages,
        message: 0,
        entry: Entry::new(&[], Value::ABSENT),
    };
    for node in Nodes::new(messages) {
        page.indent = node.depth;
        let meaning = explained.meaning(&node);
        page.field(content.sent(behind, node.at, node.bytes.len()), &meaning);
    }
    page.indent = 0;
    if !filler.is_empty() {
        page.field(content.sent(behind, messages.len(), filler.len()), "padding");
    }
    explain_end(page, bytes.get(..bytes.len() - rest.len()).unwrap_or_default(), end);
    if !rest.is_empty() {
        page.field(rest, "bytes after the end");
    }
}

/// Explains the end of a file that ends with it.
fn explain_end(page: &mut Page, file: &[u8], end: &[u8]) {
    let (Some((covered, check)), &[_, _, _, _, kind, padding, _, _]) = (file.split_last_chunk(), end) else {
        return page.field(end, "the file does not end");
    };
    match (kind, end.split_last_chunk::<2>()) {
        (0x1A, Some((escape, _))) => {
            page.field(escape, &format!("end, padding {padding}"));
            page.field(check, &checked("file check", covered, *check));
        }
        _ => page.field(end, "neither an end nor an escape that was sent twice"),
    }
}

fn checked(name: &str, covered: &[u8], received: [u8; 2]) -> String {
    match Rule::of(covered, received) {
        Some(Rule::X25) => format!("{name}: ok"),
        Some(Rule::Kermit) => format!("{name}: ok, by CRC-16/KERMIT"),
        None => page::checked(name, &received, &Check::over(covered).sequence()),
    }
}

/// What is known of the messages so far.
struct Explained<'a> {
    meanings: &'a dyn Meanings,
    /// `None` if the list gives no reading.
    reading: Option<Reading>,
    messages: &'a [u8],
    /// Where the message began.
    message: usize,
    /// The entry so far.
    entry: Entry<'a>,
}

impl<'a> Explained<'a> {
    fn meaning(&mut self, node: &Node<'a>) -> String {
        match node.content {
            Content::Open(count) => self.opened(node, count),
            Content::Value(value) => self.value(node, value),
            Content::End => "end of the message".into(),
            Content::Broken(error) => error.to_string(),
        }
    }

    fn opened(&mut self, node: &Node<'_>, count: usize) -> String {
        let name = match node.place {
            (Kind::File, _) => {
                self.message = node.at;
                "message"
            }
            (Kind::Choice, _) => "body",
            (Kind::List, 4) => return format!("{count} entries"),
            (Kind::Entries, _) => "entry",
            (Kind::Message, 3) => "message body",
            _ => return format!("list of {count}"),
        };
        name.into()
    }

    fn value(&mut self, node: &Node<'a>, value: Value<'a>) -> String {
        let (kind, place) = node.place;
        match (kind, place) {
            (Kind::Message, 4) => self.check(node, value),
            (Kind::Choice, 0) => tag(value),
            (Kind::Entry, _) => self.entry(node, value),
            (Kind::Open, 3) | (Kind::List, 1) => format!("server: {}", id(value, self.meanings)),
            (Kind::List, 2) => {
                format!("list name: {}", value.obis().map_or_else(|| plain(value), |it| it.to_string()))
            }
            _ => match names(kind).get(place) {
                Some(name) => format!("{name}: {}", plain(value)),
                None => plain(value),
            },
        }
    }

    fn check(&self, node: &Node<'_>, value: Value<'_>) -> String {
        let covered = self.messages.get(self.message..node.at).unwrap_or_default();
        let Some(received) = value.integer().and_then(Integer::fit::<u16>) else {
            return format!("message check: {}", plain(value));
        };
        checked("message check", covered, received.to_be_bytes())
    }

    fn entry(&mut self, node: &Node<'_>, value: Value<'a>) -> String {
        let (_, place) = node.place;
        match place {
            0 => {
                self.entry = Entry::new(value.bytes().unwrap_or_default(), Value::ABSENT);
                return match node.code {
                    Some(obis) => format!("{obis}  {}", self.meanings.name(obis)).trim_end().to_owned(),
                    None => format!("{}: no code", plain(value)),
                };
            }
            3 => self.entry.unit = value,
            4 => self.entry.scaler = value,
            _ => {}
        }
        match (place, value) {
            (1, Value::Integer(Integer { bytes, .. })) => {
                format!("status 0x{}", hex::digits(bytes).replace(' ', ""))
            }
            (3, Value::Integer(_)) => self.entry.unit().map_or_else(|| plain(value), unit),
            (4, Value::Integer(_)) => format!("scaler {}", plain(value)),
            (5, Value::Integer(integer)) => self.number(node.code, integer, value),
            (5, Value::Octets([_, ..])) if node.code.is_some_and(is_id) => id(value, self.meanings),
            (5, _) => plain(value),
            _ => format!("{}: {}", names(Kind::Entry).get(place).unwrap_or(&"more"), plain(value)),
        }
    }

    fn number(&self, code: Option<Obis>, integer: Integer<'_>, value: Value<'_>) -> String {
        let (Some(mantissa), Some(exponent)) = (integer.value(), self.entry.exponent()) else {
            return format!("{}: left out", plain(value));
        };
        let number = Decimal::new(mantissa, exponent);
        let shown = match self.entry.unit() {
            Some(unit) => words::number(number, unit),
            None => number.to_string(),
        };
        shown + &code.map(|code| self.became(code)).unwrap_or_default()
    }

    /// What a number was read as, if not as what its code says.
    fn became(&self, code: Obis) -> String {
        let Some(reading) = &self.reading else { return String::new() };
        let other = |fate: &Fate| match fate {
            Fate::ReadAs(name, number, unit) => Some(format!("{name} {number} {unit}")),
            _ => None,
        };
        let others: Vec<String> = reading.of(code).filter_map(other).collect();
        match others.is_empty() {
            false => format!(": {}", others.join(", ")),
            true if reading.omits(code, self.meanings) => ": left out".into(),
            true => String::new(),
        }
    }
}

fn tag(value: Value<'_>) -> String {
    match value.integer().and_then(Integer::fit::<u16>) {
        Some(OPEN) => "opening".into(),
        Some(CLOSE) => "closing".into(),
        Some(LIST) => "list of values".into(),
        _ => format!("message that is no list: {}", plain(value)),
    }
}

/// The names of a list's elements.
const fn names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Message => &["transaction id", "group", "on error"],
        Kind::Open => &["code page", "client", "request id", "server", "time", "version"],
        Kind::List => {
            &["client", "server", "list name", "time", "entries", "signature", "time of the gateway"]
        }
        Kind::Entry => &["name", "status", "time", "unit", "scaler", "value", "signature"],
        Kind::Close => &["signature"],
        Kind::File | Kind::Choice | Kind::Entries | Kind::Other => &[],
    }
}

fn unit(unit: Unit) -> String {
    unit.symbol().map_or_else(|| unit.to_string(), |_| format!("unit {}", words::unit(unit)))
}

fn is_id(Obis([_, _, c, d, e, _]): Obis) -> bool {
    matches!([c, d, e], [96, 1, _] | [0, 0, _])
}

fn id(value: Value<'_>, meanings: &dyn Meanings) -> String {
    match value {
        Value::Octets(bytes @ [_, ..]) => meanings.device(bytes),
        _ => plain(value),
    }
}

/// A value of which no more is known than its type.
fn plain(value: Value<'_>) -> String {
    match value {
        Value::Octets([]) => "not sent".into(),
        Value::Octets(bytes) => words::string(bytes),
        Value::Boolean(byte) => if byte == 0 { "false" } else { "true" }.into(),
        Value::Integer(integer) => {
            integer.value().map_or("larger than any number we know".into(), |number| number.to_string())
        }
        Value::List(list) => match Time::of(&value) {
            Some(Time::Index(seconds)) => format!("{seconds} s, counted by the meter itself"),
            Some(time) => time.date_time().map_or("not set".into(), |clock| words::clock(&clock)),
            None => format!("list of {}", list.len()),
        },
    }
}
