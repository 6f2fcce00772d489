//! The layers: each room uses only those below it, no two parts of a room use each other, and the core needs no system.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{File, sources, uses};

/// The rooms, lowest first: each uses only those before it.
#[rustfmt::skip]
const LAYERS: [&str; 17] = [
    "hex", "wire", "meter", "reading", "decoder", "poll", "explain",
    "platform", "hub", "simulator", "source", "pipeline", "http", "outlet", "config", "command", "main",
];
/// Rooms that need neither an operating system nor an allocator.
const CORE: [&str; 5] = ["wire", "meter", "reading", "decoder", "poll"];

fn rank(room: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| *layer == room)
        .unwrap_or_else(|| panic!("src/{room} has no layer in {}", file!()))
}

/// Fails with everything that was found at once.
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn each_room_uses_only_those_below_it() {
    let files = sources();
    let mut faults = Vec::new();
    let mut pairs = BTreeSet::new();
    for (user, used) in uses(&files) {
        let (user, used) = (&files[user], &files[used]);
        if [user.room(), used.room()].contains(&"lib") {
            continue;
        }
        pairs.insert((user.room(), used.room()));
        if rank(used.room()) > rank(user.room()) {
            faults.push(format!("{} uses {}, which is above it", user.path, used.path));
        }
    }
    none(faults);
    assert!(pairs.contains(&("command", "hub")) && pairs.contains(&("decoder", "wire")), "{pairs:?}");
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let files = sources();
    let mut parts: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for (user, used) in uses(&files) {
        let (user, used) = (&files[user], &files[used]);
        // A module and those inside it belong together.
        if !user.module().starts_with(&used.module()) && !used.module().starts_with(&user.module()) {
            let why = format!("{} uses {}", user.path, used.path);
            parts.entry(&user.path).or_default().insert(&used.path, why);
        }
    }
    assert!(parts.len() > 100, "{} files use others", parts.len());
    let found = circle(&parts).map(|circle| circle.join("; "));
    none(found.into_iter().collect());
}

/// One circle of those that use each other, if there is one.
fn circle(parts: &BTreeMap<&str, BTreeMap<&str, String>>) -> Option<Vec<String>> {
    let mut left = parts.clone();
    // Whoever uses nothing that is left is in no circle.
    loop {
        let free: Vec<&str> = left
            .iter()
            .filter(|(_, used)| used.keys().all(|used| !left.contains_key(used)))
            .map(|(part, _)| *part)
            .collect();
        if free.is_empty() {
            break;
        }
        free.iter().for_each(|part| _ = left.remove(part));
    }
    let (mut part, mut walked) = (*left.keys().next()?, Vec::new());
    while !walked.contains(&part) {
        walked.push(part);
        part = left[part].keys().find(|used| left.contains_key(*used))?;
    }
    let start = walked.iter().position(|other| *other == part)?;
    let circle = &walked[start..];
    let next = circle.iter().cycle().skip(1);
    Some(circle.iter().zip(next).map(|(part, used)| left[part][used].clone()).collect())
}

#[test]
fn circles_are_found() {
    let parts = |pairs: &[(&'static str, &'static str)]| {
        let mut parts: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
        for (user, used) in pairs {
            parts.entry(user).or_default().insert(used, format!("{user} uses {used}"));
        }
        parts
    };
    assert_eq!(circle(&parts(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let found =
        circle(&parts(&[("z", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("b", "d")])).expect("a circle");
    assert_eq!(found, ["a uses b", "b uses c", "c uses a"]);
}

#[test]
fn every_room_has_a_layer() {
    sources()
        .iter()
        .filter(|file| file.room() != "lib")
        .for_each(|file| assert!(rank(file.room()) < LAYERS.len()));
}

#[test]
fn the_core_needs_neither_std_nor_alloc() {
    let foreign = |line: &str| {
        let first = |path: &str| {
            path.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
        };
        let mut paths = line.match_indices("::").map(|(at, _)| first(&line[..at]));
        line.contains("extern crate") || paths.any(|name| name == "std" || name == "alloc")
    };
    assert!(
        foreign("use std::fmt;")
            && foreign("let x = alloc::vec::Vec::new();")
            && !foreign("use core::fmt::Write;")
    );
    let files = sources();
    let explains: BTreeSet<String> = files.iter().flat_map(modules_that_explain).collect();
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| CORE.contains(&file.room())) {
        let module = file.module().join("::") + "::";
        if explains.iter().any(|explains| module.starts_with(&format!("{explains}::"))) {
            continue;
        }
        let before = std::iter::once("").chain(file.text.lines());
        let lines =
            file.code.lines().zip(before).filter(|(line, before)| foreign(line) && before.trim() != EXPLAINS);
        faults.extend(lines.map(|(line, _)| format!("{}: {}", file.path, line.trim())));
    }
    none(faults);
    assert!(!explains.is_empty(), "no module has the feature");
}

/// What explains a message may allocate; without this feature it is not there.
const EXPLAINS: &str = r#"#[cfg(feature = "explain")]"#;

/// The modules that a file declares with that feature.
fn modules_that_explain(file: &File) -> Vec<String> {
    let pairs = file.text.lines().zip(file.text.lines().skip(1)).filter(|(line, _)| line.trim() == EXPLAINS);
    let names = pairs
        .filter_map(|(_, next)| next.trim().trim_end_matches(';').rsplit_once("mod ").map(|(_, name)| name));
    names.map(|name| [&file.module()[..], &[name]].concat().join("::")).collect()
}
