//! Which lists a meter sends, and how often.

use std::time::Duration;

use crate::reading::Content;

/// A list that yielded readings.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenList {
    pub name: &'static str,
    pub content: Content,
    /// Bytes of its first frame.
    pub length: usize,
    /// How many times it was received.
    pub count: u64,
    last: Duration,
    intervals: Vec<Duration>,
}

/// How many intervals are kept.
const MAX_INTERVALS: usize = 64;

impl SeenList {
    /// A list that is received for the first time.
    pub fn new(name: &'static str, content: Content, length: usize, at: Duration) -> Self {
        Self { name, content, length, count: 1, last: at, intervals: Vec::new() }
    }

    /// The median of the intervals; `None` while there is none, and for a file that is read at once.
    pub fn interval(&self) -> Option<Duration> {
        let mut intervals = self.intervals.clone();
        intervals.sort_unstable();
        intervals.get(intervals.len() / 2).copied().filter(|interval| *interval >= Duration::from_millis(100))
    }

    pub fn receive_again(&mut self, at: Duration) {
        self.count += 1;
        if self.intervals.len() < MAX_INTERVALS {
            self.intervals.push(at.saturating_sub(self.last));
        }
        self.last = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_list_is_the_median() {
        let interval = |seconds: &[u64]| {
            let mut times = seconds.iter().map(|second| Duration::from_secs(*second));
            let mut list = SeenList::new("list", Content::Power, 41, times.next().unwrap());
            times.for_each(|time| list.receive_again(time));
            list.interval()
        };
        assert_eq!(interval(&[0, 2, 4, 8, 10]), Some(Duration::from_secs(2)));
        assert_eq!(interval(&[3]), None);
        assert_eq!(interval(&[3, 3, 3]), None, "a file that is read at once");
    }
}
