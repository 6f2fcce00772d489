//! Average power imported in a quarter of an hour. In Belgium the highest of a month determines the grid fee.

use super::clock::Clock;
use crate::wire::clock::DateTime;

const QUARTER: i64 = 900_000;

/// The demand of the present quarter, and the highest of the month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Demand of the present quarter in W, as if nothing more were imported in it.
    pub running: i64,
    /// Highest demand of the month in W.
    pub highest: i64,
    /// End of the quarter of the highest demand, in Unix seconds.
    pub at: i64,
    /// Imported energy at the beginning of the quarter, in W ms.
    pub before: i64,
}

impl Demand {
    /// The demand of a meter just started. The highest so far is that of the day before, or of the first quarter of the
    /// month.
    pub fn new(moment: i64, import: i64) -> Self {
        const DAY: i64 = 86_400;
        const USUAL: i64 = 4120;
        let quarter = moment.div_euclid(QUARTER) * QUARTER / 1000;
        let evening = (quarter.div_euclid(DAY) - 1) * DAY + 17 * 3600;
        let at = if month(evening) == month(quarter) { evening } else { quarter };
        Demand { running: 0, highest: USUAL, at, before: import }
    }

    /// Takes note of the imported energy at a moment.
    pub fn count(&mut self, moment: i64, import: i64) {
        self.running = (import - self.before) / QUARTER;
        if moment % QUARTER != 0 {
            return;
        }
        let at = moment / 1000;
        if self.running > self.highest || month(at - 1) != month(self.at - 1) {
            (self.highest, self.at) = (self.running, at);
        }
        self.before = import;
    }
}

/// The month of a moment.
fn month(unix: i64) -> u8 {
    let DateTime([_, _, month, ..]) = Clock::CENTRAL.show(unix);
    month
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-06-30 21:30:00 UTC, half an hour before July in Belgium.
    const START: i64 = 1_719_783_000_000;
    const WATT_MS: i64 = QUARTER;

    #[test]
    fn the_highest_quarter_of_a_month_stays_until_the_next_month() {
        let mut demand = Demand::new(START, 0);
        let at = demand.at;
        assert_eq!((demand.highest, month(at)), (4120, 6));
        demand.count(START + QUARTER / 2, 5000 * WATT_MS);
        assert_eq!((demand.running, demand.highest), (5000, 4120), "the quarter is not over");
        demand.count(START + QUARTER, 6000 * WATT_MS);
        assert_eq!((demand.highest, demand.at), (6000, (START + QUARTER) / 1000));
        demand.count(START + 2 * QUARTER, 6100 * WATT_MS);
        assert_eq!((demand.running, demand.highest), (100, 6000), "the last quarter of June");
        demand.count(START + 3 * QUARTER, 6300 * WATT_MS);
        assert_eq!((demand.highest, demand.at), (200, (START + 3 * QUARTER) / 1000), "the first of July");
    }
}
