//! ARCHITECTURE.md is complete: every module stands on its map, and every dependency is argued.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_module_is_on_the_map() {
    let map = page();
    for folder in ["", "wire", "meter", "source", "sink", "daemon", "decode"] {
        for path in entries(&root().join("src").join(folder)) {
            let name = path.file_stem().unwrap().to_string_lossy();
            let word = |c: char| !c.is_alphanumeric() && c != '_';
            let there = name == "mod" || map.split(word).any(|word| word == name);
            assert!(there, "ARCHITECTURE.md says nothing of {folder}/{name}");
        }
    }
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
