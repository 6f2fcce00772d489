//! What is known now, what just happened, and what may be shown.
//!
//! ```text
//! decoder's events ──▶ Intake ──▶ Hub ──state()──────▶ who pulls: metrics, page, health
//!                                  └────subscribe()──▶ who is pushed to
//! ```
//!
//! The intake of each meter is the only writer. Outlets know the hub and not one another; nothing but the hub knows
//! which values are current.

mod age;
mod boot;
mod current;
mod event;
mod health;
mod intake;
mod meter;
mod replacements;
mod report;
mod snapshot;
mod state;
mod totals;
mod trouble;
mod unproven;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};

pub use age::Limits;
pub use boot::{BootTime, Moment};
pub use current::{Current, Published};
pub use event::{Change, Heard, Subscription, Update};
use health::Verdict;
pub use health::advice;
pub use intake::Intake;
pub use meter::{Meter, MeterName};
pub use report::Report;
pub use snapshot::{Clock, Counts, Port, Snapshot};
use state::MeterState;
pub use state::State;
pub use trouble::Trouble;

/// Updates kept for a subscriber that is slow.
const BACKLOG: usize = 256;

/// The shortest and the longest pause between two looks for values that have become too old.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(60));

/// The readings of all meters. Clones are handles to the same hub.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    state: Mutex<Arc<State>>,
    updates: broadcast::Sender<Update>,
    /// Wakes [`Hub::watch_ages`] when other limits may hold.
    limits_changed: Notify,
}

impl Default for Hub {
    fn default() -> Self {
        Hub(Arc::new(Shared {
            state: Mutex::default(),
            updates: broadcast::Sender::new(BACKLOG),
            limits_changed: Notify::new(),
        }))
    }
}

impl Hub {
    /// One consistent picture of all meters.
    pub fn state(&self) -> Arc<State> {
        self.lock().clone()
    }

    /// All updates from now on.
    pub fn subscribe(&self) -> Subscription {
        Subscription::new(self.0.updates.subscribe())
    }

    /// Makes these the meters. Of a meter that was there before, all that is known stays; one that is no longer there is
    /// forgotten and announced as removed; a new one is announced as added.
    pub fn set_meters(&self, meters: Vec<Meter>) {
        let mut state = self.lock();
        let mut before = Arc::make_mut(&mut state).take();
        let (now, mut added) = (Moment::now(), Vec::new());
        let kept = meters.into_iter().map(|meter| {
            let mut known = before.remove(&meter.name).unwrap_or_else(|| {
                added.push(meter.name.clone());
                Arc::default()
            });
            if known.meter != meter {
                Arc::make_mut(&mut known).meter = meter;
            }
            known
        });
        let kept = kept.collect();
        before.keys().for_each(|gone| self.announce(gone, now, Change::Removed));
        added.iter().for_each(|name| self.announce(name, now, Change::Added));
        Arc::make_mut(&mut state).set(kept);
        self.0.limits_changed.notify_one();
    }

    /// Forgets these meters: the next ones of their names are others. In one step, because each copies the list.
    pub fn remove(&self, names: &BTreeSet<MeterName>) {
        let mut state = self.lock();
        let now = Moment::now();
        let (gone, kept): (Vec<_>, Vec<_>) =
            state.meters.iter().cloned().partition(|known| names.contains(&known.meter.name));
        if !gone.is_empty() {
            Arc::make_mut(&mut state).set(kept);
            gone.iter().for_each(|known| self.announce(&known.meter.name, now, Change::Removed));
        }
    }

    /// Announces values as they become too old, and what that means for a meter's health, until the task is stopped.
    pub async fn watch_ages(self) {
        loop {
            let pause = self.announce_vanished(Moment::now());
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.0.limits_changed.notified() => {}
            }
        }
    }

    /// Announces the values that have become too old, and the meters whose health that changes. Returns the pause until
    /// the next look: nothing that is known now or arrives meanwhile becomes too old much earlier.
    pub fn announce_vanished(&self, now: Moment) -> Duration {
        let (shortest, mut pause) = PAUSE;
        let mut state = self.lock();
        for known in &mut Arc::make_mut(&mut state).meters {
            let limits = known.meter.limits;
            let mut left = known.snapshot.expires_in(now.boot, &limits);
            if left == Some(Duration::ZERO) {
                let known = Arc::make_mut(known);
                for register in known.snapshot.expire(now.boot, &limits) {
                    self.announce(&known.meter.name, now, Change::Vanished(register));
                }
                left = known.snapshot.expires_in(now.boot, &limits);
            }
            self.announce_health(known, now);
            let lefts = left.into_iter().chain(known.snapshot.up_for(now.boot, &limits));
            let left = lefts.chain([limits.instant, limits.register]).min().unwrap_or_default();
            // A value is shown while its age does not exceed the limit, and the clock counts hundredths.
            pause = pause.min(left + Duration::from_millis(10));
        }
        pause.max(shortest)
    }

    /// Changes what is known of a meter and announces what that means; a meter that was removed is none. Returns whether
    /// the meter is well.
    fn update<C>(&self, meter: &MeterName, now: Moment, change: impl FnOnce(&mut Snapshot) -> C) -> bool
    where
        C: IntoIterator<Item = Change>,
    {
        let mut state = self.lock();
        let Some(known) = Arc::make_mut(&mut state).meter_mut(meter) else { return false };
        // Announced under the lock, so that updates come in the order of the states.
        let changes = change(&mut Arc::make_mut(known).snapshot);
        changes.into_iter().for_each(|change| self.announce(meter, now, change));
        self.announce_health(known, now);
        known.verdict == Verdict::Well
    }

    /// Announces how a meter is if that has changed.
    fn announce_health(&self, known: &mut Arc<MeterState>, now: Moment) {
        let verdict = Verdict::of(&known.snapshot, &known.meter.limits, now.boot);
        if verdict != known.verdict {
            let trouble = verdict.trouble(&known.snapshot, &known.meter.limits, now.boot);
            self.announce(&known.meter.name, now, Change::Health(trouble));
            Arc::make_mut(known).verdict = verdict;
        }
    }

    fn announce(&self, meter: &MeterName, now: Moment, change: Change) {
        let Moment { wall: at, boot } = now;
        // It is no error that nobody listens.
        let _ = self.0.updates.send(Update { meter: meter.clone(), at, boot, change });
    }

    fn lock(&self) -> MutexGuard<'_, Arc<State>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
