//! The main job: every meter is read by a task of its own, and one server shows them all.
//!
//! It is the only place that knows both where bytes come from and where readings go.

mod meters;
mod reader;
mod watchdog;

use std::fmt;
use std::future::ready;
use std::io;
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use crate::config::{Config, Listen, ServeArgs};
use crate::http::{self, BindError, Listener};
use crate::outlet::prometheus::exporter::Reload;
use crate::outlet::web::{Shown, Web};
use crate::platform::process::Process;
use crate::platform::systemd;
use crate::platform::version;
use meters::Readers;
use watchdog::Watchdog;

/// Why the main job ended, or never began.
#[derive(Debug)]
pub enum Error {
    /// An address to listen on could not be had.
    Listen(BindError),
    /// The system refused something that every program may have.
    System(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Listen(error) => error.fmt(f),
            Error::System(error) => write!(f, "the system refuses to run an event loop: {error}"),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::System(error)
    }
}

/// Reads the meters and serves their metrics until SIGTERM or SIGINT. `args` is read again at SIGHUP.
pub fn run(args: &ServeArgs, config: Config) -> Result<(), Error> {
    // One thread: a Raspberry Pi Zero has one core.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(serve(args, config));
    // A read of standard input may wait for ever.
    runtime.shutdown_background();
    ended
}

async fn serve(args: &ServeArgs, config: Config) -> Result<(), Error> {
    let mut signals = Signals::new()?;
    let listeners = listen(&config.listen)?;
    info!(version = version::VERSION, revision = version::REVISION, "Starting han-exporter");
    warn_of_root();
    let mut watchdog = Watchdog::from_environment();
    let mut readers = Readers::start(&config, &mut watchdog);
    let reload = Reload { successful: true, succeeded: SystemTime::now() };
    let shown = Arc::new(RwLock::new(Shown { meters: readers.meters(), reload }));
    let web = Web {
        shown: Arc::clone(&shown),
        telemetry_path: config.web.telemetry_path.clone(),
        process: (!config.web.disable_exporter_metrics).then(Process::new),
    };
    for listener in &listeners {
        info!(address = listener.address(), "Listening");
    }
    let limits = http::Limits { requests: config.web.max_requests, ..http::Limits::default() };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = http::serve(
        listeners,
        limits,
        watchdog.heartbeat(),
        move |request| ready(web.answer(&request)),
        async {
            let _ = stopped.await;
        },
    );
    let server = tokio::spawn(server);
    report(systemd::ready());
    loop {
        tokio::select! {
            wish = signals.next() => match wish {
                Wish::Stop => break,
                Wish::Reload => {
                    report(systemd::reloading());
                    reread(args, &mut readers, &shown, &mut watchdog);
                    report(systemd::ready());
                }
            },
            () = watchdog.due() => if watchdog.all_moved() {
                report(systemd::alive());
            },
            sentence = readers.changed() => report(systemd::status(&sentence)),
        }
    }
    info!("Stopping");
    report(systemd::stopping());
    let _ = stop.send(());
    // The readers end first: a serial port is given back before the last answer is out.
    readers.stop().await;
    let _ = server.await;
    Ok(())
}

fn listen(listen: &Listen) -> Result<Vec<Listener>, Error> {
    match listen {
        Listen::Systemd => Listener::passed().map_err(Error::Listen),
        Listen::Addresses(addresses) => addresses
            .iter()
            .map(|address| Listener::bind(&address.to_string()).map_err(Error::Listen))
            .collect(),
    }
}

fn reread(args: &ServeArgs, readers: &mut Readers, shown: &RwLock<Shown>, watchdog: &mut Watchdog) {
    let mut next = shown.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    match Config::load(args) {
        Ok(config) => {
            readers.adopt(&config, watchdog);
            next = Shown {
                meters: readers.meters(),
                reload: Reload { successful: true, succeeded: SystemTime::now() },
            };
            info!("Configuration read again; addresses to listen on change only at a restart");
        }
        Err(error) => {
            error!(%error, "Configuration not changed");
            next.reload.successful = false;
        }
    }
    *shown.write().unwrap_or_else(std::sync::PoisonError::into_inner) = next;
}

/// systemd not listening is no reason to stop reading.
fn report(said: io::Result<()>) {
    if let Err(error) = said {
        warn!(%error, "Cannot notify systemd");
    }
}

fn warn_of_root() {
    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        warn!(
            "Running as root, which nothing here needs: a member of the group dialout may open serial ports"
        );
    }
}

/// What a signal asks for.
enum Wish {
    Stop,
    Reload,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.terminate.recv() => Wish::Stop,
            _ = self.interrupt.recv() => Wish::Stop,
            _ = self.hangup.recv() => Wish::Reload,
        }
    }
}
