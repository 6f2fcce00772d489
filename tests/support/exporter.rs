//! The program itself, as a child: started with options, asked over HTTP, ended in order.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Far longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Exporter {
    process: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

impl Exporter {
    pub fn start(words: &[&str]) -> Self {
        Self::start_in(&[], words)
    }

    /// Starts it with these environment variables.
    pub fn start_in(variables: &[(&str, &str)], words: &[&str]) -> Self {
        let mut command = command(env!("CARGO_BIN_EXE_han-exporter"));
        command.envs(variables.iter().copied());
        Self::spawn(command, words)
    }

    /// Starts it after the shell has lowered a limit.
    pub fn start_limited(limit: &str, words: &[&str]) -> Self {
        let mut command = command("sh");
        let script = format!("{limit} && exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_han-exporter")]);
        Self::spawn(command, words)
    }

    fn spawn(mut command: Command, words: &[&str]) -> Self {
        command.args(["--web.listen-address", "127.0.0.1:0"]).args(words);
        let mut process = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let (log, mut address) = (Arc::new(Mutex::new(String::new())), None);
        for line in lines.by_ref() {
            address = line.split_once("address=").map(|(_, address)| address.to_owned());
            *log.lock().unwrap() += &(line + "\n");
            if address.is_some() {
                break;
            }
        }
        let address = address.unwrap_or_else(|| panic!("it does not listen: {}", log.lock().unwrap()));
        let sink = Arc::clone(&log);
        std::thread::spawn(move || lines.for_each(|line| *sink.lock().unwrap() += &(line + "\n")));
        Self { process, address, log }
    }

    /// Starts it with an end of a pipe or the like as its standard error. The socket is passed, because nobody reads there
    /// which one it is.
    pub fn start_with_stderr(stderr: OwnedFd, words: &[&str]) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" --web.systemd-socket \"$@\" 3<&0 </dev/null";
        let process = command("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_han-exporter")])
            .args(words)
            .stdin(OwnedFd::from(socket))
            .stderr(stderr)
            .spawn()
            .unwrap();
        Self { process, address, log: Arc::default() }
    }

    pub fn ask(&self, path: &str) -> (u16, String) {
        let (head, body) = self.ask_with(path, "Host: han");
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body)
    }

    /// Head and body of the answer to a request with these header lines.
    pub fn ask_with(&self, path: &str, lines: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\n{lines}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    pub fn value(&self, series: &str) -> Option<f64> {
        let (_, metrics) = self.ask("/metrics");
        let rest = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(rest.parse().unwrap())
    }

    /// Waits until a series has a value, or is gone.
    pub fn wait(&self, series: &str, wanted: Option<f64>) {
        self.until(|| self.value(series) == wanted, &format!("{series} to be {wanted:?}"));
    }

    pub fn until(&self, condition: impl Fn() -> bool, what: &str) {
        let start = Instant::now();
        while !condition() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}; it said: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn said(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn signal(&self, name: &str) {
        let told = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.process.id())]).status();
        assert!(told.unwrap().success());
    }

    /// Ends it in order.
    pub fn stop(mut self) {
        self.signal("TERM");
        let start = Instant::now();
        let status = loop {
            match self.process.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(start.elapsed() < PATIENCE, "it does not end"),
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.code(), Some(0), "{}", self.said());
        assert!(!self.said().contains("panicked"), "{}", self.said());
    }
}

/// A command without the variables that would set options.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("HAN_EXPORTER_")) {
            command.env_remove(name);
        }
    }
    command
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
