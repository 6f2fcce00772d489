//! Polled meters: Kamstrup's own protocols, and readouts of IEC 62056-21.

use crate::simulator::polled::Shown::{Fixed, Id, Number};
use crate::simulator::polled::{Readout, Register, Registers};
use crate::wire::telegram::Check;

const fn register(id: u16, code: [u8; 3], unit: (u8, i8), exponent: i8) -> Register {
    Register { id, code, unit, exponent }
}

const WH: (u8, i8) = (0x01, 0);
const MWH: (u8, i8) = (0x03, 6);
const KW: (u8, i8) = (0x16, 3);
const VOLT: (u8, i8) = (0x21, 0);
const AMPERE: (u8, i8) = (0x22, 0);
const M3: (u8, i8) = (0x28, 0);
const HOUR: (u8, i8) = (0x2E, 0);

/// Kamstrup 382J.
pub static KMP: Registers = Registers {
    model: 4,
    rows: &[
        register(0x000D, [1, 8, 0], WH, 0),
        register(0x000E, [2, 8, 0], WH, 0),
        register(0x0027, [1, 6, 0], KW, -2),
        register(0x03FF, [1, 7, 0], KW, -3),
        register(0x0400, [2, 7, 0], KW, -3),
        register(0x041E, [32, 7, 0], VOLT, 0),
        register(0x041F, [52, 7, 0], VOLT, 0),
        register(0x0420, [72, 7, 0], VOLT, 0),
        register(0x0434, [31, 7, 0], AMPERE, -2),
        register(0x0435, [51, 7, 0], AMPERE, -2),
        register(0x0436, [71, 7, 0], AMPERE, -2),
        register(0x0438, [21, 7, 0], KW, -3),
        register(0x0439, [41, 7, 0], KW, -3),
        register(0x043A, [61, 7, 0], KW, -3),
        register(0x0540, [22, 7, 0], KW, -3),
        register(0x0541, [42, 7, 0], KW, -3),
        register(0x0542, [62, 7, 0], KW, -3),
    ],
};

/// MULTICAL 403, a heat meter.
pub static MULTICAL: Registers = Registers {
    model: 0x33,
    rows: &[
        register(0x003C, [1, 0, 0], MWH, -3),
        register(0x0044, [2, 0, 0], M3, -2),
        register(0x0050, [8, 0, 0], KW, -1),
        register(0x03EC, [96, 8, 0], HOUR, 0),
    ],
};

/// Kamstrup 685-382 read out in mode A: its own codes, and a sum as check character.
pub static KAMSTRUP_IEC: Readout = Readout {
    manufacturer: "KAM ",
    point: ',',
    check: Check::Sum,
    between: ["\r\n", ""],
    sets: &[
        ("0.0", Id(8)),
        ("1.20", Number([1, 8, 0], [7, 0], "kWh")),
        ("1.20.1", Number([1, 8, 1], [7, 0], "kWh")),
        ("1.20.2", Number([1, 8, 2], [7, 0], "kWh")),
        ("1.31", Number([96, 8, 0], [7, 0], "h")),
        ("1.26", Fixed("0000000")),
        ("1.6", Number([1, 6, 0], [6, 1], "kW")),
        ("1.6*1", Fixed("000002,8")),
    ],
};

/// Landis+Gyr ZMD120, read out in mode C: 300 baud, then 9600.
pub static ZMD120: Readout = Readout {
    manufacturer: "LGZ5",
    point: '.',
    check: Check::Xor,
    between: ["\r\n", "\r\n"],
    sets: &[
        ("F.F", Fixed("00000000")),
        ("0.0.0", Id(8)),
        ("1.8.1", Number([1, 8, 1], [6, 1], "kWh")),
        ("1.8.2", Number([1, 8, 2], [6, 1], "kWh")),
        ("2.8.1", Number([2, 8, 1], [6, 1], "kWh")),
        ("2.8.2", Number([2, 8, 2], [6, 1], "kWh")),
        ("1.8.0", Number([1, 8, 0], [6, 1], "kWh")),
        ("1.8.0*01", Fixed("000001.0*kWh")),
        ("2.8.0", Number([2, 8, 0], [6, 1], "kWh")),
        ("1.7.0", Number([1, 7, 0], [2, 2], "kW")),
        ("2.7.0", Number([2, 7, 0], [2, 2], "kW")),
        ("32.7.0", Number([32, 7, 0], [3, 1], "V")),
        ("52.7.0", Number([52, 7, 0], [3, 1], "V")),
        ("72.7.0", Number([72, 7, 0], [3, 1], "V")),
    ],
};

/// Siemens 2WR5, a heat meter, read out in mode B: it continues at 2400 baud without an acknowledgement.
pub static ULTRAHEAT: Readout = Readout {
    manufacturer: "SIEC",
    point: '.',
    check: Check::Xor,
    between: ["", ""],
    sets: &[
        ("6.8", Number([1, 0, 0], [4, 3], "MWh")),
        ("6.26", Number([2, 0, 0], [5, 2], "m3")),
        ("9.21", Id(8)),
        ("6.26*01", Fixed("00001.00*m3")),
        ("6.8*01", Fixed("0000.001*MWh")),
        ("F", Fixed("0")),
        ("6.6", Number([8, 0, 0], [4, 1], "kW")),
        ("6.31", Number([96, 8, 0], [7, 0], "h")),
        ("0.0", Id(8)),
    ],
};
