//! AM550 of Iskraemeco: segments, or a list by position that is ciphered.

use super::central::{CENTIAMPERE, PLAIN};
use super::{DECI, FAST, ONES, row};
use crate::meter::lists::iskraemeco;
use crate::obis;
use crate::reading::Content::{Energy, Status};
use crate::simulator::dlms::Cell::{Id, Number, Title};
use crate::simulator::dlms::Dialect;
use crate::simulator::framing::{Frames, Framing, Header, Split};
use crate::simulator::model::{Messages, MeterModel, Schedule};

/// AM550 of Switzerland: self-describing, in segments.
pub static SWITZERLAND: MeterModel = MeterModel {
    name: "am550",
    models: ["", ""],
    id: 11,
    line: FAST,
    schedule: Schedule::Everything(5000),
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0xCF], source: &[0x02, 0x23], control: 0x13 },
                Split::Segments(119),
            ),
            cipher: None,
        },
        rows: &[
            row(Energy, obis!(0-0:42.0.0), Title("ISK1030770000011")),
            row(Energy, obis!(1-1:1.8.0), Number(ONES)),
            row(Energy, obis!(1-1:1.8.1), Number(ONES)),
            row(Energy, obis!(1-1:1.8.2), Number(ONES)),
            row(Energy, obis!(1-1:2.8.0), Number(ONES)),
            row(Energy, obis!(1-1:1.7.0), Number(ONES)),
            row(Energy, obis!(1-1:2.7.0), Number(ONES)),
            row(Energy, obis!(1-0:32.7.0), Number(DECI)),
            row(Energy, obis!(1-0:52.7.0), Number(DECI)),
            row(Energy, obis!(1-0:72.7.0), Number(DECI)),
            row(Energy, obis!(1-0:31.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:51.7.0), Number(CENTIAMPERE)),
            row(Energy, obis!(1-0:71.7.0), Number(CENTIAMPERE)),
        ],
        lists: [[&iskraemeco::DESCRIBED; 3]; 2],
        ..PLAIN
    }),
};

/// AM550 of Slovenia: by position, ciphered and authenticated; its registers come in a list of their own.
pub static SLOVENIA: MeterModel = MeterModel {
    name: "am550-slovenia",
    models: ["", ""],
    id: 12,
    line: FAST,
    schedule: Schedule::Lists { step: 10_000, status: 10_000, hourly: 15_000 },
    messages: Messages::Dlms(&Dialect {
        framing: Framing {
            frames: Frames::Hdlc(
                Header { destination: &[0xCF], source: &[0x02, 0x23], control: 0x13 },
                Split::Never,
            ),
            cipher: Some((*b"ISK\x69\x00\x00\x00\x0C", 0x30)),
        },
        rows: &[
            row(Status, obis!(0-0:42.0.0), Title("ISK1030780000012")),
            row(Status, obis!(0-0:96.1.0), Id),
            row(Status, obis!(1-0:1.7.0), Number(ONES)),
            row(Status, obis!(1-0:2.7.0), Number(ONES)),
            row(Status, obis!(1-0:3.7.0), Number(ONES)),
            row(Status, obis!(1-0:4.7.0), Number(ONES)),
            row(Status, obis!(1-0:32.7.0), Number(DECI)),
            row(Status, obis!(1-0:52.7.0), Number(DECI)),
            row(Status, obis!(1-0:72.7.0), Number(DECI)),
            row(Status, obis!(1-0:31.7.0), Number(CENTIAMPERE)),
            row(Status, obis!(1-0:51.7.0), Number(CENTIAMPERE)),
            row(Status, obis!(1-0:71.7.0), Number(CENTIAMPERE)),
            row(Status, obis!(1-0:21.7.0), Number(ONES)),
            row(Status, obis!(1-0:41.7.0), Number(ONES)),
            row(Status, obis!(1-0:61.7.0), Number(ONES)),
            row(Status, obis!(1-0:22.7.0), Number(ONES)),
            row(Status, obis!(1-0:42.7.0), Number(ONES)),
            row(Status, obis!(1-0:62.7.0), Number(ONES)),
            row(Energy, obis!(1-0:1.8.0), Number(ONES)),
            row(Energy, obis!(1-0:1.8.1), Number(ONES)),
            row(Energy, obis!(1-0:1.8.2), Number(ONES)),
            row(Energy, obis!(1-0:2.8.0), Number(ONES)),
            row(Energy, obis!(1-0:2.8.1), Number(ONES)),
            row(Energy, obis!(1-0:2.8.2), Number(ONES)),
        ],
        lists: [
            [&iskraemeco::SLOVENIA_10, &iskraemeco::SLOVENIA_10, &iskraemeco::SLOVENIA_9_TARIFFS],
            [&iskraemeco::SLOVENIA_18, &iskraemeco::SLOVENIA_18, &iskraemeco::SLOVENIA_9_TARIFFS],
        ],
        ..PLAIN
    }),
};
