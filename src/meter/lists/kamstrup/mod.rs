//! Kamstrup: Kamstrup_V0001 of Omnipower and OMNIA meters, in pairs (HAN-NVE rev. 3.1 in Norway, Sweden and Denmark;
//! DLMS push 1 in Denmark and Switzerland).
//!
//! "Scaler unit is not part of the push data. Therefore, meter configurations have to be known" (Omnipower HAN 5.1).

pub(crate) mod kmp;
pub(crate) mod kmp382;

use crate::meter::family::Quantity;
use crate::meter::list::List;
use crate::meter::register::Register;
use crate::meter::scale::When::{Country, CurrentTooHighForPower, TypeStarts, VoltageIn};
use crate::meter::scale::{ENERGIES, POWERS, Scale};
use crate::meter::shape::Shape;
use crate::meter::shape::telegram::Dialect;
use crate::meter::signature::Signature;
use crate::obis;
use crate::wire::clock::Zone;
use crate::wire::unit::Unit;

#[rustfmt::skip]
static SCALES: &[Scale] = &[
    Scale { quantities: POWERS, exponent: Some(0), unless: &[] },
    // 685 is the meter for current transformers; push 1 does not contain the model.
    Scale { quantities: &[Quantity::Current], exponent: Some(-2), unless: &[(TypeStarts(*b"685"), -3), (CurrentTooHighForPower, -3)] },
    // Firmware seen on Bornholm in 2025 sends hundredths.
    Scale { quantities: &[Quantity::Voltage], exponent: Some(0), unless: &[(VoltageIn(1000, i64::MAX), -2)] },
    Scale { quantities: &[Quantity::Ratio], exponent: Some(-2), unless: &[] },
    // The last digit of the display: 10 Wh in Norway and Denmark, 1 Wh in Sweden, whose models end in 09x. A meter that
    // is set differently needs `--kamstrup-energy`.
    Scale { quantities: ENERGIES, exponent: Some(1), unless: &[(Country(*b"09"), 0)] },
];

/// Every 10 s (25 elements; 65 and 37 as push 1) and every hour (35; 15 on a meter of one phase and one quadrant).
pub static PAIRS: List = List {
    name: "Kamstrup_V0001",
    manufacturer: "Kamstrup",
    signature: Signature::Title("Kamstrup_V0001"),
    shape: Shape::Pairs(SCALES),
    // Standard time all year, also with the summer-time bit set.
    zone: Zone::Standard(60),
    has_energy_setting: true,
    ..List::GENERAL
};

/// 685-382 of types OK, QR and similar models, read out in mode A: codes of two groups that are Kamstrup's own. 0.0 is
/// the number of the customer, 1.26 counts pulses of another meter, 1.6*1 is the highest demand of the previous month.
pub static READOUT_382: List = List {
    name: "Kamstrup 685-382",
    manufacturer: "Kamstrup",
    signature: Signature::Ident(&["KAM 685-382"]),
    shape: Shape::Telegram(&Dialect {
        is_readout: true,
        codes: &[
            (obis!(1-0:1.20.0), Register::of_code(obis!(1-0:1.8.0))),
            (obis!(1-0:1.20.1), Register::of_code(obis!(1-0:1.8.1))),
            (obis!(1-0:1.20.2), Register::of_code(obis!(1-0:1.8.2))),
            (obis!(1-0:1.31.0), Register::of_code(obis!(0-0:96.8.0))),
            (obis!(1-0:1.6.0*1), Register::previous(obis!(1-0:1.6.0))),
        ],
        omitted_units: &[(Unit::W, 3)],
        ..Dialect::COMMON
    }),
    ..List::GENERAL
};

/// 684-38 of type C and later: the usual codes, but 1.6.0 is the instantaneous power.
pub static READOUT_382C: List = List {
    name: "Kamstrup 684-38",
    manufacturer: "Kamstrup",
    signature: Signature::Ident(&["KAM 68438"]),
    shape: Shape::Telegram(&Dialect {
        is_readout: true,
        codes: &[(obis!(1-0:1.6.0), Register::of_code(obis!(1-0:1.7.0)))],
        ..Dialect::COMMON
    }),
    ..List::GENERAL
};
