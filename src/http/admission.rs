//! Who is served and who is refused: connections, requests and streams have a limit each, and this is the one place
//! that counts them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::response::Response;
use hyper::{Method, StatusCode};
use tokio::io::AsyncWrite;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::activity::Activity;
use super::body::{Body, response};
use super::limits::Limits;
use super::socket::Socket;

/// The limits of requests and streams, and what is left of them.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) limits: Limits,
    requests: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        let slots = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        let requests = if limits.requests == 0 { usize::MAX } else { limits.requests };
        Self { requests: slots(requests), streams: slots(limits.streams), limits }
    }

    /// A slot for the answer to a request, or the refusal.
    pub(super) fn request(&self, head: &Parts) -> Result<OwnedSemaphorePermit, Refusal> {
        let slot = self.requests.clone().try_acquire_owned();
        let slot = slot.map_err(|_| Refusal::Requests(self.limits.requests))?;
        if head.method == Method::GET || head.method == Method::HEAD {
            Ok(slot)
        } else {
            Err(Refusal::Method)
        }
    }

    /// A slot for a stream, or the refusal.
    pub(super) fn stream(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let slot = self.streams.clone().try_acquire_owned();
        slot.map_err(|_| Refusal::Streams(self.limits.streams))
    }
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    /// So many answers are under way.
    Requests(usize),
    /// So many streams are open.
    Streams(usize),
    /// It is neither GET nor HEAD.
    Method,
}

impl Refusal {
    pub(super) fn response(self) -> Response<Body> {
        match self {
            Self::Requests(limit) => overloaded(&format!("Limit of concurrent requests reached ({limit})")),
            Self::Streams(limit) => overloaded(&format!("Limit of open streams reached ({limit})")),
            Self::Method => {
                let sentence = "Only GET and HEAD work here.\n".to_owned();
                let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, sentence);
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
                response
            }
        }
    }
}

/// Refuses a connection in one packet, without ever waiting for the client.
pub(super) fn refuse(mut socket: Box<dyn Socket>) {
    const SENTENCE: &str = "Too many connections open, try again later.";
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\n\r\n{SENTENCE}",
        SENTENCE.len()
    );
    let _ = Pin::new(&mut socket).poll_write(&mut Context::from_waker(Waker::noop()), answer.as_bytes());
}

fn overloaded(sentence: &str) -> Response<Body> {
    plain(StatusCode::SERVICE_UNAVAILABLE, format!("{sentence}, try again later.\n"))
}

fn plain(status: StatusCode, sentence: String) -> Response<Body> {
    response(status, "text/plain; charset=utf-8", sentence)
}

/// The open connections.
#[derive(Debug)]
pub(super) struct Connections {
    limit: usize,
    open: Vec<Connection>,
}

#[derive(Debug)]
struct Connection {
    task: JoinHandle<()>,
    activity: Arc<Activity>,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, open: Vec::with_capacity(limit) }
    }

    /// Whether there is room for one more, if need be in place of one that waits.
    pub(super) fn make_room(&mut self) -> bool {
        self.forget_ended();
        self.open.len() < self.limit || self.shed().is_some()
    }

    pub(super) fn add(&mut self, task: JoinHandle<()>, activity: Arc<Activity>) {
        self.open.push(Connection { task, activity });
    }

    /// Whether so many are open that those that have ended should be looked for.
    pub(super) fn crowded(&self) -> bool {
        self.open.len() > self.limit / 2
    }

    /// Gives a descriptor back by ending a waiting connection; false if none waits.
    pub(super) async fn free_descriptor(&mut self) -> bool {
        self.forget_ended();
        let Some(ended) = self.shed() else { return false };
        // The descriptor is free when the task is gone.
        let _ = ended.await;
        true
    }

    fn forget_ended(&mut self) {
        self.open.retain(|connection| !connection.task.is_finished());
    }

    /// Ends the connection that can be spared best, if any.
    fn shed(&mut self) -> Option<JoinHandle<()>> {
        let ranks = self.open.iter().map(|connection| connection.activity.rank()).enumerate();
        let (_, index) = ranks.filter_map(|(index, rank)| Some((rank?, index))).min()?;
        let Connection { task, .. } = self.open.swap_remove(index);
        task.abort();
        Some(task)
    }

    /// Ends all of them; answers under way are finished, within the grace.
    pub(super) async fn finish(mut self, limits: &Limits) {
        let end = Instant::now() + limits.grace;
        while self.end_all_but_answers(limits.arrival) && Instant::now() < end {
            sleep(Duration::from_millis(5)).await;
        }
        for connection in &mut self.open {
            connection.task.abort();
            let _ = (&mut connection.task).await;
        }
    }

    /// Ends what waits or streams, and tells whether answers are under way.
    fn end_all_but_answers(&mut self, arrival: Duration) -> bool {
        self.forget_ended();
        let mut answering = false;
        for Connection { task, activity } in &self.open {
            if activity.is_under_way(arrival) {
                answering = true;
            } else {
                task.abort();
            }
        }
        answering
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        for connection in &self.open {
            connection.task.abort();
        }
    }
}
