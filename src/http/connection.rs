//! One connection from its first byte to its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
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
    protocol: http1::Builder,
}

impl<H, F> Server<H>
where
    H: Fn(Parts) -> F,
    F: Future<Output = Response<Body>>,
{
    pub(super) fn new(limits: Limits, handler: H) -> Self {
        Self { protocol: protocol(limits.head), limits, handler }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        link: &Arc<Link>,
    ) -> Result<Response<Tracked>, Infallible> {
        let (head, body) = request.into_parts();
        let has_body = !hyper::body::Body::is_end_stream(&body);
        let answering = link.asked(has_body);
        let mut response = if self.limits.requests > 0 && answering > self.limits.requests {
            overloaded(self.limits.requests)
        } else if head.method == Method::GET || head.method == Method::HEAD {
            (self.handler)(head).await
        } else {
            not_allowed()
        };
        if has_body {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| Tracked { body, link: link.clone() }))
    }
}

/// Serves one connection until either side has had enough.
///
/// hyper sets 16 KB aside for every connection, so it gets the connection only from a request's head to the end
/// of the answer: between requests, and from those who never finish one, the bytes that came are all there is.
pub(super) async fn converse<H, F>(mut stream: Stream, link: Arc<Link>, server: Arc<Server<H>>)
where
    H: Fn(Parts) -> F,
    F: Future<Output = Response<Body>>,
{
    let mut bytes = Vec::new();
    let mut rest = server.limits.head;
    while await_head(&mut stream, &mut bytes, &link, rest, server.limits.head).await {
        let end;
        (stream, end) = exchange(stream, bytes, &link, &server).await;
        bytes = match end {
            End::Answered { unread } => unread,
            End::Over { gently } => {
                link.rest();
                if gently {
                    stream.linger().await;
                }
                return;
            }
        };
        rest = server.limits.idle;
    }
}

/// How hyper left a connection.
enum End {
    /// Ready for the next request, of which these bytes have come.
    Answered { unread: Vec<u8> },
    /// To be closed, gently if the last answer could be lost otherwise.
    Over { gently: bool },
}

/// Lends the connection to hyper until all requests that have come are answered.
async fn exchange<H, F>(stream: Stream, bytes: Vec<u8>, link: &Arc<Link>, server: &Server<H>) -> (Stream, End)
where
    H: Fn(Parts) -> F,
    F: Future<Output = Response<Body>>,
{
    let watched = TokioIo::new(Watched::new(stream, bytes, link.clone(), server.limits.answer));
    let mut connection = server
        .protocol
        .serve_connection(watched, service_fn(|request| Box::pin(server.answer(request, link))));
    let outcome = poll_fn(|context| match connection.poll_without_shutdown(context) {
        Poll::Pending if link.resting() && !link.body_ignored() => Poll::Ready(None),
        poll => poll.map(Some),
    });
    let outcome = outcome.await;
    let parts = connection.into_parts();
    let (stream, first) = parts.io.into_inner().into_parts();
    let end = match outcome {
        None => End::Answered { unread: [&parts.read_buf[..], &first].concat() },
        Some(outcome) => {
            End::Over { gently: link.body_ignored() || outcome.is_err_and(|error| error.is_parse()) }
        }
    };
    (stream, end)
}

/// Reads until hyper has something to answer; false if that never comes.
async fn await_head(
    stream: &mut Stream,
    bytes: &mut Vec<u8>,
    link: &Link,
    rest: Duration,
    head: Duration,
) -> bool {
    if bytes.is_empty() {
        bytes.reserve_exact(USUAL_HEAD);
        if !matches!(timeout(rest, stream.read_buf(bytes)).await, Ok(Ok(1..))) {
            return false;
        }
    }
    link.received();
    let more = async {
        let mut known = 0;
        while !is_head(bytes, known) {
            known = bytes.len();
            if !matches!(stream.read_buf(bytes).await, Ok(1..)) {
                return false;
            }
        }
        true
    };
    timeout(head, more).await == Ok(true)
}

/// What a scraper's head fits in.
const USUAL_HEAD: usize = 1024;
/// The longest head of a request: ten times what a browser behind a proxy sends.
const LONGEST_HEAD: usize = 16 * 1024;

/// Whether a head is complete, too long, or the beginning of something that is no request.
///
/// Of the bytes `known` from the last look only the last three can belong to an end that has come since.
fn is_head(bytes: &[u8], known: usize) -> bool {
    let fresh = &bytes[known.saturating_sub(3)..];
    fresh.ends_with(b"\r\n\r\n")
        || bytes.len() >= LONGEST_HEAD
        || !bytes.first().is_some_and(u8::is_ascii_uppercase)
        || fresh.windows(2).any(|two| two == b"\n\n")
        || fresh.windows(4).any(|four| four == b"\r\n\r\n")
}

/// hyper's own timeout is for heads that end otherwise than `is_head` expects.
fn protocol(head: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head)
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
