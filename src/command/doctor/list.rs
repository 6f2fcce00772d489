//! A list and how often it comes.

use std::time::Duration;

use crate::reading::Content;

/// A list that gave readings.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Which one.
    pub name: &'static str,
    /// How much it says.
    pub content: Content,
    /// Bytes of its frame.
    pub length: usize,
    /// How often it came.
    pub count: u64,
    last: Duration,
    gaps: Vec<Duration>,
}

/// So many gaps between two lists say how often it comes.
const GAPS: usize = 64;

impl List {
    /// A list that came for the first time.
    pub fn new(name: &'static str, content: Content, length: usize, at: Duration) -> Self {
        Self { name, content, length, count: 1, last: at, gaps: Vec::new() }
    }

    /// How often it comes: the usual gap, once there is one that can be told from none.
    pub fn interval(&self) -> Option<Duration> {
        let mut gaps = self.gaps.clone();
        gaps.sort();
        gaps.get(gaps.len() / 2).copied().filter(|gap| *gap >= Duration::from_millis(100))
    }

    /// It came again.
    pub fn again(&mut self, at: Duration) {
        self.count += 1;
        if self.gaps.len() < GAPS {
            self.gaps.push(at.saturating_sub(self.last));
        }
        self.last = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_gap_is_the_rhythm_of_a_list() {
        let rhythm = |seconds: &[u64]| {
            let mut times = seconds.iter().map(|second| Duration::from_secs(*second));
            let mut list = List::new("list", Content::Power, 41, times.next().unwrap());
            times.for_each(|time| list.again(time));
            list.interval()
        };
        assert_eq!(rhythm(&[0, 2, 4, 8, 10]), Some(Duration::from_secs(2)));
        assert_eq!(rhythm(&[3]), None);
        assert_eq!(rhythm(&[3, 3, 3]), None, "a file at once has no rhythm");
    }
}
