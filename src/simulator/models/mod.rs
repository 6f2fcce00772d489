//! The models of simulated meters, each a table.

mod am550;
mod benelux;
mod central;
mod germany;
mod nordic;
mod p1;
mod polled;

use super::clock::Clock;
use super::dlms::{Dialect, Form, Layout, Stamped};
use super::framing::Framing;
use super::model::{Messages, MeterModel, Schedule};
use super::row::Row;
use crate::meter::lists::general;
use crate::wire::clock::Zone;
use crate::wire::obis::Obis;
use crate::wire::serial::{Parity, SerialSettings};

/// All models, in the order in which they are listed.
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

/// A model that sends all values in one DLMS list, every `interval` milliseconds.
const fn dlms(
    name: &'static str,
    id: u64,
    line: SerialSettings,
    interval: i64,
    dialect: &'static Dialect,
) -> MeterModel {
    let (type_names, schedule) = ([""; 2], Schedule::Everything(interval));
    MeterModel { name, type_names, id, line, schedule, messages: Messages::Dlms(dialect) }
}

const fn row<C: Copy>(obis: Obis, cell: C) -> Row<C> {
    Row::new(obis, cell)
}

/// A clock that sends its deviation: winter time all year.
const LABELLED: Clock = Clock { zone: Zone::Sent, deviation: -60, sunday_is_0: false };
/// What most dialects have in common.
const PLAIN: Dialect = Dialect {
    framing: Framing::NONE,
    invoke_id: 0,
    stamp: Stamped::Plain,
    clock: LABELLED,
    clock_of_registers: false,
    visible: false,
    scalers: false,
    null_slots: false,
    layout: Layout::List,
    rows: &[],
    lists: [[&general::PAIRS; 3]; 2],
};

const ONES: Form = Form::U32(0);
const TENS: Form = Form::U32(1);
const CENTI: Form = Form::U32(-2);
const MILLI: Form = Form::U32(-3);
const DECI: Form = Form::U16(-1);
const CENTIAMPERE: Form = Form::U16(-2);

const MEDIUM: SerialSettings = SerialSettings::new(9600, 8, Parity::None);
const FAST: SerialSettings = SerialSettings::new(115_200, 8, Parity::None);
