//! DZG: SML of the DVS74.

use crate::meter::list::List;
use crate::meter::shape::Shape;
use crate::meter::signature::Signature;

/// Meters with these numbers send signed power of one to three bytes as signed and mean it unsigned: 356.24 W looks like
/// -299.12 W. From four bytes on the sign is one.
pub static DVS74: List = List {
    name: "SML",
    manufacturer: "DZG",
    signature: Signature::Device {
        letters: *b"DZG",
        numbers: &[42_000_000..=48_999_999, 55_000_000..=58_999_999],
    },
    shape: Shape::Sml { power_is_unsigned: true },
    ..List::GENERAL
};
