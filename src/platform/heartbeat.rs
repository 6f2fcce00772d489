//! Heartbeats of tasks, by which a watchdog tells a task that hangs from one that has nothing to do.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// A task's own end: the task beats once in every turn of its loop.
#[derive(Debug, Default)]
pub struct Heartbeat {
    beats: Arc<AtomicU64>,
    /// `None` if nobody watches.
    interval: Option<Interval>,
}

impl Heartbeat {
    /// A heartbeat that wakes its task at least once in each `period`, and the end that observes it.
    pub fn every(period: Duration) -> (Self, Pulse) {
        let mut interval = interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let beats = Arc::new(AtomicU64::new(0));
        (Self { beats: Arc::clone(&beats), interval: Some(interval) }, Pulse { beats, seen: 0 })
    }

    /// Waits until the task should turn although nothing has happened; indefinitely if nobody watches.
    pub async fn due(&mut self) {
        match &mut self.interval {
            Some(interval) => drop(interval.tick().await),
            None => pending().await,
        }
    }

    /// Counts one turn.
    pub fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }
}

/// The observer's end of a [`Heartbeat`].
#[derive(Debug)]
pub struct Pulse {
    beats: Arc<AtomicU64>,
    seen: u64,
}

impl Pulse {
    /// How often the task has turned.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }

    /// Whether the task has turned since the last call.
    pub fn has_moved(&mut self) -> bool {
        let beats = self.beats();
        std::mem::replace(&mut self.seen, beats) != beats
    }

    /// Whether the task has ended.
    pub fn has_ended(&self) -> bool {
        Arc::strong_count(&self.beats) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pulse_reports_only_new_turns_and_the_end() {
        let (heartbeat, mut pulse) = Heartbeat::every(Duration::from_secs(3600));
        assert!(!pulse.has_moved());
        heartbeat.beat();
        assert!(pulse.has_moved() && !pulse.has_moved());
        assert!(!pulse.has_ended());
        drop(heartbeat);
        assert!(pulse.has_ended());
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_observer_a_heartbeat_never_wakes_its_task() {
        let wait = |mut heartbeat: Heartbeat| async move {
            tokio::time::timeout(Duration::from_secs(3600), heartbeat.due()).await
        };
        assert!(wait(Heartbeat::default()).await.is_err());
        assert!(wait(Heartbeat::every(Duration::from_secs(60)).0).await.is_ok());
    }
}
