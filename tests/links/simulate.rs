//! The simulated meter as a whole: plugged in, read, decoded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use han_exporter::command::simulate::{Endpoint, Error, Fault, Options, Rates, run};
use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::reading::Content;
use han_exporter::simulator::Simulated;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_serial::{SerialPortBuilderExt, SerialStream};

const LONG: Duration = Duration::from_secs(60);

fn options(meter: &str, endpoint: Endpoint, faults: Rates) -> Options {
    let meter: Simulated = meter.parse().unwrap();
    Options { meter, endpoint, at_once: false, count: None, faults }
}

fn start(options: Options) -> JoinHandle<Result<(), Error>> {
    tokio::spawn(run(options, std::future::pending()))
}

/// A folder of the test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("han-exporter-simulate-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.join("meter")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads until so many readings came; returns what they hold.
async fn readings(stream: &mut (impl AsyncRead + Unpin), count: usize) -> Vec<Content> {
    let mut decoder = Decoder::default();
    let mut found = Vec::new();
    let mut buffer = [0; 512];
    while found.len() < count {
        let Ok(length @ 1..) = stream.read(&mut buffer).await else { return found };
        let mut input = &buffer[..length];
        while let Some(event) = decoder.feed(&mut input) {
            if let Outcome::Reading { reading, .. } = event.outcome {
                found.push(reading.content);
            }
        }
    }
    found
}

async fn opened(path: &Path) -> SerialStream {
    let open = async {
        loop {
            if let Ok(port) = tokio_serial::new(path.to_str().unwrap(), 2400).open_native_async() {
                return port;
            }
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(LONG, open).await.expect("the port can be opened")
}

#[tokio::test]
async fn a_pseudo_terminal_sends_every_list_and_serves_one_reader_after_another() {
    let folder = Folder::new("meter");
    let link = folder.path();
    let outlet = Endpoint::Pty { link: Some(link.clone()) };
    let meter = start(options("kaifa?speed=20", outlet, vec![]));
    let first = timeout(LONG, async { readings(&mut opened(&link).await, 3).await }).await.unwrap();
    assert_eq!(first, [Content::Energy, Content::Status, Content::Power]);
    for _ in 0..3 {
        let more = timeout(LONG, async { readings(&mut opened(&link).await, 2).await }).await.unwrap();
        assert_eq!(more.len(), 2);
    }
    meter.abort();
    assert!(meter.await.unwrap_err().is_cancelled());
    assert!(std::fs::symlink_metadata(&link).is_err(), "the link goes with the meter");
}

#[tokio::test]
async fn an_unplugged_meter_hangs_up_and_comes_back_under_its_link() {
    let folder = Folder::new("unplugged");
    let link = folder.path();
    let outlet = Endpoint::Pty { link: Some(link.clone()) };
    let meter = start(options("kaifa?speed=20", outlet, vec![(Fault::Unplug, 0.3)]));
    let mut hang_ups = 0;
    let mut found = 0;
    let all = async {
        while hang_ups < 3 || found < 3 {
            let mut port = opened(&link).await;
            found += readings(&mut port, usize::MAX).await.len();
            hang_ups += 1;
        }
    };
    timeout(LONG, all).await.expect("it comes back each time");
    meter.abort();
}

#[tokio::test]
async fn a_socket_serves_every_client() {
    // Whoever asks for port 0 is told on standard output which it is; here it must be known before.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let meter = start(options("aidon?speed=50", Endpoint::Tcp(free.to_string().parse().unwrap()), vec![]));
    let connect = || async {
        loop {
            match TcpStream::connect(free).await {
                Ok(stream) => return stream,
                Err(_) => sleep(Duration::from_millis(2)).await,
            }
        }
    };
    let both = async {
        let (mut one, mut other) = (connect().await, connect().await);
        (readings(&mut one, 20).await.len(), readings(&mut other, 20).await.len())
    };
    assert_eq!(timeout(LONG, both).await.expect("readings come"), (20, 20));
    meter.abort();
}

#[tokio::test]
async fn simulated_damage_is_survived() {
    let folder = Folder::new("damaged");
    let link = folder.path();
    let outlet = Endpoint::Pty { link: Some(link.clone()) };
    let faults = vec![(Fault::Noise, 1.0), (Fault::Bitflip, 0.2), (Fault::Cut, 0.2)];
    let meter = start(options("kaifa?speed=200", outlet, faults));
    let found = timeout(LONG, async { readings(&mut opened(&link).await, 50).await }).await.unwrap();
    assert_eq!(found.len(), 50);
    meter.abort();
}

#[tokio::test]
async fn reports_impossible_options_before_it_starts() {
    let told =
        |options: Options| async move { run(options, std::future::pending()).await.unwrap_err().to_string() };
    let pty = || Endpoint::Pty { link: None };
    let at_once = Options { at_once: true, ..options("kaifa", pty(), vec![]) };
    assert!(told(at_once).await.contains("--speed max is for --to stdout"));
    let unplugged = options("kaifa", Endpoint::Stdout, vec![(Fault::Unplug, 0.1)]);
    assert!(told(unplugged).await.contains("--fault unplug is for"));
    let folder = Folder::new("taken");
    let taken = folder.path();
    std::fs::write(&taken, "mine").unwrap();
    let outlet = Endpoint::Pty { link: Some(taken.clone()) };
    assert!(told(options("kaifa", outlet, vec![])).await.contains("is not a symbolic link: remove it"));
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "mine");
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let busy = told(options("kaifa", Endpoint::Tcp(address.parse().unwrap()), vec![])).await;
    assert!(busy.contains(&format!("cannot listen on {address}")) && !busy.contains('\n'), "{busy}");
}

#[tokio::test]
async fn ends_when_told_to_and_replaces_an_old_link() {
    let folder = Folder::new("ended");
    let link = folder.path();
    std::os::unix::fs::symlink("/nowhere", &link).unwrap();
    let outlet = Endpoint::Pty { link: Some(link.clone()) };
    let ended = run(options("kaifa?speed=20", outlet.clone(), vec![]), async {
        drop(opened(&link).await);
    });
    timeout(LONG, ended).await.expect("it ends").unwrap();
    let counted = Options { count: Some(2), ..options("kaifa?speed=200", outlet, vec![]) };
    timeout(LONG, run(counted, std::future::pending())).await.expect("two frames, then the end").unwrap();
}
