//! The power of ten of values that are sent without one.

use super::family::Quantity;
use super::register::{COUNT, Register};
use crate::wire::decimal::Decimal;

/// How numbers of some quantities are scaled in a list that sends no scalers.
pub struct Scale {
    /// What they measure.
    pub quantities: &'static [Quantity],
    /// The usual power of ten. `None`: it cannot be determined, and the numbers are not published.
    pub exponent: Option<i8>,
    /// Conditions for another power of ten; the first that is met counts.
    pub unless: &'static [(When, i8)],
}

/// Powers of every kind.
pub(super) const POWERS: &[Quantity] =
    &[Quantity::ActivePower, Quantity::ReactivePower, Quantity::ApparentPower];
/// Energies that electricity meters count.
pub(crate) const ENERGIES: &[Quantity] = &[Quantity::ActiveEnergy, Quantity::ReactiveEnergy];

/// A condition on what the list contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The model begins so.
    TypeStarts([u8; 3]),
    /// The last three digits of the model, its country, begin so.
    Country([u8; 2]),
    /// The highest voltage before scaling is in this range, both ends included.
    VoltageIn(i64, i64),
    /// No model is sent, and the sum of voltage times current times power factor over the phases is about ten times the
    /// power sent: the current, taken for hundredths, must be thousandths.
    CurrentTooHighForPower,
    /// A number is a signed one of eight bytes.
    LongSigned,
    /// No voltage is sent, all currents have two bytes, and the power sent is about that of so many hundredths of an
    /// ampere in a mains of 230 V.
    ShortCurrentFitsPower,
}

/// Sizes of a list's numbers, which tell models from one another.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    /// Whether any is a signed one of eight bytes.
    pub has_long_signed: bool,
    /// Whether any current does not have two bytes.
    pub has_wide_current: bool,
}

/// The contents of a list before scaling, as far as the rules need them.
pub(crate) trait Unscaled {
    /// The meter's model; empty if the list does not contain it.
    fn model(&self) -> &[u8];
    /// The whole number sent for a register without a scaler.
    fn number(&self, register: Register) -> Option<i64>;
    /// The sizes of its numbers.
    fn sizes(&self) -> Sizes;
    /// The number sent for a register with a scaler.
    fn scaled(&self, register: Register) -> Option<Decimal>;
}

impl When {
    fn is_met(self, list: &impl Unscaled) -> bool {
        match self {
            When::TypeStarts(start) => list.model().starts_with(&start),
            When::Country(start) => {
                let country = list.model().last_chunk::<3>();
                country.is_some_and(|country| country.starts_with(&start))
            }
            When::VoltageIn(low, high) => {
                let highest = VOLTAGES.iter().filter_map(|&register| list.number(register)).max();
                highest.is_some_and(|volts| (low..=high).contains(&volts))
            }
            When::CurrentTooHighForPower => list.model().is_empty() && current_is_too_high(list),
            When::LongSigned => list.sizes().has_long_signed,
            When::ShortCurrentFitsPower => !list.sizes().has_wide_current && current_fits_power(list),
        }
    }
}

/// The power of ten of each quantity in one list.
#[derive(Default)]
pub(crate) struct Exponents([Option<i8>; Quantity::COUNT]);

impl Exponents {
    /// Each number counts ones.
    pub(crate) const ONES: Self = Exponents([Some(0); Quantity::COUNT]);

    /// Applies a table's rules to the contents of a list.
    pub(crate) fn judge(&mut self, scales: &[Scale], list: &impl Unscaled) {
        for scale in scales {
            let exception = scale.unless.iter().find(|(when, _)| when.is_met(list));
            let exponent = exception.map_or(scale.exponent, |&(_, exponent)| Some(exponent));
            self.set(scale.quantities, exponent);
        }
    }

    /// Drops the scales that nothing in the list bears out: of an unknown manufacturer it is not known whether he sends
    /// watts or kilowatts, amperes or hundredths of them.
    // Cold: inlined, its arithmetic costs every message a larger stack frame.
    #[cold]
    pub(crate) fn drop_unproven(&mut self, list: &impl Unscaled) {
        self.set(MEASURED, None);
        // Only its size shows the scale of a mains voltage.
        if self.exponent(Quantity::Voltage) == Some(0) && !IN_VOLTS.is_met(list) {
            self.set(&[Quantity::Voltage], None);
        }
        if !sends_in_ones(list, POWERS) && !voltage_and_current_confirm_power(list, self) {
            self.set(POWERS, None);
        }
        if !sends_in_ones(list, ENERGIES) {
            self.set(ENERGIES, None);
        }
    }

    pub(crate) fn set(&mut self, quantities: &[Quantity], exponent: Option<i8>) {
        for &quantity in quantities {
            if let Some(slot) = self.0.get_mut(quantity as usize) {
                *slot = exponent;
            }
        }
    }

    pub(crate) fn exponent(&self, quantity: Quantity) -> Option<i8> {
        self.0.get(quantity as usize).copied().flatten()
    }
}

const MEASURED: &[Quantity] = &[Quantity::Current, Quantity::Ratio, Quantity::Angle, Quantity::Frequency];
/// The highest of the mains voltages, unless another power of ten is meant.
pub(super) const IN_VOLTS: When = When::VoltageIn(80, 480);

/// Whether the list contains scalers for others of these quantities, and all of them are 0.
fn sends_in_ones(list: &impl Unscaled, quantities: &[Quantity]) -> bool {
    let registers = (0..COUNT).filter_map(Register::at);
    let alike = registers.filter(|register| quantities.contains(&register.quantity()));
    let mut scalers = alike.filter_map(|register| list.scaled(register)).map(Decimal::exponent).peekable();
    scalers.peek().is_some() && scalers.all(|exponent| exponent == 0)
}

/// Whether the sum of voltage times current over the phases is about the active power in watts. Currents count only with
/// their scalers. Up to half of the power may be reactive or flow the other way; with more, or below 50 W, another power of
/// ten would be as likely.
fn voltage_and_current_confirm_power(list: &impl Unscaled, exponents: &Exponents) -> bool {
    let volts = |register: Register| {
        let unscaled = || Some(Decimal::new(list.number(register)?, exponents.exponent(Quantity::Voltage)?));
        list.scaled(register).or_else(unscaled).map(Decimal::to_f64)
    };
    let amperes = |register: Register| list.scaled(register).map(Decimal::to_f64);
    // Without the current of one phase the sum would be that of another power of ten.
    if CURRENTS.iter().any(|&register| list.number(register).is_some_and(|number| number != 0)) {
        return false;
    }
    let phases = VOLTAGES.into_iter().zip(CURRENTS);
    let product = |(voltage, current)| Some(volts(voltage)? * amperes(current)?.abs());
    let apparent: f64 = phases.filter_map(product).sum();
    let power = TOTALS.iter().filter_map(|&register| list.number(register)).map(i64::unsigned_abs).max();
    power.is_some_and(|watts| watts >= 50 && (apparent * 0.5..=apparent * 1.2).contains(&(watts as f64)))
}

/// Compares in units of 10^-4 W: volts, hundredths of an ampere, hundredths of a power factor. A factor of 3 is half way
/// between the two scales on a logarithm; below 30 W of difference the numbers are too coarse to decide.
fn current_is_too_high(list: &impl Unscaled) -> bool {
    let phases = |registers: [Register; 3]| registers.map(|register| list.number(register)).into_iter();
    let product = |((volts, amperes), factor): ((Option<i64>, Option<i64>), Option<i64>)| {
        volts?.checked_mul(amperes?)?.checked_mul(factor?)
    };
    let computed = phases(VOLTAGES).zip(phases(CURRENTS)).zip(phases(POWER_FACTORS)).map(product);
    let Some(computed) = computed.flatten().try_fold(0_i64, i64::checked_add) else { return false };
    let sent = phases(IMPORTS).chain(phases(EXPORTS)).flatten().fold(0, i64::saturating_add);
    computed > sent.saturating_mul(30_000).saturating_add(300_000)
}

/// Compares in units of 10^-2 W. A factor of 3 is half way between two powers of ten on a logarithm.
fn current_fits_power(list: &impl Unscaled) -> bool {
    let sum = |registers: &[Register]| {
        let numbers = registers.iter().filter_map(|&register| list.number(register));
        numbers.fold(0, |sum: i64, number| sum.saturating_add(number.saturating_abs()))
    };
    let has_voltage = VOLTAGES.iter().any(|&register| list.number(register).is_some());
    let computed = sum(&CURRENTS).saturating_mul(230);
    let sent = sum(&TOTALS).saturating_mul(100);
    let fits = computed <= sent.saturating_mul(3) && sent <= computed.saturating_mul(3);
    !has_voltage && computed > 0 && fits
}

const TOTALS: [Register; 2] = [Register::electricity([1, 7, 0]), Register::electricity([2, 7, 0])];
const VOLTAGES: [Register; 3] = of_phases(32);
const CURRENTS: [Register; 3] = of_phases(31);
const POWER_FACTORS: [Register; 3] = of_phases(33);
const IMPORTS: [Register; 3] = of_phases(21);
const EXPORTS: [Register; 3] = of_phases(22);

/// Instantaneous values of the three phases, from group C of L1: that of L2 is 20 above it, that of L3 40.
const fn of_phases(c: u8) -> [Register; 3] {
    [
        Register::electricity([c, 7, 0]),
        Register::electricity([c + 20, 7, 0]),
        Register::electricity([c + 40, 7, 0]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    struct List(Vec<(Register, i64)>);

    impl Unscaled for List {
        fn model(&self) -> &[u8] {
            &[]
        }

        fn number(&self, register: Register) -> Option<i64> {
            self.0.iter().find(|(known, _)| *known == register).map(|&(_, number)| number)
        }

        fn sizes(&self) -> Sizes {
            Sizes::default()
        }

        fn scaled(&self, _: Register) -> Option<Decimal> {
            None
        }
    }

    #[test]
    fn the_power_bears_out_the_scale_of_the_currents() {
        let [import, export] = TOTALS;
        let list = |power: Register, watts, currents: [i64; 3]| {
            List([(power, watts)].into_iter().chain(CURRENTS.into_iter().zip(currents)).collect())
        };
        let fits = |watts, currents| current_fits_power(&list(import, watts, currents));
        assert!(fits(1205, [312, 64, 189]) && current_fits_power(&list(export, 1205, [312, 64, 189])));
        assert!(fits(2300, [1000, 0, 0]) && fits(800, [1000, 0, 0]) && fits(6800, [1000, 0, 0]));
        assert!(!fits(700, [1000, 0, 0]), "thousandths, or a low power factor");
        assert!(!fits(7000, [1000, 0, 0]), "tenths");
        assert!(!fits(0, [5, 0, 0]) && !fits(5, [0, 0, 0]), "nothing to compare");
        assert!(fits(1200, [312, -64, 189]), "the signs of a current are directions");
        let mut with_voltage = list(import, 1205, [312, 64, 189]);
        with_voltage.0.push((VOLTAGES[1], 23_000));
        assert!(!current_fits_power(&with_voltage), "the voltage decides");
    }

    #[test]
    fn a_current_is_too_high_from_three_times_the_power_and_30_watts_on() {
        let list = |watts: i64, hundredths: i64| {
            List(vec![
                (IMPORTS[0], watts),
                (VOLTAGES[0], 230),
                (CURRENTS[0], hundredths),
                (POWER_FACTORS[0], 100),
            ])
        };
        let is_too_high = |watts, hundredths| current_is_too_high(&list(watts, hundredths));
        assert!(
            !is_too_high(682, 900) && is_too_high(679, 900) && !is_too_high(680, 900),
            "2070 W is the limit"
        );
        assert!(!is_too_high(0, 13) && is_too_high(0, 14), "29.9 W and 32.2 W");
        assert!(!current_is_too_high(&List(vec![(CURRENTS[0], 900)])), "nothing to compare");
    }

    #[test]
    fn a_wide_current_is_not_judged_by_the_power() {
        struct Wide(List);

        impl Unscaled for Wide {
            fn model(&self) -> &[u8] {
                self.0.model()
            }

            fn number(&self, register: Register) -> Option<i64> {
                self.0.number(register)
            }

            fn sizes(&self) -> Sizes {
                Sizes { has_wide_current: true, ..Sizes::default() }
            }

            fn scaled(&self, register: Register) -> Option<Decimal> {
                self.0.scaled(register)
            }
        }

        let list = || List(vec![(TOTALS[0], 1200), (CURRENTS[0], 520)]);
        assert!(
            When::ShortCurrentFitsPower.is_met(&list()) && !When::ShortCurrentFitsPower.is_met(&Wide(list()))
        );
    }
}
