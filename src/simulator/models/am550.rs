//! AM550 of Iskraemeco: segments, or an encrypted list of values by position.

use super::{CENTIAMPERE, DECI, FAST, ONES, PLAIN, dlms, row};
use crate::meter::lists::iskraemeco;
use crate::obis;
use crate::reading::Content::{Energy, Status};
use crate::simulator::dlms::Cell::{Id, Number, Title};
use crate::simulator::dlms::Dialect;
use crate::simulator::framing::{Framing, Split};
use crate::simulator::model::{Messages, MeterModel, Schedule};

/// AM550 of Switzerland: self-describing, in segments.
pub static SWITZERLAND: MeterModel = dlms("am550", 11, FAST, 5000, &SWITZERLAND_LISTS);

static SWITZERLAND_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCF], &[0x02, 0x23], 0x13, Split::Segments(119)),
    rows: &[
        row(obis!(0-0:42.0.0), Title("ISK1030770000011")),
        row(obis!(1-1:1.8.0), Number(ONES)),
        row(obis!(1-1:1.8.1), Number(ONES)),
        row(obis!(1-1:1.8.2), Number(ONES)),
        row(obis!(1-1:2.8.0), Number(ONES)),
        row(obis!(1-1:1.7.0), Number(ONES)),
        row(obis!(1-1:2.7.0), Number(ONES)),
        row(obis!(1-0:32.7.0), Number(DECI)).each_phase(),
        row(obis!(1-0:31.7.0), Number(CENTIAMPERE)).each_phase(),
    ],
    lists: [[&iskraemeco::DESCRIBED; 3]; 2],
    ..PLAIN
};

/// AM550 of Slovenia: by position, encrypted and authenticated; counters are sent in a list of their own.
pub static SLOVENIA: MeterModel = MeterModel {
    name: "am550-slovenia",
    type_names: ["", ""],
    id: 12,
    line: FAST,
    schedule: Schedule::Lists { step: 10_000, status: 10_000, hourly: 15_000 },
    messages: Messages::Dlms(&SLOVENIA_LISTS),
};

static SLOVENIA_LISTS: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCF], &[0x02, 0x23], 0x13, Split::Never)
        .encrypted(*b"ISK\x69\x00\x00\x00\x0C", 0x30),
    rows: &[
        row(obis!(0-0:42.0.0), Title("ISK1030780000012")).from(Status),
        row(obis!(0-0:96.1.0), Id).from(Status),
        row(obis!(1-0:1.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:2.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:3.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:4.7.0), Number(ONES)).from(Status),
        row(obis!(1-0:32.7.0), Number(DECI)).from(Status).each_phase(),
        row(obis!(1-0:31.7.0), Number(CENTIAMPERE)).from(Status).each_phase(),
        row(obis!(1-0:21.7.0), Number(ONES)).from(Status).each_phase(),
        row(obis!(1-0:22.7.0), Number(ONES)).from(Status).each_phase(),
        row(obis!(1-0:1.8.0), Number(ONES)).from(Energy),
        row(obis!(1-0:1.8.1), Number(ONES)).from(Energy),
        row(obis!(1-0:1.8.2), Number(ONES)).from(Energy),
        row(obis!(1-0:2.8.0), Number(ONES)).from(Energy),
        row(obis!(1-0:2.8.1), Number(ONES)).from(Energy),
        row(obis!(1-0:2.8.2), Number(ONES)).from(Energy),
    ],
    lists: [
        [&iskraemeco::SLOVENIA_10, &iskraemeco::SLOVENIA_10, &iskraemeco::SLOVENIA_9_TARIFFS],
        [&iskraemeco::SLOVENIA_18, &iskraemeco::SLOVENIA_18, &iskraemeco::SLOVENIA_9_TARIFFS],
    ],
    ..PLAIN
};
