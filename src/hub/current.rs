//! What may be shown of a meter now: the one place that decides it for every outlet.

use std::time::{Duration, SystemTime};

use super::boot::BootTime;
use super::health::Verdict;
use super::meter::{Meter, MeterName};
use super::snapshot::{Clock, Counts, Port, Snapshot};
use super::trouble::Trouble;
use crate::meter::{Kind, Register};
use crate::reading::{Content, Identity};
use crate::wire::decimal::Decimal;

/// One meter at one moment.
#[derive(Clone, Copy)]
pub struct Current<'a> {
    meter: &'a Meter,
    snapshot: &'a Snapshot,
    now: BootTime,
}

/// A value that may be shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Published {
    /// Its register, which knows its family, quantity and OBIS code.
    pub register: Register,
    /// The label that tells it from others of its family.
    pub label: Option<(&'static str, &'static str)>,
    /// The number in the unit of its family; 1 for the state in force.
    pub value: Decimal,
    /// The number as the meter sent it.
    pub sent: Decimal,
}

impl<'a> Current<'a> {
    pub(super) fn new(meter: &'a Meter, snapshot: &'a Snapshot, now: BootTime) -> Self {
        Current { meter, snapshot, now }
    }

    /// Every value that may be shown, in the order of the registers: young enough, in range, and a counter never below
    /// zero, because OpenMetrics would refuse the complete scrape.
    pub fn published(self) -> impl Iterator<Item = Published> + 'a {
        let values = self.snapshot.values(self.now, &self.meter.limits);
        values.filter_map(move |(register, sent)| {
            let (state, value) = register.published(sent)?;
            let possible = register.kind() != Kind::Counter || value.mantissa() >= 0;
            // Also of a lone channel: a label that came with a second one would begin another counter.
            let label = register.family().label.map(|name| (name, state));
            possible.then_some(Published { register, label, value, sent })
        })
    }

    /// Imported minus exported power in watts. A meter that never exports sends no exported power; of one that did,
    /// nothing is known while that is too old.
    pub fn net_power(self) -> Option<Decimal> {
        const IMPORT: Register = Register::electricity([1, 7, 0]);
        const EXPORT: Register = Register::electricity([2, 7, 0]);
        let mut values = self.snapshot.values(self.now, &self.meter.limits);
        let (_, imported) = values.find(|(register, _)| *register == IMPORT)?;
        match values.find(|(register, _)| *register == EXPORT) {
            Some((_, exported)) => imported.plus(exported.times(-1)?),
            None if self.snapshot.registers().any(|register| register == EXPORT) => None,
            None => Some(imported),
        }
    }

    /// The meter's name.
    pub fn name(self) -> &'a MeterName {
        &self.meter.name
    }

    /// Whether it is a simulated meter.
    pub fn simulated(self) -> bool {
        self.meter.simulated
    }

    /// Who the meter is, if it said so recently.
    pub fn identity(self) -> Option<&'a Identity> {
        self.snapshot.identity(self.now, &self.meter.limits)
    }

    /// What its clock showed recently.
    pub fn clock(self) -> Option<&'a Clock> {
        self.snapshot.clock(self.now, &self.meter.limits)
    }

    /// Whether a valid frame arrived recently.
    pub fn is_up(self) -> bool {
        self.snapshot.is_up(self.now, &self.meter.limits)
    }

    /// The time since the last valid frame; `None` before the first.
    pub fn silence(self) -> Option<Duration> {
        self.snapshot.silence(self.now)
    }

    /// When the newest list of a kind arrived, by the host's clock.
    pub fn last(self, content: Content) -> Option<SystemTime> {
        self.snapshot.last(content)
    }

    /// What happened since the start.
    pub fn counts(self) -> &'a Counts {
        &self.snapshot.counts
    }

    /// Where the meter's bytes come from.
    pub fn port(self) -> &'a Port {
        &self.snapshot.port
    }

    /// How often another meter took the place of the one before.
    pub fn replacements(self) -> u64 {
        self.snapshot.replacements.count()
    }

    /// Whether several meters send in turn.
    pub fn alternates(self) -> bool {
        self.snapshot.replacements.alternate(self.now)
    }

    /// What is wrong and how to fix it; `None` while readings arrive in time.
    pub fn trouble(self) -> Option<Trouble> {
        let limits = &self.meter.limits;
        Verdict::of(self.snapshot, limits, self.now).trouble(self.snapshot, limits, self.now)
    }

    /// What keeps bytes from arriving, also while readings from before are young enough.
    pub fn problem(self) -> Option<&'a Trouble> {
        self.snapshot.problem.as_ref()
    }
}
