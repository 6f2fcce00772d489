//! Events as plain text: the goldens beside the fixtures, and what two runs are compared by.

use std::fmt::Write;

use han_exporter::decoder::{Event, Outcome};
use han_exporter::meter::{List, Register};
use han_exporter::reading::Reading;
use han_exporter::wire::clock::DateTime;

/// Where a frame or failure stood and what it came to.
pub fn event(event: &Event<'_>) -> String {
    format!("{} bytes at {}: {}", event.length, event.offset, outcome(&event.outcome))
}

/// What a frame came to.
pub fn outcome(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Reading { list, reading: values, .. } => reading(list, values),
        Outcome::Fragment => "fragment\n".into(),
        Outcome::Undecodable(error) => format!("refused, {}\n", error.reason()),
        Outcome::Rejected(error, bytes) => {
            format!("rejected, {}, {} bytes\n", error.reason(), bytes.len())
        }
    }
}

/// Whether a text of [`outcome`] is that of a reading.
pub fn is_reading(outcome: &str) -> bool {
    outcome.starts_with("reading")
}

/// Whether it is that of bytes that are no frame.
pub fn is_rejected(outcome: &str) -> bool {
    outcome.starts_with("rejected")
}

/// All that a reading says, each number in the unit the meter sends it in.
pub fn reading(list: &List, reading: &Reading) -> String {
    let identity = &reading.identity;
    let mut text = format!("reading\n  list {}, {}\n", list.name, reading.content.name());
    for (name, value) in [
        ("maker", identity.manufacturer),
        ("model", identity.model.as_str()),
        ("id", identity.id.as_str()),
        ("title", identity.list_version.as_str()),
    ] {
        if !value.is_empty() {
            writeln!(text, "  {name} {value}").unwrap();
        }
    }
    if let Some(clock) = reading.clock {
        writeln!(text, "  {}", self::clock(list, reading, &clock)).unwrap();
    }
    for (register, value) in reading.registers() {
        let label = register.published(value).map_or("no such state", |(label, _)| label);
        let line = format!("  {} {value} {}", series(register, label), register.quantity().unit());
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    writeln!(text, "  unknown {}", reading.unknown).unwrap();
    text
}

/// A register's name in the exposition, with a label value.
pub fn series(register: Register, value: &str) -> String {
    let family = register.family();
    match family.label {
        Some(label) => format!("{}{{{label}=\"{value}\"}}", family.name),
        None => family.name.into(),
    }
}

fn clock(list: &List, reading: &Reading, clock: &DateTime) -> String {
    let digits = clock.digits().map_or("unspecified".into(), |digits| digits.to_string());
    let deviation = clock.deviation().map_or("unspecified".into(), |minutes| minutes.to_string());
    let status = clock.status().map_or("unspecified".into(), |status| format!("{status:02x}"));
    let unix = clock.to_unix(list.zone).map_or("unknown".into(), |seconds| seconds.to_string());
    let place = if reading.clock_in_list { "list" } else { "header" };
    format!("clock {digits} in the {place}, deviation {deviation}, status {status}, unix {unix}")
}
