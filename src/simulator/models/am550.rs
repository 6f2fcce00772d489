//! AM550 of Iskraemeco: segments, or an encrypted list of values by position.

use super::{CENTIAMPERE, DECI, ONES, PLAIN, codes, row};
use crate::meter::lists::iskraemeco;
use crate::reading::Content::{Energy, Status};
use crate::simulator::dlms::Cell::{Id, Title};
use crate::simulator::dlms::Dialect;
use crate::simulator::framing::{Framing, Split};

/// AM550 of Switzerland: self-describing, in segments.
pub static SWITZERLAND: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCF], &[0x02, 0x23], 0x13, Split::Segments(119)),
    rows: &[
        row(codes!(0-0:42.0.0), Title("ISK1030770000011")),
        row(codes!(1-1:1.8.0, 1-1:1.8.1, 1-1:1.8.2, 1-1:2.8.0, 1-1:1.7.0, 1-1:2.7.0), ONES),
        row(codes!(1-0:32.7.0), DECI).each_phase(),
        row(codes!(1-0:31.7.0), CENTIAMPERE).each_phase(),
    ],
    lists: [[&iskraemeco::DESCRIBED; 3]; 2],
    ..PLAIN
};

/// AM550 of Slovenia: by position, encrypted and authenticated; counters are sent in a list of their own.
pub static SLOVENIA: Dialect = Dialect {
    framing: Framing::hdlc(&[0xCF], &[0x02, 0x23], 0x13, Split::Never)
        .encrypted(*b"ISK\x69\x00\x00\x00\x0C", 0x30),
    rows: &[
        row(codes!(0-0:42.0.0), Title("ISK1030780000012")).from(Status),
        row(codes!(0-0:96.1.0), Id).from(Status),
        row(codes!(1-0:1.7.0, 1-0:2.7.0, 1-0:3.7.0, 1-0:4.7.0), ONES).from(Status),
        row(codes!(1-0:32.7.0), DECI).from(Status).each_phase(),
        row(codes!(1-0:31.7.0), CENTIAMPERE).from(Status).each_phase(),
        row(codes!(1-0:21.7.0, 1-0:22.7.0), ONES).from(Status).each_phase(),
        row(codes!(1-0:1.8.0, 1-0:1.8.1, 1-0:1.8.2, 1-0:2.8.0, 1-0:2.8.1, 1-0:2.8.2), ONES).from(Energy),
    ],
    lists: [
        [&iskraemeco::SLOVENIA_10, &iskraemeco::SLOVENIA_10, &iskraemeco::SLOVENIA_9_TARIFFS],
        [&iskraemeco::SLOVENIA_18, &iskraemeco::SLOVENIA_18, &iskraemeco::SLOVENIA_9_TARIFFS],
    ],
    ..PLAIN
};
