//! Kaifa: KFM_001, positional lists of 2017-03-21 (Norway; Sweden sends lists 2 and 3 of them as well), and pairs (Sweden).
//!
//! Kaifa's document gives kW, kWh and other types for current and voltage; the meters send what is written here.

use crate::meter::family::Quantity;
use crate::meter::list::List;
use crate::meter::scale::{ENERGIES, Scale};
use crate::meter::shape::Shape;
use crate::meter::shape::positional::Column::{self, Clock, Text};
use crate::meter::shape::positional::Form::{self, Long};
use crate::meter::shape::positional::{number, phases, rows};
use crate::meter::signature::Signature;
use crate::obis;
use crate::wire::clock::Zone;

const ONES: Form = Long(0);
const MILLIAMPERE: Form = Long(-3);
const DECIVOLT: Form = Long(-1);

const POWER: Column = number(obis!(1-0:1.7.0), ONES);
const BEGINNING: &[Column] = &[
    Text(obis!(1-0:0.2.129)),
    Text(obis!(0-0:96.1.0)),
    Text(obis!(0-0:96.1.7)),
    POWER,
    number(obis!(1-0:2.7.0), ONES),
    number(obis!(1-0:3.7.0), ONES),
    number(obis!(1-0:4.7.0), ONES),
];
const CURRENTS: &[Column] = &phases(obis!(1-0:31.7.0), MILLIAMPERE);
const VOLTAGES: &[Column] = &phases(obis!(1-0:32.7.0), DECIVOLT);
const ONE_PHASE: &[Column] = &[number(obis!(1-0:31.7.0), MILLIAMPERE), number(obis!(1-0:32.7.0), DECIVOLT)];
const HOURLY: &[Column] = &[
    Clock(obis!(0-0:1.0.0)),
    number(obis!(1-0:1.8.0), ONES),
    number(obis!(1-0:2.8.0), ONES),
    number(obis!(1-0:3.8.0), ONES),
    number(obis!(1-0:4.8.0), ONES),
];

const KAIFA: List = List {
    manufacturer: "Kaifa",
    signature: Signature::Title("KFM_001"),
    // Item 15 of Kaifa's document; the summer-time bit is never set.
    zone: Zone::Civil(60),
    three_wire: &["MA304H3", "MA304T3"],
    ..List::GENERAL
};

/// Every 2 s: active power alone. It has no list version: only the tagged date-time and the one u32 identify it.
pub static LIST_1: List =
    List { name: "Kaifa list 1", signature: Signature::Tagged, shape: Shape::Positional(&[POWER]), ..KAIFA };

/// Every 10 s.
pub static LIST_2: List = List {
    name: "Kaifa list 2, three phases",
    shape: Shape::Positional(&rows::<13>(&[BEGINNING, CURRENTS, VOLTAGES])),
    ..KAIFA
};

/// Every 10 s.
pub static LIST_2_SINGLE: List = List {
    name: "Kaifa list 2, one phase",
    shape: Shape::Positional(&rows::<9>(&[BEGINNING, ONE_PHASE])),
    ..KAIFA
};

/// Every hour, instead of list 2.
pub static LIST_3: List = List {
    name: "Kaifa list 3, three phases",
    shape: Shape::Positional(&rows::<18>(&[BEGINNING, CURRENTS, VOLTAGES, HOURLY])),
    ..KAIFA
};

/// Every hour, instead of list 2.
pub static LIST_3_SINGLE: List = List {
    name: "Kaifa list 3, one phase",
    shape: Shape::Positional(&rows::<14>(&[BEGINNING, ONE_PHASE, HOURLY])),
    ..KAIFA
};

/// Sweden's MA304H4: the same values in 18 pairs, and a clock whose label is right all year.
pub static PAIRS: List = List {
    name: "Kaifa Sweden, pairs",
    shape: Shape::Pairs(&[
        Scale {
            quantities: &[Quantity::ActivePower, Quantity::ReactivePower],
            exponent: Some(0),
            unless: &[],
        },
        Scale { quantities: &[Quantity::Current], exponent: Some(-3), unless: &[] },
        Scale { quantities: &[Quantity::Voltage], exponent: Some(-1), unless: &[] },
        Scale { quantities: ENERGIES, exponent: Some(0), unless: &[] },
    ]),
    zone: Zone::Sent,
    ..KAIFA
};
