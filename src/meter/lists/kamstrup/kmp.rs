//! Kamstrup's registers in its binary protocol: electricity meters 382J and 382L, MULTICAL meters of heat.

use crate::meter::family::Medium;
use crate::meter::list::List;
use crate::meter::register::Register;
use crate::meter::shape::Shape;
use crate::meter::shape::by_id::{Measure, Row};
use crate::meter::signature::Signature;
use crate::obis;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

const fn row(id: u16, obis: Obis) -> Row {
    Row { id, obis, register: Register::of_code(obis), finer: None }
}

const fn coarse(id: u16, obis: Obis, finer: u16) -> Row {
    Row { finer: Some(finer), ..row(id, obis) }
}

const fn of_medium(id: u16, obis: Obis, medium: Medium) -> Row {
    Row { id, obis, register: Register::of_medium(medium), finer: None }
}

/// Registers of electricity and heat meters; they share no id.
#[rustfmt::skip]
static ROWS: [Row; 32] = [
    coarse(0x0001, obis!(1-0:1.8.0), 0x000D),
    coarse(0x0002, obis!(1-0:2.8.0), 0x000E),
    // The same energies in watt-hours.
    row(0x000D, obis!(1-0:1.8.0)),
    row(0x000E, obis!(1-0:2.8.0)),
    row(0x0027, obis!(1-0:1.6.0)),
    row(0x03FF, obis!(1-0:1.7.0)),
    row(0x0400, obis!(1-0:2.7.0)),
    row(0x041E, obis!(1-0:32.7.0)),
    row(0x041F, obis!(1-0:52.7.0)),
    row(0x0420, obis!(1-0:72.7.0)),
    row(0x0434, obis!(1-0:31.7.0)),
    row(0x0435, obis!(1-0:51.7.0)),
    row(0x0436, obis!(1-0:71.7.0)),
    row(0x0438, obis!(1-0:21.7.0)),
    row(0x0439, obis!(1-0:41.7.0)),
    row(0x043A, obis!(1-0:61.7.0)),
    row(0x0540, obis!(1-0:22.7.0)),
    row(0x0541, obis!(1-0:42.7.0)),
    row(0x0542, obis!(1-0:62.7.0)),
    // Heat (IEC 62056-61, medium 6), and the cold that a MULTICAL counts beside it (medium 5).
    of_medium(0x003C, obis!(6-0:1.0.0), Medium::Heat),
    of_medium(0x010A, obis!(6-0:1.0.0), Medium::Heat),
    of_medium(0x003F, obis!(5-0:1.0.0), Medium::Cooling),
    row(0x0044, obis!(6-0:2.0.0)),
    row(0x0050, obis!(6-0:8.0.0)),
    row(0x004A, obis!(6-0:9.0.0)),
    row(0x0056, obis!(6-0:10.0.0)),
    row(0x0057, obis!(6-0:11.0.0)),
    row(0x0059, obis!(6-0:12.0.0)),
    row(0x03EC, obis!(0-0:96.8.0)),
    row(0x008B, obis!(6-0:9.6.0)),
    row(0x008D, obis!(6-0:9.3.0)),
    row(0x0063, obis!(6-0:97.97.0)),
];

const fn measure(number: u8, unit: Unit, factor: i64, exponent: i8) -> Measure {
    Measure { number, unit, factor, exponent }
}

/// Kamstrup's units. Public tables give 0x15 and 0x19 the same names as 0x16 (kW) and 0x1A (kvar); by their places they
/// should be W and var. No meter has shown which, so they are omitted.
#[rustfmt::skip]
static UNITS: [Measure; 37] = [
    measure(0x01, Unit::WH, 1, 0), measure(0x02, Unit::WH, 1, 3), measure(0x03, Unit::WH, 1, 6), measure(0x04, Unit::WH, 1, 9),
    measure(0x05, Unit::J, 1, 0), measure(0x06, Unit::J, 1, 3), measure(0x07, Unit::J, 1, 6), measure(0x08, Unit::J, 1, 9),
    measure(0x0D, Unit::VARH, 1, 0), measure(0x0E, Unit::VARH, 1, 3), measure(0x0F, Unit::VARH, 1, 6), measure(0x10, Unit::VARH, 1, 9),
    measure(0x11, Unit::VAH, 1, 0), measure(0x12, Unit::VAH, 1, 3), measure(0x13, Unit::VAH, 1, 6), measure(0x14, Unit::VAH, 1, 9),
    measure(0x16, Unit::W, 1, 3), measure(0x17, Unit::W, 1, 6), measure(0x18, Unit::W, 1, 9),
    measure(0x1A, Unit::VAR, 1, 3), measure(0x1B, Unit::VAR, 1, 6), measure(0x1C, Unit::VAR, 1, 9),
    measure(0x1E, Unit::VA, 1, 3),
    measure(0x21, Unit::V, 1, 0), measure(0x22, Unit::A, 1, 0), measure(0x23, Unit::V, 1, 3), measure(0x24, Unit::A, 1, 3),
    measure(0x25, Unit::CELSIUS, 1, 0), measure(0x26, Unit::KELVIN, 1, 0),
    measure(0x27, Unit::M3, 1, -3), measure(0x28, Unit::M3, 1, 0),
    measure(0x29, Unit::M3_PER_HOUR, 1, -3), measure(0x2A, Unit::M3_PER_HOUR, 1, 0),
    measure(0x2E, Unit::S, 3600, 0), measure(0x3A, Unit::S, 60, 0), measure(0x3C, Unit::S, 1, 0), measure(0x3E, Unit::S, 86_400, 0),
];

const KAMSTRUP: List =
    List { manufacturer: "Kamstrup", shape: Shape::ById { rows: &ROWS, units: &UNITS }, ..List::GENERAL };

/// The meter's type.
pub static TYPE: List = List { name: "Kamstrup KMP type", signature: Signature::Command(0x01), ..KAMSTRUP };

/// The meter's number.
pub static SERIAL: List =
    List { name: "Kamstrup KMP number", signature: Signature::Command(0x02), ..KAMSTRUP };

/// Registers that were requested.
pub static REGISTERS: List =
    List { name: "Kamstrup KMP registers", signature: Signature::Command(0x10), ..KAMSTRUP };
