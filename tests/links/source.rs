//! Links over real pseudo-terminals, sockets and files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use han_exporter::source::{Event, Link, Problem, Source, Timing};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};
use tokio_serial::{SerialPort, SerialStream};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn quick() -> Timing {
    Timing {
        retry: Duration::from_millis(5),
        backoff: Duration::from_millis(20),
        gap: Duration::from_millis(50),
        gap_network: Duration::from_millis(50),
        ..Timing::default()
    }
}

fn link(source: &str, timing: Timing) -> Link {
    Link::new(source.parse().unwrap(), timing)
}

async fn event(link: &mut Link) -> Event {
    timeout(PATIENCE, link.next(&mut [0; 64])).await.expect("an event in time")
}

async fn trouble(link: &mut Link) -> Problem {
    match event(link).await {
        Event::Problem(trouble) => trouble,
        other => panic!("{other:?}"),
    }
}

async fn opened(link: &mut Link) -> String {
    match event(link).await {
        Event::Opened(name) => name,
        other => panic!("{other:?}"),
    }
}

/// Collects bytes until so many came, whatever their pieces; any other event fails.
async fn bytes(link: &mut Link, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = [0; 64];
    while all.len() < count {
        match timeout(PATIENCE, link.next(&mut buffer)).await.expect("bytes in time") {
            Event::Bytes(count) => all.extend_from_slice(&buffer[..count]),
            other => panic!("{other:?} after {all:02x?}"),
        }
    }
    all
}

/// A folder of its own for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("han-source-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The meter's end of a pseudo-terminal, and the path of the reader's end.
fn pty() -> (SerialStream, String) {
    let (meter, reader) = SerialStream::pair().unwrap();
    let path = reader.name().unwrap();
    (meter, path)
}

fn point(link: &Path, target: &str) {
    let _ = fs::remove_file(link);
    symlink(target, link).unwrap();
}

#[tokio::test]
async fn bytes_flow_and_a_gap_is_told_once() {
    let (mut meter, path) = pty();
    let mut link = link(&path, quick());
    assert_eq!(opened(&mut link).await, format!("{path} at 2400 8E1"));
    let frame: Vec<u8> = (0..=255).collect();
    meter.write_all(&frame).await.unwrap();
    assert_eq!(bytes(&mut link, 256).await, frame, "no byte is special: 0x03, 0x0d, 0x11, 0x13, 0xff");
    assert_eq!(event(&mut link).await, Event::Idle);
    meter.write_all(b"x").await.unwrap();
    assert_eq!(bytes(&mut link, 1).await, b"x");
    assert_eq!(event(&mut link).await, Event::Idle);
    let status = link.status();
    assert!(status.connected && !status.locked);
    assert_eq!((status.opens, status.open_errors, status.bytes), (1, 0, 257));
    assert_eq!((status.line, status.name.as_deref()), (None, Some(path.as_str())));
}

#[tokio::test]
async fn dropping_the_call_loses_nothing() {
    let (mut meter, path) = pty();
    let mut link = link(&path, quick());
    opened(&mut link).await;
    let sent: Vec<u8> = (0..=255).cycle().take(2000).collect();
    let copy = sent.clone();
    tokio::spawn(async move {
        for piece in copy.chunks(10) {
            meter.write_all(piece).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::future::pending::<()>().await;
    });
    let mut all = Vec::new();
    let mut buffer = [0; 16];
    let deadline = Instant::now() + PATIENCE;
    while all.len() < sent.len() && Instant::now() < deadline {
        let call = timeout(Duration::from_micros(300), link.next(&mut buffer));
        if let Ok(Event::Bytes(count)) = call.await {
            all.extend_from_slice(&buffer[..count]);
        }
    }
    assert_eq!(all, sent);
}

#[tokio::test]
async fn an_absent_port_is_told_once_and_waited_for() {
    let folder = Folder::new("absent");
    let port = folder.0.join("ttyMETER");
    let mut link = link(&port.display().to_string(), quick());
    let absent = trouble(&mut link).await;
    assert_eq!(absent.to_string().split(':').next().unwrap(), format!("{} does not exist", port.display()));
    let quiet = timeout(Duration::from_millis(100), link.next(&mut [0; 8])).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert!(link.status().open_errors > 1);
    let (_meter, path) = pty();
    point(&port, &path);
    opened(&mut link).await;
}

#[tokio::test]
async fn a_busy_port_is_told_once_and_taken_when_free() {
    let (_meter, path) = pty();
    let mut first = link(&path, quick());
    opened(&mut first).await;
    let mut second = link(&path, quick());
    assert_eq!(trouble(&mut second).await.kind(), "busy");
    let quiet = timeout(Duration::from_millis(100), second.next(&mut [0; 8])).await;
    assert!(quiet.is_err(), "{quiet:?}");
    drop(first);
    opened(&mut second).await;
}

#[tokio::test]
async fn detection_goes_round_until_a_frame_is_confirmed_and_begins_there_again() {
    let (mut meter, path) = pty();
    let short = Duration::from_millis(300);
    let timing = Timing { dwell: short, patience: short, silence: short * 4, ..quick() };
    let mut link = link(&path, timing);
    opened(&mut link).await;
    assert!(matches!(trouble(&mut link).await, Problem::Silent { .. }));
    assert_eq!(meter.baud_rate().unwrap(), 2400);
    let tried = async |link: &mut Link| match event(link).await {
        Event::Trying(settings) => settings.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(tried(&mut link).await, "2400 8N1");
    assert_eq!(tried(&mut link).await, "115200 8N1");
    assert_eq!(meter.baud_rate().unwrap(), 115_200);
    meter.write_all(b"frame").await.unwrap();
    bytes(&mut link, 5).await;
    link.confirm();
    assert!(link.status().locked);
    assert_eq!(event(&mut link).await, Event::Idle);
    let silent = trouble(&mut link).await;
    assert_eq!(silent.kind(), "silent", "no other settings are tried meanwhile");
    meter.write_all(b"noise").await.unwrap();
    while event(&mut link).await != Event::Trying("2400 8E1".parse_settings()) {}
    assert_eq!(link.status().opens, 2, "opened anew after the silence");
    assert!(!link.status().locked);
}

trait ParseSettings {
    fn parse_settings(&self) -> han_exporter::source::SerialSettings;
}

impl ParseSettings for str {
    fn parse_settings(&self) -> han_exporter::source::SerialSettings {
        let known = han_exporter::source::detect::CANDIDATES;
        known.into_iter().find(|settings| settings.to_string() == self).unwrap()
    }
}

#[tokio::test]
async fn bytes_that_make_no_frame_at_any_setting_are_told_with_the_settings() {
    let (mut meter, path) = pty();
    let timing = Timing { dwell: Duration::from_millis(150), ..quick() };
    let mut link = link(&format!("{path}?baud=2400"), timing);
    opened(&mut link).await;
    for _ in 0..2 {
        meter.write_all(b"noise").await.unwrap();
        while !matches!(event(&mut link).await, Event::Idle) {}
        let next = event(&mut link).await;
        if let Event::Problem(trouble) = next {
            let text = trouble.to_string();
            assert!(text.starts_with(&format!("10 bytes from {path} in ")), "{text}");
            assert!(text.contains("no valid frame at 2400 8E1, 2400 8N1;"), "{text}");
            return;
        }
        assert_eq!(next, Event::Trying("2400 8N1".parse_settings()));
    }
    panic!("nothing was said");
}

#[tokio::test]
async fn given_settings_are_kept_and_silence_opens_the_port_anew_without_more_words() {
    let (mut meter, path) = pty();
    let timing = Timing { silence: Duration::from_millis(100), ..quick() };
    let mut link = link(&format!("{path}?baud=9600&parity=none&data=8&stop=1"), timing);
    assert_eq!(opened(&mut link).await, format!("{path} at 9600 8N1"));
    assert_eq!(trouble(&mut link).await.kind(), "silent");
    let quiet = timeout(Duration::from_millis(400), link.next(&mut [0; 8])).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert!(link.status().opens > 2);
    assert_eq!(meter.baud_rate().unwrap(), 9600);
    while link.status().bytes == 0 {
        meter.write_all(b"frame").await.unwrap();
        let _ = timeout(Duration::from_millis(50), link.next(&mut [0; 64])).await;
    }
    link.confirm();
    assert_eq!(event(&mut link).await, Event::Idle);
    assert_eq!(trouble(&mut link).await.kind(), "silent", "a new silence is told anew");
}

#[tokio::test]
async fn auto_waits_for_the_one_adapter() {
    let folder = Folder::new("auto");
    let mut link = Link::within(Source::Auto, quick(), &folder.0);
    assert_eq!(trouble(&mut link).await, Problem::NoAdapter);
    let (_meter, path) = pty();
    let (_other, other) = pty();
    point(&folder.0.join("ttyUSB0"), &path);
    assert_eq!(opened(&mut link).await, format!("{} at 2400 8E1", folder.0.join("ttyUSB0").display()));
    point(&folder.0.join("ttyUSB1"), &other);
    let mut late = Link::within(Source::Auto, quick(), &folder.0);
    let several = trouble(&mut late).await;
    assert!(matches!(&several, Problem::Several { ports } if ports.len() == 2), "{several}");
    fs::remove_file(folder.0.join("ttyUSB0")).unwrap();
    assert!(opened(&mut late).await.contains("ttyUSB1"));
}

#[tokio::test]
async fn auto_gives_a_port_back_that_yields_no_frame_and_tries_it_again_later() {
    let folder = Folder::new("released");
    let (mut meter, path) = pty();
    point(&folder.0.join("ttyUSB0"), &path);
    let short = Duration::from_millis(30);
    let timing = Timing { patience: short, dwell: short, rest: Duration::from_millis(500), ..quick() };
    let mut auto = Link::within(Source::Auto, timing, &folder.0);
    let mut kinds = Vec::new();
    while kinds.last() != Some(&"released") {
        if let Event::Problem(problem) = event(&mut auto).await {
            kinds.push(problem.kind());
        }
    }
    assert_eq!((kinds, auto.status().connected), (vec!["silent", "released"], false));
    let mut other = link(&path, quick());
    opened(&mut other).await;
    drop(other);
    assert_eq!((auto.status().opens, auto.status().open_errors), (1, 0));
    while auto.status().bytes == 0 {
        meter.write_all(b"frame").await.unwrap();
        let heard = timeout(Duration::from_millis(20), auto.next(&mut [0; 64])).await;
        assert!(!matches!(heard, Ok(Event::Problem(_) | Event::Opened(_))), "{heard:?}");
    }
    auto.confirm();
    assert!(auto.status().locked);
}

async fn bridge() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = format!("tcp://{}", listener.local_addr().unwrap());
    (listener, source)
}

async fn accept(listener: &TcpListener, link: &mut Link) -> TcpStream {
    let open = async {
        let name = opened(link).await;
        assert!(name.starts_with("tcp://127.0.0.1:"), "{name}");
    };
    tokio::join!(async { listener.accept().await.unwrap().0 }, open).0
}

#[tokio::test]
async fn a_bridge_that_closes_is_connected_again() {
    let (listener, source) = bridge().await;
    let mut link = link(&source, quick());
    let mut meter = accept(&listener, &mut link).await;
    for round in 0..5_u8 {
        meter.write_all(&[round]).await.unwrap();
        assert_eq!(bytes(&mut link, 1).await, [round]);
        link.confirm();
        drop(meter);
        assert_eq!(event(&mut link).await, Event::Idle);
        assert_eq!(trouble(&mut link).await, Problem::Closed { address: source.clone() });
        let (accepted, _) = tokio::select! {
            accepted = listener.accept() => accepted.unwrap(),
            event = event(&mut link) => panic!("{event:?}"),
        };
        meter = accepted;
    }
}

#[tokio::test]
async fn a_bridge_that_accepts_and_closes_is_mentioned_once() {
    let (listener, source) = bridge().await;
    let mut link = link(&source, quick());
    drop(accept(&listener, &mut link).await);
    assert_eq!(trouble(&mut link).await.kind(), "closed");
    for _ in 0..3 {
        tokio::select! {
            accepted = listener.accept() => drop(accepted.unwrap()),
            event = event(&mut link) => panic!("{event:?}"),
        }
    }
}

#[tokio::test]
async fn a_bridge_that_sends_noise_and_closes_is_mentioned_once_and_asked_ever_more_rarely() {
    let (listener, source) = bridge().await;
    let pause = Duration::from_millis(10);
    let mut link = link(&source, Timing { retry: pause, backoff: pause * 100, ..quick() });
    let mut meter = accept(&listener, &mut link).await;
    let start = Instant::now();
    for round in 0..5 {
        meter.write_all(b"noise").await.unwrap();
        assert_eq!(bytes(&mut link, 5).await, b"noise");
        drop(meter);
        assert_eq!(event(&mut link).await, Event::Idle);
        if round == 0 {
            assert_eq!(trouble(&mut link).await.kind(), "closed");
        }
        let (accepted, _) = tokio::select! {
            accepted = listener.accept() => accepted.unwrap(),
            event = event(&mut link) => panic!("{event:?}"),
        };
        meter = accepted;
    }
    assert!(start.elapsed() >= pause * (1 + 2 + 4 + 8 + 16));
}

#[tokio::test]
async fn a_port_that_hangs_up_again_and_again_is_mentioned_once() {
    let folder = Folder::new("hang-up");
    let port = folder.0.join("ttyMETER");
    let mut link = link(&format!("{}?baud=2400&parity=even", port.display()), quick());
    for round in 1..=3 {
        let (mut meter, path) = pty();
        point(&port, &path);
        if round == 1 {
            opened(&mut link).await;
        }
        meter.write_all(b"x").await.unwrap();
        assert_eq!(bytes(&mut link, 1).await, b"x");
        assert_eq!(link.status().opens, round);
        fs::remove_file(&port).unwrap();
        drop(meter);
        assert_eq!(event(&mut link).await, Event::Idle);
        if round == 1 {
            assert_eq!(trouble(&mut link).await.kind(), "lost");
        }
    }
}

#[tokio::test]
async fn an_unreachable_bridge_is_told_once_and_tried_on() {
    let (listener, source) = bridge().await;
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut link = link(&source, quick());
    let refused = trouble(&mut link).await.to_string();
    assert!(refused.starts_with(&format!("{source} cannot be reached: connection refused;")), "{refused}");
    let quiet = timeout(Duration::from_millis(200), link.next(&mut [0; 8])).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert!(link.status().open_errors > 1);
    let listener = TcpListener::bind(address).await.unwrap();
    accept(&listener, &mut link).await;
}

#[tokio::test]
async fn a_bridge_that_falls_silent_is_left_and_connected_again() {
    let (listener, source) = bridge().await;
    let mut link = link(&source, Timing { silence: Duration::from_secs(1), ..quick() });
    let mut half_open = accept(&listener, &mut link).await;
    half_open.write_all(b"x").await.unwrap();
    bytes(&mut link, 1).await;
    assert_eq!(event(&mut link).await, Event::Idle);
    let text = trouble(&mut link).await.to_string();
    assert!(text.starts_with(&format!("1 byte from {source} in 1 s, but no valid frame;")), "{text}");
    let (mut meter, _) = tokio::select! {
        accepted = listener.accept() => accepted.unwrap(),
        event = event(&mut link) => panic!("{event:?}"),
    };
    meter.write_all(b"y").await.unwrap();
    assert_eq!(bytes(&mut link, 1).await, b"y");
    assert_eq!(link.status().opens, 2);
}

#[tokio::test]
async fn a_file_is_played_to_its_end_and_then_rests() {
    let folder = Folder::new("file");
    let frame = [0x7e, 0xa0, 0x0a, 0x13, 0x7e];
    for (name, content) in [("x.hex", &b"# a frame\n7e a0 0A\n13 7e\n"[..]), ("x.bin", &frame)] {
        let path = folder.file(name, content);
        let mut link = link(&format!("file:{path}?pace=max"), quick());
        assert_eq!(opened(&mut link).await, format!("file:{path}?pace=max"));
        assert_eq!(bytes(&mut link, 5).await, frame, "{name}");
        assert_eq!(event(&mut link).await, Event::Idle);
        assert_eq!(event(&mut link).await, Event::Ended);
        let after = timeout(Duration::from_millis(50), link.next(&mut [0; 8])).await;
        assert!(after.is_err(), "{after:?}");
        assert!(!link.status().connected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_is_paced_like_the_line() {
    let folder = Folder::new("pace");
    let path = folder.file("x.bin", &[0xaa; 1000]);
    let mut link = link(&format!("file:{path}"), Timing::default());
    let mut buffer = [0; 64];
    assert!(matches!(link.next(&mut buffer).await, Event::Opened(_)));
    let start = Instant::now();
    let mut pieces = 0;
    while let Event::Bytes(_) = link.next(&mut buffer).await {
        pieces += 1;
    }
    let taken = start.elapsed();
    assert!(taken.abs_diff(Duration::from_millis(4583)) < Duration::from_millis(20), "{taken:?}");
    assert_eq!(pieces, 125);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_ends() {
    let mut link = link("file:/nonexistent/x.hex", quick());
    let text = trouble(&mut link).await.to_string();
    assert_eq!(text, "/nonexistent/x.hex cannot be read: no such file or directory");
    assert_eq!(event(&mut link).await, Event::Ended);
}

#[tokio::test]
async fn a_stream_made_elsewhere_is_played() {
    let (mut meter, stream) = tokio::io::duplex(64);
    let mut link = Link::over(Source::Simulated("kaifa".parse().unwrap()), stream, quick());
    assert_eq!(opened(&mut link).await, "sim:kaifa");
    for piece in [b"one", b"two"] {
        meter.write_all(piece).await.unwrap();
        assert_eq!(bytes(&mut link, 3).await, piece);
        assert_eq!(event(&mut link).await, Event::Idle);
    }
    drop(meter);
    assert_eq!(event(&mut link).await, Event::Ended);
}

#[tokio::test]
async fn a_simulated_meter_speaks_at_once() {
    let mut link = link("sim:kaifa", quick());
    assert!(matches!(event(&mut link).await, Event::Opened(name) if name.starts_with("sim:kaifa")));
    assert!(matches!(event(&mut link).await, Event::Bytes(count) if count > 0));
}

#[tokio::test]
async fn a_link_may_live_in_a_task() {
    let mut link = link("/nonexistent", quick());
    let told = tokio::spawn(async move { link.next(&mut [0; 8]).await }).await.unwrap();
    assert_eq!(told, Event::Problem(Problem::Absent { port: "/nonexistent".into() }));
}
