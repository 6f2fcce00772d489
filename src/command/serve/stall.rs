//! Notices that a reader stood still: the process was stopped or frozen, or the computer was suspended. What arrived
//! meanwhile waited in the kernel, and nobody knows how old it is.

use std::time::Duration;

use crate::hub::BootTime;

/// How often the reader's loop turns although nothing happens.
pub const TURN: Duration = Duration::from_secs(1);
/// A loop that did not turn for this long stood still.
const LONG: Duration = Duration::from_secs(5);
/// What waited has arrived after this time.
const SETTLING: Duration = Duration::from_secs(1);

/// When a reader's loop last turned.
#[derive(Debug)]
pub struct Stall {
    turned: BootTime,
    /// The end of the last standstill.
    ended: Option<BootTime>,
}

impl Stall {
    /// A loop that begins now.
    pub fn new(now: BootTime) -> Self {
        Self { turned: now, ended: None }
    }

    /// Records a turn of the loop; returns how long it stood still before, if it did.
    pub fn turn(&mut self, now: BootTime) -> Option<Duration> {
        let passed = now.since(self.turned);
        self.turned = now;
        (passed > LONG).then(|| {
            self.ended = Some(now);
            passed
        })
    }

    /// Whether what arrives now may have waited.
    pub fn is_settling(&self, now: BootTime) -> bool {
        self.ended.is_some_and(|ended| now.since(ended) < SETTLING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_in_the_second_after_a_standstill_may_be_old() {
        let at = |milliseconds| BootTime::ZERO + Duration::from_millis(milliseconds);
        let mut stall = Stall::new(at(0));
        assert_eq!(stall.turn(at(5000)), None);
        assert!(!stall.is_settling(at(5000)));
        assert_eq!(stall.turn(at(65_000)), Some(Duration::from_secs(60)));
        assert_eq!(stall.turn(at(65_000)), None);
        assert!(stall.is_settling(at(65_000)) && stall.is_settling(at(65_990)));
        assert!(!stall.is_settling(at(66_000)));
    }
}
