//! The clock that ages are judged by: it never jumps, and it keeps running while the computer is suspended.

use std::fs::File;
use std::ops::Add;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

/// Time since the computer was started, suspension included, to a hundredth of a second.
///
/// Linux calls this clock `CLOCK_BOOTTIME`. The standard library reads only `CLOCK_MONOTONIC`, which stands still while
/// the computer is suspended: values from before would pass for new ones after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct BootTime(Duration);

impl BootTime {
    /// The start of the computer.
    pub const ZERO: Self = BootTime(Duration::ZERO);

    /// Reads the clock from `/proc/uptime`. Where that is missing, counts from the first call, without suspension.
    pub fn now() -> Self {
        static UPTIME: LazyLock<Option<File>> = LazyLock::new(|| File::open("/proc/uptime").ok());
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        let mut text = [0; 64];
        let length = UPTIME.as_ref().and_then(|file| file.read_at(&mut text, 0).ok()).unwrap_or(0);
        BootTime(uptime(&text[..length]).unwrap_or_else(|| START.elapsed()))
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

/// The first number of `/proc/uptime` (proc_uptime(5)).
fn uptime(text: &[u8]) -> Option<Duration> {
    let seconds: f64 = str::from_utf8(text).ok()?.split_ascii_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
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
    fn reads_the_kernels_uptime() {
        assert_eq!(uptime(b"350735.47 234388.90\n"), Some(Duration::from_millis(350_735_470)));
        for text in ["", "\n", "x 1", "-1 2", "NaN 1"] {
            assert_eq!(uptime(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn runs_as_fast_as_the_monotonic_clock() {
        let (boot, start) = (BootTime::now(), Instant::now());
        std::thread::sleep(Duration::from_millis(50));
        let (passed, real) = (BootTime::now().since(boot), start.elapsed());
        assert!(passed.abs_diff(real) <= Duration::from_millis(30), "{passed:?} instead of {real:?}");
        assert_eq!(boot.since(boot + Duration::from_secs(1)), Duration::ZERO);
    }
}
