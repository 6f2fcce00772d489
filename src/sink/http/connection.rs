//! One connection from its first octet to its end.

use std::convert::Infallible;
use std::future::{Future, Ready, poll_fn, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::response::Response;
use hyper::rt::{Sleep, Timer};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::Limits;
use super::body::{Body, Tracked};
use super::link::Link;
use super::stream::{Stream, Watched};

/// What all connections share.
pub(super) struct Server<H> {
    pub(super) limits: Limits,
    handler: H,
}

impl<H: Fn(&Parts) -> Response<Body>> Server<H> {
    pub(super) fn new(limits: Limits, handler: H) -> Self {
        Self { limits, handler }
    }

    fn answer(&self, request: Request<Incoming>, link: &Arc<Link>) -> Response<Tracked> {
        let (head, body) = request.into_parts();
        let has_body = !hyper::body::Body::is_end_stream(&body);
        let answering = link.asked(has_body);
        let mut response = if self.limits.requests > 0 && answering > self.limits.requests {
            overloaded(self.limits.requests)
        } else if head.method == Method::GET || head.method == Method::HEAD {
            (self.handler)(&head)
        } else {
            not_allowed()
        };
        if has_body {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.map(|body| Tracked { body, link: link.clone() })
    }
}

/// Serves one connection until either side has had enough.
pub(super) async fn converse<H>(mut stream: Stream, link: Arc<Link>, server: Arc<Server<H>>)
where
    H: Fn(&Parts) -> Response<Body> + Send + Sync + 'static,
{
    // hyper sets 16 KB aside for every connection: those who never speak are not worth it.
    let mut first = Vec::with_capacity(USUAL_HEAD);
    if !matches!(timeout(server.limits.head, stream.read_buf(&mut first)).await, Ok(Ok(1..))) {
        return;
    }
    link.received();
    let watched = TokioIo::new(Watched::new(stream, first, link.clone(), server.limits.answer));
    let service = {
        let (link, server) = (link.clone(), server.clone());
        service_fn(move |request| -> Ready<Result<_, Infallible>> {
            ready(Ok(server.answer(request, &link)))
        })
    };
    let mut connection = protocol(&server.limits, &link).serve_connection(watched, service);
    let outcome = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    link.rest();
    if link.body_ignored() || outcome.is_err_and(|error| error.is_parse()) {
        connection.into_parts().io.into_inner().stream.linger().await;
    }
}

/// What a scraper's head fits in.
const USUAL_HEAD: usize = 1024;
/// The longest head of a request: ten times what a browser behind a proxy sends.
const LONGEST_HEAD: usize = 16 * 1024;

fn protocol(limits: &Limits, link: &Arc<Link>) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(Patience { link: link.clone(), head: limits.head })
        .header_read_timeout(limits.idle)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(LONGEST_HEAD);
    builder
}

fn overloaded(limit: usize) -> Response<Body> {
    let sentence = format!("Limit of concurrent requests reached ({limit}), try again later.\n");
    plain(StatusCode::SERVICE_UNAVAILABLE, sentence)
}

fn not_allowed() -> Response<Body> {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD work here.\n".to_owned());
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

fn plain(status: StatusCode, sentence: String) -> Response<Body> {
    let mut response = Response::new(Body::from(sentence));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

/// The timer hyper asks for the end of a head.
///
/// hyper counts from the end of the last answer, so that its one limit is also that of a resting connection. Here
/// the limit it asks for is the rest's, and the head's own begins with the head.
struct Patience {
    link: Arc<Link>,
    head: Duration,
}

impl Timer for Patience {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let sleep = Box::pin(tokio::time::sleep_until(deadline.into()));
        Box::pin(Deadline { link: self.link.clone(), head: Some(self.head), sleep })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

struct Deadline {
    link: Arc<Link>,
    head: Option<Duration>,
    sleep: Pin<Box<tokio::time::Sleep>>,
}

impl Sleep for Deadline {}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.link.head_begun()
            && let Some(head) = this.head.take()
        {
            this.sleep.as_mut().reset(tokio::time::Instant::now() + head);
        }
        this.sleep.as_mut().poll(context)
    }
}
