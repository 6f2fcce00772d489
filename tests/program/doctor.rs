//! The doctor over pseudo-terminals: what it reports, its diagnosis, and the program's exit code.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use han_exporter::command::doctor::diagnosis::{Diagnosis, diagnose};
use han_exporter::command::doctor::observation::Observation;
use han_exporter::command::doctor::{listen, report};
use han_exporter::decoder::Error;
use han_exporter::source::{Link, Timing};
use han_exporter::wire::check::arc;
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::dlms::cipher::Keys;
use han_exporter::wire::hdlc::Frame;
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;
use tokio_serial::{SerialPort, SerialStream};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

const NO_KEYS: Keys = Keys { encryption: None, authentication: None };

/// Kaifa MA105H2E, hour list of a single-phase meter.
const KAIFA: &str = "
    7e a0 87 01 02 01 10 9e 6d e6 e7 00 0f 40 00 00 00 09 0c 07 d0 01 03 01 0e 00 0c ff 80 00 03 02 0e
    09 07 4b 46 4d 5f 30 30 31 09 10 36 39 37 30 36 33 31 34 30 30 30 30 30 39 35 30 09 08 4d 41 31 30
    35 48 32 45 06 00 00 00 00 06 00 00 00 00 06 00 00 00 00 06 00 00 00 00 06 00 00 00 0e 06 00 00 09
    01 09 0c 07 d0 01 03 01 0e 00 0c ff 80 00 03 06 00 00 00 00 06 00 00 00 00 06 00 00 00 00 06 00 00
    00 00 97 35 7e";

/// Aidon, 2.5-second list: active power 1604 W.
const AIDON: &str = "
    7e a0 2a 41 08 83 13 04 13 e6 e7 00 0f 40 00 00 00 00 01 01 02 03 09 06 01 00 01 07 00 ff 06 00 00
    06 44 02 02 0f 00 16 1b 6f 92 7e";

fn bytes(dump: &str) -> Vec<u8> {
    dump.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

pub fn frame(message: &[u8]) -> Vec<u8> {
    let information = [&[0xE6, 0xE7, 0x00], message].concat();
    let mut buffer = [0; 512];
    let mut writer = Writer::new(&mut buffer);
    Frame {
        segmented: false,
        destination: &[0x41],
        source: &[0x03],
        control: 0x13,
        information: &information,
    }
    .emit(&mut writer);
    writer.written().to_vec()
}

fn encrypted() -> Vec<u8> {
    frame(&[&b"\xDB\x08KAM\x45\x00\x00\x00\x01\x15\x30\x00\x00\x00\x07"[..], &[0xA5; 16]].concat())
}

/// The meter's end of a pseudo-terminal, and the path of the reader's end.
fn pty() -> (SerialStream, String) {
    let (meter, reader) = SerialStream::pair().unwrap();
    let path = reader.name().unwrap();
    (meter, path)
}

/// Sends bursts over and over with pauses between them.
async fn send(mut meter: SerialStream, bursts: Vec<Vec<u8>>, pause: Duration) {
    for burst in bursts.iter().cycle() {
        meter.write_all(burst).await.unwrap();
        tokio::time::sleep(pause).await;
    }
}

/// Examines a meter that sends these bursts until `enough` holds for what was said.
async fn examine(bursts: &[Vec<u8>], query: &str, enough: fn(&[String]) -> bool) -> (Observation, String) {
    let (meter, path) = pty();
    // Longer than the gap that ends a list at 2400 baud.
    let sender = tokio::spawn(send(meter, bursts.to_vec(), Duration::from_millis(250)));
    let timing = Timing { dwell: Duration::from_millis(200), ..Timing::default() };
    let link = Link::new(format!("{path}{query}").parse().unwrap(), timing);
    let stop = Arc::new(Notify::new());
    let mut lines = Vec::new();
    let mut say = |line: &str| {
        lines.push(line.to_owned());
        if enough(&lines) {
            stop.notify_one();
        }
    };
    let seen = listen(link, &NO_KEYS, PATIENCE, stop.notified(), &mut say).await;
    sender.abort();
    (seen, lines.join("\n"))
}

fn never(_: &[String]) -> bool {
    false
}

fn says(lines: &[String], part: &str) -> usize {
    lines.iter().filter(|line| line.contains(part)).count()
}

#[tokio::test]
async fn recognises_a_line_that_works_and_ends_by_itself() {
    let (seen, said) = examine(&[bytes(KAIFA)], "", never).await;
    assert_eq!(diagnose(&seen), Diagnosis::Well, "{said}");
    assert!(seen.time < PATIENCE);
    for part in [
        "Open: /dev/pts/",
        "First bytes: 7e a0 87 01",
        "at 2400 8E1: 137 bytes",
        "energy message: Kaifa list 3",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let report = report(&seen);
    assert!(report.contains("Meter: Kaifa MA105H2E KFM_001"), "{report}");
    assert!(report.contains("?baud=2400&parity=even'"), "{report}");
    assert!(!report.contains("6970631400000950"), "the meter's id is nobody's business: {report}");
}

#[tokio::test]
async fn recognises_that_long_frames_are_cut_and_short_ones_pass() {
    let cut = bytes(KAIFA)[..64].to_vec();
    let enough = |lines: &[String]| says(lines, "A frame of 137 bytes arrived damaged") > 1;
    let (seen, said) =
        examine(&[bytes(AIDON), cut, bytes(AIDON), bytes(AIDON), bytes(AIDON)], "", enough).await;
    assert_eq!(diagnose(&seen), Diagnosis::Cut { passes: 44, needs: 137 }, "{said}");
    assert!(seen.readings() > 0);
}

#[tokio::test]
async fn reports_that_all_frames_arrive_damaged() {
    let mut damaged = bytes(KAIFA);
    damaged[70] ^= 1;
    let enough = |lines: &[String]| says(lines, "arrived damaged") > 1;
    let (seen, said) = examine(&[damaged], "?baud=2400&parity=even", enough).await;
    assert_eq!(diagnose(&seen), Diagnosis::Damaged, "{said}");
}

#[tokio::test]
async fn tries_every_setting_on_bytes_without_structure() {
    let noise: Vec<u8> = (0x80..0xC0).collect();
    let enough = |lines: &[String]| says(lines, "bytes and no valid frame") > 0;
    let (seen, said) = examine(&[noise], "", enough).await;
    assert_eq!(diagnose(&seen), Diagnosis::Noise, "{said}");
    assert_eq!(seen.attempts.len(), 8);
    let report = report(&seen);
    assert_eq!(report.matches(" 0 valid frames; first 80 81 82").count(), 8, "{report}");
}

#[tokio::test]
async fn reports_that_the_settings_of_the_user_yield_no_frame() {
    let enough = |lines: &[String]| says(lines, "First bytes") > 0;
    let (seen, said) = examine(&[(0x80..0xC0).collect()], "?baud=300&parity=none", enough).await;
    assert!(matches!(diagnose(&seen), Diagnosis::WrongSettings(settings) if settings.baud == 300), "{said}");
}

#[tokio::test]
async fn names_the_manufacturer_of_an_encrypted_meter() {
    let enough = |lines: &[String]| says(lines, "without a reading: encrypted") > 0;
    let (seen, said) = examine(&[encrypted()], "", enough).await;
    assert_eq!(diagnose(&seen), Diagnosis::Encrypted, "{said}");
    assert!(report(&seen).contains("names Kamstrup"));
}

#[tokio::test]
async fn asks_for_a_capture_of_an_unknown_list() {
    // A structure of one boolean.
    let unknown = frame(&[0x0F, 0x40, 0, 0, 0, 0, 0x02, 0x01, 0x03, 0x01]);
    let enough = |lines: &[String]| says(lines, "without a reading: unknown_list") > 0;
    let (seen, said) = examine(&[unknown], "", enough).await;
    assert_eq!(diagnose(&seen), Diagnosis::Undecodable(Error::UnknownList), "{said}");
    let report = report(&seen);
    assert!(
        report.contains("raw -echo 2400 cs8 parenb -parodd") && report.contains("decode --redact - >"),
        "{report}"
    );
}

#[tokio::test]
async fn reads_telegrams_like_any_frame() {
    let data = b"/KFM5KAIFA-METER\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.7.0(01.250*kW)\r\n!";
    let telegram = |check: u16| [&data[..], format!("{check:04X}\r\n").as_bytes()].concat();
    let good = telegram(arc(data));
    let (seen, said) =
        examine(&[good.clone(), good.clone(), good], "", |lines| says(lines, "P1 telegram") > 0).await;
    assert_eq!(diagnose(&seen), Diagnosis::Well, "{said}");
    let wrong = telegram(arc(data) ^ 1);
    let twice = [wrong.clone(), wrong].concat();
    let (seen, said) = examine(&[twice], "", |lines| says(lines, "trying") > 1).await;
    assert_eq!(diagnose(&seen), Diagnosis::Damaged, "{said}");
}

#[tokio::test]
async fn listens_through_silence_until_the_time_is_over() {
    let (_meter, path) = pty();
    let timing = Timing { patience: Duration::from_millis(50), ..Timing::default() };
    let link = Link::new(path.parse().unwrap(), timing);
    let mut lines = Vec::new();
    let time = Duration::from_millis(300);
    let seen =
        listen(link, &NO_KEYS, time, std::future::pending(), &mut |line| lines.push(line.to_owned())).await;
    assert_eq!(diagnose(&seen), Diagnosis::Silent);
    assert_eq!((says(&lines, "No data yet"), says(&lines, "trying 2400 8N1")), (1, 1), "{lines:?}");
    assert!(seen.time >= time && seen.attempts.iter().all(|attempt| attempt.bytes == 0));
}

#[tokio::test]
async fn reports_an_adapter_that_is_unplugged() {
    let (meter, path) = pty();
    let link = Link::new(path.parse().unwrap(), Timing::default());
    let (gone, mut meter) = (Notify::new(), Some(meter));
    let mut say = |line: &str| {
        if line.contains("Open:") {
            meter = None;
        }
        if line.contains("is gone") {
            gone.notify_one();
        }
    };
    let seen = listen(link, &NO_KEYS, PATIENCE, gone.notified(), &mut say).await;
    assert_eq!((diagnose(&seen), seen.losses), (Diagnosis::Lost, 1));
}

#[tokio::test]
async fn names_the_program_that_uses_a_busy_port() {
    let (_meter, path) = pty();
    let mut holder = Link::new(path.parse().unwrap(), Timing::default());
    holder.next(&mut [0; 8]).await;
    let link = Link::new(path.parse().unwrap(), Timing::default());
    let told = Notify::new();
    let seen = listen(link, &NO_KEYS, PATIENCE, told.notified(), &mut |_| told.notify_one()).await;
    let diagnosis = diagnose(&seen).to_string();
    assert!(
        diagnosis.contains("is in use by") && diagnosis.contains(&std::process::id().to_string()),
        "{diagnosis}"
    );
}

#[tokio::test]
async fn reads_a_simulated_meter() {
    let link = Link::new("sim:aidon?speed=60".parse().unwrap(), Timing::default());
    let mut lines = Vec::new();
    let seen =
        listen(link, &NO_KEYS, PATIENCE, std::future::pending(), &mut |line| lines.push(line.to_owned()))
            .await;
    assert_eq!(diagnose(&seen), Diagnosis::Well, "{lines:?}");
    assert!(report(&seen).contains("The meter is simulated"));
}

fn doctor(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_han-exporter"));
    command.arg("doctor").args(words).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

#[tokio::test]
async fn prints_the_command_that_works_and_exits_with_0() {
    let (meter, path) = pty();
    let sender = tokio::spawn(send(meter, vec![bytes(KAIFA)], Duration::from_millis(250)));
    let output = tokio::task::spawn_blocking({
        let path = path.clone();
        move || doctor(&[&path, "--seconds", "60"]).output().unwrap()
    });
    let output = output.await.unwrap();
    sender.abort();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.starts_with(&format!("Listening to {path} for up to 60 s")), "{text}");
    let line = format!("\n  han-exporter --source 'serial:{path}?baud=2400&parity=even'\n");
    let variable = format!("\n  HAN_EXPORTER_SOURCE=\"serial:{path}?baud=2400&parity=even\"\n");
    assert!(text.contains(&line) && text.ends_with(&variable), "{text}");
}

#[test]
fn exits_with_1_without_readings() {
    for (source, diagnosis) in [
        ("/dev/ttyNONE", "Diagnosis: /dev/ttyNONE does not exist."),
        ("/dev/null", "Diagnosis: /dev/null is not a serial port"),
        ("file:/nonexistent", "Diagnosis: /nonexistent cannot be read"),
        ("-", "Diagnosis: the source is open, but no data arrives.\n  The input is empty."),
    ] {
        let output = doctor(&[source, "--seconds", "1"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(diagnosis), "{text}");
    }
}

#[tokio::test]
async fn reports_the_diagnosis_so_far_at_an_interrupt() {
    use std::io::{BufRead, BufReader, Read};
    let (_meter, path) = pty();
    let mut child = doctor(&[&path, "--seconds", "86400"]).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("Open:") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended early");
    }
    let killed = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("Diagnosis: the source is open, but no data arrives."), "{rest}");
    assert!(rest.contains("The time was short"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
