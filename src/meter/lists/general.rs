//! Lists of any manufacturer: they contain all that is needed to read them, or a grid operator orders them so from all.

use crate::meter::family::{Medium, Quantity};
use crate::meter::list::List;
use crate::meter::register::Register;
use crate::meter::scale::When::VoltageIn;
use crate::meter::scale::{ENERGIES, IN_VOLTS, POWERS, Scale};
use crate::meter::shape::Shape;
use crate::meter::shape::positional::Column::{self, Clock, Text};
use crate::meter::shape::positional::Form::{self, Long};
use crate::meter::shape::positional::number;
use crate::meter::shape::telegram::Dialect;
use crate::meter::signature::Signature;
use crate::obis;

/// Any list of records: Aidon's list 1 and its list for Sweden, and those of manufacturers never seen. A clock that
/// sends its deviation from UTC is trusted.
pub static RECORDS: List = List::GENERAL;

/// Any list of pairs.
pub static PAIRS: List =
    List { name: "pairs of code and value", shape: Shape::Pairs(SCALES), ..List::GENERAL };

/// Any list whose first element describes the others.
pub static DESCRIBED: List =
    List { name: "self-describing elements", shape: Shape::Described(SCALES), ..List::GENERAL };

/// Any list of SML, the push of German meters. Its times are Unix time, or contain their deviation from it.
pub static SML: List = List { name: "SML", shape: Shape::Sml { power_is_unsigned: false }, ..List::GENERAL };

/// All meters seen send watts, vars and their hours in ones. The scale of a mains voltage shows in its size: the three
/// ranges do not overlap. That of a current or power factor cannot be determined, so neither is published.
#[rustfmt::skip]
static SCALES: &[Scale] = &[
    Scale { quantities: POWERS, exponent: Some(0), unless: &[] },
    Scale { quantities: ENERGIES, exponent: Some(0), unless: &[] },
    Scale { quantities: &[Quantity::Voltage], exponent: None, unless: &[(IN_VOLTS, 0), (VoltageIn(800, 4800), -1), (VoltageIn(8000, 48_000), -2)] },
];

const ONES: Form = Long(0);

static VIENNA_ROWS: [Column; 10] = [
    Text(obis!(0-0:96.1.0)),
    Clock(obis!(0-0:1.0.0)),
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:2.8.0), ONES),
    number(obis!(1-0:3.8.0), ONES),
    number(obis!(1-0:4.8.0), ONES),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:3.7.0), ONES),
    number(obis!(1-0:4.7.0), ONES),
];

/// Austria, Wiener Netze: E450 and AM550. The clock in front and the types of all rows identify it.
pub static VIENNA: List =
    List { name: "Wiener Netze", shape: Shape::Positional(VIENNA_ROWS.split_at(1).1), ..List::GENERAL };

/// Austria, Wiener Netze: IM150, IM350 and similar, with the meter's number in front.
pub static VIENNA_NAMED: List =
    List { name: "Wiener Netze, with number", shape: Shape::Positional(&VIENNA_ROWS), ..List::GENERAL };

/// Any telegram that a meter pushes: P1 and H1 ports (DSMR P1 companion standard 2.2 to 5.0.2; Energiföretagen's
/// recommendation 2.0; IEC 62056-61 for the codes). The letters S and W tell summer time from standard time.
pub static P1: List = List { name: "P1 telegram", shape: Shape::Telegram(&Dialect::COMMON), ..List::GENERAL };

/// Lithuania's grid operator ESO: in kV, kA and kHz, and in the time of Vilnius.
pub static LITHUANIA: List = List {
    name: "P1 telegram, Lithuania",
    signature: Signature::Ident(&["ESO"]),
    shape: Shape::Telegram(&Dialect { east: 120, ..Dialect::COMMON }),
    ..List::GENERAL
};

const READOUTS: Dialect = Dialect { is_readout: true, ..Dialect::COMMON };

/// Any readout of an electricity meter (IEC 62056-21).
pub static READOUT: List =
    List { name: "readout of IEC 62056-21", shape: Shape::Telegram(&READOUTS), ..List::GENERAL };

/// Any readout of a heat meter, which writes all its codes under 6, "heat", and omits the rest: 6.8 is the heat energy,
/// 6.26 the volume that carried it, 6.31 the operating time.
pub static HEAT: List = List {
    name: "readout of IEC 62056-21, heat",
    signature: Signature::Reduced([6, 26]),
    shape: Shape::Telegram(&Dialect {
        codes: &[
            (obis!(1-0:6.8.0), Register::of_medium(Medium::Heat)),
            (obis!(1-0:6.31.0), Register::of_code(obis!(0-0:96.8.0))),
        ],
        ..READOUTS
    }),
    ..List::GENERAL
};
