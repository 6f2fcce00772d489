//! Writes values as a list, for the simulated meters and to test that a table reads what it writes.

use super::list::List;
use super::shape::Shape;
use super::shape::positional::{Column, Form};
use super::signature::Signature;
use crate::obis;
use crate::wire::clock::DateTime;
use crate::wire::cursor::Writer;
use crate::wire::dlms::value::{Descriptor, Value};
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// A value to be written into a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
    /// Its code.
    pub obis: Obis,
    /// The value, before scaling.
    pub value: Value<'a>,
    /// Power of ten and unit, if the list sends them.
    pub scaler: Option<(i8, Unit)>,
}

const ARRAY: u8 = 1;
const STRUCTURE: u8 = 2;

impl List {
    /// Writes the list's body: a positional list in the order of its table, with zero for missing entries, any other list
    /// in the order of the entries.
    pub fn emit(&self, entries: &[Entry<'_>], writer: &mut Writer<'_>) {
        match self.shape {
            Shape::Positional(columns) => {
                open(STRUCTURE, columns.len(), writer);
                columns.iter().for_each(|column| column.emit(entries, writer));
            }
            Shape::Pairs(_) => self.emit_pairs(entries, writer),
            Shape::Records => {
                open(ARRAY, entries.len(), writer);
                entries.iter().for_each(|entry| entry.emit_record(writer));
            }
            Shape::Described(_) => self.emit_described(entries, writer),
            _ => {}
        }
    }

    /// The description, which describes itself first, then the values.
    fn emit_described(&self, entries: &[Entry<'_>], writer: &mut Writer<'_>) {
        let pushed_by = match self.signature {
            Signature::PushedBy([object, ..]) => *object,
            _ => obis!(0-6:25.9.0),
        };
        open(STRUCTURE, 1 + entries.len(), writer);
        open(ARRAY, 1 + entries.len(), writer);
        Descriptor::of_description(pushed_by).emit(writer);
        entries.iter().for_each(|entry| Descriptor::of_value(entry.class(), entry.obis).emit(writer));
        entries.iter().for_each(|entry| entry.value.emit(writer));
    }

    fn emit_pairs(&self, entries: &[Entry<'_>], writer: &mut Writer<'_>) {
        // A list version that is not among the entries comes first, without a code.
        let title = match self.signature {
            Signature::Title(title) if !entries.iter().any(|entry| is_title(entry, title)) => Some(title),
            _ => None,
        };
        open(STRUCTURE, entries.len() * 2 + usize::from(title.is_some()), writer);
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

fn open(tag: u8, count: usize, writer: &mut Writer<'_>) {
    writer.u8(tag);
    writer.length(count);
}

fn is_title(entry: &Entry<'_>, title: &str) -> bool {
    entry.value.string() == Some(title.as_bytes())
}

impl Column {
    fn emit(&self, entries: &[Entry<'_>], writer: &mut Writer<'_>) {
        let entry = self.obis().and_then(|obis| entries.iter().find(|entry| entry.obis == obis));
        entry.map_or_else(|| self.nothing(), |entry| entry.value).emit(writer);
    }

    const fn nothing(&self) -> Value<'static> {
        const UNSPECIFIED: DateTime = DateTime([0xFF; 12]);
        match *self {
            Column::Number(_, _, Form::Long(_)) => Value::U32(0),
            Column::Number(_, _, Form::Short(_)) => Value::U16(0),
            Column::Number(_, _, Form::State) => Value::Enum(0),
            Column::Text(_) => Value::Octets(&[]),
            Column::Clock(_) => Value::Octets(&UNSPECIFIED.0),
            Column::Unread(example) => *example,
        }
    }
}

impl Entry<'_> {
    /// The class of objects that have such a value: register, clock, data.
    fn class(&self) -> u16 {
        match self.value.integer() {
            Some(_) => 3,
            None if self.obis == obis!(0-0:1.0.0) => 8,
            None => 1,
        }
    }

    fn emit_record(&self, writer: &mut Writer<'_>) {
        open(STRUCTURE, if self.scaler.is_some() { 3 } else { 2 }, writer);
        Value::Octets(&self.obis.0).emit(writer);
        self.value.emit(writer);
        if let Some((exponent, Unit(unit))) = self.scaler {
            open(STRUCTURE, 2, writer);
            Value::I8(exponent).emit(writer);
            Value::Enum(unit).emit(writer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::LISTS;
    use crate::wire::cursor::Reader;

    #[test]
    fn pairs_begin_with_the_version_of_their_list_with_or_without_a_code() {
        let list = LISTS.iter().find(|list| list.name == "Kamstrup_V0001").expect("a list of pairs");
        let elements = |entries: &[Entry<'_>]| {
            let mut buffer = [0; 64];
            let mut writer = Writer::new(&mut buffer);
            list.emit(entries, &mut writer);
            let body = Value::read(&mut Reader::new(writer.written())).expect("a list");
            body.sequence().map(|elements| elements.len())
        };
        let power = Entry { obis: obis!(1-1:1.7.0), value: Value::U32(5), scaler: None };
        let version = Entry { obis: obis!(1-1:0.2.129), value: Value::Text(b"Kamstrup_V0001"), scaler: None };
        assert_eq!((elements(&[power]), elements(&[version, power])), (Some(3), Some(4)));
    }
}
