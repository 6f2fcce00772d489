//! `decode` as its users call it.

use std::path::{Path, PathBuf};

use han_exporter::decode::{Format, Options, run};
use han_exporter::reading::Settings;
use han_exporter::wire::cipher::Keys;

use super::fixture;

/// The annotated text.
pub const TEXT: Options = options(Format::Text, false);
/// For scripts.
pub const JSON: Options = options(Format::Json, false);
/// The capture without what tells whose it is.
pub const REDACT: Options = options(Format::Text, true);

const fn options(format: Format, redact: bool) -> Options {
    let keys = Keys { encryption: None, authentication: None };
    Options { format, redact, settings: Settings { energy_exponent: None }, keys }
}

/// What it writes, and whether it found anything.
pub fn decode(input: &[u8], options: Options) -> (String, bool) {
    let mut out = Vec::new();
    let found = run(input, &options, &mut out).expect("a vector takes everything");
    (String::from_utf8(out).expect("decode writes UTF-8"), found)
}

/// What it writes.
pub fn written(input: &[u8], options: Options) -> String {
    decode(input, options).0
}

/// The same for one who has the keys of the fixtures.
pub fn opened(input: &[u8], options: Options) -> String {
    written(input, Options { keys: super::keys(), ..options })
}

/// The golden text of a fixture.
pub fn golden(name: &str) -> PathBuf {
    let file = format!("tests/golden/decode-{}.txt", name.replace('/', "-"));
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// Compares what is written of fixtures, opened where they are ciphered, with their golden texts.
pub fn check_explained(names: &[&str]) {
    super::check_goldens(names.iter().map(|name| {
        let octets = fixture::named(name).octets;
        let text = opened(&octets, TEXT);
        (golden(name), if text.contains(NOT_NEEDED) { written(&octets, TEXT) } else { text })
    }));
}

/// What is said to one who gave a key for nothing.
pub const NOT_NEEDED: &str = "nothing here is encrypted: the key was not needed";

#[track_caller]
pub fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}
