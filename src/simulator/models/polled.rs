//! Polled meters: Kamstrup's own protocols, and readouts of IEC 62056-21.

use super::MEDIUM;
use crate::simulator::model::{Messages, MeterModel, Schedule};
use crate::simulator::polled::Shown::{Fixed, Id, Number};
use crate::simulator::polled::{DataSet, PolledProtocol, Readout, Register, Registers, Shown};
use crate::wire::serial::{Parity, SerialSettings};
use crate::wire::telegram::Check;

/// The serial settings at which every readout begins.
const SIGN_ON: SerialSettings = SerialSettings::new(300, 7, Parity::Even);

const fn polled(
    name: &'static str,
    type_name: &'static str,
    id: u64,
    line: SerialSettings,
    protocol: PolledProtocol,
) -> MeterModel {
    let (type_names, schedule) = ([type_name; 2], Schedule::Everything(1000));
    MeterModel { name, type_names, id, line, schedule, messages: Messages::Polled(protocol) }
}

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

const fn set(code: &'static str, shown: Shown) -> DataSet {
    DataSet { code, shown }
}

/// Kamstrup 685-382.
pub static KMP382: MeterModel = polled(
    "kmp382",
    "685382OK10",
    41,
    SerialSettings::new(1200, 8, Parity::Even).two_stops(),
    PolledProtocol::Kmp382,
);

/// Kamstrup 382J.
pub static KMP: MeterModel = polled("kmp", "", 42, MEDIUM, PolledProtocol::Kmp(&KMP_REGISTERS));

static KMP_REGISTERS: Registers = Registers {
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
pub static MULTICAL: MeterModel = polled(
    "multical",
    "",
    43,
    SerialSettings::new(1200, 8, Parity::None).two_stops(),
    PolledProtocol::Kmp(&MULTICAL_REGISTERS),
);

static MULTICAL_REGISTERS: Registers = Registers {
    model: 0x33,
    rows: &[
        register(0x003C, [1, 0, 0], MWH, -3),
        register(0x0044, [2, 0, 0], M3, -2),
        register(0x0050, [8, 0, 0], KW, -1),
        register(0x03EC, [96, 8, 0], HOUR, 0),
    ],
};

/// Kamstrup 685-382 read out in mode A: its own codes, and a sum as check character.
pub static KAMSTRUP_IEC: MeterModel =
    polled("kamstrup-iec", "685-382-OK-10", 44, SIGN_ON, PolledProtocol::Iec(&KAMSTRUP_IEC_READOUT));

static KAMSTRUP_IEC_READOUT: Readout = Readout {
    manufacturer: "KAM ",
    point: ',',
    check: Check::Sum,
    between: ["\r\n", ""],
    sets: &[
        set("0.0", Id(8)),
        set("1.20", Number([1, 8, 0], [7, 0], "kWh")),
        set("1.20.1", Number([1, 8, 1], [7, 0], "kWh")),
        set("1.20.2", Number([1, 8, 2], [7, 0], "kWh")),
        set("1.31", Number([96, 8, 0], [7, 0], "h")),
        set("1.26", Fixed("0000000")),
        set("1.6", Number([1, 6, 0], [6, 1], "kW")),
        set("1.6*1", Fixed("000002,8")),
    ],
};

/// Landis+Gyr ZMD120, read out in mode C: 300 baud, then 9600.
pub static ZMD120: MeterModel =
    polled("zmd120", "ZMD120APt.G03", 45, SIGN_ON, PolledProtocol::Iec(&ZMD120_READOUT));

static ZMD120_READOUT: Readout = Readout {
    manufacturer: "LGZ5",
    point: '.',
    check: Check::Xor,
    between: ["\r\n", "\r\n"],
    sets: &[
        set("F.F", Fixed("00000000")),
        set("0.0.0", Id(8)),
        set("1.8.1", Number([1, 8, 1], [6, 1], "kWh")),
        set("1.8.2", Number([1, 8, 2], [6, 1], "kWh")),
        set("2.8.1", Number([2, 8, 1], [6, 1], "kWh")),
        set("2.8.2", Number([2, 8, 2], [6, 1], "kWh")),
        set("1.8.0", Number([1, 8, 0], [6, 1], "kWh")),
        set("1.8.0*01", Fixed("000001.0*kWh")),
        set("2.8.0", Number([2, 8, 0], [6, 1], "kWh")),
        set("1.7.0", Number([1, 7, 0], [2, 2], "kW")),
        set("2.7.0", Number([2, 7, 0], [2, 2], "kW")),
        set("32.7.0", Number([32, 7, 0], [3, 1], "V")),
        set("52.7.0", Number([52, 7, 0], [3, 1], "V")),
        set("72.7.0", Number([72, 7, 0], [3, 1], "V")),
    ],
};

/// Siemens 2WR5, a heat meter, read out in mode B: it continues at 2400 baud without an acknowledgement.
pub static ULTRAHEAT: MeterModel =
    polled("2wr5", "2WR5", 46, SIGN_ON, PolledProtocol::Iec(&ULTRAHEAT_READOUT));

static ULTRAHEAT_READOUT: Readout = Readout {
    manufacturer: "SIEC",
    point: '.',
    check: Check::Xor,
    between: ["", ""],
    sets: &[
        set("6.8", Number([1, 0, 0], [4, 3], "MWh")),
        set("6.26", Number([2, 0, 0], [5, 2], "m3")),
        set("9.21", Id(8)),
        set("6.26*01", Fixed("00001.00*m3")),
        set("6.8*01", Fixed("0000.001*MWh")),
        set("F", Fixed("0")),
        set("6.6", Number([8, 0, 0], [4, 1], "kW")),
        set("6.31", Number([96, 8, 0], [7, 0], "h")),
        set("0.0", Id(8)),
    ],
};
