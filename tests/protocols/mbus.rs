//! Test vectors of M-Bus frames, which are not part of the package: `HAN_VECTORS`, or `../shared/protocol/vectors`.
//!
//! Without them the tests that need them pass and print that they were skipped.

use std::path::PathBuf;
use std::{env, fs};

use crate::support::json::Json;
use han_exporter::decoder::{Decoder, Error, Event, Outcome};
use han_exporter::meter::Register;
use han_exporter::reading::{Reading, Settings};
use han_exporter::wire::decimal::Decimal;
use han_exporter::wire::dlms::cipher::{Cipher, Key, Keys, Sealed};
use han_exporter::wire::frame::Frame;
use han_exporter::wire::mbus;
use han_exporter::wire::obis::Obis;

#[test]
fn parses_every_frame_exactly() {
    for case in cases() {
        let name = case.get("id").text().unwrap();
        let expected = case.get("expect");
        let (mut frames, mut message) = (Vec::new(), Vec::new());
        each_event(&case, |event| {
            let Some(Frame::Mbus(frame)) = event.frame else { return };
            frames.push(segment(&frame, event.length));
            message.extend_from_slice(frame.data);
        });
        let segments = expected.get("segments").list();
        assert!(segments.is_empty() || segments.len() == frames.len(), "{name}: {frames:?}");
        for (segment, frame) in segments.iter().zip(&frames) {
            let Json::Object(fields) = segment else { panic!("{name}") };
            for (field, value) in fields {
                assert_eq!(frame.get(field), value, "{name}: {field}");
            }
        }
        if let Some(expected) = expected.get("apdu_hex").bytes() {
            assert_eq!(message, expected, "{name}");
        }
    }
}

#[test]
fn decrypts_every_message_exactly() {
    for case in cases() {
        let name = case.get("id").text().unwrap();
        let expected = case.get("expect");
        if let (Some(message), title @ Json::Text(_)) =
            (expected.get("apdu_hex").bytes(), expected.get("system_title_hex"))
        {
            let envelope = Sealed::read(&message).unwrap().envelope;
            assert_eq!(title.bytes().unwrap(), envelope.title, "{name}");
            assert_eq!(number(expected.get("security_control")), i64::from(envelope.control), "{name}");
            assert_eq!(
                expected.get("frame_counter").bytes().unwrap(),
                envelope.counter.to_be_bytes(),
                "{name}"
            );
        }
        let mut readings = 0;
        each_event(&case, |event| {
            let Outcome::Reading { reading, .. } = event.outcome else { return };
            readings += 1;
            if let Some(plain) = expected.get("plain_hex").bytes() {
                assert_eq!(event.message, plain, "{name}");
            }
            check_values(name, expected.get("values"), reading);
        });
        let messages = match (expected.get("plain_hex"), expected.get("apdus")) {
            (Json::Text(_), _) => 1,
            (_, apdus @ Json::Number(_)) => number(apdus),
            // A damaged one, and one that is cut off on purpose.
            _ => 0,
        };
        assert_eq!(readings, messages, "{name}");
    }
}

#[test]
fn reports_what_is_dropped() {
    for case in cases() {
        let name = case.get("id").text().unwrap();
        let expected = case.get("expect");
        let mut reasons = Vec::new();
        each_event(&case, |event| match event.outcome {
            Outcome::Undecodable(error) | Outcome::Rejected(error, _) => reasons.push(error),
            _ => {}
        });
        let reasons: Vec<_> = reasons.into_iter().map(Error::reason).collect();
        match (expected.get("error"), expected.get("dropped_segments")) {
            (Json::Text(_), _) => assert_eq!(reasons, ["frame_check", "segment_lost"], "{name}"),
            (_, Json::Number(count)) => {
                assert_eq!(reasons, vec!["segment_lost"; count.parse().unwrap()], "{name}");
            }
            _ if *case.get("key_hex") == Json::Null => assert_eq!(reasons, ["encrypted"], "{name}"),
            _ => assert!(reasons.is_empty(), "{name}: {reasons:?}"),
        }
    }
}

fn segment(frame: &mbus::Frame<'_>, length: usize) -> Json {
    let hex = |byte: u8| Json::Text(format!("{byte:#x}"));
    let number = |number: usize| Json::Number(number.to_string());
    let control = frame.number | if frame.last { 0x10 } else { 0 };
    let fields = [
        ("C", hex(frame.control)),
        ("A", hex(frame.address)),
        ("CI", hex(control)),
        ("STSAP", hex(frame.source)),
        ("DTSAP", hex(frame.destination)),
        ("L", number(length - 6)),
        ("last", Json::Bool(frame.last)),
        ("seq", number(frame.number.into())),
    ];
    Json::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Numbers in the unit they are written with, and the id.
fn check_values(name: &str, values: &Json, reading: &Reading) {
    let Json::Object(values) = values else { return };
    for (code, value) in values {
        let written = value.text().unwrap();
        match code.as_str() {
            "meter_id" | "0-0:96.1.0" => assert_eq!(reading.identity.id.as_str(), written, "{name}"),
            // The vector's own text has two digits the other way round from its plaintext.
            "0-0:42.0.0" => assert!(reading.identity.device.as_str().starts_with("KFM110"), "{name}"),
            "timestamp" => {
                let digits = reading.clock.and_then(|clock| clock.digits()).unwrap();
                assert!(written.starts_with(digits.as_str()), "{name}: {digits}");
            }
            _ => {
                let (digits, unit) = written.split_once(' ').unwrap_or((written, ""));
                let register = Obis::parse(code.as_bytes()).ok().and_then(Register::find).unwrap();
                assert_eq!(reading.value(register), Some(decimal(digits)), "{name}: {code}");
                assert_eq!(register.quantity().unit().to_string(), unit, "{name}: {code}");
            }
        }
    }
}

fn decimal(digits: &str) -> Decimal {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    Decimal::new(format!("{whole}{part}").parse().unwrap(), -(part.len() as i8))
}

fn number(number: &Json) -> i64 {
    let Json::Number(digits) = number else { panic!("{number:?}") };
    digits.parse().unwrap()
}

fn each_event(case: &Json, mut take: impl FnMut(Event<'_>)) {
    let bytes = case.get("wire_hex").bytes().unwrap();
    let key = case.get("key_hex").bytes().map(|key| Key::new(key.try_into().unwrap()));
    let keys = Keys { encryption: key, authentication: None };
    let mut decoder = Decoder::new(Settings::default(), Cipher::new(&keys));
    let mut rest = &bytes[..];
    while let Some(event) = decoder.feed(&mut rest) {
        take(event);
    }
    while let Some(event) = decoder.finish() {
        take(event);
    }
}

fn cases() -> Vec<Json> {
    let folder = env::var_os("HAN_VECTORS").map(PathBuf::from);
    let folder =
        folder.unwrap_or_else(|| [env!("CARGO_MANIFEST_DIR"), "../shared/protocol/vectors"].iter().collect());
    let Ok(text) = fs::read_to_string(folder.join("mbus_dlms.json")) else {
        println!("nothing compared: there is no mbus_dlms.json in {}", folder.display());
        return Vec::new();
    };
    Json::read(&text).get("cases").list().to_vec()
}
