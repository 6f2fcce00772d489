//! Kamstrup 685-382: what it answers in its own protocol (KMP382).
//!
//! The maker's document is not public. Offsets and meanings were found by others on a meter and are told by their
//! names there; what two sources do not agree on, and what nobody has explained, is not here.

use super::cells::CellForm::{Hours, Hundredths, Name, NameBackwards, Number, Text};
use super::{Cell, List, Mark, Quantity, Register, Shape};
use crate::obis;
use crate::wire::clock::Zone;

const W: super::CellForm = Number(Quantity::ActivePower, 0);
const KWH: super::CellForm = Number(Quantity::ActiveEnergy, 3);

macro_rules! cells {
    ($($at:literal $obis:expr => $form:expr),+ $(,)?) => {
        &[$(Cell { at: $at, obis: $obis, register: Register::known($obis), form: $form }),+]
    };
}

const KAMSTRUP: List = List {
    name: "Kamstrup 685-382",
    maker: "Kamstrup",
    mark: Mark::Command(0),
    shape: Shape::Cells { length: 0, cells: &[] },
    zone: Zone::Sent,
    three_wire: &[],
    energy_is_set: false,
};

/// The first 44 bytes of its memory: type, its own number, the customer's.
#[rustfmt::skip]
pub static IDENTITY: List = List {
    name: "Kamstrup 685-382 identity",
    mark: Mark::Command(0x01),
    shape: Shape::Cells { length: 44, cells: cells![
        0 obis!(0-0:96.1.7) => Text(10),
        29 obis!(0-0:96.1.0) => NameBackwards,
        33 obis!(1-0:0.0.0) => NameBackwards,
    ] },
    ..KAMSTRUP
};

/// Its registers. Bytes 24 to 31 are zero in every capture.
#[rustfmt::skip]
pub static REGISTERS: List = List {
    name: "Kamstrup 685-382 registers",
    mark: Mark::Command(0x90),
    shape: Shape::Cells { length: 36, cells: &[
        Cell { at: 0, obis: obis!(1-0:1.8.0), register: Register::known(obis!(1-0:1.8.0)), form: KWH },
        Cell { at: 4, obis: obis!(1-0:1.7.0), register: Register::known(obis!(1-0:1.7.0)), form: W },
        Cell { at: 8, obis: obis!(0-0:96.8.0), register: Register::known(obis!(0-0:96.8.0)), form: Hours },
        // RESET_COUNTER to the driver known best.
        Cell { at: 12, obis: obis!(1-0:1.8.0), register: Register::finer(obis!(1-0:1.8.0)), form: Hundredths(0) },
        Cell { at: 16, obis: obis!(1-0:1.6.0), register: Register::known(obis!(1-0:1.6.0)), form: W },
        Cell { at: 20, obis: obis!(1-0:0.0.0), register: None, form: Name },
        Cell { at: 32, obis: obis!(0-0:96.1.1), register: None, form: Name },
    ] },
    ..KAMSTRUP
};

/// The same energy by tariffs. What its first byte means is not known.
#[rustfmt::skip]
pub static TARIFFS: List = List {
    name: "Kamstrup 685-382 tariffs",
    mark: Mark::Command(0x95),
    shape: Shape::Cells { length: 13, cells: cells![
        1 obis!(1-0:1.8.0) => KWH,
        5 obis!(1-0:1.8.1) => KWH,
        9 obis!(1-0:1.8.2) => KWH,
    ] },
    ..KAMSTRUP
};
