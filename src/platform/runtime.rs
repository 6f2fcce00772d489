//! The event loop, and the signals that end it.

use std::io;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs a task and all that it spawns on one thread: a Raspberry Pi Zero has one core.
pub fn run<T>(task: impl Future<Output = T>) -> io::Result<T> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(task);
    // A read of standard input may never end.
    runtime.shutdown_background();
    Ok(result)
}

/// The request to end: SIGTERM or SIGINT.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
    /// Whether it was received.
    pub is_requested: bool,
}

impl Stop {
    /// Receives the signals from now on. Needs a runtime.
    pub fn new() -> io::Result<Self> {
        let [terminate, interrupt] = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
        Ok(Stop { terminate: terminate?, interrupt: interrupt?, is_requested: false })
    }

    /// Waits for one of them. Cancel-safe.
    pub async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        self.is_requested = true;
    }
}
