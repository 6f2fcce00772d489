//! Polled meters with the real poll engine and the real decoder, without a line between.

use super::super::Simulated;
use super::super::model::Messages;
use super::super::models::MODELS;
use super::super::polled::Shown;
use super::super::state::MeterState;
use super::super::telegram::exponent;
use super::*;
use crate::decoder::Outcome;
use crate::meter::{Kind, Medium, Register};
use crate::obis;
use crate::poll::{PollEngine, PollOptions, Task};
use crate::wire::encode::encode;
use crate::wire::kmp382::{Frame, Request, Response as Digits};
use crate::wire::obis::Obis;
use crate::wire::telegram::Check;
use std::collections::BTreeMap;

/// 2024-06-21 09:12:34.567 UTC: the hours after it see power drawn and power delivered.
const START: Duration = Duration::from_millis(1_718_961_154_567);

fn responder(text: &str) -> Responder {
    text.parse::<Simulated>().unwrap().responder(START).unwrap_or_else(|| panic!("{text} is not polled"))
}

/// Each polled meter, with three phases and with one.
fn all() -> impl Iterator<Item = (String, PolledProtocol)> {
    let polled = MODELS.iter().filter_map(|model| match model.messages {
        Messages::Polled(protocol) => Some((model.name, protocol)),
        _ => None,
    });
    polled.flat_map(|(name, protocol)| ["", "?phases=1"].map(|phases| (format!("{name}{phases}"), protocol)))
}

/// What a poll cycle yields: values, names of the meter, serial settings.
#[derive(Default)]
struct Cycle {
    values: BTreeMap<Register, f64>,
    names: Vec<String>,
    lines: Vec<String>,
}

/// Plays a poll cycle at a moment; every response arrives intact and in time.
fn cycle(engine: &mut PollEngine, responder: &mut Responder, moment: Duration) -> Cycle {
    let mut cycle = Cycle::default();
    engine.begin(true);
    loop {
        match engine.task() {
            Task::Rest => return cycle,
            Task::SetLine(line) => {
                cycle.lines.push(line.to_string());
                engine.done();
            }
            Task::Send(bytes) => {
                responder.receive(moment, bytes);
                engine.done();
            }
            Task::Pause(_) => engine.done(),
            Task::Listen { .. } => {
                let Some(answer) = responder.respond() else {
                    assert!(engine.timeout().is_none(), "a response that does not end");
                    continue;
                };
                let mut rest = &answer.bytes[..];
                while let Some(event) = engine.feed(&mut rest) {
                    let Outcome::Reading { reading, .. } = event.outcome else { panic!("no reading") };
                    cycle.values.extend(reading.registers().map(|(register, value)| {
                        let (_, value) = register.published(value).unwrap();
                        (register, value.to_f64())
                    }));
                    let names = [reading.identity.model.as_str(), reading.identity.id.as_str()];
                    cycle.names.extend(names.iter().filter(|name| !name.is_empty()).map(ToString::to_string));
                }
            }
        }
    }
}

fn engine(protocol: PolledProtocol) -> PollEngine {
    PollEngine::new(protocol.protocol(), &PollOptions::default()).unwrap()
}

/// The values of the tables at a moment.
fn expected(protocol: PolledProtocol, state: &MeterState<'_>) -> BTreeMap<Register, f64> {
    let shown: Vec<([u8; 3], i8)> = match protocol {
        PolledProtocol::Kmp382 => {
            let registers = [([1, 8, 0], 3), ([1, 8, 1], 3), ([1, 8, 2], 3), ([1, 7, 0], 0), ([1, 6, 0], 0)];
            registers.into_iter().chain([([96, 8, 0], 0)]).collect()
        }
        PolledProtocol::Kmp(registers) => {
            registers.rows.iter().map(|row| (row.code, row.unit.1 + row.exponent)).collect()
        }
        PolledProtocol::Iec(readout) => {
            let numbers = readout.sets.iter().filter_map(|(_, shown)| match *shown {
                Shown::Number(code, [_, decimals], unit) => Some((code, exponent(decimals, unit)?)),
                _ => None,
            });
            numbers.collect()
        }
    };
    let mut all: BTreeMap<_, _> =
        shown.into_iter().filter_map(|(code, exponent)| published(code, exponent, state)).collect();
    match protocol {
        PolledProtocol::Kmp382 => {
            let fine = state.amount([1, 8, 0]).unwrap().over(1);
            all.insert(Register::finer(obis!(1-0:1.8.0)).unwrap(), fine as f64 * 36_000.0);
        }
        PolledProtocol::Iec(readout) if readout.check == Check::Sum => {
            all.insert(Register::find(obis!(1-0:1.26.0)).unwrap(), 0.0);
            all.insert(Register::previous(obis!(1-0:1.6.0)).unwrap(), 2800.0);
        }
        _ => {}
    }
    all
}

fn published(code: [u8; 3], exponent: i8, state: &MeterState<'_>) -> Option<(Register, f64)> {
    let [c, d, e] = code;
    let number = state.amount(code)?.over(exponent) as f64;
    let scale = if exponent < 0 { 0.1_f64.powi(i32::from(-exponent)) } else { 10_f64.powi(exponent.into()) };
    let (register, factor) = match code {
        [1, 0, 0] => (Register::of_channel(Medium::Heat, 0)?, 3600.0),
        [2 | 8, 0, 0] => return None,
        [96, 8, 0] => (Register::find(obis!(0-0:96.8.0))?, 3600.0),
        [_, 8, _] => (Register::find(Obis([1, 0, c, d, e, 255]))?, 3600.0),
        _ => (Register::find(Obis([1, 0, c, d, e, 255]))?, 1.0),
    };
    Some((register, number * scale * factor))
}

#[test]
fn every_response_of_four_hours_decodes_to_the_state_of_the_meter() {
    for (text, protocol) in all() {
        let (mut responder, mut engine) = (responder(&text), engine(protocol));
        let mut counted = BTreeMap::new();
        let mut exports = false;
        for minute in 0..240 {
            let moment = Duration::from_secs(minute * 60);
            let cycle = cycle(&mut engine, &mut responder, moment);
            assert!(engine.result().answered, "{text} after {minute} min");
            let expected = expected(protocol, &responder.meter.at(moment));
            assert_eq!(
                cycle.values.keys().collect::<Vec<_>>(),
                expected.keys().collect::<Vec<_>>(),
                "{text}"
            );
            for (register, value) in cycle.values {
                let wanted = expected[&register];
                let name = register.family().name;
                assert!(
                    (value - wanted).abs() <= wanted.abs() * 1e-12,
                    "{text}: {name} {value}, not {wanted}"
                );
                if register.kind() == Kind::Counter {
                    let before = counted.insert(register, value);
                    assert!(before <= Some(value), "{text}: {name} fell");
                }
            }
            exports |= responder.meter().sample().totals()[0] < 0;
        }
        assert!(exports && !counted.is_empty(), "{text}");
    }
}

#[test]
fn identifies_itself_at_the_speed_it_offers() {
    for (text, names, lines) in [
        ("kmp382", &["685382OK10", "41001"][..], &["1200 8E2"][..]),
        ("kmp", &["0004", "42001"], &["9600 8N1"]),
        ("kmp?seed=7", &["0004", "42007"], &["9600 8N1"]),
        ("multical", &["0033", "43001"], &["9600 8N1"]),
        ("kamstrup-iec", &["685-382-OK-10", "00044001"], &["300 7E1"]),
        ("zmd120", &["ZMD120APt.G03", "00045001"], &["300 7E1", "9600 7E1"]),
        ("2wr5", &["2WR5", "00046001"], &["300 7E1", "2400 7E1"]),
    ] {
        let mut responder = responder(text);
        let cycle = cycle(&mut engine(responder.protocol), &mut responder, Duration::ZERO);
        assert_eq!(
            (cycle.names.as_slice(), cycle.lines.as_slice()),
            (
                names.iter().map(ToString::to_string).collect::<Vec<_>>().as_slice(),
                lines.iter().map(ToString::to_string).collect::<Vec<_>>().as_slice(),
            ),
            "{text}"
        );
    }
}

fn answers(responder: &mut Responder, bytes: &[u8]) -> Vec<Response> {
    responder.receive(Duration::ZERO, bytes);
    std::iter::from_fn(|| responder.respond()).collect()
}

#[test]
fn finds_a_request_among_noise_and_in_pieces() {
    for (text, request) in
        [("kmp382", &b"@FE9072\r"[..]), ("kmp", b"\x80\x3f\x01\x05\x8a\r"), ("zmd120", b"/?00045001!\r\n")]
    {
        let answered = answers(&mut responder(text), request);
        assert!(!answered.is_empty(), "{text}");
        let noisy = [&request[..3], b"\x7f\x00", &request[..4], &[0; 90], request].concat();
        assert_eq!(answers(&mut responder(text), &noisy), answered, "{text}");
        let mut pieces = responder(text);
        request.iter().for_each(|byte| pieces.receive(Duration::ZERO, &[*byte]));
        assert_eq!(pieces.respond().as_ref(), answered.first(), "{text}");
        for place in 0..request.len() {
            let mut damaged = request.to_vec();
            damaged[place] ^= 0x15;
            assert_eq!(answers(&mut responder(text), &damaged), [], "{text} at {place}");
        }
    }
}

#[test]
fn a_685_tolerates_the_second_lrc_of_its_best_known_driver_and_sends_its_memory() {
    let mut responder = responder("kmp382");
    let clean = answers(&mut responder, b"@FE95006D\r");
    assert_eq!(answers(&mut responder, b"@FE95006D00\r"), clean);
    let mut memory = |first, last| {
        let request = encode(|writer| Request::Memory { first, last }.emit(writer));
        let answered = answers(&mut responder, &request);
        let bytes: Vec<u8> = Frame::parse(&answered.first()?.bytes).unwrap().bytes().collect();
        Some(Digits::parse(&bytes).unwrap().data.to_vec())
    };
    assert_eq!(memory(0x384, 0x39B), Some(vec![EMPTY; 24]));
    assert_eq!(memory(1, 10), Some(b"685382OK10".to_vec()));
    assert_eq!((memory(10, 9), memory(0, u16::MAX)), (None, None));
}

const EMPTY: u8 = 0xFF;

#[test]
fn in_mode_c_waits_for_the_acknowledgement_and_continues_without_one_at_its_first_speed() {
    let mut responder = responder("zmd120");
    let lines = |answers: &[Response]| answers.iter().map(|it| it.line.to_string()).collect::<Vec<_>>();
    let unacknowledged = answers(&mut responder, b"/?!\r\n");
    assert_eq!(lines(&unacknowledged), ["300 7E1", "300 7E1"]);
    assert!(unacknowledged[1].pause >= Duration::from_millis(1500));
    for (acknowledgement, line) in [(b"\x06050\r\n", "9600 7E1"), (b"\x06030\r\n", "2400 7E1")] {
        responder.receive(Duration::ZERO, b"/?!\r\n");
        assert!(responder.respond().is_some_and(|answer| answer.bytes.starts_with(b"/LGZ5")));
        let data = answers(&mut responder, acknowledgement);
        assert_eq!(lines(&data), [line]);
        assert_eq!(data[0].bytes, unacknowledged[1].bytes);
    }
    assert_eq!(answers(&mut responder, b"\x06050\r\n"), [], "not after a sign-on");
    assert_eq!(answers(&mut responder, b"/?12345678!\r\n"), [], "another meter");
}
