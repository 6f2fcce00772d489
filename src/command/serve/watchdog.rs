//! systemd's watchdog, fed only while every task makes progress: a dead reader must not hide behind a live server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Interval, interval};

use crate::http::Beat;
use crate::platform::systemd;

/// Watches the tasks, if systemd watches us.
pub struct Watchdog {
    rhythm: Option<Interval>,
    every: Duration,
    watched: Vec<(Arc<AtomicU64>, u64)>,
}

impl Watchdog {
    /// Looks whether systemd wants signs of life.
    pub fn find() -> Self {
        let patience = systemd::watchdog(|name| std::env::var_os(name));
        Watchdog {
            rhythm: patience.map(|patience| interval(patience / 2)),
            // Two turns of each task between two of ours.
            every: patience.unwrap_or_default() / 4,
            watched: Vec::new(),
        }
    }

    /// A counter that some task turns at least every [`Beat::every`]; none if nobody watches.
    pub fn beat(&mut self) -> Option<Beat> {
        self.rhythm.as_ref()?;
        let count = Arc::new(AtomicU64::new(0));
        self.watched.push((Arc::clone(&count), 0));
        Some(Beat { count, every: self.every })
    }

    /// No longer watches tasks that were stopped: nobody but us holds their counter.
    pub fn forget_stopped(&mut self) {
        self.watched.retain(|(count, _)| Arc::strong_count(count) > 1);
    }

    /// Waits until a sign of life is due; for ever if nobody watches.
    pub async fn due(&mut self) {
        match &mut self.rhythm {
            Some(rhythm) => drop(rhythm.tick().await),
            None => std::future::pending().await,
        }
    }

    /// Whether every task has moved since the last time.
    pub fn all_moved(&mut self) -> bool {
        let mut all = true;
        for (count, seen) in &mut self.watched {
            let now = count.load(Ordering::Relaxed);
            all &= now != *seen;
            *seen = now;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_task_that_stands_still_is_enough() {
        let counts = [Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0))];
        let watched = counts.iter().map(|count| (Arc::clone(count), 0)).collect();
        let mut watchdog = Watchdog { rhythm: None, every: Duration::ZERO, watched };
        assert!(!watchdog.all_moved());
        counts[0].fetch_add(1, Ordering::Relaxed);
        assert!(!watchdog.all_moved());
        for count in &counts {
            count.fetch_add(1, Ordering::Relaxed);
        }
        assert!(watchdog.all_moved());
        assert!(!watchdog.all_moved(), "moved once is not moving");
    }

    #[test]
    fn a_stopped_task_is_not_missed() {
        let [kept, stopped] = [Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0))];
        let watched = vec![(Arc::clone(&kept), 0), (Arc::clone(&stopped), 0)];
        let mut watchdog = Watchdog { rhythm: None, every: Duration::ZERO, watched };
        drop(stopped);
        watchdog.forget_stopped();
        kept.fetch_add(1, Ordering::Relaxed);
        assert!(watchdog.all_moved());
    }
}
