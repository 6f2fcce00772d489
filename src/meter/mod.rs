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
    reason = "the bytes come from outside: no sequence of them may end the program"
)]

mod cells;
mod column;
mod cosem;
pub(crate) mod described;
pub mod device;
mod dzg;
mod emit;
mod family;
pub(crate) mod iskraemeco;
mod item;
pub(crate) mod kaifa;
pub(crate) mod kamstrup;
mod kamstrup_685;
mod kmp;
pub(crate) mod landis_gyr;
mod maker;
mod mark;
mod net;
mod numbered;
pub(crate) mod p1;
mod register;
pub(crate) mod scale;
mod sml;
pub mod telegram;

pub use cells::{Cell, CellForm};
pub use column::{Column, Form};
pub use emit::Entry;
pub use family::{CHANNEL, Code, FAMILIES, Family, Kind, Medium, Quantity};
pub use item::{Datum, Item, Items};
pub(crate) use item::{End, Take};
pub use maker::maker;
pub use mark::Mark;
pub use numbered::{Measure, Row};
pub use register::{COUNT, Register};
pub use scale::{Scale, When};
pub use telegram::Dialect;

use crate::wire::clock::Zone;
use crate::wire::message::Message;
use mark::First;

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

/// How values stand in a list.
pub enum Shape {
    /// By position alone; the types of all rows must be right.
    Columns(&'static [Column]),
    /// OBIS code and value in turn. The unit is the register's own; the power of ten is in the table, not in the list.
    Pairs(&'static [Scale]),
    /// A structure for each value: OBIS code, value, and what it is scaled by.
    Records,
    /// Bare values, whose codes the first element gives; units and powers of ten as in pairs.
    Described(&'static [Scale]),
    /// Data sets of an ASCII telegram, with what this one has of its own.
    Telegram(&'static Dialect),
    /// Entries of an SML list.
    Sml,
    /// A block of so many bytes, and what stands at which place.
    Cells {
        /// Bytes of the block.
        length: usize,
        /// Its values.
        cells: &'static [Cell],
    },
    /// Values under a maker's own numbers.
    Numbered(&'static [Row]),
}

/// Every list we know, the more telling marks first. The last of each shape take any maker's list that says itself what
/// its values are.
pub static LISTS: [&List; 40] = [
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
    &landis_gyr::DESCRIBED,
    &iskraemeco::DESCRIBED,
    &landis_gyr::DESCRIBED_UNNAMED,
    &described::DESCRIBED,
    &iskraemeco::SLOVENIA_18,
    &iskraemeco::SLOVENIA_12,
    &iskraemeco::SLOVENIA_12_ENERGY,
    &iskraemeco::SLOVENIA_10,
    &iskraemeco::SLOVENIA_9,
    &iskraemeco::SLOVENIA_9_TARIFFS,
    &iskraemeco::SLOVENIA_4,
    &iskraemeco::CROATIA_33,
    &iskraemeco::KELAG,
    &landis_gyr::BURGENLAND,
    &described::PAIRS,
    &described::SML,
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
    pub fn of(message: &Message<'_>) -> Option<&'static List> {
        List::candidates(message).find(|list| {
            let mut items = list.items(message);
            items.by_ref().for_each(drop);
            !items.strange()
        })
    }

    /// The lists that a message may be by its shape and mark. It is the first of them in which nothing is strange.
    #[inline]
    pub(crate) fn candidates(message: &Message<'_>) -> impl Iterator<Item = &'static List> {
        let first = First::of(message);
        LISTS.iter().copied().filter(move |list| {
            first.as_ref().is_some_and(|first| list.shape.may_be(first) && list.mark.holds(first))
        })
    }

    /// Hands over all values of a list.
    #[inline]
    pub(crate) fn read<'a>(&'static self, message: &Message<'a>, taker: &mut impl Take<'a>) -> End {
        item::all(self, message, taker)
    }

    /// The values of a list.
    #[inline]
    pub fn items<'a>(&'static self, message: &Message<'a>) -> Items<'a> {
        Items::new(self, message)
    }
}
