//! One JSON object for each finding.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use super::findings::Finding;
use crate::decoder::{Error, Outcome};
use crate::meter::{COUNT, Datum, Item, Kind, List, Register, Shape};
use crate::reading::{Identity, Reading};
use crate::wire::decimal::Decimal;
use crate::wire::dlms::cipher;
use crate::wire::frame::Proof;
use crate::wire::message::{self, Message};
use crate::wire::sml;
use crate::wire::unit::Unit;

/// The object of one finding, without a line break.
pub(super) fn line(finding: &Finding<'_>) -> String {
    let Finding { offset, length, origin, .. } = finding;
    let protocol = origin.name();
    let (outcome, reason) = judge(finding);
    let reason = string(reason.unwrap_or_default());
    let unproven = matches!(finding.outcome, Outcome::Reading { .. }) && finding.proof() == Proof::Nothing;
    let proven = if unproven { r#""proven":false,"# } else { "" };
    let (list, meter, clock, values) = match finding.outcome {
        Outcome::Reading { list, message, reading } => (
            string(reading.content.name()),
            meter(&reading.identity),
            reading
                .clock
                .and_then(|clock| clock.digits())
                .map_or("null".into(), |digits| string(digits.as_str())),
            values(list, &message, reading),
        ),
        _ => ("null".into(), meter(&Identity::default()), "null".into(), String::new()),
    };
    format!(
        r#"{{"offset":{offset},"length":{length},"protocol":"{protocol}","outcome":"{outcome}","reason":{reason},{proven}"list":{list},"meter":{meter},"clock":{clock},"values":[{values}]}}"#
    )
}

fn judge(finding: &Finding<'_>) -> (&'static str, Option<&'static str>) {
    match finding.outcome {
        Outcome::Reading { .. } => ("reading", None),
        Outcome::Fragment => ("fragment", None),
        Outcome::Undecodable(error) => {
            let outcome = match error {
                Error::Cipher(cipher::Error::NoKey) => "encrypted",
                Error::Cipher(_) | Error::Message(message::Error::Sml(sml::Error::Check)) => "rejected",
                _ => "unknown",
            };
            (outcome, Some(error.reason()))
        }
        Outcome::Rejected(error, _) => ("rejected", Some(error.reason())),
    }
}

fn meter(identity: &Identity) -> String {
    let Identity { manufacturer, model, id, list_version, .. } = identity;
    format!(
        r#"{{"manufacturer":{},"model":{},"id":{},"list_version":{}}}"#,
        string(manufacturer),
        string(model.as_str()),
        string(id.as_str()),
        string(list_version.as_str())
    )
}

/// Every number of the list, in the list's order. Those that did not become a metric are there too.
fn values(list: &'static List, message: &Message<'_>, reading: &Reading) -> String {
    let mut items = Vec::new();
    list.items(message).each(|item| items.push(item));
    let mut met = [false; COUNT];
    let mut published = |item: &Item<'_>| published(item, reading, &mut met);
    // Of a code that comes twice the first number counts, in a telegram the last.
    let chosen: Vec<_> = match list.shape {
        Shape::Telegram(_) => {
            let mut chosen: Vec<_> = items.iter().rev().map(&mut published).collect();
            chosen.reverse();
            chosen
        }
        _ => items.iter().map(&mut published).collect(),
    };
    let numbers = items.iter().zip(chosen).filter_map(|(item, chosen)| match item.datum {
        Datum::Number(number) => Some(
            chosen
                .and_then(|(register, value)| metric(item, register, value))
                .unwrap_or_else(|| other(item, number)),
        ),
        _ => None,
    });
    numbers.collect::<Vec<_>>().join(",")
}

/// The register and value that a number became, if it did: one in a unit of its own did not.
fn published(item: &Item<'_>, reading: &Reading, met: &mut [bool; COUNT]) -> Option<(Register, Decimal)> {
    let Datum::Number(_) = item.datum else { return None };
    let register = item.register.filter(|register| {
        item.unit.is_none_or(|unit| unit == register.quantity().unit())
            && met.get_mut(register.index()).is_some_and(|met| !core::mem::replace(met, true))
    })?;
    Some((register, reading.value(register)?))
}

fn metric(Item { obis, .. }: &Item<'_>, register: Register, value: Decimal) -> Option<String> {
    let family = register.family();
    let (value, label) = match register.published(value) {
        Some((label, value)) => (value.to_string(), label),
        None if matches!(family.kind, Kind::State(_)) => return None,
        // Too large for a decimal, not for JSON.
        None => (product(value, family.quantity.factor()), register.label()),
    };
    let labels = family.label.map_or_else(String::new, |name| format!(r#""{name}":"{label}""#));
    Some(format!(r#"{{"obis":"{obis}","metric":"{}","labels":{{{labels}}},"value":{value}}}"#, family.name))
}

fn other(Item { obis, unit, .. }: &Item<'_>, number: Decimal) -> String {
    let unit = unit.and_then(Unit::symbol).map_or("null".into(), |symbol| format!(r#""{symbol}""#));
    format!(r#"{{"obis":"{obis}","metric":null,"labels":{{}},"value":{number},"unit":{unit}}}"#)
}

/// The exact product; one too large for a decimal is written with a power of ten, as JSON allows.
fn product(value: Decimal, factor: i64) -> String {
    let wide = || format!("{}e{}", i128::from(value.mantissa()) * i128::from(factor), value.exponent());
    value.times(factor).map_or_else(wide, |product| product.to_string())
}

/// A JSON string; an empty one is null.
fn string(text: &str) -> String {
    if text.is_empty() {
        return "null".into();
    }
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            ' '..='~' => quoted.push(letter),
            _ => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted() {
        assert_eq!(string("KFM_001"), r#""KFM_001""#);
        assert_eq!(string("a\"b\\c\u{1F600}\n"), r#""a\"b\\c\ud83d\ude00\u000a""#);
        assert_eq!(string(""), "null");
    }

    #[test]
    fn products_are_exact_at_any_size() {
        assert_eq!(product(Decimal::new(17, 1), 3600), "612000");
        assert_eq!(product(Decimal::new(1, -3), 3600), "3.6");
        assert_eq!(product(Decimal::new(i64::MAX, -2), 3600), "33204139332677192905200e-2");
    }
}
