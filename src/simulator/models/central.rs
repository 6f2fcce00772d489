//! Meters of Austria and Switzerland, most of them encrypted: M-Bus, blocks.

use super::{CENTIAMPERE, DECI, ONES, PLAIN, UNLABELLED, codes, row};
use crate::meter::lists::{general, landis_gyr};
use crate::simulator::dlms::Cell::{self, Id, Number, Title};
use crate::simulator::dlms::{Dialect, U16, U64};
use crate::simulator::framing::{Framing, Split};
use crate::wire::dlms::apdu::Stamp;
use crate::wire::dlms::value::Value;

/// The 35 elements of Netz Niederösterreich: code, value and scaler in turn; the clock at the start and the number at
/// the end have no code.
const NETZ_NOE: Dialect = Dialect {
    scalers: true,
    in_triples: true,
    rows: &[
        row(codes!(0-0:1.0.0), Cell::Clock),
        row(codes!(1-0:1.8.0, 1-0:2.8.0, 1-0:1.7.0, 1-0:2.7.0), ONES),
        row(codes!(1-0:32.7.0), DECI).each_phase(),
        row(codes!(1-0:31.7.0), CENTIAMPERE).each_phase(),
        row(codes!(1-0:13.7.0), Number(U16, -3)),
        row(codes!(0-0:96.1.0), Id),
    ],
    ..PLAIN
};

/// MA309M at Netz Niederösterreich: M-Bus, encrypted without an authentication tag.
pub static KAIFA_AUSTRIA: Dialect =
    Dialect { framing: Framing::mbus(245).encrypted(*b"KFM\x67\x50\x00\x00\x05", 0x20), ..NETZ_NOE };

/// T210-D of older firmware: the same list, M-Bus frames of 257 bytes, whose length is sent modulo 256.
pub static SAGEMCOM_AUSTRIA: Dialect =
    Dialect { framing: Framing::mbus(252).encrypted(*b"SAG\x59\x00\x00\x00\x06", 0x20), ..NETZ_NOE };

/// MA309M at TINETZ: a structure for each value, suite 1.
pub static TINETZ: Dialect = Dialect {
    framing: Framing::mbus(245).encrypted(*b"KFM\x10\x20\x00\x00\x07", 0x21),
    scalers: true,
    rows: &[
        row(codes!(0-0:1.0.0), Cell::Clock),
        row(codes!(0-0:96.1.0), Id),
        row(codes!(1-0:32.7.0), DECI).each_phase(),
        row(codes!(1-0:31.7.0), CENTIAMPERE).each_phase(),
        row(codes!(1-0:1.7.0, 1-0:2.7.0, 1-0:1.8.0, 1-0:2.8.0, 1-0:3.8.0, 1-0:4.8.0), ONES),
    ],
    lists: [[&general::RECORDS; 3]; 2],
    ..PLAIN
};

/// E450 of Switzerland: 17 elements as the VSE recommends, in blocks, encrypted and authenticated.
pub static E450: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCE, 0xFF], &[0x03], 0x13, Split::Blocks(112))
        .encrypted(*b"LGZ\x67\x00\x00\x00\x08", 0x30),
    clock: UNLABELLED,
    rows: &[
        row(codes!(0-0:42.0.0), Title("LGZ1030650000008")),
        row(codes!(0-0:96.1.1), Id),
        row(codes!(0-0:1.0.0), Cell::Clock),
        row(codes!(1-1:1.8.0, 1-1:2.8.0, 1-1:3.8.0, 1-1:4.8.0, 1-0:1.7.0, 1-0:2.7.0), ONES),
        row(codes!(1-0:32.7.0), Number(U16, 0)).each_phase(),
        row(codes!(1-0:31.7.0), CENTIAMPERE).each_phase(),
    ],
    lists: [[&landis_gyr::DESCRIBED; 3]; 2],
    ..PLAIN
};

/// E360 of Switzerland: one frame, tenths of a volt.
pub static E360: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCF], &[0x03], 0x13, Split::Never),
    rows: &[
        row(codes!(0-0:42.0.0), Title("LGZ1030650000009")),
        row(codes!(1-0:32.7.0, 1-0:72.7.0, 1-0:52.7.0), DECI),
        row(codes!(1-0:31.7.0), CENTIAMPERE).each_phase(),
        row(codes!(1-0:1.7.0, 1-0:2.7.0, 1-1:1.8.0, 1-1:2.8.0), ONES),
    ],
    lists: [[&landis_gyr::DESCRIBED; 3]; 2],
    ..PLAIN
};

/// E570 with current transformers: numbers of eight bytes, whole amperes, encrypted without an authentication tag.
pub static E570: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCE, 0x9B], &[0x03], 0x13, Split::Blocks(112))
        .encrypted(*b"LGZ\x67\x00\x00\x00\x0A", 0x20),
    clock: UNLABELLED,
    rows: &[
        row(codes!(0-0:42.0.0), Title("LGZ1030760000010")),
        row(codes!(0-0:1.0.0), Cell::Clock),
        row(codes!(1-0:1.7.0, 1-0:2.7.0), Number(Value::I64, 0)),
        row(codes!(1-1:1.8.0, 1-1:2.8.0, 1-1:5.8.0, 1-1:6.8.0, 1-1:7.8.0, 1-1:8.8.0), Number(U64, 0)),
        row(codes!(1-0:31.7.0), Number(Value::I64, 0)).each_phase(),
    ],
    lists: [[&landis_gyr::DESCRIBED; 3]; 2],
    ..PLAIN
};

/// E450 at Wiener Netze, read with an optical head: eight numbers by position, encrypted and authenticated.
pub static VIENNA: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCE, 0xFF], &[0x03], 0x13, Split::Never)
        .encrypted(*b"LGZ\x67\x00\x00\x00\x0D", 0x30),
    stamp: |_| Stamp::Absent,
    clock: UNLABELLED,
    rows: &[
        row(codes!(0-0:1.0.0), Cell::Clock),
        row(codes!(1-0:1.8.0, 1-0:2.8.0, 1-0:3.8.0, 1-0:4.8.0), ONES),
        row(codes!(1-0:1.7.0, 1-0:2.7.0, 1-0:3.7.0, 1-0:4.7.0), ONES),
    ],
    lists: [[&general::VIENNA; 3]; 2],
    ..PLAIN
};
