//! Meters of Austria and Switzerland, most of them encrypted: M-Bus, blocks.

use super::{CENTIAMPERE, DECI, MEDIUM, ONES, PLAIN, dlms, row};
use crate::meter::lists::{general, landis_gyr};
use crate::obis;
use crate::simulator::clock::Clock;
use crate::simulator::dlms::Cell::{self, Id, Number, Title};
use crate::simulator::dlms::{Dialect, Form, Layout};
use crate::simulator::framing::{Framing, Split};
use crate::simulator::model::MeterModel;
use crate::simulator::row::Row;
use crate::wire::clock::Zone;
use crate::wire::serial::SerialSettings;

const UNLABELLED: Clock =
    Clock { zone: Zone::Standard(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false };

/// The 35 elements of Netz Niederösterreich: code, value and scaler in turn; the clock at the start and the number at
/// the end have no code.
static NETZ_NOE: [Row<Cell>; 9] = [
    row(obis!(0-0:1.0.0), Cell::Clock),
    row(obis!(1-0:1.8.0), Number(ONES)),
    row(obis!(1-0:2.8.0), Number(ONES)),
    row(obis!(1-0:1.7.0), Number(ONES)),
    row(obis!(1-0:2.7.0), Number(ONES)),
    row(obis!(1-0:32.7.0), Number(DECI)).each_phase(),
    row(obis!(1-0:31.7.0), Number(CENTIAMPERE)).each_phase(),
    row(obis!(1-0:13.7.0), Number(Form::U16(-3))),
    row(obis!(0-0:96.1.0), Id),
];

/// MA309M at Netz Niederösterreich: M-Bus, encrypted without an authentication tag.
pub static KAIFA_AUSTRIA: MeterModel =
    dlms("kaifa-austria", 5, SerialSettings::HAN, 5000, &KAIFA_AUSTRIA_LISTS);

static KAIFA_AUSTRIA_LISTS: Dialect = Dialect {
    framing: Framing::mbus(245).encrypted(*b"KFM\x67\x50\x00\x00\x05", 0x20),
    scalers: true,
    layout: Layout::Triples,
    rows: &NETZ_NOE,
    ..PLAIN
};

/// T210-D of older firmware: the same list, M-Bus frames of 257 bytes, whose length is sent modulo 256.
pub static SAGEMCOM_AUSTRIA: MeterModel =
    dlms("sagemcom-austria", 6, SerialSettings::HAN, 5000, &SAGEMCOM_AUSTRIA_LISTS);

static SAGEMCOM_AUSTRIA_LISTS: Dialect = Dialect {
    framing: Framing::mbus(252).encrypted(*b"SAG\x59\x00\x00\x00\x06", 0x20),
    scalers: true,
    layout: Layout::Triples,
    rows: &NETZ_NOE,
    ..PLAIN
};

/// MA309M at TINETZ: a structure for each value, suite 1.
pub static TINETZ: MeterModel = dlms("kaifa-tinetz", 7, SerialSettings::HAN, 5000, &TINETZ_LISTS);

static TINETZ_LISTS: Dialect = Dialect {
    framing: Framing::mbus(245).encrypted(*b"KFM\x10\x20\x00\x00\x07", 0x21),
    scalers: true,
    rows: &[
        row(obis!(0-0:1.0.0), Cell::Clock),
        row(obis!(0-0:96.1.0), Id),
        row(obis!(1-0:32.7.0), Number(DECI)).each_phase(),
        row(obis!(1-0:31.7.0), Number(CENTIAMPERE)).each_phase(),
        row(obis!(1-0:1.7.0), Number(ONES)),
        row(obis!(1-0:2.7.0), Number(ONES)),
        row(obis!(1-0:1.8.0), Number(ONES)),
        row(obis!(1-0:2.8.0), Number(ONES)),
        row(obis!(1-0:3.8.0), Number(ONES)),
        row(obis!(1-0:4.8.0), Number(ONES)),
    ],
    lists: [[&general::RECORDS; 3]; 2],
    ..PLAIN
};

/// E450 of Switzerland: 17 elements as the VSE recommends, in blocks, encrypted and authenticated.
pub static E450: MeterModel = dlms("e450", 8, SerialSettings::HAN, 5000, &E450_LISTS);

static E450_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCE, 0xFF], &[0x03], 0x13, Split::Blocks(112))
        .encrypted(*b"LGZ\x67\x00\x00\x00\x08", 0x30),
    clock: UNLABELLED,
    rows: &[
        row(obis!(0-0:42.0.0), Title("LGZ1030650000008")),
        row(obis!(0-0:96.1.1), Id),
        row(obis!(0-0:1.0.0), Cell::Clock),
        row(obis!(1-1:1.8.0), Number(ONES)),
        row(obis!(1-1:2.8.0), Number(ONES)),
        row(obis!(1-1:3.8.0), Number(ONES)),
        row(obis!(1-1:4.8.0), Number(ONES)),
        row(obis!(1-0:1.7.0), Number(ONES)),
        row(obis!(1-0:2.7.0), Number(ONES)),
        row(obis!(1-0:32.7.0), Number(Form::U16(0))).each_phase(),
        row(obis!(1-0:31.7.0), Number(CENTIAMPERE)).each_phase(),
    ],
    lists: [[&landis_gyr::DESCRIBED; 3]; 2],
    ..PLAIN
};

/// E360 of Switzerland: one frame, tenths of a volt.
pub static E360: MeterModel = dlms("e360", 9, MEDIUM, 5000, &E360_LISTS);

static E360_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCF], &[0x03], 0x13, Split::Never),
    rows: &[
        row(obis!(0-0:42.0.0), Title("LGZ1030650000009")),
        row(obis!(1-0:32.7.0), Number(DECI)),
        row(obis!(1-0:72.7.0), Number(DECI)),
        row(obis!(1-0:52.7.0), Number(DECI)),
        row(obis!(1-0:31.7.0), Number(CENTIAMPERE)).each_phase(),
        row(obis!(1-0:1.7.0), Number(ONES)),
        row(obis!(1-0:2.7.0), Number(ONES)),
        row(obis!(1-1:1.8.0), Number(ONES)),
        row(obis!(1-1:2.8.0), Number(ONES)),
    ],
    lists: [[&landis_gyr::DESCRIBED; 3]; 2],
    ..PLAIN
};

/// E570 with current transformers: numbers of eight bytes, whole amperes, encrypted without an authentication tag.
pub static E570: MeterModel = dlms("e570", 10, SerialSettings::HAN, 5000, &E570_LISTS);

static E570_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCE, 0x9B], &[0x03], 0x13, Split::Blocks(112))
        .encrypted(*b"LGZ\x67\x00\x00\x00\x0A", 0x20),
    clock: UNLABELLED,
    rows: &[
        row(obis!(0-0:42.0.0), Title("LGZ1030760000010")),
        row(obis!(0-0:1.0.0), Cell::Clock),
        row(obis!(1-0:1.7.0), Number(Form::I64(0))),
        row(obis!(1-0:2.7.0), Number(Form::I64(0))),
        row(obis!(1-1:1.8.0), Number(Form::U64(0))),
        row(obis!(1-1:2.8.0), Number(Form::U64(0))),
        row(obis!(1-1:5.8.0), Number(Form::U64(0))),
        row(obis!(1-1:6.8.0), Number(Form::U64(0))),
        row(obis!(1-1:7.8.0), Number(Form::U64(0))),
        row(obis!(1-1:8.8.0), Number(Form::U64(0))),
        row(obis!(1-0:31.7.0), Number(Form::I64(0))).each_phase(),
    ],
    lists: [[&landis_gyr::DESCRIBED; 3]; 2],
    ..PLAIN
};
