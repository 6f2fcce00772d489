//! The gas meter of the household. Gas heats water and cooks, the same every day.

use super::household::MOUNTED;

/// Litres in each hour of a day of standard time.
#[rustfmt::skip]
const HOURS: [i64; 24] = [
    0, 0, 0, 0, 0, 40, 180, 220, 90, 40, 30, 60,
    80, 40, 30, 40, 90, 160, 120, 60, 80, 110, 40, 0,
];

/// A reading of the gas meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasReading {
    /// Its time in Unix seconds.
    pub at: i64,
    /// Litres since the meter was mounted.
    pub litres: i64,
}

impl GasReading {
    /// The last reading before a moment, of a meter that is read every `every` seconds.
    pub fn before(moment: i64, every: i64) -> Self {
        let at = moment.div_euclid(every) * every;
        let age = (at - MOUNTED / 1000).max(0);
        let (days, second) = (age / 86_400, age % 86_400);
        let (begun, rest) = HOURS.split_at((second / 3600) as usize);
        let of_hour = rest.first().map_or(0, |litres| litres * (second % 3600) / 3600);
        let litres = days * HOURS.iter().sum::<i64>() + begun.iter().sum::<i64>() + of_hour;
        GasReading { at, litres }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_that_of_the_last_full_interval() {
        // 2020-01-02, a quarter past eight in the morning.
        let moment = 1_577_833_200 + 86_400 + 8 * 3600 + 900;
        assert_eq!(GasReading::before(moment, 3600), GasReading { at: moment - 900, litres: 1510 + 440 });
        assert_eq!(GasReading::before(moment, 300), GasReading { at: moment, litres: 1510 + 440 + 22 });
        assert_eq!(GasReading::before(moment + 299, 300), GasReading::before(moment, 300));
        assert_eq!(GasReading::before(0, 300), GasReading { at: 0, litres: 0 });
    }
}
