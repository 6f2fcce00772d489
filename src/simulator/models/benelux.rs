//! P1 ports of the Netherlands, Belgium and Luxembourg.

use super::p1::{AMPERES, CENTRAL, ENERGY, POWER, REACTIVE_ENERGY, REACTIVE_POWER, VOLTAGE};
use super::{codes, row};
use crate::simulator::framing::Framing;
use crate::simulator::telegram::Cell::{Clock, Fixed, Gas, Highest, Id, Number};
use crate::simulator::telegram::Dialect;

/// DSMR 5.0.2, the Netherlands: two tariffs, quality of supply, a gas meter that reports every hour.
pub static DSMR5: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "ISK5\\2",
    zone: CENTRAL,
    rows: &[
        row(codes!(1-3:0.2.8), Fixed("(50)")),
        row(codes!(0-0:1.0.0), Clock),
        row(codes!(0-0:96.1.1), Id),
        row(codes!(1-0:1.8.1, 1-0:1.8.2, 1-0:2.8.1, 1-0:2.8.2), ENERGY),
        row(codes!(0-0:96.14.0), Fixed("(0002)")),
        row(codes!(1-0:1.7.0, 1-0:2.7.0), POWER),
        row(codes!(0-0:96.7.21), Fixed("(00013)")),
        row(codes!(0-0:96.7.9), Fixed("(00001)")),
        row(codes!(1-0:99.97.0), Fixed("(1)(0-0:96.7.19)(230304142207W)(0000004711*s)")),
        row(codes!(1-0:32.32.0), Fixed("(00004)")),
        row(codes!(1-0:52.32.0, 1-0:72.32.0), Fixed("(00003)")),
        row(codes!(1-0:32.36.0, 1-0:52.36.0), Fixed("(00000)")),
        row(codes!(1-0:72.36.0), Fixed("(00001)")),
        row(codes!(0-0:96.13.0), Fixed("()")),
        row(codes!(1-0:32.7.0), VOLTAGE).each_phase(),
        row(codes!(1-0:31.7.0), AMPERES).each_phase(),
        row(codes!(1-0:21.7.0, 1-0:22.7.0, 1-0:41.7.0, 1-0:42.7.0, 1-0:61.7.0, 1-0:62.7.0), POWER),
        row(codes!(0-1:24.1.0), Fixed("(003)")),
        row(codes!(0-1:96.1.0), Fixed("(4730303030303030303030303030303231)")),
        row(codes!(0-1:24.2.1), Gas(3600)),
    ],
};

/// Fluvius, Belgium: the highest demand of the month, hundredths of an ampere, gas without temperature correction.
pub static FLUVIUS: Dialect = Dialect {
    framing: Framing::NONE,
    manufacturer: "FLU5\\2",
    zone: CENTRAL,
    rows: &[
        row(codes!(0-0:96.1.4), Fixed("(50217)")),
        row(codes!(0-0:96.1.1), Id),
        row(codes!(0-0:1.0.0), Clock),
        row(codes!(1-0:1.8.1, 1-0:1.8.2, 1-0:2.8.1, 1-0:2.8.2), ENERGY),
        row(codes!(1-0:1.4.0), POWER),
        row(codes!(1-0:1.6.0), Highest),
        row(codes!(0-0:96.14.0), Fixed("(0001)")),
        row(codes!(1-0:1.7.0, 1-0:2.7.0), POWER),
        row(codes!(1-0:21.7.0, 1-0:22.7.0), POWER).each_phase(),
        row(codes!(1-0:32.7.0), VOLTAGE).each_phase(),
        row(codes!(1-0:31.7.0), Number(3, 2, "A")).each_phase(),
        row(codes!(0-0:96.3.10), Fixed("(1)")),
        row(codes!(0-0:17.0.0), Fixed("(999.9*kW)")),
        row(codes!(1-0:31.4.0), Fixed("(999*A)")),
        row(codes!(0-0:96.13.0), Fixed("()")),
        row(codes!(0-1:24.1.0), Fixed("(003)")),
        row(codes!(0-1:96.1.1), Fixed("(464C4F30303030303030303232)")),
        row(codes!(0-1:24.4.0), Fixed("(1)")),
        row(codes!(0-1:24.2.3), Gas(300)),
    ],
};

/// Smarty, Luxembourg: encrypted, with everything that is optional in DSMR 4. Channel 2 has no meter.
pub static SMARTY: Dialect = Dialect {
    framing: Framing::NONE.encrypted(*b"SAG\x67\x00\x00\x00\x17", 0x30),
    manufacturer: "Lux5\\2",
    zone: CENTRAL,
    rows: &[
        row(codes!(1-3:0.2.8), Fixed("(42)")),
        row(codes!(0-0:1.0.0), Clock),
        row(codes!(0-0:42.0.0), Id),
        row(codes!(1-0:1.8.0, 1-0:2.8.0), ENERGY),
        row(codes!(1-0:3.8.0, 1-0:4.8.0), REACTIVE_ENERGY),
        row(codes!(1-0:1.7.0, 1-0:2.7.0), POWER),
        row(codes!(1-0:3.7.0, 1-0:4.7.0), REACTIVE_POWER),
        row(codes!(0-0:17.0.0), Fixed("(027.6*kVA)")),
        row(codes!(1-0:9.7.0, 1-0:10.7.0), Number(2, 3, "kVA")),
        row(codes!(1-1:31.4.0), Fixed("(040*A)(-040*A)")),
        row(codes!(0-0:96.3.10), Fixed("(1)")),
        row(codes!(0-1:96.3.10, 0-2:96.3.10), Fixed("(0)")),
        row(codes!(0-0:96.7.21), Fixed("(00017)")),
        row(codes!(1-0:32.32.0), Fixed("(00004)")),
        row(codes!(1-0:52.32.0), Fixed("(00003)")),
        row(codes!(1-0:72.32.0), Fixed("(00002)")),
        row(codes!(1-0:32.36.0), Fixed("(00000)")),
        row(codes!(1-0:52.36.0), Fixed("(00001)")),
        row(codes!(1-0:72.36.0), Fixed("(00000)")),
        row(codes!(0-0:96.13.0), Fixed("()")),
        row(codes!(1-0:32.7.0), VOLTAGE).each_phase(),
        row(codes!(1-0:31.7.0), AMPERES).each_phase(),
        row(codes!(1-0:21.7.0, 1-0:22.7.0), POWER).each_phase(),
        row(codes!(1-0:23.7.0, 1-0:24.7.0), REACTIVE_POWER).each_phase(),
        row(codes!(0-1:24.1.0), Fixed("(003)")),
        row(codes!(0-1:96.1.0), Fixed("(464C4F30303030303030303233)")),
        row(codes!(0-1:24.2.1), Gas(3600)),
        row(codes!(0-1:24.4.0), Fixed("(0)")),
        row(codes!(0-2:24.1.0), Fixed("(007)")),
        row(codes!(0-2:96.1.0), Fixed("()")),
        row(codes!(0-2:24.2.1), Fixed("(632525252525S)(00000.000)")),
        row(codes!(0-2:24.4.0), Fixed("(1)")),
    ],
};
