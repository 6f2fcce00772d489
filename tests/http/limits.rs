//! Slow, silent, endless and greedy clients cost little and delay no other client.

use crate::harness::*;
use han_exporter::http::{Body, Limits};
use han_exporter::platform::heartbeat::Heartbeat;
use hyper::Response;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

const SHORT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn an_unfinished_head_times_out_but_an_idle_connection_stays() {
    let server = start(Limits { head: SHORT, ..Limits::default() });
    let mut resting = server.client().await;
    resting.get("/").await;
    let mut fresh = server.client().await;
    fresh.send("GET / HT").await;
    let mut used = server.client().await;
    used.get("/").await;
    used.send("GET /").await;
    let mut silent = server.client().await;
    assert!(fresh.rest().await.is_empty());
    assert!(used.rest().await.is_empty());
    assert!(silent.rest().await.is_empty());
    assert!(resting.open());
    assert!(resting.get("/").await.ends_with("hello\n"));
}

#[tokio::test]
async fn a_long_unfinished_head_gets_no_more_time() {
    let server = start(Limits { head: SHORT, ..Limits::default() });
    let mut client = server.client().await;
    client.send(format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(10_000))).await;
    assert!(client.rest().await.is_empty());
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: han\r\n\r\nGET / HT").await;
    assert!(client.rest_as_text().await.ends_with("hello\n"));
}

#[tokio::test]
async fn a_head_in_pieces_is_put_together() {
    let server = start(Limits::default());
    let head = "GET / HTTP/1.1\r\nHost: han\r\n\r\n";
    let mut client = server.client().await;
    client.0.set_nodelay(true).unwrap();
    for at in 1..head.len() {
        client.send(&head[..at]).await;
        tokio::task::yield_now().await;
        sleep(Duration::from_millis(1)).await;
        client.send(&head[at..]).await;
        assert!(client.answer().await.ends_with("hello\n"));
    }
    client.send("GET / HTTP/1.0\n\n").await;
    assert!(client.rest_as_text().await.ends_with("hello\n"));
}

#[tokio::test]
async fn a_head_dripping_in_gets_no_more_time() {
    let server = start(Limits { head: SHORT, ..Limits::default() });
    let mut client = server.client().await;
    client.get("/").await;
    let drip = async {
        use tokio::io::AsyncWriteExt;
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'x')) {
            if client.0.write_u8(*byte).await.is_err() || !client.open() {
                return;
            }
            sleep(SHORT / 10).await;
        }
    };
    timeout(PATIENCE, drip).await.expect("dripping keeps a connection open indefinitely");
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_idle_timeout() {
    let server = start(Limits { idle: SHORT, ..Limits::default() });
    let mut client = server.client().await;
    client.get("/").await;
    assert!(client.rest().await.is_empty());
}

#[tokio::test]
async fn an_endless_head_is_answered_with_431() {
    let server = start(Limits::default());
    for length in [17_000, 200_000] {
        let mut client = server.client().await;
        client.send(format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(length))).await;
        let answer = client.rest_as_text().await;
        assert!(answer.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{answer}");
    }
    let mut client = server.client().await;
    client.send(format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200))).await;
    assert!(client.rest_as_text().await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn a_long_head_within_the_limit_is_read() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send(format!("GET / HTTP/1.1\r\nHost: han\r\nX: {}\r\n\r\n", "x".repeat(15_000))).await;
    assert!(client.answer().await.ends_with("hello\n"));
}

#[tokio::test]
async fn a_full_server_makes_room_for_a_new_connection() {
    let server = start(Limits { connections: 8, ..Limits::default() });
    let mut scraper = server.client().await;
    scraper.get("/").await;
    let mut crowd = Vec::new();
    for index in 0..16 {
        let mut client = server.client().await;
        if index % 2 == 0 {
            client.send("GET / HTTP/1.1\r\nHost").await;
        }
        crowd.push(client);
        // A new connection is spared for a moment.
        sleep(Duration::from_millis(60)).await;
        assert!(server.client().await.get("/").await.ends_with("hello\n"));
    }
    assert!(scraper.get("/").await.ends_with("hello\n"), "connections without a request must be ended first");
    let open = crowd.iter().filter(|client| client.open()).count();
    assert!(open < 8, "{open} of the crowd are held");
}

#[tokio::test]
async fn a_new_connection_is_not_ended_in_favour_of_served_ones() {
    let server = start(Limits { connections: 4, ..Limits::default() });
    let mut served = Vec::new();
    for _ in 0..4 {
        let mut client = server.client().await;
        client.get("/").await;
        served.push(client);
    }
    let mut first = server.client().await;
    let mut second = server.client().await;
    assert!(second.get("/").await.ends_with("hello\n"));
    assert!(first.get("/").await.ends_with("hello\n"));
}

#[tokio::test]
async fn of_served_connections_the_longest_idle_one_is_ended_first() {
    let server = start(Limits { connections: 3, ..Limits::default() });
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.client().await;
        client.get("/").await;
        clients.push(client);
    }
    clients[0].get("/").await;
    server.client().await.get("/").await;
    assert!(clients[1].rest().await.is_empty());
    assert!(clients[0].get("/").await.ends_with("hello\n"));
    assert!(clients[2].get("/").await.ends_with("hello\n"));
}

#[tokio::test]
async fn a_server_full_of_answers_refuses_with_503() {
    let (server, held) = start_holding(Limits { connections: 3, ..Limits::default() });
    let clients = held.clients(&server, 3).await;
    let answer = server.client().await.rest_as_text().await;
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(header(&answer, "content-length"), Some(&*body.len().to_string()));
    held.release(1);
    while !server.client().await.get_or_refusal("/").await.ends_with("hello\n") {
        sleep(Duration::from_millis(5)).await;
    }
    drop(clients);
}

impl Client {
    async fn get_or_refusal(mut self, path: &str) -> String {
        use tokio::io::AsyncWriteExt;
        let _ = self.0.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await;
        self.rest_as_text().await
    }
}

#[tokio::test]
async fn too_many_answers_at_a_time_are_refused_until_one_is_taken() {
    let (server, held) = start_holding(Limits { requests: 2, ..Limits::default() });
    let clients = held.clients(&server, 2).await;
    let mut scraper = server.client().await;
    for _ in 0..3 {
        let answer = scraper.get("/").await;
        assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
        assert!(
            answer.ends_with("\r\n\r\nLimit of concurrent requests reached (2), try again later.\n"),
            "{answer}"
        );
    }
    held.release(2);
    for mut client in clients {
        assert!(client.rest_as_text().await.ends_with("released\n"));
    }
    assert!(scraper.get("/").await.ends_with("hello\n"));
}

#[tokio::test]
async fn a_request_limit_of_zero_means_no_limit_and_none_is_too_high() {
    for requests in [0, usize::MAX] {
        let server = start(Limits { requests, ..Limits::default() });
        assert!(server.client().await.get("/").await.ends_with("hello\n"));
    }
}

#[tokio::test]
async fn a_client_that_never_reads_is_disconnected() {
    let server = start(Limits { answer: SHORT, ..Limits::default() });
    let mut client = server.client().await;
    client.send("GET /huge HTTP/1.1\r\nHost: han\r\n\r\n").await;
    sleep(SHORT * 4).await;
    let taken = client.rest().await.len();
    assert!(taken < HUGE, "all {taken} bytes came");
}

#[tokio::test]
async fn five_thousand_requests_at_once_are_answered_in_order() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send("GET / HTTP/1.1\r\nHost: han\r\n\r\n".repeat(4999)).await;
    client.send("GET / HTTP/1.1\r\nHost: han\r\nConnection: close\r\n\r\n").await;
    assert_eq!(client.rest_as_text().await.matches("hello\n").count(), 5000);
}

#[tokio::test]
async fn thousands_of_requests_with_unread_answers_delay_no_other_client() {
    use tokio::io::AsyncWriteExt;
    let server = start(Limits { answer: SHORT, ..Limits::default() });
    let mut flood = server.client().await;
    let requests = "GET /huge HTTP/1.1\r\nHost: han\r\n\r\n".repeat(5000);
    let _ = timeout(SHORT, flood.0.write_all(requests.as_bytes())).await;
    assert!(server.client().await.get("/").await.ends_with("hello\n"));
    sleep(SHORT * 4).await;
    assert!(flood.rest().await.len() < 2 * HUGE);
}

/// A client whose kernel takes little for it.
async fn cramped(server: &Running) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    Client(socket.connect(server.address).await.unwrap())
}

#[tokio::test]
async fn clients_that_pipeline_and_never_read_lose_their_places_to_scrapes() {
    use tokio::io::AsyncWriteExt;
    let server = start(Limits::default());
    let requests = "GET /large HTTP/1.1\r\nHost: han\r\n\r\n".repeat(100);
    let mut crowd = Vec::new();
    for _ in 0..64 {
        let mut client = cramped(&server).await;
        client.0.write_all(requests.as_bytes()).await.unwrap();
        crowd.push(client);
    }
    for _ in 0..100 {
        let answer = server.client().await.get("/").await;
        assert!(answer.ends_with("hello\n"), "{answer}");
        assert!(server.client().await.get("/large").await.len() > 256 * 1024);
    }
}

#[tokio::test]
async fn the_answer_left_unread_longest_gives_up_its_slot() {
    let server = start(Limits { requests: 2, ..Limits::default() });
    let mut clients = [server.client().await, server.client().await];
    for client in &mut clients {
        client.send("GET /huge HTTP/1.1\r\nHost: han\r\n\r\n").await;
        client.0.readable().await.unwrap();
        sleep(Duration::from_millis(5)).await;
    }
    assert!(server.client().await.get("/").await.ends_with("hello\n"));
    let [first, second] = &mut clients;
    assert!(first.rest().await.len() < HUGE);
    assert!(second.answer().await.len() > HUGE, "only one had to go");
}

#[tokio::test]
async fn the_kernel_keeps_little_of_what_a_client_does_not_take() {
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let server = start_handler(Limits::default(), Heartbeat::default(), async |_| {
        let (sender, parts) = mpsc::channel(1);
        tokio::spawn(async move {
            while sender.send(vec![b'x'; 1024].into()).await.is_ok() {
                TAKEN.fetch_add(1024, Relaxed);
            }
        });
        Response::new(Body::stream(parts))
    });
    let mut client = cramped(&server).await;
    client.send("GET / HTTP/1.1\r\nHost: han\r\n\r\n").await;
    let mut before = usize::MAX;
    while before != TAKEN.load(Relaxed) {
        before = TAKEN.load(Relaxed);
        sleep(SHORT).await;
    }
    assert!(before > 0 && before <= 256 * 1024, "{before} bytes are kept");
}

#[tokio::test]
async fn what_a_client_has_not_taken_is_dropped_with_its_connection() {
    use tokio::io::AsyncReadExt;
    let server = start(Limits { answer: SHORT, ..Limits::default() });
    let mut client = cramped(&server).await;
    client.send("GET /huge HTTP/1.1\r\nHost: han\r\n\r\n").await;
    sleep(SHORT * 4).await;
    let error = timeout(PATIENCE, client.0.read_to_end(&mut Vec::new())).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}
