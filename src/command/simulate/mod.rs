//! The command `simulate`: be a meter, on a pseudo-terminal, on a socket or on standard output.

mod adapter;
mod args;
mod fault;
mod link;
mod polled;
mod port;
mod pty;
mod tcp;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

pub use args::{SimulateArgs, help};
pub use fault::{Damaged, Fault, Injector, Rates, UnknownFault};

use crate::simulator::{KEYS, Simulated, paced};
use polled::PolledMeter;
use port::Port;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The meter, its speed and its seed.
    pub meter: Simulated,
    /// Where it is plugged in.
    pub endpoint: Endpoint,
    /// Whether frames are sent as fast as they are taken, and not when they are due. On standard output only.
    pub at_once: bool,
    /// After how many frames it ends; without it, never.
    pub count: Option<u64>,
    /// What goes wrong.
    pub faults: Rates,
}

/// Where a simulated meter is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A pseudo-terminal.
    Pty {
        /// A symbolic link that leads to it.
        link: Option<PathBuf>,
    },
    /// A socket that listens at this address: host and port, or `:` and port.
    Tcp(String),
    /// Standard output.
    Stdout,
}

/// Why there is no meter, or no longer.
#[derive(Debug)]
pub enum Error {
    /// It cannot listen.
    Listen {
        /// Where.
        address: String,
        /// Why.
        error: io::Error,
    },
    /// There is no pseudo-terminal to be had.
    Pty(io::Error),
    /// The symbolic link cannot be made.
    Link {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no event loop to be had.
    System(io::Error),
    /// Standard output takes nothing.
    Stdout(io::Error),
    /// Frames at once would only ever be lost.
    AtOnce,
    /// Nothing can be unplugged from standard output.
    Unplug,
    /// Nobody can ask over standard output.
    Mute,
    /// A fault of questions, for a meter that nobody asks.
    Unasked(Fault),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Listen { address, error } => {
                write!(f, "cannot listen on {address}: {error}; choose another address with --to tcp:ADDRESS")
            }
            Error::Pty(error) => {
                write!(f, "cannot open a pseudo-terminal: {error}; try --to tcp:127.0.0.1:7000")
            }
            Error::Link { path, error } if error.kind() == io::ErrorKind::AlreadyExists => {
                let path = path.display();
                write!(f, "{path} exists and is no symbolic link: remove it, or choose another --link")
            }
            Error::Link { path, error } => {
                write!(f, "cannot make the link {}: {error}; choose another --link", path.display())
            }
            Error::System(error) => write!(f, "the system refuses to run an event loop: {error}"),
            Error::Stdout(error) => write!(f, "cannot write to standard output: {error}"),
            Error::AtOnce => f.write_str("--speed max goes with --to stdout only; give a number"),
            Error::Unplug => f.write_str("--fault unplug goes with --to pty or --to tcp, not with stdout"),
            Error::Mute => f.write_str("this meter waits to be asked: use --to pty or --to tcp:ADDRESS"),
            Error::Unasked(fault) => {
                write!(f, "--fault {} goes with a meter that is asked, as kmp382", fault.name())
            }
        }
    }
}

impl std::error::Error for Error {}

/// Is a meter until it is interrupted or all frames are sent.
pub fn main(options: Options) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::System)?;
    let result = runtime.block_on(run(options, interrupted()));
    runtime.shutdown_background();
    result
}

async fn interrupted() {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Is a meter until `shutdown` comes or all frames are sent. The start is the host's present time.
pub async fn run(options: Options, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    options.check()?;
    let port = Port::open(&options.endpoint).await?;
    if options.meter.keys().is_some() {
        tell_keys();
    }
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let serve = async {
        match options.meter.responder(start) {
            Some(responder) => PolledMeter::new(responder, options, port).hold().await,
            None => feed(options, port, start).await,
        }
    };
    let result = tokio::select! {
        result = serve => result,
        () = shutdown => Ok(()),
    };
    match result {
        // Like `head`, a reader may have had enough.
        Err(Error::Stdout(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Tells whoever is to read the meter how.
fn tell_keys() {
    let [encryption, authentication] = KEYS;
    let line = format!(
        "han-exporter: this meter encrypts; its keys are {encryption:032x} for --key-file and \
         {authentication:032x} for --auth-key-file\n"
    );
    // Whether anybody reads it does not matter to the meter.
    let _ = io::stderr().write_all(line.as_bytes());
}

impl Options {
    /// Says what cannot be.
    pub fn check(&self) -> Result<(), Error> {
        let unplugs = self.faults.iter().any(|(fault, rate)| *fault == Fault::Unplug && *rate > 0.0);
        let is_asked = self.meter.polled().is_some();
        let of_questions = self.faults.iter().find(|(fault, _)| fault.affects_requests());
        match self.endpoint {
            _ if let (false, Some((fault, _))) = (is_asked, of_questions) => Err(Error::Unasked(*fault)),
            Endpoint::Stdout if is_asked => Err(Error::Mute),
            Endpoint::Stdout if unplugs => Err(Error::Unplug),
            Endpoint::Pty { .. } | Endpoint::Tcp(_) if self.at_once => Err(Error::AtOnce),
            _ => Ok(()),
        }
    }
}

/// How long an adapter stays unplugged.
const ABSENCE: Duration = Duration::from_secs(1);

async fn feed(options: Options, mut port: Port, start: Duration) -> Result<(), Error> {
    let speed = options.meter.speed();
    let line = (speed <= 1.0 && !options.at_once).then(|| options.meter.line());
    let mut meter = options.meter.meter(start);
    let mut injector = Injector::new(options.faults, options.meter.seed());
    let begin = Instant::now();
    let mut left = options.count;
    while left != Some(0) {
        let pulse = meter.next();
        let Some(struck) = injector.strike(pulse.due, pulse.bytes) else { continue };
        if !options.at_once {
            port.wait_until(begin + paced(pulse.due, speed)).await;
        }
        if struck.unplugged {
            port.unplug(paced(ABSENCE, speed)).await?;
        }
        port.send(&struck.bytes, line).await?;
        left = left.map(|left| left - 1);
    }
    Ok(())
}
