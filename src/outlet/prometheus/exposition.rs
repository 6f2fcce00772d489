//! Metric families as the two texts scrapers read: Prometheus text 0.0.4 and OpenMetrics 1.0.0.
//!
//! Both carry the same samples. Timestamps are never written: a series with a timestamp of its own outlives
//! the meter's silence in Prometheus. Only counters and gauges are known; histograms and summaries, whose
//! `le` and `quantile` differ between the two texts, are left out of both.

use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::number;

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

    /// Writes a whole exposition of finished families; those without samples are left out.
    pub fn encode<'a>(self, families: impl IntoIterator<Item = &'a MetricFamily>) -> Vec<u8> {
        let mut exposition = Exposition::new(self);
        families.into_iter().for_each(|family| exposition.finished(family));
        exposition.end()
    }
}

/// An exposition being written, family by family.
pub struct Exposition {
    out: Vec<u8>,
    format: Format,
}

/// What a family is in either text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Only ever grows; its name ends in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Says something by its labels and is always 1; its name ends in `_info`.
    Info,
    /// Called a counter, but one that OpenMetrics would refuse.
    Unknown,
}

impl Exposition {
    /// Begins.
    pub fn new(format: Format) -> Self {
        Exposition { out: Vec::with_capacity(USUAL_SIZE), format }
    }

    /// Begins a family; without a sample it leaves no trace.
    pub fn family<'a>(&'a mut self, name: &'a str, help: &'a str, kind: Kind) -> Family<'a> {
        Family { exposition: self, name, help, kind, begun: false }
    }

    /// Writes a family of the prometheus crate's. Histograms and summaries are passed over.
    pub fn finished(&mut self, family: &MetricFamily) {
        let Some(read) = reader(family.get_field_type()) else { return };
        let kind = kind(family, read);
        let mut out = self.family(family.name(), family.help(), kind);
        for metric in family.get_metric() {
            out.sample(metric.get_label().iter().map(|label| (label.name(), label.value())), read(metric));
        }
    }

    /// Ends, and gives what was written.
    pub fn end(mut self) -> Vec<u8> {
        if self.format == Format::OpenMetrics {
            self.out.extend_from_slice(b"# EOF\n");
        }
        self.out
    }
}

/// A family being written.
pub struct Family<'a> {
    exposition: &'a mut Exposition,
    name: &'a str,
    help: &'a str,
    kind: Kind,
    begun: bool,
}

impl Family<'_> {
    /// Writes a sample.
    pub fn sample<'l>(&mut self, labels: impl IntoIterator<Item = (&'l str, &'l str)>, value: f64) {
        if !std::mem::replace(&mut self.begun, true) {
            self.head();
        }
        let out = &mut self.exposition.out;
        out.extend_from_slice(self.name.as_bytes());
        let mut separator = b'{';
        for (name, value) in labels {
            out.push(separator);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"=\"");
            escaped(out, value, Quotes::Escaped);
            out.push(b'"');
            separator = b',';
        }
        out.extend_from_slice(if separator == b'{' { b" " } else { b"} " });
        number::write(out, value);
        out.push(b'\n');
    }

    fn head(&mut self) {
        let out = &mut self.exposition.out;
        match self.exposition.format {
            Format::Text => text_head(out, self.name, self.help, self.kind),
            Format::OpenMetrics => open_metrics_head(out, self.name, self.help, self.kind),
        }
    }
}

/// A three-phase meter with everything about it fills this.
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

type Read = fn(&Metric) -> f64;

fn reader(kind: MetricType) -> Option<Read> {
    match kind {
        MetricType::COUNTER => Some(|metric| metric.get_counter().get_value()),
        MetricType::GAUGE => Some(|metric| metric.get_gauge().get_value()),
        _ => None,
    }
}

fn text_head(out: &mut Vec<u8>, name: &str, help: &str, kind: Kind) {
    if !help.is_empty() {
        line_start(out, b"# HELP ", name);
        escaped(out, help, Quotes::Plain);
        out.push(b'\n');
    }
    let kind: &[u8] = match kind {
        Kind::Counter | Kind::Unknown => b"counter\n",
        Kind::Gauge | Kind::Info => b"gauge\n",
    };
    line_start(out, b"# TYPE ", name);
    out.extend_from_slice(kind);
}

/// Names the family and its type as OpenMetrics wants them.
fn open_metrics_head(out: &mut Vec<u8>, name: &str, help: &str, kind: Kind) {
    let stem = |suffix| name.strip_suffix(suffix).unwrap_or(name);
    let (name, kind, with_unit): (_, &[u8], _) = match kind {
        Kind::Counter => (stem("_total"), b"counter\n", true),
        Kind::Gauge => (name, b"gauge\n", true),
        Kind::Info => (stem("_info"), b"info\n", false),
        Kind::Unknown => (name, b"unknown\n", true),
    };
    line_start(out, b"# TYPE ", name);
    out.extend_from_slice(kind);
    if let Some(unit) = unit(name).filter(|_| with_unit) {
        line_start(out, b"# UNIT ", name);
        out.extend_from_slice(unit.as_bytes());
        out.push(b'\n');
    }
    if !help.is_empty() {
        line_start(out, b"# HELP ", name);
        escaped(out, help, Quotes::Escaped);
        out.push(b'\n');
    }
}

/// One value a type forbids would fail the whole scrape, so such a family goes by the type that allows all.
fn kind(family: &MetricFamily, read: Read) -> Kind {
    let name = family.name();
    let all = |fits: fn(f64) -> bool| family.get_metric().iter().all(|metric| fits(read(metric)));
    match family.get_field_type() {
        MetricType::COUNTER if name.ends_with("_total") && all(|value| value >= 0.0) => Kind::Counter,
        MetricType::COUNTER => Kind::Unknown,
        _ if name.ends_with("_info") && all(|value| value == 1.0) => Kind::Info,
        _ => Kind::Gauge,
    }
}

fn unit(name: &str) -> Option<&'static str> {
    UNITS.into_iter().find(|unit| name.strip_suffix(unit).is_some_and(|thing| thing.ends_with('_')))
}

fn line_start(out: &mut Vec<u8>, keyword: &[u8], name: &str) {
    out.extend_from_slice(keyword);
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
}

/// Where a backslash is due: HELP lines of the text format leave quotes alone.
#[derive(Clone, Copy)]
enum Quotes {
    Escaped,
    Plain,
}

/// Appends `text` with a backslash before each backslash and quote, a line feed becoming `\n`.
fn escaped(out: &mut Vec<u8>, text: &str, quotes: Quotes) {
    let special = |byte: &u8| match byte {
        b'\\' | b'\n' => true,
        b'"' => matches!(quotes, Quotes::Escaped),
        _ => false,
    };
    let mut rest = text.as_bytes();
    // Nearly no text has any of them, and looking for one byte at a time is what the library does fastest.
    let quoted = matches!(quotes, Quotes::Escaped) && rest.contains(&b'"');
    if !quoted && !rest.contains(&b'\\') && !rest.contains(&b'\n') {
        return out.extend_from_slice(rest);
    }
    while let Some(at) = rest.iter().position(special) {
        out.extend_from_slice(&rest[..at]);
        out.push(b'\\');
        out.push(if rest[at] == b'\n' { b'n' } else { rest[at] });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::proto::{Counter, Gauge, LabelPair};
    use proptest::prelude::*;

    fn family(kind: MetricType, name: &str, help: &str, samples: &[(&[(&str, &str)], f64)]) -> MetricFamily {
        let mut family = MetricFamily::default();
        family.set_name(name.into());
        family.set_help(help.into());
        family.set_field_type(kind);
        family.set_metric(samples.iter().map(|(labels, value)| metric(kind, labels, *value)).collect());
        family
    }

    fn metric(kind: MetricType, labels: &[(&str, &str)], value: f64) -> Metric {
        let mut metric = Metric::from_label(labels.iter().map(|(name, value)| pair(name, value)).collect());
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

    fn pair(name: &str, value: &str) -> LabelPair {
        let mut pair = LabelPair::default();
        pair.set_name(name.into());
        pair.set_value(value.into());
        pair
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
            family(COUNTER, "han_active_energy_import_joules_total", "a\\b\nc \"d\"", &[(&[], 3.6e6)]),
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
# HELP han_active_energy_import_joules_total a\\b\nc "d"
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
# HELP han_active_energy_import_joules a\\b\nc \"d\"
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
    fn nothing_to_say_is_still_a_valid_text() {
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

    proptest! {
        #[test]
        fn both_texts_carry_the_same_samples(
            names in proptest::collection::vec("[a-z]{1,8}(_total|_info|_watts|_seconds_total)?", 1..20),
            counters: u32,
            label in ".*",
            value: f64,
        ) {
            let families: Vec<_> = names.iter().enumerate().map(|(index, name)| {
                let kind = if counters >> (index % 32) & 1 == 1 { COUNTER } else { GAUGE };
                family(kind, name, &label, &[(&[("a", &label)], value), (&[], 1.0)])
            }).collect();
            let text = encoded(Format::Text, &families);
            let open_metrics = encoded(Format::OpenMetrics, &families);
            prop_assert_eq!(samples(&text).len(), 2 * names.len());
            prop_assert_eq!(samples(&text), samples(&open_metrics));
        }

        #[test]
        fn escaping_can_be_undone(text in ".*") {
            let mut out = Vec::new();
            escaped(&mut out, &text, Quotes::Escaped);
            let escaped = String::from_utf8(out).unwrap();
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
