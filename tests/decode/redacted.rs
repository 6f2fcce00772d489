//! What redaction replaces in each fixture: `tests/golden/redacted.txt` lists it. `BLESS=1` writes it anew.

use std::fmt::Write;
use std::path::Path;

use crate::support::decoded::{REDACT, opened, written};
use crate::support::{check_goldens, fixture};
use han_exporter::hex;

#[test]
fn each_fixture_loses_what_its_golden_lists() {
    let mut list = String::new();
    for fixture in fixture::all() {
        let (closed, open) = (written(&fixture.bytes, REDACT), opened(&fixture.bytes, REDACT));
        list += &format!("{}\n{}", fixture.name, replaced(&fixture.bytes, &closed));
        if open != closed {
            list += &format!("{} with its keys\n{}", fixture.name, replaced(&fixture.bytes, &open));
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/redacted.txt");
    check_goldens([(golden, list)]);
}

/// What is said of a capture, and where its bytes are others than before.
fn replaced(before: &[u8], redacted: &str) -> String {
    let mut said: String =
        redacted.lines().filter(|line| line.starts_with('#')).map(|line| format!("  {line}\n")).collect();
    let after = hex::bytes(redacted.as_bytes());
    if after.len() != before.len() {
        let _ =
            writeln!(said, "  {} bytes are left of {}: {}", after.len(), before.len(), after.escape_ascii());
        return said;
    }
    let mut others = (0..before.len()).filter(|&place| before[place] != after[place]).peekable();
    while let Some(start) = others.next() {
        let mut last = start;
        while let Some(next) = others.next_if(|&next| next - last <= NEAR) {
            last = next;
        }
        let (old, new) = (before[start..=last].escape_ascii(), after[start..=last].escape_ascii());
        let _ = writeln!(said, "  byte {start}: {old} becomes {new}");
    }
    said
}

/// Bytes that stay between others are listed with these if they are fewer.
const NEAR: usize = 4;
