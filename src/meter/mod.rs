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

mod column;
mod cosem;
pub(crate) mod described;
mod emit;
mod family;
pub(crate) mod iskraemeco;
mod item;
pub(crate) mod kaifa;
pub(crate) mod kamstrup;
pub(crate) mod landis_gyr;
mod maker;
mod register;
pub(crate) mod scale;

pub use column::{Column, Form};
pub use emit::Entry;
pub use family::{CHANNEL, Code, FAMILIES, Family, Kind, Medium, Quantity};
pub use item::{Datum, Item, Items};
pub(crate) use item::{End, Take};
pub use maker::maker;
pub use register::{COUNT, Register};
pub use scale::{Scale, When};

use crate::obis;
use crate::wire::apdu::{Notification, Stamp};
use crate::wire::clock::Zone;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::value::{Described, Value};

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
    /// Its first text begins so: "KFM_001"; where it describes itself, the name of the device.
    Title(&'static str),
    /// Its first text is a number of so many digits.
    Digits(usize),
    /// Its first value is this one.
    First(Obis),
    /// It describes itself, names no device, and is pushed by one of these objects.
    PushedBy(&'static [Obis]),
    /// The date-time in front of it is tagged, as Kaifa does.
    Tagged,
    /// Nothing: its shape says all.
    Shape,
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
    /// Lines of an ASCII telegram.
    Telegram,
    /// Entries of an SML list.
    Sml,
}

/// Every list we know, the more telling marks first. The last of each shape take any maker's list that says itself what
/// its values are.
pub static LISTS: [&List; 26] = [
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

impl Shape {
    /// What costs nothing to see: the outermost type, the number of columns.
    #[inline]
    fn may_be(&self, first: &First<'_>) -> bool {
        match *self {
            Shape::Columns(columns) => first.layout == Layout::Flat && first.count == columns.len(),
            Shape::Pairs(_) => first.layout == Layout::Flat,
            Shape::Records => first.layout == Layout::Records && first.code.is_some(),
            Shape::Described(_) => first.layout == Layout::Described,
            Shape::Telegram | Shape::Sml => false,
        }
    }
}

impl Mark {
    #[inline]
    fn holds(&self, first: &First<'_>) -> bool {
        match *self {
            Mark::Title(title) => first.text.is_some_and(|text| text.starts_with(title.as_bytes())),
            Mark::Digits(count) => {
                first.text.is_some_and(|text| text.len() == count && text.iter().all(u8::is_ascii_digit))
            }
            Mark::First(obis) => first.code == Some(obis),
            Mark::PushedBy(objects) => {
                first.text.is_none() && first.code.is_some_and(|code| objects.contains(&code))
            }
            Mark::Tagged => first.tagged,
            Mark::Shape => true,
        }
    }
}

/// What a list begins with.
struct First<'a> {
    layout: Layout,
    /// How many elements it has.
    count: usize,
    /// Whether the date-time in front of it is tagged.
    tagged: bool,
    /// A code, or what pushes a list that describes itself.
    code: Option<Obis>,
    /// A text, alone or behind the code, or the name of the device in a list that describes itself.
    text: Option<&'a [u8]>,
}

/// How the elements of a list stand to one another, as far as the first of them tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Flat,
    Records,
    Described,
}

impl<'a> First<'a> {
    #[inline]
    fn of(message: &Message<'a>) -> Option<Self> {
        let Message::Notification(Notification { stamp, body, .. }) = message else { return None };
        let tagged = matches!(stamp, Stamp::Tagged(_));
        let elements = body.sequence().filter(|elements| !elements.is_empty())?;
        let count = elements.len();
        if let Some(described) = Described::of(body) {
            let (code, text) = (Some(described.pushed_by()), device_name(described));
            return Some(First { layout: Layout::Described, count, tagged, code, text });
        }
        let mut elements = elements.iter();
        let layout = match body {
            _ if elements.at_structure() => Layout::Records,
            Value::Structure(_) => Layout::Flat,
            _ => return None,
        };
        elements.enter_record();
        Some(First { layout, count, tagged, code: elements.code(), text: elements.string() })
    }
}

/// The logical device name, if it is among the values.
#[cold]
fn device_name<'a>(mut described: Described<'a>) -> Option<&'a [u8]> {
    const DEVICE_NAME: Obis = obis!(0-0:42.0.0);
    described.find(|(descriptor, _)| descriptor.is_value() && descriptor.obis == DEVICE_NAME)?.1.string()
}
