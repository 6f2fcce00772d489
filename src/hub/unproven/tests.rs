//! What is held back, and that nothing true is held back for long.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;
use crate::hub::Moment;
use crate::meter::{LISTS, List};
use crate::obis;
use crate::reading::Content;
use crate::wire::obis::Obis;

const POWER: Obis = obis!(1-0:1.7.0);
const VOLTAGE: Obis = obis!(1-0:32.7.0);
const ENERGY: Obis = obis!(1-0:1.8.0);
const TARIFF: Obis = obis!(0-0:96.14.0);
const DEMAND: Obis = obis!(1-0:1.6.0);

/// A meter without checks, and what is shown of it.
struct Meter {
    unproven: Unproven,
    snapshot: Snapshot,
    now: Moment,
    id: &'static str,
    clock: Option<DateTime>,
    model: &'static str,
    proof: Proof,
}

impl Default for Meter {
    fn default() -> Self {
        let now = Moment { wall: SystemTime::UNIX_EPOCH, boot: BootTime::ZERO };
        Meter {
            unproven: Unproven::default(),
            snapshot: Snapshot::default(),
            now,
            id: "7",
            clock: None,
            model: "MT174",
            proof: Proof::Nothing,
        }
    }
}

impl Meter {
    /// Takes in a telegram ten seconds after the one before. Returns whether anything of it was shown.
    fn sends(&mut self, values: &[(Obis, i64)]) -> bool {
        self.sends_after(10, values)
    }

    fn sends_after(&mut self, seconds: u64, values: &[(Obis, i64)]) -> bool {
        self.now = self.now + Duration::from_secs(seconds);
        let values = values.iter().map(|&(obis, value)| (register(obis), Decimal::new(value, 0)));
        let mut values: Vec<_> = values.collect();
        values.sort_by_key(|(register, _)| *register);
        let id = Text::of(self.id.as_bytes());
        let report = Report {
            list: list(),
            content: Content::Energy,
            identity: Identity {
                manufacturer: "Iskraemeco",
                model: Text::of(self.model.as_bytes()),
                id,
                ..Identity::default()
            },
            clock: self.clock,
            clock_in_list: true,
            values: values.into(),
            withheld: Box::default(),
            unknown: 0,
            is_partial: false,
            repeated: false,
        };
        let confirmed = self.unproven.confirm(report, self.proof, &self.snapshot, self.now.boot);
        confirmed.map(|mut report| self.snapshot.take(&mut report, self.now)).is_some()
    }

    fn shows(&self, obis: Obis) -> Option<i64> {
        self.snapshot.last_value(register(obis)).map(|value| value.whole().unwrap())
    }

    fn shows_id(&self) -> &str {
        self.snapshot.last_identity().id.as_str()
    }
}

fn register(obis: Obis) -> Register {
    Register::find(obis).unwrap()
}

fn list() -> &'static List {
    LISTS.iter().find(|list| list.name == "P1 telegram").unwrap()
}

#[test]
fn nothing_is_shown_before_a_second_telegram_agrees() {
    let mut meter = Meter::default();
    assert!(!meter.sends(&[(POWER, 500), (ENERGY, 1000)]));
    assert!(meter.sends(&[(POWER, 900), (ENERGY, 1001)]));
    assert_eq!(
        (meter.shows(POWER), meter.shows(ENERGY)),
        (Some(900), Some(1000)),
        "the counter has reached that"
    );
    assert_eq!(meter.shows_id(), "7");
}

#[test]
fn one_damaged_telegram_changes_neither_counter_nor_state() {
    for damaged in [0, 900, 1004, 5000] {
        let mut meter = Meter::default();
        for (energy, tariff) in [(1000, 1), (1002, 1), (damaged, 2), (1004, 1), (1004, 1)] {
            let before = meter.shows(ENERGY);
            meter.sends(&[(ENERGY, energy), (TARIFF, tariff)]);
            assert!(meter.shows(ENERGY) >= before && meter.shows(ENERGY) <= Some(1004), "{damaged}");
            assert_ne!(meter.shows(TARIFF), Some(2));
        }
        assert_eq!(meter.shows(ENERGY), Some(1004));
    }
}

#[test]
fn a_first_telegram_that_is_damaged_shows_nothing_that_the_power_does_not_allow() {
    for (damaged, shown) in [(0, None), (900, None), (999, Some(999)), (1001, None), (9000, None)] {
        let mut meter = Meter::default();
        meter.sends(&[(ENERGY, damaged), (POWER, 300)]);
        meter.sends(&[(ENERGY, 1000), (POWER, 300)]);
        assert_eq!(meter.shows(ENERGY), shown, "{damaged}");
        meter.sends(&[(ENERGY, 1001), (POWER, 300)]);
        assert_eq!(meter.shows(ENERGY), Some(1000), "{damaged}");
    }
}

#[test]
fn a_number_that_is_another_meters_changes_nothing_until_a_second_telegram_contains_it() {
    let mut meter = Meter::default();
    let values = [(ENERGY, 1000), (POWER, 500)];
    meter.sends(&values);
    meter.sends(&values);
    meter.id = "8";
    assert!(!meter.sends(&[(ENERGY, 20), (POWER, 600)]), "it may be another meter's");
    assert_eq!((meter.shows_id(), meter.shows(ENERGY)), ("7", Some(1000)));
    meter.id = "7";
    assert!(meter.sends(&values), "a known number counts at once");

    meter.id = "8";
    assert!(!meter.sends(&[(ENERGY, 20), (POWER, 600)]));
    assert!(meter.sends(&[(ENERGY, 21), (POWER, 600)]));
    assert_eq!((meter.shows_id(), meter.shows(ENERGY)), ("8", Some(20)));
    assert_eq!(meter.shows(POWER), Some(600));
}

#[test]
fn what_surprises_counts_when_it_is_said_twice() {
    let mut meter = Meter::default();
    let before = [(ENERGY, 999_999), (POWER, 500), (VOLTAGE, 230), (TARIFF, 1), (DEMAND, 4000)];
    meter.sends(&before);
    meter.sends(&before);
    // The counter rolls over, the oven is on, the phase is dead, and a new month begins.
    let after = [(ENERGY, 0), (POWER, 9000), (VOLTAGE, 0), (TARIFF, 2), (DEMAND, 0)];
    assert!(!meter.sends(&after));
    before.iter().for_each(|&(obis, value)| assert_eq!(meter.shows(obis), Some(value)));
    assert!(meter.sends(&after));
    after.iter().for_each(|&(obis, value)| assert_eq!(meter.shows(obis), Some(value)));
}

#[test]
fn a_heater_that_switches_with_every_telegram_is_seen() {
    let mut meter = Meter::default();
    let shown = [500, 500, 6500, 500, 6500, 500, 6500].map(|power| {
        meter.sends(&[(POWER, power)]);
        meter.shows(POWER).unwrap_or_default()
    });
    assert_eq!(shown, [0, 500, 500, 500, 6500, 500, 6500]);
}

#[test]
fn a_clock_counts_if_it_goes_on_as_time_does_or_twice() {
    let mut meter = Meter::default();
    let at = |hour, second| Some(DateTime::local(2024, 2, 12, hour, 15, second));
    let mut sends = |clock| {
        meter.clock = clock;
        meter.sends(&[(POWER, 500)]);
        meter.snapshot.last_clock().map(|(clock, _)| clock)
    };
    assert_eq!(sends(at(12, 0)), None);
    assert_eq!(sends(at(12, 10)), at(12, 10));
    assert_eq!(sends(at(2, 20)), at(12, 10));
    assert_eq!(sends(at(12, 30)), at(12, 30));
    // It is set back.
    assert_eq!(sends(at(11, 40)), at(12, 30));
    assert_eq!(sends(at(11, 50)), at(11, 50));
}

#[test]
fn a_meter_connected_to_transformers_is_not_refused_for_ever() {
    let mut meter = Meter::default();
    let mut energy = 1_000_000;
    // 20 MW, and no power that would tell.
    for telegram in 0..20 {
        energy += 20_000_000 / 360;
        meter.sends(&[(ENERGY, energy)]);
        let behind = meter.shows(ENERGY).map(|shown| energy - shown);
        assert!(telegram < 6 || behind == Some(20_000_000 / 360), "{telegram}: {behind:?}");
    }
}

#[test]
fn a_readout_with_a_block_check_waits_only_for_its_first_line() {
    let mut meter = Meter { proof: Proof::Data, ..Meter::default() };
    let model = |meter: &Meter| meter.snapshot.last_identity().model;
    assert!(!meter.sends(&[(ENERGY, 1000)]));
    assert!(meter.sends(&[(ENERGY, 2000)]));
    assert_eq!(meter.shows(ENERGY), Some(2000), "its check proves the data");
    meter.model = "MT175";
    assert!(!meter.sends(&[(ENERGY, 2001)]));
    meter.model = "MT174";
    meter.id = "8";
    assert!(meter.sends(&[(ENERGY, 5)]));
    assert_eq!((meter.shows_id(), meter.shows(ENERGY)), ("8", Some(5)));
    meter.model = "MT175";
    assert!(!meter.sends(&[(ENERGY, 6)]) && model(&meter) == Text::of(b"MT174"));
    assert!(meter.sends(&[(ENERGY, 6)]) && model(&meter) == Text::of(b"MT175"));
}

fn telegram() -> impl Strategy<Value = [i64; 5]> {
    let any = || prop_oneof![0..2000_i64, 0..10_000_000_i64];
    (any(), any(), any(), 0..3_i64, any())
        .prop_map(|(energy, power, voltage, tariff, demand)| [energy, power, voltage, tariff, demand])
}

fn said(values: [i64; 5]) -> [(Obis, i64); 5] {
    let [energy, power, voltage, tariff, demand] = values;
    [(ENERGY, energy), (POWER, power), (VOLTAGE, voltage), (TARIFF, tariff), (DEMAND, demand)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever came before.
    #[test]
    fn all_that_is_said_twice_in_a_row_is_shown(
        before in prop::collection::vec((telegram(), 0..3_usize), 0..12),
        last in telegram(),
        pause in 1..4000_u64,
    ) {
        let mut meter = Meter::default();
        for (values, id) in before {
            meter.id = ["7", "8", ""][id];
            meter.sends_after(pause, &said(values));
        }
        meter.id = "9";
        for _ in 0..2 {
            meter.sends_after(pause, &said(last));
        }
        prop_assert_eq!(meter.shows_id(), "9");
        for (obis, value) in said(last) {
            prop_assert_eq!(meter.shows(obis), Some(value), "{}", obis);
        }
    }

    /// A counter that only rises is shown, at most one telegram late, and never above what was sent.
    #[test]
    fn no_rising_counter_is_refused_for_ever(
        steps in prop::collection::vec(0..100_000_i64, 20),
        pause in 1..4000_u64,
    ) {
        let (mut meter, mut energy, mut last_shown) = (Meter::default(), 0, 0);
        for (telegram, step) in steps.into_iter().enumerate() {
            energy += step;
            meter.sends_after(pause, &[(ENERGY, energy)]);
            let shown = meter.shows(ENERGY);
            prop_assert!(shown.is_none_or(|shown| shown <= energy));
            if shown == Some(energy - step) {
                last_shown = telegram;
            }
            prop_assert!(telegram - last_shown <= 10, "{} {:?}", telegram, shown);
        }
    }
}
