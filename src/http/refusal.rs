//! Why a client is refused, and what it is told.

use std::pin::Pin;
use std::task::{Context, Waker};

use hyper::StatusCode;
use hyper::header::{self, HeaderValue};
use hyper::http::response::Response;
use tokio::io::AsyncWrite;

use super::body::{Body, response};
use super::socket::Socket;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// So many answers are under way.
    Requests(usize),
    /// So many streams are open.
    Streams(usize),
    /// It is neither GET nor HEAD.
    Method,
    /// It does not name one host.
    Host,
    /// It may be that of a website with this name.
    Name(String),
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
            Self::Host => {
                plain(StatusCode::BAD_REQUEST, "The request must name one host (Host).\n".to_owned())
            }
            Self::Name(name) => plain(
                StatusCode::MISDIRECTED_REQUEST,
                format!(
                    "Browsers are refused under the name '{name}', because a website could use it to read your \
                     network. If it is yours, start han-exporter with --web.allowed-host {name}\n"
                ),
            ),
        }
    }
}

/// Refuses a connection in one packet, without ever waiting for the client.
pub(super) fn refuse(mut socket: Box<dyn Socket>) {
    const SENTENCE: &str = "Too many connections open, try again later.";
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\
         X-Content-Type-Options: nosniff\r\nContent-Length: {}\r\n\r\n{SENTENCE}",
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
