//! What codes and messages mean, for breakdowns: from the meters' tables, and by decoding.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::names;
use crate::decoder::{Outcome, understand};
use crate::meter::{
    self, BlockField, BlockForm, Column, Item, List, Quantity, Register, Shape, device, manufacturer,
};
use crate::reading::{Reading, Settings};
use crate::wire::meaning::{
    ByteOrder, Cell, Datum, Fate, Kind, Layout, Meaning, Meanings, Position, Reading as Fates,
};
use crate::wire::message::Message;
use crate::wire::obis::Obis;

/// The tables of all meters, and what the user knows of this one.
pub(super) struct Tables {
    /// What the user knows better than the frames.
    pub settings: Settings,
}

impl Meanings for Tables {
    fn name(&self, code: Obis) -> String {
        names::name(code)
    }

    fn is_register(&self, code: Obis) -> bool {
        Register::find(code).is_some()
    }

    fn manufacturer(&self, letters: &[u8]) -> Option<&'static str> {
        manufacturer(letters)
    }

    fn device(&self, identification: &[u8]) -> String {
        device::printed(identification).to_string()
    }

    fn device_number(&self, identification: &[u8]) -> Option<u32> {
        device::Identification::parse(identification).map(|identification| identification.number)
    }

    fn layout(&self, message: &Message<'_>) -> Layout {
        match List::of(message).map(|list| &list.shape) {
            Some(&Shape::Positional(columns)) => Layout::Positions(columns.iter().map(position).collect()),
            Some(Shape::Described(_)) => Layout::Described,
            Some(&Shape::FixedBlock { fields, .. }) => Layout::Block(fields.iter().map(cell).collect()),
            Some(&Shape::ById { rows, .. }) => Layout::Numbers(rows.iter().map(|row| row.id).collect()),
            _ => Layout::Codes,
        }
    }

    fn values<'a>(&self, message: &Message<'a>) -> Vec<Meaning<'a>> {
        let mut values = Vec::new();
        if let Some(list) = List::of(message) {
            list.items(message).each(|item| values.push(meaning(item)));
        }
        values
    }

    fn outcome(&self, message: &Message<'_>) -> Option<Fates> {
        let mut reading = Reading::default();
        let Outcome::Reading { list, message, reading } = understand(*message, &mut reading, self.settings)
        else {
            return None;
        };
        let mut fates = Vec::new();
        list.items(&message).each(|item| fates.push((item.obis, fate(&item, reading))));
        Some(Fates { fates })
    }
}

fn position(column: &Column) -> Position {
    let scale = match *column {
        Column::Number(_, register, form) => Some((form.exponent(), register.quantity().unit())),
        _ => None,
    };
    Position { code: column.obis(), scale }
}

fn cell(field: &BlockField) -> Cell {
    let (width, names) = match field.form {
        BlockForm::Text(width) => (width, None),
        BlockForm::Name => (4, Some(ByteOrder::Big)),
        BlockForm::NameBackwards => (4, Some(ByteOrder::Little)),
        _ => (4, None),
    };
    Cell { at: field.at, width, names }
}

fn meaning(item: Item<'_>) -> Meaning<'_> {
    Meaning {
        code: item.obis,
        register: item.register.map(names::of_register),
        datum: item.datum,
        unit: item.unit,
        kind: kind(&item),
    }
}

fn kind(item: &Item<'_>) -> Kind {
    let Some(register) = item.register else { return Kind::Quantity };
    let state = match (register.kind(), item.datum) {
        (meter::Kind::State(_), Datum::Number(number)) => register.published(number),
        _ => None,
    };
    match (register.quantity(), state, item.unit) {
        (Quantity::Timestamp, ..) => Kind::Timestamp,
        (_, Some((name, _)), _) => Kind::State(name),
        (quantity, None, Some(unit)) if quantity.unit() != unit => Kind::OtherUnit,
        _ => Kind::Quantity,
    }
}

/// What became of a value: read under the register of its code, or under another one.
fn fate(item: &Item<'_>, reading: &Reading) -> Fate {
    let own = Register::find(item.obis);
    match (item.register, item.datum) {
        (Some(other), Datum::Number(number)) if own != Some(other) => {
            Fate::ReadAs(names::of_register(other), number, other.quantity().unit())
        }
        _ => match own.map(|register| (register, reading.value(register))) {
            None => Fate::Unknown,
            Some((_, None)) => Fate::Omitted,
            Some((register, Some(value))) => Fate::Read(value, register.quantity().unit()),
        },
    }
}
