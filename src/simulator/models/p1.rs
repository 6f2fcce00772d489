//! P1 and H1 ports outside the Benelux: what each country uses of DSMR.

use super::{FAST, row};
use crate::obis;
use crate::simulator::framing::Framing;
use crate::simulator::model::{Messages, MeterModel, Schedule};
use crate::simulator::telegram::Cell::{self, Clock, Fixed, Id, Number};
use crate::simulator::telegram::Dialect;
use crate::wire::clock::Zone;

pub(super) const CENTRAL: Zone = Zone::Civil(60);

pub(super) const ENERGY: Cell = Number(6, 3, "kWh");
pub(super) const REACTIVE_ENERGY: Cell = Number(6, 3, "kvarh");
pub(super) const POWER: Cell = Number(2, 3, "kW");
pub(super) const REACTIVE_POWER: Cell = Number(2, 3, "kvar");
pub(super) const VOLTAGE: Cell = Number(3, 1, "V");
pub(super) const AMPERES: Cell = Number(3, 0, "A");

/// A model that sends all values in one telegram, every `interval` milliseconds.
pub(super) const fn telegrams(
    name: &'static str,
    type_name: &'static str,
    id: u64,
    interval: i64,
    dialect: &'static Dialect,
) -> MeterModel {
    let (type_names, schedule) = ([type_name; 2], Schedule::Everything(interval));
    MeterModel { name, type_names, id, line: FAST, schedule, messages: Messages::Telegram(dialect) }
}

/// T210-D-r of Sagemcom at Energienetze Steiermark, Austria: whole W and Wh, encrypted.
pub static STEIERMARK: MeterModel =
    telegrams("steiermark-p1", "53710000_A", 24, 10_000, &STEIERMARK_TELEGRAM);

static STEIERMARK_TELEGRAM: Dialect = Dialect {
    framing: Framing::NONE.encrypted(*b"SAG\x67\x00\x00\x00\x18", 0x30),
    manufacturer: "EST5\\2",
    zone: CENTRAL,
    rows: &[
        row(obis!(1-3:0.2.8), Fixed("(50)")),
        row(obis!(0-0:1.0.0), Clock),
        row(obis!(1-0:1.8.0), Number(9, 0, "Wh")),
        row(obis!(1-0:1.8.1), Number(9, 0, "Wh")),
        row(obis!(1-0:1.8.2), Number(9, 0, "Wh")),
        row(obis!(1-0:1.7.0), Number(9, 0, "W")),
        row(obis!(1-0:2.8.0), Number(9, 0, "Wh")),
        row(obis!(1-0:2.8.1), Number(9, 0, "Wh")),
        row(obis!(1-0:2.8.2), Number(9, 0, "Wh")),
        row(obis!(1-0:2.7.0), Number(9, 0, "W")),
        row(obis!(1-0:3.8.0), Number(9, 0, "varh")),
        row(obis!(1-0:3.8.1), Number(9, 0, "varh")),
        row(obis!(1-0:3.8.2), Number(9, 0, "varh")),
        row(obis!(1-0:3.7.0), Number(9, 0, "var")),
        row(obis!(1-0:4.8.0), Number(9, 0, "varh")),
        row(obis!(1-0:4.8.1), Number(9, 0, "varh")),
        row(obis!(1-0:4.8.2), Number(9, 0, "varh")),
        row(obis!(1-0:4.7.0), Number(9, 0, "var")),
    ],
};

/// H1, Sweden: no id, winter time all year.
pub static SWEDEN: MeterModel = telegrams("sweden-p1", "53833635_A", 25, 10_000, &SWEDEN_TELEGRAM);

static SWEDEN_TELEGRAM: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "ELL5\\2",
    zone: Zone::Standard(60),
    rows: &[
        row(obis!(0-0:1.0.0), Clock),
        row(obis!(1-0:1.8.0), Number(8, 3, "kWh")),
        row(obis!(1-0:2.8.0), Number(8, 3, "kWh")),
        row(obis!(1-0:3.8.0), Number(8, 3, "kvarh")),
        row(obis!(1-0:4.8.0), Number(8, 3, "kvarh")),
        row(obis!(1-0:1.7.0), Number(4, 3, "kW")),
        row(obis!(1-0:2.7.0), Number(4, 3, "kW")),
        row(obis!(1-0:3.7.0), Number(4, 3, "kvar")),
        row(obis!(1-0:4.7.0), Number(4, 3, "kvar")),
        row(obis!(1-0:21.7.0), Number(4, 3, "kW")).each_phase(),
        row(obis!(1-0:22.7.0), Number(4, 3, "kW")).each_phase(),
        row(obis!(1-0:23.7.0), Number(4, 3, "kvar")).each_phase(),
        row(obis!(1-0:24.7.0), Number(4, 3, "kvar")).each_phase(),
        row(obis!(1-0:32.7.0), VOLTAGE).each_phase(),
        row(obis!(1-0:31.7.0), Number(3, 1, "A")).each_phase(),
    ],
};

/// E.ON, Hungary: tariffs beside their sum, quadrants, power factors.
pub static HUNGARY: MeterModel = telegrams("hungary-p1", "SAG-METER", 26, 10_000, &HUNGARY_TELEGRAM);

static HUNGARY_TELEGRAM: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "SAG5",
    zone: CENTRAL,
    rows: &[
        row(obis!(0-0:1.0.0), Clock),
        row(obis!(0-0:96.1.0), Id),
        row(obis!(0-0:96.14.0), Fixed("(0001)")),
        row(obis!(0-0:96.3.10), Fixed("(1)")),
        row(obis!(0-0:17.0.0), Fixed("(90.000*kW)")),
        row(obis!(1-0:1.8.0), ENERGY),
        row(obis!(1-0:1.8.1), ENERGY),
        row(obis!(1-0:1.8.2), ENERGY),
        row(obis!(1-0:2.8.0), ENERGY),
        row(obis!(1-0:2.8.1), ENERGY),
        row(obis!(1-0:2.8.2), ENERGY),
        row(obis!(1-0:3.8.0), REACTIVE_ENERGY),
        row(obis!(1-0:4.8.0), REACTIVE_ENERGY),
        row(obis!(1-0:5.8.0), REACTIVE_ENERGY),
        row(obis!(1-0:6.8.0), REACTIVE_ENERGY),
        row(obis!(1-0:7.8.0), REACTIVE_ENERGY),
        row(obis!(1-0:8.8.0), REACTIVE_ENERGY),
        row(obis!(1-0:32.7.0), VOLTAGE).each_phase(),
        row(obis!(1-0:31.7.0), AMPERES).each_phase(),
        row(obis!(1-0:13.7.0), Number(1, 3, "")).each_phase(),
        row(obis!(1-0:73.7.0), Number(1, 3, "")),
        row(obis!(1-0:14.7.0), Number(2, 2, "Hz")),
        row(obis!(1-0:1.7.0), POWER),
        row(obis!(1-0:2.7.0), POWER),
        row(obis!(1-0:5.7.0), REACTIVE_POWER),
        row(obis!(1-0:6.7.0), REACTIVE_POWER),
        row(obis!(1-0:7.7.0), REACTIVE_POWER),
        row(obis!(1-0:8.7.0), REACTIVE_POWER),
        row(obis!(0-0:96.13.0), Fixed("()")),
    ],
};

/// ESO, Lithuania: kV, kA and kHz, the time of Vilnius.
pub static LITHUANIA: MeterModel = telegrams("lithuania-p1", "0000000000", 27, 10_000, &LITHUANIA_TELEGRAM);

static LITHUANIA_TELEGRAM: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "ESO5\\0",
    zone: Zone::Civil(120),
    rows: &[
        row(obis!(0-0:1.0.0), Clock),
        row(obis!(1-0:1.8.0), Number(8, 3, "kWh")),
        row(obis!(1-0:3.8.0), Number(8, 3, "kvarh")),
        row(obis!(1-0:4.8.0), Number(8, 3, "kvarh")),
        row(obis!(1-0:1.8.1), Number(8, 3, "kWh")),
        row(obis!(1-0:2.8.1), Number(8, 3, "kWh")),
        row(obis!(1-0:1.8.2), Number(8, 3, "kWh")),
        row(obis!(1-0:2.8.2), Number(8, 3, "kWh")),
        row(obis!(1-0:32.7.0), Number(4, 3, "kV")),
        row(obis!(1-0:31.7.0), Number(4, 3, "kA")),
        row(obis!(1-0:52.7.0), Number(4, 3, "kV")),
        row(obis!(1-0:51.7.0), Number(4, 3, "kA")),
        row(obis!(1-0:72.7.0), Number(4, 3, "kV")),
        row(obis!(1-0:71.7.0), Number(4, 3, "kA")),
        row(obis!(1-0:14.7.0), Number(4, 3, "kHz")),
        row(obis!(1-0:21.7.0), Number(8, 3, "kW")).each_phase(),
        row(obis!(1-0:22.7.0), Number(8, 3, "kW")).each_phase(),
    ],
};
