//! The program against meters that answer: over a pseudo-terminal whose speed they watch, and over a socket.
//!
#![cfg(feature = "daemon")]

mod support;

#[path = "support/exporter.rs"]
mod exporter;
#[path = "support/outlet.rs"]
mod outlet;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use exporter::Exporter;
use han_exporter::wire::line::{Parity, Settings};
use outlet::{IEC, KMP382, Outlet, READOUT, readout};
use support::asked::{self, ELECTRICITY, HEAT, Meter};

#[test]
fn a_kamstrup_685_is_asked_and_every_value_is_served() {
    let outlet = Outlet::plug(asked::kmp382, KMP382);
    let exporter = Exporter::start(&["--source", &format!("{}?protocol=kmp382&interval=1s", outlet.path)]);
    exporter.wait("han_active_energy_import_joules_total", Some(9032.0 * 3.6e6));
    exporter.wait("han_tariff_active_energy_import_joules_total{tariff=\"2\"}", Some(3.6e6));
    for (series, value) in [
        ("han_up", 1.0),
        ("han_active_energy_import_fine_joules_total", 9032.33 * 3.6e6),
        ("han_active_power_import_watts", 2875.0),
        ("han_power_demand_max_watts", 1559.0),
        ("han_operating_seconds_total", 57_377.0 * 3600.0),
        ("han_tariff_active_energy_import_joules_total{tariff=\"1\"}", 9031.0 * 3.6e6),
        (
            "han_meter_info{id=\"123456\",list_version=\"\",manufacturer=\"Kamstrup\",model=\"685382OK10\"}",
            1.0,
        ),
        ("han_meter_numbers_info{customer=\"12345678\",production=\"87654321\"}", 1.0),
    ] {
        assert_eq!(exporter.value(series), Some(value), "{series}");
    }
    exporter.until(|| exporter.value("han_readings_total{list=\"energy\"}") >= Some(6.0), "rounds");
    assert_eq!(
        exporter.value("han_serial_opens_total"),
        Some(1.0),
        "the port is not opened anew between rounds"
    );
    assert!(exporter.said().contains("1200 8E2"), "{}", exporter.said());
    assert_eq!(outlet.faults(), [""; 0]);
    exporter.stop();
}

#[test]
fn a_meter_of_iec_62056_21_is_read_at_the_speed_it_offers() {
    let outlet = Outlet::plug(readout(READOUT), IEC);
    let exporter = Exporter::start(&["--source", &format!("{}?protocol=iec&interval=1s", outlet.path)]);
    exporter.wait("han_active_energy_import_joules_total", Some(1846.0 * 3.6e6));
    assert_eq!(exporter.value("han_active_power_import_watts"), Some(490.0));
    exporter.until(|| exporter.value("han_readings_total{list=\"energy\"}") >= Some(3.0), "rounds");
    assert_eq!(outlet.faults(), [""; 0]);
    let errors = exporter.ask("/metrics").1;
    let errors = errors.lines().filter(|line| line.starts_with("han_frame_errors_total"));
    assert!(errors.clone().all(|line| line.ends_with(" 0")), "{}", errors.collect::<Vec<_>>().join("\n"));
    exporter.stop();
}

#[test]
fn a_heat_meter_is_found_at_its_own_speed() {
    let outlet = Outlet::plug(HEAT, Settings::new(1200, 8, Parity::None).two_stops());
    let exporter = Exporter::start(&["--source", &format!("{}?protocol=kmp", outlet.path)]);
    exporter.wait("han_heat_joules_total", Some(55.648 * 3.6e9));
    exporter.stop();
}

#[test]
fn a_meter_that_does_not_answer_is_told_with_its_cure_and_asked_again() {
    let mute = Arc::new(AtomicBool::new(true));
    let silent = Arc::clone(&mute);
    let meter = move |octets: &[u8], line: Settings| match silent.load(Ordering::Relaxed) {
        true => Vec::new(),
        false => asked::kmp382(octets, line),
    };
    let outlet = Outlet::plug(meter, KMP382);
    let exporter = Exporter::start(&["--source", &format!("{}?protocol=kmp382&interval=1s", outlet.path)]);
    let ready = || exporter.ask("/-/ready");
    let told = "does not answer in kmp382 at 1200 8E2; not one octet came: check the optical head";
    exporter.until(|| ready().1.contains(told), "the complaint");
    assert_eq!((ready().0, exporter.value("han_up")), (503, Some(0.0)));
    mute.store(false, Ordering::Relaxed);
    exporter.until(|| ready().0 == 200, "readings");
    assert_eq!(exporter.said().matches("does not answer").count(), 1, "{}", exporter.said());
    exporter.stop();
}

#[test]
fn a_meter_behind_a_network_adapter_is_read_at_the_speed_of_the_adapter() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut meter = readout(READOUT);
        for mut stream in listener.incoming().map_while(Result::ok) {
            stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            let mut buffer = [0; 64];
            loop {
                match stream.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => {
                        let said = meter.hear(&buffer[..count], IEC);
                        let _ = stream.write_all(&said);
                    }
                    Err(_) => {
                        let said = meter.more(IEC);
                        let _ = stream.write_all(&said);
                    }
                }
            }
        }
    });
    let exporter = Exporter::start(&["--source", &format!("tcp://{address}?protocol=iec&interval=1s")]);
    exporter.wait("han_active_energy_import_joules_total", Some(1846.0 * 3.6e6));
    exporter.stop();
}

#[test]
fn a_382_is_read_over_any_line_that_carries_octets() {
    let outlet = Outlet::plug(ELECTRICITY, Settings::new(9600, 8, Parity::None));
    let exporter = Exporter::start(&["--source", &format!("{}?protocol=kmp&interval=1s", outlet.path)]);
    exporter.wait("han_phase_active_power_import_watts{phase=\"L1\"}", Some(1078.0));
    exporter.wait("han_active_energy_import_joules_total", Some(36_886_123.0 * 3600.0));
    exporter.stop();
}

fn doctor(words: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_han-exporter"));
    let output = command.arg("doctor").args(words).stdin(Stdio::null()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_doctor_asks_a_silent_meter_and_tells_the_source_that_works() {
    let kmp382 = Outlet::plug(asked::kmp382, KMP382);
    let readout = Outlet::plug(readout(READOUT), IEC);
    for (outlet, protocol, list) in
        [(&kmp382, "kmp382", "Kamstrup 685-382 tariffs"), (&readout, "iec", "readout of IEC 62056-21")]
    {
        let (well, said) = doctor(&[&outlet.path, "--seconds", "1"]);
        let source = format!("han-exporter --source '{}?protocol={protocol}'", outlet.path);
        for part in ["Nobody speaks by himself; asking", "Verdict: all is well", list, &source] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(well && !said.contains("12345678"), "the meter's id is nobody's business: {said}");
    }
}

#[test]
fn the_doctor_says_what_to_check_if_a_meter_does_not_answer() {
    let silent = Outlet::plug(|_: &[u8], _: Settings| Vec::new(), KMP382);
    let (well, said) = doctor(&[&format!("{}?protocol=kmp382", silent.path)]);
    for part in
        ["Verdict: the meter at", "does not answer in kmp382 at 1200 8E2; not one octet", "dtr=on&rts=off'"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!well);
}
