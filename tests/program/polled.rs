//! The program asks meters that answer: the program too, on a pseudo-terminal whose speed it watches, or on a socket.

use std::process::{Command, Stdio};

use crate::support::exporter::Exporter;
use crate::support::plugged::Simulator;

const KWH: f64 = 3.6e6;

/// The program, asking a meter every second.
fn asking(place: &str, protocol: &str) -> Exporter {
    Exporter::start(&["--source", &format!("{place}?protocol={protocol}&interval=1s")])
}

/// The values of all these series, once there are any.
fn values<const N: usize>(exporter: &Exporter, series: [&str; N]) -> [f64; N] {
    exporter.until(|| series.iter().all(|series| exporter.value(series).is_some()), &series.join(", "));
    series.map(|series| exporter.value(series).unwrap())
}

fn without_errors(exporter: &Exporter) {
    let metrics = exporter.ask("/metrics").1;
    let errors = metrics.lines().filter(|line| line.starts_with("han_frame_errors_total"));
    assert!(errors.clone().all(|line| line.ends_with(" 0")), "{}", errors.collect::<Vec<_>>().join("\n"));
}

#[test]
fn polls_a_kamstrup_685_and_serves_every_value() {
    let meter = Simulator::start(&["kmp382"]);
    let exporter = asking(&meter.place, "kmp382");
    let [energy, fine, first, second] = values(
        &exporter,
        [
            "han_active_energy_import_joules_total",
            "han_active_energy_import_fine_joules_total",
            "han_tariff_active_energy_import_joules_total{tariff=\"1\"}",
            "han_tariff_active_energy_import_joules_total{tariff=\"2\"}",
        ],
    );
    assert!((energy..energy + KWH).contains(&fine) && energy % KWH == 0.0, "{energy} J, {fine} J");
    // Each is cut to whole kWh.
    assert!((0.0..=KWH).contains(&(energy - first - second)), "{energy} J, {first} J, {second} J");
    let [watts, peak, seconds] = values(
        &exporter,
        ["han_active_power_import_watts", "han_power_demand_max_watts", "han_operating_seconds_total"],
    );
    assert!(watts <= peak && seconds % 3600.0 == 0.0, "{watts} W, {peak} W, {seconds} s");
    for series in [
        "han_up",
        "han_meter_info{id=\"41001\",list_version=\"\",manufacturer=\"Kamstrup\",model=\"685382OK10\"}",
        "han_meter_numbers_info{customer=\"10041001\",production=\"80041001\"}",
    ] {
        assert_eq!(exporter.value(series), Some(1.0), "{series}");
    }
    exporter.until(|| exporter.value("han_readings_total{list=\"energy\"}") >= Some(6.0), "rounds");
    assert_eq!(
        exporter.value("han_serial_opens_total"),
        Some(1.0),
        "the port is not opened anew between rounds"
    );
    exporter.until(|| exporter.said().contains("1200 8E2"), "the log to name the settings");
    without_errors(&exporter);
    exporter.stop();
}

#[test]
fn reads_an_iec_62056_21_meter_at_the_speed_it_offers() {
    let meter = Simulator::start(&["zmd120"]);
    let exporter = asking(&meter.place, "iec");
    let [energy, first, second] = values(
        &exporter,
        [
            "han_active_energy_import_joules_total",
            "han_tariff_active_energy_import_joules_total{tariff=\"1\"}",
            "han_tariff_active_energy_import_joules_total{tariff=\"2\"}",
        ],
    );
    assert!((0.0..=KWH / 10.0).contains(&(energy - first - second)), "{energy} J, {first} J, {second} J");
    exporter.until(|| exporter.value("han_readings_total{list=\"energy\"}") >= Some(3.0), "rounds");
    without_errors(&exporter);
    exporter.stop();
}

#[test]
fn serves_every_value_of_a_685_read_out_in_mode_a_long_before_the_next_poll_cycle_is_due() {
    let meter = Simulator::start(&["kamstrup-iec"]);
    let exporter = Exporter::start(&["--source", &format!("{}?protocol=iec&interval=30m", meter.place)]);
    let series = [
        "han_active_energy_import_joules_total",
        "han_tariff_active_energy_import_joules_total{tariff=\"1\"}",
        "han_tariff_active_energy_import_joules_total{tariff=\"2\"}",
        "han_operating_seconds_total",
        "han_input_pulses_total",
        "han_power_demand_max_watts",
        "han_power_demand_max_previous_watts",
    ];
    let [.., pulses, peak, before] = values(&exporter, series);
    assert!((pulses, before) == (0.0, 2800.0) && peak > 0.0 && peak % 100.0 == 0.0);
    let who =
        "han_meter_info{id=\"00044001\",list_version=\"\",manufacturer=\"Kamstrup\",model=\"685-382-OK-10\"}";
    assert_eq!(exporter.value(who), Some(1.0));
    without_errors(&exporter);
    exporter.stop();
}

#[test]
fn detects_the_speed_of_a_heat_meter() {
    let meter = Simulator::start(&["multical"]);
    let exporter = Exporter::start(&["--source", &format!("{}?protocol=kmp", meter.place)]);
    values(&exporter, ["han_heat_joules_total{channel=\"0\"}", "han_operating_seconds_total"]);
    exporter.stop();
}

#[test]
fn reports_a_meter_that_does_not_answer_with_its_fix_and_polls_again() {
    let link = std::env::temp_dir().join(format!("han-asked-{}", std::process::id()));
    let link = link.to_str().unwrap();
    let deaf = Simulator::start(&["kmp382", "--fault", "deaf=1", "--link", link]);
    let exporter = asking(link, "kmp382");
    let ready = || exporter.ask("/-/ready");
    let told = "does not answer in kmp382 at 1200 8E2; no data arrive: check the optical head";
    exporter.until(|| ready().1.contains(told), "the complaint");
    assert_eq!((ready().0, exporter.value("han_up")), (503, Some(0.0)));
    // A trouble that is over before the log looks at it is none to tell.
    exporter.until(|| exporter.said().contains("does not answer"), "the log to say so");
    drop(deaf);
    let _hears = Simulator::start(&["kmp382", "--link", link]);
    exporter.until(|| ready().0 == 200, "readings");
    assert_eq!(exporter.said().matches("does not answer").count(), 1, "{}", exporter.said());
    exporter.stop();
}

#[test]
fn reads_a_meter_at_the_speed_of_its_network_adapter() {
    let meter = Simulator::start(&["zmd120", "--to", "tcp:127.0.0.1:0"]);
    let exporter = asking(&meter.place, "iec");
    values(&exporter, ["han_active_energy_import_joules_total"]);
    without_errors(&exporter);
    exporter.stop();
}

#[test]
fn reads_a_382_over_any_serial_line() {
    let meter = Simulator::start(&["kmp"]);
    let exporter = asking(&meter.place, "kmp");
    let series = [
        "han_active_energy_import_joules_total",
        "han_active_energy_export_joules_total",
        "han_phase_active_power_import_watts{phase=\"L1\"}",
        "han_voltage_volts{phase=\"L3\"}",
        "han_current_amperes{phase=\"L2\"}",
    ];
    values(&exporter, series);
    without_errors(&exporter);
    exporter.stop();
}

#[test]
fn a_simulated_polled_meter_is_a_source() {
    let exporter = Exporter::start(&["--source", "sim:kmp382"]);
    values(&exporter, ["han_active_power_import_watts", "han_operating_seconds_total"]);
    exporter.stop();
}

fn doctor(words: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_han-exporter"));
    let output = command.arg("doctor").args(words).stdin(Stdio::null()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn doctor_polls_a_silent_meter_and_prints_the_source_that_works() {
    for (name, protocol, list, seconds) in [
        ("kmp382", "kmp382", "Kamstrup 685-382 tariffs", "40"),
        ("zmd120", "iec", "readout of IEC 62056-21", "90"),
    ] {
        let meter = Simulator::start(&[name]);
        let (well, said) = doctor(&[&meter.place, "--seconds", seconds]);
        let source = format!("han-exporter --source '{}?protocol={protocol}'", meter.place);
        for part in ["Nothing is pushed; polling", "Diagnosis: all is well", list, &source] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(
            well && !said.contains("41001") && !said.contains("45001"),
            "the meter's id is nobody's business: {said}"
        );
    }
}

#[test]
fn doctor_says_in_order_what_short_responses_contain() {
    for (name, contents) in [("kmp", "energy, power, status"), ("multical", "energy, status")] {
        let meter = Simulator::start(&[name]);
        let speed = if name == "kmp" { "" } else { "&baud=1200&stop=2" };
        let (well, said) = doctor(&[&format!("{}?protocol=kmp{speed}", meter.place), "--seconds", "60"]);
        let place = |part| said.find(part).unwrap_or_else(|| panic!("{part} in {said}"));
        assert!(place("First bytes") < place("First valid frame"), "{said}");
        let lists = said.lines().filter(|line| line.contains(" so far  "));
        let mut found: Vec<_> = lists.filter_map(|line| line.split_whitespace().next()).collect();
        found.sort_unstable();
        found.dedup();
        assert!(well && found.join(", ") == contents, "a response without values is no power: {said}");
    }
}

#[test]
fn doctor_reports_what_to_check_if_a_meter_does_not_answer() {
    let silent = Simulator::start(&["kmp382", "--fault", "deaf=1"]);
    let (well, said) = doctor(&[&format!("{}?protocol=kmp382", silent.place), "--seconds", "60"]);
    for part in
        ["Diagnosis: the meter at", "does not answer in kmp382 at 1200 8E2; no data", "dtr=on&rts=off'"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!well);
}
