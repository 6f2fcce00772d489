//! Snapshots as metric families: a pure function of what is known and of the time of asking.
//!
//! Nothing is set and kept: every scrape makes its families anew from one picture of each meter, so what has aged
//! is simply not there, and an exchanged meter leaves no ghost.

use std::time::{Instant, UNIX_EPOCH};

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use tokio::sync::watch;

use crate::decoder::Error;
use crate::meter::{FAMILIES, Family, Kind, Register};
use crate::reading::Content;
use crate::snapshot::{Limits, Port, Snapshot};

/// One meter as sinks see it.
#[derive(Clone)]
pub struct Meter {
    /// The value of the label `meter`; none where there is only one.
    pub name: Option<String>,
    /// Whether it is a simulated one.
    pub simulated: bool,
    /// How old its values may grow.
    pub limits: Limits,
    /// What is known of it.
    pub snapshot: watch::Receiver<Snapshot>,
}

/// The families of all meters at this moment.
pub fn of_meters(meters: &[Meter]) -> Vec<MetricFamily> {
    let pictures: Vec<_> = meters.iter().map(|meter| (meter, meter.snapshot.borrow())).collect();
    let views: Vec<_> = pictures.iter().map(|(meter, snapshot)| meter.view(snapshot)).collect();
    families(&views, Instant::now())
}

/// One meter's snapshot and how it is to be shown.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The value of the label `meter`, if there is one.
    pub name: Option<&'a str>,
    /// Whether it is a simulated meter.
    pub simulated: bool,
    /// How old values may be.
    pub limits: Limits,
    /// What is known.
    pub snapshot: &'a Snapshot,
}

impl Meter {
    /// The meter with a picture of what is known of it.
    pub fn view<'a>(&'a self, snapshot: &'a Snapshot) -> View<'a> {
        View { name: self.name.as_deref(), simulated: self.simulated, limits: self.limits, snapshot }
    }
}

/// Everything known of the meters at a moment; a family without samples is left out.
pub fn families(views: &[View<'_>], now: Instant) -> Vec<MetricFamily> {
    let own = OWN.iter().map(|own| own.family(views, now));
    let readings =
        FAMILIES.iter().zip(registers()).map(|(family, first)| of_registers(family, first, views, now));
    own.chain(readings).filter(|family| !family.get_metric().is_empty()).collect()
}

/// The number of the first register of each family.
fn registers() -> impl Iterator<Item = usize> {
    FAMILIES.iter().scan(0, |next, family| {
        let first = *next;
        *next += family.members.len();
        Some(first)
    })
}

fn of_registers(family: &Family, first: usize, views: &[View<'_>], now: Instant) -> MetricFamily {
    let mut samples = Samples::new(family.name, family.help, family.kind == Kind::Counter);
    for view in views {
        for (register, (_, label)) in (first..).map_while(Register::at).zip(family.members) {
            let value = view.snapshot.value(register, now, &view.limits);
            if let Some(value) = value.and_then(|value| value.times(family.quantity.factor())) {
                samples.add(view, family.label.map(|name| (name, *label)), value.to_f64());
            }
        }
    }
    samples.family()
}

/// Samples of one family in the making.
pub(super) struct Samples {
    name: &'static str,
    help: &'static str,
    counter: bool,
    metrics: Vec<Metric>,
}

impl Samples {
    pub(super) const fn new(name: &'static str, help: &'static str, counter: bool) -> Self {
        Samples { name, help, counter, metrics: Vec::new() }
    }

    fn add<'a>(&mut self, view: &View<'a>, labels: impl IntoIterator<Item = (&'a str, &'a str)>, value: f64) {
        self.push(labels.into_iter().chain(view.name.map(|name| ("meter", name))), value);
    }

    pub(super) fn push<'a>(&mut self, labels: impl IntoIterator<Item = (&'a str, &'a str)>, value: f64) {
        let pairs = labels.into_iter().map(|(name, value)| pair(name, value)).collect();
        let mut metric = Metric::from_label(pairs);
        if self.counter {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        self.metrics.push(metric);
    }

    pub(super) fn family(self) -> MetricFamily {
        let mut family = MetricFamily::default();
        if !self.metrics.is_empty() {
            family.set_name(self.name.to_owned());
            family.set_help(self.help.to_owned());
            family.set_field_type(if self.counter { MetricType::COUNTER } else { MetricType::GAUGE });
            family.set_metric(self.metrics);
        }
        family
    }
}

fn pair(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

/// A family that says how reading goes, not what was read.
struct Own {
    name: &'static str,
    help: &'static str,
    samples: fn(&mut Samples, &View<'_>, Instant),
}

impl Own {
    fn family(&self, views: &[View<'_>], now: Instant) -> MetricFamily {
        let mut samples = Samples::new(self.name, self.help, self.name.ends_with("_total"));
        views.iter().for_each(|view| (self.samples)(&mut samples, view, now));
        samples.family()
    }
}

#[rustfmt::skip]
static OWN: [Own; 16] = [
    Own { name: "han_up", help: "Whether a good frame arrived within the expected interval.", samples: up },
    Own { name: "han_meter_info", help: "The meter as it names itself (OBIS 0.2.129, 96.1.0, 0.0.5, 96.1.7, 96.1.1).", samples: info },
    Own { name: "han_meter_clock_timestamp_seconds", help: "The meter's own clock when its last list came (OBIS 1.0.0).", samples: clock },
    Own { name: "han_meter_clock_offset_seconds", help: "How far the meter's clock was ahead of the host's when its last list came.", samples: clock_offset },
    Own { name: "han_last_reading_timestamp_seconds", help: "When the newest list of a kind arrived, by the host's clock.", samples: last_reading },
    Own { name: "han_readings_total", help: "Lists decoded.", samples: readings },
    Own { name: "han_repeated_readings_total", help: "Hourly lists that only repeated the stamp and registers of the one before.", samples: |samples, view, _| samples.add(view, None, view.snapshot.counts.repeats as f64) },
    Own { name: "han_frames_total", help: "Frames met, good and bad.", samples: |samples, view, _| samples.add(view, None, view.snapshot.counts.frames as f64) },
    Own { name: "han_frame_errors_total", help: "Frames that gave no reading, by reason.", samples: errors },
    Own { name: "han_unknown_objects_total", help: "Numbers met whose OBIS code has no metric.", samples: |samples, view, _| samples.add(view, None, view.snapshot.counts.unknown as f64) },
    Own { name: "han_serial_connected", help: "Whether the source is open.", samples: |samples, view, _| samples.add(view, None, f64::from(u8::from(view.snapshot.port.connected))) },
    Own { name: "han_serial_opens_total", help: "How often the source was opened.", samples: |samples, view, _| samples.add(view, None, view.snapshot.port.opens as f64) },
    Own { name: "han_serial_open_errors_total", help: "How often opening the source failed.", samples: |samples, view, _| samples.add(view, None, view.snapshot.port.open_errors as f64) },
    Own { name: "han_serial_receive_bytes_total", help: "Octets received.", samples: |samples, view, _| samples.add(view, None, view.snapshot.port.bytes as f64) },
    Own { name: "han_serial_discarded_bytes_total", help: "Octets received that belonged to no frame.", samples: |samples, view, _| samples.add(view, None, view.snapshot.counts.discarded as f64) },
    Own { name: "han_serial_line_errors_total", help: "Faults on the line that the serial driver counted, by kind.", samples: line_errors },
];

fn up(samples: &mut Samples, view: &View<'_>, now: Instant) {
    samples.add(view, None, f64::from(u8::from(view.snapshot.is_up(now, &view.limits))));
}

fn info(samples: &mut Samples, view: &View<'_>, now: Instant) {
    let Some(identity) = view.snapshot.identity(now, &view.limits) else { return };
    let model =
        if view.simulated { format!("{} (simulated)", identity.model) } else { identity.model.to_string() };
    let labels = [
        ("id", identity.id.as_str()),
        ("list_version", identity.list_version.as_str()),
        ("manufacturer", identity.manufacturer),
        ("model", &model),
    ];
    samples.add(view, labels, 1.0);
}

fn clock(samples: &mut Samples, view: &View<'_>, now: Instant) {
    if let Some(unix) = view.snapshot.clock(now, &view.limits).and_then(|clock| clock.unix) {
        samples.add(view, None, unix as f64);
    }
}

fn clock_offset(samples: &mut Samples, view: &View<'_>, now: Instant) {
    if let Some(ahead) = view.snapshot.clock(now, &view.limits).and_then(|clock| clock.ahead) {
        samples.add(view, None, (ahead * 1000.0).round() / 1000.0);
    }
}

fn last_reading(samples: &mut Samples, view: &View<'_>, _: Instant) {
    for content in Content::ALL {
        if let Some(wall) = view.snapshot.last(content) {
            let seconds =
                wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis()) as f64 / 1000.0;
            samples.add(view, Some(("list", content.name())), seconds);
        }
    }
}

fn readings(samples: &mut Samples, view: &View<'_>, _: Instant) {
    for (content, count) in Content::ALL.into_iter().zip(view.snapshot.counts.readings) {
        samples.add(view, Some(("list", content.name())), count as f64);
    }
}

fn errors(samples: &mut Samples, view: &View<'_>, _: Instant) {
    for (reason, count) in Error::REASONS.into_iter().zip(view.snapshot.counts.errors) {
        samples.add(view, Some(("reason", reason)), count as f64);
    }
}

fn line_errors(samples: &mut Samples, view: &View<'_>, _: Instant) {
    for (kind, count) in
        Port::LINE_ERRORS.into_iter().zip(view.snapshot.port.line_errors.into_iter().flatten())
    {
        samples.add(view, Some(("kind", kind)), count as f64);
    }
}
