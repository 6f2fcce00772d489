//! Polled meters on a pseudo-terminal at the true speed of their serial lines, with bytes lost, doubled and echoed: every
//! value that is read was true at some moment, and readings keep coming.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::plugged::Plugged;
use crate::support::polled::{Reader, Simulated};
use crate::support::report;
use crate::support::share::every;
use han_exporter::command::simulate::{Fault, Rates};
use han_exporter::decoder::{self, Decoder};
use han_exporter::pipeline::Pipeline;
use han_exporter::poll::{PollEngine, PollOptions};
use han_exporter::source::{Event, Link, Timing};
use han_exporter::wire::protocol::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_serial::{SerialPort, SerialPortBuilderExt, SerialStream, StopBits};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a meter reported, when it was started, and when it was heard last.
struct Heard {
    readings: Vec<String>,
    failures: usize,
    started: [u64; 2],
    ended: u64,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Polls a meter every second until so many readings have arrived.
async fn heard(meter: &str, protocol: Protocol, faults: Rates, readings: usize) -> Heard {
    let kinds = faults.iter().map(|(fault, _)| fault.name()).collect::<String>();
    let link = std::env::temp_dir().join(format!("han-{meter}-{kinds}-{}", std::process::id()));
    let before = now();
    let meter = Plugged::new(meter, faults, &link).await;
    let mut heard = Heard { readings: Vec::new(), failures: 0, started: [before, now()], ended: 0 };
    let source = format!("serial:{}?protocol={protocol}&interval=1s", link.display());
    let link = Link::new(source.parse().unwrap(), Timing::default());
    let mut talk = Pipeline::new(link, Decoder::default());
    let hearing = async {
        let mut buffer = [0; 64];
        while heard.readings.len() < readings {
            match talk.next(&mut buffer).await {
                Event::Bytes(count) => {
                    let mut bytes = &buffer[..count];
                    while let Some(event) = talk.feed(&mut bytes) {
                        heard.note(&event);
                    }
                }
                Event::Idle => {
                    while let Some(event) = talk.idle() {
                        heard.note(&event);
                    }
                }
                _ => {}
            }
        }
    };
    timeout(PATIENCE, hearing).await.expect("readings keep coming");
    heard.ended = now();
    meter.unplug().await;
    heard
}

impl Heard {
    fn note(&mut self, event: &decoder::Event<'_>) {
        let said = report::outcome(&event.outcome);
        match report::is_reading(&said) {
            true => self.readings.push(said),
            false => self.failures += 1,
        }
    }

    /// Everything that the meter could have reported meanwhile, whichever second it was started in.
    fn truth(&self, meter: &str, protocol: Protocol) -> BTreeSet<String> {
        let mut truth = BTreeSet::new();
        let [first, last] = self.started;
        for start in first..=last {
            let mut meter = Simulated::started(meter, Duration::from_secs(start));
            let mut reader = Reader::new(PollEngine::new(protocol, &PollOptions::default()).unwrap());
            for second in 0..=self.ended - start + 1 {
                meter.moment = Duration::from_secs(second);
                truth.extend(reader.play(&mut meter, 1000, true).said);
            }
        }
        truth
    }
}

async fn nothing_false_is_read(meter: &str, protocol: Protocol, faults: Rates, readings: usize) {
    let damages = faults.iter().any(|(fault, _)| !fault.affects_requests());
    let heard = heard(meter, protocol, faults, readings).await;
    let truth = heard.truth(meter, protocol);
    let truth: BTreeSet<String> = truth.iter().map(|said| proven(said, protocol)).collect();
    for reading in &heard.readings {
        assert!(truth.contains(&proven(reading, protocol)), "{meter} never said this: {reading}");
    }
    assert!(damages || heard.failures == 0, "{meter}: {} failures without damage", heard.failures);
}

/// The lines that a check protects. No check protects the identification line of IEC 62056-21.
fn proven(said: &str, protocol: Protocol) -> String {
    let is_proven = |line: &&str| {
        protocol != Protocol::Iec || !["  maker", "  model"].iter().any(|it| line.starts_with(it))
    };
    said.lines().filter(is_proven).collect()
}

/// A meter, its protocol, what its line does, and how many readings are waited for where every case runs. No line both
/// loses and doubles bytes: if both hit equal digits, no sum can detect it.
fn lines() -> [(&'static str, Protocol, Rates, usize); 8] {
    use Fault::{Bitflip, Cut, Deaf, Doubled, Echo, Lost};
    [
        ("kmp382", Protocol::Kmp382, vec![(Lost, 0.3), (Echo, 0.5)], 9),
        ("kmp382", Protocol::Kmp382, vec![(Doubled, 0.3), (Deaf, 0.2)], 9),
        ("kmp", Protocol::Kmp, vec![(Lost, 0.3), (Echo, 0.5)], 12),
        ("kmp", Protocol::Kmp, vec![(Doubled, 0.2), (Cut, 0.2)], 12),
        ("zmd120", Protocol::Iec, vec![(Lost, 0.25), (Echo, 0.5)], 4),
        ("zmd120", Protocol::Iec, vec![(Doubled, 0.25), (Deaf, 0.2)], 4),
        ("2wr5", Protocol::Iec, vec![(Bitflip, 0.3)], 4),
        ("kamstrup-iec", Protocol::Iec, vec![], 1),
    ]
}

/// All at the same time, because they mostly wait.
#[test]
fn lines_that_lose_double_and_echo_bytes_yield_no_false_value() {
    std::thread::scope(|scope| {
        for (meter, protocol, faults, readings) in lines() {
            let readings = if every() == 1 { readings } else { readings.div_ceil(3) };
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(nothing_false_is_read(meter, protocol, faults, readings));
            });
        }
    });
}

/// A meter, and its port opened at a speed.
async fn opened(name: &str, baud: u32, faults: Rates) -> (Plugged, SerialStream) {
    let link = std::env::temp_dir().join(format!("han-{name}-{baud}-{}", std::process::id()));
    let meter = Plugged::new(name, faults, &link).await;
    let port = tokio_serial::new(link.to_str().unwrap(), baud).stop_bits(StopBits::Two).open_native_async();
    (meter, port.unwrap())
}

async fn read(port: &mut SerialStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    timeout(PATIENCE, port.read_exact(&mut bytes)).await.expect("bytes come").unwrap();
    bytes
}

#[tokio::test]
async fn ignores_a_request_at_another_speed() {
    const TARIFFS: &[u8] = b"@FE95006D\r";
    const REGISTERS: &[u8] = b"@FE9072\r";
    let (meter, mut port) = opened("kmp382", 9600, vec![(Fault::Echo, 1.0)]).await;
    port.write_all(TARIFFS).await.unwrap();
    // The meter has heard it, as it were.
    assert_eq!(read(&mut port, TARIFFS.len()).await, TARIFFS);
    port.set_baud_rate(1200).unwrap();
    port.write_all(REGISTERS).await.unwrap();
    assert_eq!(read(&mut port, REGISTERS.len()).await, REGISTERS);
    assert_eq!(read(&mut port, 5).await, b"HFE90", "the first question has no answer");
    meter.unplug().await;
}

#[tokio::test]
async fn a_response_at_another_speed_is_garbage() {
    const IDENT: &[u8] = b"/LGZ5ZMD120APt.G03\r\n";
    let (meter, mut port) = opened("zmd120", 300, vec![]).await;
    port.set_stop_bits(StopBits::One).unwrap();
    port.write_all(b"/?!\r\n").await.unwrap();
    assert_eq!(read(&mut port, IDENT.len()).await, IDENT);
    port.write_all(b"\x06050\r\n").await.unwrap();
    // The meter goes on at 9600; the reader stays as it is.
    let data = read(&mut port, 8).await;
    assert_ne!(data, b"\x02F.F(000", "{}", data.escape_ascii());
    meter.unplug().await;
}
