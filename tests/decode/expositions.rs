//! What each fixture looks like on /metrics: `<list>.prom` beside `<list>.hex`. `BLESS=1` writes them anew.

use std::collections::BTreeSet;

use crate::support::decoded::{JSON, PROM, TEXT, written};
use crate::support::meters::{exposition, hub};
use crate::support::{check_goldens, fixture};
use han_exporter::outlet::prometheus::exposition::Format;

fn samples(text: &str) -> BTreeSet<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
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
    assert!(written(&dump, PROM).contains(&format!("\n{total} 24397200\n")));
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
