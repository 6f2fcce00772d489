//! Keeps a message that repeats from filling the log.

use std::time::{Duration, Instant};

/// Kinds remembered at once; beyond it the one quiet for longest is forgotten.
const KINDS: usize = 64;

/// Admits one message of each kind per interval and counts the rest.
#[derive(Debug)]
pub struct Repeats<K> {
    interval: Duration,
    kinds: Vec<Kind<K>>,
}

#[derive(Debug)]
struct Kind<K> {
    name: K,
    admitted: Instant,
    left_out: u64,
}

impl<K: Copy + PartialEq> Repeats<K> {
    /// One message of each kind per minute.
    pub fn per_minute() -> Self {
        Self::per(Duration::from_secs(60))
    }

    /// One message of each kind per interval.
    pub fn per(interval: Duration) -> Self {
        Self { interval, kinds: Vec::new() }
    }

    /// Whether to log a message now: then how many of its kind were left out since the last, else none.
    pub fn admit(&mut self, name: K, now: Instant) -> Option<u64> {
        let interval = self.interval;
        let Some(kind) = self.kinds.iter_mut().find(|kind| kind.name == name) else {
            self.remember(Kind { name, admitted: now, left_out: 0 });
            return Some(0);
        };
        if now.saturating_duration_since(kind.admitted) < interval {
            kind.left_out += 1;
            return None;
        }
        kind.admitted = now;
        Some(std::mem::take(&mut kind.left_out))
    }

    /// Kinds that fell quiet with messages left out, to be told of once; called now and then.
    pub fn settle(&mut self, now: Instant) -> Vec<(K, u64)> {
        let interval = self.interval;
        let (over, still) = std::mem::take(&mut self.kinds)
            .into_iter()
            .partition(|kind: &Kind<K>| now.saturating_duration_since(kind.admitted) >= interval);
        self.kinds = still;
        over.into_iter().filter(|kind| kind.left_out > 0).map(|kind| (kind.name, kind.left_out)).collect()
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
    fn tells_once_of_what_fell_quiet() {
        let start = Instant::now();
        let mut repeats = Repeats::per(seconds(10));
        for (kind, second) in [('a', 0), ('b', 0), ('a', 0), ('a', 1), ('a', 2), ('c', 5), ('c', 6)] {
            repeats.admit(kind, start + seconds(second));
        }
        assert_eq!(repeats.settle(start + seconds(9)), []);
        assert_eq!(repeats.settle(start + seconds(10)), [('a', 3)]);
        assert_eq!(repeats.settle(start + seconds(11)), []);
        assert_eq!(repeats.admit('a', start + seconds(11)), Some(0));
        assert_eq!(repeats.admit('c', start + seconds(15)), Some(1));
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
