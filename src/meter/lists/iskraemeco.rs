//! Iskraemeco AM550 and IE.5: lists that describe themselves (Switzerland), and lists by position as each country's
//! grid operators configure them (Slovenia, Croatia, Austria).
//!
//! The positional ones contain no codes. Those of 9 and 18 values are as long as Kaifa's; the name of the device in
//! front and the types of all rows distinguish them. Values of unknown meaning are not read.

use crate::meter::family::Quantity;
use crate::meter::list::List;
use crate::meter::scale::Scale;
use crate::meter::shape::Shape;
use crate::meter::shape::positional::Column::{self, Text, Unread};
use crate::meter::shape::positional::Form::{self, Long, Short, State};
use crate::meter::shape::positional::number;
use crate::meter::signature::Signature;
use crate::obis;
use crate::wire::clock::Zone;
use crate::wire::dlms::value::{Sequence, Value};
use crate::wire::obis::Obis;

const ONES: Form = Long(0);
const DECIVOLT: Form = Short(-1);
const CENTIAMPERE: Form = Short(-2);

/// Hour, minute, second, hundredths, as in the date-time of the message.
const TIME: Column = Unread(&Value::Octets(&[0; 4]));
/// Year, month, day, day of week.
const DATE: Column = Unread(&Value::Octets(&[0; 5]));

const ISKRAEMECO: List = List {
    name: "Iskraemeco",
    manufacturer: "Iskraemeco",
    signature: Signature::Title("ISK"),
    // Right all year in every capture: -60 in winter, -120 and the summer-time bit in summer.
    zone: Zone::Sent,
    ..List::GENERAL
};

/// Switzerland: 14 elements as the VSE recommends, or 28; any order.
pub static DESCRIBED: List = List {
    name: "Iskraemeco, self-describing",
    shape: Shape::Described(&[
        Scale { quantity: Quantity::ActivePower, exponent: Some(0), unless: &[] },
        Scale { quantity: Quantity::ReactivePower, exponent: Some(0), unless: &[] },
        Scale { quantity: Quantity::ApparentPower, exponent: Some(0), unless: &[] },
        Scale { quantity: Quantity::Voltage, exponent: Some(-1), unless: &[] },
        Scale { quantity: Quantity::Current, exponent: Some(-2), unless: &[] },
        Scale { quantity: Quantity::Ratio, exponent: Some(-3), unless: &[] },
        Scale { quantity: Quantity::ActiveEnergy, exponent: Some(0), unless: &[] },
        Scale { quantity: Quantity::ReactiveEnergy, exponent: Some(0), unless: &[] },
    ]),
    ..ISKRAEMECO
};

static SLOVENIA_18_ROWS: [Column; 18] = [
    Text(obis!(0-0:42.0.0)),
    Text(obis!(0-0:96.1.0)),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:3.7.0), ONES),
    number(obis!(1-0:4.7.0), ONES),
    number(obis!(1-0:32.7.0), DECIVOLT),
    number(obis!(1-0:52.7.0), DECIVOLT),
    number(obis!(1-0:72.7.0), DECIVOLT),
    number(obis!(1-0:31.7.0), CENTIAMPERE),
    number(obis!(1-0:51.7.0), CENTIAMPERE),
    number(obis!(1-0:71.7.0), CENTIAMPERE),
    number(obis!(1-0:21.7.0), ONES),
    number(obis!(1-0:41.7.0), ONES),
    number(obis!(1-0:61.7.0), ONES),
    number(obis!(1-0:22.7.0), ONES),
    number(obis!(1-0:42.7.0), ONES),
    number(obis!(1-0:62.7.0), ONES),
];

/// Slovenia, three phases.
pub static SLOVENIA_18: List = List {
    name: "Iskraemeco Slovenia, three phases",
    shape: Shape::Positional(&SLOVENIA_18_ROWS),
    ..ISKRAEMECO
};

static SLOVENIA_10_ROWS: [Column; 10] = [
    Text(obis!(0-0:42.0.0)),
    Text(obis!(0-0:96.1.0)),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:3.7.0), ONES),
    number(obis!(1-0:4.7.0), ONES),
    number(obis!(1-0:32.7.0), DECIVOLT),
    number(obis!(1-0:31.7.0), CENTIAMPERE),
    number(obis!(1-0:21.7.0), ONES),
    number(obis!(1-0:22.7.0), ONES),
];

/// Slovenia, one phase.
pub static SLOVENIA_10: List = List {
    name: "Iskraemeco Slovenia, one phase",
    shape: Shape::Positional(&SLOVENIA_10_ROWS),
    ..ISKRAEMECO
};

static SLOVENIA_9_ROWS: [Column; 9] = [
    Text(obis!(0-0:42.0.0)),
    Text(obis!(0-0:96.1.0)),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:3.7.0), ONES),
    number(obis!(1-0:4.7.0), ONES),
    number(obis!(1-0:32.7.0), DECIVOLT),
    Unread(&Value::U32(0)),
    Unread(&Value::U32(0)),
];

/// Slovenia, one phase without its current.
pub static SLOVENIA_9: List = List {
    name: "Iskraemeco Slovenia, one phase, no current",
    shape: Shape::Positional(&SLOVENIA_9_ROWS),
    ..ISKRAEMECO
};

static SLOVENIA_12_ROWS: [Column; 12] = [
    Text(obis!(0-0:42.0.0)),
    // Celje's grid operator wrote UP_3f or similar there.
    Text(obis!(0-0:96.1.0)),
    number(obis!(1-0:32.7.0), DECIVOLT),
    number(obis!(1-0:52.7.0), DECIVOLT),
    number(obis!(1-0:72.7.0), DECIVOLT),
    number(obis!(1-0:31.7.0), CENTIAMPERE),
    number(obis!(1-0:51.7.0), CENTIAMPERE),
    number(obis!(1-0:71.7.0), CENTIAMPERE),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:3.7.0), ONES),
    number(obis!(1-0:4.7.0), ONES),
];

/// Slovenia, around Celje, three phases.
pub static SLOVENIA_12: List =
    List { name: "Iskraemeco Slovenia, Celje", shape: Shape::Positional(&SLOVENIA_12_ROWS), ..ISKRAEMECO };

static SLOVENIA_12_ENERGY_ROWS: [Column; 12] = [
    Text(obis!(0-0:42.0.0)),
    Text(obis!(0-0:96.1.0)),
    number(obis!(0-0:96.3.10), State),
    // Something about the tariff.
    Unread(&Value::Octets(&[0; 2])),
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:1.8.1), ONES),
    number(obis!(1-0:1.8.2), ONES),
    number(obis!(1-0:2.8.0), ONES),
    number(obis!(1-0:2.8.1), ONES),
    number(obis!(1-0:2.8.2), ONES),
    number(obis!(1-0:3.8.0), ONES),
    number(obis!(1-0:4.8.0), ONES),
];

/// Slovenia, counters alone, every quarter of an hour.
pub static SLOVENIA_12_ENERGY: List = List {
    name: "Iskraemeco Slovenia, registers",
    shape: Shape::Positional(&SLOVENIA_12_ENERGY_ROWS),
    ..ISKRAEMECO
};

static SLOVENIA_9_TARIFFS_ROWS: [Column; 9] = [
    Text(obis!(0-0:42.0.0)),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:1.8.1), ONES),
    number(obis!(1-0:1.8.2), ONES),
    number(obis!(1-0:2.8.0), ONES),
    number(obis!(1-0:2.8.1), ONES),
    number(obis!(1-0:2.8.2), ONES),
];

/// Slovenia, power and counters.
pub static SLOVENIA_9_TARIFFS: List = List {
    name: "Iskraemeco Slovenia, tariffs",
    shape: Shape::Positional(&SLOVENIA_9_TARIFFS_ROWS),
    ..ISKRAEMECO
};

static SLOVENIA_4_ROWS: [Column; 4] = [
    Text(obis!(0-0:96.1.0)),
    Unread(&Value::U8(0)),
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:2.8.0), ONES),
];

/// Slovenia, two counters every quarter of an hour, after the meter's number of eight digits.
pub static SLOVENIA_4: List = List {
    name: "Iskraemeco Slovenia, two registers",
    signature: Signature::Digits(8),
    shape: Shape::Positional(&SLOVENIA_4_ROWS),
    ..ISKRAEMECO
};

static CROATIA_33_ROWS: [Column; 33] = [
    Text(obis!(0-0:96.1.0)),
    TIME,
    DATE,
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:1.8.1), ONES),
    number(obis!(1-0:1.8.2), ONES),
    number(obis!(1-0:2.8.0), ONES),
    number(obis!(1-0:2.8.1), ONES),
    number(obis!(1-0:2.8.2), ONES),
    number(obis!(1-0:5.8.0), ONES),
    number(obis!(1-0:6.8.0), ONES),
    number(obis!(1-0:7.8.0), ONES),
    number(obis!(1-0:8.8.0), ONES),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:13.7.0), Short(-3)),
    number(obis!(1-0:21.7.0), ONES),
    number(obis!(1-0:41.7.0), ONES),
    number(obis!(1-0:61.7.0), ONES),
    number(obis!(1-0:22.7.0), ONES),
    number(obis!(1-0:42.7.0), ONES),
    number(obis!(1-0:62.7.0), ONES),
    number(obis!(1-0:32.7.0), DECIVOLT),
    number(obis!(1-0:52.7.0), DECIVOLT),
    number(obis!(1-0:72.7.0), DECIVOLT),
    number(obis!(1-0:31.7.0), CENTIAMPERE),
    number(obis!(1-0:51.7.0), CENTIAMPERE),
    number(obis!(1-0:71.7.0), CENTIAMPERE),
    Unread(&Value::U32(0)),
    Unread(&Value::Array(Sequence::EMPTY)),
    Unread(&Value::Array(Sequence::EMPTY)),
    Unread(&Value::Array(Sequence::EMPTY)),
    Unread(&Value::Boolean(0)),
];

/// Croatia's IE.5, every 30 s.
pub static CROATIA_33: List = List {
    name: "Iskraemeco Croatia",
    signature: Signature::Digits(8),
    shape: Shape::Positional(&CROATIA_33_ROWS),
    ..ISKRAEMECO
};

const PUSH: Obis = obis!(0-6:25.9.0);

static KELAG_ROWS: [Column; 12] = [
    // The code of the object that pushes the list.
    Unread(&Value::Octets(&PUSH.0)),
    Text(obis!(0-0:96.1.0)),
    TIME,
    DATE,
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:2.8.0), ONES),
    Unread(&Value::U32(0)),
    Unread(&Value::U32(0)),
    number(obis!(1-0:1.7.0), ONES),
    number(obis!(1-0:2.7.0), ONES),
    Unread(&Value::Octets(&[])),
    Unread(&Value::Octets(&[])),
];

/// Austria, Kelag in Carinthia.
pub static KELAG: List = List {
    name: "Iskraemeco Austria, Kelag",
    signature: Signature::First(PUSH),
    shape: Shape::Positional(&KELAG_ROWS),
    ..ISKRAEMECO
};
