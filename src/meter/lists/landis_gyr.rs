//! Landis+Gyr: lists that describe themselves (E450, E360 and E570, Switzerland), by position (E450, Austria), and
//! records as Aidon's (E350, Norway).

use crate::meter::family::Quantity;
use crate::meter::list::List;
use crate::meter::scale::When::{LongSigned, ShortCurrentFitsPower, VoltageIn};
use crate::meter::scale::{ENERGIES, POWERS, Scale, When};
use crate::meter::shape::Shape;
use crate::meter::shape::positional::Column::{self, Text, Unread};
use crate::meter::shape::positional::Form::{Long, Short};
use crate::meter::shape::positional::{number, phases, rows};
use crate::meter::signature::Signature;
use crate::obis;
use crate::wire::clock::Zone;
use crate::wire::dlms::value::Value;

/// E350, Norway. ZFF is the three-wire model, ZMF the four-wire one; some send no model.
pub static EMBRIQ: List = List {
    name: "EMBRIQ_V1_1",
    manufacturer: "Landis+Gyr",
    signature: Signature::Title("EMBRIQ"),
    zone: Zone::Standard(60),
    three_wire: &["ZFF", ""],
    ..List::GENERAL
};

/// E450, Austria and Switzerland: power, and energy in two tariffs, which name neither meter nor scale.
#[rustfmt::skip]
pub static E450_PAIRS: List = List {
    name: "Landis+Gyr E450, pairs of code and value",
    signature: Signature::Codes(&[
        [1, 8, 0], [1, 8, 1], [1, 8, 2], [1, 7, 0], [2, 8, 0], [2, 8, 1], [2, 8, 2], [2, 7, 0],
        [3, 8, 0], [3, 8, 1], [3, 8, 2], [3, 7, 0], [4, 8, 0], [4, 8, 1], [4, 8, 2], [4, 7, 0],
    ]),
    shape: Shape::Pairs(SCALES),
    ..LANDIS_GYR
};

const LANDIS_GYR: List = List {
    manufacturer: "Landis+Gyr",
    signature: Signature::Title("LGZ"),
    // The E450 omits the deviation, and nothing shows whether its clock is in summer time.
    zone: Zone::Sent,
    ..List::GENERAL
};

/// E450 and E570 send volts, the E360 tenths. The E570, which is connected to current transformers, sends whole amperes
/// and is the only one to send signed numbers of eight bytes.
#[rustfmt::skip]
static SCALES: &[Scale] = &[
    Scale { quantities: POWERS, exponent: Some(0), unless: &[] },
    Scale { quantities: &[Quantity::Voltage], exponent: None, unless: &[(LongSigned, 0), VOLTS, (VoltageIn(800, 4800), -1)] },
    Scale { quantities: &[Quantity::Current], exponent: Some(-2), unless: &[(LongSigned, 0)] },
    Scale { quantities: &[Quantity::Ratio], exponent: Some(-3), unless: &[] },
    Scale { quantities: ENERGIES, exponent: Some(0), unless: &[] },
];

const VOLTS: (When, i8) = (VoltageIn(80, 480), 0);

/// Switzerland: 14 or 17 elements as the VSE recommends, or as the grid operator prefers; in any order.
pub static DESCRIBED: List =
    List { name: "Landis+Gyr, self-describing", shape: Shape::Described(SCALES), ..LANDIS_GYR };

/// Without the name of the device, the object that pushes the list indicates E450 and E570. Currents and power factors
/// are taken for theirs only if the voltage matches too, currents of an E450 also if the power does.
#[rustfmt::skip]
static SCALES_OF_UNNAMED: &[Scale] = &[
    Scale { quantities: POWERS, exponent: Some(0), unless: &[] },
    Scale { quantities: &[Quantity::Voltage], exponent: None, unless: &[VOLTS, (VoltageIn(800, 4800), -1)] },
    Scale { quantities: &[Quantity::Current], exponent: None, unless: &[(LongSigned, 0), (VoltageIn(80, 480), -2), (ShortCurrentFitsPower, -2)] },
    Scale { quantities: &[Quantity::Ratio], exponent: None, unless: &[(VoltageIn(80, 480), -3)] },
    Scale { quantities: ENERGIES, exponent: Some(0), unless: &[] },
];

/// The same list where the grid operator omits the name of the device.
pub static DESCRIBED_UNNAMED: List = List {
    name: "Landis+Gyr, self-describing, no device named",
    signature: Signature::PushedBy(&[obis!(0-8:25.9.0), obis!(0-11:25.9.0)]),
    shape: Shape::Described(SCALES_OF_UNNAMED),
    ..LANDIS_GYR
};

const VOLTAGES: &[Column] = &phases(obis!(1-0:32.7.0), Short(0));
const CURRENTS: &[Column] = &phases(obis!(1-0:31.7.0), Short(-2));
const POWER_AND_ENERGY: &[Column] = &[
    number(obis!(1-0:1.7.0), Long(0)),
    number(obis!(1-0:2.7.0), Long(0)),
    number(obis!(1-0:1.8.0), Long(0)),
    number(obis!(1-0:2.8.0), Long(0)),
];
const METER: &[Column] = &[Text(obis!(0-0:96.1.0))];

/// Austria, Burgenland: it has no list version; only the types of its fourteen rows identify it.
pub static BURGENLAND: List = List {
    name: "Landis+Gyr Austria, Burgenland",
    signature: Signature::Shape,
    shape: Shape::Positional(&rows::<14>(&[
        VOLTAGES,
        CURRENTS,
        POWER_AND_ENERGY,
        &[Unread(&Value::U16(0)); 3],
        METER,
    ])),
    ..LANDIS_GYR
};

/// Austria, KNG in Carinthia: the same without the three unknown numbers.
pub static KNG: List = List {
    name: "Landis+Gyr Austria, KNG",
    signature: Signature::Shape,
    shape: Shape::Positional(&rows::<11>(&[VOLTAGES, CURRENTS, POWER_AND_ENERGY, METER])),
    ..LANDIS_GYR
};
