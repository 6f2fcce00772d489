//! What `decode` writes, from the library's own functions.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use han_exporter::explain;
use han_exporter::hex;
use han_exporter::reading::Settings;
use han_exporter::wire::dlms::cipher::Keys;
use proptest::prelude::*;

use super::fixture;

/// What is asked for.
#[derive(Clone)]
pub struct Options {
    pub form: Form,
    pub known: explain::Options,
}

#[derive(Clone, Copy)]
pub enum Form {
    Text,
    Json,
    Redacted,
}

/// The annotated text.
pub const TEXT: Options = options(Form::Text);
/// For scripts.
pub const JSON: Options = options(Form::Json);
/// The capture without what tells whose it is.
pub const REDACT: Options = options(Form::Redacted);

const fn options(form: Form) -> Options {
    let keys = Keys { encryption: None, authentication: None };
    Options { form, known: explain::Options { settings: Settings { energy_exponent: None }, keys } }
}

/// What it writes, and whether it found anything.
pub fn decode(input: &[u8], Options { form, known }: Options) -> (String, bool) {
    let input = hex::bytes(input);
    let mut out = String::new();
    let write = &mut |text: &str| {
        out.push_str(text);
        Ok::<_, Infallible>(())
    };
    let Ok(found) = match form {
        Form::Text => explain::text(&input, &known, write),
        Form::Json => explain::json(&input, &known, write),
        Form::Redacted => explain::redacted(&input, &known, write),
    };
    (out, found)
}

/// What it writes.
pub fn written(input: &[u8], options: Options) -> String {
    decode(input, options).0
}

/// The same for one who has the keys of the fixtures.
pub fn opened(input: &[u8], options: Options) -> String {
    written(input, Options { known: explain::Options { keys: super::keys(), ..options.known }, ..options })
}

/// The golden text of a fixture.
pub fn golden(name: &str) -> PathBuf {
    let file = format!("tests/golden/decode-{}.txt", name.replace('/', "-"));
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// Compares what is written of fixtures, opened where they are ciphered, with their golden texts.
pub fn check_explained(names: &[&str]) {
    super::check_goldens(names.iter().map(|name| {
        let bytes = fixture::named(name).bytes;
        let text = opened(&bytes, TEXT);
        (golden(name), if text.contains(NOT_NEEDED) { written(&bytes, TEXT) } else { text })
    }));
}

/// What is said to one who gave a key for nothing.
pub const NOT_NEEDED: &str = "nothing here is encrypted: the key was not needed";

/// Whatever comes in, everything is answered, and answered in its form.
pub fn survives(input: &[u8]) {
    let (text, found) = decode(input, TEXT);
    assert!(!text.is_empty() && !text.lines().any(|line| line.ends_with(' ')));
    let (lines, also_found) = decode(input, JSON);
    assert_eq!(found, also_found);
    for line in lines.lines() {
        assert!(line.starts_with("{\"offset\":") && line.ends_with("]}"), "{line}");
    }
    let redacted = written(input, REDACT);
    let again = written(redacted.as_bytes(), REDACT);
    assert_eq!(hex::bytes(redacted.as_bytes()), hex::bytes(again.as_bytes()));
}

/// One of these, with some bytes of it changed, lost, added or cut off: of it all, or of what lies so many bytes from
/// its start and from its end, which `around` then makes whole again.
pub fn mutated(
    captures: Vec<Vec<u8>>,
    [before, behind]: [usize; 2],
    around: fn(&[u8]) -> Vec<u8>,
) -> impl Strategy<Value = Vec<u8>> {
    let places = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6);
    (prop::sample::select(captures), places, any::<bool>()).prop_map(move |(mut bytes, places, whole)| {
        if whole {
            let end = bytes.len().saturating_sub(behind);
            bytes = bytes.get(before..end).unwrap_or_default().to_vec();
        }
        for (place, value, kind) in places {
            let at = place.index(bytes.len().max(1));
            match kind {
                0 if at < bytes.len() => drop(bytes.remove(at)),
                1 => bytes.insert(at.min(bytes.len()), value),
                2 => bytes.truncate(at.max(1)),
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value),
            }
        }
        if whole { around(&bytes) } else { bytes }
    })
}

#[track_caller]
pub fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}
