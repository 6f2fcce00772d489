//! Lists that describe themselves: Aidon's, Landis+Gyr's after the same model, and those of makers never met.

use super::When::VoltageIn;
use super::{List, Mark, Quantity, Scale, Shape};
use crate::obis;
use crate::wire::clock::Zone;

const RECORDS_OF_ANYONE: List = List {
    name: "self-describing records",
    maker: "",
    mark: Mark::Shape,
    shape: Shape::Records,
    zone: Zone::Sent,
    three_wire: &[],
    energy_is_set: false,
};

/// Aidon HAN v1.1A, Norway: every 2.5 s, 10 s and hour. The clock says deviation 0 and shows standard time.
pub static AIDON: List = List {
    name: "AIDON_V0001",
    maker: "Aidon",
    mark: Mark::Title("AIDON_V"),
    zone: Zone::Standard(60),
    ..RECORDS_OF_ANYONE
};

/// Aidon RJ12 v1.6P, Sweden, every 10 s: no title, no id, the clock first. Its deviation is unspecified, and the
/// branch's recommendation asks for standard time.
pub static AIDON_SWEDEN: List = List {
    name: "Aidon Sweden",
    mark: Mark::First(obis!(0-0:1.0.0)),
    zone: Zone::SentOrStandard(60),
    ..RECORDS_OF_ANYONE
};

/// Landis+Gyr E350, Norway. ZFF is the three-wire type, ZMF the four-wire one; some send no type.
pub static EMBRIQ: List = List {
    name: "EMBRIQ_V1_1",
    maker: "Landis+Gyr",
    mark: Mark::Title("EMBRIQ"),
    zone: Zone::Standard(60),
    three_wire: &["ZFF", ""],
    ..RECORDS_OF_ANYONE
};

/// Any list of records: Aidon's list 1 and its list for Sweden, and those of makers never met. A clock that says how
/// it deviates from UTC is believed.
pub static RECORDS: List = RECORDS_OF_ANYONE;

/// Any list of pairs.
pub static PAIRS: List =
    List { name: "pairs of code and value", shape: Shape::Pairs(SCALES), ..RECORDS_OF_ANYONE };

/// Any list whose first element describes the others.
pub static DESCRIBED: List =
    List { name: "self-describing elements", shape: Shape::Described(SCALES), ..RECORDS_OF_ANYONE };

/// Any list of SML, the push of German meters. A time of theirs is Unix time, or says how it deviates from it.
pub static SML: List = List { name: "SML", shape: Shape::Sml, ..RECORDS_OF_ANYONE };

/// All meters met send watts, vars and their hours in ones. Mains voltage betrays its scale by its size: the three
/// ranges do not meet. Nothing betrays that of a current or power factor, so neither is published.
#[rustfmt::skip]
static SCALES: &[Scale] = &[
    Scale { quantity: Quantity::ActivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ReactivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ApparentPower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ActiveEnergy, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ReactiveEnergy, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::Voltage, exponent: None, unless: &[(VoltageIn(80, 480), 0), (VoltageIn(800, 4800), -1), (VoltageIn(8000, 48_000), -2)] },
];
