//! Open streams take nothing from scrapes.

use crate::harness::*;
use han_exporter::http::Limits;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(150);

/// A client with an open stream, of which it has read the beginning.
async fn stream(server: &Running) -> Client {
    let mut client = server.client().await;
    client.send("GET /endless HTTP/1.1\r\nHost: han\r\n\r\n").await;
    let mut first = [0; 15];
    client.0.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    client
}

/// The median time of many scrapes on one connection, each of which must be answered.
async fn scrape_time(server: &Running) -> Duration {
    let mut scraper = server.client().await;
    let mut times = Vec::new();
    for _ in 0..300 {
        let begun = Instant::now();
        assert!(scraper.get("/").await.ends_with("hello\n"));
        times.push(begun.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}

#[tokio::test]
async fn twenty_unread_streams_neither_refuse_nor_delay_scrapes() {
    let server = start(Limits { requests: 1, ..Limits::default() });
    let without = scrape_time(&server).await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(stream(&server).await);
    }
    // The kernel takes some megabytes for them before they block.
    let mut before = 0;
    while before != STREAMED.load(Ordering::Relaxed) {
        before = STREAMED.load(Ordering::Relaxed);
        sleep(Duration::from_millis(300)).await;
    }
    let with = scrape_time(&server).await;
    assert!(
        with <= 3 * without + Duration::from_millis(5),
        "a scrape took {with:?}, and {without:?} without"
    );
    assert!(streams.iter().all(Client::open));
}

#[tokio::test]
async fn a_stream_above_the_limit_is_refused_with_503_until_one_ends() {
    let server = start(Limits { streams: 2, ..Limits::default() });
    let mut streams = [stream(&server).await, stream(&server).await].map(Some);
    let mut third = server.client().await;
    for _ in 0..3 {
        let answer = third.get("/endless").await;
        assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
        assert!(
            answer.ends_with("\r\n\r\nLimit of open streams reached (2), try again later.\n"),
            "{answer}"
        );
        assert!(third.get("/").await.ends_with("hello\n"), "a scrape is no stream");
    }
    streams[0] = None;
    while third.get_head("/endless").await.contains(" 503 ") {
        sleep(Duration::from_millis(5)).await;
        third = server.client().await;
    }
}

#[tokio::test]
async fn an_unread_stream_is_ended_and_one_that_is_read_is_not() {
    let server = start(Limits { streams: 2, answer: SHORT, ..Limits::default() });
    let (mut read, mut stuck) = (stream(&server).await, stream(&server).await);
    let begun = Instant::now();
    let mut part = vec![0; 64 * 1024];
    // The kernel takes some megabytes before a stream counts as unread; its place then tells that it has ended.
    let mut third = server.client().await;
    while third.get_head("/endless").await.contains(" 503 ") {
        assert!(begun.elapsed() < PATIENCE, "the unread stream stays open");
        let again = Instant::now();
        while again.elapsed() < SHORT {
            assert!(read.0.read(&mut part).await.unwrap() > 0);
        }
        third = server.client().await;
    }
    stuck.rest().await;
    while begun.elapsed() < 6 * SHORT {
        assert!(read.0.read(&mut part).await.unwrap() > 0);
    }
}

#[tokio::test]
async fn a_stream_without_data_stays_open() {
    let limits = Limits { head: SHORT, idle: SHORT, answer: SHORT, ..Limits::default() };
    let server = start(limits);
    let mut quiet = server.client().await;
    quiet.get_head("/quiet").await;
    sleep(4 * SHORT).await;
    assert!(quiet.open());
    server.end().await;
    quiet.rest().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_streams() {
    let server = start(Limits { grace: PATIENCE * 10, ..Limits::default() });
    let mut client = stream(&server).await;
    server.end().await;
    client.rest().await;
}
