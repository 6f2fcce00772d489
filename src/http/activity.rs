//! What one connection is doing, as its socket, its requests and the accept loop know it together.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::limits::Limits;

/// How long a new connection is spared before it counts as silent.
const YOUTH: Duration = Duration::from_millis(50);

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    phase: Phase,
    /// When the phase began.
    since: Instant,
    /// Since when the client has not taken what was written.
    blocked: Option<Instant>,
    /// Whether the client has had an answer on this connection.
    served: bool,
    /// What the answer occupies of its limit.
    slot: Option<OwnedSemaphorePermit>,
    /// The last two bytes received other than CR: two line feeds end a head.
    last: [u8; 2],
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Nothing of the next request has come.
    Waiting,
    /// Part of a request's head has come.
    Head,
    /// The answer is being made, or is a stream that stays open.
    Answering { stream: bool },
    /// The answer has been made but not all of it has been taken.
    Sending,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            phase: Phase::Waiting,
            since: Instant::now(),
            blocked: None,
            served: false,
            slot: None,
            last: *b"\n\n",
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client has sent these bytes.
    pub(super) fn received(&self, bytes: &[u8]) {
        let mut state = self.state();
        if state.phase == Phase::Waiting {
            state.enter(Phase::Head);
        }
        for &byte in bytes.iter().filter(|&&byte| byte != b'\r') {
            state.last = [state.last[1], byte];
        }
    }

    /// A request is complete. What the answer before it occupied is free again.
    pub(super) fn requested(&self) {
        let mut state = self.state();
        state.slot = None;
        state.served = true;
        state.enter(Phase::Answering { stream: false });
    }

    /// The answer occupies a slot until the client has taken it.
    pub(super) fn occupy(&self, slot: OwnedSemaphorePermit, stream: bool) {
        let mut state = self.state();
        state.slot = Some(slot);
        state.enter(Phase::Answering { stream });
    }

    /// Nothing of the answer is left to be made.
    pub(super) fn answer_handed_over(&self) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Answering { .. }) {
            state.enter(Phase::Sending);
        }
    }

    /// The client does not take what is written.
    pub(super) fn blocked(&self) {
        self.state().blocked.get_or_insert_with(Instant::now);
    }

    /// The client has taken all that was written.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        state.blocked = None;
        if state.phase == Phase::Sending {
            // Part of the next request may have come together with the last one.
            let next = if state.last == *b"\n\n" { Phase::Waiting } else { Phase::Head };
            state.slot = None;
            state.enter(next);
        }
    }

    /// The connection is closing: it frees its slot, and may be ended without waiting.
    pub(super) fn over(&self) {
        let mut state = self.state();
        state.slot = None;
        state.enter(Phase::Waiting);
    }

    /// When waiting for the client ends; `None` while the server is not waiting for it.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let state = self.state();
        match (state.blocked, state.phase) {
            (Some(since), _) => Some(since + limits.answer),
            (None, Phase::Waiting) if state.served => Some(state.since + limits.idle),
            (None, Phase::Waiting | Phase::Head) => Some(state.since + limits.head),
            (None, Phase::Answering { .. } | Phase::Sending) => None,
        }
    }

    /// The rank among those that could be ended now, the lowest first; `None` while an answer is under way.
    ///
    /// A connection that has had time and never sent a request comes before a scraper between two scrapes.
    pub(super) fn rank(&self) -> Option<(bool, Instant)> {
        let state = self.state();
        let waits = matches!(state.phase, Phase::Waiting | Phase::Head);
        waits.then(|| (state.served || state.since.elapsed() < YOUTH, state.since))
    }

    /// Whether the client is about to get an answer that ends by itself, or to ask for its first one.
    pub(super) fn is_under_way(&self, arrival: Duration) -> bool {
        let state = self.state();
        match state.phase {
            Phase::Waiting | Phase::Head => !state.served && state.since.elapsed() < arrival,
            Phase::Answering { stream } => !stream,
            Phase::Sending => true,
        }
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}
