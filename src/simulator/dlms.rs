//! Lists of DLMS in the form of each manufacturer: their rows, types and date-time.

use super::clock::Clock;
use super::framing::Framing;
use super::row::Row;
use super::state::MeterState;
use crate::meter::{Entry, List, Register};
use crate::reading::Content;
use crate::wire::clock::DateTime;
use crate::wire::cursor::{Reader, Writer};
use crate::wire::dlms::apdu::{Apdu, Notification, Stamp};
use crate::wire::dlms::value::Value;
use crate::wire::encode::encode;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// How a manufacturer's meters use DLMS.
pub struct Dialect {
    /// The frames of its messages.
    pub framing: Framing,
    /// The long-invoke-id-and-priority.
    pub invoke_id: u32,
    /// The form of the date-time before the list.
    pub stamp: fn(DateTime) -> Stamp,
    /// Its clock.
    pub clock: Clock,
    /// Whether the clock in the list is the full hour of the registers, and not the time of sending.
    pub clock_of_registers: bool,
    /// Whether texts are visible-strings, and not octet-strings.
    pub visible: bool,
    /// Whether each value is followed by its scaler and unit.
    pub scalers: bool,
    /// Whether a missing phase leaves an empty element.
    pub null_slots: bool,
    /// Whether code, value and scaler take turns, and texts and clocks have no code. Otherwise the rows are as in the table
    /// of the list.
    pub in_triples: bool,
    /// The rows of its lists, in order.
    pub rows: &'static [Row<Cell>],
    /// Its lists by content, for one phase and for three.
    pub lists: [[&'static List; 3]; 2],
}

/// The value of a row.
#[derive(Clone, Copy)]
pub enum Cell {
    /// A fixed text: the list version.
    Title(&'static str),
    /// The meter's own number.
    Id,
    /// The meter's own number, as a number.
    NumberOfMeter,
    /// Its type.
    Model,
    /// Its clock.
    Clock,
    /// A measured number: its type and its power of ten.
    Number(Form, i8),
}

/// The type of a number.
pub type Form = fn(i64) -> Value<'static>;
/// double-long-unsigned.
pub const U32: Form = |number| Value::U32(number as u32);
/// long-unsigned.
pub const U16: Form = |number| Value::U16(number as u16);
/// long.
pub const I16: Form = |number| Value::I16(number as i16);
/// long64-unsigned.
pub const U64: Form = |number| Value::U64(number as u64);

impl Dialect {
    /// The message of a list, not framed.
    pub fn message(&self, content: Content, state: &MeterState<'_>) -> Vec<u8> {
        let stamp = (self.stamp)(self.clock.show(state.sent));
        let body = self.body(content, state);
        let body = Value::read(&mut Reader::new(&body)).expect("List::emit writes one complete value");
        let notification = Notification { invoke_id: self.invoke_id, stamp, body, trailing: &[] };
        encode(|writer| Apdu::Notification(notification).emit(writer))
    }

    fn body(&self, content: Content, state: &MeterState<'_>) -> Vec<u8> {
        let clock = self.clock.show(if self.clock_of_registers { state.counted } else { state.sent });
        let rows = Row::singles(self.rows, content);
        let entries: Vec<Entry<'_>> =
            rows.filter_map(|(obis, cell)| self.entry(obis, cell, state, &clock)).collect();
        let list = self.lists[usize::from(state.phases == 3)][content as usize];
        encode(|writer| match self.in_triples {
            true => emit_triples(&entries, writer),
            false => list.emit(&entries, writer),
        })
    }

    fn entry<'a>(
        &self,
        obis: Obis,
        cell: Cell,
        state: &MeterState<'a>,
        DateTime(clock): &'a DateTime,
    ) -> Option<Entry<'a>> {
        let text = |text: &'a str| match self.visible {
            true => Value::Text(text.as_bytes()),
            false => Value::Octets(text.as_bytes()),
        };
        let value = match cell {
            Cell::Title(title) => text(title),
            Cell::Id => text(state.id),
            Cell::NumberOfMeter => Value::U32(state.number()),
            Cell::Model => text(state.type_name),
            Cell::Clock => Value::Octets(clock),
            Cell::Number(form, exponent) => return self.number(obis, form, exponent, state),
        };
        Some(Entry { obis, value, scaler: None })
    }

    fn number(&self, obis: Obis, form: Form, exponent: i8, state: &MeterState<'_>) -> Option<Entry<'static>> {
        let Obis([_, _, groups @ .., _]) = obis;
        let value = match state.amount(groups) {
            Some(amount) => form(amount.over(exponent)),
            None if self.null_slots => Value::Null,
            None => return None,
        };
        let unit = || Register::find(obis).map_or(Unit::NONE, |register| register.quantity().unit());
        Some(Entry { obis, value, scaler: self.scalers.then(|| (exponent, unit())) })
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
