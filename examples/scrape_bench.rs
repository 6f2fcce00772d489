//! What a scrape costs: gathering, encoding, compressing, and the answer over HTTP, for one meter and for a hundred.
//!
//! `cargo run --release --example scrape_bench` prints nanoseconds. `scrape_bench text` and `scrape_bench openmetrics`
//! print one exposition, and `scrape_bench count METERS SCRAPES` gathers and encodes so often, for callgrind.

#[cfg(feature = "daemon")]
fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["text"] => bench::print(han_exporter::outlet::prometheus::exposition::Format::Text),
        ["openmetrics"] => bench::print(han_exporter::outlet::prometheus::exposition::Format::OpenMetrics),
        ["count", meters, scrapes] => bench::count(meters, scrapes),
        _ => bench::measure(),
    }
}

#[cfg(not(feature = "daemon"))]
fn main() {}

#[cfg(feature = "daemon")]
mod bench {
    use std::fs;
    use std::future::pending;
    use std::hint::black_box;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::mpsc;
    use std::time::Instant;

    use han_exporter::decoder::Decoder;
    use han_exporter::hex;
    use han_exporter::http::{Hosts, Limits, Listener, serve};
    use han_exporter::hub::{self, Hub, Intake, Meter, Moment};
    use han_exporter::outlet;
    use han_exporter::outlet::prometheus::exposition::Format;
    use han_exporter::outlet::prometheus::{Metrics, Reloads, gzip};
    use han_exporter::platform::heartbeat::Heartbeat;

    const ROUNDS: u32 = 20_000;
    /// A three-phase meter with all registers: some sixty series.
    const STREAM: &[u8] = include_bytes!("../fixtures/kaifa/list-3.hex");

    pub fn measure() {
        for meters in [1, 100] {
            let metrics = metrics(meters);
            let families = metrics.gather();
            let text = Format::Text.encode(&families);
            let series: usize = families.iter().map(|family| family.get_metric().len()).sum();
            let compressed = gzip::compress(&text).len();
            println!(
                "{meters} meters, {series} series: {} bytes of text, {compressed} compressed",
                text.len()
            );
            let rounds = ROUNDS / meters;
            time("gather", rounds, || metrics.gather());
            time("text", rounds, || Format::Text.encode(&families));
            time("openmetrics", rounds, || Format::OpenMetrics.encode(&families));
            time("gzip", rounds, || gzip::compress(&text));
        }
        let (address, schedule) = server();
        for accept in ["identity", "gzip"] {
            scrapes("kept alive", accept, &address, &schedule, true);
            scrapes("new connection", accept, &address, &schedule, false);
        }
    }

    pub fn print(format: Format) {
        let text = format.encode(&metrics(1).gather());
        std::io::stdout().write_all(&text).expect("standard output takes the text");
    }

    pub fn count(meters: &str, scrapes: &str) {
        let metrics = metrics(meters.parse().expect("a number of meters"));
        let series: usize = metrics.gather().iter().map(|family| family.get_metric().len()).sum();
        println!("{series} series");
        for _ in 0..scrapes.parse().expect("a number of scrapes") {
            black_box(Format::Text.encode(&metrics.gather()));
        }
    }

    /// The metrics of meters that have just been read.
    fn metrics(meters: u32) -> Metrics {
        let hub = Hub::default();
        let name = |index| if meters == 1 { String::new() } else { format!("meter{index}") };
        let names: Vec<hub::MeterName> = (0..meters).map(|index| name(index).as_str().into()).collect();
        hub.set_meters(names.iter().map(|name| Meter { name: name.clone(), ..Meter::default() }).collect());
        let bytes = hex::bytes(STREAM);
        for name in names {
            let (mut intake, mut decoder, mut input) =
                (Intake::new(hub.clone(), name), Decoder::default(), &bytes[..]);
            while let Some(event) = decoder.feed(&mut input) {
                intake.decoded(&event, Moment::now());
            }
        }
        Metrics::new(hub, "/metrics", &Reloads::default(), true)
    }

    fn time<T>(what: &str, rounds: u32, mut work: impl FnMut() -> T) {
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(work());
        }
        println!("{what}: {} ns", start.elapsed().as_nanos() / u128::from(rounds));
    }

    fn server() -> (String, String) {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let thread = fs::read_link("/proc/thread-self").expect("/proc is mounted");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(async {
                let listener =
                    Listener::bind(&"127.0.0.1:0".parse().expect("an address")).expect("a port is free");
                let schedule = format!("/proc/{}/schedstat", thread.display());
                tell.send((listener.address(), schedule)).expect("the other side waits");
                let routes: Vec<Box<dyn outlet::Route>> = vec![Box::new(metrics(1))];
                let handler = move |request| outlet::answer(&routes, &request);
                serve(
                    vec![listener],
                    Limits::default(),
                    Hosts::default(),
                    Heartbeat::default(),
                    handler,
                    pending(),
                )
                .await;
            });
        });
        told.recv().expect("the server starts")
    }

    fn scrapes(what: &str, encoding: &str, address: &str, schedule: &str, keep: bool) {
        let request = format!(
            "GET /metrics HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Prometheus/3.5.3\r\nAccept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2\r\nAccept-Encoding: {encoding}\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n"
        );
        let mut stream = connect(address);
        let start = Instant::now();
        let before = processor_time(schedule);
        for _ in 0..ROUNDS {
            if !keep {
                stream = connect(address);
            }
            scrape(&mut stream, &request);
        }
        let used = processor_time(schedule) - before;
        let elapsed = start.elapsed().as_nanos() / u128::from(ROUNDS);
        println!(
            "scrape, {encoding}, {what}: {} ns of processor time, {elapsed} ns until read",
            used / u64::from(ROUNDS)
        );
    }

    fn connect(address: &str) -> TcpStream {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("the socket is ours");
        stream
    }

    fn scrape(stream: &mut TcpStream, request: &str) {
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut buffer = [0; 32 * 1024];
        let mut filled = 0;
        loop {
            filled += stream.read(&mut buffer[filled..]).expect("the server answers");
            let text = &buffer[..filled];
            if let Some(head) = text.windows(4).position(|four| four == b"\r\n\r\n")
                && filled >= head + 4 + length(&text[..head])
            {
                return;
            }
        }
    }

    fn length(head: &[u8]) -> usize {
        let head = str::from_utf8(head).expect("heads are text");
        let value = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        value.and_then(|value| value.parse().ok()).expect("answers tell their length")
    }

    fn processor_time(schedule: &str) -> u64 {
        let text = fs::read_to_string(schedule).expect("the kernel counts");
        text.split(' ').next().and_then(|time| time.parse().ok()).expect("the first field is a number")
    }
}
