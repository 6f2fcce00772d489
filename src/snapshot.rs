//! The latest value of every register of one meter, and how old it may grow.
//!
//! Reading writes it, a scrape reads it. Nothing in it outlives its age limit but counters of our own: a meter that
//! falls silent loses its values instead of freezing them.

use std::time::{Duration, Instant, SystemTime};

use crate::decoder::Error;
use crate::meter::{COUNT, Kind, List, Register};
use crate::reading::{Content, Identity, Reading};
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;

/// How old a value may grow before it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Values of a moment: at least this, and three times their usual interval.
    pub instant: Duration,
    /// Registers and identity.
    pub register: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { instant: Duration::from_secs(30), register: Duration::from_secs(9000) }
    }
}

/// When something came last, and how often it comes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rhythm {
    last: Option<Instant>,
    gaps: [Duration; 2],
}

impl Rhythm {
    /// It came.
    pub fn beat(&mut self, now: Instant) {
        if let Some(last) = self.last {
            self.gaps = [now.saturating_duration_since(last), self.gaps[0]];
        }
        self.last = Some(now);
    }

    /// How long ago it came.
    pub fn age(&self, now: Instant) -> Option<Duration> {
        self.last.map(|last| now.saturating_duration_since(last))
    }

    /// The usual interval: the shorter of the last two, so that one pause does not make a long silence usual.
    pub fn interval(&self) -> Duration {
        self.gaps[0].min(self.gaps[1])
    }

    /// Whether it came lately, as things of a moment are judged.
    pub fn is_fresh(&self, now: Instant, limits: &Limits) -> bool {
        let limit = (self.interval() * 3).clamp(limits.instant, limits.register.max(limits.instant));
        self.age(now).is_some_and(|age| age <= limit)
    }

    fn is_kept(&self, now: Instant, limits: &Limits) -> bool {
        self.age(now).is_some_and(|age| age <= limits.register)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    value: Decimal,
    rhythm: Rhythm,
}

/// What a meter's clock showed, and what that means.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Its own digits.
    pub shown: DateTime,
    /// The same as seconds since 1970, where its rule allows.
    pub unix: Option<i64>,
    /// Seconds it was ahead of the host's clock when the reading came.
    pub ahead: Option<f64>,
}

/// What happened so far; these only count up.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Frames, good and bad.
    pub frames: u64,
    /// Frames refused, by [`Error::REASONS`].
    pub errors: [u64; Error::REASONS.len()],
    /// Readings, by [`Content::ALL`].
    pub readings: [u64; 3],
    /// Hourly lists that only said again what the last one said.
    pub repeats: u64,
    /// Numbers that have no metric.
    pub unknown: u64,
    /// Octets that belonged to no frame.
    pub discarded: u64,
}

/// The line that the meter hangs on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Port {
    /// Its name, with the settings in force.
    pub name: String,
    /// Whether it is open.
    pub connected: bool,
    /// How often it was opened.
    pub opens: u64,
    /// How often opening it failed.
    pub open_errors: u64,
    /// Octets received.
    pub bytes: u64,
    /// Line errors by [`Port::LINE_ERRORS`], where the driver counts them.
    pub line_errors: Option<[u64; 4]>,
    /// What is wrong with it, in a sentence.
    pub trouble: Option<String>,
}

impl Port {
    /// The kinds of line errors, as label values.
    pub const LINE_ERRORS: [&'static str; 4] = ["frame", "parity", "overrun", "break"];
}

/// All that is known of one meter now.
#[derive(Clone)]
pub struct Snapshot {
    samples: [Sample; COUNT],
    identity: Identity,
    identified: Rhythm,
    clock: Option<Clock>,
    clocked: Rhythm,
    frames: Rhythm,
    lists: [Option<SystemTime>; 3],
    last_energy: Option<DateTime>,
    /// What happened so far.
    pub counts: Counts,
    /// The line it hangs on.
    pub port: Port,
    /// Why the last frame gave no reading; none after one that did.
    pub refused: Option<Error>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Snapshot {
            samples: [Sample::default(); COUNT],
            identity: Identity::default(),
            identified: Rhythm::default(),
            clock: None,
            clocked: Rhythm::default(),
            frames: Rhythm::default(),
            lists: [None; 3],
            last_energy: None,
            counts: Counts::default(),
            port: Port::default(),
            refused: None,
        }
    }
}

impl Snapshot {
    /// Takes a reading in. `now` judges ages, `wall` is only shown.
    pub fn take(&mut self, reading: &Reading, list: &List, now: Instant, wall: SystemTime) {
        self.refused = None;
        let repeated = self.repeats(reading);
        self.take_identity(&reading.identity, now);
        for (register, value) in reading.registers() {
            let counted = matches!(register.kind(), Kind::Counter);
            if !(counted && repeated) {
                self.put(register, value, now);
            }
        }
        self.take_clock(reading, list, now, wall);
        self.counts.unknown += u64::from(reading.unknown);
        self.counts.readings[reading.content as usize] += 1;
        if repeated {
            self.counts.repeats += 1;
        } else {
            self.lists[reading.content as usize] = Some(wall);
        }
    }

    /// Counts a frame; a good one is a sign of life.
    pub fn frame(&mut self, good: bool, now: Instant) {
        self.counts.frames += 1;
        if good {
            self.frames.beat(now);
        }
    }

    /// Counts a good frame that gave no reading, and remembers why.
    pub fn refuse(&mut self, error: Error) {
        self.refused = Some(error);
        self.count_rejected(error);
    }

    /// Counts octets that were no frame.
    pub fn count_rejected(&mut self, error: Error) {
        if let Some(index) = Error::REASONS.iter().position(|reason| *reason == error.reason()) {
            self.counts.errors[index] += 1;
        }
    }

    /// The value of a register, while it is young enough, in the unit meters send it in.
    pub fn value(&self, register: Register, now: Instant, limits: &Limits) -> Option<Decimal> {
        let Sample { value, rhythm } = self.samples[register.index()];
        let young = match register.kind() {
            Kind::Gauge => rhythm.is_fresh(now, limits),
            Kind::Held | Kind::Counter => rhythm.is_kept(now, limits),
        };
        young.then_some(value)
    }

    /// Whether any value of a moment is young enough to be shown.
    pub fn has_values(&self, now: Instant, limits: &Limits) -> bool {
        (0..).map_while(Register::at).any(|register| {
            matches!(register.kind(), Kind::Gauge) && self.value(register, now, limits).is_some()
        })
    }

    /// Who the meter is, if it said so lately.
    pub fn identity(&self, now: Instant, limits: &Limits) -> Option<&Identity> {
        self.identified.is_kept(now, limits).then_some(&self.identity)
    }

    /// What its clock showed lately.
    pub fn clock(&self, now: Instant, limits: &Limits) -> Option<&Clock> {
        self.clock.as_ref().filter(|_| self.clocked.is_fresh(now, limits))
    }

    /// Whether a good frame came lately.
    pub fn is_up(&self, now: Instant, limits: &Limits) -> bool {
        self.frames.is_fresh(now, limits)
    }

    /// When good frames came.
    pub fn frames(&self) -> &Rhythm {
        &self.frames
    }

    /// When the newest list of a kind came, by the host's clock.
    pub fn last(&self, content: Content) -> Option<SystemTime> {
        self.lists[content as usize]
    }

    /// Aidon's hour bug: the list of 18:00 carried the stamp and the registers of 17:00. A clock that the meter itself
    /// calls invalid proves nothing.
    fn repeats(&mut self, reading: &Reading) -> bool {
        let Some(clock) =
            reading.clock.filter(|_| reading.content == Content::Energy && reading.clock_in_list)
        else {
            return false;
        };
        let before = self.last_energy.replace(clock);
        let valid = clock.status().is_none_or(|status| status & 1 == 0);
        let mut counters =
            reading.registers().filter(|(register, _)| matches!(register.kind(), Kind::Counter));
        valid
            && before == Some(clock)
            && counters.all(|(register, value)| self.samples[register.index()].value == value)
    }

    fn put(&mut self, register: Register, value: Decimal, now: Instant) {
        let sample = &mut self.samples[register.index()];
        sample.value = value;
        sample.rhythm.beat(now);
    }

    /// Short lists say less of the meter than long ones: what they leave open stays, unless another meter answers.
    fn take_identity(&mut self, identity: &Identity, now: Instant) {
        if identity.id.is_empty() && identity.manufacturer.is_empty() {
            return;
        }
        if !identity.id.is_empty() && !self.identity.id.is_empty() && identity.id != self.identity.id {
            self.forget();
        }
        self.identity = *identity;
        self.identified.beat(now);
    }

    /// Another meter hangs on the line: what the old one said is not its own.
    fn forget(&mut self) {
        self.samples = [Sample::default(); COUNT];
        self.clock = None;
    }

    fn take_clock(&mut self, reading: &Reading, list: &List, now: Instant, wall: SystemTime) {
        let Some(shown) = reading.clock else { return };
        let unix = shown.to_unix(list.zone);
        let host = wall.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        self.clock = Some(Clock { shown, unix, ahead: unix.map(|unix| unix as f64 - host) });
        self.clocked.beat(now);
    }
}
