//! The HTTP server: connections, memory and waiting times are bounded, whatever the clients do.
//!
//! It knows no routes: a handler answers each GET and HEAD.

mod activity;
mod address;
mod admission;
mod body;
mod connection;
mod host;
mod limits;
mod listener;
mod refusal;
mod socket;

use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::http::request::Parts;
use hyper::http::response::Response;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

pub use address::ListenAddress;
pub use body::{Body, response};
pub use host::{HostName, Hosts};
pub use limits::Limits;
pub use listener::{BindError, Listener};

use activity::Activity;
use admission::Connections;
use connection::Service;
use socket::Socket;

use crate::platform::heartbeat::Heartbeat;
use crate::platform::log::Repeats;

/// How long to wait when descriptors are used up and none can be freed.
const RECOVERY: Duration = Duration::from_millis(200);

/// Serves until `shutdown` is done; answers under way are finished, within the grace.
///
/// The server wakes up without clients only for a `heartbeat` that somebody watches.
pub async fn serve<H, F>(
    listeners: Vec<Listener>,
    limits: Limits,
    hosts: Hosts,
    mut heartbeat: Heartbeat,
    handler: H,
    shutdown: impl Future<Output = ()>,
) where
    H: Fn(Parts) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let connections = Connections::new(limits.connections);
    let service = Arc::new(Service::new(limits, hosts, &connections, handler));
    let mut failures = Repeats::per_minute();
    let mut shutdown = pin!(shutdown);
    let mut pause = None;
    let mut turn = 0;
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            () = heartbeat.due() => {}
            () = sleep_until(pause.unwrap_or_else(Instant::now)), if pause.is_some() => pause = None,
            accepted = accept(&listeners, &mut turn), if pause.is_none() => match accepted {
                Ok(socket) if connections.make_room() => {
                    let activity = Arc::new(Activity::new());
                    let task = tokio::spawn(connection::serve(socket, activity.clone(), service.clone()));
                    connections.add(task, activity);
                    if connections.crowded() {
                        // A connection's end is noticed only when its task has had a turn.
                        yield_now().await;
                    }
                }
                Ok(socket) => refusal::refuse(socket),
                Err(error) if concerns_only_the_client(&error) => {}
                Err(error) => {
                    report(&error, &mut failures);
                    if !connections.free_descriptor().await {
                        pause = Some(Instant::now() + RECOVERY);
                    }
                }
            },
        }
        heartbeat.beat();
    }
    drop(listeners);
    connections.finish(service.limits()).await;
}

/// Takes the next connection, from each listener in turn so that none starves another.
async fn accept(listeners: &[Listener], turn: &mut usize) -> io::Result<Box<dyn Socket>> {
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

/// Whether a failed accept means that a client is gone, and not that descriptors or memory are lacking.
fn concerns_only_the_client(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, NetworkDown, NetworkUnreachable};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted | NetworkDown | NetworkUnreachable
    )
}

fn report(error: &io::Error, failures: &mut Repeats<Option<i32>>) {
    if let Some(suppressed) = failures.admit(error.raw_os_error(), std::time::Instant::now()) {
        tracing::warn!(%error, suppressed, "Cannot accept connections, retrying; meters are still read");
    }
}
