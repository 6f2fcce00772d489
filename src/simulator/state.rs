//! The state of a simulated meter at a moment, by OBIS code.

use super::demand::Demand;
use super::household::{MOUNTED, Registers, Sample};

/// Everything a message may contain.
#[derive(Clone, Copy)]
pub struct MeterState<'a> {
    /// 1 or 3.
    pub phases: usize,
    /// The meter's own number.
    pub id: &'a str,
    /// The type of the meter.
    pub type_name: &'static str,
    /// When the message is sent, in Unix seconds.
    pub sent: i64,
    /// When the counters were read, in Unix seconds.
    pub counted: i64,
    /// The last measurements.
    pub sample: Sample,
    /// The counters.
    pub registers: Registers,
    /// The mean power over a quarter of an hour.
    pub demand: Demand,
}

/// A number as the household counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// W, var, V, A, or a bare number, in thousandths.
    Thousandths(i64),
    /// W ms or var ms.
    Energy(i64),
}

impl Amount {
    /// The amount in units of a power of ten. Energy is rounded down, as a counter shows it; anything else to the nearest.
    pub fn over(self, exponent: i8) -> i64 {
        const WATT_HOUR: i64 = 3_600_000;
        match self {
            Amount::Thousandths(number) => {
                let divisor = 10_i64.pow(u32::from((exponent + 3).unsigned_abs()));
                (number + divisor / 2).div_euclid(divisor)
            }
            Amount::Energy(energy) if exponent < 0 => {
                energy / (WATT_HOUR / 10_i64.pow(u32::from(exponent.unsigned_abs())))
            }
            Amount::Energy(energy) => energy / WATT_HOUR / 10_i64.pow(u32::from(exponent.unsigned_abs())),
        }
    }
}

impl MeterState<'_> {
    /// The amount of groups C, D and E; `None` for a missing phase, and for what no household has.
    pub fn amount(&self, [c, d, e]: [u8; 3]) -> Option<Amount> {
        match (c, d, e) {
            (21.., 7, 0) if c < 80 => self.of_phase(usize::from((c - 21) / 20), c - (c - 21) / 20 * 20),
            (13, 7, 0) => {
                let [active, reactive] = self.sample.totals();
                Some(Amount::Thousandths(power_factor(active, reactive)))
            }
            (1, 4, 0) => Some(Amount::Thousandths(self.demand.running * 1000)),
            (1, 6, 0) => Some(Amount::Thousandths(self.demand.highest * 1000)),
            (14, 7, 0) => Some(Amount::Thousandths(50_000)),
            (_, 7, 0) => self.of_all(c).map(|number| Amount::Thousandths(number * 1000)),
            (_, 8, _) if c < 80 => self.energy(c, e).map(Amount::Energy),
            (96, 8, 0) => Some(Amount::Thousandths(self.hours() * 1000)),
            (1 | 2 | 8, 0, 0) => Some(self.heat(c)),
            _ => None,
        }
    }

    /// The meter's own number.
    pub fn number(&self) -> u32 {
        self.id.parse().unwrap_or_default()
    }

    /// Whether the meter has the phase of group C; true if C belongs to none.
    pub const fn has_phase(&self, c: u8) -> bool {
        self.phases == 3 || !matches!(c, 41..80)
    }

    /// The amount of a phase; `c`: group C of L1.
    fn of_phase(&self, phase: usize, c: u8) -> Option<Amount> {
        let Sample { active, reactive, voltage, current } = self.sample;
        let at = |values: [i64; 3]| values.get(phase).copied().filter(|_| phase < self.phases);
        let number = match c {
            21 => at(active)?.max(0) * 1000,
            22 => (-at(active)?).max(0) * 1000,
            23 => at(reactive)?.max(0) * 1000,
            24 => (-at(reactive)?).max(0) * 1000,
            31 => at(current)?,
            32 => at(voltage)? * 100,
            33 => power_factor(at(active)?, at(reactive)?),
            36 => at(active)? * 1000,
            _ => return None,
        };
        Some(Amount::Thousandths(number))
    }

    fn of_all(&self, c: u8) -> Option<i64> {
        let [active, reactive] = self.sample.totals();
        match c {
            1..=4 => self.sample.directions().get(usize::from(c) - 1).copied(),
            // Quadrants: imported inductive, exported inductive, exported capacitive, imported capacitive.
            5..=8 => {
                let quadrant =
                    [(true, true), (false, true), (false, false), (true, false)][usize::from(c) - 5];
                Some(if quadrant == (active >= 0, reactive >= 0) { reactive.abs() } else { 0 })
            }
            9 | 10 => {
                Some(if (c == 9) == (active >= 0) { apparent(active, reactive).round() as i64 } else { 0 })
            }
            16 => Some(active),
            _ => None,
        }
    }

    /// Hours since the meter was mounted.
    fn hours(&self) -> i64 {
        (self.sent - MOUNTED / 1000).max(0) / 3600
    }

    /// The house uses twice as much heat as electricity. Group C is that of medium 6: energy, volume, power.
    fn heat(&self, c: u8) -> Amount {
        /// Energy of a litre of water in W ms: it returns 34 degrees colder.
        const LITRE: i64 = 40 * 3_600_000;
        let energy = self.registers.0[0] * 2;
        match c {
            1 => Amount::Energy(energy),
            2 => Amount::Thousandths(energy / LITRE),
            _ => Amount::Thousandths(self.sample.directions()[0] * 2000),
        }
    }

    /// Two tariffs divide a counter. The quadrants are as if all reactive power came with imported active power.
    fn energy(&self, c: u8, e: u8) -> Option<i64> {
        let Registers([import, export, inductive, capacitive]) = self.registers;
        let register = match c {
            1 => import,
            2 => export,
            3 | 5 => inductive,
            4 | 8 => capacitive,
            6 | 7 => 0,
            21 | 41 | 61 => import / self.phases as i64,
            22 | 42 | 62 => export / self.phases as i64,
            _ => return None,
        };
        match e {
            0 => Some(register),
            1 => Some(register * 3 / 5),
            2 => Some(register - register * 3 / 5),
            _ => None,
        }
    }
}

/// In thousandths; 1 without any power.
fn power_factor(active: i64, reactive: i64) -> i64 {
    let apparent = apparent(active, reactive);
    if apparent == 0.0 { 1000 } else { (active.abs() as f64 / apparent * 1000.0).round() as i64 }
}

/// In VA.
fn apparent(active: i64, reactive: i64) -> f64 {
    let [watts, vars] = [active as f64, reactive as f64];
    (watts * watts + vars * vars).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: MeterState<'_> = MeterState {
        phases: 3,
        id: "1",
        type_name: "",
        sent: 0,
        counted: 0,
        sample: Sample {
            active: [300, -800, 100],
            reactive: [400, 0, 0],
            voltage: [2300, 2310, 2320],
            current: [2174, 3463, 431],
        },
        registers: Registers([36_000_000, 7_200_001, 3_600_000, 0]),
        demand: Demand { running: 700, highest: 4000, at: 0, before: 0 },
    };

    fn thousandths(code: [u8; 3]) -> Option<i64> {
        FACTS.amount(code).map(|amount| match amount {
            Amount::Thousandths(number) => number,
            Amount::Energy(_) => panic!("{code:?} is energy"),
        })
    }

    #[test]
    fn finds_amounts_by_code() {
        for (code, number) in [
            ([1, 7, 0], Some(0)),
            ([2, 7, 0], Some(400_000)),
            ([3, 7, 0], Some(400_000)),
            ([16, 7, 0], Some(-400_000)),
            ([6, 7, 0], Some(400_000)),
            ([5, 7, 0], Some(0)),
            ([21, 7, 0], Some(300_000)),
            ([42, 7, 0], Some(800_000)),
            ([56, 7, 0], Some(-800_000)),
            ([71, 7, 0], Some(431)),
            ([52, 7, 0], Some(231_000)),
            ([33, 7, 0], Some(600)),
            ([13, 7, 0], Some(707)),
            ([1, 4, 0], Some(700_000)),
            ([1, 6, 0], Some(4_000_000)),
            ([9, 7, 0], Some(0)),
            ([10, 7, 0], Some(566_000)),
            ([14, 7, 0], Some(50_000)),
            ([81, 7, 0], None),
            ([12, 7, 0], None),
        ] {
            assert_eq!(thousandths(code), number, "{code:?}");
        }
        let single = MeterState { phases: 1, ..FACTS };
        assert_eq!(single.amount([52, 7, 0]), None);
        assert_eq!([32, 41, 72, 81].map(|c| single.has_phase(c)), [true, false, false, true]);
        assert!(FACTS.has_phase(72));
    }

    #[test]
    fn tariffs_add_up_to_their_counter() {
        let energy = |e| FACTS.amount([2, 8, e]);
        let [all, one, two] = [0, 1, 2].map(energy);
        assert_eq!(all, Some(Amount::Energy(7_200_001)));
        let sum = [one, two].map(|amount| match amount {
            Some(Amount::Energy(energy)) => energy,
            other => panic!("{other:?}"),
        });
        assert_eq!(sum.iter().sum::<i64>(), 7_200_001);
    }

    #[test]
    fn rounds_amounts_and_cuts_counters() {
        assert_eq!(Amount::Thousandths(230_150).over(0), 230);
        assert_eq!(Amount::Thousandths(230_150).over(-1), 2302);
        assert_eq!(Amount::Thousandths(-1500).over(0), -1);
        assert_eq!(Amount::Energy(7_199_999).over(0), 1);
        assert_eq!(Amount::Energy(71_999_999).over(1), 1);
        assert_eq!(Amount::Energy(7_199_999).over(-1), 19);
    }
}
