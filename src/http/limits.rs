//! How much and how long the server grants.

use std::time::Duration;

/// What the server grants its clients.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections; one more ends the one that can be spared best.
    pub connections: usize,
    /// Answers under way at a time, streams not counted; 0 for any number (`--web.max-requests`). One more ends the answer
    /// that its client has left unread longest.
    pub requests: usize,
    /// Open streams.
    pub streams: usize,
    /// Time for a request's head from its first byte on; a new connection has as long to send that byte.
    pub head: Duration,
    /// Time a connection may rest between two requests: longer than any scrape interval.
    pub idle: Duration,
    /// Time from the first byte that a client does not take until it has taken all that is written: a client that takes
    /// an answer in drops occupies its slot no longer.
    pub answer: Duration,
    /// Time left to answers under way when the server is told to stop.
    pub grace: Duration,
    /// Time in which the first request of a new connection may still be on its way; a stop waits for it, within the grace.
    pub arrival: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            requests: 40,
            streams: 24,
            head: Duration::from_secs(5),
            idle: Duration::from_secs(120),
            answer: Duration::from_secs(10),
            grace: Duration::from_millis(500),
            arrival: Duration::from_millis(250),
        }
    }
}
