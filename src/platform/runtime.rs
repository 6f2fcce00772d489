//! The event loop, and the signals that end it.

use std::fs::File;
use std::io;
use std::thread;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs a task and all that it spawns on one thread: a Raspberry Pi Zero has one core.
pub fn run<T>(task: impl Future<Output = T>) -> io::Result<T> {
    check_room()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(task);
    // A read of standard input may never end.
    runtime.shutdown_background();
    Ok(result)
}

/// Descriptors of the event loop, a port, and a few clients.
const DESCRIPTORS: usize = 16;
/// Bytes of memory that the first readings and scrapes may need.
const MEMORY: usize = 4 << 20;

/// Fails where the event loop would panic, or the first scrape.
fn check_room() -> io::Result<()> {
    let few = |error| match error {
        io::ErrorKind::OutOfMemory => "too little memory; allow more (ulimit -v, LimitAS=)".to_owned(),
        _ => format!(
            "fewer than {DESCRIPTORS} further files may be opened; allow more (ulimit -n, LimitNOFILE=)"
        ),
    };
    let file = File::open("/dev/null")?;
    let descriptors: io::Result<Vec<_>> = (0..DESCRIPTORS).map(|_| file.try_clone()).collect();
    let memory = Vec::<u8>::new().try_reserve_exact(MEMORY).map_err(|_| io::ErrorKind::OutOfMemory.into());
    descriptors.and(memory).map_err(|error| io::Error::other(few(error.kind())))
}

/// Fails if the system allows no further thread. Lookups of names, files, standard input and large scrapes need one, and
/// the library panics where there is none.
pub fn check_thread() -> io::Result<()> {
    let refused = |_| io::Error::other("the system allows no further thread (ulimit -u, TasksMax=)");
    thread::Builder::new().spawn(|| {}).map_err(refused).map(|thread| drop(thread.join()))
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
