//! The HTTP server: bounded in connections, memory and patience, whatever the other side does.
//!
//! It knows no routes: a handler answers each GET and HEAD.

mod body;
mod connection;
mod link;
mod listen;
mod stream;

use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::task::Poll;
use std::time::Duration;

use hyper::http::request::Parts;
use hyper::http::response::Response;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep, sleep_until};

pub use body::Body;
pub use listen::{BindError, Listener};

use connection::{Server, converse};
use link::Link;
use stream::Stream;

use crate::platform::heartbeat::Heartbeat;
use crate::platform::log::Repeats;

/// What the server grants its clients.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections held; one more costs the longest waiting one its place.
    pub connections: usize,
    /// Answers being given at a time, 0 for any number (`--web.max-requests`).
    pub requests: usize,
    /// Time for a request's head from its first byte on; a new connection has as long to send that one.
    pub head: Duration,
    /// Time a connection may rest between two requests: longer than any scrape interval.
    pub idle: Duration,
    /// Time for an answer to be taken.
    pub answer: Duration,
    /// Time left to answers under way when the server is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            requests: 40,
            head: Duration::from_secs(5),
            idle: Duration::from_secs(120),
            answer: Duration::from_secs(10),
            grace: Duration::from_millis(500),
        }
    }
}

/// Serves until `shutdown` is done; answers under way are finished, within the grace.
///
/// The server wakes up without clients only for a `heartbeat` that somebody watches.
pub async fn serve<H, F>(
    listeners: Vec<Listener>,
    limits: Limits,
    mut heartbeat: Heartbeat,
    handler: H,
    shutdown: impl Future<Output = ()>,
) where
    H: Fn(Parts) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let mut shutdown = pin!(shutdown);
    let mut connections = Connections::new(limits, handler);
    let mut pause = None;
    let mut turn = 0;
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            () = heartbeat.due() => {}
            () = end_of(pause), if pause.is_some() => pause = None,
            accepted = accept(&listeners, &mut turn), if pause.is_none() => match accepted {
                Ok(stream) => {
                    connections.admit(stream);
                    if connections.crowded() {
                        // Those who have already gone are seen only when their tasks had a turn.
                        yield_now().await;
                    }
                }
                Err(error) => pause = connections.survive(&error).await,
            },
        }
        heartbeat.beat();
    }
    drop(listeners);
    connections.finish().await;
}

async fn end_of(pause: Option<Instant>) {
    if let Some(end) = pause {
        sleep_until(end).await;
    }
}

/// Takes the next connection, from each listener in turn so that none starves another.
async fn accept(listeners: &[Listener], turn: &mut usize) -> io::Result<Stream> {
    poll_fn(|context| {
        for _ in 0..listeners.len() {
            *turn = (*turn + 1) % listeners.len();
            if let Poll::Ready(accepted) = listeners[*turn].poll_accept(context) {
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    })
    .await
}

/// How long to leave a full descriptor table alone before the next try.
const RECOVERY: Duration = Duration::from_millis(200);

struct Connections<H> {
    server: Arc<Server<H>>,
    held: Vec<Held>,
    answering: Arc<AtomicUsize>,
    epoch: std::time::Instant,
    complaints: Repeats<Option<i32>>,
}

struct Held {
    task: JoinHandle<()>,
    link: Arc<Link>,
}

impl<H, F> Connections<H>
where
    H: Fn(Parts) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    fn new(limits: Limits, handler: H) -> Self {
        Self {
            held: Vec::with_capacity(limits.connections),
            server: Arc::new(Server::new(limits, handler)),
            answering: Arc::default(),
            epoch: std::time::Instant::now(),
            complaints: Repeats::per_minute(),
        }
    }

    fn admit(&mut self, stream: Stream) {
        self.forget_finished();
        if self.held.len() >= self.server.limits.connections && self.shed().is_none() {
            return stream.refuse();
        }
        let link = Arc::new(Link::new(self.answering.clone(), self.epoch));
        let task = tokio::spawn(converse(stream, link.clone(), self.server.clone()));
        self.held.push(Held { task, link });
    }

    /// Judges a failed accept: the client's trouble is none of ours, a lack of descriptors or memory needs a pause.
    async fn survive(&mut self, error: &io::Error) -> Option<Instant> {
        use ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, NetworkDown, NetworkUnreachable};
        if matches!(
            error.kind(),
            ConnectionAborted | ConnectionReset | Interrupted | NetworkDown | NetworkUnreachable
        ) {
            return None;
        }
        if let Some(suppressed) = self.complaints.admit(error.raw_os_error(), std::time::Instant::now()) {
            tracing::warn!(%error, suppressed, "Cannot accept connections, retrying; meters are still read");
        }
        self.forget_finished();
        let Some(ended) = self.shed() else { return Some(Instant::now() + RECOVERY) };
        // Its descriptor is free when its task is gone.
        let _ = ended.await;
        None
    }

    fn crowded(&self) -> bool {
        self.held.len() > self.server.limits.connections / 2
    }

    fn forget_finished(&mut self) {
        self.held.retain(|held| !held.task.is_finished());
    }

    /// Ends the connection that can be spared best, if any.
    fn shed(&mut self) -> Option<JoinHandle<()>> {
        let waiting = self.held.iter().enumerate().filter_map(|(at, held)| Some((held.link.patience()?, at)));
        let (_, at) = waiting.min()?;
        let Held { task, .. } = self.held.swap_remove(at);
        task.abort();
        Some(task)
    }
}

impl<H> Connections<H> {
    async fn finish(mut self) {
        let end = Instant::now() + self.server.limits.grace;
        while self.end_waiting() && Instant::now() < end {
            sleep(Duration::from_millis(5)).await;
        }
        for held in &mut self.held {
            held.task.abort();
            let _ = (&mut held.task).await;
        }
    }

    /// Ends what waits for a request and tells whether answers are still under way.
    fn end_waiting(&self) -> bool {
        let mut answering = false;
        for held in &self.held {
            if held.link.patience().is_some() {
                held.task.abort();
            } else {
                answering |= !held.task.is_finished();
            }
        }
        answering
    }
}

impl<H> Drop for Connections<H> {
    fn drop(&mut self) {
        for held in &self.held {
            held.task.abort();
        }
    }
}
