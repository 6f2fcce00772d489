//! What is wrong with a meter: `/metrics`, `/-/ready`, the page and the log say it alike, and the log says it once.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio_serial::SerialStream;

use crate::daemon::{Folder, HOUR, MOMENT, bytes, line};
use crate::doctor::frame;
use crate::doctor_keys::{AUTHENTICATION, ENCRYPTION, OTHER};
use crate::support::exporter::Exporter;
use han_exporter::hex;

/// Waits until the exporter says this, and checks that it says so everywhere, and once.
fn expect(exporter: &Exporter, reason: &str, sentence: &str) {
    exporter.wait(&format!("han_trouble{{reason=\"{reason}\"}}"), Some(1.0));
    let (status, ready) = exporter.ask("/-/ready");
    assert!(status == 503 && ready.contains(sentence), "{status} {ready}");
    let said = ready.trim_end();
    let page = exporter.ask("/").1.replace("&quot;", "\"");
    assert!(page.contains(said), "{said}: {page}");
    // Another of its figures may have changed.
    let line = format!("level=WARN msg=\"{}", said.split(char::is_numeric).next().unwrap());
    exporter.until(|| exporter.said().contains(&line), &line);
    assert!(exporter.said().contains(&format!("reason={reason}\n")), "{}", exporter.said());
}

/// Whether the log has that many warnings and no other.
fn expect_warnings(exporter: &Exporter, count: usize) {
    let said = exporter.said();
    let warnings: Vec<_> = said
        .lines()
        .filter(|line| line.contains("level=WARN") && !line.contains("Running as root"))
        .collect();
    assert_eq!(warnings.len(), count, "{said}");
}

fn key(folder: &Folder, digits: &str) -> String {
    let path = folder.path(digits);
    fs::write(&path, digits).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).with_extension("hex");
    hex::bytes(&fs::read(path).unwrap()).into_owned()
}

/// Sends the same bytes again and again while something is examined.
fn while_sending(meter: &mut SerialStream, bytes: &[u8], examine: impl FnOnce()) {
    let (sender, is_over) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = is_over.recv_timeout(Duration::from_millis(100)) {
                // A full line takes some of them.
                let _ = meter.write(bytes);
            }
        });
        examine();
        // Also when the examination fails.
        drop(sender);
    });
}

const WRONG_KEY: &str = "the encryption key is wrong, or the two keys are swapped";

#[test]
fn a_wrong_key_is_told_everywhere() {
    let folder = Folder::new("wrong-key");
    let key = key(&folder, OTHER);
    let arguments = ["--key-file", &key, "--auth-key-file", &key, "--source"];
    let exporter = Exporter::start(&[&arguments[..], &["sim:e450"]].concat());
    expect(&exporter, "tag", WRONG_KEY);
    assert_eq!(exporter.value("han_up"), Some(1.0), "valid frames arrive");
    expect_warnings(&exporter, 1);
    exporter.stop();
    // Its messages come without a frame, which would prove that they are not damaged.
    let exporter = Exporter::start(&[&arguments[..], &["sim:smarty", "--max-age", "1s"]].concat());
    expect(&exporter, "tag", WRONG_KEY);
    expect_warnings(&exporter, 1);
    exporter.stop();
}

#[tokio::test]
async fn a_key_that_becomes_wrong_is_told_everywhere() {
    let folder = Folder::new("changed-key");
    let keys = [ENCRYPTION, AUTHENTICATION].map(|digits| key(&folder, digits));
    let (mut meter, path) = line();
    let words = ["--source", &path, "--max-age", "1s", "--key-file", &keys[0], "--auth-key-file", &keys[1]];
    let exporter = Exporter::start(&words);
    let mut message = fixture("luxembourg/smarty-ciphered");
    meter.write_all(&message).unwrap();
    exporter.wait("han_up", Some(1.0));
    // It looks as if another key had encrypted it.
    message[500] ^= 1;
    while_sending(&mut meter, &message, || {
        expect(&exporter, "tag", WRONG_KEY);
        expect_warnings(&exporter, 1);
    });
    exporter.stop();
}

#[tokio::test]
async fn what_cannot_be_read_is_told_everywhere_and_once_and_so_is_its_end() {
    let unknown = frame(&[0x0F, 0x40, 0, 0, 0, 0, 0x02, 0x01, 0x03, 0x01]);
    for (message, reason, sentence) in [
        (unknown, "unknown_list", "this version does not know the list"),
        (fixture("iskraemeco/described-14-ciphered"), "encrypted", "ask your grid operator for the key"),
    ] {
        let (mut meter, path) = line();
        let exporter = Exporter::start(&["--source", &path]);
        exporter.wait("han_serial_connected", Some(1.0));
        for count in 1..=5 {
            meter.write_all(&message).unwrap();
            exporter.wait(&format!("han_frame_errors_total{{reason=\"{reason}\"}}"), Some(f64::from(count)));
        }
        expect(&exporter, reason, sentence);
        expect_warnings(&exporter, 1);
        meter.write_all(&bytes(MOMENT)).unwrap();
        exporter.until(|| exporter.said().contains("level=INFO msg=\"Readings arrive\""), "the end");
        let (_, metrics) = exporter.ask("/metrics");
        assert!(!metrics.contains("han_trouble"), "{metrics}");
        expect_warnings(&exporter, 1);
        exporter.stop();
    }
}

#[tokio::test]
async fn damage_is_told_everywhere_and_once() {
    let (mut meter, path) = line();
    let exporter = Exporter::start(&["--source", &path, "--max-age", "1s"]);
    meter.write_all(&bytes(MOMENT)).unwrap();
    exporter.wait("han_up", Some(1.0));
    let mut damaged = bytes(MOMENT);
    damaged[20] ^= 1;
    while_sending(&mut meter, &damaged, || {
        expect(&exporter, "damaged", "Frames arrive damaged: check the cable");
        assert_eq!(exporter.value("han_up"), Some(0.0));
        expect_warnings(&exporter, 1);
    });
    // Of a cable that was pulled out the last frame is damaged too.
    expect(&exporter, "frames_stopped", "No valid frame for ");
    exporter.stop();
}

#[tokio::test]
async fn damage_beside_readings_is_no_trouble_and_has_one_line() {
    let (mut meter, path) = line();
    let exporter = Exporter::start(&["--source", &path]);
    let mut damaged = bytes(MOMENT);
    damaged[20] ^= 1;
    for count in 1..=3 {
        meter.write_all(&[bytes(MOMENT), damaged.clone(), bytes(MOMENT)].concat()).unwrap();
        exporter.wait("han_readings_total{list=\"power\"}", Some(f64::from(2 * count)));
    }
    let line = "level=INFO msg=\"Frame yielded no reading\" reason=frame_check";
    exporter.until(|| exporter.said().contains(line), line);
    assert_eq!(exporter.said().matches("reason=").count(), 1, "{}", exporter.said());
    assert_eq!(exporter.ask("/-/ready").0, 200);
    expect_warnings(&exporter, 0);
    exporter.stop();
}

#[tokio::test]
async fn a_source_that_cannot_be_opened_is_told_everywhere_and_once() {
    let folder = Folder::new("absent");
    let port = folder.path("ttyABSENT");
    let exporter = Exporter::start(&["--source", &port]);
    expect(&exporter, "absent", "does not exist: plug the adapter in");
    expect_warnings(&exporter, 1);
    exporter.stop();
}

#[tokio::test]
async fn another_meter_is_counted_and_told_of_and_two_that_take_turns_are_a_trouble() {
    let (mut meter, path) = line();
    let exporter = Exporter::start(&["--source", &path]);
    let changes = |count| exporter.wait("han_meter_changes_total", Some(count));
    changes(0.0);
    meter.write_all(&bytes(HOUR)).unwrap();
    exporter.wait("han_up", Some(1.0));
    changes(0.0);
    meter.write_all(&fixture("aidon/list-2")).unwrap();
    changes(1.0);
    let line = "level=WARN msg=\"Another meter answers now";
    exporter.until(|| exporter.said().contains(line), line);
    assert_eq!(exporter.ask("/-/ready").0, 200);
    for turn in 1..=3 {
        meter.write_all(&bytes(HOUR)).unwrap();
        changes(f64::from(2 * turn));
        meter.write_all(&fixture("aidon/list-2")).unwrap();
        changes(f64::from(2 * turn + 1));
    }
    expect(&exporter, "meters_alternate", "More than one meter sends on ");
    expect_warnings(&exporter, 2);
    assert!(!exporter.said().contains("6970631400000000"), "an id is logged: {}", exporter.said());
    exporter.stop();
}
