//! What is known of all meters at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::boot::BootTime;
use super::current::Current;
use super::health::Verdict;
use super::meter::{Meter, MeterName};
use super::snapshot::Snapshot;

/// All meters in the order of the configuration. It never changes: the hub makes another when something does.
#[derive(Clone, Default)]
pub struct State {
    pub(super) meters: Vec<Arc<MeterState>>,
    /// Where each of them is, so that a frame costs the same whatever their number.
    places: Arc<BTreeMap<MeterName, usize>>,
}

/// One meter, and what is known of it.
#[derive(Clone, Default)]
pub struct MeterState {
    pub(super) meter: Meter,
    pub(super) snapshot: Snapshot,
    /// As it was last announced.
    pub(super) verdict: Verdict,
}

impl State {
    /// What may be shown of each meter at `now`.
    pub fn current(&self, now: BootTime) -> impl Iterator<Item = Current<'_>> {
        self.meters.iter().map(move |known| Current::new(&known.meter, &known.snapshot, now))
    }

    /// What is wrong with each meter that is not well; with its name where there are several.
    pub fn problems(&self, now: BootTime) -> Vec<String> {
        let problem = |meter: Current<'_>| {
            let sentence = meter.trouble()?.sentence;
            Some(
                meter
                    .name()
                    .label()
                    .map_or_else(|| sentence.to_string(), |name| format!("{name}: {sentence}")),
            )
        };
        self.current(now).filter_map(problem).collect()
    }

    /// How many meters there are.
    pub fn len(&self) -> usize {
        self.meters.len()
    }

    /// Whether there are no meters.
    pub fn is_empty(&self) -> bool {
        self.meters.is_empty()
    }

    /// The meter of this name.
    pub(super) fn meter_mut(&mut self, name: &MeterName) -> Option<&mut Arc<MeterState>> {
        self.meters.get_mut(*self.places.get(name)?)
    }

    /// Takes all meters out.
    pub(super) fn take(&mut self) -> BTreeMap<MeterName, Arc<MeterState>> {
        let meters = std::mem::take(&mut self.meters);
        self.places = Arc::default();
        meters.into_iter().map(|known| (known.meter.name.clone(), known)).collect()
    }

    /// Makes these the meters.
    pub(super) fn set(&mut self, meters: Vec<Arc<MeterState>>) {
        self.places = Arc::new(meters.iter().map(|known| known.meter.name.clone()).zip(0..).collect());
        self.meters = meters;
    }
}
