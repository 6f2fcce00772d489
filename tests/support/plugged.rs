//! Simulated meters that are plugged in: as a child process, and in a task of this one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use han_exporter::command::simulate::{Endpoint, Error, Options, Rates, run};
use tokio::task::JoinHandle;

/// `han-exporter simulate`.
pub struct Simulator {
    process: Child,
    /// What it tells on standard output: where it is plugged in.
    pub place: String,
}

impl Simulator {
    pub fn start(words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_han-exporter"));
        let command = command.arg("simulate").args(words).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut place = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut place).unwrap();
        assert!(place.ends_with('\n'), "it says where it is");
        Simulator { process, place: place.trim_end().to_owned() }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A meter on a pseudo-terminal of this process, found under a link of its own.
pub struct Plugged {
    task: JoinHandle<Result<(), Error>>,
    pub link: PathBuf,
}

impl Plugged {
    /// Plugs it in; the link is there when this returns.
    pub async fn new(meter: &str, faults: Rates, link: &Path) -> Self {
        let options = Options {
            meter: meter.parse().unwrap(),
            endpoint: Endpoint::Pty { link: Some(link.into()) },
            at_once: false,
            count: None,
            faults,
        };
        let task = tokio::spawn(run(options, std::future::pending()));
        while !link.exists() && !task.is_finished() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(!task.is_finished(), "{meter} cannot be plugged in");
        Plugged { task, link: link.into() }
    }

    /// Takes the plug out.
    pub async fn unplug(self) {
        self.task.abort();
        assert!(self.task.await.is_err_and(|error| error.is_cancelled()));
    }
}
