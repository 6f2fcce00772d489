//! `han-exporter decode`: explains captured bytes to people and scripts.

mod args;

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::config::hide_keys;
use crate::decoder::{Event, Outcome};
use crate::explain::{self, Finding};
use crate::hex;
use crate::hub::{Hub, Intake, Meter, MeterName, Moment};
use crate::outlet::prometheus::{exposition, registry_of_meters};
use crate::wire::frame::Proof;
pub use args::{Decode, DecodeArgs};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How the answer is written.
    pub format: Format,
    /// Writes the capture itself, without what tells whose it is; the format then means nothing.
    pub redact: bool,
    /// What the owner knows of the meter.
    pub known: explain::Options,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people: bytes on the left, their meaning on the right.
    Text,
    /// For scripts: one object a line for each frame.
    Json,
    /// The exposition that `/metrics` would show.
    Prom,
}

/// Decodes a file, or standard input without one, to standard output.
// Inlined into the program's main function, its decoders would take 50 kB of the daemon's stack for ever.
#[inline(never)]
pub fn main(file: Option<&Path>, options: &Options) -> ExitCode {
    let name = file.map_or("standard input".into(), |file| hide_keys(&file.to_string_lossy()));
    let input = match read(file) {
        Ok(input) => input,
        Err(error) => {
            eprintln!(
                "han-exporter: cannot read {name}: {error}; give a readable file, or - for standard input"
            );
            return ExitCode::FAILURE;
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    match run(&input, options, &mut out).and_then(|found| out.flush().map(|()| found)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("han-exporter: {}", nothing_found(options, file, &name));
            ExitCode::FAILURE
        }
        // Whoever reads our output has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("han-exporter: cannot write what {name} means: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Decodes bytes or a hex dump of them. Returns whether there was a reading, or a part of one.
pub fn run(input: &[u8], options: &Options, out: &mut impl Write) -> io::Result<bool> {
    let input = hex::bytes(input);
    let known = &options.known;
    let write = &mut |text: &str| out.write_all(text.as_bytes());
    match (options.redact, options.format) {
        (true, _) => explain::redacted(&input, known, write),
        (false, Format::Text) => explain::text(&input, known, write),
        (false, Format::Json) => explain::json(&input, known, write),
        (false, Format::Prom) => prom(&input, known, out),
    }
}

/// What to say of a capture that gave nothing. The breakdown has said it all.
fn nothing_found(options: &Options, file: Option<&Path>, name: &str) -> String {
    match (options.redact, options.format, file) {
        (true, ..) => format!("nothing in {name} that could be shared"),
        (_, Format::Text, _) => format!("no reading in {name}"),
        (.., Some(_)) => format!("no reading in {name}; 'han-exporter decode {name}' says what stands there"),
        (.., None) => format!("no reading in {name}; without --format it is said what stands there"),
    }
}

/// Writes what /metrics would show of the meter after these bytes, if a check proves them or the meter repeats them.
fn prom(input: &[u8], known: &explain::Options, out: &mut impl Write) -> io::Result<bool> {
    let hub = Hub::default();
    hub.set_meters(vec![Meter::default()]);
    let mut intake = Intake::of_capture(hub.clone(), MeterName::default());
    let now = Moment::now();
    let mut unproven = false;
    let found = explain::each(input, known, |finding| {
        let Finding { offset, length, frame, plain, outcome, .. } = *finding;
        let event = Event { offset: offset as u64, length, frame, message: plain, outcome };
        unproven |= matches!(outcome, Outcome::Reading { .. }) && event.proof() == Proof::Nothing;
        intake.decoded(&event, now);
        Ok::<_, io::Error>(finding.is_found())
    })?;
    if unproven {
        writeln!(
            out,
            "# Unproven: no check covers these telegrams. /metrics waits for a second one that agrees."
        )?;
    }
    let families = registry_of_meters(hub).gather();
    out.write_all(&exposition::Format::Text.encode(&families)).map(|()| found)
}

fn read(file: Option<&Path>) -> io::Result<Vec<u8>> {
    match file {
        Some(file) => fs::read(file),
        None => {
            let mut input = Vec::new();
            io::stdin().lock().read_to_end(&mut input).map(|_| input)
        }
    }
}
