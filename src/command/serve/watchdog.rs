//! systemd's watchdog, notified only while the server and the reader of each meter make progress: a dead reader must not
//! hide behind a live server.

use std::time::Duration;

use tokio::time::{Interval, interval};

use crate::platform::heartbeat::{Heartbeat, Pulse};
use crate::platform::systemd;

/// Watches the tasks, if systemd watches this process.
pub struct Watchdog {
    /// When to notify systemd; `None` if it does not watch.
    interval: Option<Interval>,
    /// How often each task must turn: twice between two notifications.
    period: Duration,
    pulses: Vec<Pulse>,
}

impl Watchdog {
    /// Reads from the environment whether systemd expects notifications.
    pub fn from_environment() -> Self {
        let limit = systemd::watchdog();
        Watchdog {
            interval: limit.map(|limit| interval(limit / 2)),
            period: limit.unwrap_or_default() / 4,
            pulses: Vec::new(),
        }
    }

    /// A heartbeat for a task that is to be watched.
    pub fn heartbeat(&mut self) -> Heartbeat {
        if self.interval.is_none() {
            return Heartbeat::default();
        }
        let (heartbeat, pulse) = Heartbeat::every(self.period);
        self.pulses.push(pulse);
        heartbeat
    }

    /// Stops watching tasks that have ended.
    pub fn forget_ended(&mut self) {
        self.pulses.retain(|pulse| !pulse.has_ended());
    }

    /// Waits until systemd expects a notification; indefinitely if it does not watch.
    pub async fn due(&mut self) {
        match &mut self.interval {
            Some(interval) => drop(interval.tick().await),
            None => std::future::pending().await,
        }
    }

    /// Whether every task has turned since the last call.
    pub fn all_moved(&mut self) -> bool {
        // Collected first: each pulse must be read, also after one that stands still.
        let moved: Vec<bool> = self.pulses.iter_mut().map(Pulse::has_moved).collect();
        moved.into_iter().all(|moved| moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watchdog() -> Watchdog {
        let limit = Duration::from_secs(3600);
        Watchdog { interval: Some(interval(limit)), period: limit, pulses: Vec::new() }
    }

    #[tokio::test]
    async fn one_task_that_stands_still_is_enough() {
        let mut watchdog = watchdog();
        let tasks = [watchdog.heartbeat(), watchdog.heartbeat()];
        assert!(!watchdog.all_moved());
        tasks[0].beat();
        assert!(!watchdog.all_moved());
        tasks.iter().for_each(Heartbeat::beat);
        assert!(watchdog.all_moved());
        assert!(!watchdog.all_moved(), "one turn must not count twice");
    }

    #[tokio::test]
    async fn an_ended_task_is_not_missed() {
        let mut watchdog = watchdog();
        let [kept, ended] = [watchdog.heartbeat(), watchdog.heartbeat()];
        drop(ended);
        watchdog.forget_ended();
        kept.beat();
        assert!(watchdog.all_moved());
    }
}
