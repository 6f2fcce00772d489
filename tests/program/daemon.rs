//! The program itself: frames into a pseudo-terminal, metrics out of its port.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;

use crate::support::exporter::{Exporter, PATIENCE};

use tokio_serial::{SerialPort, SerialStream};

/// A single-phase meter's hourly list: 230.5 V, 0.014 A.
pub const HOUR: &str = include_str!("../../benches/frames/kaifa.hex");
/// Its list with power alone: 2949 W.
pub const MOMENT: &str = "7ea027010201105a87e6e7000f40000000090c07e5010a070e2512ff80000002010600000b85b94b7e";

pub fn bytes(hex: &str) -> Vec<u8> {
    let lines = hex.lines().filter(|line| !line.starts_with('#'));
    let digits: String = lines.flat_map(str::split_whitespace).collect();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// The meter's end of a serial line, and the path of the exporter's end.
pub fn line() -> (SerialStream, String) {
    let (meter, reader) = SerialStream::pair().unwrap();
    let path = reader.name().unwrap();
    (meter, path)
}

/// A folder of its own for each test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("han-daemon-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const POWER: &str = "han_active_power_import_watts";

#[tokio::test]
async fn a_frame_on_the_serial_line_becomes_metrics() {
    let (mut meter, path) = line();
    let exporter = Exporter::start(&["--source", &path]);
    exporter.wait("han_serial_connected", Some(1.0));
    let (_, before) = exporter.ask("/metrics");
    assert!(!before.contains("han_voltage_volts") && !before.contains("han_meter_info"), "{before}");
    meter.write_all(&bytes(HOUR)).unwrap();
    exporter.wait("han_frames_total", Some(1.0));
    let (status, metrics) = exporter.ask("/metrics");
    assert_eq!(status, 200);
    let moving = ["timestamp", "offset", "config_last", "log_messages", "build_info"];
    let still = |line: &&str| line.starts_with("han_") && !moving.iter().any(|word| line.contains(word));
    let (zero, mut shown): (Vec<_>, Vec<_>) = metrics
        .lines()
        .filter(still)
        .filter(|line| !line.contains("frame_errors"))
        .partition(|line| line.ends_with(" 0"));
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            "han_current_amperes{phase=\"L1\"} 0.014",
            "han_frames_total 1",
            "han_meter_info{id=\"6970631400000000\",list_version=\"KFM_001\",manufacturer=\"Kaifa\",model=\"MA105H2E\"} 1",
            "han_readings_total{list=\"energy\"} 1",
            "han_serial_connected 1",
            "han_serial_opens_total 1",
            "han_serial_receive_bytes_total 137",
            "han_up 1",
            "han_voltage_volts{phase=\"L1\"} 230.5",
        ]
    );
    for series in [
        "han_active_energy_import_joules_total",
        "han_active_power_export_watts",
        "han_repeated_readings_total",
    ] {
        assert!(zero.contains(&format!("{series} 0").as_str()), "{series} is missing: {zero:?}");
    }
    assert_eq!(exporter.ask("/-/ready"), (200, "Ready\n".to_owned()));
    assert!(exporter.ask("/").1.contains("6970631400000000"));
    assert_eq!(exporter.ask("/nowhere").0, 404);
    exporter.stop();
}

#[tokio::test]
async fn values_of_a_silent_meter_vanish_and_return() {
    let (mut meter, path) = line();
    let exporter = Exporter::start(&["--source", &path, "--max-age", "1s"]);
    assert_eq!(exporter.ask("/-/ready").0, 503);
    for turn in 1..=2 {
        meter.write_all(&bytes(MOMENT)).unwrap();
        exporter.until(
            || exporter.value("han_readings_total{list=\"power\"}") == Some(f64::from(turn)),
            "a reading",
        );
        exporter.wait(POWER, None);
        exporter.wait("han_up", Some(0.0));
        let (status, sentence) = exporter.ask("/-/ready");
        assert_eq!(status, 503);
        assert!(sentence.starts_with("No valid frame for ") && sentence.contains(&path), "{sentence}");
        assert_eq!(exporter.value("han_readings_total{list=\"power\"}"), Some(f64::from(turn)));
    }
    meter.write_all(&bytes(MOMENT)).unwrap();
    exporter.until(|| exporter.ask("/-/ready").0 == 200, "it to be ready again");
    exporter.stop();
}

#[tokio::test]
async fn what_waited_while_the_process_was_stopped_is_not_shown_as_new() {
    let (mut meter, path) = line();
    let exporter = Exporter::start(&["--source", &path, "--max-age", "1s"]);
    meter.write_all(&bytes(MOMENT)).unwrap();
    let readings = |list: &str| exporter.value(&format!("han_readings_total{{list=\"{list}\"}}"));
    exporter.until(|| readings("power") == Some(1.0), "a reading");
    exporter.signal("STOP");
    meter.write_all(&bytes(HOUR)).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(5500));
    exporter.signal("CONT");
    exporter.until(|| exporter.said().contains("The reader stood still"), "the standstill to be noticed");
    exporter.wait("han_serial_receive_bytes_total", Some((bytes(MOMENT).len() + bytes(HOUR).len()) as f64));
    assert_eq!(exporter.value("han_voltage_volts{phase=\"L1\"}"), None);
    let fresh = || {
        meter.write_all(&bytes(MOMENT)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
        readings("power") >= Some(2.0)
    };
    let fresh = std::cell::RefCell::new(fresh);
    exporter.until(|| fresh.borrow_mut()(), "what is sent afterwards to be read");
    assert_eq!(readings("energy"), Some(0.0));
    exporter.stop();
}

#[tokio::test]
async fn a_reload_adds_and_removes_meters_and_disturbs_no_other() {
    let ((mut house, first), (mut barn, second)) = (line(), line());
    let folder = Folder::new("meters");
    let file = folder.path("meters.yml");
    let meter = |name: &str, path: &str| format!("  - name: {name}\n    source: {path}\n");
    fs::write(&file, format!("meters:\n{}", meter("house", &first))).unwrap();
    let exporter = Exporter::start(&["--config.file", &file]);
    let of = |meter: &str| format!("{POWER}{{meter=\"{meter}\"}}");
    house.write_all(&bytes(MOMENT)).unwrap();
    exporter.wait(&of("house"), Some(2949.0));

    fs::write(&file, format!("meters:\n{}{}", meter("house", &first), meter("barn", &second))).unwrap();
    exporter.signal("HUP");
    barn.write_all(&bytes(HOUR)).unwrap();
    exporter.wait(&of("barn"), Some(0.0));
    assert_eq!(exporter.value(&of("house")), Some(2949.0), "the other meter was disturbed");
    assert_eq!(exporter.value("han_serial_opens_total{meter=\"house\"}"), Some(1.0));

    fs::write(&file, "meters: [").unwrap();
    exporter.signal("HUP");
    let reload = "han_exporter_config_last_reload_successful";
    exporter.wait(reload, Some(0.0));
    house.write_all(&bytes(MOMENT)).unwrap();
    exporter.wait("han_frames_total{meter=\"house\"}", Some(2.0));

    fs::write(&file, format!("meters:\n{}", meter("barn", &second))).unwrap();
    exporter.signal("HUP");
    exporter.wait(reload, Some(1.0));
    exporter.wait(&of("house"), None);
    assert_eq!(exporter.value(&of("barn")), Some(0.0));
    exporter.stop();
}

#[test]
fn the_watchdog_is_notified_after_a_reload_that_changes_and_removes_meters() {
    let folder = Folder::new("watchdog");
    let (file, socket) = (folder.path("meters.yml"), folder.path("notify"));
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut buffer = [0; 4096];
        let length = systemd.recv(&mut buffer).expect("systemd is told something");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let until = |wanted: &str| while !told().contains(wanted) {};
    fs::write(&file, "meters:\n- {name: house, source: sim:kaifa}\n- {name: barn, source: sim:aidon}\n")
        .unwrap();
    let exporter = Exporter::start_in(
        &[("NOTIFY_SOCKET", &socket), ("WATCHDOG_USEC", "400000")],
        &["--config.file", &file],
    );
    until("WATCHDOG=1");
    fs::write(&file, "meters:\n- {name: house, source: sim:kamstrup}\n").unwrap();
    exporter.signal("HUP");
    until("RELOADING=1");
    until("READY=1");
    // Each tells that all tasks have turned since the one before.
    (0..3).for_each(|_| until("WATCHDOG=1"));
    exporter.stop();
}

#[tokio::test]
async fn an_adapter_that_returns_at_another_port_is_read_again() {
    let folder = Folder::new("replug");
    let port = folder.path("ttyMETER");
    let exporter = Exporter::start(&["--source", &port]);
    exporter.until(|| exporter.ask("/-/ready").1.contains("does not exist"), "the absent port to be named");
    for turn in 1..=2 {
        let (mut meter, path) = line();
        symlink(path, &port).unwrap();
        exporter.wait("han_serial_opens_total", Some(f64::from(turn)));
        meter.write_all(&bytes(MOMENT)).unwrap();
        exporter.wait("han_readings_total{list=\"power\"}", Some(f64::from(turn)));
        assert_eq!(exporter.ask("/-/ready").0, 200);
        fs::remove_file(&port).unwrap();
        drop(meter);
        exporter.wait("han_serial_connected", Some(0.0));
        assert_eq!(exporter.value(POWER), Some(2949.0), "a value lives as long as its age allows");
    }
    exporter.stop();
}

#[tokio::test]
async fn damaged_frames_are_counted_and_others_are_read() {
    let (mut meter, path) = line();
    let exporter = Exporter::start(&["--source", &path]);
    let mut damaged = bytes(MOMENT);
    damaged[20] ^= 1;
    let stream = [bytes(MOMENT), damaged.clone(), damaged, bytes(HOUR)].concat();
    meter.write_all(&stream).unwrap();
    exporter.wait("han_readings_total{list=\"energy\"}", Some(1.0));
    assert_eq!(exporter.value("han_readings_total{list=\"power\"}"), Some(1.0));
    assert_eq!(exporter.value("han_frame_errors_total{reason=\"frame_check\"}"), Some(2.0));
    exporter.stop();
}

#[test]
fn a_simulated_encrypting_meter_needs_no_key_and_is_not_read_with_a_wrong_one() {
    for source in ["sim:smarty", "sim:e450", "sim:kaifa-austria"] {
        let exporter = Exporter::start(&["--source", source]);
        exporter.wait("han_up", Some(1.0));
        assert!(exporter.value(POWER).is_some(), "{source}");
        let (_, metrics) = exporter.ask("/metrics");
        let model = metrics.split_once("model=\"").and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
        assert!(model.ends_with("(simulated)") && !model.starts_with(' '), "{source}: {model}");
        exporter.stop();
    }
    let folder = Folder::new("keys");
    let key = folder.path("key");
    fs::write(&key, "ff".repeat(16)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let exporter = Exporter::start(&["--source", "sim:smarty", "--key-file", &key, "--auth-key-file", &key]);
    exporter.wait("han_frame_errors_total{reason=\"tag\"}", Some(1.0));
    assert_eq!((exporter.value("han_up"), exporter.value(POWER)), (Some(0.0), None));
    let (status, reason) = exporter.ask("/-/ready");
    assert!(status == 503 && reason.contains("encryption key is wrong"), "{status} {reason}");
    exporter.stop();
}
