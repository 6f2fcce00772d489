//! `han-exporter` without a command: a task reads each meter into the hub, and outlets show what the hub knows.
//!
//! It is the only place that knows both where bytes come from and where readings go.

mod reader;
mod readers;
mod stall;
mod watchdog;

use std::fmt;
use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};

use crate::config::{Config, Listen, ServeArgs};
use crate::http::{self, BindError, Hosts, Listener};
use crate::hub::Hub;
use crate::outlet::health::{self, Health};
use crate::outlet::page::Page;
use crate::outlet::prometheus::{Metrics, Reloads};
use crate::outlet::{self, Route};
use crate::platform::runtime::{self, Stop};
use crate::platform::{hostname, limits, log, process, systemd, version};
use readers::Readers;
use watchdog::Watchdog;

/// Why the exporter ended or could not start.
#[derive(Debug)]
pub enum Error {
    /// It cannot listen on an address.
    Listen(BindError),
    /// The system refused a thread.
    Thread(io::Error),
    /// The system refused a timer, a signal handler or the like.
    System(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Listen(error) => error.fmt(f),
            Error::Thread(error) => write!(
                f,
                "the system refuses a second thread: {error}; allow this user or service more of them (ulimit -u, \
                 TasksMax=)"
            ),
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
    limits::raise_open_files();
    runtime::run(serve(args, config))?
}

async fn serve(args: &ServeArgs, config: Config) -> Result<(), Error> {
    log::start(config.log).map_err(Error::Thread)?;
    let mut stop = Stop::new()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let listeners = listen(&config.listen)?;
    info!(version = version::VERSION, revision = version::REVISION, "Starting han-exporter");
    warn_of_root();
    warn_of_doubts(&config);
    for listener in &listeners {
        info!(address = listener.address(), "Listening");
    }
    let hub = Hub::default();
    let reloads = Reloads::default();
    let mut watchdog = Watchdog::from_environment();
    tokio::spawn(health::report_status(hub.clone(), |sentence| report(systemd::status(sentence))));
    tokio::spawn(outlet::log::report(hub.clone(), outlet::log::write));
    tokio::spawn(hub.clone().watch_ages());
    let routes = routes(&hub, &config, &reloads);
    let limits = http::Limits { requests: config.web.max_requests, ..http::Limits::default() };
    let hosts = Hosts::default();
    allow(&hosts, &config);
    let (stop_server, stopped) = tokio::sync::oneshot::channel::<()>();
    let answer = move |request| outlet::answer(&routes, &request);
    let server =
        tokio::spawn(http::serve(listeners, limits, hosts.clone(), watchdog.heartbeat(), answer, async {
            let _ = stopped.await;
        }));
    protect(&config);
    let mut readers = Readers::start(hub, &config, &mut watchdog).await;
    report(systemd::ready());
    loop {
        tokio::select! {
            () = stop.wait() => break,
            _ = hangup.recv() => {
                report(systemd::reloading());
                reload(args, &hosts, &mut readers, &reloads, &mut watchdog).await;
                report(systemd::ready());
            }
            () = watchdog.due() => if watchdog.all_moved() {
                report(systemd::alive());
            },
        }
    }
    info!("Stopping");
    report(systemd::stopping());
    let _ = stop_server.send(());
    // The readers end first: a serial port is given back before the last answer is out.
    readers.stop().await;
    let _ = server.await;
    Ok(())
}

/// The outlets that answer requests. A path belongs to the first that takes it.
fn routes(hub: &Hub, config: &Config, reloads: &Reloads) -> Vec<Box<dyn Route>> {
    let path = &config.web.telemetry_path;
    vec![
        Box::new(Metrics::new(hub.clone(), path, reloads, !config.web.disable_exporter_metrics)),
        Box::new(Page { hub: hub.clone(), telemetry_path: path.clone() }),
        Box::new(Health { hub: hub.clone() }),
    ]
}

/// Browsers may ask under the names of this computer and those of the configuration.
fn allow(hosts: &Hosts, config: &Config) {
    let own = hostname::own();
    let own = own.iter().filter_map(|name| name.parse().ok());
    hosts.allow(own.chain(config.allowed_hosts.iter().cloned()));
}

fn listen(listen: &Listen) -> Result<Vec<Listener>, Error> {
    match listen {
        Listen::Systemd => Listener::passed(),
        Listen::Addresses(addresses) => addresses.iter().map(Listener::bind).collect(),
    }
    .map_err(Error::Listen)
}

async fn reload(
    args: &ServeArgs,
    hosts: &Hosts,
    readers: &mut Readers,
    reloads: &Reloads,
    watchdog: &mut Watchdog,
) {
    match Config::load(args) {
        Ok(config) => {
            protect(&config);
            warn_of_doubts(&config);
            allow(hosts, &config);
            readers.adopt(&config, watchdog).await;
            reloads.succeeded();
            info!("Configuration reloaded");
        }
        Err(error) => {
            error!(%error, "Reload failed, keeping the previous configuration");
            reloads.failed();
        }
    }
}

/// Keeps keys out of core dumps. Not earlier than the files of /proc are open: it closes some of them to other users.
fn protect(config: &Config) {
    if config.has_keys()
        && let Err(error) = process::forbid_dumps()
    {
        warn!(%error, "Core dumps would contain the keys");
    }
}

/// A notification that systemd does not take is no reason to stop reading.
fn report(notified: io::Result<()>) {
    if let Err(error) = notified {
        warn!(%error, "Cannot notify systemd");
    }
}

fn warn_of_root() {
    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        warn!("Running as root, which is not needed: members of the group dialout may open serial ports");
    }
}

fn warn_of_doubts(config: &Config) {
    config.doubts().for_each(|doubt| warn!(doubt, "Probably a mistake"));
}
