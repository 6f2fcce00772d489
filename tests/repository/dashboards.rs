//! The dashboard and the rules ask for metrics that exist: every name in them is one of the program's own.

use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::fixture;
use han_exporter::decoder;
use han_exporter::meter::FAMILIES;
use han_exporter::outlet::prometheus::{Metrics, Reloads};

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
    let fixtures = fixture::all();
    let meters = fixtures.iter().map(|fixture| (fixture.name.as_str(), fixture.bytes.as_slice()));
    // One that is silent is in trouble.
    let meters: Vec<_> = meters.chain([("silent", &[][..])]).collect();
    let hub = support::meters::hub(&meters);
    meters.iter().for_each(|(name, _)| support::meters::count_line_errors(&hub, name));
    let shown = Metrics::new(hub, "/metrics", &Reloads::default(), true).gather();
    let names = FAMILIES.iter().map(|family| family.name.to_owned());
    names.chain(shown.iter().map(|family| family.name().to_owned())).collect()
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
