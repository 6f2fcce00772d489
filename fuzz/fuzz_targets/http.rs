//! Any bytes from a client: the server ends the connection, each answer has a head of ours, and what is served was asked
//! for as a request must ask.
//!
//! The first byte says in pieces of which size the client sends.

#![no_main]

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use han_exporter::http::{self, Hosts, Limits, Listener};
use han_exporter::hub::Hub;
use han_exporter::outlet::health::Health;
use han_exporter::outlet::page::Page;
use han_exporter::outlet::prometheus::{Metrics, Reloads};
use han_exporter::outlet::{self, Route};
use han_exporter::platform::heartbeat::Heartbeat;
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// What the server may say: ours and those of the parser of heads.
const STATUSES: [&str; 8] = ["200", "400", "404", "405", "414", "421", "431", "503"];

fuzz_target!(|input: &[u8]| {
    let Some((&size, sent)) = input.split_first() else { return };
    let answer = SERVER.with(|server| server.ask(sent, usize::from(size).max(1)));
    let Some(first) = head(&answer) else {
        assert!(answer.is_empty(), "an answer without a head");
        return;
    };
    let status = first.split(' ').nth(1).unwrap_or_default();
    assert!(first.starts_with("HTTP/1.") && STATUSES.contains(&status), "{first}");
    if status == "200" {
        assert!(first.contains("x-content-type-options: nosniff"), "{first}");
        check_request(sent);
    }
});

thread_local! {
    static SERVER: Server = Server::start();
}

struct Server {
    runtime: Runtime,
    path: String,
}

impl Server {
    /// The exporter's routes on a socket of Unix, without a meter.
    fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let path = format!("{}/han-fuzz-{}.sock", std::env::temp_dir().display(), std::process::id());
        let _ = fs::remove_file(&path);
        let entered = runtime.enter();
        let listener = Listener::Unix(UnixListener::bind(&path).expect("a socket"));
        drop(entered);
        let hub = Hub::default();
        let routes: Vec<Box<dyn Route>> = vec![
            Box::new(Metrics::new(hub.clone(), "/metrics", &Reloads::default(), false)),
            Box::new(Page { hub: hub.clone(), telemetry_path: "/metrics".into() }),
            Box::new(Health { hub }),
        ];
        let answer = move |request| outlet::answer(&routes, &request);
        let serve = http::serve(
            vec![listener],
            Limits::default(),
            Hosts::default(),
            Heartbeat::default(),
            answer,
            std::future::pending(),
        );
        runtime.spawn(serve);
        Self { runtime, path }
    }

    /// All that comes back until the server closes; it must once nothing more can come.
    fn ask(&self, sent: &[u8], size: usize) -> Vec<u8> {
        self.runtime.block_on(async {
            let stream = UnixStream::connect(&self.path).await.expect("a connection");
            let (mut reader, mut writer) = stream.into_split();
            let write = async move {
                for piece in sent.chunks(size) {
                    // The server may have closed after a head that is none.
                    if writer.write_all(piece).await.is_err() {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
                let _ = writer.shutdown().await;
            };
            let mut answer = Vec::new();
            let read = reader.read_to_end(&mut answer);
            let both = async { tokio::join!(write, read) };
            // A reset is an end too.
            let ((), _) = timeout(Duration::from_secs(8), both).await.expect("the server closes");
            answer
        })
    }
}

fn head(answer: &[u8]) -> Option<String> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    Some(String::from_utf8_lossy(&answer[..end]).into_owned())
}

/// The first request was served, so it asks for something, for one host, and no website could have sent it.
fn check_request(sent: &[u8]) {
    let text = String::from_utf8_lossy(sent);
    let mut lines =
        text.split('\n').map(|line| line.trim_end_matches('\r')).skip_while(|line| line.is_empty());
    let request = lines.next().unwrap_or_default();
    let words: Vec<_> = request.split(' ').filter(|word| !word.is_empty()).collect();
    let [method, target, version] = words[..] else { panic!("served: {request}") };
    assert!(matches!(method, "GET" | "HEAD"), "{request}");
    let fields: Vec<(String, &str)> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let hosts: Vec<_> = fields.iter().filter(|(name, _)| name == "host").map(|(_, value)| *value).collect();
    assert!(hosts.len() == 1 || version == "HTTP/1.0" && hosts.is_empty(), "{hosts:?}");
    let is_telling = |name: &str| {
        matches!(name, "accept-language" | "origin" | "referer") || name.starts_with("sec-fetch-")
    };
    let is_browser = fields.iter().any(|(name, value)| {
        is_telling(name) || name == "user-agent" && value.to_ascii_lowercase().starts_with("mozilla/")
    });
    let absolute =
        target.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let host = absolute.or(hosts.first().copied()).unwrap_or_default();
    assert!(!is_browser || is_local(host), "a browser was served under '{host}'");
}

/// Whether no website can have this name.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    let inside = name.trim_start_matches('[').trim_end_matches(']');
    let domains = [".local", ".lan", ".home", ".home.arpa", ".internal"];
    !name.is_empty()
        && (inside.parse::<Ipv6Addr>().is_ok()
            || name.parse::<Ipv4Addr>().is_ok()
            || !name.contains('.')
            || domains.iter().any(|domain| name.ends_with(domain)))
}
