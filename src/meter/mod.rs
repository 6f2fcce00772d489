//! What a meter's values mean: one table a maker, all of the same few shapes.
//!
//! A vendor's file holds no logic. It mirrors the vendor's own document: which value stands where, in which unit.
//! Recognition is data too: a list is known by its title and the types of its rows, never by its length alone
//! (Iskraemeco sends 9 and 18 elements as Kaifa does).

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "the octets come from outside: no sequence of them may end the program"
)]

mod described;
mod emit;
mod item;
mod kaifa;
mod kamstrup;
mod register;
mod scale;

pub use emit::Entry;
pub use item::{Datum, Item, Items};
pub use register::{COUNT, FAMILIES, Family, Kind, Quantity, Register};
pub use scale::{Scale, When};

use crate::wire::apdu::{Notification, Stamp};
use crate::wire::clock::Zone;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;
use crate::wire::value::{Elements, Sequence, Value};

/// A list that a meter pushes.
pub struct List {
    /// Which meters send it, for people.
    pub name: &'static str,
    /// Who makes them; empty where the list itself does not tell.
    pub maker: &'static str,
    /// What it begins with.
    pub mark: Mark,
    /// How the values stand in it.
    pub shape: Shape,
    /// What its clock shows.
    pub zone: Zone,
    /// Types that measure between the wires of an IT net: there 0 V on L2 means "not measured". "" is no type at all.
    pub three_wire: &'static [&'static str],
}

/// What a list is known by, beside its shape.
pub enum Mark {
    /// Its first text begins so: "KFM_001".
    Title(&'static str),
    /// Its first value is this one.
    First(Obis),
    /// Nothing: its shape says all.
    Shape,
}

/// How values stand in a list.
pub enum Shape {
    /// By position alone; the date-time in front is tagged, as Kaifa does.
    Columns(&'static [Column]),
    /// OBIS code and value in turn. The unit is the register's own; the power of ten is in the table, not in the list.
    Pairs(&'static [Scale]),
    /// A structure for each value: OBIS code, value, and what it is scaled by.
    Records,
}

/// One row of a positional list.
pub struct Column {
    /// What it is.
    pub obis: Obis,
    /// Its type on the wire.
    pub form: Form,
}

/// What a row may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text in an octet-string or visible-string.
    Text,
    /// Twelve octets of date and time.
    Clock,
    /// u32, or u64 on a meter behind current transformers: a whole number of this unit times this power of ten.
    Number(Unit, i8),
}

/// Every list we know by name. The last two take any maker's list that says itself what its values are.
pub static LISTS: [&List; 12] = [
    &kaifa::LIST_1,
    &kaifa::LIST_2,
    &kaifa::LIST_2_SINGLE,
    &kaifa::LIST_3,
    &kaifa::LIST_3_SINGLE,
    &kaifa::PAIRS,
    &kamstrup::PAIRS,
    &described::AIDON,
    &described::AIDON_SWEDEN,
    &described::EMBRIQ,
    &described::RECORDS,
    &described::PAIRS,
];

impl List {
    /// The list that a notification is, if it is one we know.
    #[inline]
    pub fn of(notification: &Notification<'_>) -> Option<&'static List> {
        LISTS.into_iter().find(|list| list.matches(notification))
    }

    /// The values of a list that matched.
    #[inline]
    pub fn items<'a>(&'static self, body: &Value<'a>) -> Items<'a> {
        Items::new(self, body)
    }

    fn matches(&self, notification: &Notification<'_>) -> bool {
        let body = &notification.body;
        let shaped = match (&self.shape, body) {
            (Shape::Columns(columns), Value::Structure(elements)) => {
                elements.len() == columns.len() && matches!(notification.stamp, Stamp::Tagged(_))
            }
            (Shape::Pairs(_), Value::Structure(_)) => true,
            (Shape::Records, Value::Array(elements) | Value::Structure(elements)) => {
                matches!(elements.iter().next(), Some(Value::Structure(_)))
            }
            _ => false,
        };
        shaped && self.mark.holds(body) && self.holds(body)
    }

    /// Whether every value is of the type the shape has there.
    fn holds(&self, body: &Value<'_>) -> bool {
        match self.shape {
            Shape::Columns(columns) => {
                let elements = body.sequence().unwrap_or(Sequence::EMPTY);
                columns.iter().zip(elements).all(|(column, value)| column.form.holds(&value))
            }
            Shape::Pairs(_) | Shape::Records => item::are_coded(body),
        }
    }
}

impl Mark {
    fn holds(&self, body: &Value<'_>) -> bool {
        let Some(first) = body.sequence().and_then(|elements| First::of(elements.iter())) else { return false };
        match *self {
            Mark::Title(title) => first.text.is_some_and(|text| text.starts_with(title.as_bytes())),
            Mark::First(obis) => first.code == Some(obis),
            Mark::Shape => true,
        }
    }
}

/// What a list begins with: a text alone, or a code and perhaps a text.
struct First<'a> {
    code: Option<Obis>,
    text: Option<&'a [u8]>,
}

impl<'a> First<'a> {
    #[inline]
    fn of(mut elements: Elements<'a>) -> Option<Self> {
        let first = elements.next()?;
        if let Value::Structure(record) = first {
            elements = record.iter();
            return First::of(elements);
        }
        let code = item::code(&first);
        let value = if code.is_some() { elements.next() } else { Some(first) };
        Some(First { code, text: value.as_ref().and_then(Value::string) })
    }
}

impl Form {
    #[inline]
    fn holds(self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Form::Text, Value::Octets(_) | Value::Text(_)) => true,
            (Form::Clock, Value::Octets(octets)) => octets.len() == 12,
            (Form::Number(..), Value::U32(_) | Value::U64(_)) => true,
            _ => false,
        }
    }
}
