//! What each fixture looks like on /metrics: `<list>.prom` beside `<list>.hex`. `BLESS=1` writes them anew.

use std::collections::BTreeSet;

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
fn several_meters_are_distinguished_by_the_label_meter() {
    let fixtures = fixture::all();
    let text = exposition(Format::Text, hub(&[("house", &fixtures[0].bytes), ("cabin", &fixtures[1].bytes)]));
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(line.contains("meter=\"house\"") || line.contains("meter=\"cabin\""), "{line}");
    }
    assert_eq!(text.matches("# TYPE han_up gauge").count(), 1);
    assert_eq!(text.lines().filter(|line| line.starts_with("han_up{")).count(), 2);
}
