//! Meters of Norway, Sweden and Denmark: Kaifa, Kamstrup, Aidon, each after its manufacturer's document.

use super::{CENTI, DECI, MILLI, ONES, PLAIN, TENS, dlms, row};
use crate::meter::lists::{aidon, kaifa, kamstrup};
use crate::obis;
use crate::reading::Content::{Energy, Status};
use crate::simulator::clock::Clock;
use crate::simulator::dlms::Cell::{self, Id, Model, Number, Title};
use crate::simulator::dlms::{Dialect, Form, Stamped};
use crate::simulator::framing::{Framing, Split};
use crate::simulator::model::{Messages, MeterModel, Schedule};
use crate::wire::clock::Zone;
use crate::wire::serial::{Parity, SerialSettings};

/// The serial settings of Kamstrup.
const NO_PARITY: SerialSettings = SerialSettings::new(2400, 8, Parity::None);

/// KFM_001 of 2017-03-21.
pub static KAIFA: MeterModel = MeterModel {
    name: "kaifa",
    type_names: ["MA105H2E", "MA304H4"],
    id: 1,
    line: SerialSettings::HAN,
    schedule: Schedule::Lists { step: 2000, status: 10_000, hourly: 10_000 },
    messages: Messages::Dlms(&KAIFA_LISTS),
};

static KAIFA_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0x01], &[0x02, 0x01], 0x10, Split::Never),
    invoke_id: 0x4000_0000,
    stamp: Stamped::Tagged,
    clock: Clock { zone: Zone::Civil(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
    rows: &[
        row(obis!(1-0:0.2.129), Title("KFM_001")).from(Status),
        row(obis!(0-0:96.1.0), Id).from(Status),
        row(obis!(0-0:96.1.7), Model).from(Status),
        row(obis!(1-0:1.7.0), Number(ONES)),
        row(obis!(1-0:2.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:3.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:4.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:31.7.0), Number(MILLI)).from(Status).each_phase(),
        row(obis!(1-0:32.7.0), Number(Form::U32(-1))).from(Status).each_phase(),
        row(obis!(0-0:1.0.0), Cell::Clock).from(Energy),
        row(obis!(1-0:1.8.0), Number(ONES)).from(Energy),
        row(obis!(1-0:2.8.0), Number(ONES)).from(Energy),
        row(obis!(1-0:3.8.0), Number(ONES)).from(Energy),
        row(obis!(1-0:4.8.0), Number(ONES)).from(Energy),
    ],
    lists: [
        [&kaifa::LIST_1, &kaifa::LIST_2_SINGLE, &kaifa::LIST_3_SINGLE],
        [&kaifa::LIST_1, &kaifa::LIST_2, &kaifa::LIST_3],
    ],
    ..PLAIN
};

/// HAN-NVE rev. 3.1; types that end in 040 count energy in steps of 10 Wh. Its list version has no code.
pub static KAMSTRUP: MeterModel = MeterModel {
    name: "kamstrup",
    type_names: ["6861111BN242101040", "6841121BN243101040"],
    id: 2,
    line: NO_PARITY,
    // There is no list of power alone.
    schedule: Schedule::Lists { step: 10_000, status: 10_000, hourly: 5_000 },
    messages: Messages::Dlms(&KAMSTRUP_LISTS),
};

static KAMSTRUP_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0x2B], &[0x21], 0x13, Split::Never),
    clock: Clock { zone: Zone::Standard(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
    visible: true,
    null_slots: true,
    rows: &[
        row(obis!(1-1:0.0.5), Id).from(Status),
        row(obis!(1-1:96.1.1), Model).from(Status),
        row(obis!(1-1:1.7.0), Number(ONES)).from(Status),
        row(obis!(1-1:2.7.0), Number(ONES)).from(Status),
        row(obis!(1-1:3.7.0), Number(ONES)).from(Status),
        row(obis!(1-1:4.7.0), Number(ONES)).from(Status),
        row(obis!(1-1:31.7.0), Number(CENTI)).from(Status).each_phase(),
        row(obis!(1-1:32.7.0), Number(Form::U16(0))).from(Status).each_phase(),
        row(obis!(0-1:1.0.0), Cell::Clock).from(Energy),
        row(obis!(1-1:1.8.0), Number(TENS)).from(Energy),
        row(obis!(1-1:2.8.0), Number(TENS)).from(Energy),
        row(obis!(1-1:3.8.0), Number(TENS)).from(Energy),
        row(obis!(1-1:4.8.0), Number(TENS)).from(Energy),
    ],
    lists: [[&kamstrup::PAIRS; 3]; 2],
    ..PLAIN
};

/// HAN v1.1A.
pub static AIDON: MeterModel = MeterModel {
    name: "aidon",
    type_names: ["6515", "6534"],
    id: 3,
    line: SerialSettings::HAN,
    schedule: Schedule::Lists { step: 2500, status: 10_000, hourly: 10_000 },
    messages: Messages::Dlms(&AIDON_LISTS),
};

static AIDON_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0x41], &[0x08, 0x83], 0x13, Split::Never),
    invoke_id: 0x4000_0000,
    stamp: Stamped::Absent,
    clock: Clock { zone: Zone::Standard(60), deviation: 0, sunday_is_0: true },
    clock_of_registers: true,
    visible: true,
    scalers: true,
    rows: &[
        row(obis!(1-1:0.2.129), Title("AIDON_V0001")).from(Status),
        row(obis!(0-0:96.1.0), Id).from(Status),
        row(obis!(0-0:96.1.7), Model).from(Status),
        row(obis!(1-0:1.7.0), Number(ONES)),
        row(obis!(1-0:2.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:3.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:4.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:31.7.0), Number(Form::I16(-1))).from(Status).each_phase(),
        row(obis!(1-0:32.7.0), Number(DECI)).from(Status).each_phase(),
        row(obis!(0-0:1.0.0), Cell::Clock).from(Energy),
        row(obis!(1-0:1.8.0), Number(TENS)).from(Energy),
        row(obis!(1-0:2.8.0), Number(TENS)).from(Energy),
        row(obis!(1-0:3.8.0), Number(TENS)).from(Energy),
        row(obis!(1-0:4.8.0), Number(TENS)).from(Energy),
    ],
    lists: [[&aidon::NORWAY; 3]; 2],
    ..PLAIN
};

/// DLMS push 1 of Denmark and Switzerland, all values every 10 s, encrypted and authenticated. It contains neither type
/// nor id, only the meter's number.
pub static KAMSTRUP_CIPHERED: MeterModel =
    dlms("kamstrup-ciphered", 4, NO_PARITY, 10_000, &KAMSTRUP_CIPHERED_LISTS);

static KAMSTRUP_CIPHERED_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0x41], &[0x03], 0x13, Split::Never).encrypted(*b"KAM\x45\x00\x00\x00\x04", 0x30),
    clock: Clock { zone: Zone::Standard(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false },
    visible: true,
    rows: &[
        row(obis!(1-1:1.8.0), Number(TENS)),
        row(obis!(1-1:2.8.0), Number(TENS)),
        row(obis!(1-1:3.8.0), Number(TENS)),
        row(obis!(1-1:4.8.0), Number(TENS)),
        row(obis!(1-1:0.0.1), Cell::NumberOfMeter),
        row(obis!(1-1:1.7.0), Number(ONES)),
        row(obis!(1-1:2.7.0), Number(ONES)),
        row(obis!(1-1:3.7.0), Number(ONES)),
        row(obis!(1-1:4.7.0), Number(ONES)),
        row(obis!(0-1:1.0.0), Cell::Clock),
        row(obis!(1-1:32.7.0), Number(Form::U16(0))).each_phase(),
        row(obis!(1-1:31.7.0), Number(CENTI)).each_phase(),
        row(obis!(1-1:21.7.0), Number(ONES)).each_phase(),
        row(obis!(1-1:33.7.0), Number(Form::U16(-2))).each_phase(),
        row(obis!(1-1:13.7.0), Number(Form::U16(-2))),
        row(obis!(1-1:22.7.0), Number(ONES)).each_phase(),
    ],
    lists: [[&kamstrup::PAIRS; 3]; 2],
    ..PLAIN
};
