//! Reads the sources: short files and functions, each with its purpose, no unsafe code, nothing left for later.

use crate::sources::sources;

/// At most so many lines with code in a file, and in a function.
const FILE: usize = 400;
const FUNCTION: usize = 60;
const UNSAFE: &str = "source/ioctl.rs";

/// Fails with everything that was found at once.
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn only_one_file_lifts_the_ban_on_unsafe_code() {
    let word = ["un", "safe"].concat();
    let files = sources();
    let found: Vec<_> =
        files.iter().filter(|file| file.code.contains(&word)).map(|file| &file.path).collect();
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
fn no_file_is_long() {
    let files = sources();
    let long = files.iter().filter(|file| file.length() > FILE);
    none(
        long.map(|file| format!("{}: {} lines with code, at most {FILE}", file.path, file.length()))
            .collect(),
    );
}

#[test]
fn no_function_is_long() {
    let mut faults = Vec::new();
    let mut count = 0;
    for file in sources() {
        for (name, length) in file.functions() {
            count += 1;
            if length > FUNCTION {
                faults
                    .push(format!("{}: {name} has {length} lines with code, at most {FUNCTION}", file.path));
            }
        }
    }
    assert!(count > 1000, "{count} functions found");
    none(faults);
}
