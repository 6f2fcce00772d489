//! What damage to telegrams without a check shows: no false id, no false state, no counter lowered, none raised above
//! what the meter had reached, and instantaneous values within what a house's connection allows.
//!
//! Each damaged telegram comes first of all, second, and after two good ones; good ones with risen counters follow.
//! Every single-bit error, and ten thousand double ones of each fixture, are decoded; those that give another reading
//! go through the hub. What a block check covers it proves, so that double ones are none of its business here.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use han_exporter::decoder::{Decoder, Event, Outcome};
use han_exporter::hub::{BootTime, Current, Hub, Intake, Limits, Meter, MeterName, Moment, Port};
use han_exporter::meter::{Kind, Quantity, Register};
use han_exporter::reading::Identity;
use han_exporter::wire::decimal::Decimal;
use han_exporter::wire::frame::Proof;
use han_exporter::wire::telegram::with_parity;

use crate::support::fixture::{self, Fixture};
use crate::support::line::flip;
use crate::support::random::Random;
use crate::support::report;
use crate::support::share::{all, share};

/// Pairs of wrong bits tried in each fixture.
const PAIRS: usize = 10_000;

#[test]
fn single_bit_errors_show_nothing_false() {
    let counts =
        check_each(&[Proof::Nothing, Proof::Data], |bits| all(0..bits).map(|bit| vec![bit]).collect());
    counts.print();
    let one_in = PAIRS / all(0..PAIRS).count();
    assert!(counts.fixtures > 15 && counts.false_readings * one_in > 5_000, "{counts:?}");
}

#[test]
fn double_bit_errors_show_nothing_false() {
    let counts = check_each(&[Proof::Nothing], |bits| {
        let pair = |seed| {
            let mut random = Random::new(seed as u64);
            vec![random.below(bits), random.below(bits)]
        };
        share(0..PAIRS).map(pair).collect()
    });
    counts.print();
    let one_in = PAIRS / share(0..PAIRS).count();
    assert!(counts.fixtures > 10 && counts.false_readings * one_in > 10_000, "{counts:?}");
}

#[derive(Debug)]
struct Counts {
    fixtures: usize,
    tried: usize,
    false_readings: usize,
}

impl Counts {
    fn print(&self) {
        println!(
            "{} of {} errors in {} captures give another reading",
            self.false_readings, self.tried, self.fixtures
        );
    }
}

/// Damages every fixture that checks prove no better than this, in each of these ways.
fn check_each(proofs: &[Proof], damages: impl Fn(usize) -> Vec<Vec<usize>> + Sync) -> Counts {
    let mut fixtures = fixture::all();
    fixtures.retain(|fixture| proof(fixture).is_some_and(|proof| proofs.contains(&proof)));
    let (tried, found, count) = (AtomicUsize::new(0), AtomicUsize::new(0), fixtures.len());
    fixture::check_each(fixtures, |fixture| {
        let sent: Vec<_> = (0..5).map(|number| later(fixture, number)).collect();
        let mut decoders: Vec<_> = sent.iter().map(|_| Decoder::default()).collect();
        let decoded = sent.iter().zip(&mut decoders).map(|(bytes, decoder)| Telegram::of(bytes, decoder));
        let meter = House { fixture, telegrams: decoded.collect() };
        let own = readings(&sent[DAMAGED]);
        for bits in damages(sent[DAMAGED].len() * 8) {
            let mut bytes = sent[DAMAGED].clone();
            bits.iter().for_each(|&bit| flip(&mut bytes, bit));
            let said = readings(&bytes);
            tried.fetch_add(1, Ordering::Relaxed);
            if !said.is_empty() && said != own {
                found.fetch_add(1, Ordering::Relaxed);
                meter.check(&bytes);
            }
        }
    });
    Counts { fixtures: count, tried: tried.into_inner(), false_readings: found.into_inner() }
}

/// What proves a fixture's reading; `None` without one.
fn proof(fixture: &Fixture) -> Option<Proof> {
    let mut proof = None;
    each_event(&fixture.bytes, |event| {
        if let Outcome::Reading { .. } = event.outcome {
            proof = Some(event.proof());
        }
    });
    proof
}

fn readings(bytes: &[u8]) -> Vec<String> {
    let mut readings = Vec::new();
    each_event(bytes, |event| {
        if let Outcome::Reading { .. } = event.outcome {
            readings.push(report::outcome(&event.outcome));
        }
    });
    readings
}

fn each_event(bytes: &[u8], mut take: impl FnMut(&Event<'_>)) {
    let (mut decoder, mut rest) = (Decoder::default(), bytes);
    while let Some(event) = decoder.feed(&mut rest) {
        take(&event);
    }
    while let Some(event) = decoder.finish() {
        take(&event);
    }
}

/// Seconds from one telegram to the next: such meters push every ten, and are polled every sixty.
fn interval(fixture: &Fixture) -> u64 {
    if fixture.protocol == "iec" { 60 } else { 10 }
}

/// The fixture as it is sent so many telegrams later: energies are higher by a digit each time, and the clock goes on.
/// One with a block check stays as it is.
fn later(fixture: &Fixture, number: u64) -> Vec<u8> {
    if proof(fixture) != Some(Proof::Nothing) {
        return fixture.bytes.clone();
    }
    let mut text: Vec<u8> = fixture.bytes.iter().map(|byte| byte & 0x7F).collect();
    for unit in [&b"*kWh)"[..], b"*Wh)", b"*kvarh)", b"*varh)"] {
        let places: Vec<_> = text.windows(unit.len()).enumerate().filter(|(_, at)| *at == unit).collect();
        let ends: Vec<_> = places.into_iter().map(|(end, _)| end).collect();
        ends.into_iter().for_each(|end| add(&mut text[..end], number));
    }
    let clock = b"0-0:1.0.0(";
    if let Some(start) = text.windows(clock.len()).position(|at| at == clock) {
        let (minutes, seconds) = (start + clock.len() + 10, number * interval(fixture));
        let second = u64::from(text[minutes] - b'0') * 10 + u64::from(text[minutes + 1] - b'0') + seconds;
        add(&mut text[..minutes], second / 60);
        text[minutes..minutes + 2].copy_from_slice(format!("{:02}", second % 60).as_bytes());
    }
    match fixture.bytes[0] {
        b'/' => text,
        _ => text.into_iter().map(with_parity).collect(),
    }
}

/// Adds to the number that ends there.
fn add(text: &mut [u8], mut number: u64) {
    for digit in text.iter_mut().rev() {
        match digit {
            b'0'..=b'9' => {
                let sum = u64::from(*digit - b'0') + number;
                *digit = b'0' + (sum % 10) as u8;
                number = sum / 10;
            }
            b'.' | b',' => {}
            _ => return,
        }
    }
}

/// A telegram that arrived intact.
struct Telegram<'a> {
    event: Event<'a>,
    identity: Identity,
    clock: Option<i64>,
    values: BTreeMap<Register, Decimal>,
}

impl<'a> Telegram<'a> {
    fn of(bytes: &[u8], decoder: &'a mut Decoder) -> Self {
        let mut rest = bytes;
        let is_complete = Decoder::default().feed(&mut rest).is_some();
        let mut rest = bytes;
        let event = if is_complete {
            decoder.feed(&mut rest)
        } else {
            assert!(decoder.feed(&mut rest).is_none());
            decoder.finish()
        };
        let event = event.expect("a telegram");
        let Outcome::Reading { list, reading, .. } = event.outcome else { panic!("no reading") };
        Telegram {
            event,
            identity: reading.identity,
            clock: reading.clock.and_then(|clock| clock.to_unix(list.zone)),
            values: shown(&event),
        }
    }

    /// The highest power that it contains, or that of a house's connection.
    fn power(&self) -> f64 {
        let powers = self.values.iter().filter(|(register, _)| is_power(**register));
        powers.map(|(_, value)| value.to_f64()).max_by(f64::total_cmp).unwrap_or(60_000.0)
    }
}

/// All that `/metrics` shows of a telegram, if it is believed.
fn shown(event: &Event<'_>) -> BTreeMap<Register, Decimal> {
    let (hub, now) = (Hub::default(), Moment { wall: SystemTime::UNIX_EPOCH, boot: BootTime::ZERO });
    hub.set_meters(vec![Meter::default()]);
    let mut intake = Intake::of_capture(hub.clone(), MeterName::default());
    // A total of a single tariff is added up when a second telegram has no other.
    (0..2).for_each(|_| intake.decoded(event, now));
    let state = hub.state();
    let current = state.current(now.boot).next().expect("a meter");
    current.published().map(|published| (published.register, published.sent)).collect()
}

/// The number of the telegram that arrives damaged.
const DAMAGED: usize = 2;

/// A meter whose third telegram arrives damaged.
struct House<'a> {
    fixture: &'a Fixture,
    telegrams: Vec<Telegram<'a>>,
}

/// What was shown so far of a meter that began to be read with one of the telegrams.
struct Watch {
    first: usize,
    shown: BTreeMap<Register, f64>,
}

impl House<'_> {
    fn check(&self, damaged: &[u8]) {
        let hub = Hub::default();
        let meter = |name: &str| Meter { name: name.into(), simulated: false, limits: Limits::default() };
        let names = ["at last", "second", "first"];
        hub.set_meters(names.map(meter).to_vec());
        let mut intakes = names.map(|name| Intake::new(hub.clone(), name.into()));
        let poll_interval =
            (self.fixture.protocol == "iec").then_some(Duration::from_secs(interval(self.fixture)));
        intakes.iter().for_each(|intake| intake.port(Port::default(), 0, poll_interval, self.moment(0)));
        let mut watches = [0, 1, 2].map(|first| Watch { first, shown: BTreeMap::new() });
        for number in 0..self.telegrams.len() {
            let now = self.moment(number);
            let mut take = |event: &Event<'_>| {
                let begun = intakes.iter_mut().zip(&watches).filter(|(_, watch)| watch.first <= number);
                begun.for_each(|(intake, _)| intake.decoded(event, now));
            };
            match number {
                DAMAGED => each_event(damaged, take),
                _ => take(&self.telegrams[number].event),
            }
            let state = hub.state();
            for (current, watch) in state.current(now.boot).zip(&mut watches) {
                self.check_shown(current, watch, number, damaged);
            }
        }
        let last = self.telegrams.len() - 1;
        hub.state().current(self.moment(last).boot).for_each(|current| self.check_whole(current, damaged));
    }

    fn moment(&self, number: usize) -> Moment {
        let start = Moment { wall: SystemTime::UNIX_EPOCH, boot: BootTime::ZERO };
        start + Duration::from_secs(number as u64 * interval(self.fixture))
    }

    /// Whether all that is shown after a telegram is true, as far as is promised.
    fn check_shown(&self, current: Current<'_>, watch: &mut Watch, number: usize, damaged: &[u8]) {
        let told = || format!("{}, telegram {number}: {}", self.context(current, damaged), watch.first);
        let telegram = &self.telegrams[number];
        let mut shown = BTreeMap::new();
        for published in current.published() {
            let (register, value) = (published.register, published.sent.to_f64());
            let name = || format!("{}, {} {value}", told(), register.family().name);
            let truth =
                telegram.values.get(&register).unwrap_or_else(|| panic!("{}: not sent", name())).to_f64();
            let before = watch.shown.get(&register).copied();
            match register.kind() {
                Kind::Counter | Kind::Held => {
                    assert!(
                        before.is_none_or(|before| before <= value),
                        "{}: lowered from {before:?}",
                        name()
                    );
                    assert!(value <= truth, "{}: {truth} is not reached yet", name());
                    let low = truth - value - self.possible(register, telegram);
                    assert!(low <= 0.0, "{}: lower than {truth} by {low} too much", name());
                }
                Kind::State(_) => assert!(value == truth, "{}: {truth}", name()),
                Kind::Gauge => {
                    assert!((value - truth).abs() <= jump(register, value, truth), "{}: {truth}", name());
                }
            }
            shown.insert(register, value);
        }
        assert!(watch.shown.keys().all(|register| shown.contains_key(register)), "{}: forgotten", told());
        self.check_identity(current, telegram, &told);
        watch.shown = shown;
    }

    fn check_identity(&self, current: Current<'_>, telegram: &Telegram<'_>, told: &dyn Fn() -> String) {
        if let Some(identity) = current.identity() {
            assert!(!identity.is_of_another(&telegram.identity), "{}: {identity:?}", told());
            assert!([telegram.identity, Identity::default()].contains(identity), "{}: {identity:?}", told());
        }
        if let (Some(clock), Some(truth)) = (current.clock().and_then(|clock| clock.unix), telegram.clock) {
            // The last one shown may be of the telegram before.
            assert!(clock.abs_diff(truth) <= 60 + interval(self.fixture), "{}: {clock}, {truth}", told());
        }
    }

    /// Whether all is shown after two telegrams that are intact.
    fn check_whole(&self, current: Current<'_>, damaged: &[u8]) {
        let [.., before, last] = &self.telegrams[..] else { panic!("no telegrams") };
        let told = || self.context(current, damaged);
        assert_eq!(current.identity(), Some(&last.identity), "{}", told());
        assert_eq!(current.trouble(), None, "{}", told());
        let shown: BTreeMap<_, _> = current.published().map(|shown| (shown.register, shown.sent)).collect();
        let Outcome::Reading { reading, .. } = last.event.outcome else { panic!("no reading") };
        for (register, value) in reading.registers() {
            let shown = shown.get(&register).map(|value| value.to_f64());
            let least = if let Kind::Counter = register.kind() { before.values[&register] } else { value };
            assert!(shown >= Some(least.to_f64()), "{}: {} {shown:?}", told(), register.family().name);
        }
    }

    fn context(&self, current: Current<'_>, damaged: &[u8]) -> String {
        let text = String::from_utf8_lossy(damaged);
        format!("{}, damaged {}:\n{text}\n", self.fixture.name, current.name().label().unwrap_or_default())
    }

    /// How far a counter that is shown may be below what the meter has reached: what its power allows in one telegram,
    /// or a house's connection where that is not known, and a digit in each of two.
    fn possible(&self, register: Register, telegram: &Telegram<'_>) -> f64 {
        let digits = 2.0 * 10_f64.powi(telegram.values[&register].exponent().into());
        let seconds = interval(self.fixture) as f64;
        digits
            + match register.quantity() {
                Quantity::ActiveEnergy | Quantity::ReactiveEnergy => {
                    (3.0 * telegram.power() + 1000.0) * seconds / 3600.0
                }
                Quantity::Volume => 10.0 * seconds / 3600.0,
                Quantity::Timestamp | Quantity::Duration => seconds,
                _ => 0.0,
            }
    }
}

/// How far an instantaneous value may be from the true one.
fn jump(register: Register, value: f64, truth: f64) -> f64 {
    let half = value.abs().max(truth.abs()) / 2.0;
    match register.quantity() {
        Quantity::Current => half.max(16.0),
        Quantity::Voltage => 25.0,
        _ if is_power(register) => half.max(4000.0),
        other => panic!("no bound of {other:?}"),
    }
}

fn is_power(register: Register) -> bool {
    let power = [Quantity::ActivePower, Quantity::ReactivePower, Quantity::ApparentPower];
    register.kind() == Kind::Gauge && power.contains(&register.quantity())
}
