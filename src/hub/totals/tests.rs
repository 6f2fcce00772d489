//! When totals are added up, and when not.

use super::*;
use crate::meter::{LISTS, List};
use crate::obis;
use crate::reading::{Content, Identity};
use crate::wire::obis::Obis;

fn list(is_all: bool) -> &'static List {
    LISTS.iter().find(|list| list.is_all_that_is_sent() == is_all).unwrap()
}

/// A report of watt-hours or watts under codes of electricity.
fn report(is_all: bool, values: &[(Obis, i64)]) -> Report {
    let mut values: Vec<_> = values
        .iter()
        .map(|&(obis, number)| (Register::find(obis).unwrap(), Decimal::new(number, 0)))
        .collect();
    values.sort_by_key(|&(register, _)| register);
    Report {
        list: list(is_all),
        content: Content::Energy,
        identity: Identity::default(),
        clock: None,
        clock_in_list: false,
        values: values.into(),
        withheld: Box::default(),
        unknown: 0,
        is_partial: false,
        repeated: false,
    }
}

const TOTAL: Obis = obis!(1-0:1.8.0);
const FIRST: Obis = obis!(1-0:1.8.1);
const SECOND: Obis = obis!(1-0:1.8.2);
const THIRD: Obis = obis!(1-0:1.8.3);

/// One meter, which sends one report after the other.
struct Sender(Totals, bool);

impl Sender {
    fn telegrams() -> Self {
        Sender(Totals::default(), true)
    }

    fn lists() -> Self {
        Sender(Totals::default(), false)
    }

    /// The value of a code after a message, and the registers whose totals were wrong.
    fn send_for(&mut self, wanted: Obis, values: &[(Obis, i64)]) -> (Option<i64>, usize) {
        let mut report = report(self.1, values);
        let wrong = self.0.complete(&mut report);
        assert!(report.values.is_sorted_by_key(|&(register, _)| register));
        let wanted = Register::find(wanted).unwrap();
        let value = report.values.iter().find(|(register, _)| *register == wanted);
        assert!(wrong.iter().all(|&register| register == wanted));
        (value.and_then(|(_, value)| value.whole()), wrong.len())
    }

    fn send(&mut self, values: &[(Obis, i64)]) -> Option<i64> {
        let (total, wrong) = self.send_for(TOTAL, values);
        assert_eq!(wrong, 0);
        total
    }
}

#[test]
fn tariffs_alone_are_added_up() {
    let mut meter = Sender::telegrams();
    assert_eq!(meter.send(&[(FIRST, 1000), (SECOND, 200)]), Some(1200));
    assert_eq!(meter.send(&[(FIRST, 1000), (SECOND, 201)]), Some(1201));
    let mut export = Sender::telegrams();
    let sent = [(FIRST, 7), (SECOND, 8), (obis!(1-0:2.8.1), 30), (obis!(1-0:2.8.2), 4)];
    assert_eq!(export.send_for(obis!(1-0:2.8.0), &sent), (Some(34), 0));
    let mut reactive = Sender::telegrams();
    let sent = [(obis!(1-0:4.8.1), 30), (obis!(1-0:4.8.4), 4)];
    assert_eq!(reactive.send_for(obis!(1-0:4.8.0), &sent), (Some(34), 0));
}

#[test]
fn nothing_is_added_up_for_a_meter_that_ever_sent_the_total() {
    let mut meter = Sender::telegrams();
    assert_eq!(
        meter.send(&[(TOTAL, 1234), (FIRST, 1000), (SECOND, 200)]),
        Some(1234),
        "not even if it differs"
    );
    assert_eq!(meter.send(&[(FIRST, 1001), (SECOND, 200)]), None);
    let mut later = Sender::telegrams();
    assert_eq!(later.send(&[(FIRST, 1000), (SECOND, 200)]), Some(1200));
    assert_eq!(later.send(&[(TOTAL, 1201)]), Some(1201));
    assert_eq!(later.send(&[(FIRST, 1001), (SECOND, 200)]), None);
}

#[test]
fn tariffs_of_different_messages_are_never_added_up() {
    for mut meter in [Sender::telegrams(), Sender::lists()] {
        for hour in 0..5 {
            assert_eq!(meter.send(&[(FIRST, 1000 + hour)]), None);
            assert_eq!(meter.send(&[(SECOND, 200 + hour)]), None);
        }
    }
}

#[test]
fn a_single_tariff_counts_when_it_comes_again() {
    let mut single = Sender::telegrams();
    assert_eq!(single.send(&[(FIRST, 1000)]), None);
    assert_eq!(single.send(&[(FIRST, 1001)]), Some(1001));
    assert_eq!(single.send_for(TOTAL, &[(FIRST, 1001), (SECOND, 200)]), (None, 1));
    assert_eq!(single.send(&[(FIRST, 1002)]), None);
}

#[test]
fn nothing_is_added_up_of_a_list_that_may_be_one_of_several() {
    let (mut meter, fourth) = (Sender::lists(), obis!(1-0:1.8.4));
    for hour in 0..3 {
        assert_eq!(meter.send(&[(FIRST, 1000 + hour)]), None);
    }
    for hour in 0..3 {
        assert_eq!(meter.send(&[(FIRST, 1003 + hour), (SECOND, 200)]), None);
    }
    assert_eq!(meter.send(&[(THIRD, 10), (fourth, 2)]), None);
}

#[test]
fn a_sum_neither_falls_nor_stays_while_a_tariff_is_omitted() {
    let mut meter = Sender::telegrams();
    assert_eq!(meter.send(&[(FIRST, 1000), (SECOND, 0)]), Some(1000));
    assert_eq!(meter.send(&[(obis!(1-0:1.7.0), 5)]), None, "a message without counters says nothing of them");
    // The total would be less than this tariff.
    assert_eq!(meter.send_for(TOTAL, &[(FIRST, 1001)]), (None, 1));
    assert_eq!(meter.send_for(TOTAL, &[(SECOND, 0)]), (None, 1));
    assert_eq!(meter.send(&[(FIRST, 1002), (SECOND, 0)]), Some(1002));
}

#[test]
fn a_sum_that_lacked_a_tariff_is_withdrawn_for_good() {
    let mut meter = Sender::telegrams();
    assert_eq!(meter.send(&[(FIRST, 1000), (SECOND, 200)]), Some(1200));
    let all = [(FIRST, 1000), (SECOND, 200), (THIRD, 5000)];
    assert_eq!(meter.send_for(TOTAL, &all), (None, 1));
    assert_eq!(meter.send_for(TOTAL, &all), (None, 0));
    let mut fresh = Sender::telegrams();
    assert_eq!(fresh.send(&[(FIRST, 1000), (SECOND, 200)]), Some(1200));
    assert_eq!(
        fresh.send(&[(FIRST, 1000), (SECOND, 200), (THIRD, 0)]),
        Some(1200),
        "a tariff that begins now"
    );
    assert_eq!(fresh.send(&[(FIRST, 1000), (SECOND, 200), (THIRD, 1)]), Some(1201));
    assert_eq!(fresh.send_for(TOTAL, &[(FIRST, 1001), (SECOND, 200)]), (None, 1));
}

#[test]
fn a_counter_below_zero_or_a_sum_that_does_not_fit_is_none() {
    let mut meter = Sender::telegrams();
    assert_eq!(meter.send(&[(FIRST, 1000), (SECOND, -1)]), None);
    assert_eq!(meter.send(&[(FIRST, i64::MAX), (SECOND, 1)]), None);
    assert_eq!(meter.send(&[(FIRST, 1000), (SECOND, 1)]), Some(1001));
}

#[test]
fn power_is_added_up_only_where_phases_alone_are_sent() {
    let [l1, l2, l3] = [obis!(1-0:21.7.0), obis!(1-0:41.7.0), obis!(1-0:61.7.0)];
    let (power, export) = (obis!(1-0:1.7.0), obis!(1-0:2.7.0));
    let phases = [(l1, 1307), (l2, 920), (l3, 1291)];
    assert_eq!(Sender::telegrams().send_for(power, &phases), (Some(3518), 0));
    // One phase exports 400 W, and the meter sets that off against the others: its own total is one of both directions.
    let netted = [(export, 0), (l1, 1000), (l2, 0), (l3, 0), (obis!(1-0:42.7.0), 400)];
    assert_eq!(Sender::telegrams().send_for(power, &netted), (None, 0));
}
