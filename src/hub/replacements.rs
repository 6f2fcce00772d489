//! Meters that take the place of others: one is a new meter, several that come back are meters on one line.

use std::time::Duration;

use super::boot::BootTime;
use crate::reading::Identity;

/// Meters that take turns send their ids at least this often; nobody replaces a meter and puts it back so fast.
const TURNS: Duration = Duration::from_secs(600);

/// How many meters are remembered.
const REMEMBERED: usize = 3;

/// How often another meter answered, and whether some take turns.
#[derive(Debug, Clone, Default)]
pub struct Replacements {
    count: u64,
    /// The meters before the present one, newest first. Of most there is none.
    before: Vec<Identity>,
    /// When one of them came back, newest first.
    returns: [Option<BootTime>; 2],
}

impl Replacements {
    /// Records that another meter answers.
    pub(super) fn record(&mut self, replaced: Identity, by: &Identity, now: BootTime) {
        self.count += 1;
        if self.before.iter().any(|before| !before.is_of_another(by)) {
            self.returns = [Some(now), self.returns[0]];
        }
        self.before.retain(|before| before.is_of_another(&replaced));
        self.before.insert(0, replaced);
        self.before.truncate(REMEMBERED);
    }

    /// How often another meter answered.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether meters take turns: two came back within ten minutes.
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
    fn meters_that_take_turns_are_told_from_one_that_was_replaced() {
        for (ids, pause, after, expected, why) in [
            (&["a", "b", "a", "b"][..], 10, 590, (true, true), "two take turns"),
            (&["a", "b", "a", "b"], 10, 591, (true, false), "one of them is gone"),
            (&["a", "b", "c", "a", "b"], 10, 590, (true, true), "three take turns"),
            (&["a", "b", "c", "d", "a", "b"], 10, 590, (true, true), "four take turns"),
            (&["a", "b", "c", "a"], 10, 0, (false, false), "one cable, tried at each meter and put back"),
            (&["a", "b"], 10, 0, (false, false), "a new meter"),
            (&["a", "b", "a"], 10, 0, (false, false), "a mistake was put right"),
            (&["a", "b", "c", "d", "e"], 10, 0, (false, false), "one cable, tried at each meter"),
            (&["a", "b", "a", "b", "a"], 601, 0, (false, false), "so slow are people"),
        ] {
            assert_eq!(replaced(ids, pause, after), expected, "{why}");
        }
    }
}
