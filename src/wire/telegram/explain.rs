//! An ASCII telegram line by line: the line itself on the left, what it means on the right.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::iter::Peekable;

use super::ident::Ident;
use super::judge::STX;
use super::set::{Malformed, Set, Sets};
use super::{Check, Telegram};
use crate::obis;
use crate::wire::check::arc;
use crate::wire::meaning::{Datum, Kind, Meaning, Meanings};
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::page::Page;
use crate::wire::text::Text;
use crate::wire::words;

/// Explains a valid telegram.
pub(crate) fn explain(page: &mut Page, telegram: &Telegram<'_>, meanings: &dyn Meanings) {
    let values = meanings.values(&Message::Telegram(*telegram));
    let bytes = telegram.bytes();
    let body = telegram.body();
    let lines = Lines { bytes, meanings, values: values.into_iter().peekable() };
    if telegram.had_parity() {
        page.sentence(
            "each character came with its parity bit, as a line of 7E1 looks when it is read as 8N1",
        );
    }
    lines.explain(page, telegram.end() - body.len(), telegram.end());
    let behind = bytes.get(telegram.end()..).unwrap_or_default();
    page.line(
        behind,
        match telegram.check() {
            _ if telegram.is_ciphered() => "end; what is encrypted is not taken apart",
            Check::None => "end; no check: only that each line is well-formed speaks for it",
            Check::Crc => "end, check: ok",
            Check::Xor => "end, block check: ok, by exclusive or",
            Check::Sum => "end, block check: ok, the sum of all characters",
        },
    );
}

/// Explains as much as there is of a damaged telegram; the bytes are those that it claims.
pub(in crate::wire) fn explain_damaged(page: &mut Page, bytes: &[u8], meanings: &dyn Meanings) {
    let seven: Vec<u8> = bytes.iter().map(|byte| byte & 0x7F).collect();
    let shown = if bytes.first() == Some(&b'/') { bytes } else { &seven };
    let end = shown.iter().position(|&byte| byte == b'!').unwrap_or(shown.len());
    let line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let first = shown.iter().position(line_end).unwrap_or(end);
    let body = first + shown.iter().skip(first).take_while(|byte| line_end(byte) || **byte == STX).count();
    page.remark("what follows may be wrong: this is not a valid telegram");
    Lines { bytes: shown, meanings, values: Vec::new().into_iter().peekable() }.explain(
        page,
        body.min(end),
        end,
    );
    let behind = shown.get(end..).unwrap_or_default();
    let digits = behind.iter().skip(1).take_while(|byte| byte.is_ascii_hexdigit()).count();
    match (behind, digits) {
        ([], _) => {}
        (_, 1..=4) if !shown.contains(&STX) => {
            let computed = arc(shown.get(..=end).unwrap_or_default());
            page.line(behind, &format!("end; computed {computed:04X}"));
        }
        _ => page.line(behind, "end"),
    }
}

/// The lines of a telegram, and what its sets mean.
struct Lines<'a> {
    bytes: &'a [u8],
    meanings: &'a dyn Meanings,
    values: Peekable<vec::IntoIter<Meaning<'a>>>,
}

impl<'a> Lines<'a> {
    fn explain(mut self, page: &mut Page, body: usize, end: usize) {
        let head = self.bytes.get(..body).unwrap_or_default();
        page.line(head, &identification(head, self.meanings));
        let data = self.bytes.get(body..end).unwrap_or_default();
        let (mut at, start) = (0, data.as_ptr() as usize);
        for set in Sets::of(data) {
            let bytes = match set {
                Ok(Set { bytes, .. }) | Err(Malformed(bytes)) => bytes,
            };
            let begin = bytes.as_ptr() as usize - start;
            page.shown += begin - at;
            at = begin + bytes.len();
            match set {
                Ok(set) => self.set(page, &set),
                Err(_) => page.line(bytes, "no data set"),
            }
        }
        page.shown += data.len() - at;
    }

    fn set(&mut self, page: &mut Page, set: &Set<'a>) {
        let value = self.values.next();
        page.line(set.bytes, &meaning(set, value.as_ref(), self.meanings));
        let belongs = |next: &Meaning<'_>| next.code == set.obis && is_second(value.as_ref(), next);
        match self.values.next_if(belongs) {
            Some(when) if when.kind == Kind::Timestamp => page.line(&[], &shown(&when)),
            Some(direction) => page.line(&[], &meaning(set, Some(&direction), self.meanings)),
            None => {}
        }
    }
}

/// Whether a value comes from the same data set as the one before: when that was taken, or the other direction of a
/// signed power. Of a code that is sent twice, the next value has the same register.
fn is_second(value: Option<&Meaning<'_>>, next: &Meaning<'_>) -> bool {
    let register = value.and_then(|value| value.register.as_ref());
    next.kind == Kind::Timestamp
        || register.zip(next.register.as_ref()).is_some_and(|(one, other)| one != other)
}

/// "Iskraemeco, type MT382-1004".
fn identification(head: &[u8], meanings: &dyn Meanings) -> String {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let ident = Ident::of(line.get(1..).unwrap_or_default());
    let manufacturer = meanings
        .manufacturer(ident.flag)
        .map_or_else(|| ident.flag.escape_ascii().to_string(), ToOwned::to_owned);
    let model = Text::<24>::of(ident.model());
    if model.is_empty() { manufacturer } else { format!("{manufacturer}, type {model}") }
}

/// The code in full, its name, and what its value is.
fn meaning(set: &Set<'_>, value: Option<&Meaning<'_>>, meanings: &dyn Meanings) -> String {
    let name = match value.and_then(|value| value.register.clone()) {
        Some(register) => register,
        // Elsewhere this is the meter's type.
        None if set.obis == obis!(0-0:96.1.1) => "meter id".into(),
        None => meanings.name(set.obis),
    };
    let mut parts = Vec::new();
    if set.is_reduced {
        parts.push(set.obis.to_string());
    }
    parts.extend(Some(name).filter(|name| !name.is_empty()));
    parts.extend(value.map(shown).filter(|value| !value.is_empty()));
    parts.join("  ")
}

fn shown(value: &Meaning<'_>) -> String {
    match (value.datum, value.kind, value.unit) {
        (Datum::Number(number), Kind::Timestamp, _) => {
            words::unix(number).map_or_else(|| number.to_string(), |time| format!("taken {time}"))
        }
        (Datum::Number(_), Kind::State(name), _) => name.into(),
        (Datum::Number(number), Kind::OtherUnit, Some(unit)) => {
            format!("{}: of another quantity, left out", words::converted(number, unit))
        }
        (Datum::Number(number), _, Some(unit)) => words::converted(number, unit),
        (Datum::Number(number), _, None) => format!("{number}, without unit"),
        (Datum::Time(clock), ..) => words::clock(&clock),
        (Datum::Text(digits), ..) => {
            words::date_or_time(value.code, digits).unwrap_or_else(|| spelled(value.code, digits))
        }
        (Datum::Name(name), ..) => format!("\"{name}\""),
        (Datum::Absent, ..) => String::new(),
    }
}

/// What the digits of a name spell, if they spell something.
fn spelled(Obis([_, _, c, d, ..]): Obis, digits: &[u8]) -> String {
    let mut text = Text::<40>::EMPTY;
    text.set_spelled(digits);
    let is_name = matches!([c, d], [96, 1] | [42, _]);
    if is_name && text.as_bytes() != digits { format!("\"{text}\"") } else { String::new() }
}
