//! `decode` of what asked meters answered: explained, as JSON, and without whose meter it is.

use crate::support::decoded::{JSON, REDACT, TEXT, check_explained, written};
use crate::support::fixture::{self, Fixture};
use han_exporter::hex;
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::kmp::seal;

fn json(input: &[u8]) -> String {
    written(input, JSON)
}

fn answers() -> Vec<Fixture> {
    let mut fixtures = fixture::of("kmp382");
    fixtures.extend(fixture::of("kmp"));
    assert_eq!(fixtures.len(), 7);
    fixtures
}

fn values(line: &str) -> &str {
    line.split_once("\"values\"").expect("every line has values").1
}

#[test]
fn the_bytes_are_explained_as_they_were() {
    check_explained(&["kamstrup/685-identity", "kamstrup/kmp-electricity"]);
}

#[test]
fn every_byte_of_every_answer_is_explained() {
    for Fixture { name, bytes, .. } in answers() {
        let text = written(&bytes, TEXT);
        assert!(!text.contains("belong to no frame"), "{name}: {text}");
        // Every line begins with the bytes it is about, but for the titles and what is known in the end.
        let explained: usize = text
            .lines()
            .map(|line| line.split("  ").next().unwrap_or_default().trim())
            .filter(|field| {
                field.split(' ').all(|byte| byte.len() == 2 && u8::from_str_radix(byte, 16).is_ok())
            })
            .map(|field| field.split(' ').count())
            .sum();
        assert_eq!(explained, bytes.len(), "{name}: {text}");
    }
}

#[test]
fn json_says_the_values_exactly() {
    let line = json(&fixture::named("kamstrup/kmp-electricity").bytes);
    for part in [
        r#""protocol":"kmp","outcome":"reading","reason":null,"list":"energy""#,
        r#"{"obis":"1-0:1.8.0*255","metric":"han_active_energy_import_joules_total","labels":{},"value":132790042800}"#,
        r#"{"obis":"1-0:31.7.0*255","metric":"han_current_amperes","labels":{"phase":"L1"},"value":4.72}"#,
    ] {
        assert!(line.contains(part), "{part}\nis not in\n{line}");
    }
    let line = json(&fixture::named("kamstrup/685-identity").bytes);
    let meter =
        r#""meter":{"manufacturer":"Kamstrup","model":"685382OK10","id":"123456","list_version":null}"#;
    assert!(line.contains(meter) && line.contains(r#""protocol":"kmp382""#), "{line}");
}

#[test]
fn an_answer_is_looked_for_where_a_capture_begins_with_one() {
    for Fixture { name, bytes, .. } in answers() {
        assert_eq!(json(&bytes).matches(r#""outcome":"reading""#).count(), 1, "{name}");
        assert_eq!(json(&bytes.repeat(2)).matches(r#""outcome":"reading""#).count(), 2, "{name}");
        // Among the bytes of other meters the first of an answer means nothing.
        let behind = [&b"\x00"[..], &bytes].concat();
        assert!(!json(&behind).contains(r#""outcome":"reading""#), "{name}");
    }
}

#[test]
fn a_redacted_answer_says_the_same_and_not_whose_it_is() {
    let ids: [(&str, &[&[u8]]); 2] = [
        ("kamstrup/685-identity", &[b"40E20100", b"4E61BC00"]),
        ("kamstrup/kmp-number", &[&[0x00, 0xBC, 0x61, 0x4E]]),
    ];
    for Fixture { name, bytes, .. } in answers() {
        let redacted = written(&bytes, REDACT);
        let shared = hex::bytes(redacted.as_bytes()).into_owned();
        assert_eq!(values(&json(&bytes)), values(&json(&shared)), "{name}");
        assert_eq!(written(redacted.as_bytes(), REDACT), redacted, "{name}: twice is once");
        let names = ids.iter().filter(|(of, _)| *of == name).flat_map(|(_, ids)| *ids);
        for id in names {
            let has = |bytes: &[u8]| bytes.windows(id.len()).any(|part| part == *id);
            assert!(has(&bytes) && !has(&shared), "{name}: {}", id.escape_ascii());
        }
    }
}

fn sealed(content: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 64];
    let mut writer = Writer::new(&mut buffer);
    seal(content, &mut writer);
    writer.written().to_vec()
}

#[test]
fn an_answer_that_nobody_has_explained_is_shown_as_it_is() {
    let known = fixture::named("kamstrup/kmp-type").bytes;
    let text = written(&[known, sealed(&[0x3F, 0x92, 1, 2, 3])].concat(), TEXT);
    let rest = text.split("meaning not known").nth(1).unwrap_or_default();
    assert!(
        text.contains("01 02 03  ") && rest.contains("check sequence: ok") && rest.contains("0d  "),
        "{text}"
    );
}

#[test]
fn a_register_that_no_table_names_is_shared_without_its_number() {
    let answer = |number: [u8; 4]| {
        let power = [0x03, 0xFF, 0x16, 2, 0x43, 0x04, 0x36];
        let voltage = [0x04, 0x1E, 0x21, 2, 0, 0, 0xE7];
        let content = [&[0x3F, 0x10][..], &power, &[0x03, 0xE9, 0, 4, 0], &number, &voltage].concat();
        sealed(&content)
    };
    let redacted = written(&answer([0x00, 0xBC, 0x61, 0x4E]), REDACT);
    assert_eq!(hex::bytes(redacted.as_bytes()), answer([0; 4]), "{redacted}");
}
