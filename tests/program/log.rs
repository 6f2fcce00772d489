//! The program while nobody reads its log.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::exporter::{Exporter, PATIENCE};

const DROPPED: &str = "han_exporter_log_lines_dropped_total";

/// A stream that takes no more until it is read.
fn stuck() -> (UnixStream, UnixStream) {
    let (reader, mut writer) = UnixStream::pair().unwrap();
    writer.set_nonblocking(true).unwrap();
    while writer.write(b"\n").is_ok() {}
    writer.set_nonblocking(false).unwrap();
    (reader, writer)
}

#[test]
fn a_reader_of_the_log_that_is_stuck_delays_neither_scrape_nor_end() {
    let (_reader, writer) = stuck();
    let exporter = Exporter::start_with_stderr(writer.into(), &["--source", "sim:kaifa"]);
    exporter.wait("han_up", Some(1.0));
    assert_eq!(exporter.value(DROPPED), Some(0.0), "a few lines can wait");
    exporter.stop();
}

#[test]
fn a_reader_of_errors_that_is_stuck_does_not_delay_the_end() {
    let (_reader, writer) = stuck();
    let mut command = Command::new(env!("CARGO_BIN_EXE_han-exporter"));
    let mut child = command.args(["--source", "nonsense"]).stderr(OwnedFd::from(writer)).spawn().unwrap();
    let start = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if start.elapsed() > PATIENCE => break None,
            None => sleep(Duration::from_millis(10)),
        }
    };
    child.kill().unwrap();
    assert_eq!(status.and_then(|status| status.code()), Some(2), "the program waits for its reader");
}

#[test]
fn lines_that_are_dropped_are_counted_and_told_when_the_log_is_read_again() {
    let file = std::env::temp_dir().join(format!("han-log-{}.yml", std::process::id()));
    let meters: String =
        (0..600).map(|number| format!("- {{name: m{number}, source: /nowhere/{number}}}\n")).collect();
    fs::write(&file, format!("meters:\n{meters}")).unwrap();
    let (reader, writer) = stuck();
    let exporter = Exporter::start_with_stderr(writer.into(), &["--config.file", file.to_str().unwrap()]);
    exporter.until(|| exporter.value(DROPPED) > Some(0.0), "lines to be dropped");
    let warned = || exporter.value("han_exporter_log_messages_total{level=\"warn\"}") >= Some(600.0);
    exporter.until(warned, "each meter's problem to be logged");
    let dropped = exporter.value(DROPPED).unwrap();
    reader.set_read_timeout(Some(PATIENCE)).unwrap();
    let lines = BufReader::new(reader).lines().map(Result::unwrap).filter(|line| !line.is_empty());
    let mut kept = 0;
    for line in lines {
        if line.contains("Log lines dropped") {
            assert!(line.ends_with(&format!(" dropped={dropped}")), "{line}");
            break;
        }
        kept += 1;
    }
    let logged =
        |level| exporter.value(&format!("han_exporter_log_messages_total{{level=\"{level}\"}}")).unwrap();
    assert_eq!(f64::from(kept) + dropped, logged("info") + logged("warn"));
    exporter.stop();
    fs::remove_file(file).unwrap();
}
