//! One connection from its first byte to its end, spoken by hyper.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use hyper::Request;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::activity::Activity;
use super::admission::{Admission, Connections};
use super::body::Body;
use super::host::Hosts;
use super::limits::Limits;
use super::refusal::Refusal;
use super::socket::{Observed, Socket, linger};

/// The longest head of a request: ten times what a browser behind a proxy sends.
const LONGEST_HEAD: usize = 16 * 1024;

/// How many turns other tasks get before a pipelined request is answered: no scraper pipelines, and a crowd that does
/// must not delay scrapes.
const TURNS: usize = 16;

/// What all connections share.
pub(super) struct Service<H> {
    admission: Admission,
    handler: H,
    protocol: http1::Builder,
}

impl<H, F> Service<H>
where
    H: Fn(Parts) -> F,
    F: Future<Output = Response<Body>>,
{
    pub(super) fn new(limits: Limits, hosts: Hosts, connections: &Connections, handler: H) -> Self {
        let mut protocol = http1::Builder::new();
        // A client may close its sending side once its request is out.
        protocol.half_close(true).max_header_size(LONGEST_HEAD).max_buf_size(LONGEST_HEAD);
        Self { admission: Admission::new(limits, hosts, connections), handler, protocol }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.admission.limits
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        activity: &Arc<Activity>,
    ) -> Result<Response<Body>, Infallible> {
        let (head, body) = request.into_parts();
        let pipelined = activity.requested();
        // Other clients and the meters get their turn between the answers to thousands of pipelined requests.
        for _ in 0..if pipelined { TURNS } else { 1 } {
            yield_now().await;
        }
        let mut response = self.admit(head, pipelined, activity).await.unwrap_or_else(Refusal::response);
        protect(response.headers_mut());
        if !body.is_end_stream() {
            // The body is not read, so the beginning of the next request is not known.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.body_mut().activity = Some(activity.clone());
        Ok(response)
    }

    async fn admit(
        &self,
        head: Parts,
        pipelined: bool,
        activity: &Activity,
    ) -> Result<Response<Body>, Refusal> {
        activity.occupy(self.admission.request(&head, pipelined)?, false);
        let response = (self.handler)(head).await;
        if response.body().is_stream() {
            activity.occupy(self.admission.stream()?, true);
        }
        Ok(response)
    }
}

/// Answers are nobody else's: no cache keeps them, and no browser takes them for what they are not.
fn protect(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Serves a connection until the client closes it or a deadline passes.
///
/// hyper's own timeout cannot tell a client that rests between two scrapes from one that does not finish a head, and it
/// has none for an answer that is not taken. So one timer follows what the connection does.
pub(super) async fn serve<H, F>(socket: Box<dyn Socket>, activity: Arc<Activity>, service: Arc<Service<H>>)
where
    H: Fn(Parts) -> F,
    F: Future<Output = Response<Body>>,
{
    let limits = service.limits();
    let io = TokioIo::new(Observed { socket, activity: activity.clone() });
    let answer = service_fn(|request| Box::pin(service.answer(request, &activity)));
    let mut connection = service.protocol.serve_connection(io, answer);
    let mut timer = pin!(sleep(limits.head));
    let in_time = poll_fn(|context| {
        if let Poll::Ready(outcome) = connection.poll_without_shutdown(context) {
            // A request that is none was answered with 400 or 431.
            return Poll::Ready(outcome.map_or_else(|error| error.is_parse(), |()| true));
        }
        let Some(deadline) = activity.deadline(limits) else { return Poll::Pending };
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(context).map(|()| false)
    });
    let in_time = in_time.await;
    activity.over();
    if in_time {
        linger(connection.into_parts().io.into_inner()).await;
    }
}
