//! The reasons of `han_trouble`: each is explained to users, and an alert is tested with it.

use std::collections::BTreeSet;
use std::fs;

use crate::pages::{read_page, root, rows};
use han_exporter::decoder::Error;
use han_exporter::hub::Trouble;

/// Every reason that the program can give.
fn reasons() -> BTreeSet<String> {
    let own = Trouble::REASONS.map(str::to_owned);
    let reasons: BTreeSet<_> = own.into_iter().chain(problems()).chain(messages()).collect();
    assert!(reasons.len() > 35, "{reasons:?}");
    reasons
}

/// The names of a source's problems.
fn problems() -> impl Iterator<Item = String> {
    let source = fs::read_to_string(root().join("src/source/problem.rs")).unwrap();
    let (_, rest) = source.split_once("pub fn kind(&self)").unwrap();
    let (names, _) = rest.split_once("pub fn").unwrap();
    let names: Vec<_> = names.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(names.len() > 10, "{names:?}");
    names.into_iter()
}

/// Why a message yields no reading. Frames that are damaged are no messages, but there are damaged telegrams in messages.
fn messages() -> impl Iterator<Item = String> {
    let page = read_page("docs/metrics.md");
    let class = |reason: &str| {
        let cells = rows(&page, "reasons").find(|cells| cells[1].trim_matches('`') == reason);
        cells.map(|cells| cells[0].to_owned()).unwrap_or_else(|| panic!("{reason} is not explained"))
    };
    let is_of_a_message = |reason: &&str| *reason == "frame_check" || class(reason) != "damaged";
    Error::REASONS.into_iter().filter(is_of_a_message).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

#[test]
fn each_reason_is_explained_once() {
    let page = read_page("docs/troubleshooting.md");
    let mut explained: Vec<_> = rows(&page, "messages")
        .chain(rows(&page, "diagnoses"))
        .flat_map(|cells| {
            cells[0].split(", ").map(|reason| reason.trim_matches('`').to_owned()).collect::<Vec<_>>()
        })
        .collect();
    explained.sort();
    assert_eq!(explained, reasons().into_iter().collect::<Vec<_>>());
}

/// promtool judges the rules by these series (`ci/dashboards`).
#[test]
fn an_alert_is_tested_with_each_reason() {
    let tests = fs::read_to_string(root().join("dashboards/rules.test.yml")).unwrap();
    let (_, rest) = tests.split_once("# Each reason that there is").unwrap();
    let (series, expected) = rest.split_once("promql_expr_test:").unwrap();
    let reasons = reasons();
    for reason in &reasons {
        assert!(
            series.contains(&format!("meter=\"{reason}\", reason=\"{reason}\"")),
            "no alert for {reason}"
        );
    }
    assert_eq!(series.matches("han_trouble").count(), reasons.len());
    assert!(
        expected.contains(&format!("labels: '{{}}', value: {}}}", reasons.len())),
        "not each has an alert"
    );
}
