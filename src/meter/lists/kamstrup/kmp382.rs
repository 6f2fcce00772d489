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
use crate::wire::obis::Obis;

const W: BlockForm = Number(Quantity::ActivePower, 0);
const KWH: BlockForm = Number(Quantity::ActiveEnergy, 3);

const fn field(at: usize, obis: Obis, form: BlockForm) -> BlockField {
    BlockField { at, obis, register: Register::of_code(obis), form }
}

/// The first 44 bytes of its memory: model, meter number, customer number.
#[rustfmt::skip]
pub static IDENTITY: List = List {
    name: "Kamstrup 685-382 identity",
    manufacturer: "Kamstrup",
    signature: Signature::Command(0x01),
    shape: Shape::FixedBlock { length: 44, fields: &[
        field(0, obis!(0-0:96.1.7), Text(10)),
        field(29, obis!(0-0:96.1.0), NameBackwards),
        field(33, obis!(1-0:0.0.0), NameBackwards),
    ] },
    ..List::GENERAL
};

/// Registers. Bytes 24 to 31 are zero in every capture.
#[rustfmt::skip]
pub static REGISTERS: List = List {
    name: "Kamstrup 685-382 registers",
    manufacturer: "Kamstrup",
    signature: Signature::Command(0x90),
    shape: Shape::FixedBlock { length: 36, fields: &[
        field(0, obis!(1-0:1.8.0), KWH),
        field(4, obis!(1-0:1.7.0), W),
        field(8, obis!(0-0:96.8.0), Hours),
        // The best known driver calls it RESET_COUNTER.
        BlockField { at: 12, obis: obis!(1-0:1.8.0), register: Register::finer(obis!(1-0:1.8.0)), form: Hundredths(0) },
        field(16, obis!(1-0:1.6.0), W),
        BlockField { at: 20, obis: obis!(1-0:0.0.0), register: None, form: Name },
        BlockField { at: 32, obis: obis!(0-0:96.1.1), register: None, form: Name },
    ] },
    ..List::GENERAL
};

/// The same energy by tariffs. The meaning of the first byte is not known.
#[rustfmt::skip]
pub static TARIFFS: List = List {
    name: "Kamstrup 685-382 tariffs",
    manufacturer: "Kamstrup",
    signature: Signature::Command(0x95),
    shape: Shape::FixedBlock { length: 13, fields: &[
        field(1, obis!(1-0:1.8.0), KWH),
        field(5, obis!(1-0:1.8.1), KWH),
        field(9, obis!(1-0:1.8.2), KWH),
    ] },
    ..List::GENERAL
};
