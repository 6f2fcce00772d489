//! Frames of simulated hours, read back by the real decoder.

use super::super::Simulated;
use super::*;
use crate::decoder::{Decoder, Outcome};
use crate::meter::{List, Register};
use crate::reading::Reading;
use crate::wire::decimal::Decimal;
use crate::wire::hdlc::Frame;
use std::collections::BTreeMap;

/// 2024-06-21 09:12:34.567 UTC: the hours after it see power drawn and power delivered.
const START: Duration = Duration::from_millis(1_718_961_154_567);
const METERS: [&str; 6] =
    ["kaifa", "kaifa?phases=1", "kamstrup", "kamstrup?phases=1", "aidon", "aidon?phases=1"];

fn meter(text: &str) -> Meter {
    text.parse::<Simulated>().unwrap().meter(START)
}

/// Calls back for each frame of some hours, decoded.
fn decoded(text: &str, hours: u64, mut each: impl FnMut(&Meter, &Pulse, &'static List, &Reading)) {
    let mut meter = meter(text);
    let mut decoder = Decoder::default();
    loop {
        let pulse = meter.next();
        if pulse.due.as_secs() > hours * 3600 {
            return;
        }
        let mut input = &pulse.octets[..];
        let event = decoder.feed(&mut input).unwrap_or_else(|| panic!("{text}: no event at {:?}", pulse.due));
        let Outcome::Reading { list, reading, .. } = event.outcome else {
            panic!("{text}: no reading at {:?}", pulse.due)
        };
        each(&meter, &pulse, list, reading);
        assert!(decoder.feed(&mut input).is_none() && input.is_empty());
    }
}

/// What a reading should hold: groups C, D and the value.
fn expected(meter: &Meter, content: Content) -> BTreeMap<[u8; 2], Decimal> {
    let (currents, volts, energy) = match meter.make.name {
        "kaifa" => (-3, -1, 0),
        "kamstrup" => (-2, 0, 1),
        _ => (-1, -1, 1),
    };
    let rounded = |value: i64, from: i8, to: i8| {
        let divisor = 10_f64.powi((to - from).into());
        Decimal::new((value as f64 / divisor).round() as i64, to)
    };
    let sample = meter.sample();
    let mut values = BTreeMap::new();
    let [active, reactive] = sample.totals();
    let powers = [active.max(0), -active.min(0), reactive.max(0), -reactive.min(0)];
    let Registers(registers) = meter.registers();
    for index in 0..4_u8 {
        let (power, register) = (powers[usize::from(index)], registers[usize::from(index)]);
        values.insert([index + 1, 7], Decimal::new(power, 0));
        let unit = 3_600_000 * 10_i64.pow(energy as u32);
        values.insert([index + 1, 8], Decimal::new(register / unit, energy));
    }
    for phase in 0..meter.phases {
        let group = 20 * phase as u8;
        values.insert([31 + group, 7], rounded(sample.current[phase], -3, currents));
        values.insert([32 + group, 7], rounded(sample.voltage[phase], -1, volts));
    }
    values.retain(|[c, d], _| match content {
        Content::Power => (*c, *d) == (1, 7),
        Content::Status => *d == 7,
        Content::Energy => true,
    });
    values
}

#[test]
fn every_frame_of_two_hours_says_what_was_put_in() {
    for text in METERS {
        let mut frames = 0;
        let mut exports = false;
        decoded(text, 2, |meter, pulse, _, reading| {
            let values: BTreeMap<_, _> =
                reading.registers().map(|(register, value)| (groups(register), value)).collect();
            assert_eq!(values, expected(meter, pulse.content), "{text} at {:?}", pulse.due);
            assert_eq!((reading.content, reading.unknown), (pulse.content, 0), "{text}");
            exports |= meter.sample().totals()[0] < 0;
            frames += 1;
        });
        assert!(frames > 700, "{text}: {frames}");
        assert!(exports, "{text}: nothing was delivered in two hours of June sun");
    }
}

fn groups(register: Register) -> [u8; 2] {
    let every = (0..=255).flat_map(|c| [[c, 7, 0], [c, 8, 0]]);
    let found = every
        .into_iter()
        .find(|[c, d, e]| Register::find(crate::wire::obis::Obis([1, 0, *c, *d, *e, 255])) == Some(register));
    found.map(|[c, d, _]| [c, d]).unwrap()
}

#[test]
fn a_meter_says_who_it_is() {
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
    ];
    for (text, maker, model, id, version, name) in names {
        let octets = meter(text).next().octets;
        let mut decoder = Decoder::default();
        let Some(Outcome::Reading { list, reading, .. }) =
            decoder.feed(&mut &octets[..]).map(|event| event.outcome)
        else {
            panic!("{text}: no reading")
        };
        let found = reading.identity;
        assert_eq!((found.manufacturer, found.model.as_str(), found.id.as_str()), (maker, model, id));
        assert_eq!((found.list_version.as_str(), list.name), (version, name));
    }
}

#[test]
fn frames_are_the_makers_to_the_octet() {
    let heads = [
        ("kaifa", &[0x01][..], &[0x02, 0x01][..], 0x10, "0f400000 00090c07e806 1505 0b0c22 ff800000"),
        ("kamstrup", &[0x2B], &[0x21], 0x13, "0f000000 000c07e806 1505 0a0c22 ff800000"),
        ("aidon", &[0x41], &[0x08, 0x83], 0x13, "0f400000 0000 0112"),
    ];
    for (text, destination, source, control, head) in heads {
        let octets = meter(text).next().octets;
        let frame = Frame::parse(&octets).unwrap();
        assert_eq!((frame.destination, frame.source, frame.control), (destination, source, control));
        let hex: String = frame.information[3..].iter().map(|octet| format!("{octet:02x}")).collect();
        assert!(hex.starts_with(&head.replace(' ', "")), "{text}: {hex}");
    }
}

#[test]
fn frames_are_as_long_as_captured_ones() {
    let length = |text: &str, content| {
        let mut meter = meter(text);
        let mut frames = std::iter::repeat_with(|| meter.next());
        frames.find(|pulse| pulse.content == content).unwrap().octets.len()
    };
    assert_eq!(length("kaifa", Content::Power), 41);
    assert_eq!(length("kaifa", Content::Status), 122);
    assert_eq!(length("kaifa", Content::Energy), 156);
    assert_eq!(length("kaifa?phases=1", Content::Status), 103);
    assert_eq!(length("kaifa?phases=1", Content::Energy), 137);
    // One octet less than before revision U1, whose date-time had a tag.
    assert_eq!(length("kamstrup", Content::Status), 228);
    assert_eq!(length("kamstrup?phases=1", Content::Status), 188);
    assert_eq!(length("kamstrup?phases=1", Content::Energy), 262);
    assert_eq!(length("aidon", Content::Power), 44);
    assert_eq!(length("aidon", Content::Status), 288);
    assert_eq!(length("aidon?phases=1", Content::Status), 212);
}

#[test]
fn the_first_frames_are_one_of_each_list() {
    for text in METERS {
        let mut meter = meter(text);
        let first = [meter.next(), meter.next(), meter.next()];
        assert_eq!((first[0].due, first[0].content), (Duration::ZERO, Content::Energy), "{text}");
        assert_eq!(first[1].content, Content::Status);
        assert!(text.starts_with("kamstrup") || first[2].content == Content::Power);
        assert!(first[2].due < Duration::from_secs(10));
    }
}

#[test]
fn lists_come_when_they_are_due() {
    let offset = START.as_millis() as u64 % 3_600_000;
    for (text, power, status, hourly) in
        [("kaifa", 2000, 10_000, 10_000), ("aidon", 2500, 10_000, 10_000), ("kamstrup", 10_000, 10_000, 5000)]
    {
        let mut meter = meter(text);
        let mut before = meter.next().due;
        let mut hours = 0;
        for index in 1..if text == "kamstrup" { 1500 } else { 7000 } {
            let Pulse { due, content, .. } = meter.next();
            assert!(due > before, "{text}");
            before = due;
            let behind_hour = (due.as_millis() as u64 + offset) % 3_600_000;
            match content {
                _ if index < 3 => {}
                Content::Energy => assert_eq!(behind_hour, hourly, "{text}"),
                Content::Status => assert_eq!(behind_hour % status, 0, "{text}"),
                Content::Power => {
                    assert!(
                        behind_hour.is_multiple_of(power) && !behind_hour.is_multiple_of(status),
                        "{text}"
                    )
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
fn registers_grow_by_the_power_sent_and_never_fall() {
    const HOUR: i64 = 3_600_000;
    let registers = [1, 2, 3, 4].map(|c| Register::literal([c, 8, 0]));
    for (text, step, unit) in
        [("kaifa", 2000, HOUR), ("kamstrup", 10_000, 10 * HOUR), ("aidon", 2500, 10 * HOUR)]
    {
        let (mut sum, mut last_hour) = (0, None);
        let mut counted: Vec<[i64; 4]> = Vec::new();
        let mut compared = 0;
        decoded(text, 5, |meter, pulse, _, reading| {
            let power = reading.value(Register::literal([1, 7, 0])).unwrap().mantissa();
            let on_the_step = meter.sent % step == 0 && pulse.due > Duration::from_secs(10);
            sum += if on_the_step { power * step } else { 0 };
            if meter.sent % HOUR == 0 {
                last_hour = Some(std::mem::take(&mut sum));
            }
            if pulse.content == Content::Energy {
                counted.push(registers.map(|register| reading.value(register).unwrap().mantissa()));
            }
            if let (Content::Energy, [.., before, now], Some(sum)) = (pulse.content, &counted[..], last_hour)
            {
                assert!(now.iter().zip(before).all(|(now, before)| now >= before), "{text}");
                // The first hour was not heard from its begin.
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
fn a_meter_repeats_itself_for_equal_seed_and_start_only() {
    let frames = |text: &str, start| -> Vec<Pulse> {
        let mut meter = text.parse::<Simulated>().unwrap().meter(start);
        (0..500).map(|_| meter.next()).collect()
    };
    for text in METERS {
        assert_eq!(frames(text, START), frames(text, START), "{text}");
    }
    assert_ne!(frames("kaifa?seed=1", START), frames("kaifa?seed=2", START));
    assert_ne!(frames("kaifa", START), frames("kaifa", START + Duration::from_secs(2)));
}
