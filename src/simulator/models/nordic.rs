//! Meters of Norway, Sweden and Denmark: Kaifa, Kamstrup, Aidon, each a table after its maker's document.

use super::{CENTI, DECI, MILLI, ONES, TENS, row};
use crate::meter::lists::{aidon, kaifa, kamstrup};
use crate::obis;
use crate::reading::Content::{Energy, Power, Status};
use crate::simulator::clock::Clock;
use crate::simulator::dlms::Cell::{self, Id, Model, Number, Title};
use crate::simulator::dlms::{Dialect, Form, Layout, Stamped};
use crate::simulator::framing::{Frames, Framing, Header, Split};
use crate::simulator::model::{Messages, MeterModel, Schedule};
use crate::wire::clock::Zone;
use crate::wire::serial::{Parity, SerialSettings};

/// What Kamstrup uses.
const NO_PARITY: SerialSettings = SerialSettings::new(2400, 8, Parity::None);

/// KFM_001 of 2017-03-21.
pub static KAIFA: MeterModel = MeterModel {
    name: "kaifa",
    models: ["MA105H2E", "MA304H4"],
    id: 1,
    line: SerialSettings::HAN,
    schedule: Schedule::Lists { step: 2000, status: 10_000, hourly: 10_000 },
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0x01], source: &[0x02, 0x01], control: 0x10 },
                Split::Never,
            ),
            cipher: None,
        },
        invoke_id: 0x4000_0000,
        stamp: Stamped::Tagged,
        clock: Clock { zone: Zone::Civil(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
        clock_of_registers: false,
        visible: false,
        scalers: false,
        null_slots: false,
        layout: Layout::List,
        rows: &[
            row(Status, obis!(1-0:0.2.129), Title("KFM_001")),
            row(Status, obis!(0-0:96.1.0), Id),
            row(Status, obis!(0-0:96.1.7), Model),
            row(Power, obis!(1-0:1.7.0), Number(ONES)),
            row(Status, obis!(1-0:2.7.0), Number(ONES)),
            row(Status, obis!(1-0:3.7.0), Number(ONES)),
            row(Status, obis!(1-0:4.7.0), Number(ONES)),
            row(Status, obis!(1-0:31.7.0), Number(MILLI)),
            row(Status, obis!(1-0:51.7.0), Number(MILLI)),
            row(Status, obis!(1-0:71.7.0), Number(MILLI)),
            row(Status, obis!(1-0:32.7.0), Number(Form::U32(-1))),
            row(Status, obis!(1-0:52.7.0), Number(Form::U32(-1))),
            row(Status, obis!(1-0:72.7.0), Number(Form::U32(-1))),
            row(Energy, obis!(0-0:1.0.0), Cell::Clock),
            row(Energy, obis!(1-0:1.8.0), Number(ONES)),
            row(Energy, obis!(1-0:2.8.0), Number(ONES)),
            row(Energy, obis!(1-0:3.8.0), Number(ONES)),
            row(Energy, obis!(1-0:4.8.0), Number(ONES)),
        ],
        lists: [
            [&kaifa::LIST_1, &kaifa::LIST_2_SINGLE, &kaifa::LIST_3_SINGLE],
            [&kaifa::LIST_1, &kaifa::LIST_2, &kaifa::LIST_3],
        ],
    }),
};

/// HAN-NVE rev. 3.1; types that end in 040 count energy in steps of 10 Wh. Its title has no code.
pub static KAMSTRUP: MeterModel = MeterModel {
    name: "kamstrup",
    models: ["6861111BN242101040", "6841121BN243101040"],
    id: 2,
    line: NO_PARITY,
    // It has no list of power alone.
    schedule: Schedule::Lists { step: 10_000, status: 10_000, hourly: 5_000 },
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0x2B], source: &[0x21], control: 0x13 },
                Split::Never,
            ),
            cipher: None,
        },
        invoke_id: 0,
        stamp: Stamped::Plain,
        clock: Clock { zone: Zone::Standard(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
        clock_of_registers: false,
        visible: true,
        scalers: false,
        null_slots: true,
        layout: Layout::List,
        rows: &[
            row(Status, obis!(1-1:0.0.5), Id),
            row(Status, obis!(1-1:96.1.1), Model),
            row(Status, obis!(1-1:1.7.0), Number(ONES)),
            row(Status, obis!(1-1:2.7.0), Number(ONES)),
            row(Status, obis!(1-1:3.7.0), Number(ONES)),
            row(Status, obis!(1-1:4.7.0), Number(ONES)),
            row(Status, obis!(1-1:31.7.0), Number(CENTI)),
            row(Status, obis!(1-1:51.7.0), Number(CENTI)),
            row(Status, obis!(1-1:71.7.0), Number(CENTI)),
            row(Status, obis!(1-1:32.7.0), Number(Form::U16(0))),
            row(Status, obis!(1-1:52.7.0), Number(Form::U16(0))),
            row(Status, obis!(1-1:72.7.0), Number(Form::U16(0))),
            row(Energy, obis!(0-1:1.0.0), Cell::Clock),
            row(Energy, obis!(1-1:1.8.0), Number(TENS)),
            row(Energy, obis!(1-1:2.8.0), Number(TENS)),
            row(Energy, obis!(1-1:3.8.0), Number(TENS)),
            row(Energy, obis!(1-1:4.8.0), Number(TENS)),
        ],
        lists: [[&kamstrup::PAIRS; 3]; 2],
    }),
};

/// HAN v1.1A.
pub static AIDON: MeterModel = MeterModel {
    name: "aidon",
    models: ["6515", "6534"],
    id: 3,
    line: SerialSettings::HAN,
    schedule: Schedule::Lists { step: 2500, status: 10_000, hourly: 10_000 },
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0x41], source: &[0x08, 0x83], control: 0x13 },
                Split::Never,
            ),
            cipher: None,
        },
        invoke_id: 0x4000_0000,
        stamp: Stamped::Absent,
        clock: Clock { zone: Zone::Standard(60), deviation: 0, sunday_is_0: true },
        clock_of_registers: true,
        visible: true,
        scalers: true,
        null_slots: false,
        layout: Layout::List,
        rows: &[
            row(Status, obis!(1-1:0.2.129), Title("AIDON_V0001")),
            row(Status, obis!(0-0:96.1.0), Id),
            row(Status, obis!(0-0:96.1.7), Model),
            row(Power, obis!(1-0:1.7.0), Number(ONES)),
            row(Status, obis!(1-0:2.7.0), Number(ONES)),
            row(Status, obis!(1-0:3.7.0), Number(ONES)),
            row(Status, obis!(1-0:4.7.0), Number(ONES)),
            row(Status, obis!(1-0:31.7.0), Number(Form::I16(-1))),
            row(Status, obis!(1-0:51.7.0), Number(Form::I16(-1))),
            row(Status, obis!(1-0:71.7.0), Number(Form::I16(-1))),
            row(Status, obis!(1-0:32.7.0), Number(DECI)),
            row(Status, obis!(1-0:52.7.0), Number(DECI)),
            row(Status, obis!(1-0:72.7.0), Number(DECI)),
            row(Energy, obis!(0-0:1.0.0), Cell::Clock),
            row(Energy, obis!(1-0:1.8.0), Number(TENS)),
            row(Energy, obis!(1-0:2.8.0), Number(TENS)),
            row(Energy, obis!(1-0:3.8.0), Number(TENS)),
            row(Energy, obis!(1-0:4.8.0), Number(TENS)),
        ],
        lists: [[&aidon::NORWAY; 3]; 2],
    }),
};

/// DLMS push 1 of Denmark and Switzerland, everything every 10 s, ciphered and authenticated. It says neither type nor
/// id, only the meter's number.
pub static KAMSTRUP_CIPHERED: MeterModel = MeterModel {
    name: "kamstrup-ciphered",
    models: ["", ""],
    id: 4,
    line: NO_PARITY,
    schedule: Schedule::Everything(10_000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0x41], source: &[0x03], control: 0x13 },
                Split::Never,
            ),
            cipher: Some((*b"KAM\x45\x00\x00\x00\x04", 0x30)),
        },
        invoke_id: 0,
        stamp: Stamped::Plain,
        clock: Clock { zone: Zone::Standard(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
        clock_of_registers: false,
        visible: true,
        scalers: false,
        null_slots: false,
        layout: Layout::List,
        rows: &[
            row(Energy, obis!(1-1:1.8.0), Number(TENS)),
            row(Energy, obis!(1-1:2.8.0), Number(TENS)),
            row(Energy, obis!(1-1:3.8.0), Number(TENS)),
            row(Energy, obis!(1-1:4.8.0), Number(TENS)),
            row(Energy, obis!(1-1:0.0.1), Cell::NumberOfMeter),
            row(Energy, obis!(1-1:1.7.0), Number(ONES)),
            row(Energy, obis!(1-1:2.7.0), Number(ONES)),
            row(Energy, obis!(1-1:3.7.0), Number(ONES)),
            row(Energy, obis!(1-1:4.7.0), Number(ONES)),
            row(Energy, obis!(0-1:1.0.0), Cell::Clock),
            row(Energy, obis!(1-1:32.7.0), Number(Form::U16(0))),
            row(Energy, obis!(1-1:52.7.0), Number(Form::U16(0))),
            row(Energy, obis!(1-1:72.7.0), Number(Form::U16(0))),
            row(Energy, obis!(1-1:31.7.0), Number(CENTI)),
            row(Energy, obis!(1-1:51.7.0), Number(CENTI)),
            row(Energy, obis!(1-1:71.7.0), Number(CENTI)),
            row(Energy, obis!(1-1:21.7.0), Number(ONES)),
            row(Energy, obis!(1-1:41.7.0), Number(ONES)),
            row(Energy, obis!(1-1:61.7.0), Number(ONES)),
            row(Energy, obis!(1-1:33.7.0), Number(Form::U16(-2))),
            row(Energy, obis!(1-1:53.7.0), Number(Form::U16(-2))),
            row(Energy, obis!(1-1:73.7.0), Number(Form::U16(-2))),
            row(Energy, obis!(1-1:13.7.0), Number(Form::U16(-2))),
            row(Energy, obis!(1-1:22.7.0), Number(ONES)),
            row(Energy, obis!(1-1:42.7.0), Number(ONES)),
            row(Energy, obis!(1-1:62.7.0), Number(ONES)),
        ],
        lists: [[&kamstrup::PAIRS; 3]; 2],
    }),
};
