//! Gathered families as the two texts scrapers read: Prometheus text 0.0.4 and OpenMetrics 1.0.0.
//!
//! Both contain the same samples. Timestamps are never written: Prometheus keeps a series with a timestamp of its own
//! although the meter has fallen silent. Only counters and gauges are written; histograms and summaries, whose `le` and
//! `quantile` differ between the two texts, are omitted.

use std::fmt::Write;

use prometheus::proto::{Metric, MetricFamily, MetricType};

/// The texts on offer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Prometheus text exposition 0.0.4, which every scraper reads.
    Text,
    /// OpenMetrics 1.0.0, which adds units and the info type.
    OpenMetrics,
}

impl Format {
    /// What the answer's Content-Type header says; Prometheus 3 fails a scrape without it.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
            Format::OpenMetrics => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
            }
        }
    }

    /// The text of all families that have samples.
    pub fn encode(self, families: &[MetricFamily]) -> Vec<u8> {
        let mut out = String::with_capacity(USUAL_SIZE);
        for family in families {
            encode_family(&mut out, self, family);
        }
        if self == Format::OpenMetrics {
            out.push_str("# EOF\n");
        }
        out.into_bytes()
    }
}

/// What a three-phase meter with everything about it needs.
const USUAL_SIZE: usize = 10 * 1024;

/// The units our names end in, longer ones before the shorter ones they end in.
const UNITS: [&str; 13] = [
    "var_seconds",
    "seconds",
    "bytes",
    "joules",
    "watts",
    "voltamperes",
    "vars",
    "volts",
    "amperes",
    "hertz",
    "ratio",
    "degrees",
    "cubic_meters",
];

/// What a family is in either text.
#[derive(Clone, Copy)]
enum Kind {
    /// Only ever grows; its name ends in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Says something by its labels and is always 1; its name ends in `_info`.
    Info,
    /// Called a counter, but one that OpenMetrics would refuse.
    Unknown,
}

fn encode_family(out: &mut String, format: Format, family: &MetricFamily) {
    let value: fn(&Metric) -> f64 = match family.get_field_type() {
        MetricType::COUNTER => |metric| metric.get_counter().get_value(),
        MetricType::GAUGE => |metric| metric.get_gauge().get_value(),
        _ => return,
    };
    let metrics = family.get_metric();
    if metrics.is_empty() {
        return;
    }
    let kind = kind(family, value);
    match format {
        Format::Text => text_head(out, family.name(), family.help(), kind),
        Format::OpenMetrics => open_metrics_head(out, family.name(), family.help(), kind),
    }
    for metric in metrics {
        sample(out, family.name(), metric, value(metric));
    }
}

/// The type for which no value of the family is forbidden: one such value would fail the whole scrape.
fn kind(family: &MetricFamily, value: fn(&Metric) -> f64) -> Kind {
    let name = family.name();
    let all = |fits: fn(f64) -> bool| family.get_metric().iter().all(|metric| fits(value(metric)));
    match family.get_field_type() {
        MetricType::COUNTER if name.ends_with("_total") && all(|value| value >= 0.0) => Kind::Counter,
        MetricType::COUNTER => Kind::Unknown,
        _ if name.ends_with("_info") && all(|value| value == 1.0) => Kind::Info,
        _ => Kind::Gauge,
    }
}

fn text_head(out: &mut String, name: &str, help: &str, kind: Kind) {
    if !help.is_empty() {
        line(out, "# HELP ", name, help);
    }
    let kind = match kind {
        Kind::Counter | Kind::Unknown => "counter",
        Kind::Gauge | Kind::Info => "gauge",
    };
    line(out, "# TYPE ", name, kind);
}

/// Writes a family's name and type as OpenMetrics wants them: without the suffix that its samples have.
fn open_metrics_head(out: &mut String, name: &str, help: &str, kind: Kind) {
    let without = |suffix| name.strip_suffix(suffix).unwrap_or(name);
    let (name, kind, has_unit) = match kind {
        Kind::Counter => (without("_total"), "counter", true),
        Kind::Gauge => (name, "gauge", true),
        Kind::Info => (without("_info"), "info", false),
        Kind::Unknown => (name, "unknown", true),
    };
    line(out, "# TYPE ", name, kind);
    if let Some(unit) = unit(name).filter(|_| has_unit) {
        line(out, "# UNIT ", name, unit);
    }
    if !help.is_empty() {
        line(out, "# HELP ", name, help);
    }
}

/// Writes a line about a family. Its name and its help are our own texts, which need no escaping.
fn line(out: &mut String, keyword: &str, name: &str, about: &str) {
    out.push_str(keyword);
    out.push_str(name);
    out.push(' ');
    out.push_str(about);
    out.push('\n');
}

fn sample(out: &mut String, name: &str, metric: &Metric, value: f64) {
    out.push_str(name);
    let labels = metric.get_label();
    for (index, label) in labels.iter().enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        out.push_str(label.name());
        out.push_str("=\"");
        escape(out, label.value());
        out.push('"');
    }
    if !labels.is_empty() {
        out.push('}');
    }
    out.push(' ');
    number(out, value);
    out.push('\n');
}

fn unit(name: &str) -> Option<&'static str> {
    UNITS.into_iter().find(|unit| name.strip_suffix(unit).is_some_and(|thing| thing.ends_with('_')))
}

/// Writes the fewest digits that read back as the same value.
fn number(out: &mut String, value: f64) {
    /// Up to here thousandths have at most fifteen digits: no shorter number reads back as the same value.
    const MOST: f64 = 1e15;
    if value.is_infinite() {
        return out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    }
    if value < 0.0 {
        out.push('-');
    }
    let value = value.abs();
    let whole = value as i64;
    if whole as f64 == value {
        return digits(out, whole as u64);
    }
    let thousandths = (value * 1000.0).round();
    if thousandths < MOST && thousandths / 1000.0 == value {
        digits(out, whole as u64);
        return decimals(out, thousandths as u64 % 1000);
    }
    // Writing to memory cannot fail.
    let _ = write!(out, "{value}");
}

fn digits(out: &mut String, number: u64) {
    if number > 9 {
        digits(out, number / 10);
    }
    out.push(digit(number % 10));
}

/// Writes thousandths without the zeros at their end.
fn decimals(out: &mut String, mut thousandths: u64) {
    out.push('.');
    while thousandths > 0 {
        out.push(digit(thousandths / 100));
        thousandths = thousandths % 100 * 10;
    }
}

fn digit(number: u64) -> char {
    char::from(b'0' + number as u8)
}

/// Writes a label's value with a backslash before each backslash and quote, and `\n` for a line feed.
fn escape(out: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'\\' | b'\n' | b'"')) {
        out.push_str(&rest[..at]);
        out.push('\\');
        out.push_str(if rest[at..].starts_with('\n') { "n" } else { &rest[at..=at] });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use super::super::family::Head;
    use crate::meter::Quantity;

    fn family(kind: MetricType, name: &str, help: &str, samples: &[(&[(&str, &str)], f64)]) -> MetricFamily {
        let head = Head { name, help, kind };
        let samples = samples.iter().map(|(labels, value)| head.sample(labels, None, *value));
        head.family(samples.collect()).unwrap_or_default()
    }

    fn encoded(format: Format, families: &[MetricFamily]) -> String {
        String::from_utf8(format.encode(families)).unwrap()
    }

    fn samples(text: &str) -> Vec<&str> {
        text.lines().filter(|line| !line.starts_with('#')).collect()
    }

    const COUNTER: MetricType = MetricType::COUNTER;
    const GAUGE: MetricType = MetricType::GAUGE;

    fn everything() -> Vec<MetricFamily> {
        vec![
            family(GAUGE, "han_up", "A good frame arrived in time.", &[(&[], 1.0)]),
            family(GAUGE, "han_meter_info", "The meter.", &[(&[("id", "a\"b\\c\nd"), ("model", "")], 1.0)]),
            family(GAUGE, "han_voltage_volts", "", &[(&[("phase", "L1")], 230.5), (&[("phase", "L2")], 0.0)]),
            family(COUNTER, "han_active_energy_import_joules_total", "h", &[(&[], 3.6e6)]),
            family(COUNTER, "han_reactive_energy_import_var_seconds_total", "h", &[(&[], 1.0)]),
            family(COUNTER, "han_strange", "h", &[(&[], 1.0)]),
            family(COUNTER, "han_negative_total", "h", &[(&[], -1.0)]),
            family(GAUGE, "han_two_info", "h", &[(&[], 2.0)]),
            family(GAUGE, "seconds", "h", &[(&[], f64::NAN)]),
            family(GAUGE, "han_empty", "h", &[]),
            family(MetricType::HISTOGRAM, "han_histogram", "h", &[(&[], 1.0)]),
        ]
    }

    #[test]
    fn text_is_what_prometheus_documents() {
        let expected = r#"# HELP han_up A good frame arrived in time.
# TYPE han_up gauge
han_up 1
# HELP han_meter_info The meter.
# TYPE han_meter_info gauge
han_meter_info{id="a\"b\\c\nd",model=""} 1
# TYPE han_voltage_volts gauge
han_voltage_volts{phase="L1"} 230.5
han_voltage_volts{phase="L2"} 0
# HELP han_active_energy_import_joules_total h
# TYPE han_active_energy_import_joules_total counter
han_active_energy_import_joules_total 3600000
"#;
        assert_eq!(encoded(Format::Text, &everything()[..4]), expected);
    }

    #[test]
    fn open_metrics_names_units_and_infos() {
        let expected = r#"# TYPE han_up gauge
# HELP han_up A good frame arrived in time.
han_up 1
# TYPE han_meter info
# HELP han_meter The meter.
han_meter_info{id="a\"b\\c\nd",model=""} 1
# TYPE han_voltage_volts gauge
# UNIT han_voltage_volts volts
han_voltage_volts{phase="L1"} 230.5
han_voltage_volts{phase="L2"} 0
# TYPE han_active_energy_import_joules counter
# UNIT han_active_energy_import_joules joules
# HELP han_active_energy_import_joules h
han_active_energy_import_joules_total 3600000
# TYPE han_reactive_energy_import_var_seconds counter
# UNIT han_reactive_energy_import_var_seconds var_seconds
# HELP han_reactive_energy_import_var_seconds h
han_reactive_energy_import_var_seconds_total 1
# TYPE han_strange unknown
# HELP han_strange h
han_strange 1
# TYPE han_negative_total unknown
# HELP han_negative_total h
han_negative_total -1
# TYPE han_two_info gauge
# HELP han_two_info h
han_two_info 2
# TYPE seconds gauge
# HELP seconds h
seconds NaN
# EOF
"#;
        assert_eq!(encoded(Format::OpenMetrics, &everything()), expected);
    }

    #[test]
    fn no_families_are_still_a_valid_text() {
        assert_eq!(encoded(Format::Text, &[]), "");
        assert_eq!(encoded(Format::OpenMetrics, &[]), "# EOF\n");
    }

    #[test]
    fn every_unit_is_recognised_and_none_hides_another() {
        for expected in UNITS {
            assert_eq!(unit(&format!("han_thing_{expected}")), Some(expected));
        }
        assert_eq!(unit("han_thingwatts"), None);
    }

    #[test]
    fn every_register_that_has_a_unit_names_it() {
        for family in crate::meter::FAMILIES {
            let expected = match family.quantity {
                Quantity::ActivePower => Some("watts"),
                Quantity::ReactivePower => Some("vars"),
                Quantity::ApparentPower => Some("voltamperes"),
                Quantity::Voltage => Some("volts"),
                Quantity::Current => Some("amperes"),
                Quantity::Ratio => Some("ratio"),
                Quantity::Angle => Some("degrees"),
                Quantity::Frequency => Some("hertz"),
                Quantity::ActiveEnergy | Quantity::Heat => Some("joules"),
                Quantity::ReactiveEnergy => Some("var_seconds"),
                Quantity::Duration | Quantity::Timestamp => Some("seconds"),
                Quantity::Volume => Some("cubic_meters"),
                Quantity::Count => None,
            };
            let name = family.name.strip_suffix("_total").unwrap_or(family.name);
            assert_eq!(unit(name), expected, "{name}");
        }
    }

    fn written(value: f64) -> String {
        let mut out = String::new();
        number(&mut out, value);
        out
    }

    #[test]
    fn values_are_written_shortest() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-17.0, "-17"),
            (230.5, "230.5"),
            (-0.25, "-0.25"),
            (0.001, "0.001"),
            (10.05, "10.05"),
            (1_000_000_000.0, "1000000000"),
            (15_461_882_265_600.0, "15461882265600"),
            (1_732_190_400.125, "1732190400.125"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (18_446_744_073_709_551_615.0, "18446744073709552000"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    proptest! {
        #[test]
        fn every_value_reads_back(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(!value.is_nan());
            prop_assert_eq!(written(value).replace("Inf", "inf").parse::<f64>().unwrap(), value);
        }

        #[test]
        fn few_decimals_are_written_as_the_standard_library_writes_them(number in -(1_i64 << 51)..1 << 51) {
            for divisor in [1.0, 1e3, 1e6, 1e12, 2e15] {
                // Adding zero takes the sign from a zero, which is written without.
                let value = (number as f64 / divisor).trunc() / 1000.0 + 0.0;
                prop_assert_eq!(written(value), value.to_string());
            }
        }

        #[test]
        fn both_texts_carry_the_same_samples(
            names in proptest::collection::vec("[a-z]{1,8}(_total|_info|_watts|_seconds_total)?", 1..20),
            counters: u32,
            label in ".*",
            value: f64,
        ) {
            let families: Vec<_> = names.iter().enumerate().map(|(index, name)| {
                let kind = if counters >> (index % 32) & 1 == 1 { COUNTER } else { GAUGE };
                family(kind, name, "h", &[(&[("a", &label)], value), (&[], 1.0)])
            }).collect();
            let text = encoded(Format::Text, &families);
            let open_metrics = encoded(Format::OpenMetrics, &families);
            prop_assert_eq!(samples(&text).len(), 2 * names.len());
            prop_assert_eq!(samples(&text), samples(&open_metrics));
        }

        #[test]
        fn escaping_can_be_undone(text in ".*") {
            let mut escaped = String::new();
            escape(&mut escaped, &text);
            prop_assert!(!escaped.contains('\n'));
            let mut original = String::new();
            let mut characters = escaped.chars();
            while let Some(character) = characters.next() {
                original.push(match character {
                    '\\' => match characters.next().unwrap() { 'n' => '\n', other => other },
                    other => { prop_assert_ne!(other, '"'); other }
                });
            }
            prop_assert_eq!(original, text);
        }
    }
}
