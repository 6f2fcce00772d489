//! An ASCII telegram line by line: the line itself on the left, what it means on the right.

use super::page::Page;
use super::words;
use crate::meter::{Datum, Item, Items, Kind, List, Quantity, Register, manufacturer};
use crate::obis;
use crate::wire::check::arc;
use crate::wire::decimal::Decimal;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::telegram::ident::Ident;
use crate::wire::telegram::set::{Malformed, Set, Sets};
use crate::wire::telegram::{Check, Telegram};
use crate::wire::text::Text;

/// Explains a telegram that holds.
pub(super) fn explain(page: &mut Page, telegram: &Telegram<'_>) {
    let message = Message::Telegram(*telegram);
    let items = List::of(&message).map(|list| list.items(&message));
    let bytes = telegram.bytes();
    let body = telegram.body();
    let lines = Lines { bytes, items: items.map(Iterator::peekable) };
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
            _ if telegram.is_ciphered() => "end; what is ciphered is not taken apart",
            Check::None => "end; no check: only that each line is well-formed speaks for it",
            Check::Crc => "end, check: ok",
            Check::Xor => "end, block check: ok, by exclusive or",
            Check::Sum => "end, block check: ok, the sum of all characters as Kamstrup builds it",
        },
    );
}

/// Explains as much as there is of a telegram that does not hold; the bytes are those that it claims.
pub(super) fn explain_damaged(page: &mut Page, bytes: &[u8]) {
    let seven: Vec<u8> = bytes.iter().map(|byte| byte & 0x7F).collect();
    let shown = if bytes.first() == Some(&b'/') { bytes } else { &seven };
    let end = shown.iter().position(|&byte| byte == b'!').unwrap_or(shown.len());
    let line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let first = shown.iter().position(line_end).unwrap_or(end);
    let body = first + shown[first..].iter().take_while(|byte| line_end(byte) || **byte == STX).count();
    page.remark("what follows may be wrong: this is no good telegram");
    Lines { bytes: shown, items: None }.explain(page, body.min(end), end);
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

const STX: u8 = 0x02;

/// The lines of a telegram, and the items that its sets became.
struct Lines<'a> {
    bytes: &'a [u8],
    items: Option<std::iter::Peekable<Items<'a>>>,
}

impl<'a> Lines<'a> {
    fn explain(mut self, page: &mut Page, body: usize, end: usize) {
        let head = self.bytes.get(..body).unwrap_or_default();
        page.line(head, &identification(head));
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
        let item = self.items.as_mut().and_then(Iterator::next);
        page.line(set.bytes, &meaning(set, item.as_ref()));
        let of_the_same = |next: &Item<'_>| next.obis == set.obis && is_time(next.register);
        if let Some(when) = self.items.as_mut().and_then(|items| items.next_if(of_the_same)) {
            page.line(&[], &value(&when));
        }
    }
}

fn is_time(register: Option<Register>) -> bool {
    register.is_some_and(|register| register.quantity() == Quantity::Timestamp)
}

/// "Iskraemeco, type MT382-1004".
fn identification(head: &[u8]) -> String {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let ident = Ident::of(line.get(1..).unwrap_or_default());
    let maker = manufacturer(ident.flag).map_or_else(|| ident.flag.escape_ascii().to_string(), str::to_owned);
    let model = Text::<24>::of(ident.model());
    if model.is_empty() { maker } else { format!("{maker}, type {model}") }
}

/// The code in full, its name, and what its value is.
fn meaning(set: &Set<'_>, item: Option<&Item<'_>>) -> String {
    let register = item.and_then(|item| item.register);
    let name = match register {
        Some(register) => words::of_register(register),
        // Elsewhere this is the meter's type.
        None if set.obis == obis!(0-0:96.1.1) => "meter id".into(),
        None => words::name(set.obis),
    };
    let mut parts = Vec::new();
    if set.is_reduced {
        parts.push(set.obis.to_string());
    }
    parts.extend(Some(name).filter(|name| !name.is_empty()));
    parts.extend(item.map(value).filter(|value| !value.is_empty()));
    parts.join("  ")
}

fn value(item: &Item<'_>) -> String {
    match (item.datum, item.unit) {
        (Datum::Number(number), _) if is_time(item.register) => format!("taken {number} s after 1970 began"),
        (Datum::Number(number), _) if let Some(state) = state(item.register, number) => state.into(),
        (Datum::Number(number), Some(unit))
            if item.register.is_some_and(|it| it.quantity().unit() != unit) =>
        {
            format!("{}: of another quantity, left out", words::converted(number, unit))
        }
        (Datum::Number(number), Some(unit)) => words::converted(number, unit),
        (Datum::Number(number), None) => format!("{number}, without unit"),
        (Datum::Time(clock), _) => words::clock(&clock),
        (Datum::Text(digits), _) => spelled(item.obis, digits),
        (Datum::Name(name), _) => format!("\"{name}\""),
        (Datum::Absent, _) => String::new(),
    }
}

/// The name of a state.
fn state(register: Option<Register>, number: Decimal) -> Option<&'static str> {
    let register = register.filter(|register| matches!(register.kind(), Kind::State(_)))?;
    register.published(number).map(|(name, _)| name)
}

/// What the digits of a name spell, if they spell something.
fn spelled(Obis([_, _, c, d, ..]): Obis, digits: &[u8]) -> String {
    let mut text = Text::<40>::EMPTY;
    text.set_spelled(digits);
    let is_name = matches!([c, d], [96, 1] | [42, _]);
    if is_name && text.as_bytes() != digits { format!("\"{text}\"") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(bytes: &[u8]) -> String {
        let mut page = Page::default();
        match Telegram::parse(bytes) {
            Ok(telegram) => explain(&mut page, &telegram),
            Err(_) => explain_damaged(&mut page, bytes),
        }
        assert_eq!(page.shown, bytes.len());
        page.finish()
    }

    #[test]
    fn every_line_is_explained() {
        let data = "/ISk5\\2MT382-1004\r\n\r\n0-0:96.1.1(4B384547303030303030303030303132)\r\n0-0:1.0.0(240701120000S)\r\n\
                    1-0:1.8.1(00001.130*kWh)\r\n1-0:32.7.0(12*A)\r\n0-0:98.1.0(1)(2)\r\nnonsense\r\n!";
        let text = explained(format!("{data}{:04X}\r\n", arc(data.as_bytes())).as_bytes());
        for part in [
            "/ISk5\\2MT382-1004 ",
            "Iskraemeco, type MT382-1004",
            "\"K8EG000000000012\"",
            "clock  2024-07-01 12:00:00",
            "active energy import, tariff 1  1130 Wh = 1.13 kWh",
            "voltage L1  12 A: of another quantity, left out",
            "no data set",
            "end, check: ok",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let damaged = explained(format!("{data}0000\r\n").as_bytes());
        assert!(damaged.contains("no good telegram") && damaged.contains("end; computed "), "{damaged}");
        let cut = explained(&data.as_bytes()[..100]);
        assert!(cut.contains("type MT382-1004") && cut.contains("no data set"), "{cut}");
    }

    #[test]
    fn readouts_say_how_they_are_proven() {
        let block = b"0.0(10000012)\r\n1.20(0009147*kWh)!\r\n\x03";
        let check = [Check::Sum.of_bytes(block)];
        let text = explained(&[b"/KAM 685-382-OK-10\r\n\x02", &block[..], &check].concat());
        assert!(text.contains("1-0:1.20.0*255  active energy import  9147000 Wh = 9147 kWh"), "{text}");
        assert!(text.contains("as Kamstrup builds it"), "{text}");
    }
}
