//! The tables backwards: values to a list, for the simulated meter and for the proof that a table reads what it writes.

use super::{Form, List, Mark, Shape};
use crate::wire::clock::DateTime;
use crate::wire::cursor::Writer;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;
use crate::wire::value::Value;

/// A value as a list writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
    /// Its code.
    pub obis: Obis,
    /// The value, before scaling.
    pub value: Value<'a>,
    /// Power of ten and unit, where the list sends them.
    pub scaler: Option<(i8, Unit)>,
}

const ARRAY: u8 = 1;
const STRUCTURE: u8 = 2;

impl List {
    /// Writes the list's body: a positional list in the order of its table, with a harmless value for what is missing;
    /// any other in the order of the entries.
    pub fn emit(&self, entries: &[Entry<'_>], writer: &mut Writer<'_>) {
        match self.shape {
            Shape::Columns(columns) => {
                writer.u8(STRUCTURE);
                writer.length(columns.len());
                for column in columns {
                    let entry = entries.iter().find(|entry| entry.obis == column.obis);
                    entry.map_or_else(|| column.form.nothing(), |entry| entry.value).emit(writer);
                }
            }
            Shape::Pairs(_) => self.emit_pairs(entries, writer),
            Shape::Records => {
                writer.u8(ARRAY);
                writer.length(entries.len());
                entries.iter().for_each(|entry| entry.emit_record(writer));
            }
            _ => {}
        }
    }

    fn emit_pairs(&self, entries: &[Entry<'_>], writer: &mut Writer<'_>) {
        // A title that is not an entry of its own stands in front alone.
        let title = match self.mark {
            Mark::Title(title) if !entries.iter().any(|entry| is_title(entry, title)) => Some(title),
            _ => None,
        };
        writer.u8(STRUCTURE);
        writer.length(entries.len() * 2 + usize::from(title.is_some()));
        if let Some(title) = title {
            Value::Text(title.as_bytes()).emit(writer);
        }
        for entry in entries {
            match entry.value {
                Value::Null => (0..2).for_each(|_| Value::Null.emit(writer)),
                value => {
                    Value::Octets(&entry.obis.0).emit(writer);
                    value.emit(writer);
                }
            }
        }
    }
}

fn is_title(entry: &Entry<'_>, title: &str) -> bool {
    entry.value.string() == Some(title.as_bytes())
}

impl Entry<'_> {
    fn emit_record(&self, writer: &mut Writer<'_>) {
        writer.u8(STRUCTURE);
        writer.length(if self.scaler.is_some() { 3 } else { 2 });
        Value::Octets(&self.obis.0).emit(writer);
        self.value.emit(writer);
        if let Some((exponent, Unit(unit))) = self.scaler {
            writer.u8(STRUCTURE);
            writer.length(2);
            Value::I8(exponent).emit(writer);
            Value::Enum(unit).emit(writer);
        }
    }
}

impl Form {
    const fn nothing(self) -> Value<'static> {
        const UNSPECIFIED: DateTime = DateTime([0xFF; 12]);
        match self {
            Form::Text => Value::Octets(&[]),
            Form::Clock => Value::Octets(&UNSPECIFIED.0),
            Form::Number(..) => Value::U32(0),
        }
    }
}
