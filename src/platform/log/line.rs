//! The text of one log line.

use std::{
    fmt::{self, Write},
    time::SystemTime,
};

use tracing::{
    Level,
    field::{Field, Visit},
};

use super::{Format, Utc};

/// How a line begins.
#[derive(Clone, Copy)]
pub enum Head {
    /// With the time by this clock.
    Time(fn() -> SystemTime),
    /// With a priority for the journal, which records the time itself.
    Priority,
}

/// The message and the fields of an event or a span, already as text.
pub struct Fields {
    format: Format,
    message: String,
    rest: String,
}

impl Fields {
    pub fn new(format: Format) -> Self {
        Self { format, message: String::new(), rest: String::new() }
    }

    /// A message without fields yet.
    pub fn message(format: Format, message: &str) -> Self {
        Self { message: message.into(), ..Self::new(format) }
    }

    /// Adds a field with a number.
    pub fn number(&mut self, name: &str, value: u64) {
        self.bare(name, format_args!("{value}"));
    }

    /// Adds the fields of a span.
    pub fn append(&mut self, span: &Self) {
        self.rest.push_str(&span.rest);
    }

    /// The complete line with its line feed.
    pub fn line(&self, head: &Head, level: Level) -> String {
        let mut line = match head {
            Head::Time(_) => String::new(),
            Head::Priority => format!("<{}>", priority(level)),
        };
        let mut start = Self::new(self.format);
        if let Head::Time(clock) = head {
            start.text("time", &Utc(clock()).to_string());
        }
        start.text("level", level.as_str());
        start.text("msg", &self.message);
        start.append(self);
        match self.format {
            Format::Logfmt => line.push_str(start.rest.trim_start_matches(' ')),
            Format::Json => line.extend(["{", start.rest.trim_start_matches(','), "}"]),
        }
        line.push('\n');
        line
    }

    /// Adds a field whose value needs no quotes in either format.
    fn bare(&mut self, name: &str, value: fmt::Arguments) {
        // Writing to memory cannot fail.
        let _ = match self.format {
            Format::Logfmt => write!(self.rest, " {name}={value}"),
            Format::Json => write!(self.rest, ",\"{name}\":{value}"),
        };
    }

    fn text(&mut self, name: &str, value: &str) {
        match self.format {
            Format::Logfmt if plain(value) => self.bare(name, format_args!("{value}")),
            _ => self.bare(name, format_args!("\"{}\"", Escaped(value))),
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message.push_str(value),
            name => self.text(name, value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field.name(), format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field.name(), format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no numbers for infinity and NaN.
        match value.is_finite() {
            true => self.bare(field.name(), format_args!("{value}")),
            false => self.text(field.name(), &value.to_string()),
        }
    }
}

/// Text with escapes for all that would end or break a quoted value, as JSON and logfmt both read them.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '"' => f.write_str("\\\""),
            '\\' => f.write_str("\\\\"),
            '\n' => f.write_str("\\n"),
            '\r' => f.write_str("\\r"),
            '\t' => f.write_str("\\t"),
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c)),
            c => f.write_char(c),
        })
    }
}

/// Whether a value needs no quotes in logfmt.
fn plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '=' | '"' | '\\'))
}

/// The priorities of syslog, sd-daemon(3).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}
