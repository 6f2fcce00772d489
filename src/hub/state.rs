//! What is known of all meters at one moment.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::age::Limits;
use super::boot::BootTime;
use super::current::Current;
use super::snapshot::Snapshot;

/// The name of a meter, cheap to clone; empty where there is only one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct MeterName(Arc<str>);

impl MeterName {
    /// The value of the label `meter`; `None` where there is only one meter.
    pub fn label(&self) -> Option<&str> {
        Some(&*self.0).filter(|name| !name.is_empty())
    }
}

impl From<&str> for MeterName {
    fn from(name: &str) -> Self {
        MeterName(name.into())
    }
}

impl Deref for MeterName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MeterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One meter as it is configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meter {
    /// Its name.
    pub name: MeterName,
    /// Whether it is a simulated one.
    pub simulated: bool,
    /// How old its values may grow.
    pub limits: Limits,
}

/// All meters in the order of the configuration. It never changes: the hub makes another when something does.
#[derive(Clone, Default)]
pub struct State {
    pub(super) meters: Vec<Arc<MeterState>>,
}

/// One meter, and what is known of it.
#[derive(Clone, Default)]
pub struct MeterState {
    pub(super) meter: Meter,
    pub(super) snapshot: Snapshot,
}

impl State {
    /// What may be shown of each meter at `now`.
    pub fn current(&self, now: BootTime) -> impl Iterator<Item = Current<'_>> {
        self.meters.iter().map(move |known| Current::new(&known.meter, &known.snapshot, now))
    }

    /// How many meters there are.
    pub fn len(&self) -> usize {
        self.meters.len()
    }

    /// Whether there are no meters.
    pub fn is_empty(&self) -> bool {
        self.meters.is_empty()
    }

    /// The meter of this name. What is shared with a reader of the state is copied first.
    pub(super) fn meter_mut(&mut self, name: &MeterName) -> Option<&mut MeterState> {
        self.meters.iter_mut().find(|known| known.meter.name == *name).map(Arc::make_mut)
    }
}
