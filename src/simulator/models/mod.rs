//! The models of simulated meters, each a table.

mod am550;
mod benelux;
mod central;
mod germany;
mod nordic;
mod p1;
mod polled;

use super::clock::Clock;
use super::dlms::Cell::{self, Number};
use super::dlms::{Dialect, U16, U32};
use super::framing::Framing;
use super::model::Messages::{self, Dlms, Polled, Sml, Telegram};
use super::model::MeterModel;
use super::model::Schedule::{self, Everything};
use super::polled::PolledProtocol::{Iec, Kmp, Kmp382};
use super::row::{codes, row};
use crate::meter::lists::general;
use crate::wire::clock::Zone;
use crate::wire::dlms::apdu::Stamp;
use crate::wire::serial::{Parity, SerialSettings as Line};

/// All models, in the order in which they are listed.
pub static MODELS: [MeterModel; 29] = [
    model(1, "kaifa", lists(2000, 10_000, 10_000), Line::HAN, Dlms(&nordic::KAIFA))
        .of_types("MA105H2E", "MA304H4"),
    model(2, "kamstrup", lists(10_000, 10_000, 5000), Line::MBUS, Dlms(&nordic::KAMSTRUP))
        .of_types("6861111BN242101040", "6841121BN243101040"),
    model(3, "aidon", lists(2500, 10_000, 10_000), Line::HAN, Dlms(&nordic::AIDON)).of_types("6515", "6534"),
    model(4, "kamstrup-ciphered", Everything(10_000), Line::MBUS, Dlms(&nordic::KAMSTRUP_CIPHERED)),
    model(5, "kaifa-austria", Everything(5000), Line::HAN, Dlms(&central::KAIFA_AUSTRIA)),
    model(6, "sagemcom-austria", Everything(5000), Line::HAN, Dlms(&central::SAGEMCOM_AUSTRIA)),
    model(7, "kaifa-tinetz", Everything(5000), Line::HAN, Dlms(&central::TINETZ)),
    model(8, "e450", Everything(5000), Line::HAN, Dlms(&central::E450)),
    model(9, "e360", Everything(5000), Line::OPTICAL, Dlms(&central::E360)),
    model(10, "e570", Everything(5000), Line::HAN, Dlms(&central::E570)),
    model(13, "e450-vienna", Everything(1000), Line::OPTICAL, Dlms(&central::VIENNA)),
    model(11, "am550", Everything(5000), Line::FAST, Dlms(&am550::SWITZERLAND)),
    model(12, "am550-slovenia", lists(10_000, 10_000, 15_000), Line::FAST, Dlms(&am550::SLOVENIA)),
    model(21, "dsmr5", Everything(1000), Line::FAST, Telegram(&benelux::DSMR5))
        .of_types("M550E-1012", "M550T-1012"),
    model(22, "fluvius", Everything(1000), Line::FAST, Telegram(&benelux::FLUVIUS)).of_type("53769484_A"),
    model(23, "smarty", Everything(10_000), Line::FAST, Telegram(&benelux::SMARTY)).of_type("53694471_M"),
    model(24, "steiermark-p1", Everything(10_000), Line::FAST, Telegram(&p1::STEIERMARK))
        .of_type("53710000_A"),
    model(25, "sweden-p1", Everything(10_000), Line::FAST, Telegram(&p1::SWEDEN)).of_type("53833635_A"),
    model(26, "hungary-p1", Everything(10_000), Line::FAST, Telegram(&p1::HUNGARY)).of_type("SAG-METER"),
    model(27, "lithuania-p1", Everything(10_000), Line::FAST, Telegram(&p1::LITHUANIA)).of_type("0000000000"),
    model(31, "ehz", Everything(2000), Line::OPTICAL, Sml(&germany::EHZ)),
    model(32, "mt175", Everything(2000), Line::OPTICAL, Sml(&germany::MT175)),
    model(33, "dtz541", Everything(1000), Line::OPTICAL, Sml(&germany::DTZ541)),
    model(41, "kmp382", Everything(1000), TWO_STOPS_EVEN, Polled(Kmp382)).of_type("685382OK10"),
    model(42, "kmp", Everything(1000), Line::OPTICAL, Polled(Kmp(&polled::KMP))),
    model(43, "multical", Everything(1000), TWO_STOPS, Polled(Kmp(&polled::MULTICAL))),
    model(44, "kamstrup-iec", Everything(1000), SIGN_ON, Polled(Iec(&polled::KAMSTRUP_IEC)))
        .of_type("685-382-OK-10"),
    model(45, "zmd120", Everything(1000), SIGN_ON, Polled(Iec(&polled::ZMD120))).of_type("ZMD120APt.G03"),
    model(46, "2wr5", Everything(1000), SIGN_ON, Polled(Iec(&polled::ULTRAHEAT))).of_type("2WR5"),
];

const TWO_STOPS: Line = Line::new(1200, 8, Parity::None).two_stops();
const TWO_STOPS_EVEN: Line = Line::new(1200, 8, Parity::Even).two_stops();
/// The serial settings at which every readout begins.
const SIGN_ON: Line = Line::new(300, 7, Parity::Even);

const fn model(
    id: u64,
    name: &'static str,
    schedule: Schedule,
    line: Line,
    messages: Messages,
) -> MeterModel {
    MeterModel { name, type_names: [""; 2], id, line, schedule, messages }
}

/// Lists of several lengths; there is none of power alone if `step` is `status`.
const fn lists(step: i64, status: i64, hourly: i64) -> Schedule {
    Schedule::Lists { step, status, hourly }
}

/// A clock that sends its deviation: winter time all year.
const LABELLED: Clock = Clock { zone: Zone::Sent, deviation: -60, sunday_is_0: false };
/// A clock that shows winter time all year and does not send its deviation.
const UNLABELLED: Clock = Clock { zone: Zone::Standard(60), ..Clock::CENTRAL };

/// What most dialects have in common.
const PLAIN: Dialect = Dialect {
    framing: Framing::NONE,
    invoke_id: 0,
    stamp: Stamp::Plain,
    clock: LABELLED,
    clock_of_registers: false,
    visible: false,
    scalers: false,
    null_slots: false,
    in_triples: false,
    rows: &[],
    lists: [[&general::PAIRS; 3]; 2],
};

const ONES: Cell = Number(U32, 0);
const TENS: Cell = Number(U32, 1);
const CENTI: Cell = Number(U32, -2);
const MILLI: Cell = Number(U32, -3);
const DECI: Cell = Number(U16, -1);
const CENTIAMPERE: Cell = Number(U16, -2);
