//! Meters of Austria and Switzerland, most of them ciphered: M-Bus, blocks.

use super::{DECI, MEDIUM, ONES, row};
use crate::meter::lists::{general, landis_gyr};
use crate::obis;
use crate::reading::Content::Energy;
use crate::simulator::clock::Clock;
use crate::simulator::dlms::Cell::{self, Id, Number, Title};
use crate::simulator::dlms::{Dialect, Form, Layout, Row, Stamped};
use crate::simulator::framing::{Frames, Framing, Header, Split};
use crate::simulator::model::{Messages, MeterModel, Schedule};
use crate::wire::clock::Zone;
use crate::wire::serial::SerialSettings;

pub(super) const CENTIAMPERE: Form = Form::U16(-2);

/// A clock that says how it deviates: winter time here, all year.
const LABELLED: Clock = Clock { zone: Zone::Sent, deviation: -60, sunday_is_0: false };
const UNLABELLED: Clock =
    Clock { zone: Zone::Standard(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false };

/// What the dialects here have in common.
pub(super) const PLAIN: Dialect = Dialect {
    framing: Framing { frames: Frames::Mbus(245), cipher: None },
    invoke_id: 0,
    stamp: Stamped::Plain,
    clock: LABELLED,
    clock_of_registers: false,
    visible: false,
    scalers: false,
    null_slots: false,
    layout: Layout::List,
    rows: &[],
    lists: [[&general::PAIRS; 3]; 2],
};

/// The 35 elements of Netz Niederösterreich: code, value and scaler in turn; the clock in front and the number behind
/// have no code.
static NETZ_NOE: [Row; 13] = [
    row(Energy, obis!(0-0:1.0.0), Cell::Clock),
    row(Energy, obis!(1-0:1.8.0), Number(ONES)),
    row(Energy, obis!(1-0:2.8.0), Number(ONES)),
    row(Energy, obis!(1-0:1.7.0), Number(ONES)),
    row(Energy, obis!(1-0:2.7.0), Number(ONES)),
    row(Energy, obis!(1-0:32.7.0), Number(DECI)),
    row(Energy, obis!(1-0:52.7.0), Number(DECI)),
    row(Energy, obis!(1-0:72.7.0), Number(DECI)),
    row(Energy, obis!(1-0:31.7.0), Number(CENTIAMPERE)),
    row(Energy, obis!(1-0:51.7.0), Number(CENTIAMPERE)),
    row(Energy, obis!(1-0:71.7.0), Number(CENTIAMPERE)),
    row(Energy, obis!(1-0:13.7.0), Number(Form::U16(-3))),
    row(Energy, obis!(0-0:96.1.0), Id),
];

/// MA309M at Netz Niederösterreich: M-Bus, ciphered without a tag.
pub static KAIFA_AUSTRIA: MeterModel = MeterModel {
    name: "kaifa-austria",
    models: ["", ""],
    id: 5,
    line: SerialSettings::HAN,
    schedule: Schedule::Everything(5000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing { frames: Frames::Mbus(245), cipher: Some((*b"KFM\x67\x50\x00\x00\x05", 0x20)) },
        scalers: true,
        layout: Layout::Triples,
        rows: &NETZ_NOE,
        ..PLAIN
    }),
};

/// T210-D of older firmware: the same list, telegrams of 257 bytes whose length is sent modulo 256.
pub static SAGEMCOM_AUSTRIA: MeterModel = MeterModel {
    name: "sagemcom-austria",
    models: ["", ""],
    id: 6,
    line: SerialSettings::HAN,
    schedule: Schedule::Everything(5000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing { frames: Frames::Mbus(252), cipher: Some((*b"SAG\x59\x00\x00\x00\x06", 0x20)) },
        scalers: true,
        layout: Layout::Triples,
        rows: &NETZ_NOE,
        ..PLAIN
    }),
};

/// MA309M at TINETZ: a structure for each value, suite 1.
pub static TINETZ: MeterModel = MeterModel {
    name: "kaifa-tinetz",
    models: ["", ""],
    id: 7,
    line: SerialSettings::HAN,
    schedule: Schedule::Everything(5000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing { frames: Frames::Mbus(245), cipher: Some((*b"KFM\x10\x20\x00\x00\x07", 0x21)) },
        scalers: true,
        rows: &[
            row(Energy, obis!(0-0:1.0.0), Cell::Clock),
            row(Energy, obis!(0-0:96.1.0), Id),
            row(Energy, obis!(1-0:32.7.0), Number(DECI)),
            row(Energy, obis!(1-0:52.7.0), Number(DECI)),
            row(Energy, obis!(1-0:72.7.0), Number(DECI)),
            row(Energy, obis!(1-0:31.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:51.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:71.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:1.7.0), Number(ONES)),
            row(Energy, obis!(1-0:2.7.0), Number(ONES)),
            row(Energy, obis!(1-0:1.8.0), Number(ONES)),
            row(Energy, obis!(1-0:2.8.0), Number(ONES)),
            row(Energy, obis!(1-0:3.8.0), Number(ONES)),
            row(Energy, obis!(1-0:4.8.0), Number(ONES)),
        ],
        lists: [[&general::RECORDS; 3]; 2],
        ..PLAIN
    }),
};

/// E450 of Switzerland: 17 elements as the VSE recommends, in blocks, ciphered and authenticated.
pub static E450: MeterModel = MeterModel {
    name: "e450",
    models: ["", ""],
    id: 8,
    line: SerialSettings::HAN,
    schedule: Schedule::Everything(5000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0xCE, 0xFF], source: &[0x03], control: 0x13 },
                Split::Blocks(112),
            ),
            cipher: Some((*b"LGZ\x67\x00\x00\x00\x08", 0x30)),
        },
        clock: UNLABELLED,
        rows: &[
            row(Energy, obis!(0-0:42.0.0), Title("LGZ1030650000008")),
            row(Energy, obis!(0-0:96.1.1), Id),
            row(Energy, obis!(0-0:1.0.0), Cell::Clock),
            row(Energy, obis!(1-1:1.8.0), Number(ONES)),
            row(Energy, obis!(1-1:2.8.0), Number(ONES)),
            row(Energy, obis!(1-1:3.8.0), Number(ONES)),
            row(Energy, obis!(1-1:4.8.0), Number(ONES)),
            row(Energy, obis!(1-0:1.7.0), Number(ONES)),
            row(Energy, obis!(1-0:2.7.0), Number(ONES)),
            row(Energy, obis!(1-0:32.7.0), Number(Form::U16(0))),
            row(Energy, obis!(1-0:52.7.0), Number(Form::U16(0))),
            row(Energy, obis!(1-0:72.7.0), Number(Form::U16(0))),
            row(Energy, obis!(1-0:31.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:51.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:71.7.0), Number(CENTIAMPERE)),
        ],
        lists: [[&landis_gyr::DESCRIBED; 3]; 2],
        ..PLAIN
    }),
};

/// E360 of Switzerland: one frame, tenths of a volt.
pub static E360: MeterModel = MeterModel {
    name: "e360",
    models: ["", ""],
    id: 9,
    line: MEDIUM,
    schedule: Schedule::Everything(5000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0xCF], source: &[0x03], control: 0x13 },
                Split::Never,
            ),
            cipher: None,
        },
        rows: &[
            row(Energy, obis!(0-0:42.0.0), Title("LGZ1030650000009")),
            row(Energy, obis!(1-0:32.7.0), Number(DECI)),
            row(Energy, obis!(1-0:72.7.0), Number(DECI)),
            row(Energy, obis!(1-0:52.7.0), Number(DECI)),
            row(Energy, obis!(1-0:31.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:51.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:71.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:1.7.0), Number(ONES)),
            row(Energy, obis!(1-0:2.7.0), Number(ONES)),
            row(Energy, obis!(1-1:1.8.0), Number(ONES)),
            row(Energy, obis!(1-1:2.8.0), Number(ONES)),
        ],
        lists: [[&landis_gyr::DESCRIBED; 3]; 2],
        ..PLAIN
    }),
};

/// E570 behind current transformers: numbers of eight bytes, whole amperes, ciphered without a tag.
pub static E570: MeterModel = MeterModel {
    name: "e570",
    models: ["", ""],
    id: 10,
    line: SerialSettings::HAN,
    schedule: Schedule::Everything(5000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0xCE, 0x9B], source: &[0x03], control: 0x13 },
                Split::Blocks(112),
            ),
            cipher: Some((*b"LGZ\x67\x00\x00\x00\x0A", 0x20)),
        },
        clock: UNLABELLED,
        rows: &[
            row(Energy, obis!(0-0:42.0.0), Title("LGZ1030760000010")),
            row(Energy, obis!(0-0:1.0.0), Cell::Clock),
            row(Energy, obis!(1-0:1.7.0), Number(Form::I64(0))),
            row(Energy, obis!(1-0:2.7.0), Number(Form::I64(0))),
            row(Energy, obis!(1-1:1.8.0), Number(Form::U64(0))),
            row(Energy, obis!(1-1:2.8.0), Number(Form::U64(0))),
            row(Energy, obis!(1-1:5.8.0), Number(Form::U64(0))),
            row(Energy, obis!(1-1:6.8.0), Number(Form::U64(0))),
            row(Energy, obis!(1-1:7.8.0), Number(Form::U64(0))),
            row(Energy, obis!(1-1:8.8.0), Number(Form::U64(0))),
            row(Energy, obis!(1-0:31.7.0), Number(Form::I64(0))),
            row(Energy, obis!(1-0:51.7.0), Number(Form::I64(0))),
            row(Energy, obis!(1-0:71.7.0), Number(Form::I64(0))),
        ],
        lists: [[&landis_gyr::DESCRIBED; 3]; 2],
        ..PLAIN
    }),
};
