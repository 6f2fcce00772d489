//! The simulated meters there are, each a table.

mod am550;
mod benelux;
mod central;
mod germany;
mod nordic;
mod p1;
mod polled;

use super::dlms::{Cell, Form, Row};
use super::model::MeterModel;
use crate::reading::Content;
use crate::wire::obis::Obis;
use crate::wire::serial::{Parity, SerialSettings};

/// All of them, in the order in which they are listed.
pub static MODELS: [&MeterModel; 28] = [
    &nordic::KAIFA,
    &nordic::KAMSTRUP,
    &nordic::AIDON,
    &nordic::KAMSTRUP_CIPHERED,
    &central::KAIFA_AUSTRIA,
    &central::SAGEMCOM_AUSTRIA,
    &central::TINETZ,
    &central::E450,
    &central::E360,
    &central::E570,
    &am550::SWITZERLAND,
    &am550::SLOVENIA,
    &benelux::DSMR5,
    &benelux::FLUVIUS,
    &benelux::SMARTY,
    &p1::STEIERMARK,
    &p1::SWEDEN,
    &p1::HUNGARY,
    &p1::LITHUANIA,
    &germany::EHZ,
    &germany::MT175,
    &germany::DTZ541,
    &polled::KMP382,
    &polled::KMP,
    &polled::MULTICAL,
    &polled::KAMSTRUP_IEC,
    &polled::ZMD120,
    &polled::ULTRAHEAT,
];

/// The shortest list that has it, its code, what stands in it.
const fn row(from: Content, obis: Obis, cell: Cell) -> Row {
    Row { obis, cell, from }
}

const ONES: Form = Form::U32(0);
const TENS: Form = Form::U32(1);
const CENTI: Form = Form::U32(-2);
const MILLI: Form = Form::U32(-3);
const DECI: Form = Form::U16(-1);

const MEDIUM: SerialSettings = SerialSettings::new(9600, 8, Parity::None);
const FAST: SerialSettings = SerialSettings::new(115_200, 8, Parity::None);
