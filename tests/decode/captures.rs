//! Real captures of other people's meters, which are not part of the package: `HAN_CAPTURES`, or `../shared/captures`.
//!
//! Without them every test here passes and says so.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use crate::support::{each_event, fixture};
use han_exporter::decoder::{Decoder, Event, Outcome};
use han_exporter::meter::{Datum, Item, List, Register};
use han_exporter::reading::{Reading, Settings};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::dlms::cipher::{Cipher, Key, Keys};
use han_exporter::wire::hdlc::{FLAG, Frame, MAX_LENGTH};
use han_exporter::wire::message::Message;
use han_exporter::wire::telegram::Telegram;

#[test]
fn every_field_of_every_case_is_exact() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for case in cases() {
        let mut said = Vec::new();
        case.each_event(|event| {
            if let Outcome::Reading { list, message, reading } = event.outcome {
                let mut unnamed = without_metric(list, &message);
                let mut fields = match message {
                    Message::Telegram(telegram) => {
                        unnamed.retain(|name, _| name.starts_with(char::is_alphabetic));
                        fields_of_telegram(reading, &telegram)
                    }
                    _ => fields(reading),
                };
                fields.append(&mut unnamed);
                said.push(fields);
            }
        });
        let expected: Vec<&Fields> = case.messages.iter().filter(|fields| !fields.is_empty()).collect();
        match case.wants_reading() {
            true if said.len() != expected.len() => {
                wrong.push(format!("{}: {} readings", case.id, said.len()))
            }
            false if !said.is_empty() => wrong.push(format!("{}: {said:?}", case.id)),
            _ => {}
        }
        for (said, expected) in said.iter().zip(expected) {
            let differences = differences(said, expected, case.wants_reading());
            compared += expected.len();
            wrong.extend(differences.into_iter().map(|difference| format!("{}: {difference}", case.id)));
        }
    }
    println!("{compared} fields compared");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_refusal_is_of_the_right_kind() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut kinds = Vec::new();
        case.each_event(|event| kinds.push(kind(&event.outcome)));
        let allowed: &[&str] = match case.text("outcome") {
            "encrypted" => &["encrypted", "fragment"],
            "reject" => &["frame_check", "header_check", "cut", "flag", "length", "address"],
            "frame-only" => &["empty", "foreign_llc"],
            "out-of-scope" => &["unknown_list", "data_tag", "truncated"],
            _ => &["reading", "fragment"],
        };
        if let Some(other) = kinds.iter().find(|kind| !allowed.contains(kind)) {
            wrong.push(format!("{}: {other}, not one of {allowed:?}", case.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_good_frame_of_the_recordings_is_found() {
    for path in files("recordings", "bin") {
        let bytes = fs::read(&path).unwrap();
        let mut found = Vec::new();
        let mut reasons = BTreeMap::new();
        each_event(&bytes, 4096, |event| {
            *reasons.entry(kind(&event.outcome)).or_insert(0) += 1;
            if event.frame.is_some() {
                found.push((event.offset as usize, event.length));
            }
        });
        println!("{}: {} good frames, {reasons:?}", path.file_name().unwrap().display(), found.len());
        assert_eq!(found, frames_by_force(&bytes), "{}", path.display());
    }
}

/// Every place where length, closing flag and both check sequences are right, by trying them all; of two that overlap
/// in more than a flag the earlier one counts.
fn frames_by_force(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut frames: Vec<(usize, usize)> = Vec::new();
    for start in 0..bytes.len() {
        let Some([FLAG, high, low]) = bytes.get(start..start + 3) else { continue };
        let length = usize::from(u16::from_be_bytes([*high, *low]) & 0x07FF) + 2;
        let free = frames.last().is_none_or(|(begin, length)| start >= begin + length - 1);
        let Some(frame) = bytes.get(start..start + length).filter(|_| free && high & 0xF0 == 0xA0) else {
            continue;
        };
        if length > 8
            && frame.ends_with(&[FLAG])
            && residue(&frame[1..length - 1]) == GOOD
            && header_holds(frame)
        {
            frames.push((start, length));
        }
    }
    frames
}

/// The header is what lies before the first place, behind an address' end, where the register says "good".
fn header_holds(frame: &[u8]) -> bool {
    let behind_flag = &frame[1..frame.len() - 1];
    let address_end = |from: usize| (from..behind_flag.len()).find(|&index| behind_flag[index] & 1 == 1);
    let header = address_end(2).and_then(|end| address_end(end + 1)).map(|end| end + 4);
    header.is_some_and(|header| behind_flag.get(..header).is_some_and(|header| residue(header) == GOOD))
}

/// What the register holds after bytes and their right check sequence (ISO/IEC 13239, annex A).
const GOOD: u16 = 0xF0B8;

/// CRC-16/X.25 bit by bit, as the standard draws it: nothing of the tested code's.
fn residue(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |register, &byte| {
        (0..8).fold(register ^ u16::from(byte), |register, _| {
            if register & 1 == 1 { (register >> 1) ^ 0x8408 } else { register >> 1 }
        })
    })
}

type Fields = BTreeMap<String, String>;

/// A reading in the words of the captures' own descriptions.
fn fields(reading: &Reading) -> Fields {
    let identity = &reading.identity;
    let mut fields: Fields = [
        ("list_id", identity.list_version.as_str()),
        ("meter_id", identity.id.as_str()),
        ("meter_type", identity.model.as_str()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.into(), value.into()))
    .collect();
    if let Some(clock) = reading.clock.filter(|_| reading.clock_in_list) {
        fields
            .insert("meter_time".into(), clock.digits().map(|digits| digits.to_string()).unwrap_or_default());
        let deviation = clock.deviation().map_or("unspecified".into(), |minutes| minutes.to_string());
        fields.insert("meter_time_deviation".into(), deviation);
        let status = clock.status().map_or("unspecified".into(), |status| format!("0x{status:02x}"));
        fields.insert("meter_time_status".into(), status);
    }
    fields.extend(reading.registers().map(|(register, value)| (name(register), value.to_string())));
    fields
}

/// Numbers whose code has no metric: by their code, or as the descriptions call them.
fn without_metric(list: &'static List, message: &Message<'_>) -> Fields {
    let named = |item: Item<'_>| {
        let Datum::Number(number) = item.datum else { return None };
        let name = match item.obis.0 {
            _ if item.register.is_some() => return None,
            [1, _, group @ 5..=8, 7, 0, 255] => format!("reactive_power_q{}", group - 4),
            [1, _, group @ 5..=8, 8, tariff, 255] => format!("reactive_energy_q{}_t{tariff}", group - 4),
            [1, _, 15, 8, 0, 255] => "active_energy_abs".into(),
            [1, 1, 0, 0, 1, 255] => "meter_number_1".into(),
            _ => item.obis.to_string().replace('*', "."),
        };
        Some((name, number.to_string()))
    };
    let mut fields = Fields::new();
    list.items(message).each(|item| fields.extend(named(item)));
    fields
}

/// A telegram's descriptions give texts as they stand in it: the time with its letter, an id in hexadecimal digits. They
/// name none of the states, counters and other meters that are published besides, nor most numbers without a metric.
fn fields_of_telegram(reading: &Reading, telegram: &Telegram<'_>) -> Fields {
    let mut fields = fields(reading);
    for name in ["list_id", "meter_id", "meter_type", "meter_time_deviation", "meter_time_status"] {
        fields.remove(name);
    }
    fields.retain(|name, _| !OF_TELEGRAMS_ALONE.iter().any(|start| name.starts_with(start)));
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    for set in telegram.sets().filter_map(Result::ok) {
        let name = match set.obis.to_string().as_str() {
            "0-0:1.0.0*255" => "meter_time",
            "0-0:96.1.0*255" => "meter_id",
            "0-0:96.1.1*255" => "meter_type",
            _ => continue,
        };
        let written = text(set.values().next().unwrap().text());
        match name {
            "meter_time" => {
                let pairs = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
                let digits = pairs(fields["meter_time"].as_str());
                assert!(digits.ends_with(&pairs(&written)), "{digits}, not {written}");
            }
            _ => {
                let id = reading.identity.id.as_str();
                let spelled: String = id.bytes().map(|byte| format!("{byte:02X}")).collect();
                assert!([id, &spelled].contains(&written.as_str()), "{id}, not {written}");
            }
        }
        fields.insert(name.into(), written);
    }
    fields
}

const OF_TELEGRAMS_ALONE: [&str; 10] = [
    "active_t",
    "disconnect_state",
    "gas_",
    "heat_",
    "long_power_failures",
    "power_demand_max",
    "power_failures",
    "voltage_sags",
    "voltage_swells",
    "water_",
];

/// "han_phase_active_power_import_watts", L1 is "active_power_import_l1" there.
fn name(register: Register) -> String {
    let family = register.family();
    let whole = family.name.trim_start_matches("han_");
    let units = [
        "_watts",
        "_vars",
        "_voltamperes",
        "_volts",
        "_amperes",
        "_ratio",
        "_hertz",
        "_joules",
        "_var_seconds",
    ];
    let bare = whole.trim_end_matches("_total");
    let bare = units.iter().find_map(|unit| bare.strip_suffix(unit)).unwrap_or(bare);
    let base =
        ["phase_", "tariff_", "quadrant_"].iter().find_map(|part| bare.strip_prefix(part)).unwrap_or(bare);
    match (family.label, register.label()) {
        (Some("tariff"), label) => format!("{base}_t{label}"),
        (Some("quadrant"), label) => format!("{base}_q{label}"),
        (Some("state"), _) => base.replace("breaker", "disconnect"),
        (Some(_), label) => format!("{base}_{}", label.to_lowercase()),
        (None, _) => base.into(),
    }
}

/// What is said wrongly and, if all is asked for, what is missing.
fn differences(said: &Fields, expected: &Fields, all: bool) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, value) in expected.iter().filter(|(name, _)| !is_not_read(name)) {
        match said.get(name) {
            Some(said) if same(name, said, value) => {}
            // What a three-wire meter does not measure, it sends as 0 V.
            None if name == "voltage_l2" && value == "0" => {}
            None if !all || unpadded(value).is_empty() => {}
            other => differences.push(format!("{name}: {other:?}, not {value:?}")),
        }
    }
    let invented = said.iter().filter(|(name, _)| !expected.contains_key(*name));
    differences.extend(
        invented
            .filter(|(name, _)| *name != "meter_id")
            .map(|(name, value)| format!("{name}: invented {value:?}")),
    );
    differences
}

/// The id is shown without the padding around it.
fn same(name: &str, said: &str, expected: &str) -> bool {
    match name {
        "meter_id" | "meter_type" => said == unpadded(expected),
        _ => said == expected,
    }
}

fn unpadded(text: &str) -> &str {
    text.trim_matches(['\0', ' '])
}

/// What the captures' descriptions name and no reading has a place for.
fn is_not_read(name: &str) -> bool {
    ["logical_device_name", "meter_time_dow"].contains(&name) || name.starts_with("raw_")
}

fn kind(outcome: &Outcome<'_>) -> &'static str {
    match outcome {
        Outcome::Reading { .. } => "reading",
        Outcome::Fragment => "fragment",
        Outcome::Undecodable(error) | Outcome::Rejected(error, _) => error.reason(),
    }
}

/// One case or twin.
struct Case {
    id: String,
    values: Fields,
    keys: Fields,
    messages: Vec<Fields>,
}

impl Case {
    fn text(&self, name: &str) -> &str {
        self.values.get(name).map(String::as_str).unwrap_or_default()
    }

    fn wants_reading(&self) -> bool {
        self.text("outcome") == "ok"
    }

    fn keys(&self) -> Keys {
        let key = |name: &str| {
            let bytes = fixture::unhex(self.keys.get(name)?).try_into().ok()?;
            Some(Key::new(bytes))
        };
        Keys { encryption: key("guek"), authentication: key("gak") }
    }

    fn each_event(&self, mut take: impl FnMut(Event<'_>)) {
        let mut decoder = Decoder::new(Settings::default(), Cipher::new(&self.keys()));
        let stream = self.stream();
        let mut rest = &stream[..];
        while let Some(event) = decoder.feed(&mut rest) {
            take(event);
        }
        while let Some(event) = decoder.finish() {
            take(event);
        }
    }

    /// Its bytes as they would stand on a line.
    fn stream(&self) -> Vec<u8> {
        let bytes = fixture::unhex(self.text("hex"));
        match self.text("transport") {
            "llc" => framed(&bytes),
            "apdu" => framed(&[&[0xE6, 0xE7, 0x00], &bytes[..]].concat()),
            _ => bytes,
        }
    }
}

fn framed(information: &[u8]) -> Vec<u8> {
    let mut buffer = [0; MAX_LENGTH + 2];
    let mut writer = Writer::new(&mut buffer);
    Frame { segmented: false, destination: &[0x41], source: &[0x03], control: 0x13, information }
        .emit(&mut writer);
    writer.written().to_vec()
}

fn cases() -> Vec<Case> {
    let paths = files("cases", "toml").into_iter().chain(files("twins", "toml"));
    paths.map(|path| read_case(&fs::read_to_string(path).unwrap())).collect()
}

/// The few forms of TOML that the cases use: `key = value` and `hex = """`.
fn read_case(text: &str) -> Case {
    let mut case =
        Case { id: String::new(), values: Fields::new(), keys: Fields::new(), messages: Vec::new() };
    let mut table = "";
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name;
            if ["[message]", "fields"].contains(&table) {
                case.messages.push(Fields::new());
            }
        }
        let Some((name, value)) = line.split_once(" = ") else { continue };
        let name = name.trim_matches('"');
        let value = match value {
            "\"\"\"" => lines.by_ref().take_while(|line| *line != "\"\"\"").collect::<Vec<_>>().join("\n"),
            value => value.trim_matches('"').replace("\\u0000", "\0"),
        };
        match table {
            "" | "expect" => case.values.insert(name.into(), value),
            "key" => case.keys.insert(name.into(), value),
            "message.fields" | "fields" => case.messages.last_mut().unwrap().insert(name.into(), value),
            _ => None,
        };
    }
    case.id = case.text("id").into();
    case
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let captures = env::var_os("HAN_CAPTURES").map(PathBuf::from);
    let captures =
        captures.unwrap_or_else(|| [env!("CARGO_MANIFEST_DIR"), "../shared/captures"].iter().collect());
    let Ok(entries) = fs::read_dir(captures.join(folder)) else {
        println!("nothing compared: there is no folder {}", captures.join(folder).display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == extension));
    files.sort();
    files
}
