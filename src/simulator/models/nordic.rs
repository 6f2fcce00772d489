//! Meters of Norway, Sweden and Denmark: Kaifa, Kamstrup, Aidon, each after its manufacturer's document.

use super::{CENTI, DECI, MILLI, ONES, PLAIN, TENS, UNLABELLED, codes, row};
use crate::meter::lists::{aidon, kaifa, kamstrup};
use crate::reading::Content::{Energy, Status};
use crate::simulator::clock::Clock;
use crate::simulator::dlms::Cell::{self, Id, Model, Number, Title};
use crate::simulator::dlms::{Dialect, I16, U16, U32};
use crate::simulator::framing::{Framing, Split};
use crate::wire::clock::Zone;
use crate::wire::dlms::apdu::Stamp;

/// KFM_001 of 2017-03-21.
pub static KAIFA: Dialect = Dialect {
    framing: Framing::hdlc(&[0x01], &[0x02, 0x01], 0x10, Split::Never),
    invoke_id: 0x4000_0000,
    stamp: Stamp::Tagged,
    clock: Clock::CENTRAL,
    rows: &[
        row(codes!(1-0:0.2.129), Title("KFM_001")).from(Status),
        row(codes!(0-0:96.1.0), Id).from(Status),
        row(codes!(0-0:96.1.7), Model).from(Status),
        row(codes!(1-0:1.7.0), ONES),
        row(codes!(1-0:2.7.0, 1-0:3.7.0, 1-0:4.7.0), ONES).from(Status),
        row(codes!(1-0:31.7.0), MILLI).from(Status).each_phase(),
        row(codes!(1-0:32.7.0), Number(U32, -1)).from(Status).each_phase(),
        row(codes!(0-0:1.0.0), Cell::Clock).from(Energy),
        row(codes!(1-0:1.8.0, 1-0:2.8.0, 1-0:3.8.0, 1-0:4.8.0), ONES).from(Energy),
    ],
    lists: [
        [&kaifa::LIST_1, &kaifa::LIST_2_SINGLE, &kaifa::LIST_3_SINGLE],
        [&kaifa::LIST_1, &kaifa::LIST_2, &kaifa::LIST_3],
    ],
    ..PLAIN
};

/// HAN-NVE rev. 3.1; types that end in 040 count energy in steps of 10 Wh. Its list version has no code.
pub static KAMSTRUP: Dialect = Dialect {
    framing: Framing::hdlc(&[0x2B], &[0x21], 0x13, Split::Never),
    clock: UNLABELLED,
    visible: true,
    null_slots: true,
    rows: &[
        row(codes!(1-1:0.0.5), Id).from(Status),
        row(codes!(1-1:96.1.1), Model).from(Status),
        row(codes!(1-1:1.7.0, 1-1:2.7.0, 1-1:3.7.0, 1-1:4.7.0), ONES).from(Status),
        row(codes!(1-1:31.7.0), CENTI).from(Status).each_phase(),
        row(codes!(1-1:32.7.0), Number(U16, 0)).from(Status).each_phase(),
        row(codes!(0-1:1.0.0), Cell::Clock).from(Energy),
        row(codes!(1-1:1.8.0, 1-1:2.8.0, 1-1:3.8.0, 1-1:4.8.0), TENS).from(Energy),
    ],
    lists: [[&kamstrup::PAIRS; 3]; 2],
    ..PLAIN
};

/// HAN v1.1A.
pub static AIDON: Dialect = Dialect {
    framing: Framing::hdlc(&[0x41], &[0x08, 0x83], 0x13, Split::Never),
    invoke_id: 0x4000_0000,
    stamp: |_| Stamp::Absent,
    clock: Clock { zone: Zone::Standard(60), deviation: 0, sunday_is_0: true },
    clock_of_registers: true,
    visible: true,
    scalers: true,
    rows: &[
        row(codes!(1-1:0.2.129), Title("AIDON_V0001")).from(Status),
        row(codes!(0-0:96.1.0), Id).from(Status),
        row(codes!(0-0:96.1.7), Model).from(Status),
        row(codes!(1-0:1.7.0), ONES),
        row(codes!(1-0:2.7.0, 1-0:3.7.0, 1-0:4.7.0), ONES).from(Status),
        row(codes!(1-0:31.7.0), Number(I16, -1)).from(Status).each_phase(),
        row(codes!(1-0:32.7.0), DECI).from(Status).each_phase(),
        row(codes!(0-0:1.0.0), Cell::Clock).from(Energy),
        row(codes!(1-0:1.8.0, 1-0:2.8.0, 1-0:3.8.0, 1-0:4.8.0), TENS).from(Energy),
    ],
    lists: [[&aidon::NORWAY; 3]; 2],
    ..PLAIN
};

/// DLMS push 1 of Denmark and Switzerland, all values every 10 s, encrypted and authenticated. It contains neither type
/// nor id, only the meter's number.
pub static KAMSTRUP_CIPHERED: Dialect = Dialect {
    framing: Framing::hdlc(&[0x41], &[0x03], 0x13, Split::Never).encrypted(*b"KAM\x45\x00\x00\x00\x04", 0x30),
    clock: UNLABELLED,
    visible: true,
    rows: &[
        row(codes!(1-1:1.8.0, 1-1:2.8.0, 1-1:3.8.0, 1-1:4.8.0), TENS),
        row(codes!(1-1:0.0.1), Cell::NumberOfMeter),
        row(codes!(1-1:1.7.0, 1-1:2.7.0, 1-1:3.7.0, 1-1:4.7.0), ONES),
        row(codes!(0-1:1.0.0), Cell::Clock),
        row(codes!(1-1:32.7.0), Number(U16, 0)).each_phase(),
        row(codes!(1-1:31.7.0), CENTI).each_phase(),
        row(codes!(1-1:21.7.0), ONES).each_phase(),
        row(codes!(1-1:33.7.0), Number(U16, -2)).each_phase(),
        row(codes!(1-1:13.7.0), Number(U16, -2)),
        row(codes!(1-1:22.7.0), ONES).each_phase(),
    ],
    lists: [[&kamstrup::PAIRS; 3]; 2],
    ..PLAIN
};
