//! The power of ten of values that are sent without one.

use super::{Quantity, Register};
use crate::reading::Reading;

/// How numbers of one kind are scaled in a list that does not say so.
pub struct Scale {
    /// What they count.
    pub quantity: Quantity,
    /// The usual power of ten; `None`: not to be told, and then not published.
    pub exponent: Option<i8>,
    /// What makes it another one; the first that holds counts.
    pub unless: &'static [(When, i8)],
}

/// Something in the list itself that tells how it is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The meter's type begins so.
    TypeStarts([u8; 3]),
    /// The last three digits of the meter's type, its country, begin so.
    Country([u8; 2]),
    /// The highest voltage, before scaling, lies between these two.
    VoltageIn(i64, i64),
    /// No type is sent, and voltage times current times power factor is about ten times the power sent, phase by phase:
    /// the current, taken for hundredths, must be thousandths.
    CurrentTooHighForPower,
    /// A number comes as a signed one of eight bytes.
    LongSigned,
}

impl When {
    fn holds(self, raw: &Reading) -> bool {
        match self {
            When::TypeStarts(start) => raw.identity.model.as_bytes().first_chunk() == Some(&start),
            When::Country(start) => {
                let country = raw.identity.model.as_bytes().last_chunk::<3>();
                country.is_some_and(|country| country.first_chunk() == Some(&start))
            }
            When::VoltageIn(low, high) => {
                highest_voltage(raw).is_some_and(|volts| (low..=high).contains(&volts))
            }
            When::CurrentTooHighForPower => raw.identity.model.is_empty() && current_is_too_high(raw),
            When::LongSigned => raw.has_long_signed(),
        }
    }
}

/// The power of ten of each quantity in one list.
#[derive(Default)]
pub(crate) struct Exponents([Option<i8>; Quantity::COUNT]);

impl Exponents {
    /// Judges a table's rules on what a list sent.
    pub(crate) fn judge(&mut self, scales: &[Scale], raw: &Reading) {
        for scale in scales {
            let exception = scale.unless.iter().find(|(when, _)| when.holds(raw));
            self.set(scale.quantity, exception.map_or(scale.exponent, |&(_, exponent)| Some(exponent)));
        }
    }

    pub(crate) fn set(&mut self, quantity: Quantity, exponent: Option<i8>) {
        if let Some(slot) = self.0.get_mut(quantity as usize) {
            *slot = exponent;
        }
    }

    #[inline]
    pub(crate) fn of(&self, quantity: Quantity) -> Option<i8> {
        self.0.get(quantity as usize).copied().flatten()
    }
}

#[inline(never)]
fn highest_voltage(raw: &Reading) -> Option<i64> {
    VOLTAGES.iter().filter_map(|&register| raw.unscaled(register)).max()
}

/// Compares in units of 10^-4 W: volts, hundredths of an ampere, hundredths of a power factor. Half way between the two
/// scales on a logarithm is a factor of 3; below 30 W of difference rounding decides nothing.
#[cold]
#[inline(never)]
fn current_is_too_high(raw: &Reading) -> bool {
    let product = |((volts, amperes), factor): ((Option<i64>, Option<i64>), Option<i64>)| {
        volts?.checked_mul(amperes?)?.checked_mul(factor?)
    };
    let volts = phases(raw, VOLTAGES).into_iter();
    let computed = volts.zip(phases(raw, CURRENTS)).zip(phases(raw, POWER_FACTORS)).map(product);
    let Some(computed) = computed.flatten().try_fold(0_i64, i64::checked_add) else { return false };
    let sent = phases(raw, IMPORTS).into_iter().chain(phases(raw, EXPORTS)).flatten();
    let sent = sent.fold(0, i64::saturating_add);
    computed > sent.saturating_mul(30_000).saturating_add(300_000)
}

/// The numbers of three registers, before scaling.
#[inline]
fn phases(raw: &Reading, registers: [Register; 3]) -> [Option<i64>; 3] {
    registers.map(|register| raw.unscaled(register))
}

const VOLTAGES: [Register; 3] = of_phases(32, 7);
const CURRENTS: [Register; 3] = of_phases(31, 7);
const POWER_FACTORS: [Register; 3] = of_phases(33, 7);
const IMPORTS: [Register; 3] = of_phases(21, 7);
const EXPORTS: [Register; 3] = of_phases(22, 7);

/// Group C of L2 is 20 above that of L1, L3's 40.
const fn of_phases(c: u8, d: u8) -> [Register; 3] {
    [Register::literal([c, d, 0]), Register::literal([c + 20, d, 0]), Register::literal([c + 40, d, 0])]
}
