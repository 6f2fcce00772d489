//! What a meter's values mean.
//!
//! [`FAMILIES`] is the table of everything that is published. [`LISTS`] is the table of every message layout that is
//! known: each manufacturer has one file in `lists/` that mirrors its own document and contains no logic. A [`Shape`]
//! reads all lists of one kind; it passes on an [`Item`] for each value.
//!
//! A list is recognised by its [`Signature`] and by the types of its values, never by its length alone: Iskraemeco
//! sends 9 and 18 elements as Kaifa does.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "the bytes come from outside: no sequence of them may end the program"
)]

pub mod device;
mod emit;
mod family;
mod item;
mod list;
pub(crate) mod lists;
mod manufacturer;
mod recognise;
mod register;
mod scale;
mod shape;
mod signature;
mod signed_power;
mod total;

pub use crate::wire::datum::{Datum, Name};
pub use emit::Entry;
pub use family::{Code, FAMILIES, Family, Kind, Medium, Part, Quantity};
pub use item::Item;
pub use list::List;
pub use lists::LISTS;
pub use manufacturer::{MANUFACTURERS, manufacturer};
pub use register::{COUNT, Register};
pub(crate) use scale::{ENERGIES, Exponents, Sizes, Unscaled};
pub use scale::{Scale, When};
pub use shape::by_id::{Measure, Row};
pub use shape::fixed_block::{BlockField, BlockForm};
pub use shape::positional::{Column, Form};
pub use shape::telegram::Dialect;
pub use shape::{Items, Shape};
pub use signature::Signature;
pub use total::{TOTALS, Total};
