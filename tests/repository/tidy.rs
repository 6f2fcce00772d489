//! Reads the sources: short files and functions, each with its purpose, no unsafe code, nothing left for later.

use han_exporter::meter::MANUFACTURERS;

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

/// Where a manufacturer may be named outside his own file: the beginning of a path and the text around his name. These
/// are names of options and simulated meters, and sentences for people; none decides anything.
const NAMING: [(&str, &str); 12] = [
    ("command/doctor/messages.rs", "GPK6"),
    ("command/help.rs", "kmp (Kamstrup)"),
    ("command/help.rs", "sim:kaifa"),
    ("command/simulate/args.rs", "kamstrup-iec"),
    ("command/simulate/args.rs", "simulate kaifa"),
    ("config/file.rs", "kamstrup_energy"),
    ("config/options.rs", "kamstrup-energy"),
    ("meter/family.rs", "Kamstrup 685-382"),
    ("outlet/prometheus/", "Kamstrup 685-382"),
    ("source/", "sim:kaifa"),
    ("wire/kmp/", "Kamstrup's binary protocol"),
    ("wire/kmp382/", "Kamstrup 685-382"),
];

#[test]
fn manufacturers_are_named_only_in_their_own_files() {
    let words: Vec<String> = MANUFACTURERS
        .iter()
        .filter_map(|(_, name)| name.split(|c: char| !c.is_alphabetic()).max_by_key(|word| word.len()))
        .map(str::to_lowercase)
        .collect();
    let mut faults = Vec::new();
    let mut excuses = NAMING.to_vec();
    for file in sources() {
        let is_table = ["meter/lists/", "simulator/"].iter().any(|folder| file.path.starts_with(folder))
            || file.path == "meter/manufacturer.rs"
            || file.path.ends_with("tests.rs");
        let code = file.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in lines.filter(|_| !is_table) {
            let Some(named) = parts(line).into_iter().find(|part| words.contains(part)) else { continue };
            let excused =
                NAMING.iter().any(|(path, text)| file.path.starts_with(path) && line.contains(text));
            excuses.retain(|(path, text)| !(file.path.starts_with(path) && line.contains(text)));
            if !excused {
                faults.push(format!("{} names {named}: {}", file.path, line.trim()));
            }
        }
    }
    faults.extend(excuses.iter().map(|(path, text)| format!("{path} no longer has \"{text}\": remove it")));
    none(faults);
}

/// The words that a line consists of, those within identifiers too, in small letters.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for letter in line.chars() {
        if !letter.is_alphabetic() || letter.is_uppercase() && was_small {
            parts.push(String::new());
        }
        if letter.is_alphabetic() {
            parts.last_mut().unwrap().extend(letter.to_lowercase());
        }
        was_small = letter.is_lowercase();
    }
    parts
}

#[test]
fn words_are_found_within_identifiers() {
    assert_eq!(parts("KamstrupEnergy"), ["kamstrup", "energy"]);
    assert!(parts("let energy_of_kaifa = \"EMH 5\";").contains(&"kaifa".into()));
}
