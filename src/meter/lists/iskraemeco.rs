//! Iskraemeco AM550 and IE.5: lists that describe themselves (Switzerland), and lists by position as each country's
//! grid operators configure them (Slovenia, Croatia, Austria).
//!
//! The positional ones contain no codes. Those of 9 and 18 values are as long as Kaifa's; the name of the device in
//! front and the types of all rows distinguish them. Values of unknown meaning are not read.

use crate::meter::family::Quantity;
use crate::meter::list::List;
use crate::meter::scale::{ENERGIES, POWERS, Scale};
use crate::meter::shape::Shape;
use crate::meter::shape::positional::Column::{self, Text, Unread};
use crate::meter::shape::positional::Form::{self, Long, Short, State};
use crate::meter::shape::positional::{number, phases, rows};
use crate::meter::signature::Signature;
use crate::obis;
use crate::wire::clock::Zone;
use crate::wire::dlms::value::{Sequence, Value};
use crate::wire::obis::Obis;

const ONES: Form = Long(0);
const DECIVOLT: Form = Short(-1);
const CENTIAMPERE: Form = Short(-2);

const DEVICE: Column = Text(obis!(0-0:42.0.0));
const METER: Column = Text(obis!(0-0:96.1.0));
const IMPORT: Column = number(obis!(1-0:1.7.0), ONES);
const EXPORT: Column = number(obis!(1-0:2.7.0), ONES);
const REACTIVE_IMPORT: Column = number(obis!(1-0:3.7.0), ONES);
const REACTIVE_EXPORT: Column = number(obis!(1-0:4.7.0), ONES);
const POWER: &[Column] = &[IMPORT, EXPORT, REACTIVE_IMPORT, REACTIVE_EXPORT];
const VOLTAGE: &[Column] = &phases(obis!(1-0:32.7.0), DECIVOLT);
const CURRENT: &[Column] = &phases(obis!(1-0:31.7.0), CENTIAMPERE);
const IMPORT_OF_PHASES: &[Column] = &phases(obis!(1-0:21.7.0), ONES);
const EXPORT_OF_PHASES: &[Column] = &phases(obis!(1-0:22.7.0), ONES);
/// All tariffs together, the first, the second; imported, then exported.
const ENERGY: &[Column] = &[
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:1.8.1), ONES),
    number(obis!(1-0:1.8.2), ONES),
    number(obis!(1-0:2.8.0), ONES),
    number(obis!(1-0:2.8.1), ONES),
    number(obis!(1-0:2.8.2), ONES),
];
const UNKNOWN: Column = Unread(&Value::U32(0));

/// Hour, minute, second, hundredths, as in the date-time of the message.
const TIME: Column = Unread(&Value::Octets(&[0; 4]));
/// Year, month, day, day of week.
const DATE: Column = Unread(&Value::Octets(&[0; 5]));

const ISKRAEMECO: List = List {
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
        Scale { quantities: POWERS, exponent: Some(0), unless: &[] },
        Scale { quantities: &[Quantity::Voltage], exponent: Some(-1), unless: &[] },
        Scale { quantities: &[Quantity::Current], exponent: Some(-2), unless: &[] },
        Scale { quantities: &[Quantity::Ratio], exponent: Some(-3), unless: &[] },
        Scale { quantities: ENERGIES, exponent: Some(0), unless: &[] },
    ]),
    ..ISKRAEMECO
};

/// Slovenia, three phases.
pub static SLOVENIA_18: List = List {
    name: "Iskraemeco Slovenia, three phases",
    shape: Shape::Positional(&rows::<18>(&[
        &[DEVICE, METER],
        POWER,
        VOLTAGE,
        CURRENT,
        IMPORT_OF_PHASES,
        EXPORT_OF_PHASES,
    ])),
    ..ISKRAEMECO
};

/// Slovenia, one phase.
pub static SLOVENIA_10: List = List {
    name: "Iskraemeco Slovenia, one phase",
    shape: Shape::Positional(&[
        DEVICE,
        METER,
        IMPORT,
        EXPORT,
        REACTIVE_IMPORT,
        REACTIVE_EXPORT,
        number(obis!(1-0:32.7.0), DECIVOLT),
        number(obis!(1-0:31.7.0), CENTIAMPERE),
        number(obis!(1-0:21.7.0), ONES),
        number(obis!(1-0:22.7.0), ONES),
    ]),
    ..ISKRAEMECO
};

/// Slovenia, one phase without its current.
pub static SLOVENIA_9: List = List {
    name: "Iskraemeco Slovenia, one phase, no current",
    shape: Shape::Positional(&rows::<9>(&[
        &[DEVICE, METER],
        POWER,
        &[number(obis!(1-0:32.7.0), DECIVOLT), UNKNOWN, UNKNOWN],
    ])),
    ..ISKRAEMECO
};

/// Slovenia, around Celje, three phases. Its grid operator wrote UP_3f or similar in the place of the meter's number.
pub static SLOVENIA_12: List = List {
    name: "Iskraemeco Slovenia, Celje",
    shape: Shape::Positional(&rows::<12>(&[&[DEVICE, METER], VOLTAGE, CURRENT, POWER])),
    ..ISKRAEMECO
};

/// Slovenia, counters alone, every quarter of an hour.
pub static SLOVENIA_12_ENERGY: List = List {
    name: "Iskraemeco Slovenia, registers",
    shape: Shape::Positional(&rows::<12>(&[
        // The last is something about the tariff.
        &[DEVICE, METER, number(obis!(0-0:96.3.10), State), Unread(&Value::Octets(&[0; 2]))],
        ENERGY,
        &[number(obis!(1-0:3.8.0), ONES), number(obis!(1-0:4.8.0), ONES)],
    ])),
    ..ISKRAEMECO
};

/// Slovenia, the same with other types in front. The meter's number was empty in every capture.
pub static SLOVENIA_12_SWITCH: List = List {
    name: "Iskraemeco Slovenia, registers and switch",
    shape: Shape::Positional(&rows::<12>(&[
        // The last two are something about the breaker and the tariff.
        &[DEVICE, METER, Unread(&Value::Boolean(0)), Unread(&Value::U8(0))],
        ENERGY,
        &[number(obis!(1-0:3.8.0), ONES), number(obis!(1-0:4.8.0), ONES)],
    ])),
    ..ISKRAEMECO
};

/// Slovenia, power and counters.
pub static SLOVENIA_9_TARIFFS: List = List {
    name: "Iskraemeco Slovenia, tariffs",
    shape: Shape::Positional(&rows::<9>(&[&[DEVICE, IMPORT, EXPORT], ENERGY])),
    ..ISKRAEMECO
};

/// Slovenia, two counters every quarter of an hour, after the meter's number of eight digits.
pub static SLOVENIA_4: List = List {
    name: "Iskraemeco Slovenia, two registers",
    signature: Signature::Digits(8),
    shape: Shape::Positional(&[
        METER,
        Unread(&Value::U8(0)),
        number(obis!(1-0:1.8.0), ONES),
        number(obis!(1-0:2.8.0), ONES),
    ]),
    ..ISKRAEMECO
};

/// Croatia's IE.5, every 30 s.
pub static CROATIA_33: List = List {
    name: "Iskraemeco Croatia",
    signature: Signature::Digits(8),
    shape: Shape::Positional(&rows::<33>(&[
        &[METER, TIME, DATE],
        ENERGY,
        &[
            number(obis!(1-0:5.8.0), ONES),
            number(obis!(1-0:6.8.0), ONES),
            number(obis!(1-0:7.8.0), ONES),
            number(obis!(1-0:8.8.0), ONES),
            IMPORT,
            EXPORT,
            number(obis!(1-0:13.7.0), Short(-3)),
        ],
        IMPORT_OF_PHASES,
        EXPORT_OF_PHASES,
        VOLTAGE,
        CURRENT,
        &[UNKNOWN],
        &[Unread(&Value::Array(Sequence::EMPTY)); 3],
        &[Unread(&Value::Boolean(0))],
    ])),
    ..ISKRAEMECO
};

const PUSH: Obis = obis!(0-6:25.9.0);

/// Austria, Kelag in Carinthia.
pub static KELAG: List = List {
    name: "Iskraemeco Austria, Kelag",
    signature: Signature::First(PUSH),
    shape: Shape::Positional(&[
        // The code of the object that pushes the list.
        Unread(&Value::Octets(&PUSH.0)),
        METER,
        TIME,
        DATE,
        number(obis!(1-0:1.8.0), ONES),
        number(obis!(1-0:2.8.0), ONES),
        UNKNOWN,
        UNKNOWN,
        IMPORT,
        EXPORT,
        Unread(&Value::Octets(&[])),
        Unread(&Value::Octets(&[])),
    ]),
    ..ISKRAEMECO
};
