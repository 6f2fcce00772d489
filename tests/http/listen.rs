//! Addresses that work, addresses that do not, and what is said about them.

use crate::harness::*;
use han_exporter::http::{Hosts, Limits, Listener, serve};
use han_exporter::platform::heartbeat::Heartbeat;
use std::future::pending;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};

fn refusal(address: &str) -> String {
    let sentence = Listener::bind(&address.parse().unwrap()).unwrap_err().to_string();
    assert_eq!(sentence.lines().count(), 1);
    sentence
}

fn start(listener: Listener) {
    let (limits, hosts, heartbeat) = (Limits::default(), Hosts::default(), Heartbeat::default());
    tokio::spawn(serve(vec![listener], limits, hosts, heartbeat, answer, pending()));
}

#[tokio::test]
async fn a_port_alone_means_every_address() {
    let listener = Listener::bind(&":0".parse().unwrap()).unwrap();
    let port: u16 = listener.address().rsplit_once(':').unwrap().1.parse().unwrap();
    start(listener);
    assert!(
        Client(TcpStream::connect(("127.0.0.1", port)).await.unwrap()).get("/").await.ends_with("hello\n")
    );
}

#[tokio::test]
async fn names_and_several_listeners_work() {
    let listeners = vec![
        Listener::bind(&"localhost:0".parse().unwrap()).unwrap(),
        Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap(),
    ];
    let addresses: Vec<_> = listeners.iter().map(Listener::address).collect();
    tokio::spawn(serve(
        listeners,
        Limits::default(),
        Hosts::default(),
        Heartbeat::default(),
        answer,
        pending(),
    ));
    for address in addresses.iter().chain(&addresses) {
        assert!(Client(TcpStream::connect(address).await.unwrap()).get("/").await.ends_with("hello\n"));
    }
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    assert_eq!(
        refusal(&first.address()),
        format!(
            "cannot listen on {}: another program uses the port; choose another with --web.listen-address",
            first.address()
        )
    );
    let all = Listener::bind(&":0".parse().unwrap()).unwrap();
    let port = all.address().rsplit_once(':').unwrap().1.to_owned();
    assert!(refusal(&format!(":{port}")).contains("another program uses the port"));
}

#[tokio::test]
async fn an_address_of_another_machine_is_explained() {
    assert!(
        refusal(&format!("{}:0", "a".repeat(64)))
            .contains("no such host; write --web.listen-address as :10170")
    );
    let foreign = refusal("192.0.2.1:0");
    assert!(foreign.contains("this machine does not have the address"), "{foreign}");
}

#[tokio::test]
async fn a_unix_socket_serves_too() {
    let path = std::env::temp_dir().join(format!("han-exporter-http-{}", std::process::id()));
    let listener = Listener::Unix(UnixListener::bind(&path).unwrap());
    assert_eq!(listener.address(), format!("unix:{}", path.display()));
    start(listener);
    let mut client = UnixStream::connect(&path).await.unwrap();
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    assert!(text.ends_with("hello\n"), "{text}");
    std::fs::remove_file(path).unwrap();
}
