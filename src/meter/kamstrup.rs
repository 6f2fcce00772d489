//! Kamstrup: Kamstrup_V0001 of Omnipower and OMNIA meters, in pairs (HAN-NVE rev. 3.1 in Norway, Sweden and Denmark;
//! DLMS push 1 in Denmark and Switzerland).
//!
//! "Scaler unit is not part of the push data. Therefore, meter configurations have to be known" (Omnipower HAN 5.1).

use super::When::{Country, CurrentTooHighForPower, TypeStarts, VoltageIn};
use super::p1::OF_ANYONE;
use super::telegram::Dialect;
use super::{List, Mark, Quantity, Register, Scale, Shape};
use crate::obis;
use crate::wire::clock::Zone;
use crate::wire::unit::Unit;

/// Energy counts what the display shows in its last digit: 10 Wh in Norway and Denmark, 1 Wh in Sweden, whose types
/// end in 09x. An owner whose meter is set otherwise says so by `--kamstrup-energy`.
const ENERGY: Scale =
    Scale { quantity: Quantity::ActiveEnergy, exponent: Some(1), unless: &[(Country(*b"09"), 0)] };

#[rustfmt::skip]
static SCALES: &[Scale] = &[
    Scale { quantity: Quantity::ActivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ReactivePower, exponent: Some(0), unless: &[] },
    Scale { quantity: Quantity::ApparentPower, exponent: Some(0), unless: &[] },
    // 685 is the meter behind current transformers; push 1 does not say its type.
    Scale { quantity: Quantity::Current, exponent: Some(-2), unless: &[(TypeStarts(*b"685"), -3), (CurrentTooHighForPower, -3)] },
    // Firmware seen on Bornholm in 2025 sends hundredths.
    Scale { quantity: Quantity::Voltage, exponent: Some(0), unless: &[(VoltageIn(1000, i64::MAX), -2)] },
    Scale { quantity: Quantity::Ratio, exponent: Some(-2), unless: &[] },
    ENERGY,
    Scale { quantity: Quantity::ReactiveEnergy, ..ENERGY },
];

/// Every 10 s (25 elements; 65 and 37 as push 1) and every hour (35; 15 on a meter of one phase and one quadrant).
pub static PAIRS: List = List {
    name: "Kamstrup_V0001",
    maker: "Kamstrup",
    mark: Mark::Title("Kamstrup_V0001"),
    shape: Shape::Pairs(SCALES),
    // Standard time all year, also with the summer-time bit set.
    zone: Zone::Standard(60),
    three_wire: &[],
    energy_is_set: true,
};

/// 685-382 of types OK, QR and kin, read out in mode A: codes of two groups that are Kamstrup's own. 0.0 is the number of
/// the customer, 1.26 counts pulses of another meter, 1.6*1 is the highest demand of the month before.
pub static READOUT_382: List = List {
    name: "Kamstrup 685-382",
    maker: "Kamstrup",
    mark: Mark::Ident(&["KAM 685-382"]),
    shape: Shape::Telegram(&Dialect {
        is_readout: true,
        codes: &[
            (obis!(1-0:1.20.0), Register::known(obis!(1-0:1.8.0))),
            (obis!(1-0:1.20.1), Register::known(obis!(1-0:1.8.1))),
            (obis!(1-0:1.20.2), Register::known(obis!(1-0:1.8.2))),
            (obis!(1-0:1.31.0), Register::known(obis!(0-0:96.8.0))),
            (obis!(1-0:1.6.0*1), Register::previous(obis!(1-0:1.6.0))),
        ],
        left_out: &[(Unit::W, 3)],
        ..Dialect::COMMON
    }),
    ..OF_ANYONE
};

/// 684-38 of type C and later: the usual codes, but under 1.6.0 the power of the moment.
pub static READOUT_382C: List = List {
    name: "Kamstrup 684-38",
    maker: "Kamstrup",
    mark: Mark::Ident(&["KAM 68438"]),
    shape: Shape::Telegram(&Dialect {
        is_readout: true,
        codes: &[(obis!(1-0:1.6.0), Register::known(obis!(1-0:1.7.0)))],
        ..Dialect::COMMON
    }),
    ..OF_ANYONE
};
