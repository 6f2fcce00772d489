//! A server on a free port with a handler of few words, and a client that speaks raw HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use han_exporter::http::{Body, Hosts, Limits, Listener, serve};
use han_exporter::platform::heartbeat::Heartbeat;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, oneshot};
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
        "/large" => Response::new(Body::from(&LARGE[..])),
        "/count" => Response::new(stream(3, |index| format!("{index}\n"))),
        "/quiet" => Response::new(quiet()),
        "/endless" => Response::new(stream(usize::MAX, |index| format!("{index:01023}\n"))),
        _ => {
            let mut response = Response::new(Body::from("404 page not found\n"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

/// An answer of a few hundred meters.
static LARGE: [u8; 256 * 1024] = [b'x'; 256 * 1024];

/// Parts of streams handed to the server by all tests.
pub static STREAMED: AtomicU64 = AtomicU64::new(0);

/// A stream of as many parts, as fast as the client takes them.
fn stream(parts: usize, part: impl Fn(usize) -> String + Send + 'static) -> Body {
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        for index in 0..parts {
            if sender.send(part(index).into()).await.is_err() {
                break;
            }
            STREAMED.fetch_add(1, Ordering::Relaxed);
        }
    });
    Body::stream(receiver)
}

/// A stream without any part, open until the client goes.
fn quiet() -> Body {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move { sender.closed().await });
    Body::stream(receiver)
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
    start_handler(limits, heartbeat, answer)
}

/// A server whose `/held` is answered when its test says so.
pub fn start_holding(limits: Limits) -> (Running, Held) {
    let held = Held { arrived: Arc::new(Semaphore::new(0)), released: Arc::new(Semaphore::new(0)) };
    let seen = held.clone();
    let handler = move |request: Parts| {
        let held = seen.clone();
        async move {
            if request.uri.path() != "/held" {
                return answer(request).await;
            }
            held.arrived.add_permits(1);
            held.released.acquire().await.unwrap().forget();
            Response::new(Body::from("released\n"))
        }
    };
    (start_handler(limits, Heartbeat::default(), handler), held)
}

/// The requests for `/held`.
#[derive(Clone)]
pub struct Held {
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Held {
    /// Clients whose requests have arrived and are not answered.
    pub async fn clients(&self, server: &Running, count: usize) -> Vec<Client> {
        let mut clients = Vec::new();
        for _ in 0..count {
            let mut client = server.client().await;
            client.send("GET /held HTTP/1.0\r\n\r\n").await;
            self.arrived.acquire().await.unwrap().forget();
            clients.push(client);
        }
        clients
    }

    pub fn release(&self, count: usize) {
        self.released.add_permits(count);
    }
}

pub fn start_handler<H, F>(limits: Limits, heartbeat: Heartbeat, handler: H) -> Running
where
    H: Fn(Parts) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.address().parse().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async { drop(stopped.await) };
    let task = tokio::spawn(serve(vec![listener], limits, hosts(), heartbeat, handler, shutdown));
    Running { address, stop: Some(stop), task }
}

/// One further name under which browsers may ask.
fn hosts() -> Hosts {
    let hosts = Hosts::default();
    hosts.allow(["meter.example.org".parse().unwrap()]);
    hosts
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
        timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await.expect("the server does not read").unwrap();
    }

    /// Asks for a path on a connection kept alive and returns the answer, head and body.
    pub async fn get(&mut self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: han\r\n\r\n")).await;
        self.answer().await
    }

    /// Asks for a path and returns only the head of the answer.
    pub async fn get_head(&mut self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: han\r\n\r\n")).await;
        self.head().await
    }

    async fn head(&mut self) -> String {
        let mut text = Vec::new();
        while !text.ends_with(b"\r\n\r\n") {
            text.push(timeout(PATIENCE, self.0.read_u8()).await.expect("no answer").unwrap());
        }
        String::from_utf8(text).unwrap()
    }

    /// Reads one answer whose length its head tells.
    pub async fn answer(&mut self) -> String {
        let head = self.head().await;
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
