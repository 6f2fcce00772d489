//! Kamstrup: Kamstrup_V0001 of Omnipower and OMNIA meters, in pairs (HAN-NVE rev. 3.1 in Norway, Sweden and Denmark;
//! DLMS push 1 in Denmark and Switzerland).
//!
//! "Scaler unit is not part of the push data. Therefore, meter configurations have to be known" (Omnipower HAN 5.1).

use super::When::{Country, CurrentTooHighForPower, TypeStarts, VoltageIn};
use super::{List, Mark, Quantity, Scale, Shape};
use crate::wire::clock::Zone;

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
