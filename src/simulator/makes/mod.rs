//! The simulated meters there are, each a table.

mod am550;
mod asked;
mod benelux;
mod central;
mod germany;
mod nordic;
mod p1;

use super::dlms::{Cell, Form, Row};
use super::make::Make;
use crate::reading::Content;
use crate::wire::obis::Obis;
use crate::wire::serial::{Parity, Settings};

/// All of them, in the order in which they are listed.
pub static MAKES: [&Make; 28] = [
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
    &asked::KMP382,
    &asked::KMP,
    &asked::MULTICAL,
    &asked::KAMSTRUP_IEC,
    &asked::ZMD120,
    &asked::ULTRAHEAT,
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

const MEDIUM: Settings = Settings::new(9600, 8, Parity::None);
const FAST: Settings = Settings::new(115_200, 8, Parity::None);
