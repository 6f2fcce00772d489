//! The program where the system allows it little: a sentence that names the limit, and never a hang.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::exporter::Exporter;

const PROGRAM: &str = env!("CARGO_BIN_EXE_han-exporter");
const SERVE: [&str; 4] = ["--source", "sim:kaifa", "--web.listen-address", "127.0.0.1:0"];

/// A run of a program after the shell has lowered a limit.
fn limited(limit: &str, program: &str, words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limit} && exec \"$0\" \"$@\""), program]).args(words).stdin(Stdio::null());
    command
}

fn assert_refused(command: &mut Command, word: &str) {
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("han-exporter: ") && error.contains(word), "{command:?}: {error}");
    assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{command:?}: {error}");
}

#[test]
fn too_few_files_are_a_sentence() {
    for files in 5..=16 {
        assert_refused(&mut limited(&format!("ulimit -n {files}"), PROGRAM, &SERVE), "ulimit -n");
    }
    assert_refused(&mut limited("ulimit -n 7", PROGRAM, &["simulate", "kaifa"]), "ulimit -n");
}

#[test]
fn too_little_memory_is_a_sentence() {
    let kilobytes = |more: u32| (1..400).map(move |step| 250 * step + more);
    let runs = |limit: &u32| {
        let output = limited(&format!("ulimit -v {limit}"), PROGRAM, &["--version"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let least = kilobytes(1000).find(runs).expect("a limit at which it runs at all");
    assert_refused(
        &mut limited(&format!("ulimit -v {}", least + 1000), PROGRAM, &SERVE),
        "(ulimit -v, LimitAS=)",
    );
}

/// The program where a user without other processes may run it. Limits do not bind the superuser.
pub struct Lonely {
    program: PathBuf,
    /// Another user than the superuser, if that is who runs the test.
    pub user: Option<u32>,
}

impl Lonely {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = 1000 * COUNT.fetch_add(1, Ordering::Relaxed) + std::process::id() % 1000;
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let program = std::env::temp_dir().join(format!("han-lonely-{}-{number}", std::process::id()));
        fs::copy(PROGRAM, &program).unwrap();
        Self { program, user: is_root.then_some(60_000 + number) }
    }

    /// A run of at most this many threads.
    fn with_threads(&self, threads: u32, words: &[&str]) -> Command {
        // Shells differ in the letter.
        self.run(&format!("{{ ulimit -u {threads} 2>/dev/null || ulimit -p {threads}; }}"), words)
    }

    /// A run after the shell has lowered a limit.
    pub fn run(&self, limit: &str, words: &[&str]) -> Command {
        let mut command = limited(limit, self.program.to_str().unwrap(), words);
        if let Some(user) = self.user {
            command.uid(user);
        }
        command
    }
}

impl Drop for Lonely {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.program);
    }
}

#[test]
fn no_further_thread_is_a_sentence() {
    let lonely = Lonely::new();
    assert_refused(&mut lonely.with_threads(1, &SERVE), "ulimit -u");
    if lonely.user.is_none() {
        return;
    }
    let words = ["--source", "tcp://localhost:1", "--web.listen-address", "127.0.0.1:0"];
    let mut process = lonely.with_threads(2, &words).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.find(|line| line.contains("tcp://localhost:1 cannot be reached"));
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(told.as_ref().is_some_and(|line| line.contains("no further thread")), "{told:?}");
}

#[test]
fn a_pipe_in_place_of_the_configuration_is_a_sentence_and_not_waited_for() {
    let folder = std::env::temp_dir().join(format!("han-pipe-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (file, pipe) = (path("meters.yml"), path("pipe"));
    assert!(Command::new("mkfifo").args(["-m", "600", &pipe]).status().unwrap().success());
    let refused = Command::new(PROGRAM).args(["--config.file", &pipe]).output().unwrap();
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is no regular file"), "{refused:?}");
    let refused = Command::new(PROGRAM).args(["--source", "auto", "--key-file", &pipe]).output().unwrap();
    assert_eq!(refused.status.code(), Some(78), "{refused:?}");
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("is a pipe that delivers nothing"),
        "{refused:?}"
    );

    fs::write(&file, "meters: [{name: house, source: 'sim:kaifa'}]").unwrap();
    let exporter = Exporter::start(&["--config.file", &file]);
    fs::rename(&pipe, &file).unwrap();
    exporter.signal("HUP");
    exporter.wait("han_exporter_config_last_reload_successful", Some(0.0));
    exporter.wait("han_up{meter=\"house\"}", Some(1.0));
    exporter.stop();
    fs::remove_dir_all(folder).unwrap();
}

/// A file that names so many meters on network adapters, each with an address of its own on this machine.
fn fleet(name: &str, count: u16, port: u16) -> PathBuf {
    let meter = |index: u16| {
        let [high, low] = index.to_be_bytes();
        format!("- {{name: meter{index}, source: 'tcp://127.0.{high}.{low}:{port}'}}\n")
    };
    let file = std::env::temp_dir().join(format!("han-fleet-{name}-{}.yml", std::process::id()));
    fs::write(&file, format!("meters:\n{}", (1..=count).map(meter).collect::<String>())).unwrap();
    file
}

#[test]
fn more_meters_than_files_are_a_sentence() {
    let file = fleet("refused", 400, 1);
    let path = file.to_str().unwrap();
    for check in [&[][..], &["--check-config"]] {
        let words = [&["--config.file", path][..], check].concat();
        let refused = limited("ulimit -n 256", PROGRAM, &words).output().unwrap();
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!((refused.status.code(), error.lines().count()), (Some(78), 1), "{error}");
        let sentence =
            "400 meters need 496 open files, and the system allows 256; allow more (LimitNOFILE= in the unit";
        assert!(error.contains(sentence), "{error}");
    }
    fs::remove_file(file).unwrap();
}

#[test]
fn hundreds_of_meters_leave_clients_their_files_where_few_are_usual() {
    // Any address of this network is this machine.
    let adapters = TcpListener::bind("0.0.0.0:0").unwrap();
    let file = fleet("read", 400, adapters.local_addr().unwrap().port());
    let exporter = Exporter::start_limited("ulimit -Sn 256", &["--config.file", file.to_str().unwrap()]);
    let connections: Vec<_> = (0..400).map(|_| adapters.accept().unwrap()).collect();
    let is_connected = |line: &&str| line.starts_with("han_serial_connected{") && line.ends_with(" 1");
    exporter.until(
        || exporter.ask("/metrics").1.lines().filter(is_connected).count() == 400,
        "all meters to be connected to",
    );
    drop(connections);
    exporter.stop();
    fs::remove_file(file).unwrap();
}
