//! The dashboard and the rules ask for metrics that exist: every name in them is one of the program's own.

use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Instant, SystemTime};

use crate::support::fixture;
use han_exporter::decoder;
use han_exporter::hub::snapshot::{Limits, Snapshot};
use han_exporter::meter::FAMILIES;
use han_exporter::outlet::prometheus::exporter::{self, Reload};
use han_exporter::outlet::prometheus::exposition::{Exposition, Format};
use han_exporter::outlet::prometheus::metrics::{self, View};
use han_exporter::platform::process::Process;

#[test]
fn every_metric_is_one_of_the_programs() {
    let families = families();
    for file in ["han-exporter.json", "rules.yml", "rules.test.yml"] {
        let names = metrics_in(&file_of(file));
        assert!(names.len() > 8, "{file}: {names:?}");
        for name in names {
            assert!(families.contains(&name), "{file} asks for {name}, which no meter ever shows");
        }
    }
}

#[test]
fn every_recorded_series_is_of_a_rule() {
    let rules = file_of("rules.yml");
    let recorded: BTreeSet<_> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- record: ")).collect();
    assert!(recorded.len() > 5, "{recorded:?}");
    for file in ["han-exporter.json", "rules.yml", "rules.test.yml"] {
        for word in words(&file_of(file)).filter(|word| word.starts_with("meter:")) {
            assert!(recorded.contains(word), "{file} asks for {word}, which no rule records");
        }
    }
}

#[test]
fn every_rule_is_tested() {
    let (rules, tests) = (file_of("rules.yml"), file_of("rules.test.yml"));
    let names = rules.lines().filter_map(|line| line.trim().split_once(": "));
    let names = names.filter(|(key, _)| matches!(*key, "- record" | "- alert"));
    for (_, name) in names {
        assert!(words(&tests).any(|word| word == name), "no test of {name}");
    }
}

#[test]
fn the_reasons_that_are_damage_exist() {
    let rules = file_of("rules.yml");
    let (_, rest) = rules.split_once("reason=~\"").unwrap();
    for reason in rest.split('"').next().unwrap().split('|') {
        assert!(decoder::Error::REASONS.contains(&reason), "no frame is refused for {reason}");
    }
}

/// The names of all families that any meter shows, and of those of the exporter.
fn families() -> BTreeSet<String> {
    let of_meters = fixture::all().into_iter().flat_map(|fixture| shown(&fixture.bytes));
    let process = Process::new().families();
    let names = of_meters.chain(FAMILIES.iter().map(|family| family.name.to_owned()));
    names.chain(process.iter().map(|family| family.name().to_owned())).collect()
}

/// What is shown of a meter that sent these bytes.
fn shown(bytes: &[u8]) -> Vec<String> {
    let (now, mut snapshot) = (Instant::now(), Snapshot::default());
    support::each_event(bytes, bytes.len(), |event| {
        snapshot.absorb(&event, now, SystemTime::now());
    });
    snapshot.port.line_errors = Some([0; 4]);
    let view = View { name: None, simulated: false, limits: Limits::default(), snapshot: &snapshot };
    let mut out = Exposition::new(Format::Text);
    metrics::write(&[view], now, &mut out);
    exporter::write(&Reload { successful: true, succeeded: SystemTime::now() }, &mut out);
    let text = String::from_utf8(out.end()).unwrap();
    text.lines()
        .filter_map(|line| Some(line.strip_prefix("# TYPE ")?.split(' ').next()?.to_owned()))
        .collect()
}

/// The metrics that a file asks for.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let ours = |word: &&str| word.starts_with("han_") || word.starts_with("process_");
    words(text).filter(ours).map(str::to_owned).collect()
}

/// What can be a name in PromQL; recorded series have colons.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':')
        .map(|word| word.trim_matches(':'))
        .filter(|word| !word.is_empty())
}

fn file_of(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards").join(name)).unwrap()
}
