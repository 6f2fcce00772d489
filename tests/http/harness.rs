//! A server on a free port with a handler of few words, and a client that speaks raw HTTP.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use han_exporter::http::{Body, Limits, Listener, serve};
use han_exporter::platform::heartbeat::Heartbeat;
use hyper::body::{Bytes, Frame};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Long enough for any machine; nothing waits that long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// More than the kernel takes off our hands for a client that does not read.
pub const HUGE: usize = 24 * 1024 * 1024;

pub async fn answer(request: Parts) -> Response<Body> {
    match request.uri.path() {
        "/" => Response::new(Body::from("hello\n")),
        "/empty" => Response::new(Body::from("")),
        "/huge" => Response::new(Body::from(vec![b'x'; HUGE])),
        "/count" => Response::new(Body::stream(Count(3))),
        _ => {
            let mut response = Response::new(Body::from("404 page not found\n"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

struct Count(u8);

impl hyper::body::Body for Count {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.0 == 0 {
            return Poll::Ready(None);
        }
        self.0 -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(format!("{}\n", self.0))))))
    }
}

pub struct Running {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

pub fn start(limits: Limits) -> Running {
    start_with(limits, Heartbeat::default())
}

pub fn start_with(limits: Limits, heartbeat: Heartbeat) -> Running {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    let address = listener.address().parse().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async { drop(stopped.await) };
    let task = tokio::spawn(serve(vec![listener], limits, heartbeat, answer, shutdown));
    Running { address, stop: Some(stop), task }
}

impl Running {
    pub async fn client(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    pub fn tell_to_stop(&mut self) {
        drop(self.stop.take());
    }

    pub async fn end(mut self) {
        self.tell_to_stop();
        timeout(PATIENCE, self.task).await.expect("the server must end when told").unwrap();
    }
}

pub struct Client(pub TcpStream);

impl Client {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await.expect("nobody takes our bytes").unwrap();
    }

    /// Asks for a path on a connection kept alive and returns the answer, head and body.
    pub async fn get(&mut self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: han\r\n\r\n")).await;
        self.answer().await
    }

    /// Reads one answer whose length its head tells.
    pub async fn answer(&mut self) -> String {
        let mut text = Vec::new();
        while !text.ends_with(b"\r\n\r\n") {
            text.push(timeout(PATIENCE, self.0.read_u8()).await.expect("no answer").unwrap());
        }
        let head = String::from_utf8(text).unwrap();
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        timeout(PATIENCE, self.0.read_exact(&mut body)).await.expect("no body").unwrap();
        head + str::from_utf8(&body).unwrap()
    }

    /// Reads until the server closes; a reset counts as an end too.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut text)).await.expect("the connection stays open");
        text
    }

    pub async fn rest_as_text(&mut self) -> String {
        String::from_utf8(self.rest().await).unwrap()
    }

    /// Whether the connection is still open, without waiting.
    pub fn open(&self) -> bool {
        let mut byte = [0];
        match self.0.try_read(&mut byte) {
            Ok(length) => length > 0,
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}

pub fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    let mut lines = head.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": "));
    lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}
