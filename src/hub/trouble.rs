//! What is wrong with a meter, as every outlet says it.

use std::sync::Arc;
use std::time::Duration;

/// What is wrong with a meter. The page, `/-/ready`, systemd's status, `/metrics` and the log say it alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The label of `han_trouble`: one of [`Trouble::REASONS`], of the reasons of undecodable messages
    /// ([`Error::reason`](crate::decoder::Error::reason)), or of the names of a source's problems.
    pub reason: &'static str,
    /// What is wrong and how to fix it, in one plain sentence.
    pub sentence: Arc<str>,
    /// How long it may last before it is worth a line in the log: some troubles are part of every start.
    pub patience: Duration,
}

impl Trouble {
    /// The reasons that only the hub gives.
    pub const REASONS: [&'static str; 6] =
        ["damaged", "frames_stopped", "incomplete", "meters_alternate", "no_frame_yet", "unconfirmed"];

    /// A problem of the source, by its name. Its sentence contains the fix, so that it can be said at once.
    pub fn of_source(reason: &'static str, sentence: &str) -> Self {
        Trouble { reason, sentence: sentence.into(), patience: Duration::ZERO }
    }

    /// Whether whoever has said `before` need not say this: it is the same, although its figures may differ.
    pub fn repeats(&self, before: &Trouble) -> bool {
        self.sentence == before.sentence || self.reason == before.reason && !self.patience.is_zero()
    }
}
