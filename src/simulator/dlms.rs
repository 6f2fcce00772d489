//! A list of DLMS as its maker writes it: which rows, in which types, in front of which clock.

use super::clock::Clock;
use super::framing::Framing;
use super::state::MeterState;
use crate::meter::{Entry, List, Register};
use crate::reading::Content;
use crate::wire::clock::DateTime;
use crate::wire::cursor::{Reader, Writer};
use crate::wire::deframer::LONGEST;
use crate::wire::dlms::apdu::{Apdu, Notification, Stamp};
use crate::wire::dlms::value::Value;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// How a maker's meters speak DLMS.
pub struct Dialect {
    /// What brings the message to the reader.
    pub framing: Framing,
    /// long-invoke-id-and-priority.
    pub invoke_id: u32,
    /// The form of the date-time in front of the list.
    pub stamp: Stamped,
    /// Its clock.
    pub clock: Clock,
    /// Whether the clock in the list shows the full hour of the registers, or when the list is sent.
    pub clock_of_registers: bool,
    /// Whether texts are visible-strings or octet-strings.
    pub visible: bool,
    /// Whether each value is followed by its scaler and unit.
    pub scalers: bool,
    /// Whether a phase that is not there leaves an empty place.
    pub null_slots: bool,
    /// How the rows stand in it.
    pub layout: Layout,
    /// What its lists say, in order.
    pub rows: &'static [Row],
    /// Its lists by content, for one phase and for three.
    pub lists: [[&'static List; 3]; 2],
}

/// The form of the date-time in front of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamped {
    /// None.
    Absent,
    /// As the standard says.
    Plain,
    /// With an octet-string's tag.
    Tagged,
}

/// How rows stand in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// As the list's own table says.
    List,
    /// Code, value and scaler in turn; texts and clocks without a code.
    Triples,
}

/// One row of a maker's lists.
pub struct Row {
    /// Its code.
    pub obis: Obis,
    /// What stands in it.
    pub cell: Cell,
    /// The shortest list that has it.
    pub from: Content,
}

/// What stands in a row.
#[derive(Clone, Copy)]
pub enum Cell {
    /// A text that is always the same: the list's title.
    Title(&'static str),
    /// The meter's own number.
    Id,
    /// The same as a number.
    NumberOfMeter,
    /// Its type.
    Model,
    /// Its clock.
    Clock,
    /// A number of this form.
    Number(Form),
}

/// The type of a number on the wire, and its power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// double-long-unsigned.
    U32(i8),
    /// long-unsigned.
    U16(i8),
    /// long.
    I16(i8),
    /// long64.
    I64(i8),
    /// long64-unsigned.
    U64(i8),
}

impl Form {
    /// Its power of ten.
    pub const fn exponent(self) -> i8 {
        match self {
            Form::U32(exponent)
            | Form::U16(exponent)
            | Form::I16(exponent)
            | Form::I64(exponent)
            | Form::U64(exponent) => exponent,
        }
    }

    fn value(self, number: i64) -> Value<'static> {
        match self {
            Form::U32(_) => Value::U32(number as u32),
            Form::U16(_) => Value::U16(number as u16),
            Form::I16(_) => Value::I16(number as i16),
            Form::I64(_) => Value::I64(number),
            Form::U64(_) => Value::U64(number as u64),
        }
    }
}

impl Dialect {
    /// The message of a list, without what carries it.
    pub fn message(&self, content: Content, state: &MeterState<'_>) -> Vec<u8> {
        let sent = self.clock.show(state.sent);
        let stamp = match self.stamp {
            Stamped::Absent => Stamp::Absent,
            Stamped::Plain => Stamp::Plain(sent),
            Stamped::Tagged => Stamp::Tagged(sent),
        };
        let body = self.body(content, state);
        let body = Value::read(&mut Reader::new(&body)).expect("List::emit writes one whole value");
        let notification = Notification { invoke_id: self.invoke_id, stamp, body, trailing: &[] };
        written(|writer| Apdu::Notification(notification).emit(writer))
    }

    fn body(&self, content: Content, state: &MeterState<'_>) -> Vec<u8> {
        let clock = self.clock.show(if self.clock_of_registers { state.counted } else { state.sent });
        let rows = self.rows.iter().filter(|row| row.from as usize <= content as usize);
        let entries: Vec<Entry<'_>> = rows.filter_map(|row| self.entry(row, state, &clock)).collect();
        let list = self.lists[usize::from(state.phases == 3)][content as usize];
        written(|writer| match self.layout {
            Layout::List => list.emit(&entries, writer),
            Layout::Triples => emit_triples(&entries, writer),
        })
    }

    fn entry<'a>(
        &self,
        row: &Row,
        state: &MeterState<'a>,
        DateTime(clock): &'a DateTime,
    ) -> Option<Entry<'a>> {
        let text = |text: &'a str| match self.visible {
            true => Value::Text(text.as_bytes()),
            false => Value::Octets(text.as_bytes()),
        };
        let value = match row.cell {
            Cell::Title(title) => text(title),
            Cell::Id => text(state.id),
            Cell::NumberOfMeter => Value::U32(state.id.parse().unwrap_or_default()),
            Cell::Model => text(state.model),
            Cell::Clock => Value::Octets(clock),
            Cell::Number(form) => return self.number(row.obis, form, state),
        };
        Some(Entry { obis: row.obis, value, scaler: None })
    }

    fn number(&self, obis: Obis, form: Form, state: &MeterState<'_>) -> Option<Entry<'static>> {
        let Obis([_, _, groups @ .., _]) = obis;
        let value = match state.amount(groups) {
            Some(amount) => form.value(amount.over(form.exponent())),
            None if self.null_slots => Value::Null,
            None => return None,
        };
        let unit = || Register::find(obis).map_or(Unit::NONE, |register| register.quantity().unit());
        Some(Entry { obis, value, scaler: self.scalers.then(|| (form.exponent(), unit())) })
    }
}

fn emit_triples(entries: &[Entry<'_>], writer: &mut Writer<'_>) {
    const STRUCTURE: u8 = 2;
    let elements = |entry: &Entry<'_>| if entry.scaler.is_some() { 3 } else { 1 };
    writer.u8(STRUCTURE);
    writer.length(entries.iter().map(elements).sum());
    for Entry { obis, value, scaler } in entries {
        let Some((exponent, Unit(unit))) = *scaler else {
            value.emit(writer);
            continue;
        };
        Value::Octets(&obis.0).emit(writer);
        value.emit(writer);
        writer.bytes(&[STRUCTURE, 2]);
        Value::I8(exponent).emit(writer);
        Value::Enum(unit).emit(writer);
    }
}

/// What a writer was given.
pub fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = vec![0; LONGEST];
    let mut writer = Writer::new(&mut buffer);
    write(&mut writer);
    let length = writer.written().len();
    buffer.truncate(length);
    buffer
}
