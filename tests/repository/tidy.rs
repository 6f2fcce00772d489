//! Reads the sources: layers only downwards, a core without an operating system, files of one thing.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules, lowest first: each uses only what stands before it.
const LAYERS: [&str; 21] = [
    "wire", "meter", "reading", "decoder", "session", "duration", "hex", "version", "log", "systemd",
    "snapshot", "source", "talk", "sink", "simulate", "decode", "config", "doctor", "daemon", "main", "lib",
];
/// Modules that need neither an operating system nor an allocator.
const CORE: [&str; 5] = ["wire", "meter", "reading", "decoder", "session"];
/// Uses that go upwards all the same, with their reason.
const UPWARDS: [(&str, &str, &str); 1] =
    [("meter", "reading", "a table's rules of scale judge what the list sent before it is scaled")];
/// A file longer than the first figure wants to be two; one longer than the second must, tests not counted.
const LENGTHS: (usize, usize) = (300, 400);
/// Longer ones, with their reason.
const LONG: [(&str, &str); 1] = [("wire/value.rs", "one format, its parser and its emitter")];
const UNSAFE: &str = "source/ioctl.rs";

struct File {
    /// Within `src`.
    path: String,
    text: String,
}

impl File {
    /// Without comments, strings' contents aside, and without the tests at its end.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }

    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    /// How many times `super` leads to the crate's root.
    fn depth(&self) -> usize {
        let names = self.path.trim_end_matches(".rs").split('/');
        names.filter(|name| !matches!(*name, "mod" | "lib" | "main")).count()
    }

    /// The crate's modules it names, `crate::{a, b::c}` included.
    fn uses(&self) -> Vec<String> {
        let code = self.code();
        let root = "super::".repeat(self.depth().max(1));
        let rests = code.split("crate::").skip(1).chain(code.split(&root).skip(1));
        rests.flat_map(heads).filter(|name| *name != self.module()).collect()
    }
}

/// The first name of each path in what follows `crate::`.
fn heads(rest: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let mut depth = 1;
    let mut names = vec![String::new()];
    for letter in group.chars().take_while(|letter| {
        depth += i32::from(*letter == '{') - i32::from(*letter == '}');
        depth > 0
    }) {
        match letter {
            ',' if names.last().is_some() => names.push(String::new()),
            letter => names.last_mut().unwrap().push(letter),
        }
    }
    names.iter().map(|path| name(path.trim())).filter(|name| LAYERS.contains(&name.as_str())).collect()
}

fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for entry in entries {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let path = entry.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.push(File { path, text: fs::read_to_string(&entry).unwrap() });
            }
        }
    }
    assert!(files.len() > 50, "the sources were not found");
    files
}

/// Fails with all that was found at once.
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn rank(module: &str) -> usize {
    LAYERS.iter().position(|layer| *layer == module).unwrap_or_else(|| panic!("{module} has no layer yet"))
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let mut faults = Vec::new();
    let mut upwards = UPWARDS.to_vec();
    let all = sources();
    for file in &all {
        let module = file.module();
        for used in file.uses().iter().filter(|used| LAYERS.contains(&used.as_str())) {
            let meet = (module, used.as_str()) == ("sink", "source");
            let excused = UPWARDS.iter().any(|(user, up, _)| (*user, *up) == (module, used));
            upwards.retain(|(user, up, _)| (*user, *up) != (module, used));
            if (rank(used) > rank(module) || meet) && !excused {
                faults.push(format!("{} uses {used}, which is not below {module}", file.path));
            }
        }
    }
    faults
        .extend(upwards.iter().map(|(user, up, _)| format!("{user} no longer uses {up}: remove the excuse")));
    none(faults);
    let known = |file: &File, used: &str| file.uses().iter().any(|name| name == used);
    assert!(
        all.iter().any(|file| file.path == "daemon/reader.rs" && known(file, "source") && known(file, "log"))
    );
}

#[test]
fn every_module_has_a_layer() {
    sources().iter().for_each(|file| assert!(rank(file.module()) < LAYERS.len()));
}

#[test]
fn the_core_needs_neither_std_nor_alloc() {
    let foreign = |name: &str| name == "std" || name == "alloc";
    let names = |line: &str| {
        line.split("::")
            .any(|part| part.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().is_some_and(foreign))
    };
    let mut faults = Vec::new();
    for file in sources().iter().filter(|file| CORE.contains(&file.module())) {
        let lines = file.code();
        let found =
            lines.lines().filter(|line| line.contains("::") && names(line) || line.contains("extern crate"));
        faults.extend(found.map(|line| format!("{}: {}", file.path, line.trim())));
    }
    none(faults);
    assert!(
        names("use std::fmt;") && names("let x = alloc::vec::Vec::new();") && !names("use core::fmt::Write;")
    );
}

#[test]
fn one_file_alone_lifts_the_ban_on_unsafe_code() {
    let word = ["un", "safe"].concat();
    let files = sources();
    let found: Vec<_> =
        files.iter().filter(|file| file.code().contains(&word)).map(|file| &file.path).collect();
    assert_eq!(found, [UNSAFE]);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    let files = sources();
    let found = files.iter().filter(|file| words.iter().any(|word| file.text.contains(word)));
    none(found.map(|file| file.path.clone()).collect());
}

#[test]
fn every_file_says_what_it_is_for() {
    let files = sources();
    none(files.iter().filter(|file| !file.text.starts_with("//! ")).map(|file| file.path.clone()).collect());
}

#[test]
fn files_are_of_one_thing() {
    let mut faults = Vec::new();
    for file in sources() {
        let length = file.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().lines().count();
        if length > LENGTHS.0 {
            println!("{}: {length} lines without its tests", file.path);
        }
        match LONG.iter().any(|(path, _)| *path == file.path) {
            false if length > LENGTHS.1 => {
                faults.push(format!("{}: {length} lines, at most {}", file.path, LENGTHS.1))
            }
            true if length <= LENGTHS.1 => {
                faults.push(format!("{} is no longer long: remove the excuse", file.path))
            }
            _ => {}
        }
    }
    none(faults);
}
