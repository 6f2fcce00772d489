//! Numbers of lists that describe themselves or send pairs and records: by what they are scaled, and when they are not
//! published because nothing shows their size.

use crate::support::decoded::{JSON, TEXT, written as decode};

const POWER: &str = "1 0 1 7 0 255";
const EXPORT: &str = "1 0 2 7 0 255";
const ENERGY: &str = "1 0 1 8 0 255";
const TARIFF: &str = "1 0 1 8 1 255";

/// An element of a list that describes itself: class, code, attribute, element, and its value.
type Element<'a> = (u16, &'a str, u8, u16, Vec<u8>);

fn value(code: &str, number: u32) -> Element<'_> {
    (3, code, 2, 0, [&[6][..], &number.to_be_bytes()].concat())
}

fn scaler(code: &str, exponent: i8, unit: u8) -> Element<'_> {
    (3, code, 3, 0, vec![2, 2, 15, exponent.cast_unsigned(), 22, unit])
}

fn groups(code: &str) -> Vec<u8> {
    code.split(' ').map(|group| group.parse().unwrap()).collect()
}

fn message(body: &[u8]) -> Vec<u8> {
    [&[0x0F, 0, 0, 0, 1, 0], body].concat()
}

/// A message with a list that describes itself, of no known manufacturer.
fn described(elements: &[Element<'_>]) -> Vec<u8> {
    let count = 1 + elements.len() as u8;
    let own = (40, "0 6 25 9 0 255", 2, 0, vec![]);
    let describe = |(class, code, attribute, index, _): &Element<'_>| {
        let [class, index] = [class, index].map(|number| number.to_be_bytes());
        [&[2, 4, 18][..], &class, &[9, 6], &groups(code), &[15, *attribute, 18], &index].concat()
    };
    let descriptors: Vec<u8> = [own].iter().chain(elements).flat_map(describe).collect();
    let values: Vec<u8> = elements.iter().flat_map(|element| element.4.clone()).collect();
    message(&[&[2, count, 1, count][..], &descriptors, &values].concat())
}

/// A record: code and value, and scaler and unit if there are any.
type Record<'a> = (&'a str, u32, Option<(i8, u8)>);

fn records(records: &[Record<'_>]) -> Vec<u8> {
    let record = |(code, number, scaler): &Record<'_>| {
        let scaled = scaler
            .map_or_else(Vec::new, |(exponent, unit)| vec![2, 2, 15, exponent.cast_unsigned(), 22, unit]);
        let head = [2, 2 + u8::from(scaler.is_some()), 9, 6];
        [&head[..], &groups(code), &[6], &number.to_be_bytes(), &scaled].concat()
    };
    let records: Vec<Vec<u8>> = records.iter().map(record).collect();
    message(&[&[1, records.len() as u8][..], &records.concat()].concat())
}

/// What is published, as "metric value" each.
fn published(message: &[u8]) -> Vec<String> {
    let line = decode(message, JSON);
    let values = line.split_once("\"values\":[").map_or("", |(_, values)| values);
    let values =
        values.split("},{").filter(|value| !value.contains(r#""metric":null"#) && value.contains("metric"));
    let part = |value: &str, start: &str| {
        let (_, rest) = value.split_once(start).unwrap();
        rest.split(['"', '}', ',']).next().unwrap().to_owned()
    };
    values.map(|value| format!("{} {}", part(value, r#""metric":""#), part(value, r#""value":"#))).collect()
}

const IMPORT_5000: &str = "han_active_power_import_watts 5000";

#[test]
fn attribute_3_scales_the_value_of_its_object_before_and_after_it() {
    let (power, kilo) = (value(POWER, 5), scaler(POWER, 3, 27));
    assert_eq!(published(&described(&[power.clone(), kilo.clone()])), [IMPORT_5000]);
    assert_eq!(published(&described(&[kilo.clone(), power.clone()])), [IMPORT_5000]);
    let other = [kilo.clone(), value(EXPORT, 7), scaler(EXPORT, 1, 27), power.clone()];
    assert_eq!(published(&described(&other)), ["han_active_power_export_watts 70", IMPORT_5000]);
    let text = decode(&described(&[power.clone(), kilo]), TEXT);
    assert!(text.contains("5 × 10^3 W = 5000 W") && text.contains("scaler 3, unit W"), "{text}");
    let extended = [(4, POWER, 2, 0, power.4.clone()), (4, POWER, 3, 0, vec![2, 2, 15, 3, 22, 27])];
    assert_eq!(published(&described(&extended)), [IMPORT_5000]);
    let average = [(5, POWER, 2, 0, power.4.clone()), (5, POWER, 4, 0, vec![2, 2, 15, 3, 22, 27])];
    assert_eq!(published(&described(&average)), [IMPORT_5000]);
}

#[test]
fn a_scaler_that_is_not_clear_publishes_nothing() {
    let power = value(POWER, 5);
    for unclear in [
        vec![power.clone(), scaler(POWER, 3, 27), scaler(POWER, 0, 27)],
        vec![power.clone(), (3, POWER, 3, 1, vec![15, 0])],
        vec![power.clone(), (3, POWER, 3, 0, vec![17, 0])],
        // Of another unit.
        vec![power.clone(), scaler(POWER, 0, 29)],
        // Of another class, so of no object that has this value.
        vec![power.clone(), (4, POWER, 3, 0, vec![2, 2, 15, 3, 22, 27])],
    ] {
        assert_eq!(published(&described(&unclear)), [""; 0], "{unclear:?}");
    }
}

#[test]
fn scalers_beyond_nine_are_refused() {
    for exponent in [-128, -10, 10, 112, 127] {
        assert_eq!(
            published(&described(&[value(POWER, 5), scaler(POWER, exponent, 27)])),
            [""; 0],
            "{exponent}"
        );
        assert_eq!(published(&records(&[(POWER, 5, Some((exponent, 27)))])), [""; 0], "{exponent}");
    }
    for (exponent, shown) in [(-9, "0.000000005"), (9, "5000000000")] {
        let shown = format!("han_active_power_import_watts {shown}");
        assert_eq!(published(&described(&[value(POWER, 5), scaler(POWER, exponent, 27)])), [&*shown]);
        assert_eq!(published(&records(&[(POWER, 5, Some((exponent, 27)))])), [&*shown]);
    }
}

#[test]
fn power_and_energy_without_scalers_need_something_that_bears_them_out() {
    assert_eq!(published(&described(&[value(POWER, 731), value(ENERGY, 20_987_654)])), [""; 0]);
    assert_eq!(published(&records(&[(POWER, 731, None), (ENERGY, 20_987_654, None)])), [""; 0]);
    // Nothing is nothing in every unit, but beside numbers that are not shown it would stay alone and pass for the average.
    assert_eq!(published(&described(&[value(POWER, 0)])), [""; 0]);
    let energy = [value(ENERGY, 900), scaler(ENERGY, 0, 30), value(TARIFF, 700), value(POWER, 731)];
    let shown = [
        "han_active_energy_import_joules_total 3240000",
        "han_tariff_active_energy_import_joules_total 2520000",
    ];
    assert_eq!(published(&described(&energy)), shown, "a scaler of 0 beside it, and none for power");
    assert_eq!(
        published(&records(&[(ENERGY, 900, Some((0, 30))), (TARIFF, 700, None), (POWER, 731, None)])),
        shown
    );
    let tens = [value(ENERGY, 90), scaler(ENERGY, 1, 30), value(TARIFF, 70)];
    assert_eq!(published(&described(&tens)), ["han_active_energy_import_joules_total 3240000"]);
}

#[test]
fn voltage_times_scaled_current_bears_power_out() {
    let with = |watts, centiamperes| {
        let list = [
            value("1 0 32 7 0 255", 2304),
            value("1 0 31 7 0 255", centiamperes),
            scaler("1 0 31 7 0 255", -2, 33),
            value(POWER, watts),
            value(ENERGY, 20_987_654),
        ];
        let power = published(&described(&list)).into_iter().find(|value| value.contains("power"));
        power.map(|power| power.replace("han_active_power_import_watts ", ""))
    };
    assert_eq!(with(731, 318).as_deref(), Some("731"));
    assert_eq!(with(400, 318).as_deref(), Some("400"), "a power factor of 0.55");
    for (watts, centiamperes) in [(73, 318), (7310, 318), (1, 318), (20, 10), (300, 318)] {
        assert_eq!(with(watts, centiamperes), None, "{watts} W at {centiamperes} × 10^-2 A");
    }
}

#[test]
fn the_current_of_each_phase_is_needed_to_bear_power_out() {
    let list = |second| {
        let list = [
            value("1 0 32 7 0 255", 2304),
            value("1 0 31 7 0 255", 318),
            scaler("1 0 31 7 0 255", -2, 33),
            value("1 0 52 7 0 255", 2310),
            value("1 0 51 7 0 255", second),
            value(POWER, 731),
        ];
        published(&described(&list)).iter().any(|value| value.contains("power"))
    };
    assert!(list(0), "no current on the second phase");
    assert!(!list(2900), "it may be 29 A, and the power in tens of watts");
}

#[test]
fn records_without_scalers_are_no_better_known_than_pairs() {
    let frequency = ("1 0 14 7 0 255", 4997, None);
    for (volts, shown) in [(230, Some("han_voltage_volts 230")), (2304, None), (21_790, None)] {
        let list =
            [("1 0 32 7 0 255", volts, None), ("1 0 31 7 0 255", 318, None), frequency, (POWER, 0, None)];
        let published = published(&records(&list));
        assert_eq!(published, shown.into_iter().collect::<Vec<_>>(), "{volts}");
    }
}

#[test]
fn an_enum_is_no_number_but_of_a_state() {
    let power = (3, POWER, 2, 0, vec![22, 5]);
    assert_eq!(published(&described(&[power, scaler(POWER, 0, 27)])), [""; 0]);
    let breaker = |state| message(&[&[1, 1, 2, 2, 9, 6, 0, 0, 96, 3, 10, 255][..], state].concat());
    assert_eq!(published(&breaker(&[22, 1])), ["han_breaker_state 1"]);
}
