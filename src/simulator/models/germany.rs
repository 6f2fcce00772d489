//! Meters of Germany, read with an optical head: SML.

use super::{MEDIUM, row};
use crate::obis;
use crate::simulator::model::{Messages, MeterModel, Schedule};
use crate::simulator::sml::Cell::{Manufacturer, Number, Server};
use crate::simulator::sml::{Cell, Dialect, Size};

const SIGNED_POWER: Cell = Number(Size::Signed(4), -1);
const ENERGY: Cell = Number(Size::Signed(8), -1);

/// A model that sends all values in one list, every `interval` milliseconds.
const fn sml(name: &'static str, id: u64, interval: i64, dialect: &'static Dialect) -> MeterModel {
    let (type_names, schedule) = ([""; 2], Schedule::Everything(interval));
    MeterModel { name, type_names, id, line: MEDIUM, schedule, messages: Messages::Sml(dialect) }
}

/// eHZ of EMH: energy each way, and signed power, every two seconds.
pub static EHZ: MeterModel = sml("ehz", 31, 2000, &EHZ_LIST);

static EHZ_LIST: Dialect = Dialect {
    manufacturer: *b"EMH",
    block: 0,
    rows: &[
        row(obis!(129-129:199.130.3), Manufacturer),
        row(obis!(1-0:0.0.9), Server),
        row(obis!(1-0:1.8.0), ENERGY),
        row(obis!(1-0:2.8.0), ENERGY),
        row(obis!(1-0:16.7.0), SIGNED_POWER),
    ],
};

/// MT175 of Iskraemeco: two tariffs each way, signed power of each phase.
pub static MT175: MeterModel = sml("mt175", 32, 2000, &MT175_LIST);

static MT175_LIST: Dialect = Dialect {
    manufacturer: *b"ISK",
    block: 4,
    rows: &[
        row(obis!(129-129:199.130.3), Manufacturer),
        row(obis!(1-0:0.0.9), Server),
        row(obis!(1-0:1.8.0), ENERGY),
        row(obis!(1-0:1.8.1), ENERGY),
        row(obis!(1-0:1.8.2), ENERGY),
        row(obis!(1-0:2.8.0), ENERGY),
        row(obis!(1-0:2.8.1), ENERGY),
        row(obis!(1-0:2.8.2), ENERGY),
        row(obis!(1-0:16.7.0), Number(Size::Signed(4), 0)).each_phase(),
        row(obis!(1-0:76.7.0), Number(Size::Signed(4), 0)),
    ],
};

/// DTZ541 of Holley: voltage and current of each phase too, every second.
pub static DTZ541: MeterModel = sml("dtz541", 33, 1000, &DTZ541_LIST);

static DTZ541_LIST: Dialect = Dialect {
    manufacturer: *b"HLY",
    block: 2,
    rows: &[
        row(obis!(1-0:96.50.1*1), Manufacturer),
        row(obis!(1-0:96.1.0), Server),
        row(obis!(1-0:1.8.0), ENERGY),
        row(obis!(1-0:2.8.0), ENERGY),
        row(obis!(1-0:16.7.0), SIGNED_POWER),
        row(obis!(1-0:32.7.0), Number(Size::Unsigned(2), -1)).each_phase(),
        row(obis!(1-0:31.7.0), Number(Size::Unsigned(2), -2)).each_phase(),
        row(obis!(1-0:14.7.0), Number(Size::Unsigned(2), -1)),
    ],
};
