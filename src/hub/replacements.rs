//! Meters that take the place of others: one is a new meter, several to and fro are two meters on one line.

use std::time::Duration;

use super::boot::BootTime;
use crate::reading::Identity;

/// Two meters that take turns send their ids at least this often; nobody replaces a meter and puts it back so fast.
const TURNS: Duration = Duration::from_secs(600);

/// How often another meter answered, and whether two take turns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Replacements {
    count: u64,
    /// The meter before the present one.
    before: Option<Identity>,
    /// When the meter before came back, newest first.
    returns: [Option<BootTime>; 2],
}

impl Replacements {
    /// Records that another meter answers.
    pub(super) fn record(&mut self, replaced: Identity, by: &Identity, now: BootTime) {
        self.count += 1;
        if self.before.is_some_and(|before| !before.is_of_another(by)) {
            self.returns = [Some(now), self.returns[0]];
        }
        self.before = Some(replaced);
    }

    /// How often another meter answered.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether two meters take turns: there were three replacements to and fro within ten minutes.
    pub(super) fn alternate(&self, now: BootTime) -> bool {
        self.returns[1].is_some_and(|earlier| now.since(earlier) <= TURNS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::text::Text;

    fn meter(id: &str) -> Identity {
        Identity { id: Text::of(id.as_bytes()), ..Identity::default() }
    }

    /// Replacements by these meters in turn, so many seconds apart; whether they alternate, and whether still after a
    /// while.
    fn replaced(ids: &[&str], pause: u64, after: u64) -> (bool, bool) {
        let (mut replacements, mut now) = (Replacements::default(), BootTime::ZERO);
        for pair in ids.windows(2) {
            now = now + Duration::from_secs(pause);
            replacements.record(meter(pair[0]), &meter(pair[1]), now);
        }
        assert_eq!(replacements.count(), ids.len() as u64 - 1);
        (replacements.alternate(now), replacements.alternate(now + Duration::from_secs(after)))
    }

    #[test]
    fn two_meters_that_take_turns_are_told_from_one_that_was_replaced() {
        for (ids, pause, after, expected, why) in [
            (&["a", "b", "a", "b"][..], 10, 590, (true, true), "two take turns"),
            (&["a", "b", "a", "b"], 10, 591, (true, false), "one of them is gone"),
            (&["a", "b"], 10, 0, (false, false), "a new meter"),
            (&["a", "b", "a"], 10, 0, (false, false), "a mistake was put right"),
            (&["a", "b", "c", "d", "e"], 10, 0, (false, false), "one cable, tried at each meter"),
            (&["a", "b", "a", "b", "a"], 601, 0, (false, false), "so slow are people"),
        ] {
            assert_eq!(replaced(ids, pause, after), expected, "{why}");
        }
    }
}
