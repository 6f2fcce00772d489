//! What all kinds of links share.

use std::collections::VecDeque;

use super::{Event, Status, Timing};

/// Durations, counters, and events that wait for the caller.
pub struct LinkState {
    pub timing: Timing,
    pub status: Status,
    pub events: VecDeque<Event>,
}

impl LinkState {
    pub fn new(timing: Timing) -> Self {
        Self { timing, status: Status::default(), events: VecDeque::new() }
    }

    /// Queues an event for the caller.
    pub fn put(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Counts received bytes.
    pub fn count(&mut self, count: usize) {
        self.status.bytes += u64::try_from(count).unwrap_or(u64::MAX);
    }
}
