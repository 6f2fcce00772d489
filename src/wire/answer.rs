//! What the answers of polled meters mean, for people.

use alloc::format;
use alloc::string::{String, ToString};

use super::meaning::{Datum, Meaning, Meanings};
use super::obis::Obis;
use super::words;

/// Said of bytes that nobody has explained.
pub(super) const UNKNOWN: &str = "meaning not known";

/// The code of a value, its name and the value itself.
pub(super) fn meaning(value: &Meaning<'_>, meanings: &dyn Meanings) -> String {
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
