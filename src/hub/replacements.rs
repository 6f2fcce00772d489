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
