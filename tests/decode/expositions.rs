//! What each fixture looks like on /metrics: `<list>.prom` beside `<list>.hex`. `BLESS=1` writes them anew.

use crate::support;
use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use crate::support::fixture;
use han_exporter::hub::snapshot::{Limits, Snapshot};
use han_exporter::outlet::prometheus::exposition::{Exposition, Format};
use han_exporter::outlet::prometheus::metrics::{self, View};

fn snapshot(bytes: &[u8], now: Instant) -> Snapshot {
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let mut snapshot = Snapshot::default();
    support::each_event(bytes, bytes.len(), |event| snapshot.absorb(&event, now, wall));
    snapshot
}

fn exposition(format: Format, snapshot: &Snapshot, now: Instant) -> String {
    let view = View { name: None, simulated: false, limits: Limits::default(), snapshot };
    let mut out = Exposition::new(format);
    metrics::write(&[view], now, &mut out);
    String::from_utf8(out.end()).unwrap()
}

fn samples(text: &str) -> BTreeSet<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn each_fixture_shows_what_its_golden_shows() {
    support::check_goldens(fixture::all().into_iter().map(|fixture| {
        let now = Instant::now();
        let text = exposition(Format::Text, &snapshot(&fixture.bytes, now), now);
        (fixture.path.with_extension("prom"), text)
    }));
}

#[test]
fn both_formats_carry_the_same_samples_and_no_series_twice() {
    for fixture in fixture::all() {
        let now = Instant::now();
        let snapshot = snapshot(&fixture.bytes, now);
        let (text, open) =
            (exposition(Format::Text, &snapshot, now), exposition(Format::OpenMetrics, &snapshot, now));
        assert_eq!(samples(&text), samples(&open), "{}", fixture.name);
        let series = text.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(series.count(), samples(&text).len(), "{}", fixture.name);
    }
}

#[test]
fn several_meters_are_told_apart_by_name_alone() {
    let fixtures = fixture::all();
    let now = Instant::now();
    let snapshots: Vec<_> = fixtures.iter().take(2).map(|fixture| snapshot(&fixture.bytes, now)).collect();
    let view =
        |name, snapshot| View { name: Some(name), simulated: false, limits: Limits::default(), snapshot };
    let mut out = Exposition::new(Format::Text);
    metrics::write(&[view("house", &snapshots[0]), view("cabin", &snapshots[1])], now, &mut out);
    let text = String::from_utf8(out.end()).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        assert!(line.contains("meter=\"house\"") || line.contains("meter=\"cabin\""), "{line}");
    }
    assert_eq!(text.matches("# TYPE han_up gauge").count(), 1);
    assert_eq!(text.lines().filter(|line| line.starts_with("han_up{")).count(), 2);
}
