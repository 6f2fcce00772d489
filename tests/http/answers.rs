//! Ordinary clients get ordinary answers.

use crate::harness::*;
use han_exporter::http::Limits;
use han_exporter::platform::heartbeat::Heartbeat;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    for _ in 0..100 {
        let answer = client.get("/").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nhello\n"), "{answer}");
        assert!(header(&answer, "date").is_some());
    }
    assert!(client.get("/nowhere").await.starts_with("HTTP/1.1 404 "));
    assert_eq!(header(&client.get("/empty").await, "content-length"), Some("0"));
    server.end().await;
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("HEAD / HTTP/1.1\r\nHost: han\r\nConnection: close\r\n\r\n").await;
    let answer = client.rest_as_text().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(header(&answer, "content-length"), Some("6"));
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn other_methods_are_refused_with_the_allowed_ones() {
    let server = start(Limits::default());
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"] {
        let mut client = server.client().await;
        client.send(format!("{method} / HTTP/1.1\r\nHost: han\r\n\r\n")).await;
        let answer = client.answer().await;
        assert!(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{answer}");
        assert_eq!(header(&answer, "allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn old_http_works_and_closes() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    let answer = client.rest_as_text().await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("hello\n"), "{answer}");
}

#[tokio::test]
async fn a_client_may_stop_sending_before_it_reads() {
    use tokio::io::AsyncWriteExt;
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: han\r\n\r\n").await;
    client.0.shutdown().await.unwrap();
    assert!(client.rest_as_text().await.ends_with("hello\n"));
}

#[tokio::test]
async fn bytes_that_are_not_http_are_refused() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("\x16\x03\x01 this is no request\r\n\r\n").await;
    let answer = client.rest_as_text().await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
}

#[tokio::test]
async fn a_streamed_body_comes_in_pieces() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("GET /count HTTP/1.1\r\nHost: han\r\nConnection: close\r\n\r\n").await;
    let answer = client.rest_as_text().await;
    assert_eq!(header(&answer, "transfer-encoding"), Some("chunked"));
    assert!(answer.ends_with("\r\n\r\n2\r\n0\n\r\n2\r\n1\n\r\n2\r\n2\n\r\n0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn an_unwanted_request_body_is_not_read() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("POST / HTTP/1.1\r\nHost: han\r\nContent-Length: 1000000000\r\n\r\n").await;
    client.send(vec![b'x'; 100_000]).await;
    let answer = client.rest_as_text().await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert_eq!(header(&answer, "connection"), Some("close"));
}

#[tokio::test]
async fn a_body_announced_with_expect_is_declined() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("PUT / HTTP/1.1\r\nHost: han\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n").await;
    let answer = client.rest_as_text().await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
}

#[tokio::test]
async fn a_stop_waits_for_answers_under_way() {
    let limits = Limits { grace: PATIENCE, arrival: Duration::ZERO, ..Limits::default() };
    let mut server = start(limits);
    let mut idle = server.client().await;
    idle.get("/").await;
    let mut silent = server.client().await;
    let mut client = server.client().await;
    client.send("GET /huge HTTP/1.1\r\nHost: han\r\n\r\n").await;
    let mut first = [0; 9];
    client.0.read_exact(&mut first).await.unwrap();
    server.tell_to_stop();
    assert!(idle.rest().await.is_empty());
    assert!(silent.rest().await.is_empty());
    let answer = client.rest().await;
    assert!(answer.len() > HUGE, "only {} bytes came", answer.len());
    let address = server.address;
    server.end().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_stop_waits_for_the_first_request_of_a_new_connection() {
    let limits = Limits { grace: PATIENCE, arrival: PATIENCE, ..Limits::default() };
    let mut server = start(limits);
    let mut new = server.client().await;
    // Accepted after the new one, so that one is accepted too.
    let mut idle = server.client().await;
    idle.get("/").await;
    server.tell_to_stop();
    assert!(idle.rest().await.is_empty());
    assert!(new.get("/").await.ends_with("hello\n"));
    server.end().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_client_that_never_reads() {
    let server =
        start(Limits { grace: Duration::from_millis(50), answer: PATIENCE * 10, ..Limits::default() });
    let mut client = server.client().await;
    client.send("GET /huge HTTP/1.1\r\nHost: han\r\n\r\n").await;
    client.0.readable().await.unwrap();
    server.end().await;
}

#[tokio::test]
async fn the_heartbeat_goes_on_without_clients_and_counts_them() {
    let (heartbeat, pulse) = Heartbeat::every(Duration::from_millis(5));
    let server = start_with(Limits::default(), heartbeat);
    while pulse.beats() < 5 {
        sleep(Duration::from_millis(1)).await;
    }
    server.end().await;

    let (heartbeat, pulse) = Heartbeat::every(Duration::from_secs(3600));
    let server = start_with(Limits::default(), heartbeat);
    for _ in 0..10 {
        server.client().await.get("/").await;
    }
    // One turn for each connection and one for the interval's start, which comes at once; the last of them may be
    // counted a moment after the answer.
    while pulse.beats() < 11 {
        sleep(Duration::from_millis(1)).await;
    }
    server.end().await;
    assert_eq!(pulse.beats(), 11);
}
