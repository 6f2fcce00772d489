//! Landis+Gyr: lists that describe themselves (E450, E360 and E570, Switzerland), and one by position (E450, Austria).
//! The E350's is among those after Aidon's model.

use super::Column::{self, Text, Unread};
use super::Form::{self, Long, Short};
use super::When::{self, LongSigned, VoltageIn};
use super::column::number;
use super::{List, Mark, Quantity, Scale, Shape};
use crate::obis;
use crate::wire::clock::Zone;
use crate::wire::dlms::value::Value;

const LANDIS_GYR: List = List {
    name: "Landis+Gyr",
    maker: "Landis+Gyr",
    mark: Mark::Title("LGZ"),
    shape: Shape::Columns(&[]),
    // The E450 leaves the deviation out, and whether it shows summer time nothing tells.
    zone: Zone::Sent,
    three_wire: &[],
    energy_is_set: false,
};

/// E450 and E570 tell volts, the E360 tenths. The E570, behind current transformers, sends whole amperes and, alone,
/// signed numbers of eight bytes.
#[rustfmt::skip]
static SCALES: &[Scale] = &[
    Scale { quantity: Quantity::ActivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ReactivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ApparentPower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::Voltage, exponent: None, unless: &[(LongSigned, 0), VOLTS, (VoltageIn(800, 4800), -1)] },
    Scale { quantity: Quantity::Current, exponent: Some(-2), unless: &[(LongSigned, 0)] },
    Scale { quantity: Quantity::Ratio, exponent: Some(-3), unless: &[] },
    Scale { quantity: Quantity::ActiveEnergy, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ReactiveEnergy, exponent: Some(0), unless: &[] },
];

const VOLTS: (When, i8) = (VoltageIn(80, 480), 0);

/// Switzerland: 14 or 17 elements as the VSE recommends, or as the grid company likes; any order.
pub static DESCRIBED: List =
    List { name: "Landis+Gyr, self-describing", shape: Shape::Described(SCALES), ..LANDIS_GYR };

/// Without the device's name the object that pushes the list points to E450 and E570. Currents and power factors are
/// taken for theirs only where the voltage is as well.
#[rustfmt::skip]
static SCALES_OF_UNNAMED: &[Scale] = &[
    Scale { quantity: Quantity::ActivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ReactivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ApparentPower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::Voltage, exponent: None, unless: &[VOLTS, (VoltageIn(800, 4800), -1)] },
    Scale { quantity: Quantity::Current, exponent: None, unless: &[(LongSigned, 0), (VoltageIn(80, 480), -2)] },
    Scale { quantity: Quantity::Ratio, exponent: None, unless: &[(VoltageIn(80, 480), -3)] },
    Scale { quantity: Quantity::ActiveEnergy, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ReactiveEnergy, exponent: Some(0), unless: &[] },
];

/// The same where the grid company left the device's name out of the list.
pub static DESCRIBED_UNNAMED: List = List {
    name: "Landis+Gyr, self-describing, no device named",
    mark: Mark::PushedBy(&[obis!(0-8:25.9.0), obis!(0-11:25.9.0)]),
    shape: Shape::Described(SCALES_OF_UNNAMED),
    ..LANDIS_GYR
};

const ONES: Form = Long(0);
const VOLT: Form = Short(0);
const CENTIAMPERE: Form = Short(-2);

static BURGENLAND_ROWS: [Column; 14] = [
    number(obis!(1-0:32.7.0), VOLT),
    number(obis!(1-0:52.7.0), VOLT),
    number(obis!(1-0:72.7.0), VOLT),
    number(obis!(1-0:31.7.0), CENTIAMPERE),
    number(obis!(1-0:51.7.0), CENTIAMPERE),
    number(obis!(1-0:71.7.0), CENTIAMPERE),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:2.8.0), ONES),
    Unread(&Value::U16(0)),
    Unread(&Value::U16(0)),
    Unread(&Value::U16(0)),
    Text(obis!(0-0:96.1.0)),
];

/// Austria, Burgenland: no title; the types of its fourteen rows are all there is to know it by.
pub static BURGENLAND: List = List {
    name: "Landis+Gyr Austria, Burgenland",
    mark: Mark::Shape,
    shape: Shape::Columns(&BURGENLAND_ROWS),
    ..LANDIS_GYR
};
