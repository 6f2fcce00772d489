//! ARCHITECTURE.md is complete: its map is that of `src/`, and every dependency is argued.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_map_names_every_file_and_folder_and_no_other() {
    let mut missing = modules(&root().join("src"), "");
    for names in map() {
        let count = missing.len();
        missing.retain(|module| !names.contains(module));
        assert!(
            missing.len() < count,
            "the map names {}, which does not exist or is named twice",
            names.join(" or ")
        );
    }
    assert!(missing.is_empty(), "the map lacks {missing:?}");
}

/// What the map names, each with its path within `src`. Below several folders in one line, a file is in any of them.
fn map() -> Vec<Vec<String>> {
    let page = page();
    let (_, rest) = page.split_once("```text\nsrc/\n").expect("a map that begins with src/");
    let (lines, _) = rest.split_once("```").unwrap();
    // The folders that the lines of each depth are in.
    let mut parents = vec![vec![String::new()]];
    let mut named = Vec::new();
    for line in lines.lines().filter(|line| !line.contains('─')) {
        let names = line.trim_start();
        let depth = (line.len() - names.len()) / 2;
        assert!(
            line.len() - names.len() == 2 * depth && (1..=parents.len()).contains(&depth),
            "indent of: {line}"
        );
        parents.truncate(depth);
        let names = names.split("  ").next().unwrap_or_default().split(' ');
        let paths: Vec<Vec<String>> = names
            .map(|name| parents[depth - 1].iter().map(|parent| format!("{parent}{name}")).collect())
            .collect();
        parents.push(paths.iter().flatten().filter(|path| path.ends_with('/')).cloned().collect());
        named.extend(paths);
    }
    named
}

/// The files below a folder without `.rs`, and the folders with a `/`; neither tests nor what is named as its folder is.
fn modules(folder: &Path, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for path in entries(folder) {
        let name = path.file_stem().unwrap().to_string_lossy();
        if path.is_dir() {
            let below = modules(&path, &format!("{prefix}{name}/"));
            let has_code = path.join("mod.rs").exists() || !below.is_empty();
            found.extend(has_code.then(|| format!("{prefix}{name}/")));
            found.extend(below);
        } else if name != "mod" && name != "tests" {
            found.push(format!("{prefix}{name}"));
        }
    }
    found
}

#[test]
fn every_dependency_is_argued() {
    let (map, manifest) = (page(), fs::read_to_string(root().join("Cargo.toml")).unwrap());
    let mut table = "";
    let mut count = 0;
    for line in manifest.lines() {
        if let Some(heading) = line.strip_prefix('[') {
            table = heading.trim_end_matches(']');
        } else if let (true, Some((name, _))) = (table.ends_with("dependencies"), line.split_once(" = ")) {
            assert!(map.contains(&format!("**{name}**")), "ARCHITECTURE.md does not say why {name}");
            count += 1;
        }
    }
    assert!(count > 10, "{count} dependencies found");
}

#[test]
fn the_number_of_locked_crates_is_true() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    // One of them is this package.
    let count = lock.matches("[[package]]").count() - 1;
    assert!(page().contains(&format!("{count} in `Cargo.lock`")), "{count} crates are in Cargo.lock");
}

#[test]
fn a_source_knows_a_meter_by_its_options_alone() {
    let files = entries(&root().join("src/source"));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        // Serial settings are the source's own business, and the protocol is passed on.
        let mut code = code.replace("crate::wire::serial", "").replace("crate::wire::protocol", "");
        if file.ends_with("meter_options.rs") {
            code = code.replace("crate::wire::iec21", "");
        }
        for module in ["wire", "meter", "reading", "decoder", "poll", "hub", "command"] {
            let used = code.contains(&format!("crate::{module}::"));
            assert!(!used, "{} uses {module}", file.display());
        }
    }
}

fn page() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
