//! P1 and H1 ports outside the Benelux: what each country uses of DSMR.

use super::{codes, row};
use crate::simulator::framing::Framing;
use crate::simulator::telegram::Cell::{self, Clock, Fixed, Id, Number};
use crate::simulator::telegram::Dialect;
use crate::wire::clock::Zone;

pub(super) const CENTRAL: Zone = Zone::Civil(60);

pub(super) const ENERGY: Cell = Number(6, 3, "kWh");
pub(super) const REACTIVE_ENERGY: Cell = Number(6, 3, "kvarh");
pub(super) const POWER: Cell = Number(2, 3, "kW");
pub(super) const REACTIVE_POWER: Cell = Number(2, 3, "kvar");
pub(super) const VOLTAGE: Cell = Number(3, 1, "V");
pub(super) const AMPERES: Cell = Number(3, 0, "A");

/// T210-D-r of Sagemcom at Energienetze Steiermark, Austria: whole W and Wh, encrypted.
pub static STEIERMARK: Dialect = Dialect {
    framing: Framing::NONE.encrypted(*b"SAG\x67\x00\x00\x00\x18", 0x30),
    manufacturer: "EST5\\2",
    zone: CENTRAL,
    rows: &[
        row(codes!(1-3:0.2.8), Fixed("(50)")),
        row(codes!(0-0:1.0.0), Clock),
        row(codes!(1-0:1.8.0, 1-0:1.8.1, 1-0:1.8.2), Number(9, 0, "Wh")),
        row(codes!(1-0:1.7.0), Number(9, 0, "W")),
        row(codes!(1-0:2.8.0, 1-0:2.8.1, 1-0:2.8.2), Number(9, 0, "Wh")),
        row(codes!(1-0:2.7.0), Number(9, 0, "W")),
        row(codes!(1-0:3.8.0, 1-0:3.8.1, 1-0:3.8.2), Number(9, 0, "varh")),
        row(codes!(1-0:3.7.0), Number(9, 0, "var")),
        row(codes!(1-0:4.8.0, 1-0:4.8.1, 1-0:4.8.2), Number(9, 0, "varh")),
        row(codes!(1-0:4.7.0), Number(9, 0, "var")),
    ],
};

/// H1, Sweden: no id, winter time all year.
pub static SWEDEN: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "ELL5\\2",
    zone: Zone::Standard(60),
    rows: &[
        row(codes!(0-0:1.0.0), Clock),
        row(codes!(1-0:1.8.0, 1-0:2.8.0), Number(8, 3, "kWh")),
        row(codes!(1-0:3.8.0, 1-0:4.8.0), Number(8, 3, "kvarh")),
        row(codes!(1-0:1.7.0, 1-0:2.7.0), Number(4, 3, "kW")),
        row(codes!(1-0:3.7.0, 1-0:4.7.0), Number(4, 3, "kvar")),
        row(codes!(1-0:21.7.0, 1-0:22.7.0), Number(4, 3, "kW")).each_phase(),
        row(codes!(1-0:23.7.0, 1-0:24.7.0), Number(4, 3, "kvar")).each_phase(),
        row(codes!(1-0:32.7.0), VOLTAGE).each_phase(),
        row(codes!(1-0:31.7.0), Number(3, 1, "A")).each_phase(),
    ],
};

/// E.ON, Hungary: tariffs beside their sum, quadrants, power factors.
pub static HUNGARY: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "SAG5",
    zone: CENTRAL,
    rows: &[
        row(codes!(0-0:1.0.0), Clock),
        row(codes!(0-0:96.1.0), Id),
        row(codes!(0-0:96.14.0), Fixed("(0001)")),
        row(codes!(0-0:96.3.10), Fixed("(1)")),
        row(codes!(0-0:17.0.0), Fixed("(90.000*kW)")),
        row(codes!(1-0:1.8.0, 1-0:1.8.1, 1-0:1.8.2, 1-0:2.8.0, 1-0:2.8.1, 1-0:2.8.2), ENERGY),
        row(codes!(1-0:3.8.0, 1-0:4.8.0, 1-0:5.8.0, 1-0:6.8.0, 1-0:7.8.0, 1-0:8.8.0), REACTIVE_ENERGY),
        row(codes!(1-0:32.7.0), VOLTAGE).each_phase(),
        row(codes!(1-0:31.7.0), AMPERES).each_phase(),
        row(codes!(1-0:13.7.0), Number(1, 3, "")).each_phase(),
        row(codes!(1-0:73.7.0), Number(1, 3, "")),
        row(codes!(1-0:14.7.0), Number(2, 2, "Hz")),
        row(codes!(1-0:1.7.0, 1-0:2.7.0), POWER),
        row(codes!(1-0:5.7.0, 1-0:6.7.0, 1-0:7.7.0, 1-0:8.7.0), REACTIVE_POWER),
        row(codes!(0-0:96.13.0), Fixed("()")),
    ],
};

/// ESO, Lithuania: kV, kA and kHz, the time of Vilnius.
pub static LITHUANIA: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "ESO5\\0",
    zone: Zone::Civil(120),
    rows: &[
        row(codes!(0-0:1.0.0), Clock),
        row(codes!(1-0:1.8.0), Number(8, 3, "kWh")),
        row(codes!(1-0:3.8.0, 1-0:4.8.0), Number(8, 3, "kvarh")),
        row(codes!(1-0:1.8.1, 1-0:2.8.1, 1-0:1.8.2, 1-0:2.8.2), Number(8, 3, "kWh")),
        row(codes!(1-0:32.7.0), Number(4, 3, "kV")),
        row(codes!(1-0:31.7.0), Number(4, 3, "kA")),
        row(codes!(1-0:52.7.0), Number(4, 3, "kV")),
        row(codes!(1-0:51.7.0), Number(4, 3, "kA")),
        row(codes!(1-0:72.7.0), Number(4, 3, "kV")),
        row(codes!(1-0:71.7.0), Number(4, 3, "kA")),
        row(codes!(1-0:14.7.0), Number(4, 3, "kHz")),
        row(codes!(1-0:21.7.0, 1-0:22.7.0), Number(8, 3, "kW")).each_phase(),
    ],
};
