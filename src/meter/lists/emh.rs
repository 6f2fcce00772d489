//! EMH: the eHZ, which Hager sells too.

use crate::meter::list::List;
use crate::meter::shape::Shape;
use crate::meter::shape::telegram::Dialect;
use crate::meter::signature::Signature;
use crate::wire::unit::Unit;

/// The eHZ pushes its energy without a unit. It is kWh.
pub static EHZ: List = List {
    name: "eHZ",
    signature: Signature::Ident(&["EMH5----eHZ", "HAg5eHZ"]),
    shape: Shape::Telegram(&Dialect { omitted_units: &[(Unit::WH, 3)], ..Dialect::COMMON }),
    ..List::GENERAL
};
