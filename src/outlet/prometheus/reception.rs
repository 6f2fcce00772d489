//! The metrics about how reading a meter goes, not about what it said.

use std::time::UNIX_EPOCH;

use prometheus::core::Desc;
use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::family::{Head, Label, meter_label};
use crate::decoder::Error;
use crate::hub::{Current, Port};
use crate::reading::Content;

/// A family, and how its samples are made of what may be shown of a meter.
pub struct ReceptionFamily {
    head: Head<'static>,
    samples: Samples,
}

/// Adds a sample with these labels.
type AddSample<'a> = dyn FnMut(&[Label<'_>]) + 'a;

enum Samples {
    /// What is counted of each meter.
    Count(fn(Current<'_>) -> u64),
    /// At most one of each meter.
    One(fn(Current<'_>) -> Option<f64>),
    /// At most one of each meter for each value of a label, which comes with its index.
    Each(&'static str, &'static [&'static str], fn(Current<'_>, usize) -> Option<f64>),
    /// At most one of each meter; it is always 1, and its labels say something.
    Info(&'static [&'static str], fn(Current<'_>, &mut AddSample<'_>)),
}

use Samples::{Count, Each, Info, One};

impl ReceptionFamily {
    pub fn descriptor(&self) -> Desc {
        let labels = match &self.samples {
            Count(_) | One(_) => &[],
            Each(label, ..) => std::slice::from_ref(label),
            Info(labels, _) => *labels,
        };
        self.head.descriptor(&[labels, &["meter"]].concat())
    }

    /// The family of these meters; `None` without a sample. Given in the order of their names, the samples are in the
    /// order that the registry sorts them into, which spares it moving them.
    pub fn collect(&self, meters: &[Current<'_>]) -> Option<MetricFamily> {
        let values = if let Each(_, values, _) = self.samples { values.len() } else { 1 };
        let mut samples: Vec<Metric> = Vec::with_capacity(meters.len() * values);
        let mut add = |meter, labels: &[Label<'_>], value| {
            samples.push(self.head.sample(labels, meter_label(meter), value));
        };
        match self.samples {
            Count(count) => meters.iter().for_each(|&meter| add(meter, &[], count(meter) as f64)),
            One(value) => {
                for &meter in meters {
                    value(meter).into_iter().for_each(|value| add(meter, &[], value));
                }
            }
            Each(label, names, value) => {
                for (index, name) in names.iter().enumerate() {
                    for &meter in meters {
                        value(meter, index).into_iter().for_each(|value| add(meter, &[(label, name)], value));
                    }
                }
            }
            Info(_, labels) => {
                for &meter in meters {
                    labels(meter, &mut |labels| add(meter, labels, 1.0));
                }
            }
        }
        self.head.family(samples)
    }
}

const fn gauge(name: &'static str, help: &'static str, samples: Samples) -> ReceptionFamily {
    ReceptionFamily { head: Head { name, help, kind: MetricType::GAUGE }, samples }
}

const fn counter(name: &'static str, help: &'static str, samples: Samples) -> ReceptionFamily {
    ReceptionFamily { head: Head { name, help, kind: MetricType::COUNTER }, samples }
}

pub static RECEPTION: [ReceptionFamily; 17] = [
    gauge(
        "han_up",
        "Whether a valid frame arrived within the expected interval.",
        One(|meter| Some(f64::from(u8::from(meter.is_up())))),
    ),
    gauge(
        "han_meter_info",
        "The meter as it names itself (OBIS 0.2.129, 96.1.0, 0.0.5, 96.1.7, 96.1.1).",
        Info(&["id", "list_version", "manufacturer", "model"], identity),
    ),
    gauge(
        "han_meter_numbers_info",
        "Numbers that a meter reports beside its own: its customer's and that of its production (Kamstrup 685-382).",
        Info(&["customer", "production"], numbers),
    ),
    gauge(
        "han_meter_clock_timestamp_seconds",
        "The meter's own clock when its last message arrived (OBIS 1.0.0).",
        One(|meter| Some(meter.clock()?.unix? as f64)),
    ),
    gauge(
        "han_meter_clock_offset_seconds",
        "How far the meter's clock was ahead of the host's when its last message arrived.",
        One(|meter| Some((meter.clock()?.ahead? * 1000.0).round() / 1000.0)),
    ),
    gauge(
        "han_last_reading_timestamp_seconds",
        "When the newest list of a kind arrived, by the host's clock.",
        Each("list", &LIST_NAMES, last_reading),
    ),
    counter(
        "han_readings_total",
        "Readings decoded, by kind.",
        Each("list", &LIST_NAMES, |meter, list| Some(*meter.counts().readings.get(list)? as f64)),
    ),
    counter(
        "han_repeated_readings_total",
        "Hourly lists that only repeated the clock and counters of the one before.",
        Count(|meter| meter.counts().repeats),
    ),
    counter("han_frames_total", "Frames received, valid or not.", Count(|meter| meter.counts().frames)),
    counter(
        "han_frame_errors_total",
        "Frames that yielded no reading, by reason.",
        Each("reason", &Error::REASONS, |meter, reason| Some(*meter.counts().errors.get(reason)? as f64)),
    ),
    counter(
        "han_unknown_objects_total",
        "Numeric values received whose OBIS code has no metric.",
        Count(|meter| meter.counts().unknown),
    ),
    gauge(
        "han_serial_connected",
        "Whether the source is open.",
        One(|meter| Some(f64::from(u8::from(meter.port().connected)))),
    ),
    counter("han_serial_opens_total", "How often the source was opened.", Count(|meter| meter.port().opens)),
    counter(
        "han_serial_open_errors_total",
        "How often opening the source failed.",
        Count(|meter| meter.port().open_errors),
    ),
    counter("han_serial_receive_bytes_total", "Bytes received.", Count(|meter| meter.port().bytes)),
    counter(
        "han_serial_discarded_bytes_total",
        "Bytes received that belonged to no frame.",
        Count(|meter| meter.counts().discarded),
    ),
    counter(
        "han_serial_line_errors_total",
        "Serial line errors that the driver counted, by kind.",
        Each("kind", &Port::LINE_ERRORS, |meter, kind| Some(*meter.port().line_errors?.get(kind)? as f64)),
    ),
];

/// What is shown of meters that are being read.
pub static WATCH: [ReceptionFamily; 2] = [
    gauge(
        "han_trouble",
        "What is wrong with the meter, by reason; absent while readings arrive in time.",
        Info(&["reason"], |meter, add| {
            meter.trouble().iter().for_each(|trouble| add(&[("reason", trouble.reason)]));
        }),
    ),
    counter(
        "han_meter_changes_total",
        "How often another meter took the place of the one before.",
        Count(|meter| meter.replacements()),
    ),
];

/// The names of [`Content::ALL`].
static LIST_NAMES: [&str; Content::ALL.len()] =
    [Content::ALL[0].name(), Content::ALL[1].name(), Content::ALL[2].name()];

fn identity(meter: Current<'_>, add: &mut AddSample<'_>) {
    let Some(identity) = meter.identity() else { return };
    let mark = if meter.simulated() { " (simulated)" } else { "" };
    let model = format!("{}{mark}", identity.model);
    add(&[
        ("id", identity.id.as_str()),
        ("list_version", identity.list_version.as_str()),
        ("manufacturer", identity.manufacturer),
        ("model", model.trim_start()),
    ]);
}

fn numbers(meter: Current<'_>, add: &mut AddSample<'_>) {
    let Some(identity) = meter.identity() else { return };
    let labels = [("customer", identity.customer.as_str()), ("production", identity.production.as_str())];
    if labels.iter().any(|(_, number)| !number.is_empty()) {
        add(&labels);
    }
}

fn last_reading(meter: Current<'_>, list: usize) -> Option<f64> {
    let wall = meter.last(*Content::ALL.get(list)?)?;
    let milliseconds = wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Some(milliseconds as f64 / 1000.0)
}
