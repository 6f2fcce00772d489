//! Meters of Germany, read by an optical head: SML.

use super::MEDIUM;
use crate::obis;
use crate::simulator::model::{Messages, MeterModel, Schedule};
use crate::simulator::sml::Cell::{Maker, Number, Server};
use crate::simulator::sml::{Cell, Dialect, Row, Size};
use crate::wire::obis::Obis;

const NET: Cell = Number(Size::Signed(4), -1);
const ENERGY: Cell = Number(Size::Signed(8), -1);

const fn row(obis: Obis, cell: Cell) -> Row {
    Row { obis, cell }
}

/// eHZ of EMH: energy each way, and net power, once in two seconds.
pub static EHZ: MeterModel = MeterModel {
    name: "ehz",
    models: ["", ""],
    id: 31,
    line: MEDIUM,
    schedule: Schedule::Everything(2000),
    messages: Messages::Sml(&Dialect {
        maker: *b"EMH",
        block: 0,
        rows: &[
            row(obis!(129-129:199.130.3), Maker),
            row(obis!(1-0:0.0.9), Server),
            row(obis!(1-0:1.8.0), ENERGY),
            row(obis!(1-0:2.8.0), ENERGY),
            row(obis!(1-0:16.7.0), NET),
        ],
    }),
};

/// MT175 of Iskraemeco: two tariffs each way, net power of each phase.
pub static MT175: MeterModel = MeterModel {
    name: "mt175",
    models: ["", ""],
    id: 32,
    line: MEDIUM,
    schedule: Schedule::Everything(2000),
    messages: Messages::Sml(&Dialect {
        maker: *b"ISK",
        block: 4,
        rows: &[
            row(obis!(129-129:199.130.3), Maker),
            row(obis!(1-0:0.0.9), Server),
            row(obis!(1-0:1.8.0), ENERGY),
            row(obis!(1-0:1.8.1), ENERGY),
            row(obis!(1-0:1.8.2), ENERGY),
            row(obis!(1-0:2.8.0), ENERGY),
            row(obis!(1-0:2.8.1), ENERGY),
            row(obis!(1-0:2.8.2), ENERGY),
            row(obis!(1-0:16.7.0), Number(Size::Signed(4), 0)),
            row(obis!(1-0:36.7.0), Number(Size::Signed(4), 0)),
            row(obis!(1-0:56.7.0), Number(Size::Signed(4), 0)),
            row(obis!(1-0:76.7.0), Number(Size::Signed(4), 0)),
        ],
    }),
};

/// DTZ541 of Holley: voltage and current of each phase too, every second.
pub static DTZ541: MeterModel = MeterModel {
    name: "dtz541",
    models: ["", ""],
    id: 33,
    line: MEDIUM,
    schedule: Schedule::Everything(1000),
    messages: Messages::Sml(&Dialect {
        maker: *b"HLY",
        block: 2,
        rows: &[
            row(obis!(1-0:96.50.1*1), Maker),
            row(obis!(1-0:96.1.0), Server),
            row(obis!(1-0:1.8.0), ENERGY),
            row(obis!(1-0:2.8.0), ENERGY),
            row(obis!(1-0:16.7.0), NET),
            row(obis!(1-0:32.7.0), Number(Size::Unsigned(2), -1)),
            row(obis!(1-0:52.7.0), Number(Size::Unsigned(2), -1)),
            row(obis!(1-0:72.7.0), Number(Size::Unsigned(2), -1)),
            row(obis!(1-0:31.7.0), Number(Size::Unsigned(2), -2)),
            row(obis!(1-0:51.7.0), Number(Size::Unsigned(2), -2)),
            row(obis!(1-0:71.7.0), Number(Size::Unsigned(2), -2)),
            row(obis!(1-0:14.7.0), Number(Size::Unsigned(2), -1)),
        ],
    }),
};
