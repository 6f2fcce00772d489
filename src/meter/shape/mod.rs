//! How values are arranged in a list: one file a shape, each with the rows that its tables are made of and a walk over
//! the values.

pub(super) mod by_id;
mod coded;
mod described;
pub(super) mod fixed_block;
pub(super) mod positional;
mod sml;
pub(super) mod telegram;

use super::item::Item;
use super::scale::{Scale, Sizes};
use super::signature::{Layout, Opening};
use crate::wire::message::Message;
use by_id::{Measure, Row};
use fixed_block::BlockField;
use positional::Column;
use telegram::Dialect;

/// How values are arranged in a list.
pub enum Shape {
    /// By position alone; the types of all rows must match.
    Positional(&'static [Column]),
    /// OBIS code and value in turn. The unit is the register's own; the power of ten is in the table, not in the list.
    Pairs(&'static [Scale]),
    /// A structure for each value: OBIS code, value, scaler and unit.
    Records,
    /// Bare values, whose codes the first element gives; units and powers of ten as in pairs.
    Described(&'static [Scale]),
    /// Data sets of an ASCII telegram.
    Telegram(&'static Dialect),
    /// Entries of an SML list.
    Sml {
        /// Whether the meter sends signed power of one to three bytes as signed and means it unsigned.
        power_is_unsigned: bool,
    },
    /// A block of bytes with values at fixed places.
    FixedBlock {
        /// Bytes of the block.
        length: usize,
        /// Its values.
        fields: &'static [BlockField],
    },
    /// Values under the manufacturer's own ids, in its own units.
    ById {
        /// What each id stands for.
        rows: &'static [Row],
        /// The manufacturer's units.
        units: &'static [Measure],
    },
}

/// The values of a list, in the order of the message.
pub enum Items<'a> {
    /// By position.
    Positional(positional::Items<'a>),
    /// With a code for each value.
    Coded(coded::Items<'a>),
    /// With all codes in front.
    Described(described::Items<'a>),
    /// An ASCII telegram.
    Telegram(telegram::Items<'a>),
    /// A list of SML.
    Sml(sml::Items<'a>),
    /// A block of bytes with values at fixed places.
    FixedBlock(fixed_block::Items<'a>),
    /// Values under a manufacturer's own ids.
    ById(by_id::Items<'a>),
    /// No values: the message is of another protocol.
    Other,
}

impl Shape {
    /// Whether a message may have this shape, as far as its beginning shows.
    pub(super) fn fits(&self, opening: &Opening<'_>) -> bool {
        match (self, &opening.layout) {
            (Shape::Positional(columns), Layout::Flat) => opening.count == columns.len(),
            (Shape::Records, Layout::Records) => opening.code.is_some(),
            (Shape::Telegram(dialect), Layout::OfProtocol(Message::Telegram(telegram))) => {
                telegram.is_readout() || !dialect.is_readout
            }
            (Shape::FixedBlock { length, .. }, Layout::OfProtocol(Message::Kmp382(response))) => {
                *length == response.data.len()
            }
            (Shape::Pairs(_), Layout::Flat)
            | (Shape::Described(_), Layout::Described)
            | (Shape::Sml { .. }, Layout::OfProtocol(Message::Sml(_)))
            | (Shape::ById { .. }, Layout::OfProtocol(Message::Kmp(_))) => true,
            _ => false,
        }
    }

    /// The values of a message of this shape.
    pub(super) fn items<'a>(&self, message: &Message<'a>) -> Items<'a> {
        match (self, message) {
            (Shape::Positional(columns), Message::Notification(notification)) => {
                Items::Positional(positional::Items::new(columns, &notification.body))
            }
            (Shape::Pairs(_) | Shape::Records, Message::Notification(notification)) => {
                Items::Coded(coded::Items::new(&notification.body))
            }
            (Shape::Described(_), Message::Notification(notification)) => {
                Items::Described(described::Items::new(&notification.body))
            }
            (Shape::Telegram(dialect), Message::Telegram(telegram)) => {
                Items::Telegram(telegram::Items::new(dialect, telegram))
            }
            (&Shape::Sml { power_is_unsigned }, Message::Sml(list)) => {
                Items::Sml(sml::Items::new(list, power_is_unsigned))
            }
            (Shape::FixedBlock { fields, .. }, Message::Kmp382(response)) => {
                Items::FixedBlock(fixed_block::Items::new(fields, response.data))
            }
            (Shape::ById { rows, units }, Message::Kmp(response)) => {
                Items::ById(by_id::Items::new(rows, units, *response))
            }
            _ => Items::Other,
        }
    }
}

impl<'a> Items<'a> {
    /// Passes each value on, and returns what is known after the last. An iterator would have to move every value, which
    /// the bound on instructions a frame does not allow.
    pub fn each(self, take: impl FnMut(Item<'a>)) -> Self {
        match self {
            Items::Positional(items) => Items::Positional(items.each(take)),
            Items::Coded(items) => Items::Coded(items.each(take)),
            Items::Described(items) => Items::Described(items.each(take)),
            Items::Telegram(items) => Items::Telegram(items.each(take)),
            Items::Sml(items) => Items::Sml(items.each(take)),
            Items::FixedBlock(items) => Items::FixedBlock(items.each(take)),
            Items::ById(items) => Items::ById(items.each(take)),
            Items::Other => Items::Other,
        }
    }

    /// Whether anything did not belong there, so that the message is of another list. Only known after the last item.
    pub fn mismatch(&self) -> bool {
        match self {
            Items::Positional(items) => items.mismatch(),
            Items::Coded(items) => items.mismatch(),
            Items::Described(items) => items.mismatch(),
            // Here every value has its code or its place.
            Items::Telegram(_) | Items::Sml(_) | Items::FixedBlock(_) | Items::ById(_) => false,
            Items::Other => true,
        }
    }

    /// The sizes of the numbers so far, where any scale depends on them.
    pub(crate) fn sizes(&self) -> Sizes {
        match self {
            Items::Described(items) => items.sizes(),
            _ => Sizes::default(),
        }
    }
}
