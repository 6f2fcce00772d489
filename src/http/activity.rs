//! What one connection is doing, as its socket, its requests and the accept loop know it together.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::limits::Limits;

/// How long a new connection, or one that has just been written to, is spared.
const YOUTH: Duration = Duration::from_millis(50);

/// What keeps a connection open that could be ended, in the order in which connections are ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Worth {
    /// It has had time and never sent a request.
    Silent,
    /// Its client has not taken an answer for a while.
    Unread,
    /// It is new, or rests between two requests as a scraper does.
    Resting,
    /// Its client takes an answer, but more slowly than it is written.
    Slow,
}

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

    /// A request is complete. What the answer before it occupied is free again. Whether it is pipelined: nothing has come
    /// since that answer, so it was sent before.
    pub(super) fn requested(&self) -> bool {
        let mut state = self.state();
        let pipelined = state.phase != Phase::Head;
        state.slot = None;
        state.served = true;
        state.enter(Phase::Answering { stream: false });
        pipelined
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

    /// The connection is closing: it frees its slot, and may be ended without waiting. What its client has not read
    /// stays unread.
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

    /// The rank among those that could be ended now, the lowest first; `None` while an answer is under way that the
    /// client is taking.
    pub(super) fn rank(&self) -> Option<impl Ord + use<>> {
        let state = self.state();
        let (worth, since) = match (state.blocked, state.waits()) {
            (Some(since), _) if since.elapsed() < YOUTH => (Worth::Slow, since),
            (Some(since), _) => (Worth::Unread, since),
            (None, true) if state.served || state.since.elapsed() < YOUTH => (Worth::Resting, state.since),
            (None, true) => (Worth::Silent, state.since),
            (None, false) => return None,
        };
        Some((worth, since))
    }

    /// Since when the client has not taken an answer that occupies a slot; streams have slots of their own.
    pub(super) fn occupies_unread(&self) -> Option<Instant> {
        let state = self.state();
        let occupies = state.slot.is_some() && state.phase != Phase::Answering { stream: true };
        state.blocked.filter(|_| occupies)
    }

    /// Takes away what the answer occupies.
    pub(super) fn take_slot(&self) -> Option<OwnedSemaphorePermit> {
        self.state().slot.take()
    }

    /// Whether the client has not taken all that was written.
    pub(super) fn is_blocked(&self) -> bool {
        self.state().blocked.is_some()
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
    fn waits(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Head)
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}
