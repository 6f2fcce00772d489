//! All that is known of one meter, and how old it is.
//!
//! Nothing outlives its age limit except counters of our own: a meter that falls silent loses its values instead of
//! freezing them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::age::{Arrivals, Limits};
use super::boot::{BootTime, Moment};
use super::replacements::Replacements;
use super::report::Report;
use super::totals::Totals;
use super::trouble::Trouble;
use crate::decoder::Error;
use crate::meter::{Kind, Register};
use crate::reading::{Content, Identity};
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::text::Text;

/// A value that arrived.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    value: Decimal,
    arrivals: Arrivals,
    /// Whether it was announced that the value is too old; the next arrival revokes it.
    vanished: bool,
}

/// What a meter's clock showed.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The date and time as sent.
    pub shown: DateTime,
    /// Seconds since 1970; `None` where the clock's relation to UTC is unknown.
    pub unix: Option<i64>,
    /// Seconds by which it was ahead of the host's clock when the reading arrived.
    pub ahead: Option<f64>,
}

/// What happened since the start; these only count up.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Frames, valid or not.
    pub frames: u64,
    /// Frames that yielded no reading, by [`Error::REASONS`].
    pub errors: [u64; Error::REASONS.len()],
    /// Readings, by [`Content::ALL`].
    pub readings: [u64; Content::ALL.len()],
    /// Energy lists that only repeated the one before.
    pub repeats: u64,
    /// Numeric values without a metric.
    pub unknown: u64,
    /// Bytes that belonged to no frame.
    pub discarded: u64,
}

/// The port, connection or file that the meter's bytes come from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Port {
    /// Its name with the settings in force; empty until it was opened.
    pub name: Arc<str>,
    /// Whether it is open.
    pub connected: bool,
    /// How often it was opened.
    pub opens: u64,
    /// How often opening it failed.
    pub open_errors: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Line errors by [`Port::LINE_ERRORS`], where the driver counts them.
    pub line_errors: Option<[u64; Port::LINE_ERRORS.len()]>,
}

impl Port {
    /// The kinds of line errors, as label values.
    pub const LINE_ERRORS: [&'static str; 4] = ["frame", "parity", "overrun", "break"];
}

/// All that is known of one meter.
#[derive(Clone, Default)]
pub struct Snapshot {
    samples: BTreeMap<Register, Sample>,
    totals: Totals,
    identity: Identity,
    identified: Arrivals,
    clock: Option<Clock>,
    clocked: Arrivals,
    frames: Arrivals,
    lists: [Option<SystemTime>; Content::ALL.len()],
    last_energy: Option<DateTime>,
    /// What happened since the start.
    pub counts: Counts,
    /// Where the bytes come from.
    pub port: Port,
    /// What keeps bytes from arriving.
    pub problem: Option<Trouble>,
    /// Why the last message since the last valid frame was not decrypted, and when such messages arrived.
    undecrypted: Option<(Error, Arrivals)>,
    /// When damaged frames arrived since the last valid one.
    damaged: Arrivals,
    /// Meters that took the place of others.
    pub replacements: Replacements,
    /// Why the last frame yielded no reading; `None` after one that did.
    pub undecodable: Option<Error>,
    /// Whether all that the last telegram said waits for a second one.
    pub is_unconfirmed: bool,
    /// How often the meter is polled; `None` if it pushes. Values live for three poll cycles at least.
    pub poll_interval: Option<Duration>,
}

impl Snapshot {
    /// Takes in a reading, adds totals that its meter does not send, and notes whether it only repeats the one before.
    /// Returns the registers whose values went because another meter answered, a total lacked a part or a scale is unknown.
    pub(super) fn take(&mut self, report: &mut Report, now: Moment) -> Vec<Register> {
        self.undecodable = None;
        self.is_unconfirmed = false;
        report.repeated = self.is_repeat(report);
        let mut gone = self.take_identity(&report.identity, now.boot);
        // A sum of what is left would be too small.
        let wrong = if report.is_partial { Vec::new() } else { self.totals.complete(report) };
        gone.extend(
            wrong.iter().chain(&report.withheld).copied().filter(|&register| self.withdraw(register)),
        );
        for &(register, value) in &report.values {
            if !(report.repeated && register.kind() == Kind::Counter) {
                self.put(register, value, now.boot);
            }
        }
        self.counts.unknown += u64::from(report.unknown);
        self.counts.readings[report.content as usize] += 1;
        if report.repeated {
            self.counts.repeats += 1;
        } else {
            self.take_clock(report, now);
            self.lists[report.content as usize] = Some(now.wall);
        }
        gone
    }

    /// Notes that a reading arrived of which nothing may be shown yet.
    pub(super) fn wait(&mut self) {
        self.undecodable = None;
        self.is_unconfirmed = true;
    }

    /// Counts a frame; a valid one is a sign of life.
    pub(super) fn record_frame(&mut self, valid: bool, now: BootTime) {
        self.counts.frames += 1;
        if valid {
            self.damaged = Arrivals::default();
            self.undecrypted = None;
            self.frames.record(now);
        }
    }

    /// Notes that bytes arrived which are no valid frame.
    pub(super) fn reject(&mut self, error: Error, now: BootTime) {
        match error {
            Error::Cipher(_) => {
                let (last, arrivals) = self.undecrypted.get_or_insert((error, Arrivals::default()));
                *last = error;
                arrivals.record(now);
            }
            Error::Frame(_) => self.damaged.record(now),
            _ => {}
        }
    }

    /// Counts a frame's error by its reason.
    pub(super) fn record_error(&mut self, error: Error) {
        if let Some(index) = Error::REASONS.iter().position(|reason| *reason == error.reason()) {
            self.counts.errors[index] += 1;
        }
    }

    /// Whether any message was ever read.
    pub fn has_read(&self) -> bool {
        self.counts.readings.iter().any(|&count| count > 0)
    }

    /// Every register that its meter ever sent.
    pub fn registers(&self) -> impl Iterator<Item = Register> {
        self.samples.keys().copied()
    }

    /// The values that are young enough, in the unit meters send them in and in the order of the registers.
    pub fn values(&self, now: BootTime, limits: &Limits) -> impl Iterator<Item = (Register, Decimal)> {
        let limits = limits.for_polling(self.poll_interval);
        self.samples
            .iter()
            .filter(move |(register, sample)| sample.lives_for(**register, now, &limits).is_some())
            .map(|(register, sample)| (*register, sample.value))
    }

    /// Whether any instantaneous value is young enough.
    pub fn has_instantaneous(&self, now: BootTime, limits: &Limits) -> bool {
        self.values(now, limits).any(|(register, _)| register.kind() == Kind::Gauge)
    }

    /// Who the meter is, if it said so recently.
    pub fn identity(&self, now: BootTime, limits: &Limits) -> Option<&Identity> {
        let limits = limits.for_polling(self.poll_interval);
        self.identified.kept_for(now, &limits).map(|_| &self.identity)
    }

    /// What its clock showed recently.
    pub fn clock(&self, now: BootTime, limits: &Limits) -> Option<&Clock> {
        let limits = limits.for_polling(self.poll_interval);
        self.clocked.fresh_for(now, &limits).and(self.clock.as_ref())
    }

    /// Who the meter was when it last said so, however long ago that was.
    pub(super) fn last_identity(&self) -> &Identity {
        &self.identity
    }

    /// What its clock last showed, and when, however long ago that was.
    pub(super) fn last_clock(&self) -> Option<(DateTime, BootTime)> {
        Some((self.clock?.shown, self.clocked.last()?))
    }

    /// The last value of a register, however old it is.
    pub(super) fn last_value(&self, register: Register) -> Option<Decimal> {
        self.samples.get(&register).map(|sample| sample.value)
    }

    /// Whether a valid frame arrived recently.
    pub fn is_up(&self, now: BootTime, limits: &Limits) -> bool {
        self.up_for(now, limits).is_some()
    }

    /// Why messages that arrived recently were not decrypted, if no valid frame has arrived since.
    pub(super) fn undecrypted(&self, now: BootTime, limits: &Limits) -> Option<Error> {
        let limits = limits.for_polling(self.poll_interval);
        self.undecrypted.and_then(|(error, arrivals)| arrivals.fresh_for(now, &limits).map(|_| error))
    }

    /// Whether damaged frames arrived recently, and no valid one since.
    pub(super) fn is_damaged(&self, now: BootTime, limits: &Limits) -> bool {
        self.damaged.fresh_for(now, &limits.for_polling(self.poll_interval)).is_some()
    }

    /// The time since the last valid frame.
    pub fn silence(&self, now: BootTime) -> Option<Duration> {
        self.frames.age(now)
    }

    /// When the newest list of a kind arrived, by the host's clock.
    pub fn last(&self, content: Content) -> Option<SystemTime> {
        self.lists[content as usize]
    }

    /// Marks the values that have become too old since the last call, and returns their registers.
    pub(super) fn expire(&mut self, now: BootTime, limits: &Limits) -> Vec<Register> {
        let limits = limits.for_polling(self.poll_interval);
        let expired = self.samples.iter_mut().filter(|(register, sample)| {
            !sample.vanished && sample.lives_for(**register, now, &limits).is_none()
        });
        expired
            .map(|(register, sample)| {
                sample.vanished = true;
                *register
            })
            .collect()
    }

    /// How much longer the last valid frame shows that the meter is up; `None` if it no longer does.
    pub(super) fn up_for(&self, now: BootTime, limits: &Limits) -> Option<Duration> {
        self.frames.fresh_for(now, &limits.for_polling(self.poll_interval))
    }

    /// The time until the next value becomes too old: zero if one already is and was not yet announced.
    pub(super) fn expires_in(&self, now: BootTime, limits: &Limits) -> Option<Duration> {
        let limits = limits.for_polling(self.poll_interval);
        let left = |(register, sample): (&Register, &Sample)| sample.lives_for(*register, now, &limits);
        let current = self.samples.iter().filter(|(_, sample)| !sample.vanished);
        current.map(|entry| left(entry).unwrap_or_default()).min()
    }

    /// Some meters send the list of an hour with the clock and the counters of the hour before. A clock that the meter
    /// itself calls invalid, or does not give, proves nothing.
    fn is_repeat(&mut self, report: &Report) -> bool {
        let Some(clock) = report.clock.filter(|_| report.content == Content::Energy && report.clock_in_list)
        else {
            return false;
        };
        let before = self.last_energy.replace(clock);
        let is_valid = || clock.digits().is_some() && clock.status().is_none_or(|status| status & 1 == 0);
        let mut counters = report.values.iter().filter(|(register, _)| register.kind() == Kind::Counter);
        let known =
            |register: &Register| self.samples.get(register).map_or(Decimal::default(), |it| it.value);
        before == Some(clock) && is_valid() && counters.all(|(register, value)| known(register) == *value)
    }

    fn put(&mut self, register: Register, value: Decimal, now: BootTime) {
        let sample = self.samples.entry(register).or_default();
        sample.value = value;
        sample.vanished = false;
        sample.arrivals.record(now);
    }

    /// Shows no value of a register until the next one arrives. Returns whether one was shown.
    fn withdraw(&mut self, register: Register) -> bool {
        let sample = self.samples.entry(register).or_insert(Sample { vanished: true, ..Sample::default() });
        sample.arrivals = Arrivals::default();
        !std::mem::replace(&mut sample.vanished, true)
    }

    /// Short lists tell less of the meter than long ones: what they omit stays, unless another meter answers.
    fn take_identity(&mut self, identity: &Identity, now: BootTime) -> Vec<Register> {
        if identity.id.is_empty() && identity.manufacturer.is_empty() && identity.model.is_empty() {
            return Vec::new();
        }
        let mut replaced = Vec::new();
        if self.identity.is_of_another(identity) {
            self.replacements.record(self.identity, identity, now);
            replaced = self.forget();
        }
        let known = &mut self.identity;
        // A meter that goes by several numbers keeps the first: a series that changes to and fro is of no use.
        known.id = if known.id.is_empty() { identity.id } else { known.id };
        known.manufacturer =
            if identity.manufacturer.is_empty() { known.manufacturer } else { identity.manufacturer };
        replace_unless_empty(&mut known.model, identity.model);
        replace_unless_empty(&mut known.device, identity.device);
        replace_unless_empty(&mut known.list_version, identity.list_version);
        replace_unless_empty(&mut known.customer, identity.customer);
        replace_unless_empty(&mut known.production, identity.production);
        self.identified.record(now);
        replaced
    }

    /// Another meter is connected: what the replaced one said is not its own.
    fn forget(&mut self) -> Vec<Register> {
        self.identity = Identity::default();
        self.totals = Totals::default();
        self.clock = None;
        self.last_energy = None;
        let gone = std::mem::take(&mut self.samples);
        gone.into_iter().filter(|(_, sample)| !sample.vanished).map(|(register, _)| register).collect()
    }

    fn take_clock(&mut self, report: &Report, now: Moment) {
        let Some(shown) = report.clock else { return };
        let unix = shown.to_unix(report.list.zone);
        let host = now.wall.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        self.clock = Some(Clock { shown, unix, ahead: unix.map(|unix| unix as f64 - host) });
        self.clocked.record(now.boot);
    }
}

impl Sample {
    /// How much longer the value is shown; `None` if it is too old.
    fn lives_for(&self, register: Register, now: BootTime, limits: &Limits) -> Option<Duration> {
        match register.kind() {
            Kind::Gauge | Kind::State(_) => self.arrivals.fresh_for(now, limits),
            Kind::Held | Kind::Counter => self.arrivals.kept_for(now, limits),
        }
    }
}

fn replace_unless_empty<const N: usize>(known: &mut Text<N>, told: Text<N>) {
    if !told.is_empty() {
        *known = told;
    }
}

#[cfg(test)]
mod tests;
