//! What only a process of its own can show: running out of descriptors, memory, inherited sockets.

use std::fs;
use std::future::pending;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::harness::{PATIENCE, answer};
use han_exporter::http::{Hosts, Limits, Listener, serve};
use han_exporter::platform::heartbeat::Heartbeat;

/// How long the server that must live without descriptors does so.
const STARVATION: Duration = Duration::from_secs(2);

/// The server in the child process; does nothing when run as an ordinary test.
#[test]
fn server_process() {
    let Ok(socket) = std::env::var("HAN_TEST_SERVER") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listeners = match &*socket {
            "systemd" => Listener::passed().unwrap(),
            _ => vec![Listener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap()],
        };
        if socket == "starved" {
            let taken: Vec<_> = std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect();
            std::thread::spawn(|| {
                sleep(STARVATION);
                drop(taken);
            });
        }
        println!("\nlistening on {}", listeners[0].address());
        serve(listeners, Limits::default(), Hosts::default(), Heartbeat::default(), answer, pending()).await;
    });
}

struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts the server through a shell, which first does `preparation`.
    fn start(preparation: &str, socket: &str, stdin: Stdio) -> Self {
        let script =
            format!("{preparation} exec \"$0\" --exact child::server_process --nocapture --test-threads=1");
        let mut process = Command::new("sh")
            .args(["-c", &script])
            .arg(std::env::current_exe().unwrap())
            .env("HAN_TEST_SERVER", socket)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.as_mut().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(str::to_owned));
        Self { process, address: address.expect("the server process did not start") }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn scrape(&self) -> String {
        let mut stream = self.connect();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: han\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("no answer");
        text
    }

    fn kilobytes(&self) -> i64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Bytes that a client has not taken yet. Its own port decides: the server's may be shared with what another server
    /// has left behind.
    fn kept_by_the_kernel(&self, client: &TcpStream) -> u64 {
        let ports = [self.address.parse().unwrap(), client.local_addr().unwrap()]
            .map(|address: SocketAddr| format!(":{:04X}", address.port()));
        let connections = fs::read_to_string("/proc/net/tcp").unwrap();
        let mut lines = connections.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let ours =
            lines.find(|fields| fields[1].ends_with(&ports[0]) && fields[2].ends_with(&ports[1])).unwrap();
        u64::from_str_radix(ours[4].split_once(':').unwrap().0, 16).unwrap()
    }

    fn cpu_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let fields: Vec<u64> = stat.split(' ').skip(13).take(2).map(|field| field.parse().unwrap()).collect();
        fields[0] + fields[1]
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn crowds_of_half_open_silent_and_idle_clients_cost_less_than_two_megabytes() {
    let server = Server::start("", "own", Stdio::null());
    for _ in 0..20 {
        assert!(server.scrape().ends_with("hello\n"));
    }
    let before = server.kilobytes();
    let mut crowd = Vec::new();
    let mut most = 0;
    for index in 0..350 {
        let mut stream = server.connect();
        match index {
            0..50 => {
                stream.write_all(b"GET / HTTP/1.1\r\nHost: han\r\n\r\n").unwrap();
                let mut answer = [0; 256];
                let length = stream.read(&mut answer).unwrap();
                assert!(answer[..length].ends_with(b"hello\n"));
            }
            50..250 => stream.write_all(b"GET / HTTP/1.1\r\nHost: h").unwrap(),
            _ => {}
        }
        crowd.push(stream);
        if index % 10 == 9 {
            assert!(server.scrape().ends_with("hello\n"));
            most = most.max(server.kilobytes());
        }
    }
    // hyper sets 16 KB aside for each of the 64 connections, and what surrounds them takes a few more.
    assert!(most - before <= 2048, "{before} kB became {most} kB");
}

#[test]
fn unread_answers_to_piles_of_requests_stay_out_of_memory() {
    let server = Server::start("", "own", Stdio::null());
    server.scrape();
    let before = server.kilobytes();
    let mut flood = server.connect();
    flood.set_nonblocking(true).unwrap();
    for _ in 0..5000 {
        let _ = flood.write(b"GET / HTTP/1.1\r\nHost: han\r\n\r\n");
    }
    assert!(server.scrape().ends_with("hello\n"));
    let after = server.kilobytes();
    assert!(after - before <= 512, "{before} kB became {after} kB");
}

#[test]
fn a_crowd_that_takes_all_descriptors_makes_room_for_a_scrape() {
    let server = Server::start("ulimit -n 20;", "own", Stdio::null());
    let crowd: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for _ in 0..20 {
        assert!(server.scrape().ends_with("hello\n"));
    }
    drop(crowd);
    assert!(server.scrape().ends_with("hello\n"));
}

#[test]
fn a_lack_of_descriptors_is_waited_out_without_spinning() {
    let server = Server::start("ulimit -n 40;", "starved", Stdio::null());
    let waiting = server.connect();
    let before = server.cpu_ticks();
    sleep(STARVATION / 2);
    let ticks = server.cpu_ticks() - before;
    assert!(ticks <= 10, "{ticks} ticks of 100 were spent trying");
    assert!(server.scrape().ends_with("hello\n"));
    drop(waiting);
}

#[test]
fn a_listener_of_systemd_is_taken_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let activate = "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$;";
    let server = Server::start(activate, "systemd", OwnedFd::from(listener).into());
    assert_eq!(server.address, address);
    assert!(server.scrape().ends_with("hello\n"));
    let mut greedy = server.connect();
    greedy.write_all(b"GET /huge HTTP/1.1\r\nHost: han\r\n\r\n").unwrap();
    greedy.read_exact(&mut [0; 9]).unwrap();
    assert!(server.scrape().ends_with("hello\n"));
    let kept = server.kept_by_the_kernel(&greedy);
    assert!(kept > 0 && kept <= 256 * 1024, "{kept} bytes are kept for a client that does not read");
}

#[test]
fn without_a_listener_of_systemd_the_way_out_is_named() {
    let sentence = Listener::passed().unwrap_err().to_string();
    assert!(sentence.starts_with("no socket activation file descriptors found; "), "{sentence}");
}
