//! ASCII telegrams: P1 and H1 ports of any maker, and readouts of IEC 62056-21.
//!
//! They say themselves what their values are, all in the same words (DSMR P1 companion standard 2.2 to 5.0.2;
//! Energiföretagen's recommendation 2.0; IEC 62056-61 for the codes). What follows are those with words of their own.

use super::telegram::Dialect;
use super::{List, Mark, Medium, Register, Shape};
use crate::obis;
use crate::wire::clock::Zone;
use crate::wire::unit::Unit;

pub(super) const OF_ANYONE: List = List {
    name: "P1 telegram",
    maker: "",
    mark: Mark::Shape,
    shape: Shape::Telegram(&Dialect::COMMON),
    // S and W tell.
    zone: Zone::Sent,
    three_wire: &[],
    energy_is_set: false,
};

/// Any telegram that a meter pushes.
pub static P1: List = OF_ANYONE;

/// ESO, Lithuania's grid company: the same in kV, kA and kHz, and in the time of Vilnius.
pub static LITHUANIA: List = List {
    name: "P1 telegram, Lithuania",
    mark: Mark::Ident(&["ESO"]),
    shape: Shape::Telegram(&Dialect { east: 120, ..Dialect::COMMON }),
    ..OF_ANYONE
};

/// eHZ of EMH and Hager, which push their energy without a unit. It is kWh.
pub static EHZ: List = List {
    name: "eHZ",
    mark: Mark::Ident(&["EMH5----eHZ", "HAg5eHZ"]),
    shape: Shape::Telegram(&Dialect { left_out: &[(Unit::WH, 3)], ..Dialect::COMMON }),
    ..OF_ANYONE
};

const READOUTS: Dialect = Dialect { is_readout: true, ..Dialect::COMMON };

/// Any readout of an electricity meter.
pub static READOUT: List =
    List { name: "readout of IEC 62056-21", shape: Shape::Telegram(&READOUTS), ..OF_ANYONE };

/// Any readout of a heat meter, which writes all its codes under 6, "heat", and leaves the rest out: 6.8 is the heat
/// drawn, 6.26 the volume that carried it, 6.31 how long the meter has been in operation.
pub static HEAT: List = List {
    name: "readout of IEC 62056-21, heat",
    mark: Mark::Reduced([6, 26]),
    shape: Shape::Telegram(&Dialect {
        codes: &[
            (obis!(1-0:6.8.0), Register::with([Medium::Heat as u8, 0, 0, 0])),
            (obis!(1-0:6.31.0), Register::known(obis!(0-0:96.8.0))),
        ],
        ..READOUTS
    }),
    ..OF_ANYONE
};
