//! Under which names browsers and others are answered.

use crate::harness::*;
use han_exporter::http::Limits;

/// The answer to a request with these lines after its first.
async fn ask(version: &str, lines: &[&str]) -> String {
    let server = start(Limits::default());
    let mut client = server.client().await;
    client.send(format!("GET / HTTP/{version}\r\n{}\r\n\r\n", lines.join("\r\n"))).await;
    client.answer().await
}

/// What tells a browser from a scraper, each alone.
const TELLING: [&str; 8] = [
    "Accept-Language: en",
    "accept-language:",
    "Sec-Fetch-Site: same-origin",
    "SEC-FETCH-NEW: ?1",
    "Origin: http://evil.example",
    "Referer: http://evil.example/",
    "User-Agent: Mozilla/5.0 (X11; Linux armv6l)",
    "user-agent: mozilla/4.0",
];

#[tokio::test]
async fn a_website_that_leads_to_this_network_reads_nothing_through_a_browser() {
    for line in TELLING {
        for host in
            ["evil.example", "evil.example:10170", "127.0.0.1.evil.example", "meter.example.org.evil.example"]
        {
            let answer = ask("1.1", &[&format!("Host: {host}"), line]).await;
            assert!(answer.starts_with("HTTP/1.1 421 Misdirected Request\r\n"), "{host}, {line}: {answer}");
            let option = format!("--web.allowed-host {}\n", host.trim_end_matches(":10170"));
            assert!(answer.ends_with(&option), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_browser_is_answered_under_the_names_of_this_network_and_those_allowed() {
    for line in TELLING {
        for host in [
            "127.0.0.1:10170",
            "[::1]:10170",
            "localhost",
            "raspberrypi:10170",
            "pi.local",
            "PI.LAN.",
            "pi.fritz.home",
            "pi.home.arpa",
            "pi.internal:80",
            "Meter.Example.org.:10170",
        ] {
            let answer = ask("1.1", &[&format!("Host: {host}"), line]).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{host}, {line}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_scraper_reaches_it_by_any_name() {
    for host in ["prometheus.example.org:10170", "evil.example", "", "192.0.2.1"] {
        let agent = "User-Agent: Prometheus/3.5.3";
        let answer = ask("1.1", &[&format!("Host: {host}"), agent, "Accept: text/plain"]).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{host}: {answer}");
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    for lines in [
        &["Accept: */*"][..],
        &["Host: a", "Host: a"],
        &["Host: localhost", "Host: evil.example", "Accept-Language: en"],
        &["Host: a b"],
        &["Host: http://a"],
        &["Host: user@a"],
        &["Host: a:b"],
        &[&format!("Host: {}.example", "x".repeat(250))],
        &["Host:", "Accept-Language: en"],
    ] {
        let answer = ask("1.1", lines).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{lines:?}: {answer}");
        assert!(answer.ends_with("The request must name one host (Host).\n"), "{answer}");
    }
}

#[tokio::test]
async fn old_http_needs_no_host_unless_a_browser_sends_it() {
    let status = async |lines: &[&str]| {
        let answer = ask("1.0", lines).await;
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(status(&["Accept: */*"]).await, "200");
    assert_eq!(status(&["Accept-Language: en"]).await, "400");
    assert_eq!(status(&["Accept-Language: en", "Host: evil.example"]).await, "421");
    assert_eq!(status(&["Host: a", "Host: b"]).await, "400");
}

#[tokio::test]
async fn the_host_of_a_complete_address_precedes() {
    let server = start(Limits::default());
    for (address, status) in [("http://evil.example/", "421"), ("http://localhost/", "200")] {
        let mut client = server.client().await;
        client.send(format!("GET {address} HTTP/1.1\r\nHost: pi\r\nAccept-Language: en\r\n\r\n")).await;
        assert_eq!(client.answer().await.split(' ').nth(1), Some(status), "{address}");
    }
}

#[tokio::test]
async fn no_cache_keeps_an_answer_and_no_browser_guesses_what_it_is() {
    let server = start(Limits::default());
    let mut client = server.client().await;
    for path in ["/", "/nowhere"] {
        let answer = client.get(path).await;
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&answer, "cache-control"), Some("no-store"));
    }
}
