//! What the accept loop, the socket, the timer and the handler know of one connection together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// One connection's state. All of it lives on one thread; the atomics only satisfy hyper's bounds.
#[derive(Debug)]
pub(super) struct Link {
    phase: AtomicU8,
    /// When it began to wait, on a clock that counts events.
    since: AtomicU64,
    served: AtomicBool,
    body_ignored: AtomicBool,
    answering: Arc<AtomicUsize>,
    order: Arc<AtomicU64>,
}

/// No octet of a request has come.
const RESTING: u8 = 0;
/// Part of a request's head has come.
const HEAD: u8 = 1;
/// The answer is being made.
const ANSWERING: u8 = 2;
/// The answer is complete but not all sent.
const SENDING: u8 = 3;

impl Link {
    pub(super) fn new(answering: Arc<AtomicUsize>, order: Arc<AtomicU64>) -> Self {
        Self {
            phase: AtomicU8::new(RESTING),
            since: AtomicU64::new(order.fetch_add(1, Relaxed)),
            served: AtomicBool::new(false),
            body_ignored: AtomicBool::new(false),
            answering,
            order,
        }
    }

    pub(super) fn received(&self) {
        if self.phase.load(Relaxed) == RESTING {
            self.phase.store(HEAD, Relaxed);
        }
    }

    /// A request is complete; tells how many answers are now under way on all connections.
    pub(super) fn asked(&self, body: bool) -> usize {
        self.body_ignored.fetch_or(body, Relaxed);
        self.served.store(true, Relaxed);
        let waited = self.phase.swap(ANSWERING, Relaxed) < ANSWERING;
        self.answering.fetch_add(usize::from(waited), Relaxed) + usize::from(waited)
    }

    pub(super) fn answer_complete(&self) {
        if self.phase.load(Relaxed) == ANSWERING {
            self.phase.store(SENDING, Relaxed);
        }
    }

    /// All that was given to the socket has left.
    pub(super) fn flushed(&self) {
        if self.phase.load(Relaxed) == SENDING {
            self.rest();
        }
    }

    /// Waits again, whatever it did before.
    pub(super) fn rest(&self) {
        if self.phase.swap(RESTING, Relaxed) >= ANSWERING {
            self.answering.fetch_sub(1, Relaxed);
        }
        self.since.store(self.order.fetch_add(1, Relaxed), Relaxed);
    }

    pub(super) fn head_begun(&self) -> bool {
        self.phase.load(Relaxed) == HEAD
    }

    /// Whether a request came with a body, which nobody read.
    pub(super) fn body_ignored(&self) -> bool {
        self.body_ignored.load(Relaxed)
    }

    /// How unwelcome it would be to end this connection now; the least goes first, `None` never.
    ///
    /// Whoever never asked anything goes before a scraper between two scrapes.
    pub(super) fn patience(&self) -> Option<(bool, u64)> {
        let waiting = self.phase.load(Relaxed) < ANSWERING;
        waiting.then(|| (self.served.load(Relaxed), self.since.load(Relaxed)))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.rest();
    }
}
