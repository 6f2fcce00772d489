//! Who is served and who is refused: connections, requests and streams have a limit each, and this is the one place
//! that counts them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::Method;
use hyper::http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::activity::Activity;
use super::host::Hosts;
use super::limits::Limits;
use super::refusal::Refusal;

use crate::platform::log::Repeats;

/// The limits of requests and streams, and what is left of them.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) limits: Limits,
    requests: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    open: Open,
    hosts: Hosts,
    refusals: Mutex<Repeats<()>>,
}

impl Admission {
    pub(super) fn new(limits: Limits, hosts: Hosts, connections: &Connections) -> Self {
        let slots = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        let requests = if limits.requests == 0 { usize::MAX } else { limits.requests };
        Self {
            requests: slots(requests),
            streams: slots(limits.streams),
            open: connections.open.clone(),
            hosts,
            refusals: Mutex::new(Repeats::per_minute()),
            limits,
        }
    }

    /// A slot for the answer to a request, or the refusal. Unless the request is pipelined, the slot may be that of the
    /// answer that its client has left unread longest.
    pub(super) fn request(&self, head: &Parts, pipelined: bool) -> Result<OwnedSemaphorePermit, Refusal> {
        self.hosts.check(head).inspect_err(|refusal| self.report(refusal))?;
        if head.method != Method::GET && head.method != Method::HEAD {
            return Err(Refusal::Method);
        }
        let slot = self.requests.clone().try_acquire_owned().ok();
        let slot = slot.or_else(|| if pipelined { None } else { self.open.shed_longest_unread() });
        slot.ok_or(Refusal::Requests(self.limits.requests))
    }

    /// A slot for a stream, or the refusal.
    pub(super) fn stream(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let slot = self.streams.clone().try_acquire_owned();
        slot.map_err(|_| Refusal::Streams(self.limits.streams))
    }

    /// The log names the option too: a page within another may not show the answer.
    fn report(&self, refusal: &Refusal) {
        let Refusal::Name(host) = refusal else { return };
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(suppressed) = refusals.admit((), std::time::Instant::now()) {
            tracing::warn!(
                host,
                suppressed,
                "Refused a browser; if the name is yours, allow it with --web.allowed-host"
            );
        }
    }
}

/// The open connections, as the accept loop sees them.
#[derive(Debug)]
pub(super) struct Connections {
    limit: usize,
    open: Open,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, open: Open::default() }
    }

    /// Whether there is room for one more, if need be in place of one that can be spared.
    pub(super) fn make_room(&self) -> bool {
        self.open.forget_ended();
        self.open.connections().len() < self.limit || self.open.shed().is_some()
    }

    pub(super) fn add(&self, task: JoinHandle<()>, activity: Arc<Activity>) {
        self.open.connections().push(Connection { task, activity });
    }

    /// Whether so many are open that those that have ended should be looked for.
    pub(super) fn crowded(&self) -> bool {
        self.open.connections().len() > self.limit / 2
    }

    /// Gives a descriptor back by ending a connection; false if none can be spared.
    pub(super) async fn free_descriptor(&self) -> bool {
        self.open.forget_ended();
        let Some(ended) = self.open.shed() else { return false };
        // The descriptor is free when the task is gone.
        let _ = ended.await;
        true
    }

    /// Ends all of them; answers under way are finished, within the grace.
    pub(super) async fn finish(self, limits: &Limits) {
        let end = Instant::now() + limits.grace;
        while self.open.end_all_but_answers(limits.arrival) && Instant::now() < end {
            sleep(Duration::from_millis(5)).await;
        }
        let rest = std::mem::take(&mut *self.open.connections());
        for connection in rest {
            connection.task.abort();
            let _ = connection.task.await;
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        for connection in &*self.open.connections() {
            connection.task.abort();
        }
    }
}

/// The open connections, shared by the accept loop and the requests on them.
#[derive(Clone, Debug, Default)]
struct Open(Arc<Mutex<Vec<Connection>>>);

#[derive(Debug)]
struct Connection {
    task: JoinHandle<()>,
    activity: Arc<Activity>,
}

impl Open {
    fn connections(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_ended(&self) {
        self.connections().retain(|connection| !connection.task.is_finished());
    }

    /// Ends the connection that can be spared best, if any.
    fn shed(&self) -> Option<JoinHandle<()>> {
        self.end_lowest(Activity::rank).map(|ended| ended.task)
    }

    /// Ends the connection whose client has left an answer unread longest, if any, and hands over its slot.
    fn shed_longest_unread(&self) -> Option<OwnedSemaphorePermit> {
        self.end_lowest(Activity::occupies_unread)?.activity.take_slot()
    }

    /// Ends the connection with the lowest rank, if any has one.
    fn end_lowest<R: Ord>(&self, rank: impl Fn(&Activity) -> Option<R>) -> Option<Connection> {
        let mut connections = self.connections();
        let ranks = connections.iter().map(|connection| rank(&connection.activity)).enumerate();
        let (_, index) = ranks.filter_map(|(index, rank)| Some((rank?, index))).min()?;
        let ended = connections.swap_remove(index);
        ended.task.abort();
        Some(ended)
    }

    /// Ends what waits or streams, and tells whether answers are under way.
    fn end_all_but_answers(&self, arrival: Duration) -> bool {
        self.forget_ended();
        let mut answering = false;
        for Connection { task, activity } in &*self.connections() {
            if activity.is_under_way(arrival) {
                answering = true;
            } else {
                task.abort();
            }
        }
        answering
    }
}
