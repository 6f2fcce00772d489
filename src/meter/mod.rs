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

mod cells;
mod cosem;
pub(crate) mod described;
mod emit;
mod family;
mod item;
pub(crate) mod kaifa;
pub(crate) mod kamstrup;
mod kamstrup_685;
mod kmp;
mod maker;
mod numbered;
pub(crate) mod p1;
mod register;
pub(crate) mod scale;
pub mod telegram;

pub use cells::{Cell, CellForm};
pub use emit::Entry;
pub use family::{CHANNEL, Code, FAMILIES, Family, Kind, Medium, Quantity};
pub(crate) use item::Take;
pub use item::{Datum, Item, Items};
pub use maker::maker;
pub use numbered::{Measure, Row};
pub use register::{COUNT, Register};
pub use scale::{Scale, When};
pub use telegram::Dialect;

use crate::wire::apdu::{Notification, Stamp};
use crate::wire::clock::Zone;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::telegram::Telegram;
use crate::wire::value::Value;

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
    /// Whether its energy is scaled by a setting of the meter that its owner may know better (`--kamstrup-energy`).
    pub energy_is_set: bool,
}

/// What a list is known by, beside its shape.
pub enum Mark {
    /// Its first text begins so: "KFM_001".
    Title(&'static str),
    /// Its first value is this one.
    First(Obis),
    /// The line of identification of its telegram begins with one of these.
    Ident(&'static [&'static str]),
    /// A code of its telegram, its other groups left out, is of these groups C and D.
    Reduced([u8; 2]),
    /// It answers this command.
    Command(u8),
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
    /// Data sets of an ASCII telegram, with what this one has of its own.
    Telegram(&'static Dialect),
    /// Entries of an SML list.
    Sml,
    /// A block of so many octets, and what stands at which place.
    Cells {
        /// Octets of the block.
        length: usize,
        /// Its values.
        cells: &'static [Cell],
    },
    /// Values under a maker's own numbers.
    Numbered(&'static [Row]),
}

/// One row of a positional list.
pub struct Column {
    /// What it is.
    pub obis: Obis,
    /// Its register, if it is one.
    pub register: Option<Register>,
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
    /// u32, or u64 on a meter behind current transformers: a whole number of this kind, times this power of ten.
    Number(Quantity, i8),
}

/// Every list we know by name. The last of each kind take any maker's list that says itself what its values are.
pub static LISTS: [&List; 25] = [
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
    &kamstrup::READOUT_382,
    &kamstrup::READOUT_382C,
    &p1::LITHUANIA,
    &p1::EHZ,
    &p1::HEAT,
    &p1::READOUT,
    &p1::P1,
    &kamstrup_685::IDENTITY,
    &kamstrup_685::REGISTERS,
    &kamstrup_685::TARIFFS,
    &kmp::TYPE,
    &kmp::SERIAL,
    &kmp::REGISTERS,
];

impl List {
    /// The list that a message is, if it is one we know.
    #[inline]
    pub fn of(message: &Message<'_>) -> Option<&'static List> {
        match message {
            Message::Notification(notification) => List::of_notification(notification),
            Message::Telegram(telegram) => List::of_telegram(telegram),
            Message::Sml(_) => None,
            Message::Kmp382(answer) => List::answering(
                answer.command,
                |shape| matches!(shape, Shape::Cells { length, .. } if *length == answer.data.len()),
            ),
            Message::Kmp(answer) => {
                List::answering(answer.command(), |shape| matches!(shape, Shape::Numbered(_)))
            }
        }
    }

    fn answering(command: u8, fits: impl Fn(&Shape) -> bool) -> Option<&'static List> {
        let answers = |list: &&List| matches!(list.mark, Mark::Command(of) if of == command);
        LISTS.iter().copied().find(|list| answers(list) && fits(&list.shape))
    }

    fn of_telegram(telegram: &Telegram<'_>) -> Option<&'static List> {
        LISTS.iter().copied().find(|list| match list.shape {
            Shape::Telegram(dialect) => {
                (telegram.is_readout() || !dialect.is_readout) && list.mark.is_of(telegram)
            }
            _ => false,
        })
    }

    #[inline]
    fn of_notification(notification: &Notification<'_>) -> Option<&'static List> {
        let body = &notification.body;
        let first = First::of(body)?;
        LISTS.iter().copied().find(|list| list.shape.may_be(notification, &first) && list.mark.holds(&first))
    }

    /// The values of a list.
    #[inline]
    pub fn items<'a>(&'static self, message: &Message<'a>) -> Items<'a> {
        Items::new(self, message)
    }
}

impl Shape {
    /// What costs nothing to see: the outermost type, the number of columns, the form of the date-time.
    #[inline]
    fn may_be(&self, notification: &Notification<'_>, first: &First<'_>) -> bool {
        match (self, &notification.body) {
            (Shape::Columns(columns), Value::Structure(elements)) => {
                elements.len() == columns.len()
                    && first.code.is_none()
                    && matches!(notification.stamp, Stamp::Tagged(_))
            }
            (Shape::Pairs(_), Value::Structure(_)) => !first.in_record,
            (Shape::Records, Value::Array(_) | Value::Structure(_)) => {
                first.in_record && first.code.is_some()
            }
            _ => false,
        }
    }
}

impl Mark {
    #[inline]
    fn holds(&self, first: &First<'_>) -> bool {
        match *self {
            Mark::Title(title) => first.text.is_some_and(|text| text.starts_with(title.as_bytes())),
            Mark::First(obis) => first.code == Some(obis),
            Mark::Ident(_) | Mark::Reduced(_) | Mark::Command(_) => false,
            Mark::Shape => true,
        }
    }

    fn is_of(&self, telegram: &Telegram<'_>) -> bool {
        match *self {
            Mark::Ident(starts) => {
                let ident = telegram.ident();
                starts.iter().any(|start| ident.starts_with(start))
            }
            Mark::Reduced([c, d]) => telegram.sets().any(|set| {
                let bare = Obis([1, 0, c, d, 0, 255]);
                set.is_ok_and(|set| set.is_reduced && set.obis == bare)
            }),
            Mark::Title(_) | Mark::First(_) | Mark::Command(_) => false,
            Mark::Shape => true,
        }
    }
}

/// What a list begins with: a text alone, or a code and perhaps a text.
struct First<'a> {
    in_record: bool,
    code: Option<Obis>,
    text: Option<&'a [u8]>,
}

impl<'a> First<'a> {
    #[inline]
    fn of(body: &Value<'a>) -> Option<Self> {
        let mut elements = body.sequence().filter(|sequence| !sequence.is_empty())?.iter();
        let in_record = elements.at_structure();
        elements.enter_record();
        Some(First { in_record, code: elements.code(), text: elements.string() })
    }
}
