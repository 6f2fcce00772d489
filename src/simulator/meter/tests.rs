//! The frames of simulated hours, decoded by the real decoder.

use super::super::Simulated;
use super::super::dlms;
use super::super::framing::keys;
use super::super::gas::GasReading;
use super::super::model::Messages;
use super::super::models::MODELS;
use super::super::row::Row;
use super::super::{sml, telegram};
use super::*;
use crate::decoder::{Decoder, Outcome};
use crate::meter::{Kind, List, Medium, Register, Shape};
use crate::reading::{Reading, Settings};
use crate::wire::decimal::Decimal;
use crate::wire::dlms::cipher::Cipher;
use crate::wire::hdlc::Frame;
use crate::wire::obis::Obis;
use std::collections::BTreeMap;

/// 2024-06-21 09:12:34.567 UTC: the hours after it see power drawn and power delivered.
const START: Duration = Duration::from_millis(1_718_961_154_567);
/// Meters with lists of several lengths.
const NORDIC: [&str; 6] =
    ["kaifa", "kaifa?phases=1", "kamstrup", "kamstrup?phases=1", "aidon", "aidon?phases=1"];

fn meter(text: &str) -> Meter {
    text.parse::<Simulated>().unwrap().meter(START)
}

/// Meters that send less with one phase.
const SINGLE: [&str; 5] =
    ["dsmr5?phases=1", "smarty?phases=1", "lithuania-p1?phases=1", "mt175?phases=1", "dtz541?phases=1"];

/// Every meter that pushes, some also with one phase.
fn all() -> Vec<&'static str> {
    let single = NORDIC.into_iter().filter(|text| text.contains('?')).chain(SINGLE);
    let pushing = MODELS.iter().filter(|model| !matches!(model.messages, Messages::Polled(_)));
    pushing.map(|model| model.name).chain(single).collect()
}

fn decoder() -> Decoder {
    Decoder::new(Settings::default(), Cipher::new(&keys()))
}

/// Calls back for each decoded list of some hours.
fn decoded(text: &str, hours: u64, mut each: impl FnMut(&Meter, &DueFrame, &'static List, &Reading)) {
    let mut meter = meter(text);
    let mut decoder = decoder();
    loop {
        let frame = meter.next();
        if frame.due.as_secs() > hours * 3600 {
            return;
        }
        let mut input = &frame.bytes[..];
        let mut readings = 0;
        while let Some(event) = decoder.feed(&mut input) {
            match event.outcome {
                Outcome::Reading { list, reading, .. } => {
                    readings += 1;
                    each(&meter, &frame, list, reading);
                }
                Outcome::Fragment => {}
                Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
                    panic!("{text}: {} at {:?}", error.reason(), frame.due)
                }
            }
        }
        assert_eq!((readings, input.len()), (1, 0), "{text} at {:?}", frame.due);
    }
}

/// The values of the rows of a list at this moment.
fn expected(meter: &Meter, content: Content) -> BTreeMap<Register, Decimal> {
    let state = meter.state(meter.sent);
    let number = |obis, exponent| {
        let Obis([_, _, groups @ .., _]) = obis;
        Some((obis, Decimal::new(state.amount(groups)?.over(exponent), exponent)))
    };
    match meter.model.messages {
        Messages::Dlms(dialect) => {
            registers(Row::singles(dialect.rows, content).filter_map(|(obis, cell)| match cell {
                dlms::Cell::Number(_, exponent) => number(obis, exponent),
                _ => None,
            }))
        }
        Messages::Telegram(dialect) => {
            let rows = || Row::singles(dialect.rows, content);
            let present = rows().filter(|(obis, _)| state.has_phase(obis.0[2]));
            let mut all = registers(present.filter_map(|(obis, cell)| match cell {
                telegram::Cell::Number(_, decimals, unit) => {
                    number(obis, telegram::exponent(decimals, unit)?)
                }
                telegram::Cell::Fixed(values) => {
                    let values = values.strip_prefix('(')?.strip_suffix(')')?;
                    Some((obis, Decimal::read(values.as_bytes())?.0))
                }
                _ => None,
            }));
            all.extend(rows().flat_map(|(obis, cell)| match cell {
                telegram::Cell::Gas(every) => {
                    let GasReading { at, litres } = GasReading::before(state.sent, every);
                    dated(Register::of_channel(Medium::Gas, 1), Decimal::new(litres, -3), at)
                }
                telegram::Cell::Highest => {
                    dated(Register::find(obis), Decimal::new(state.demand.highest, 0), state.demand.at)
                }
                _ => vec![],
            }));
            all
        }
        Messages::Sml(dialect) => {
            registers(Row::singles(dialect.rows, content).filter_map(|(obis, cell)| match cell {
                sml::Cell::Number(_, exponent) => number(obis, exponent),
                _ => None,
            }))
        }
        Messages::Polled(_) => panic!("{} is polled", meter.model.name),
    }
}

/// The registers of numbers; signed power has two.
fn registers(numbers: impl Iterator<Item = (Obis, Decimal)>) -> BTreeMap<Register, Decimal> {
    let split = |(Obis([a, b, c, d, e, f]), number): (Obis, Decimal)| {
        let find = |c, number| Some((Register::find(Obis([a, b, c, d, e, f]))?, number));
        let zero = Decimal::new(0, 0);
        match (c, d, number.mantissa() < 0) {
            (16 | 36 | 56 | 76, 7, is_negative) => {
                let import = c - 15;
                let (imported, exported) =
                    if is_negative { (zero, number.times(-1).unwrap()) } else { (number, zero) };
                [find(import, imported), find(import + 1, exported)]
            }
            _ => [find(c, number), None],
        }
    };
    numbers.flat_map(split).flatten().collect()
}

/// A value and its time.
fn dated(register: Option<Register>, value: Decimal, at: i64) -> Vec<(Register, Decimal)> {
    let when = register.and_then(Register::time).map(|when| (when, Decimal::new(at, 0)));
    register.map(|register| (register, value)).into_iter().chain(when).collect()
}

#[test]
fn every_list_of_two_hours_decodes_to_the_state_of_the_meter() {
    for text in all() {
        let mut lists = 0;
        let mut exports = false;
        let mut counted = BTreeMap::new();
        decoded(text, 2, |meter, frame, list, reading| {
            let mut expected = expected(meter, frame.content);
            if let Shape::Positional(columns) = list.shape {
                let there = |register| {
                    columns.iter().any(|column| column.obis().and_then(Register::find) == Some(register))
                };
                expected.retain(|&register, _| there(register));
            }
            let values: BTreeMap<_, _> = reading.registers().collect();
            assert_eq!(values, expected, "{text} at {:?}", frame.due);
            assert_eq!(reading.content, frame.content, "{text}");
            for (register, value) in values.into_iter().filter(|(it, _)| it.kind() == Kind::Counter) {
                let before = counted.insert(register, value.mantissa());
                assert!(before <= Some(value.mantissa()), "{text}: {} fell", register.family().name);
            }
            exports |= meter.sample().totals()[0] < 0;
            lists += 1;
        });
        assert!(lists > 700, "{text}: {lists}");
        assert!(exports, "{text}: nothing was exported in two hours of June sun");
    }
}

#[test]
fn sends_the_identity_of_each_model() {
    let names = [
        ("kaifa", "Kaifa", "MA304H4", "0000000000001001", "KFM_001", "Kaifa list 3, three phases"),
        (
            "kaifa?phases=1&seed=9",
            "Kaifa",
            "MA105H2E",
            "0000000000001009",
            "KFM_001",
            "Kaifa list 3, one phase",
        ),
        (
            "kamstrup",
            "Kamstrup",
            "6841121BN243101040",
            "0000000000002001",
            "Kamstrup_V0001",
            "Kamstrup_V0001",
        ),
        ("aidon", "Aidon", "6534", "0000000000003001", "AIDON_V0001", "AIDON_V0001"),
        ("dsmr5", "Iskraemeco", "M550T-1012", "0000000000021001", "50", "P1 telegram"),
        ("fluvius?phases=1", "", "53769484_A", "0000000000022001", "50217", "P1 telegram"),
        ("smarty", "", "53694471_M", "0000000000023001", "42", "P1 telegram"),
        ("steiermark-p1", "", "53710000_A", "", "50", "P1 telegram"),
        ("sweden-p1", "", "53833635_A", "", "", "P1 telegram"),
        ("hungary-p1", "Sagemcom", "SAG-METER", "0000000000026001", "", "P1 telegram"),
        ("lithuania-p1", "", "0000000000", "", "", "P1 telegram, Lithuania"),
        ("ehz", "EMH", "", "1EMH0000031001", "", "SML"),
        ("mt175?seed=9", "Iskraemeco", "", "1ISK0400032009", "", "SML"),
        ("dtz541", "Holley", "", "1HLY0200033001", "", "SML"),
    ];
    for (text, manufacturer, model, id, version, name) in names {
        let bytes = meter(text).next().bytes;
        let mut decoder = decoder();
        let Some(Outcome::Reading { list, reading, .. }) =
            decoder.feed(&mut &bytes[..]).map(|event| event.outcome)
        else {
            panic!("{text}: no reading")
        };
        let found = reading.identity;
        assert_eq!((found.manufacturer, found.model.as_str(), found.id.as_str()), (manufacturer, model, id));
        assert_eq!((found.list_version.as_str(), list.name), (version, name));
    }
}

#[test]
fn frames_begin_with_the_bytes_of_the_manufacturer() {
    let heads = [
        ("kaifa", &[0x01][..], &[0x02, 0x01][..], 0x10, "0f400000 00090c07e806 1505 0b0c22 ff800000"),
        ("kamstrup", &[0x2B], &[0x21], 0x13, "0f000000 000c07e806 1505 0a0c22 ff800000"),
        ("aidon", &[0x41], &[0x08, 0x83], 0x13, "0f400000 0000 0112"),
    ];
    for (text, destination, source, control, head) in heads {
        let bytes = meter(text).next().bytes;
        let frame = Frame::parse(&bytes).unwrap();
        assert_eq!((frame.destination, frame.source, frame.control), (destination, source, control));
        let hex: String = frame.information[3..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(hex.starts_with(&head.replace(' ', "")), "{text}: {hex}");
    }
}

#[test]
fn frames_are_as_long_as_captured_ones() {
    let length = |text: &str, content| {
        let mut meter = meter(text);
        let mut frames = std::iter::repeat_with(|| meter.next());
        frames.find(|frame| frame.content == content).unwrap().bytes.len()
    };
    assert_eq!(length("kaifa", Content::Power), 41);
    assert_eq!(length("kaifa", Content::Status), 122);
    assert_eq!(length("kaifa", Content::Energy), 156);
    assert_eq!(length("kaifa?phases=1", Content::Status), 103);
    assert_eq!(length("kaifa?phases=1", Content::Energy), 137);
    // One byte less than before revision U1, whose date-time had a tag.
    assert_eq!(length("kamstrup", Content::Status), 228);
    assert_eq!(length("kamstrup?phases=1", Content::Status), 188);
    assert_eq!(length("kamstrup?phases=1", Content::Energy), 262);
    assert_eq!(length("aidon", Content::Power), 44);
    assert_eq!(length("aidon", Content::Status), 288);
    assert_eq!(length("aidon?phases=1", Content::Status), 212);
}

#[test]
fn begins_with_one_of_each_list() {
    for text in NORDIC {
        let mut meter = meter(text);
        let first = [meter.next(), meter.next(), meter.next()];
        assert_eq!((first[0].due, first[0].content), (Duration::ZERO, Content::Energy), "{text}");
        assert_eq!(first[1].content, Content::Status);
        assert!(text.starts_with("kamstrup") || first[2].content == Content::Power);
        assert!(first[2].due < Duration::from_secs(10));
    }
}

#[test]
fn sends_lists_when_they_are_due() {
    let offset = START.as_millis() as u64 % 3_600_000;
    for (text, power, status, hourly) in
        [("kaifa", 2000, 10_000, 10_000), ("aidon", 2500, 10_000, 10_000), ("kamstrup", 10_000, 10_000, 5000)]
    {
        let mut meter = meter(text);
        let mut before = meter.next().due;
        let mut hours = 0;
        for index in 1..if text == "kamstrup" { 1500 } else { 7000 } {
            let DueFrame { due, content, .. } = meter.next();
            assert!(due > before, "{text}");
            before = due;
            let after_hour = (due.as_millis() as u64 + offset) % 3_600_000;
            match content {
                _ if index < 3 => {}
                Content::Energy => assert_eq!(after_hour, hourly, "{text}"),
                Content::Status => assert_eq!(after_hour % status, 0, "{text}"),
                Content::Power => {
                    assert!(after_hour.is_multiple_of(power) && !after_hour.is_multiple_of(status), "{text}")
                }
            }
            hours += u64::from(content == Content::Energy);
        }
        let begun = (before.as_millis() as u64 + offset - hourly) / 3_600_000;
        assert_eq!(hours, begun, "{text}");
        assert!(hours > 2);
    }
}

#[test]
fn counters_grow_by_the_power_sent_and_never_fall() {
    const HOUR: i64 = 3_600_000;
    let registers = [1, 2, 3, 4].map(|c| Register::electricity([c, 8, 0]));
    for (text, step, unit) in
        [("kaifa", 2000, HOUR), ("kamstrup", 10_000, 10 * HOUR), ("aidon", 2500, 10 * HOUR)]
    {
        let (mut sum, mut last_hour) = (0, None);
        let mut counted: Vec<[i64; 4]> = Vec::new();
        let mut compared = 0;
        decoded(text, 5, |meter, frame, _, reading| {
            let power = reading.value(Register::electricity([1, 7, 0])).unwrap().mantissa();
            let on_the_step = meter.sent % step == 0 && frame.due > Duration::from_secs(10);
            sum += if on_the_step { power * step } else { 0 };
            if meter.sent % HOUR == 0 {
                last_hour = Some(std::mem::take(&mut sum));
            }
            if frame.content == Content::Energy {
                counted.push(registers.map(|register| reading.value(register).unwrap().mantissa()));
            }
            if let (Content::Energy, [.., before, now], Some(sum)) = (frame.content, &counted[..], last_hour)
            {
                assert!(now.iter().zip(before).all(|(now, before)| now >= before), "{text}");
                // The first hour began before the start.
                if counted.len() > 2 {
                    let error = (now[0] - before[0]) * unit - sum;
                    assert!(error.abs() < unit, "{text}: {error} W ms too much");
                    compared += 1;
                }
            }
        });
        assert_eq!(compared, 4, "{text}");
    }
}

#[test]
fn repeats_itself_for_equal_seed_and_start_only() {
    let frames = |text: &str, start| -> Vec<DueFrame> {
        let mut meter = text.parse::<Simulated>().unwrap().meter(start);
        (0..500).map(|_| meter.next()).collect()
    };
    for text in NORDIC {
        assert_eq!(frames(text, START), frames(text, START), "{text}");
    }
    assert_ne!(frames("kaifa?seed=1", START), frames("kaifa?seed=2", START));
    assert_ne!(frames("kaifa", START), frames("kaifa", START + Duration::from_secs(2)));
}
