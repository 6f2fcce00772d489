//! `decode` on SML: annotated text, JSON for scripts, captures that can be shared.

use crate::support::decoded::{JSON, REDACT, TEXT, assert_holds, check_explained, decode, mutated, survives};
use crate::support::fixture;
use han_exporter::hex;
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::deframer::LONGEST;
use han_exporter::wire::sml::File;
use proptest::prelude::*;

#[test]
fn the_breakdown_is_as_it_was() {
    check_explained(&["dzg/dvs74", "other/sml-unseen", "other/sml-check"]);
}

#[test]
fn every_byte_is_shown_once_and_in_order_wherever_a_file_is_cut() {
    for fixture in fixture::of("sml") {
        for end in (9..fixture.bytes.len()).step_by(7).chain(fixture.bytes.len() - 9..=fixture.bytes.len()) {
            let bytes = &fixture.bytes[..end];
            assert_eq!(shown(&decode(bytes, TEXT).0), bytes, "{} cut after {end}", fixture.name);
        }
    }
}

/// The bytes in the left column.
fn shown(text: &str) -> Vec<u8> {
    let left = |line: &str| line.get(..23).unwrap_or(line).trim_end().to_owned();
    let is_byte = |word: &str| word.len() == 2 && u8::from_str_radix(word, 16).is_ok();
    let rows = text.lines().map(left).filter(|row| !row.is_empty() && row.split(' ').all(is_byte));
    fixture::unhex(&rows.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_line_holds_what_was_sent_and_what_became_of_it() {
    let (line, found) = decode(&fixture::named("dzg/dwsb20").bytes, JSON);
    assert!(found);
    let expected = r#"{"offset":0,"length":260,"protocol":"sml","outcome":"reading","reason":null,"list":"energy","meter":{"manufacturer":"DZG","model":null,"id":"1DZG0039012345","list_version":null},"clock":null,"values":[{"obis":"1-0:1.8.0*255","metric":"han_active_energy_import_joules_total","labels":{},"value":512780400},{"obis":"1-0:2.8.0*255","metric":"han_active_energy_export_joules_total","labels":{},"value":94483555560},{"obis":"1-0:16.7.0*255","metric":"han_active_power_import_watts","labels":{},"value":0},{"obis":"1-0:16.7.0*255","metric":"han_active_power_export_watts","labels":{},"value":310.64}]}"#;
    assert_eq!(line.trim_end(), expected);
    let (line, _) = decode(&fixture::named("other/sml-unseen").bytes, JSON);
    assert_holds(
        &line,
        &[
            r#""clock":"2024-07-01T11:34:56""#,
            r#"{"obis":"1-0:16.7.0*255","metric":null,"labels":{},"value":-50,"unit":"W"}"#,
            r#"{"obis":"1-0:1.8.0*96","metric":null,"labels":{},"value":1234000,"unit":"Wh"}"#,
            r#"{"obis":"1-0:32.7.0*255","metric":null,"labels":{},"value":230,"unit":null}"#,
        ],
    );
}

#[test]
fn damage_is_located() {
    let good = fixture::named("iskraemeco/mt691").bytes;
    let mut damaged = good.clone();
    damaged[150] ^= 1;
    let (text, found) = decode(&damaged, TEXT);
    assert!(!found);
    assert_holds(
        &text,
        &["damaged SML file at byte 0", "message check: wrong, received ", "file check: wrong, received "],
    );
    assert_holds(
        &decode(&damaged, JSON).0,
        &[r#""length":208,"protocol":"sml","outcome":"rejected","reason":"frame_check""#],
    );
    let cut = &good[..100];
    assert_holds(
        &decode(cut, TEXT).0,
        &["in the middle of a value", "the file does not end", "the frame is cut off"],
    );
    assert_holds(
        &decode(cut, JSON).0,
        &[r#""length":100,"protocol":"sml","outcome":"rejected","reason":"cut""#],
    );
    for (name, outcome, reason) in [
        ("other/sml-check", "rejected", "frame_check"),
        ("other/sml-truncated", "unknown", "truncated"),
        ("other/sml-type", "unknown", "data_tag"),
        ("other/sml-no-list", "unknown", "service"),
    ] {
        let (line, found) = decode(&fixture::named(name).bytes, JSON);
        assert!(!found);
        assert_holds(&line, &[&format!(r#""outcome":"{outcome}","reason":"{reason}","list":null"#)]);
    }
}

/// A line without the meter's id.
fn anonymous(line: &str) -> String {
    let (start, rest) = line.split_once("\"id\":").expect("every line names the meter");
    let (_, end) = rest.split_once(',').expect("more behind the id");
    // Where a file is shorter for want of an escape that is no longer there, that is no change of what it says.
    let (_, start) = start.split_once("\"protocol\"").expect("the length stands before the protocol");
    format!("{start}{end}")
}

#[test]
fn a_redacted_capture_says_the_same_and_not_whose_it_is() {
    let mut compared = 0;
    for fixture in fixture::of("sml") {
        let (before, found) = decode(&fixture.bytes, JSON);
        let (redacted, _) = decode(&fixture.bytes, REDACT);
        if !found {
            assert_holds(&redacted, &["# left out: a message that is not understood at byte 0"]);
            assert!(hex::bytes(redacted.as_bytes()).is_empty(), "{}", fixture.name);
            continue;
        }
        assert!(!redacted.contains('#'), "{}: {redacted}", fixture.name);
        let (after, _) = decode(redacted.as_bytes(), JSON);
        assert_eq!(anonymous(&before), anonymous(&after), "{}", fixture.name);
        assert_eq!(decode(redacted.as_bytes(), REDACT).0, redacted, "{}: twice is once", fixture.name);
        let written = hex::bytes(redacted.as_bytes()).into_owned();
        for secret in secrets(&fixture.bytes) {
            assert!(
                !written.windows(secret.len()).any(|part| part == secret),
                "{}: {secret:02x?}",
                fixture.name
            );
        }
        compared += 1;
    }
    assert!(compared > 15, "{compared}");
}

/// Bytes that give a meter away: the last of each server id, a public key, a printed number.
fn secrets(bytes: &[u8]) -> Vec<Vec<u8>> {
    let id = bytes
        .windows(11)
        .find(|window| matches!(window, [0x0B, 0x06 | 0x09 | 0x0A, ..]))
        .map(|id| id[8..].to_vec());
    let key = bytes.windows(50).find(|window| window.starts_with(&[0x83, 0x02])).map(|key| key[2..].to_vec());
    let texts = [&b"62012345"[..], b"7654321", b"1001234", b"0000123456"].map(<[u8]>::to_vec);
    id.into_iter().chain(key).chain(texts).collect()
}

fn file(messages: &[u8]) -> Vec<u8> {
    let mut buffer = vec![0; 2 * LONGEST];
    let mut writer = Writer::new(&mut buffer);
    File::emit(messages, &mut writer);
    writer.written().to_vec()
}

/// A file whose check sequence holds, or not, whatever was done to its inside.
fn mutants() -> impl Strategy<Value = Vec<u8>> {
    let files = fixture::of("sml").into_iter().map(|fixture| fixture.bytes);
    mutated(files.collect(), [8, 8], file)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_explained(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&file(&input));
        survives(&[&[0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1][..], &input].concat());
    }

    #[test]
    fn mutated_files_are_explained(input in mutants()) {
        survives(&input);
    }
}
