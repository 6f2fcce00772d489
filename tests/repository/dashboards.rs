//! The dashboard and the rules ask for metrics that exist: every name in them is one of the program's own.

use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::fixture;
use crate::support::json::Json;
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

/// Of a meter that sends something, the repeated panel shows it.
#[test]
fn all_that_the_dashboard_lists_is_asked_for() {
    let dashboard = Json::read(&file_of("han-exporter.json"));
    let list = |json: &Json| -> Vec<Json> {
        let Json::List(items) = json else { panic!("no list: {json:?}") };
        items.clone()
    };
    let panels = list(dashboard.get("panels"));
    let repeated = panels.iter().find(|panel| panel.get("repeat").text() == Some("shown")).unwrap();
    let queries: Vec<_> = list(repeated.get("targets"))
        .iter()
        .map(|target| target.get("expr").text().unwrap().to_owned())
        .collect();
    let variables = list(dashboard.get("templating").get("list"));
    let shown = variables.iter().find(|variable| variable.get("name").text() == Some("shown")).unwrap();
    let question = shown.get("definition").text().unwrap();
    let between = |text: &str, start: &str, end: &str| {
        let (_, rest) = text.split_once(start).unwrap();
        rest.split_once(end).unwrap().0.to_owned()
    };
    let mut middles = BTreeSet::new();
    for choice in question.split("label_replace(").skip(1) {
        let choice_of = between(choice, "\"shown\", \"", "\"");
        let (_, middle) = choice_of.split_once('=').unwrap();
        assert!(middles.insert(middle.to_owned()), "{middle} is listed twice");
        for name in between(choice, "__name__=~\"", "\"").split('|') {
            let asks = |query: &String| query.replace("${shown:raw}", middle).contains(&format!("{name}{{"));
            assert!(
                queries.iter().any(asks),
                "{name} is listed, and no query of the repeated panel asks for it"
            );
        }
    }
    assert!(middles.len() > 15, "{middles:?}");
    for wanted in ["gas", "water", "heat", "cooling", "power_demand_max", "tariff_active", "frequency"] {
        assert!(middles.contains(wanted), "{wanted} is not shown");
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
fn the_alert_of_the_readme_waits_as_long_as_that_of_the_rules() {
    let (rules, readme) = (file_of("rules.yml"), file_of("../README.md"));
    let (_, rule) = rules.split_once("alert: HanTrouble").unwrap();
    let wait = rule.lines().map(str::trim).find(|line| line.starts_with("for: ")).unwrap();
    let (before, _) = readme.split_once(" or han_trouble\n").unwrap();
    let sentence = before.rsplit("\n\n").nth(1).unwrap();
    assert!(sentence.contains(&format!("`{wait}`")), "{sentence}");
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
    // A name in the repeated panel begins so and goes on with a variable.
    let ours = |word: &&str| word.starts_with("han_") && *word != "han_" || word.starts_with("process_");
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
