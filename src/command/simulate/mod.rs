//! The command `simulate`: a simulated meter on a pseudo-terminal, on a socket or on standard output.

mod adapter;
mod announce;
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

use tokio::time::Instant;

pub use args::{SimulateArgs, help};
pub use fault::{Damaged, Fault, Injector, Rates};

use crate::http::ListenAddress;
use crate::platform::runtime::{self, Stop};
use crate::simulator::{KEYS, Simulated, paced};
use polled::PolledMeter;
use port::Port;

/// What to simulate, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The meter, its speed and its seed.
    pub meter: Simulated,
    /// Where it is connected.
    pub endpoint: Endpoint,
    /// Whether frames are sent as fast as they are taken, and not when they are due. For standard output only.
    pub at_once: bool,
    /// Number of frames after which it ends; `None`: never.
    pub count: Option<u64>,
    /// What is damaged, and how often.
    pub faults: Rates,
}

/// Where a simulated meter is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A pseudo-terminal, and the path of a symbolic link to it.
    Pty { link: Option<PathBuf> },
    /// A socket that listens at this address.
    Tcp(ListenAddress),
    /// Standard output.
    Stdout,
}

/// Why the command fails.
#[derive(Debug)]
pub enum Error {
    /// It cannot listen at the address.
    Listen { address: ListenAddress, error: io::Error },
    /// The system has no pseudo-terminal left.
    Pty(io::Error),
    /// The symbolic link cannot be made.
    Link { path: PathBuf, error: io::Error },
    /// The system does not allow an event loop.
    System(io::Error),
    /// Standard output cannot be written to.
    Stdout(io::Error),
    /// The options do not fit together, as the sentence says.
    Unfit(String),
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
                write!(f, "{path} exists and is not a symbolic link: remove it, or choose another --link")
            }
            Error::Link { path, error } => {
                write!(f, "cannot make the link {}: {error}; choose another --link", path.display())
            }
            Error::System(error) => write!(f, "cannot run an event loop: {error}"),
            Error::Stdout(error) => write!(f, "cannot write to standard output: {error}"),
            Error::Unfit(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Error {}

/// Simulates a meter until it is interrupted or all frames are sent.
pub fn main(options: Options) -> Result<(), Error> {
    runtime::run(async {
        runtime::check_thread().map_err(Error::System)?;
        let mut stop = Stop::new().map_err(Error::System)?;
        run(options, stop.wait()).await
    })
    .map_err(Error::System)?
}

/// Simulates a meter until `shutdown` or until all frames are sent. It starts at the present time of the host.
pub async fn run(options: Options, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    options.check()?;
    let port = Port::open(&options.endpoint).await?;
    if options.meter.keys().is_some() {
        print_keys();
    }
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let serve = async {
        match options.meter.responder(start) {
            Some(responder) => PolledMeter::new(responder, options, port).serve().await,
            None => push(options, port, start).await,
        }
    };
    let result = tokio::select! {
        result = serve => result,
        () = shutdown => Ok(()),
    };
    match result {
        // A reader such as `head` may stop reading.
        Err(Error::Stdout(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Prints the keys that a reader of the meter needs.
fn print_keys() {
    let [encryption, authentication] = KEYS;
    let line = format!(
        "han-exporter: this meter encrypts; its keys are {encryption:032x} for --key-file and \
         {authentication:032x} for --auth-key-file\n"
    );
    // Whether it can be printed does not matter to the meter.
    let _ = io::stderr().write_all(line.as_bytes());
}

impl Options {
    /// Checks that the options fit together.
    pub fn check(&self) -> Result<(), Error> {
        let unplugs = self.faults.iter().any(|(fault, rate)| *fault == Fault::Unplug && *rate > 0.0);
        let is_polled = self.meter.polled().is_some();
        let of_requests = self.faults.iter().find(|(fault, _)| fault.affects_requests());
        let sentence = match self.endpoint {
            _ if let (false, Some((fault, _))) = (is_polled, of_requests) => {
                format!("--fault {} is for polled meters only, such as kmp382", fault.name())
            }
            Endpoint::Stdout if is_polled => {
                "this meter must be polled: use --to pty or --to tcp:ADDRESS".to_owned()
            }
            Endpoint::Stdout if unplugs => {
                "--fault unplug is for --to pty or --to tcp, not for stdout".to_owned()
            }
            Endpoint::Pty { .. } | Endpoint::Tcp(_) if self.at_once => {
                "--speed max is for --to stdout only; give a number".to_owned()
            }
            _ => return Ok(()),
        };
        Err(Error::Unfit(sentence))
    }
}

/// How long an adapter stays unplugged.
const ABSENCE: Duration = Duration::from_secs(1);

async fn push(options: Options, mut port: Port, start: Duration) -> Result<(), Error> {
    let speed = options.meter.speed();
    let line = (speed <= 1.0 && !options.at_once).then(|| options.meter.line());
    let mut meter = options.meter.meter(start);
    let mut injector = Injector::new(options.faults, options.meter.seed());
    let begin = Instant::now();
    let mut left = options.count;
    while left != Some(0) {
        let frame = meter.next();
        let Some(damaged) = injector.damage(frame.due, frame.bytes) else { continue };
        if !options.at_once {
            port.wait_until(begin + paced(frame.due, speed)).await;
        }
        if damaged.unplugged {
            port.unplug(paced(ABSENCE, speed)).await?;
        }
        port.send(&damaged.bytes, line).await?;
        left = left.map(|left| left - 1);
    }
    Ok(())
}
