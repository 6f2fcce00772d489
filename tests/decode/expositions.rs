//! What each fixture looks like on /metrics: `<list>.prom` beside `<list>.hex`. `BLESS=1` writes them anew.

use std::collections::BTreeSet;

use crate::support::decoded::{JSON, REDACT, TEXT, assert_holds, decode, opened, written};
use crate::support::meters::{exposition, hub};
use crate::support::{check_goldens, fixture, keys};
use han_exporter::command::decode::{self, run};
use han_exporter::explain;
use han_exporter::outlet::prometheus::exposition::Format;

fn samples(text: &str) -> BTreeSet<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

/// What the program writes, and whether it found anything.
fn program(input: &[u8], format: decode::Format, redact: bool, known: explain::Options) -> (String, bool) {
    let mut out = Vec::new();
    let found = run(input, &decode::Options { format, redact, known }, &mut out);
    (String::from_utf8(out).expect("decode writes UTF-8"), found.expect("a vector takes everything"))
}

fn prom(input: &[u8]) -> String {
    program(input, decode::Format::Prom, false, explain::Options { keys: keys(), ..TEXT.known }).0
}

#[test]
fn the_program_writes_what_it_is_asked_for() {
    let dump = fixture::named("kamstrup/list-1").bytes;
    for (format, redact, options) in [
        (decode::Format::Text, false, TEXT),
        (decode::Format::Json, false, JSON),
        (decode::Format::Text, true, REDACT),
    ] {
        let known = options.known.clone();
        assert_eq!(program(&dump, format, redact, known), decode(&dump, options));
    }
}

#[test]
fn each_fixture_shows_what_its_golden_shows() {
    check_goldens(fixture::all().into_iter().map(|fixture| {
        let text = exposition(Format::Text, hub(&[("", &fixture.bytes)]));
        (fixture.path.with_extension("prom"), text)
    }));
}

#[test]
fn both_formats_contain_the_same_samples_and_no_series_twice() {
    for fixture in fixture::all() {
        let hub = hub(&[("", &fixture.bytes)]);
        let text = exposition(Format::Text, hub.clone());
        let open_metrics = exposition(Format::OpenMetrics, hub);
        assert_eq!(samples(&text), samples(&open_metrics), "{}", fixture.name);
        let series = text.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(series.count(), samples(&text).len(), "{}", fixture.name);
    }
}

#[test]
fn a_total_that_is_added_up_is_shown_as_a_metric_and_not_as_something_that_was_sent() {
    let total = "han_active_energy_import_joules_total";
    let dump = fixture::named("netherlands/dsmr-5").bytes;
    assert!(prom(&dump).contains(&format!("\n{total} 24397200\n")));
    let (json, text) = (written(&dump, JSON), written(&dump, TEXT));
    assert!(json.contains("han_tariff_active_energy_import_joules_total"));
    assert!(!json.contains(&format!("\"{total}\"")) && !text.contains("6.777 kWh"), "{json}{text}");
}

#[test]
fn several_meters_are_distinguished_by_the_label_meter() {
    let fixtures = fixture::all();
    let text = exposition(Format::Text, hub(&[("house", &fixtures[0].bytes), ("cabin", &fixtures[1].bytes)]));
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(line.contains("meter=\"house\"") || line.contains("meter=\"cabin\""), "{line}");
    }
    assert_eq!(text.matches("# TYPE han_up gauge").count(), 1);
    assert_eq!(text.lines().filter(|line| line.starts_with("han_up{")).count(), 2);
}

#[test]
fn what_no_check_proves_is_marked() {
    for fixture in fixture::all() {
        let unproven = opened(&fixture.bytes, TEXT).contains("\nproof  none");
        assert_eq!(prom(&fixture.bytes).contains("# Unproven: "), unproven, "{}", fixture.name);
    }
    let bytes = fixture::named("netherlands/dsmr-2").bytes;
    assert_holds(&prom(&bytes), &["# Unproven: ", "\nhan_active_power_import_watts 1040\n"]);
    assert!(!prom(&fixture::named("netherlands/dsmr-5").bytes).contains("Unproven"));
}

#[test]
fn the_exposition_labels_channels_also_where_there_is_one() {
    let prom = |name: &str| prom(&fixture::named(name).bytes);
    assert_holds(
        &prom("netherlands/dsmr-5-two-gas"),
        &["\nhan_gas_cubic_meters_total{channel=\"2\"} 267.92\n"],
    );
    assert_holds(
        &prom("luxembourg/smarty"),
        &[
            "\nhan_gas_cubic_meters_total{channel=\"1\"} 107.206\nhan_gas_cubic_meters_total{channel=\"4\"} 28.103\n",
            "\nhan_gas_reading_timestamp_seconds{channel=\"4\"} 1615480140\n",
        ],
    );
    assert_holds(
        &prom("belgium/fluvius"),
        &[
            "\nhan_water_cubic_meters_total{channel=\"2\"} ",
            "\nhan_power_demand_max_watts ",
            "\nhan_tariff_active{tariff=\"1\"} 1\n",
        ],
    );
}
