//! How old something may grow before it is no longer shown.

use std::time::Duration;

use super::boot::BootTime;

/// The age limits of one meter's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For instantaneous values: at least this, and three times their usual interval.
    pub instant: Duration,
    /// For counters and the meter's identity.
    pub register: Duration,
}

/// The defaults of `--max-age` and `--max-age-registers`; a test of the options compares them.
impl Default for Limits {
    fn default() -> Self {
        Limits { instant: Duration::from_secs(30), register: Duration::from_secs(9000) }
    }
}

impl Limits {
    /// The limits for a meter that is polled this often: a value of one poll cycle must outlive a cycle that failed and
    /// one that came late.
    pub(super) fn for_polling(self, interval: Option<Duration>) -> Self {
        let cycles = interval.unwrap_or_default() * 3;
        Limits { instant: self.instant.max(cycles), register: self.register.max(cycles) }
    }
}

/// When something arrived last, and how often it arrives.
#[derive(Debug, Clone, Copy)]
pub struct Arrivals {
    last: Option<BootTime>,
    /// The last intervals in milliseconds, newest first; `ENDLESS` if unknown. Each value of each meter has them.
    gaps: [u32; 4],
}

/// No interval of a meter: seven weeks.
const ENDLESS: u32 = u32::MAX;

impl Default for Arrivals {
    fn default() -> Self {
        Arrivals { last: None, gaps: [ENDLESS; 4] }
    }
}

impl Arrivals {
    /// Records an arrival at `now`.
    pub fn record(&mut self, now: BootTime) {
        if let Some(last) = self.last {
            let [first, second, third, _] = self.gaps;
            let gap = u32::try_from(now.since(last).as_millis()).unwrap_or(ENDLESS);
            self.gaps = [gap, first, second, third];
        }
        self.last = Some(now);
    }

    /// The last arrival; `None` before the first.
    pub fn last(&self) -> Option<BootTime> {
        self.last
    }

    /// The time since the last arrival; `None` before the first.
    pub fn age(&self, now: BootTime) -> Option<Duration> {
        self.last.map(|last| now.since(last))
    }

    /// The usual interval: the shortest of the last four, so that an outage does not pass for the usual silence. Zero
    /// until there are two.
    fn interval(&self) -> Duration {
        match self.gaps {
            [_, ENDLESS, ..] => Duration::ZERO,
            [first, second, third, fourth] => {
                Duration::from_millis(first.min(second).min(third).min(fourth).into())
            }
        }
    }

    /// How much longer it passes for an instantaneous value; `None` if it no longer does.
    pub fn fresh_for(&self, now: BootTime, limits: &Limits) -> Option<Duration> {
        let limit = (self.interval() * 3).clamp(limits.instant, limits.register.max(limits.instant));
        limit.checked_sub(self.age(now)?)
    }

    /// How much longer it is kept as a counter or an identity; `None` if it no longer is.
    pub fn kept_for(&self, now: BootTime, limits: &Limits) -> Option<Duration> {
        limits.register.checked_sub(self.age(now)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_outages_do_not_become_the_usual_interval() {
        let seconds = Duration::from_secs;
        let mut arrivals = Arrivals::default();
        let start = BootTime::default();
        for second in [0, 10, 20, 1220, 2420] {
            arrivals.record(start + seconds(second));
        }
        assert_eq!(arrivals.interval(), seconds(10));
        let fresh = |second| arrivals.fresh_for(start + seconds(second), &Limits::default());
        assert_eq!((fresh(2450), fresh(2451)), (Some(Duration::ZERO), None));
    }
}
