//! Measures the cost of a scrape: `cargo run --release --example scrape_bench`. With the argument `text` or `openmetrics`
//! it prints the measured exposition.
//!
//! Processor time is that of the server thread, kernel included, as the scheduler counts it.

#[cfg(feature = "daemon")]
fn main() {
    use std::io::Write;
    let families = bench::families();
    let print = |format: han_exporter::outlet::prometheus::exposition::Format| {
        let own = han_exporter::platform::process::Process::new().families();
        std::io::stdout()
            .write_all(&format.encode(families.iter().chain(&own)))
            .expect("standard output takes the text");
    };
    match std::env::args().nth(1).as_deref() {
        Some("text") => print(han_exporter::outlet::prometheus::exposition::Format::Text),
        Some("openmetrics") => print(han_exporter::outlet::prometheus::exposition::Format::OpenMetrics),
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

    use han_exporter::http::{Limits, Listener, serve};
    use han_exporter::outlet::prometheus::exposition::Format;
    use han_exporter::outlet::prometheus::{gzip, negotiate};
    use han_exporter::platform::heartbeat::Heartbeat;
    use han_exporter::platform::process::Process;
    use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

    const ROUNDS: u32 = 20_000;

    pub fn measure() {
        let families = families();
        let process = Process::new();
        let text = Format::Text.encode(&families);
        let compressed = gzip::compress(&text).len();
        println!("{} bytes of text, {compressed} compressed", text.len());
        time("text", || Format::Text.encode(&families));
        time("openmetrics", || Format::OpenMetrics.encode(&families));
        time("gzip", || gzip::compress(&text));
        time("process_*", || process.families());
        time("families by hand", self::families);
        let (address, schedule) = server();
        for accept in ["identity", "gzip"] {
            scrapes("kept alive", accept, &address, &schedule, true);
            scrapes("new connection", accept, &address, &schedule, false);
        }
    }

    fn time<T>(what: &str, mut work: impl FnMut() -> T) {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            black_box(work());
        }
        println!("{what}: {} ns", start.elapsed().as_nanos() / u128::from(ROUNDS));
    }

    fn server() -> (String, String) {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let thread = fs::read_link("/proc/thread-self").expect("/proc is mounted");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(async {
                let listener = Listener::bind("127.0.0.1:0").expect("a port is free");
                let schedule = format!("/proc/{}/schedstat", thread.display());
                tell.send((listener.address(), schedule)).expect("the other side waits");
                let (families, process) = (self::families(), Process::new());
                let handler = move |request: hyper::http::request::Parts| {
                    let own = process.families();
                    std::future::ready(negotiate::respond(&request.headers, |out| {
                        families.iter().chain(&own).for_each(|family| out.finished(family))
                    }))
                };
                serve(vec![listener], Limits::default(), Heartbeat::default(), handler, pending()).await;
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

    /// Sixty series, as of a three-phase meter.
    pub fn families() -> Vec<MetricFamily> {
        const COUNTER: MetricType = MetricType::COUNTER;
        const GAUGE: MetricType = MetricType::GAUGE;
        let none: &[&str] = &[""];
        let phases: &[&str] = &["L1", "L2", "L3"];
        let reasons: &[&str] =
            &["header_check", "frame_check", "length", "truncated", "tag", "list", "cipher", "block"];
        let rows = [
            (GAUGE, "han_up", "Whether a valid frame arrived within the expected interval.", "", none, 1.0),
            (
                GAUGE,
                "han_meter_info",
                "The meter as it names itself (OBIS 0-0:96.1.0).",
                "id",
                &["6970631400000000"],
                1.0,
            ),
            (
                GAUGE,
                "han_active_power_import_watts",
                "Active power drawn, all phases (OBIS 1-0:1.7.0).",
                "",
                none,
                5056.0,
            ),
            (
                GAUGE,
                "han_active_power_export_watts",
                "Active power delivered, all phases (OBIS 1-0:2.7.0).",
                "",
                none,
                0.0,
            ),
            (
                GAUGE,
                "han_reactive_power_import_vars",
                "Reactive power drawn, all phases (OBIS 1-0:3.7.0).",
                "",
                none,
                12.0,
            ),
            (
                GAUGE,
                "han_reactive_power_export_vars",
                "Reactive power delivered, all phases (OBIS 1-0:4.7.0).",
                "",
                none,
                489.0,
            ),
            (
                GAUGE,
                "han_phase_active_power_import_watts",
                "Active power drawn per phase (OBIS 1-0:21.7.0).",
                "phase",
                phases,
                1603.5,
            ),
            (
                GAUGE,
                "han_phase_active_power_export_watts",
                "Active power delivered per phase (OBIS 1-0:22.7.0).",
                "phase",
                phases,
                0.0,
            ),
            (
                GAUGE,
                "han_voltage_volts",
                "Root mean square voltage (OBIS 1-0:32.7.0).",
                "phase",
                phases,
                230.5,
            ),
            (
                GAUGE,
                "han_current_amperes",
                "Root mean square current (OBIS 1-0:31.7.0).",
                "phase",
                phases,
                7.123,
            ),
            (
                GAUGE,
                "han_phase_power_factor_ratio",
                "Power factor per phase (OBIS 1-0:33.7.0).",
                "phase",
                phases,
                0.98,
            ),
            (
                GAUGE,
                "han_phase_angle_degrees",
                "Angle between voltage and current (OBIS 1-0:81.7.4).",
                "phase",
                phases,
                11.5,
            ),
            (GAUGE, "han_frequency_hertz", "Frequency of the grid (OBIS 1-0:14.7.0).", "", none, 49.98),
            (
                COUNTER,
                "han_active_energy_import_joules_total",
                "Active energy drawn (OBIS 1-0:1.8.0); 3600000 joules are 1 kWh.",
                "",
                none,
                130_876_567_200.0,
            ),
            (
                COUNTER,
                "han_active_energy_export_joules_total",
                "Active energy delivered (OBIS 1-0:2.8.0); 3600000 joules are 1 kWh.",
                "",
                none,
                0.0,
            ),
            (
                COUNTER,
                "han_reactive_energy_import_var_seconds_total",
                "Reactive energy drawn (OBIS 1-0:3.8.0).",
                "",
                none,
                95_659_200.0,
            ),
            (
                COUNTER,
                "han_reactive_energy_export_var_seconds_total",
                "Reactive energy delivered (OBIS 1-0:4.8.0).",
                "",
                none,
                8_123_659_200.0,
            ),
            (
                GAUGE,
                "han_meter_clock_timestamp_seconds",
                "The meter's own clock (OBIS 0-0:1.0.0).",
                "",
                none,
                1_727_809_210.0,
            ),
            (
                GAUGE,
                "han_last_reading_timestamp_seconds",
                "When the newest list arrived.",
                "list",
                &["power", "status", "energy"],
                1_727_809_210.482,
            ),
            (
                COUNTER,
                "han_readings_total",
                "Lists decoded.",
                "list",
                &["power", "status", "energy"],
                86_400.0,
            ),
            (COUNTER, "han_frames_total", "Frames, good and bad.", "", none, 100_080.0),
            (COUNTER, "han_frame_errors_total", "Frames refused.", "reason", reasons, 3.0),
            (COUNTER, "han_unknown_objects_total", "Objects met that have no metric.", "", none, 0.0),
            (GAUGE, "han_serial_connected", "Whether the port is open.", "", none, 1.0),
            (COUNTER, "han_serial_opens_total", "Openings of the port.", "", none, 1.0),
            (COUNTER, "han_serial_open_errors_total", "Openings of the port that failed.", "", none, 0.0),
            (COUNTER, "han_serial_receive_bytes_total", "Bytes received.", "", none, 12_345_678.0),
            (COUNTER, "han_serial_discarded_bytes_total", "Bytes that belong to no frame.", "", none, 17.0),
            (GAUGE, "han_exporter_build_info", "The program.", "version", &["0.1.0"], 1.0),
        ];
        rows.into_iter()
            .map(|(kind, name, help, label, labels, value)| family(kind, name, help, label, labels, value))
            .collect()
    }

    fn family(
        kind: MetricType,
        name: &str,
        help: &str,
        label: &str,
        labels: &[&str],
        value: f64,
    ) -> MetricFamily {
        let mut family = MetricFamily::default();
        family.set_name(name.into());
        family.set_help(help.into());
        family.set_field_type(kind);
        family.set_metric(labels.iter().map(|text| metric(kind, label, text, value)).collect());
        family
    }

    fn metric(kind: MetricType, label: &str, text: &str, value: f64) -> Metric {
        let mut pair = LabelPair::default();
        pair.set_name(label.into());
        pair.set_value(text.into());
        let mut metric = Metric::from_label(if label.is_empty() { Vec::new() } else { vec![pair] });
        if kind == MetricType::COUNTER {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        metric
    }
}
