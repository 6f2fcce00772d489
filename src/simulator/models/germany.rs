//! Meters of Germany, read with an optical head: SML.

use super::{codes, row};
use crate::simulator::sml::Cell::{Manufacturer, Number, Server};
use crate::simulator::sml::{Cell, Dialect, Size};

const SIGNED_POWER: Cell = Number(Size::Signed(4), -1);
const ENERGY: Cell = Number(Size::Signed(8), -1);

/// eHZ of EMH: energy each way, and signed power, every two seconds.
pub static EHZ: Dialect = Dialect {
    manufacturer: *b"EMH",
    block: 0,
    rows: &[
        row(codes!(129-129:199.130.3), Manufacturer),
        row(codes!(1-0:0.0.9), Server),
        row(codes!(1-0:1.8.0, 1-0:2.8.0), ENERGY),
        row(codes!(1-0:16.7.0), SIGNED_POWER),
    ],
};

/// MT175 of Iskraemeco: two tariffs each way, signed power of each phase.
pub static MT175: Dialect = Dialect {
    manufacturer: *b"ISK",
    block: 4,
    rows: &[
        row(codes!(129-129:199.130.3), Manufacturer),
        row(codes!(1-0:0.0.9), Server),
        row(codes!(1-0:1.8.0, 1-0:1.8.1, 1-0:1.8.2, 1-0:2.8.0, 1-0:2.8.1, 1-0:2.8.2), ENERGY),
        row(codes!(1-0:16.7.0), Number(Size::Signed(4), 0)).each_phase(),
        row(codes!(1-0:76.7.0), Number(Size::Signed(4), 0)),
    ],
};

/// DTZ541 of Holley: voltage and current of each phase too, every second.
pub static DTZ541: Dialect = Dialect {
    manufacturer: *b"HLY",
    block: 2,
    rows: &[
        row(codes!(1-0:96.50.1*1), Manufacturer),
        row(codes!(1-0:96.1.0), Server),
        row(codes!(1-0:1.8.0, 1-0:2.8.0), ENERGY),
        row(codes!(1-0:16.7.0), SIGNED_POWER),
        row(codes!(1-0:32.7.0), Number(Size::Unsigned(2), -1)).each_phase(),
        row(codes!(1-0:31.7.0), Number(Size::Unsigned(2), -2)).each_phase(),
        row(codes!(1-0:14.7.0), Number(Size::Unsigned(2), -1)),
    ],
};
