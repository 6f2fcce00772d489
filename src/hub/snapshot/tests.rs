//! How values, clock and identity of one meter are kept and forgotten.

use super::*;
use crate::meter::List;
use crate::meter::{Entry, LISTS};
use crate::obis;
use crate::reading::Reading;
use crate::reading::{Read, Settings};
use crate::wire::cursor::{Reader, Writer};
use crate::wire::dlms::apdu::{Notification, Stamp};
use crate::wire::dlms::value::Value;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

const POWER: Obis = obis!(1-0:1.7.0);
const EXPORT: Obis = obis!(1-0:2.7.0);
const VOLTAGE: Obis = obis!(1-0:32.7.0);
const ENERGY: Obis = obis!(1-0:1.8.0);
const LIMITS: Limits = Limits { instant: Duration::from_secs(30), register: Duration::from_secs(9000) };

fn list() -> &'static List {
    LISTS.iter().find(|list| list.name == "AIDON_V0001").unwrap()
}

fn report(id: &[u8], clock: Option<[u8; 12]>, watts: u32, watt_hours: Option<u32>) -> Report {
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
    assert_eq!(read, Read::Known);
    Report::new(list(), &reading)
}

fn value(snapshot: &Snapshot, obis: Obis, now: Moment) -> Option<Decimal> {
    let wanted = Register::find(obis).unwrap();
    snapshot.values(now.boot, &LIMITS).find(|(register, _)| *register == wanted).map(|(_, value)| value)
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const START: Moment = Moment { wall: SystemTime::UNIX_EPOCH, boot: BootTime::ZERO };
const FIVE: [u8; 12] = [7, 0xE9, 12, 14, 0, 17, 0, 0, 0xFF, 0, 0, 0];
const SIX: [u8; 12] = [7, 0xE9, 12, 14, 0, 18, 0, 0, 0xFF, 0, 0, 0];

#[test]
fn a_silent_meter_loses_its_power_after_seconds_and_its_counters_after_hours() {
    let mut snapshot = Snapshot::default();
    assert_eq!(value(&snapshot, POWER, START), None, "nothing is known before the first reading");
    snapshot.take(&mut report(b"1", Some(FIVE), 500, Some(7)), START);
    assert_eq!(value(&snapshot, POWER, START + seconds(30)), Some(Decimal::new(500, 0)));
    assert_eq!(value(&snapshot, POWER, START + seconds(31)), None);
    assert!(!snapshot.has_instantaneous((START + seconds(31)).boot, &LIMITS));
    assert_eq!(value(&snapshot, ENERGY, START + seconds(9000)), Some(Decimal::new(7, 0)));
    assert_eq!(value(&snapshot, ENERGY, START + seconds(9001)), None);
    assert!(snapshot.identity((START + seconds(9000)).boot, &LIMITS).is_some());
    assert!(snapshot.identity((START + seconds(9001)).boot, &LIMITS).is_none());
    assert_eq!(snapshot.last(Content::Energy), Some(START.wall), "the time of the last list stays known");
}

/// Numbers of an unknown manufacturer, each with a scaler of 0 and a unit or with neither.
fn report_of_a_stranger(numbers: &[(Obis, u32, Option<Unit>)]) -> Report {
    let list = LISTS.iter().find(|list| list.name == "self-describing records").unwrap();
    let entry = |&(obis, number, unit): &(Obis, u32, Option<Unit>)| Entry {
        obis,
        value: Value::U32(number),
        scaler: unit.map(|unit| (0, unit)),
    };
    let entries: Vec<_> = numbers.iter().map(entry).collect();
    let mut buffer = [0; 256];
    let mut writer = Writer::new(&mut buffer);
    list.emit(&entries, &mut writer);
    let body = Value::read(&mut Reader::new(writer.written())).unwrap();
    let notification = Notification { invoke_id: 0, stamp: Stamp::Absent, body, trailing: &[] };
    let mut reading = Reading::default();
    let read = reading.read(list, &Message::Notification(notification), Settings::default());
    assert_eq!(read, Read::Known);
    Report::new(list, &reading)
}

#[test]
fn a_zero_of_unknown_scale_is_not_shown_because_the_next_number_could_not_be() {
    let mut snapshot = Snapshot::default();
    for (watts, watt_hours) in [(0, 0), (2000, 5)] {
        let numbers = [(ENERGY, watt_hours, None), (EXPORT, watts, None), (VOLTAGE, 230, Some(Unit::V))];
        snapshot.take(&mut report_of_a_stranger(&numbers), START);
        assert_eq!([ENERGY, EXPORT].map(|obis| value(&snapshot, obis, START)), [None, None]);
        assert_eq!(value(&snapshot, VOLTAGE, START), Some(Decimal::new(230, 0)));
    }
}

#[test]
fn a_number_of_unknown_scale_withdraws_the_one_before() {
    let mut snapshot = Snapshot::default();
    let proven = [(POWER, 500, Some(Unit::W)), (EXPORT, 0, None)];
    snapshot.take(&mut report_of_a_stranger(&proven), START);
    assert_eq!(value(&snapshot, EXPORT, START), Some(Decimal::new(0, 0)));
    let unproven = [(ENERGY, 7, Some(Unit::WH)), (EXPORT, 2000, None)];
    let export = Register::find(EXPORT).unwrap();
    assert_eq!(snapshot.take(&mut report_of_a_stranger(&unproven), START), [export]);
    assert_eq!(value(&snapshot, EXPORT, START), None);
    assert!(snapshot.registers().any(|register| register == export), "net power must not ignore it");
    assert_eq!(snapshot.take(&mut report_of_a_stranger(&unproven), START), [], "it went once");
    snapshot.take(&mut report_of_a_stranger(&proven), START);
    assert_eq!(value(&snapshot, EXPORT, START), Some(Decimal::new(0, 0)));
}

#[test]
fn a_slow_meter_keeps_its_power_for_three_intervals_and_one_outage_does_not_lengthen_them() {
    let mut snapshot = Snapshot::default();
    let at = |minute: u64| START + seconds(60 * minute);
    for minute in [0, 5, 10] {
        snapshot.take(&mut report(b"1", None, 500, None), at(minute));
    }
    assert!(value(&snapshot, POWER, at(25)).is_some());
    assert!(value(&snapshot, POWER, at(26)).is_none());
    snapshot.take(&mut report(b"1", None, 500, None), at(200));
    assert!(value(&snapshot, POWER, at(215)).is_some());
    assert!(value(&snapshot, POWER, at(216)).is_none(), "the outage of three hours is not its interval");
}

#[test]
fn values_of_a_polled_meter_live_for_three_poll_cycles() {
    let mut snapshot = Snapshot { poll_interval: Some(seconds(4000)), ..Snapshot::default() };
    snapshot.record_frame(true, START.boot);
    snapshot.take(&mut report(b"1", None, 500, Some(7)), START);
    for (second, alive) in [(12_000, true), (12_001, false)] {
        let now = START + seconds(second);
        assert_eq!(value(&snapshot, POWER, now).is_some(), alive);
        assert_eq!(value(&snapshot, ENERGY, now).is_some(), alive);
        assert_eq!(
            (snapshot.is_up(now.boot, &LIMITS), snapshot.identity(now.boot, &LIMITS).is_some()),
            (alive, alive)
        );
    }
}

#[test]
fn an_energy_list_that_repeats_the_one_before_does_not_renew_its_counters() {
    let mut snapshot = Snapshot::default();
    let hour = |hours: u64| START + seconds(3600 * hours);
    let wall = |hours: u64| hour(hours).wall;
    snapshot.take(&mut report(b"1", Some(FIVE), 500, Some(7)), hour(0));
    snapshot.take(&mut report(b"1", Some(FIVE), 600, Some(7)), hour(1));
    assert_eq!((snapshot.counts.repeats, snapshot.counts.readings[2]), (1, 2));
    assert_eq!(snapshot.last(Content::Energy), Some(wall(0)));
    assert_eq!(value(&snapshot, POWER, hour(1)), Some(Decimal::new(600, 0)), "its power is of this hour");
    assert_eq!(value(&snapshot, ENERGY, hour(0) + seconds(9001)), None, "its counters keep their age");
    snapshot.take(&mut report(b"1", Some(SIX), 600, Some(9)), hour(2));
    assert_eq!((snapshot.counts.repeats, snapshot.last(Content::Energy)), (1, Some(wall(2))));
    assert_eq!(value(&snapshot, ENERGY, hour(2)), Some(Decimal::new(9, 0)));
}

#[test]
fn a_stopped_clock_does_not_hide_counters_that_move() {
    let mut snapshot = Snapshot::default();
    let now = START;
    snapshot.take(&mut report(b"1", Some(FIVE), 500, Some(7)), now);
    snapshot.take(&mut report(b"1", Some(FIVE), 500, Some(8)), now);
    assert_eq!((snapshot.counts.repeats, value(&snapshot, ENERGY, now)), (0, Some(Decimal::new(8, 0))));
    let mut invalid = FIVE;
    invalid[11] = 1;
    for _ in 0..2 {
        snapshot.take(&mut report(b"1", Some(invalid), 500, Some(8)), now);
    }
    for _ in 0..2 {
        snapshot.take(&mut report(b"1", Some([0xFF; 12]), 500, Some(8)), now);
    }
    assert_eq!(snapshot.counts.repeats, 0, "a clock that is invalid or not given proves nothing");
}

#[test]
fn another_meter_inherits_no_values() {
    let mut snapshot = Snapshot::default();
    let now = START;
    snapshot.take(&mut report(b"1", Some(FIVE), 500, Some(7)), now);
    snapshot.take(&mut report(b"2", None, 600, None), now);
    assert_eq!(value(&snapshot, ENERGY, now), None);
    assert!(snapshot.clock(now.boot, &LIMITS).is_none());
    assert_eq!(snapshot.identity(now.boot, &LIMITS).unwrap().id.as_str(), "2");
    assert_eq!(snapshot.counts.readings, [0, 1, 1], "counts go on");
}

#[test]
fn a_meter_with_several_numbers_is_one_meter() {
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
        let (mut snapshot, now) = (Snapshot::default(), START);
        for (identity, energy) in [(known, Some(7)), (other, None)] {
            let mut report = report(b"", None, 500, energy);
            report.identity = identity;
            snapshot.take(&mut report, now);
        }
        assert_eq!(value(&snapshot, ENERGY, now).is_none(), expected, "{other:?}");
        let id = snapshot.identity(now.boot, &LIMITS).unwrap().id;
        assert_eq!(id.as_str(), if expected { other.id.as_str() } else { "16820005" });
    }
}

#[test]
fn identity_that_a_list_omits_stays() {
    let mut snapshot = Snapshot::default();
    let now = START;
    snapshot.take(&mut report(b"1", None, 500, None), now);
    snapshot.take(&mut report(b"", None, 500, None), now);
    assert_eq!(snapshot.identity(now.boot, &LIMITS).unwrap().id.as_str(), "1");
    snapshot.take(&mut report(b"", Some(FIVE), 500, Some(7)), now);
    snapshot.take(&mut report(b"2", None, 600, None), now);
    assert_eq!(value(&snapshot, ENERGY, now), None, "the other meter is recognised all the same");
}

#[test]
fn compares_the_clock_with_the_hosts() {
    let mut snapshot = Snapshot::default();
    // 2025-12-14 17:00:00 in Norway's standard time is 16:00:00 UTC.
    let now = START + Duration::from_millis(1_765_728_000_500);
    snapshot.take(&mut report(b"1", Some(FIVE), 500, Some(7)), now);
    let clock = snapshot.clock(now.boot, &LIMITS).unwrap();
    assert_eq!((clock.unix, clock.ahead), (Some(1_765_728_000), Some(-0.5)));
}

#[test]
fn up_means_that_a_valid_frame_arrived_recently() {
    let mut snapshot = Snapshot::default();
    assert!(!snapshot.is_up(START.boot, &LIMITS));
    snapshot.record_frame(false, START.boot);
    assert!(!snapshot.is_up(START.boot, &LIMITS));
    snapshot.record_frame(true, START.boot);
    assert!(
        snapshot.is_up((START + seconds(30)).boot, &LIMITS)
            && !snapshot.is_up((START + seconds(31)).boot, &LIMITS)
    );
    assert_eq!(snapshot.counts.frames, 2);
}

#[test]
fn reports_each_value_that_became_too_old_once() {
    let mut snapshot = Snapshot::default();
    snapshot.take(&mut report(b"1", Some(FIVE), 500, Some(7)), START);
    let [power, energy] = [POWER, ENERGY].map(|obis| Register::find(obis).unwrap());
    let mut expire = |second| snapshot.expire((START + seconds(second)).boot, &LIMITS);
    assert_eq!(expire(30), []);
    assert_eq!((expire(31), expire(32)), (vec![power], vec![]));
    assert_eq!((expire(9001), expire(20_000)), (vec![energy], vec![]));
    snapshot.take(&mut report(b"1", None, 500, None), START + seconds(20_000));
    assert_eq!(snapshot.expires_in((START + seconds(20_010)).boot, &LIMITS), Some(seconds(20)));
    assert_eq!(snapshot.expire((START + seconds(60_000)).boot, &LIMITS), [power]);
}
