//! What the accept loop, the socket, the timer and the handler know of one connection together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// One connection's state. All of it lives on one thread; the atomics only satisfy hyper's bounds.
#[derive(Debug)]
pub(super) struct Link {
    phase: AtomicU8,
    /// When it began to wait, in microseconds since `epoch`.
    since: AtomicU64,
    epoch: Instant,
    served: AtomicBool,
    body_ignored: AtomicBool,
    answering: Arc<AtomicUsize>,
}

/// No byte of a request has come.
const RESTING: u8 = 0;
/// Part of a request's head has come.
const HEAD: u8 = 1;
/// The answer is being made.
const ANSWERING: u8 = 2;
/// The answer is complete but not all sent.
const SENDING: u8 = 3;

/// A newcomer's time to say something before it counts as silent.
const YOUTH: Duration = Duration::from_millis(50);

impl Link {
    pub(super) fn new(answering: Arc<AtomicUsize>, epoch: Instant) -> Self {
        Self {
            phase: AtomicU8::new(RESTING),
            since: AtomicU64::new(micros(epoch.elapsed())),
            epoch,
            served: AtomicBool::new(false),
            body_ignored: AtomicBool::new(false),
            answering,
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
        self.since.store(micros(self.epoch.elapsed()), Relaxed);
    }

    /// Whether nothing has come since all was answered.
    pub(super) fn resting(&self) -> bool {
        self.phase.load(Relaxed) == RESTING
    }

    /// Whether a request came with a body, which nobody read.
    pub(super) fn body_ignored(&self) -> bool {
        self.body_ignored.load(Relaxed)
    }

    /// How unwelcome it would be to end this connection now; the least goes first, `None` never.
    ///
    /// Whoever has had time and never asked anything goes before a scraper between two scrapes.
    pub(super) fn patience(&self) -> Option<(bool, u64)> {
        let since = self.since.load(Relaxed);
        let young = || micros(self.epoch.elapsed()) < since + micros(YOUTH);
        let waiting = self.phase.load(Relaxed) < ANSWERING;
        waiting.then(|| (self.served.load(Relaxed) || young(), since))
    }
}

fn micros(duration: Duration) -> u64 {
    duration.as_micros() as u64
}

impl Drop for Link {
    fn drop(&mut self) {
        self.rest();
    }
}
