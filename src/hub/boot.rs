//! The clock that ages are judged by: it never jumps, and it keeps running while the computer is suspended.

use std::ops::Add;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::platform::uptime::Uptime;

/// Time since the computer was started, suspension included, to a hundredth of a second.
///
/// Linux calls this clock `CLOCK_BOOTTIME`. The standard library reads only `CLOCK_MONOTONIC`, which stands still while
/// the computer is suspended: values from before would pass for new ones after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct BootTime(Duration);

impl BootTime {
    /// The start of the computer.
    pub const ZERO: Self = BootTime(Duration::ZERO);

    /// Reads the clock: the kernel's uptime, or where the first call cannot read that, the time since that call, without
    /// suspension. It is one clock for good, because the two show different times: where the uptime cannot be read
    /// later, time stands still.
    pub fn now() -> Self {
        static CLOCK: LazyLock<Clock> = LazyLock::new(Clock::choose);
        BootTime(CLOCK.read())
    }

    /// The time from `earlier` to this; zero if `earlier` is later.
    pub fn since(self, earlier: BootTime) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for BootTime {
    type Output = BootTime;

    fn add(self, time: Duration) -> BootTime {
        BootTime(self.0 + time)
    }
}

enum Clock {
    /// With what was last read.
    Uptime(Uptime, Mutex<Duration>),
    Monotonic(Instant),
}

impl Clock {
    fn choose() -> Self {
        match Uptime::open().and_then(|uptime| Ok((uptime.read()?, uptime))) {
            Ok((time, uptime)) => Clock::Uptime(uptime, Mutex::new(time)),
            Err(_) => Clock::Monotonic(Instant::now()),
        }
    }

    fn read(&self) -> Duration {
        match self {
            Clock::Uptime(uptime, last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                *last = uptime.read().unwrap_or(*last);
                *last
            }
            Clock::Monotonic(start) => start.elapsed(),
        }
    }
}

/// One moment on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The host's calendar time, which may jump; for people to read.
    pub wall: SystemTime,
    /// The clock that ages are judged by.
    pub boot: BootTime,
}

impl Moment {
    /// The present.
    pub fn now() -> Self {
        Moment { wall: SystemTime::now(), boot: BootTime::now() }
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, time: Duration) -> Moment {
        Moment { wall: self.wall + time, boot: self.boot + time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_as_fast_as_the_monotonic_clock() {
        let (boot, start) = (BootTime::now(), Instant::now());
        std::thread::sleep(Duration::from_millis(50));
        let (passed, real) = (BootTime::now().since(boot), start.elapsed());
        assert!(passed.abs_diff(real) <= Duration::from_millis(30), "{passed:?} instead of {real:?}");
        assert_eq!(boot.since(boot + Duration::from_secs(1)), Duration::ZERO);
    }
}
