//! The power of ten of values that are sent without one.

use crate::reading::Reading;
use crate::wire::unit::Unit;

/// How numbers of one unit are scaled in a list of pairs.
pub struct Scale {
    /// The unit of the registers it is for.
    pub unit: Unit,
    /// The usual power of ten; `None`: not to be told, and then not published.
    pub exponent: Option<i8>,
    /// What makes it another one; the first that holds counts.
    pub unless: &'static [(When, i8)],
}

/// Something in the list itself that tells how it is scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The meter's type begins so.
    TypeStarts(&'static str),
    /// The last three digits of the meter's type, its country, begin so.
    Country(&'static str),
    /// The highest voltage, before scaling, lies between these two.
    VoltageIn(i64, i64),
    /// Voltage times current times power factor is about ten times the power sent, phase by phase: the current, taken
    /// for hundredths, must be thousandths.
    CurrentTooHighForPower,
}

impl When {
    fn holds(self, raw: &Reading) -> bool {
        match self {
            When::TypeStarts(start) => raw.identity.model.as_str().starts_with(start),
            When::Country(start) => {
                let model = raw.identity.model.as_str();
                model.len().checked_sub(3).and_then(|at| model.get(at..)).is_some_and(|tail| tail.starts_with(start))
            }
            When::VoltageIn(low, high) => {
                let highest = phases(raw, 32, 7).into_iter().flatten().max();
                highest.is_some_and(|volts| (low..=high).contains(&volts))
            }
            When::CurrentTooHighForPower => current_is_too_high(raw),
        }
    }
}

impl Scale {
    /// The power of ten for this list.
    pub(crate) fn exponent_in(&self, raw: &Reading) -> Option<i8> {
        let exception = self.unless.iter().find(|(when, _)| when.holds(raw));
        exception.map(|&(_, exponent)| exponent).or(self.exponent)
    }
}

/// Compares in units of 10^-4 W: volts, hundredths of an ampere, hundredths of a power factor. Half way between the two
/// scales on a logarithm is a factor of 3; below 30 W of difference rounding decides nothing.
fn current_is_too_high(raw: &Reading) -> bool {
    let product = |((volts, amperes), factor): ((Option<i64>, Option<i64>), Option<i64>)| {
        volts?.checked_mul(amperes?)?.checked_mul(factor?)
    };
    let factors = phases(raw, 33, 7);
    let currents = phases(raw, 31, 7);
    let computed = phases(raw, 32, 7).into_iter().zip(currents).zip(factors).map(product);
    let Some(computed) = computed.flatten().try_fold(0_i64, i64::checked_add) else { return false };
    let sent = [phases(raw, 21, 7), phases(raw, 22, 7)];
    let sent: i64 = sent.into_iter().flatten().flatten().fold(0, i64::saturating_add);
    computed > sent.saturating_mul(30_000).saturating_add(300_000)
}

/// The numbers, before scaling, of a register of L1 and its twins 20 and 40 above.
fn phases(raw: &Reading, c: u8, d: u8) -> [Option<i64>; 3] {
    [0, 20, 40].map(|offset| raw.unscaled(c + offset, d))
}
