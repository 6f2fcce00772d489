//! Unusual data sets of telegrams: each yields its value or nothing, and never another value.

use crate::support;
use crate::support::arc::arc;

/// What a telegram of these sets says, beside who sent it.
fn said(sets: &str) -> Vec<String> {
    let values = |line: &str| line.trim().starts_with("han_").then(|| line.trim().to_owned());
    outcomes(sets).iter().flat_map(|outcome| outcome.lines().filter_map(values)).collect()
}

fn outcomes(sets: &str) -> Vec<String> {
    let text = format!("/KFM5x\r\n\r\n0-0:1.0.0(240102030405W)\r\n{}\r\n!", sets.replace(' ', "\r\n"));
    let telegram = format!("{text}{:04X}\r\n", arc(text.as_bytes()));
    support::outcomes(telegram.as_bytes())
}

const POWER: &str = "1-0:2.7.0(00.000*kW)";

#[track_caller]
fn assert_said(sets: &str, expected: &[&str]) {
    let all = said(&format!("{POWER} {sets}"));
    let others: Vec<_> = all.iter().filter(|line| !line.starts_with("han_active_power_export")).collect();
    assert_eq!(others, expected, "{sets}");
    assert_eq!(all.len(), others.len() + 1, "the rest of the telegram counts");
}

#[test]
fn a_value_never_measured_is_absent_not_zero() {
    for sets in [
        "0-2:24.1.0(007) 0-2:24.2.1(632525252525W)(00000.000*m3)",
        "0-2:24.1.0(003) 0-2:24.2.1(632525252525S)(00000.000)",
        "0-1:24.1.0(003) 0-1:24.2.3(700101010000W)(00000.000*m3)",
        "1-0:1.6.0(632525252525W)(00.000*kW)",
        "1-0:1.6.0(700101010000W)(00.000*kW)",
    ] {
        assert_said(sets, &[]);
    }
    assert_said(
        "0-1:24.1.0(003) 0-1:24.2.1(240102030000W)(00000.000*m3)",
        &[
            "han_gas_cubic_meters_total{channel=\"1\"} 0 m³",
            "han_gas_reading_timestamp_seconds{channel=\"1\"} 1704160800 s",
        ],
    );
}

#[test]
fn ignores_two_values_under_one_code() {
    assert_said("0-1:24.1.0(003) 0-1:24.2.1(101209112500W)(12785.123*m3)(77*m3)", &[]);
    assert_said("1-0:1.6.0(240102030000W)(02.000*kW)(03.000*kW)", &[]);
}

#[test]
fn accepts_units_in_lower_case() {
    assert_said(
        "1-0:32.7.0(230.1*v) 1-0:31.7.0(1.5*a)",
        &["han_voltage_volts{phase=\"L1\"} 230.1 V", "han_current_amperes{phase=\"L1\"} 1.5 A"],
    );
}

#[test]
fn reads_255_as_group_e_like_0() {
    assert_said("1-0:1.7.255*255(000425.90*W)", &["han_active_power_import_watts 425.9 W"]);
    assert_said(
        "1-0:36.7.255(-0.299*kW)",
        &[
            "han_phase_active_power_import_watts{phase=\"L1\"} 0 W",
            "han_phase_active_power_export_watts{phase=\"L1\"} 299 W",
        ],
    );
}

#[test]
fn a_way_without_a_unit_does_not_keep_the_net_power_whole() {
    let sets = "1-0:36.7.0(-0.299*kW) 1-0:21.7.0(00.1)";
    let ways = [
        "han_phase_active_power_import_watts{phase=\"L1\"} 0 W",
        "han_phase_active_power_export_watts{phase=\"L1\"} 299 W",
    ];
    assert_said(sets, &ways);
    assert_said(
        "1-0:36.7.0(-0.299*kW) 1-0:21.7.0(00.1*kW)",
        &["han_phase_active_power_import_watts{phase=\"L1\"} 100 W"],
    );
}

#[test]
fn of_several_ids_the_best_known_one_counts_wherever_it_stands() {
    let ids =
        ["1-0:0.0.0(KFM1)", "0-0:96.1.255(KFM2)", "0-0:42.0.0(KFM3)", "0-0:96.1.0(KFM4)", "0-0:96.1.1(KFM5)"];
    for (best, id) in ids.iter().enumerate().skip(1) {
        for sets in [format!("{} {id}", ids[best - 1]), format!("{id} {}", ids[best - 1])] {
            let said = outcomes(&format!("{POWER} {sets}")).concat();
            assert!(said.contains(&format!("  id KFM{}\n", best + 1)), "{sets}: {said}");
        }
    }
}
