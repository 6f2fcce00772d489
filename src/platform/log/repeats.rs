//! Keeps a message that repeats from filling the log.

use std::time::{Duration, Instant};

/// Maximum number of kinds remembered; for one more, the one not admitted for longest is forgotten.
const KINDS: usize = 64;

/// Admits one message of each kind per interval and counts the others.
#[derive(Debug)]
pub struct Repeats<K> {
    interval: Duration,
    kinds: Vec<Kind<K>>,
}

#[derive(Debug)]
struct Kind<K> {
    name: K,
    admitted: Instant,
    suppressed: u64,
}

impl<K: Copy + PartialEq> Repeats<K> {
    /// One message of each kind per minute.
    pub fn per_minute() -> Self {
        Self { interval: Duration::from_secs(60), kinds: Vec::new() }
    }

    /// One message of each kind per hour.
    pub fn per_hour() -> Self {
        Self { interval: Duration::from_secs(3600), kinds: Vec::new() }
    }

    /// How many messages of this kind were suppressed since the last one; `None` if this one is to be suppressed too.
    pub fn admit(&mut self, name: K, now: Instant) -> Option<u64> {
        let interval = self.interval;
        let Some(kind) = self.kinds.iter_mut().find(|kind| kind.name == name) else {
            self.remember(Kind { name, admitted: now, suppressed: 0 });
            return Some(0);
        };
        if now.saturating_duration_since(kind.admitted) < interval {
            kind.suppressed += 1;
            return None;
        }
        kind.admitted = now;
        Some(std::mem::take(&mut kind.suppressed))
    }

    fn remember(&mut self, kind: Kind<K>) {
        if self.kinds.len() >= KINDS
            && let Some(oldest) =
                (0..self.kinds.len()).min_by_key(|index| self.kinds.get(*index).map(|kind| kind.admitted))
        {
            self.kinds.swap_remove(oldest);
        }
        self.kinds.push(kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn admits_one_a_minute_and_counts_the_rest() {
        let start = Instant::now();
        let mut repeats = Repeats::per_minute();
        assert_eq!(repeats.admit("parity", start), Some(0));
        let more = (1..60).filter_map(|second| repeats.admit("parity", start + seconds(second))).count();
        assert_eq!(more, 0);
        assert_eq!(repeats.admit("length", start + seconds(59)), Some(0));
        assert_eq!(repeats.admit("parity", start + seconds(60)), Some(59));
        assert_eq!(repeats.admit("parity", start + seconds(119)), None);
        assert_eq!(repeats.admit("parity", start + seconds(500)), Some(1));
    }

    #[test]
    fn remembers_a_bounded_number_of_kinds() {
        let start = Instant::now();
        let mut repeats = Repeats::per_minute();
        for kind in 0..1000 {
            assert_eq!(repeats.admit(kind, start + Duration::from_millis(kind)), Some(0));
        }
        assert_eq!(repeats.kinds.len(), KINDS);
        assert_eq!(repeats.admit(999, start + seconds(2)), None);
        assert_eq!(repeats.admit(0, start + seconds(2)), Some(0));
    }
}
