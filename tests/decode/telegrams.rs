//! `decode` of telegrams as its users meet it: line by line, JSON for scripts, captures that can be shared.

use crate::support::decoded::{JSON, Options, REDACT, TEXT, assert_holds, check_explained, opened, written};
use crate::support::fixture::{self, Fixture};
use han_exporter::hex;

/// Opens what is ciphered.
fn decode(input: &[u8], options: Options) -> String {
    if input.starts_with(&[0xDB]) { opened(input, options) } else { written(input, options) }
}

fn json(input: &[u8]) -> String {
    decode(input, JSON)
}

fn telegrams() -> Vec<Fixture> {
    let mut fixtures = fixture::of("p1");
    fixtures.extend(fixture::of("iec"));
    assert!(fixtures.len() > 30);
    fixtures
}

#[test]
fn the_lines_are_explained_as_they_were() {
    check_explained(&[
        "netherlands/dsmr-2",
        "belgium/fluvius",
        "kamstrup/685-382",
        "luxembourg/smarty-ciphered",
    ]);
}

#[test]
fn every_byte_of_every_telegram_is_explained() {
    for Fixture { name, bytes, .. } in telegrams() {
        let text = decode(&bytes, TEXT);
        assert!(
            !text.contains("belong to no frame") && !text.lines().any(|line| line.ends_with(' ')),
            "{name}"
        );
        let damaged = [&bytes[..40.min(bytes.len())], b"\xFF", &bytes[..]].concat();
        let text = decode(&damaged, TEXT);
        assert!(!text.lines().any(|line| line.ends_with(' ')), "{name}: {text}");
    }
}

#[test]
fn a_damaged_telegram_is_readable_in_spite_of_its_parity_bits() {
    let mut bytes = fixture::named("netherlands/dsmr-2-parity").bytes;
    *bytes.last_mut().unwrap() ^= 0x80;
    assert_holds(&written(&bytes, TEXT), &["/ISk5\\2MT382-1004", "1-0:1.8.1(00001.130*kWh)"]);
}

/// The line of a text that begins so, and the one after it.
fn two_lines<'a>(text: &'a str, start: &str) -> (&'a str, &'a str) {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(start));
    (lines.next().unwrap(), lines.next().unwrap())
}

#[test]
fn lines_after_a_net_power_keep_their_own_meaning() {
    let data = "1-0:16.7.0*255(-000123*W)\r\n1-0:36.7.0*255(000050*W)\r\n1-0:36.7.0*255(000051*W)\r\n\
                1-0:32.7.0*255(230.1*V)\r\n1-0:1.6.0(231130114500W)(02.052*kW)\r\n1-0:1.8.0*255(00001.5*kWh)\r\n";
    let text = decode(format!("/EBZ5DD3\r\n\r\n{data}!\r\n").as_bytes(), TEXT);
    let (first, second) = two_lines(&text, "1-0:16.7.0");
    assert!(
        first.ends_with("  active power import  0 W") && second.ends_with("  active power export  123 W"),
        "{text}"
    );
    let (first, second) = two_lines(&text, "1-0:36.7.0*255(000051*W)");
    assert!(
        first.ends_with("  active power export L1  0 W")
            && second.ends_with("  active power import L1  51 W"),
        "{text}"
    );
    assert!(two_lines(&text, "1-0:32.7.0").0.ends_with("  voltage L1  230.1 V"), "{text}");
    let (first, second) = two_lines(&text, "1-0:1.6.0");
    assert!(
        first.ends_with("  power demand max  2052 W") && second.ends_with("  taken 2023-11-30 10:45:00 UTC"),
        "{text}"
    );
    assert!(two_lines(&text, "1-0:1.8.0").0.ends_with("  active energy import  1500 Wh = 1.5 kWh"), "{text}");
}

#[test]
fn what_no_check_proves_is_marked() {
    let mut unproven = 0;
    for Fixture { name, bytes, .. } in telegrams() {
        let marks = [
            (decode(&bytes, TEXT), "\nproof  none"),
            (json(&bytes), r#""reason":null,"proven":false,"list""#),
        ];
        let marked = marks.map(|(text, mark)| text.contains(mark));
        assert!(marked[0] == marked[1], "{name}: {marked:?}");
        unproven += usize::from(marked[0]);
    }
    assert!(unproven > 10, "{unproven}");
}

#[test]
fn dates_are_shown_as_dates() {
    let text = decode(
        b"/EBZ5DD3\r\n\r\n1-0:0.9.1(222553)\r\n1-0:0.9.2(251002)\r\n1-0:1.8.0*255(00001.5*kWh)\r\n!\r\n",
        TEXT,
    );
    assert!(two_lines(&text, "1-0:0.9.1").0.ends_with("  time of the clock  22:25:53"), "{text}");
    assert!(two_lines(&text, "1-0:0.9.2").0.ends_with("  date of the clock  2025-10-02"), "{text}");
    let values = [26, 7, 0xE8, 10, 1, 2, 27, 19, 0, 10, 0xFF];
    let calendar = [9, 6, 1, 0, 0, 9, 2, 255, 9, 5, 7, 0xE8, 10, 2, 3];
    let clock = [9, 6, 1, 0, 0, 9, 1, 255, 9, 4, 19, 0, 11, 0xFF];
    let text = decode(&[&[0x0F, 0, 0, 0, 1, 0, 2, 6][..], &values, &calendar, &clock].concat(), TEXT);
    assert_holds(&text, &["2024-10-01\n", "19:00:10\n", "2024-10-02\n", "19:00:11\n"]);
    for fixture in telegrams() {
        assert!(!decode(&fixture.bytes, TEXT).contains("1970"), "{}", fixture.name);
    }
}

#[test]
fn json_names_the_protocol() {
    for (name, protocol) in [
        ("netherlands/dsmr-5", "p1"),
        ("netherlands/dsmr-2-parity", "p1"),
        ("easymeter/q3d", "p1"),
        ("luxembourg/smarty-ciphered", "p1"),
        ("poland/ciphered", "p1"),
        ("kamstrup/685-382", "iec"),
        ("landis-gyr/zmd120-readout", "iec"),
        ("hager/ehz", "iec"),
    ] {
        let mut bytes = fixture::named(name).bytes;
        assert_holds(&json(&bytes), &[&format!(r#""protocol":"{protocol}""#)]);
        let place = bytes.len() / 2;
        if name.starts_with("luxembourg") {
            let cut = json(&bytes[..place]);
            assert_holds(&cut, &[r#""protocol":"p1","outcome":"rejected","reason":"cut""#]);
            continue;
        }
        bytes[place] = if bytes[0] == b'/' { 0x00 } else { bytes[place] ^ 1 };
        let damaged = json(&bytes);
        if name != "poland/ciphered" && name != "hager/ehz" && name != "landis-gyr/zmd120-readout" {
            assert_holds(&damaged, &[&format!(r#""protocol":"{protocol}","outcome":"rejected""#)]);
        }
    }
}

#[test]
fn json_says_what_became_of_each_number() {
    let line = json(&fixture::named("other/p1-unseen").bytes);
    assert_holds(
        &line,
        &[
            r#"{"obis":"1-1:1.7.0*255","metric":null,"labels":{},"value":1250,"unit":"W"},{"obis":"1-1:1.7.0*255","metric":"han_active_power_import_watts","labels":{},"value":1300}"#,
            r#"{"obis":"1-0:2.7.0*255","metric":null,"labels":{},"value":0,"unit":null}"#,
            r#"{"obis":"1-0:3.7.0*255","metric":null,"labels":{},"value":500,"unit":"W"}"#,
            r#"{"obis":"1-0:1.8.0*1","metric":null,"labels":{},"value":1200000,"unit":"Wh"}"#,
            r#"{"obis":"0-1:24.2.1*255","metric":"han_water_cubic_meters_total","labels":{"channel":"1"},"value":12.345}"#,
            r#"{"obis":"0-3:24.2.1*255","metric":"han_heat_joules_total","labels":{"channel":"3"},"value":164440800}"#,
            r#""metric":"han_power_factor_ratio","labels":{},"value":0.97"#,
        ],
    );
    let line = json(&fixture::named("belgium/fluvius").bytes);
    assert_holds(
        &line,
        &[
            r#""metric":"han_power_demand_max_timestamp_seconds","labels":{},"value":"#,
            r#""list_version":"50217""#,
        ],
    );
    let line = json(&fixture::named("kamstrup/685-382").bytes);
    assert_holds(
        &line,
        &[
            r#"{"obis":"1-0:1.20.0*255","metric":"han_active_energy_import_joules_total","labels":{},"value":32929200000}"#,
            r#"{"obis":"1-0:1.6.0*1","metric":"han_power_demand_max_previous_watts","labels":{},"value":2800}"#,
        ],
    );
}

#[test]
fn a_ciphered_telegram_is_opened_with_both_keys() {
    let line = json(&fixture::named("luxembourg/smarty-ciphered").bytes);
    let plain = json(&fixture::named("luxembourg/smarty").bytes);
    let values = |line: &str| line.split_once("\"values\"").unwrap().1.to_owned();
    assert_eq!(values(&line), values(&plain));
    assert_holds(&json(&fixture::named("austria/steiermark-no-tag").bytes), &[r#""outcome":"reading""#]);
    let text = decode(&fixture::named("luxembourg/smarty-ciphered").bytes, TEXT);
    assert_holds(
        &text,
        &["general-glo-ciphering", "decrypted; its authentication tag is right\n/Lux5", "end, check: ok"],
    );
}

#[test]
fn a_redacted_telegram_says_the_same_and_not_whose_it_is() {
    for Fixture { name, bytes, .. } in telegrams() {
        // Whoever holds the key can read who it is.
        if name.contains("ciphered") || name.contains("no-tag") {
            continue;
        }
        let redacted = decode(&bytes, REDACT);
        assert!(!redacted.contains('#'), "{name}: {redacted}");
        let written = hex::bytes(redacted.as_bytes()).into_owned();
        let (before, after) = (json(&bytes), json(&written));
        assert_eq!(values(&before), values(&after), "{name}");
        assert_eq!(decode(redacted.as_bytes(), REDACT), redacted, "{name}: twice is once");
        for id in ids(&bytes) {
            assert!(
                !written.windows(id.len()).any(|part| part == id),
                "{name} still says {}",
                id.escape_ascii()
            );
        }
    }
}

/// The metrics of a line: numbers without one may be somebody's.
fn values(line: &str) -> Vec<String> {
    let values = line.split_once("\"values\":[").unwrap().1.split("},{");
    values.filter(|value| !value.contains("\"metric\":null")).map(str::to_owned).collect()
}

/// What stands under the codes of ids, if it is long enough to be one.
fn ids(bytes: &[u8]) -> Vec<Vec<u8>> {
    let seven: Vec<u8> = bytes.iter().map(|byte| byte & 0x7F).collect();
    let text = String::from_utf8(seven).unwrap();
    let codes = ["96.1.0(", "96.1.1(", "42.0.0(", "C.1.0*255("];
    let reduced = ["0.0.0(", "0.0(", "C.1.0(", "C.1("];
    let lines = text.split(['\n', '\x02']).filter(|line| {
        codes.iter().any(|code| line.contains(code)) || reduced.iter().any(|code| line.starts_with(code))
    });
    let values = lines.filter_map(|line| Some(line.split_once('(')?.1.split_once(')')?.0.trim().to_owned()));
    values.filter(|id| id.len() > 6 && !id.bytes().all(|byte| byte == b'0')).map(String::into_bytes).collect()
}
