//! The latest value of every register of one meter, and how old it may grow.
//!
//! Reading writes it, a scrape reads it. Nothing in it outlives its age limit but counters of our own: a meter that
//! falls silent loses its values instead of freezing them.

use std::time::{Duration, Instant, SystemTime};

use crate::decoder::{Error, Event, Outcome};
use crate::meter::{COUNT, Kind, List, Register};
use crate::reading::{Content, Identity, Reading};
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::text::Text;

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

impl Limits {
    /// The same for a meter that is asked so often: what it says once a round must outlive a round that failed, and one
    /// that came late.
    fn of_rounds(&self, interval: Option<Duration>) -> Self {
        let rounds = interval.unwrap_or_default() * 3;
        Limits { instant: self.instant.max(rounds), register: self.register.max(rounds) }
    }
}

/// When something came last, and how often it comes.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    last: Option<Instant>,
    /// The last ones, newest first; those not known yet are endless.
    gaps: [Duration; 4],
}

impl Default for Rhythm {
    fn default() -> Self {
        Rhythm { last: None, gaps: [Duration::MAX; 4] }
    }
}

impl Rhythm {
    /// It came.
    pub fn beat(&mut self, now: Instant) {
        if let Some(last) = self.last {
            let [first, second, third, _] = self.gaps;
            self.gaps = [now.saturating_duration_since(last), first, second, third];
        }
        self.last = Some(now);
    }

    /// How long ago it came.
    pub fn age(&self, now: Instant) -> Option<Duration> {
        self.last.map(|last| now.saturating_duration_since(last))
    }

    /// The usual interval: the shortest of the last few, so that pauses do not make a long silence usual. One alone
    /// proves nothing.
    pub fn interval(&self) -> Duration {
        match self.gaps {
            [_, Duration::MAX, ..] => Duration::ZERO,
            [first, second, third, fourth] => first.min(second).min(third).min(fourth),
        }
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
    /// Bytes that belonged to no frame.
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
    /// Bytes received.
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
    /// How often the meter is asked; none if it pushes. Its values live for three rounds at least.
    pub interval: Option<Duration>,
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
            interval: None,
        }
    }
}

impl Snapshot {
    /// Takes in whatever the decoder found. `now` judges ages, `wall` is only shown.
    pub fn absorb(&mut self, event: &Event<'_>, now: Instant, wall: SystemTime) {
        self.frame(event.sent().is_some(), now);
        match event.outcome {
            Outcome::Reading { list, reading, .. } => self.take(reading, list, now, wall),
            Outcome::Fragment => {}
            Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
                if event.is_undecodable(self.has_read()) {
                    self.refused = Some(error);
                }
                self.count(error);
            }
        }
    }

    /// Takes a reading in. `now` judges ages, `wall` is only shown.
    fn take(&mut self, reading: &Reading, list: &List, now: Instant, wall: SystemTime) {
        self.refused = None;
        let repeated = self.repeats(reading);
        self.take_identity(&reading.identity, now);
        for (register, value) in reading.registers() {
            let counted = matches!(register.kind(), Kind::Counter);
            if !(counted && repeated) {
                self.put(register, value, now);
            }
        }
        self.counts.unknown += u64::from(reading.unknown);
        self.counts.readings[reading.content as usize] += 1;
        if repeated {
            self.counts.repeats += 1;
        } else {
            self.take_clock(reading, list, now, wall);
            self.lists[reading.content as usize] = Some(wall);
        }
    }

    /// Whether any list was ever read.
    pub fn has_read(&self) -> bool {
        self.counts.readings.iter().any(|&count| count > 0)
    }

    /// Counts a frame; a good one is a sign of life.
    fn frame(&mut self, good: bool, now: Instant) {
        self.counts.frames += 1;
        if good {
            self.frames.beat(now);
        }
    }

    fn count(&mut self, error: Error) {
        if let Some(index) = Error::REASONS.iter().position(|reason| *reason == error.reason()) {
            self.counts.errors[index] += 1;
        }
    }

    /// The value of a register, while it is young enough, in the unit meters send it in.
    pub fn value(&self, register: Register, now: Instant, limits: &Limits) -> Option<Decimal> {
        let Sample { value, rhythm } = self.samples[register.index()];
        let limits = &limits.of_rounds(self.interval);
        let young = match register.kind() {
            Kind::Gauge | Kind::State(_) => rhythm.is_fresh(now, limits),
            Kind::Held | Kind::Counter => rhythm.is_kept(now, limits),
        };
        young.then_some(value)
    }

    /// Whether a value of it ever came.
    pub fn has_met(&self, register: Register) -> bool {
        self.samples[register.index()].rhythm.last.is_some()
    }

    /// Whether any value of a moment is young enough to be shown.
    pub fn has_values(&self, now: Instant, limits: &Limits) -> bool {
        (0..).map_while(Register::at).any(|register| {
            matches!(register.kind(), Kind::Gauge) && self.value(register, now, limits).is_some()
        })
    }

    /// Who the meter is, if it said so lately.
    pub fn identity(&self, now: Instant, limits: &Limits) -> Option<&Identity> {
        self.identified.is_kept(now, &limits.of_rounds(self.interval)).then_some(&self.identity)
    }

    /// What its clock showed lately.
    pub fn clock(&self, now: Instant, limits: &Limits) -> Option<&Clock> {
        self.clock.as_ref().filter(|_| self.clocked.is_fresh(now, &limits.of_rounds(self.interval)))
    }

    /// Whether a good frame came lately.
    pub fn is_up(&self, now: Instant, limits: &Limits) -> bool {
        self.frames.is_fresh(now, &limits.of_rounds(self.interval))
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
    /// calls invalid, or does not give, proves nothing.
    fn repeats(&mut self, reading: &Reading) -> bool {
        let Some(clock) =
            reading.clock.filter(|_| reading.content == Content::Energy && reading.clock_in_list)
        else {
            return false;
        };
        let before = self.last_energy.replace(clock);
        let valid = clock.digits().is_some() && clock.status().is_none_or(|status| status & 1 == 0);
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
        if identity.id.is_empty() && identity.manufacturer.is_empty() && identity.model.is_empty() {
            return;
        }
        if self.identity.is_of_another(identity) {
            self.forget();
        }
        let known = &mut self.identity;
        // The same meter by another number keeps the first: a series that changes to and fro is of no use.
        known.id = if known.id.is_empty() { identity.id } else { known.id };
        known.manufacturer =
            if identity.manufacturer.is_empty() { known.manufacturer } else { identity.manufacturer };
        keep(&mut known.model, identity.model);
        keep(&mut known.device, identity.device);
        keep(&mut known.list_version, identity.list_version);
        keep(&mut known.customer, identity.customer);
        keep(&mut known.production, identity.production);
        self.identified.beat(now);
    }

    /// Another meter hangs on the line: what the old one said is not its own.
    fn forget(&mut self) {
        self.samples = [Sample::default(); COUNT];
        self.identity = Identity::default();
        self.clock = None;
        self.last_energy = None;
    }

    fn take_clock(&mut self, reading: &Reading, list: &List, now: Instant, wall: SystemTime) {
        let Some(shown) = reading.clock else { return };
        let unix = shown.to_unix(list.zone);
        let host = wall.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        self.clock = Some(Clock { shown, unix, ahead: unix.map(|unix| unix as f64 - host) });
        self.clocked.beat(now);
    }
}

/// Takes over what is told, if anything is.
fn keep<const N: usize>(known: &mut Text<N>, told: Text<N>) {
    if !told.is_empty() {
        *known = told;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::{Entry, LISTS};
    use crate::obis;
    use crate::reading::{Read, Settings};
    use crate::wire::cursor::{Reader, Writer};
    use crate::wire::dlms::apdu::{Notification, Stamp};
    use crate::wire::dlms::cipher;
    use crate::wire::dlms::value::Value;
    use crate::wire::message::Message;
    use crate::wire::obis::Obis;
    use crate::wire::unit::Unit;

    const POWER: Obis = obis!(1-0:1.7.0);
    const ENERGY: Obis = obis!(1-0:1.8.0);
    const LIMITS: Limits = Limits { instant: Duration::from_secs(30), register: Duration::from_secs(9000) };

    fn list() -> &'static List {
        LISTS.iter().find(|list| list.name == "AIDON_V0001").unwrap()
    }

    fn reading(id: &[u8], clock: Option<[u8; 12]>, watts: u32, watt_hours: Option<u32>) -> Reading {
        let number = |obis, number, unit| Entry { obis, value: Value::U32(number), scaler: Some((0, unit)) };
        let text = |obis, text| Entry { obis, value: Value::Text(text), scaler: None };
        let mut entries = vec![text(obis!(1-1:0.2.129), b"AIDON_V0001"), text(obis!(0-0:96.1.0), id)];
        entries.push(number(POWER, watts, Unit::W));
        entries.extend(watt_hours.map(|energy| number(ENERGY, energy, Unit::WH)));
        if let Some(clock) = &clock {
            entries.push(Entry { obis: obis!(0-0:1.0.0), value: Value::Octets(clock), scaler: None });
        }
        let mut buffer = [0; 256];
        let mut writer = Writer::new(&mut buffer);
        list().emit(&entries, &mut writer);
        let body = Value::read(&mut Reader::new(writer.written())).unwrap();
        let notification = Notification { invoke_id: 0, stamp: Stamp::Absent, body, trailing: &[] };
        let mut reading = Reading::default();
        let read = reading.read(list(), &Message::Notification(notification), Settings::default());
        assert_eq!(read, Read::Said);
        reading
    }

    fn value(snapshot: &Snapshot, obis: Obis, now: Instant) -> Option<Decimal> {
        snapshot.value(Register::find(obis).unwrap(), now, &LIMITS)
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    const ENCRYPTED: Error = Error::Cipher(cipher::Error::NoKey);
    const WALL: SystemTime = SystemTime::UNIX_EPOCH;
    const FIVE: [u8; 12] = [7, 0xE9, 12, 14, 0, 17, 0, 0, 0xFF, 0, 0, 0];
    const SIX: [u8; 12] = [7, 0xE9, 12, 14, 0, 18, 0, 0, 0xFF, 0, 0, 0];

    #[test]
    fn a_silent_meter_loses_its_power_in_seconds_and_its_registers_in_hours() {
        let start = Instant::now();
        let mut snapshot = Snapshot::default();
        assert_eq!(value(&snapshot, POWER, start), None, "nothing is known before the first reading");
        snapshot.take(&reading(b"1", Some(FIVE), 500, Some(7)), list(), start, WALL);
        assert_eq!(value(&snapshot, POWER, start + seconds(30)), Some(Decimal::new(500, 0)));
        assert_eq!(value(&snapshot, POWER, start + seconds(31)), None);
        assert!(!snapshot.has_values(start + seconds(31), &LIMITS));
        assert_eq!(value(&snapshot, ENERGY, start + seconds(9000)), Some(Decimal::new(7, 0)));
        assert_eq!(value(&snapshot, ENERGY, start + seconds(9001)), None);
        assert!(snapshot.identity(start + seconds(9000), &LIMITS).is_some());
        assert!(snapshot.identity(start + seconds(9001), &LIMITS).is_none());
        assert_eq!(snapshot.last(Content::Energy), Some(WALL), "when it was stays known");
    }

    #[test]
    fn a_slow_meter_keeps_its_power_for_three_of_its_intervals_and_one_pause_makes_no_habit() {
        let start = Instant::now();
        let mut snapshot = Snapshot::default();
        let at = |minute: u64| start + seconds(60 * minute);
        for minute in [0, 5, 10] {
            snapshot.take(&reading(b"1", None, 500, None), list(), at(minute), WALL);
        }
        assert!(value(&snapshot, POWER, at(25)).is_some());
        assert!(value(&snapshot, POWER, at(26)).is_none());
        snapshot.take(&reading(b"1", None, 500, None), list(), at(200), WALL);
        assert!(value(&snapshot, POWER, at(215)).is_some());
        assert!(value(&snapshot, POWER, at(216)).is_none(), "the pause of three hours is not its interval");
    }

    #[test]
    fn what_is_asked_for_lives_for_three_rounds() {
        let start = Instant::now();
        let mut snapshot = Snapshot { interval: Some(seconds(4000)), ..Snapshot::default() };
        snapshot.frame(true, start);
        snapshot.take(&reading(b"1", None, 500, Some(7)), list(), start, WALL);
        for (second, alive) in [(12_000, true), (12_001, false)] {
            let now = start + seconds(second);
            assert_eq!(value(&snapshot, POWER, now).is_some(), alive);
            assert_eq!(value(&snapshot, ENERGY, now).is_some(), alive);
            assert_eq!(
                (snapshot.is_up(now, &LIMITS), snapshot.identity(now, &LIMITS).is_some()),
                (alive, alive)
            );
        }
    }

    #[test]
    fn an_hour_list_that_says_the_last_one_again_is_no_news() {
        let start = Instant::now();
        let mut snapshot = Snapshot::default();
        let hour = |hours: u64| start + seconds(3600 * hours);
        let wall = |hours: u64| WALL + seconds(3600 * hours);
        snapshot.take(&reading(b"1", Some(FIVE), 500, Some(7)), list(), hour(0), wall(0));
        snapshot.take(&reading(b"1", Some(FIVE), 600, Some(7)), list(), hour(1), wall(1));
        assert_eq!((snapshot.counts.repeats, snapshot.counts.readings[2]), (1, 2));
        assert_eq!(snapshot.last(Content::Energy), Some(wall(0)));
        assert_eq!(value(&snapshot, POWER, hour(1)), Some(Decimal::new(600, 0)), "its power is of this hour");
        assert_eq!(
            value(&snapshot, ENERGY, hour(0) + seconds(9001)),
            None,
            "its registers are as old as they are"
        );
        snapshot.take(&reading(b"1", Some(SIX), 600, Some(9)), list(), hour(2), wall(2));
        assert_eq!((snapshot.counts.repeats, snapshot.last(Content::Energy)), (1, Some(wall(2))));
        assert_eq!(value(&snapshot, ENERGY, hour(2)), Some(Decimal::new(9, 0)));
    }

    #[test]
    fn a_stopped_clock_does_not_hide_registers_that_move() {
        let mut snapshot = Snapshot::default();
        let now = Instant::now();
        snapshot.take(&reading(b"1", Some(FIVE), 500, Some(7)), list(), now, WALL);
        snapshot.take(&reading(b"1", Some(FIVE), 500, Some(8)), list(), now, WALL);
        assert_eq!((snapshot.counts.repeats, value(&snapshot, ENERGY, now)), (0, Some(Decimal::new(8, 0))));
        let mut invalid = FIVE;
        invalid[11] = 1;
        for _ in 0..2 {
            snapshot.take(&reading(b"1", Some(invalid), 500, Some(8)), list(), now, WALL);
        }
        for _ in 0..2 {
            snapshot.take(&reading(b"1", Some([0xFF; 12]), 500, Some(8)), list(), now, WALL);
        }
        assert_eq!(snapshot.counts.repeats, 0, "a clock that is invalid or not given proves nothing");
    }

    #[test]
    fn another_meter_inherits_nothing() {
        let mut snapshot = Snapshot::default();
        let now = Instant::now();
        snapshot.take(&reading(b"1", Some(FIVE), 500, Some(7)), list(), now, WALL);
        snapshot.take(&reading(b"2", None, 600, None), list(), now, WALL);
        assert_eq!(value(&snapshot, ENERGY, now), None);
        assert!(snapshot.clock(now, &LIMITS).is_none());
        assert_eq!(snapshot.identity(now, &LIMITS).unwrap().id.as_str(), "2");
        assert_eq!(snapshot.counts.readings, [0, 1, 1], "counters count on");
    }

    #[test]
    fn a_meter_that_goes_by_several_numbers_is_one() {
        let said = |id: &str, device: &str| Identity {
            id: Text::of(id.as_bytes()),
            device: Text::of(device.as_bytes()),
            ..Identity::default()
        };
        let name = "ISK1030777478586";
        for (other, expected) in [
            (said("16820006", name), false),
            (said("77478586", ""), false),
            (said("", name), false),
            (said("16820005", "ISK1030789375606"), true),
            (said("77478587", ""), true),
            (Identity { manufacturer: "Aidon", ..said("", "") }, true),
        ] {
            let known = Identity { manufacturer: "Iskraemeco", ..said("16820005", name) };
            assert_eq!((known.is_of_another(&other), other.is_of_another(&known)), (expected, expected));
            let (mut snapshot, now) = (Snapshot::default(), Instant::now());
            for (identity, energy) in [(known, Some(7)), (other, None)] {
                let mut reading = reading(b"", None, 500, energy);
                reading.identity = identity;
                snapshot.take(&reading, list(), now, WALL);
            }
            assert_eq!(value(&snapshot, ENERGY, now).is_none(), expected, "{other:?}");
            let id = snapshot.identity(now, &LIMITS).unwrap().id;
            assert_eq!(id.as_str(), if expected { other.id.as_str() } else { "16820005" });
        }
    }

    #[test]
    fn two_outages_make_no_habit_either() {
        let start = Instant::now();
        let mut rhythm = Rhythm::default();
        for second in [0, 10, 20, 1220, 2420] {
            rhythm.beat(start + seconds(second));
        }
        assert_eq!(rhythm.interval(), seconds(10));
        assert!(!rhythm.is_fresh(start + seconds(2451), &LIMITS));
    }

    #[test]
    fn what_a_list_leaves_open_stays_as_it_was() {
        let mut snapshot = Snapshot::default();
        let now = Instant::now();
        snapshot.take(&reading(b"1", None, 500, None), list(), now, WALL);
        snapshot.take(&reading(b"", None, 500, None), list(), now, WALL);
        assert_eq!(snapshot.identity(now, &LIMITS).unwrap().id.as_str(), "1");
        snapshot.take(&reading(b"", Some(FIVE), 500, Some(7)), list(), now, WALL);
        snapshot.take(&reading(b"2", None, 600, None), list(), now, WALL);
        assert_eq!(value(&snapshot, ENERGY, now), None, "the other meter is noticed all the same");
    }

    #[test]
    fn the_clock_is_compared_with_the_hosts() {
        let mut snapshot = Snapshot::default();
        let now = Instant::now();
        // 2025-12-14 17:00:00 in Norway's standard time is 16:00:00 UTC.
        let wall = WALL + Duration::from_millis(1_765_728_000_500);
        snapshot.take(&reading(b"1", Some(FIVE), 500, Some(7)), list(), now, wall);
        let clock = snapshot.clock(now, &LIMITS).unwrap();
        assert_eq!((clock.unix, clock.ahead), (Some(1_765_728_000), Some(-0.5)));
    }

    #[test]
    fn up_means_a_good_frame_lately() {
        let mut snapshot = Snapshot::default();
        let start = Instant::now();
        assert!(!snapshot.is_up(start, &LIMITS));
        snapshot.frame(false, start);
        assert!(!snapshot.is_up(start, &LIMITS));
        snapshot.frame(true, start);
        assert!(
            snapshot.is_up(start + seconds(30), &LIMITS) && !snapshot.is_up(start + seconds(31), &LIMITS)
        );
        assert_eq!(snapshot.counts.frames, 2);
    }

    #[test]
    fn every_reason_has_a_counter() {
        let mut snapshot = Snapshot::default();
        let event = |outcome| Event { offset: 0, length: 0, frame: None, message: &[], outcome };
        let now = Instant::now();
        snapshot.absorb(&event(Outcome::Undecodable(ENCRYPTED)), now, WALL);
        snapshot.absorb(&event(Outcome::Rejected(Error::TooLong, &[])), now, WALL);
        assert_eq!((snapshot.counts.errors.iter().sum::<u64>(), snapshot.counts.frames), (2, 2));
        assert_eq!(snapshot.refused, Some(ENCRYPTED));
        snapshot.take(&reading(b"1", None, 1, None), list(), Instant::now(), WALL);
        assert_eq!(snapshot.refused, None);
    }

    #[test]
    fn a_closed_message_without_a_frame_tells_why() {
        let mut snapshot = Snapshot::default();
        let now = Instant::now();
        let closed = Error::Cipher(cipher::Error::AuthenticationKey);
        let outcome = Outcome::Rejected(closed, &[cipher::START]);
        let event = |outcome| Event { offset: 0, length: 1, frame: None, message: &[], outcome };
        snapshot.absorb(&event(outcome), now, WALL);
        assert!(snapshot.is_up(now, &LIMITS));
        assert_eq!(snapshot.refused, Some(closed));
        // A tag that does not hold proves nothing; it tells of a wrong key as long as nothing was ever opened.
        let tag = Error::Cipher(cipher::Error::Tag);
        let outcome = Outcome::Rejected(tag, &[cipher::START]);
        let mut snapshot = Snapshot::default();
        snapshot.absorb(&event(outcome), now, WALL);
        assert_eq!((snapshot.is_up(now, &LIMITS), snapshot.refused), (false, Some(tag)));
        snapshot.take(&reading(b"1", None, 1, None), list(), now, WALL);
        snapshot.absorb(&event(outcome), now, WALL);
        assert_eq!(snapshot.refused, None);
    }
}
