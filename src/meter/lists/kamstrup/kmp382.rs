//! Kamstrup 685-382: the responses in its own protocol (KMP382).
//!
//! Kamstrup's document is not public. Others found the offsets on a meter; fields have the meaning that their names
//! there give. Fields on which two sources disagree, or which nobody has explained, are not here.

use crate::meter::family::Quantity;
use crate::meter::list::List;
use crate::meter::register::Register;
use crate::meter::shape::Shape;
use crate::meter::shape::fixed_block::BlockField;
use crate::meter::shape::fixed_block::BlockForm::{
    self, Hours, Hundredths, Name, NameBackwards, Number, Text,
};
use crate::meter::signature::Signature;
use crate::obis;

const W: BlockForm = Number(Quantity::ActivePower, 0);
const KWH: BlockForm = Number(Quantity::ActiveEnergy, 3);

macro_rules! fields {
    ($($at:literal $obis:expr => $form:expr),+ $(,)?) => {
        &[$(BlockField { at: $at, obis: $obis, register: Register::of_code($obis), form: $form }),+]
    };
}

const KAMSTRUP: List = List {
    name: "Kamstrup 685-382",
    manufacturer: "Kamstrup",
    signature: Signature::Command(0),
    shape: Shape::FixedBlock { length: 0, fields: &[] },
    ..List::GENERAL
};

/// The first 44 bytes of its memory: model, meter number, customer number.
#[rustfmt::skip]
pub static IDENTITY: List = List {
    name: "Kamstrup 685-382 identity",
    signature: Signature::Command(0x01),
    shape: Shape::FixedBlock { length: 44, fields: fields![
        0 obis!(0-0:96.1.7) => Text(10),
        29 obis!(0-0:96.1.0) => NameBackwards,
        33 obis!(1-0:0.0.0) => NameBackwards,
    ] },
    ..KAMSTRUP
};

/// Registers. Bytes 24 to 31 are zero in every capture.
#[rustfmt::skip]
pub static REGISTERS: List = List {
    name: "Kamstrup 685-382 registers",
    signature: Signature::Command(0x90),
    shape: Shape::FixedBlock { length: 36, fields: &[
        BlockField { at: 0, obis: obis!(1-0:1.8.0), register: Register::of_code(obis!(1-0:1.8.0)), form: KWH },
        BlockField { at: 4, obis: obis!(1-0:1.7.0), register: Register::of_code(obis!(1-0:1.7.0)), form: W },
        BlockField { at: 8, obis: obis!(0-0:96.8.0), register: Register::of_code(obis!(0-0:96.8.0)), form: Hours },
        // The best known driver calls it RESET_COUNTER.
        BlockField { at: 12, obis: obis!(1-0:1.8.0), register: Register::finer(obis!(1-0:1.8.0)), form: Hundredths(0) },
        BlockField { at: 16, obis: obis!(1-0:1.6.0), register: Register::of_code(obis!(1-0:1.6.0)), form: W },
        BlockField { at: 20, obis: obis!(1-0:0.0.0), register: None, form: Name },
        BlockField { at: 32, obis: obis!(0-0:96.1.1), register: None, form: Name },
    ] },
    ..KAMSTRUP
};

/// The same energy by tariffs. The meaning of the first byte is not known.
#[rustfmt::skip]
pub static TARIFFS: List = List {
    name: "Kamstrup 685-382 tariffs",
    signature: Signature::Command(0x95),
    shape: Shape::FixedBlock { length: 13, fields: fields![
        1 obis!(1-0:1.8.0) => KWH,
        5 obis!(1-0:1.8.1) => KWH,
        9 obis!(1-0:1.8.2) => KWH,
    ] },
    ..KAMSTRUP
};
