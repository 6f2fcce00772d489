//! `decode` as its users meet it: annotated text, JSON for scripts, captures that can be shared.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::decoded::{JSON, REDACT, TEXT, assert_holds, decode, mutated, survives};
use han_exporter::hex;
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::decimal::Decimal;
use han_exporter::wire::dlms::apdu::LLC;
use han_exporter::wire::hdlc::{FLAG, Frame};
use proptest::prelude::*;

fn json(input: &[u8]) -> Vec<String> {
    decode(input, JSON).0.lines().map(str::to_owned).collect()
}

fn path(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(part)
}

/// Every capture of this test: its name and its text.
fn captures() -> Vec<(String, String)> {
    let mut captures: Vec<_> = fs::read_dir(path("decode"))
        .expect("the captures lie beside this file")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "hex"))
        .map(|file| {
            let name = file.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(file).expect("a readable capture"))
        })
        .collect();
    captures.sort();
    assert!(captures.len() >= 10, "captures are missing");
    captures
}

fn bytes(name: &str) -> Vec<u8> {
    let text = fs::read(path(&format!("decode/{name}.hex"))).expect("a readable capture");
    hex::bytes(&text).into_owned()
}

fn frame(information: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 2049];
    let mut writer = Writer::new(&mut buffer);
    Frame { segmented: false, destination: &[0x41], source: &[0x08, 0x83], control: 0x13, information }
        .emit(&mut writer);
    writer.written().to_vec()
}

/// A key and its value as a line of JSON has them, for a look at a part of it.
#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let file = path(&format!("golden/{name}"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, text).expect("a writable golden file");
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, golden, "{} differs; BLESS=1 rewrites it", file.display());
}

#[test]
fn the_breakdown_is_as_it_was() {
    for name in
        ["seed-aidon-list1", "seed-kaifa-list3-1phase", "seed-kamstrup-list1-3phase", "iskra-segments"]
    {
        let (text, found) = decode(&bytes(name), TEXT);
        assert!(found);
        assert_golden(&format!("decode-{name}.txt"), &text);
    }
}

#[test]
fn a_line_has_exactly_the_promised_keys() {
    let lines = json(&bytes("seed-aidon-list1"));
    let expected = r#"{"offset":0,"length":44,"protocol":"hdlc","outcome":"reading","reason":null,"list":"power","meter":{"manufacturer":null,"model":null,"id":null,"list_version":null},"clock":null,"values":[{"obis":"1-0:1.7.0*255","metric":"han_active_power_import_watts","labels":{},"value":1604}]}"#;
    assert_eq!(lines, [expected]);
}

/// What `#=` lines say a capture means.
fn expectations(capture: &str) -> Vec<(&str, &str)> {
    let lines = capture.lines().filter_map(|line| line.strip_prefix("#= "));
    lines.map(|line| line.split_once(' ').expect("a field and its value")).collect()
}

/// The start of a value's metric, labels and the factor to the metric's unit.
fn metric(field: &str) -> Option<(String, i64)> {
    let (base, phase) = match field.rsplit_once('_') {
        Some((base, phase @ ("l1" | "l2" | "l3"))) => {
            (base, Some(format!("\"phase\":\"{}\"", phase.to_uppercase())))
        }
        Some((base, tariff @ ("t1" | "t2"))) => (base, Some(format!("\"tariff\":\"{}\"", &tariff[1..]))),
        _ => (field, None),
    };
    let (unit, factor) = match base {
        "voltage" => ("_volts", 1),
        "current" => ("_amperes", 1),
        "power_factor" => ("_ratio", 1),
        "active_power_import" | "active_power_export" => ("_watts", 1),
        "reactive_power_import" | "reactive_power_export" => ("_vars", 1),
        "active_energy_import" | "active_energy_export" => ("_joules_total", 3600),
        "reactive_energy_import" | "reactive_energy_export" => ("_var_seconds_total", 3600),
        _ => return None,
    };
    let kind = match &phase {
        Some(label) if label.starts_with("\"tariff") => "tariff_",
        Some(_) if base != "voltage" && base != "current" => "phase_",
        _ => "",
    };
    let labels = phase.unwrap_or_default();
    Some((format!("\"metric\":\"han_{kind}{base}{unit}\",\"labels\":{{{labels}}},\"value\":"), factor))
}

fn decimal(text: &str) -> Decimal {
    let places = text.split_once('.').map_or(0, |(_, part)| part.len());
    Decimal::new(text.replace('.', "").parse().expect("digits"), -i8::try_from(places).expect("few digits"))
}

#[test]
fn every_value_is_exact() {
    let mut compared = 0;
    for (name, capture) in captures() {
        let lines = json(capture.as_bytes());
        let reading = lines.last().expect("a line for each frame");
        let mut metrics = 0;
        for (field, value) in expectations(&capture) {
            let expected = match (field, metric(field)) {
                // A three-wire meter has nothing to measure there.
                ("voltage_l2", _) if value == "0" => String::from(
                    "\"obis\":\"1-0:52.7.0*255\",\"metric\":null,\"labels\":{},\"value\":0,\"unit\":\"V\"}",
                ),
                (_, Some((start, factor))) => {
                    metrics += 1;
                    format!("{start}{}}}", decimal(value).times(factor).expect("a small number"))
                }
                ("meter_id", _) => format!("\"id\":\"{value}\""),
                ("meter_type", _) if value.is_empty() => "\"model\":null".into(),
                ("meter_type", _) => format!("\"model\":\"{value}\""),
                ("list_id", _) => format!("\"list_version\":\"{value}\""),
                ("meter_time", _) => format!("\"clock\":\"{value}\""),
                other => panic!("{name}: what is {other:?}?"),
            };
            assert_holds(reading, &["\"outcome\":\"reading\"", &expected]);
            compared += 1;
        }
        if metrics > 0 {
            assert_eq!(reading.matches("\"metric\":\"").count(), metrics, "{name}: {reading}");
        }
    }
    assert!(compared > 150, "only {compared} values compared");
}

#[test]
fn numbers_without_a_metric_are_there_too() {
    let line = json(&bytes("kamstrup-push-1")).remove(0);
    assert_holds(
        &line,
        &[r#"{"obis":"1-1:0.0.1*255","metric":null,"labels":{},"value":32427741,"unit":null}"#],
    );
    // A list of nobody's: a power and a current whose power of ten is not told, and a register with a unit of its own.
    let pairs = [
        2, 6, 9, 6, 1, 0, 1, 7, 0, 255, 18, 1, 0, 9, 6, 1, 0, 31, 7, 0, 255, 18, 0, 5, 9, 6, 1, 0, 32, 7, 0,
        255, 18, 0, 230,
    ];
    let record = [1, 1, 2, 3, 9, 6, 1, 0, 99, 7, 0, 255, 18, 0, 5, 2, 2, 15, 255, 22, 35];
    let message = |body: &[u8]| [&LLC[..], &[0x0F, 0, 0, 0, 0, 0], body].concat();
    assert_holds(
        &json(&frame(&message(&pairs)))[0],
        &[
            r#"{"obis":"1-0:1.7.0*255","metric":null,"labels":{},"value":256,"unit":null}"#,
            r#""metric":"han_voltage_volts","labels":{"phase":"L1"},"value":230}"#,
            r#"{"obis":"1-0:31.7.0*255","metric":null,"labels":{},"value":5,"unit":null}"#,
        ],
    );
    let known = [2, 3, 9, 6, 1, 0, 1, 7, 0, 255, 18, 0, 5, 2, 2, 15, 0, 22, 27];
    let both = [&[1, 2][..], &record[2..], &known].concat();
    assert_holds(
        &json(&frame(&message(&both)))[0],
        &[r#"{"obis":"1-0:99.7.0*255","metric":null,"labels":{},"value":0.5,"unit":"V"}"#],
    );
}

#[test]
fn segments_are_fragments_until_the_message_is_whole() {
    let lines = json(&bytes("iskra-segments"));
    assert_eq!(lines.len(), 3);
    assert_holds(&lines[0], &[r#""offset":0,"#, r#""outcome":"fragment","reason":null"#, r#""values":[]"#]);
    assert_holds(&lines[1], &[r#""offset":166,"#, r#""outcome":"fragment""#]);
    assert_holds(&lines[2], &[r#""offset":332,"#, r#""outcome":"reading""#]);
    let (_, found) = decode(&bytes("iskra-segments")[..166], JSON);
    assert!(found, "a fragment is something found");
}

#[test]
fn damage_is_located() {
    let mut damaged = bytes("seed-aidon-list1");
    damaged[30] ^= 0x10;
    let (text, found) = decode(&damaged, TEXT);
    assert!(!found);
    assert_holds(&text, &["damaged HDLC frame at byte 0", "frame check: wrong, received 6f 92, computed "]);
    assert_holds(&json(&damaged)[0], &[r#""length":44,"#, r#""outcome":"rejected","reason":"frame_check""#]);

    let mut damaged = bytes("seed-aidon-list1");
    damaged[6] ^= 0x10;
    assert_holds(&decode(&damaged, TEXT).0, &["header check: wrong, received 04 13, computed "]);
    assert_holds(&json(&damaged)[0], &[r#""outcome":"rejected","reason":"header_check""#]);

    let mut lost = bytes("seed-aidon-list1");
    lost.remove(30);
    lost.push(0x55);
    assert_holds(&decode(&lost, TEXT).0, &["no flag where the length says that the frame ends"]);
    assert_holds(&json(&lost)[0], &[r#""reason":"flag""#]);

    let mut endless = bytes("seed-aidon-list1");
    endless[3..8].fill(0x40);
    assert_holds(&decode(&endless, TEXT).0, &["addresses that do not end"]);
    let cut = &bytes("seed-aidon-list1")[..30];
    assert_holds(&decode(cut, TEXT).0, &["cut after 30 of 44 bytes", "the frame is cut off"]);
    assert_holds(&json(cut)[0], &[r#""length":30,"#, r#""outcome":"rejected","reason":"cut""#]);
}

#[test]
fn noise_is_counted_and_gives_no_line() {
    let stream = [b"noise".to_vec(), bytes("seed-aidon-list1"), vec![FLAG; 4], vec![1, 2, 3]].concat();
    let (text, found) = decode(&stream, TEXT);
    assert!(found);
    assert_holds(
        &text,
        &["bytes that belong to no frame: 5 at byte 0", "1 of them readings; 12 bytes of noise"],
    );
    assert_holds(&json(&stream)[0], &[r#""offset":5,"#, r#""outcome":"reading""#]);
    assert_eq!(json(&stream).len(), 1);
    for nothing in [&b"nothing here"[..], b"", b"# nothing but a comment\n"] {
        assert_eq!(decode(nothing, JSON), (String::new(), false));
        let (text, found) = decode(nothing, TEXT);
        assert!(!found && text.lines().count() == 1, "{text}");
    }
}

#[test]
fn a_message_needs_no_frame() {
    let information = &bytes("seed-aidon-list1")[9..41];
    for (input, protocol) in [(information, "llc"), (&information[3..], "apdu")] {
        let line = &json(input)[0];
        assert_holds(
            line,
            &[&format!(r#""length":{},"protocol":"{protocol}""#, input.len()), r#""value":1604}"#],
        );
        assert_holds(&decode(input, TEXT).0, &["1604 W", "data-notification"]);
        assert_eq!(json(hex::digits(input).as_bytes()), std::slice::from_ref(line), "as a hex dump");
        let cut = &input[..input.len() - 1];
        assert_holds(&json(cut)[0], &[r#""outcome":"rejected","reason":"truncated""#]);
    }
}

#[test]
fn what_is_no_reading_says_why() {
    for (information, outcome, reason) in [
        (&[][..], "unknown", "empty"),
        (&[1, 2, 3], "unknown", "foreign_llc"),
        (&[0xE6, 0xE7, 0, 0xC4, 1], "unknown", "service"),
        (&[0xE6, 0xE7, 0, 0x0F, 0, 0, 0, 0, 0, 2, 1, 17, 5], "unknown", "unknown_list"),
        (&[0xE6, 0xE7, 0, 0x0F, 0, 0, 0, 0, 0, 2, 1, 60], "unknown", "data_tag"),
        (&[0xE6, 0xE7, 0, 0xDB, 3, b'K', b'A', b'M', 6, 0x30, 0, 0, 0, 1, 9], "encrypted", "encrypted"),
        (&[0xE6, 0xE7, 0, 0xE0, 0x40, 0, 2, 0, 0, 2, 8, 9], "unknown", "segment_lost"),
    ] {
        let input = frame(information);
        let line = &json(&input)[0];
        assert_holds(
            line,
            &[&format!(r#""outcome":"{outcome}","reason":"{reason}","list":null"#), r#""values":[]"#],
        );
        assert_holds(&decode(&input, TEXT).0, &["frame check: ok", "no reading: "]);
        assert!(!decode(&input, JSON).1);
    }
    assert_holds(&decode(&frame(&[1, 2, 3]), TEXT).0, &["no LLC header of a meter: not taken apart"]);
    assert!(!decode(&frame(&[]), TEXT).0.contains("LLC"), "nothing is there that could have one");
    let first = frame(&[0xE6, 0xE7, 0, 0xE0, 0x40, 0, 1, 0, 0, 2, 8, 9]);
    assert_holds(&json(&first)[0], &[r#""outcome":"fragment","reason":null"#]);
    assert!(decode(&first, JSON).1);
}

/// A line without what redaction changes.
fn anonymous(line: &str) -> String {
    let (start, rest) = line.split_once("\"meter\":{").expect("every line names the meter");
    let (_, end) = rest.split_once('}').expect("an object ends");
    let end = end.split(r#"{"obis":"1-1:0.0.1*255""#).next().unwrap_or_default();
    format!("{start}{end}")
}

#[test]
fn a_redacted_capture_says_the_same_and_not_whose_it_is() {
    let mut hidden = 0;
    for (name, capture) in captures() {
        let (redacted, found) = decode(capture.as_bytes(), REDACT);
        assert!(found && !redacted.contains('#'), "{name}: {redacted}");
        let (before, after) = (json(capture.as_bytes()), json(redacted.as_bytes()));
        let anonymous = |lines: &[String]| lines.iter().map(|line| anonymous(line)).collect::<Vec<_>>();
        assert_eq!(anonymous(&before), anonymous(&after), "{name}");
        assert_eq!(decode(redacted.as_bytes(), REDACT).0, redacted, "{name}: twice is once");
        let written = hex::bytes(redacted.as_bytes()).into_owned();
        for (_, id) in expectations(&capture).iter().filter(|(field, _)| *field == "meter_id") {
            assert!(!written.windows(id.len()).any(|part| part == id.as_bytes()), "{name} still says {id}");
            hidden += 1;
        }
    }
    assert!(hidden >= 7, "only {hidden} ids were there to hide");
}

#[test]
fn what_may_hide_an_id_is_replaced_or_left_out() {
    let title = frame(&[0xE6, 0xE7, 0, 0xDB, 8, b'K', b'A', b'M', 1, 2, 3, 4, 5, 6, 0x30, 0, 0, 0, 1, 9]);
    let (redacted, _) = decode(&title, REDACT);
    assert_holds(&redacted, &["db 08 4b 41\n4d 00 00 00 00 00 06 30"]);
    assert_holds(&json(redacted.as_bytes())[0], &[r#""outcome":"encrypted""#]);

    let body = [&[2, 3, 10, 7][..], b"1234567", &[10, 8], b"AB123456", &[17, 5]].concat();
    let unknown = frame(&[&LLC[..], &[0x0F, 0, 0, 0, 0, 0], &body].concat());
    let written = hex::bytes(decode(&unknown, REDACT).0.as_bytes()).into_owned();
    assert!(written.windows(7).any(|part| part == b"0000000"));
    assert!(written.windows(8).any(|part| part == b"AB123456"), "six digits count something");

    let mut damaged = bytes("kaifa-list-2");
    damaged[60] ^= 1;
    let stream = [&damaged[..], &bytes("seed-aidon-list1")].concat();
    let (redacted, _) = decode(&stream, REDACT);
    assert_holds(&redacted, &["# left out: ", "(frame_check) at byte 0"]);
    assert_eq!(hex::bytes(redacted.as_bytes()), bytes("seed-aidon-list1"));

    let segments = bytes("iskra-segments");
    let (redacted, _) = decode(&segments[..332], REDACT);
    assert!(hex::bytes(redacted.as_bytes()).is_empty(), "an unfinished message cannot be judged: {redacted}");
    assert_eq!(redacted.matches("# left out").count(), 2);
}

/// A message whose check sequences hold, or not, whatever was done to its inside.
fn mutants() -> impl Strategy<Value = Vec<u8>> {
    let captures = captures().into_iter().map(|(_, capture)| hex::bytes(capture.as_bytes()).into_owned());
    mutated(captures.collect(), [9, 3], frame)
}

proptest! {
    #[test]
    fn random_bytes_are_explained(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&input);
        survives(&frame(&input));
        survives(&frame(&[&LLC[..], &[0x0F, 0, 0, 0, 0, 0], &input].concat()));
    }

    #[test]
    fn mutated_captures_are_explained(input in mutants()) {
        survives(&input);
    }
}
