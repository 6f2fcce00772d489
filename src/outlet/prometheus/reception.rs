//! The metrics about how reading a meter goes, not about what it said.

use std::time::UNIX_EPOCH;

use prometheus::proto::{MetricFamily, MetricType};

use super::family::{Head, Label, meter_label};
use crate::decoder::Error;
use crate::hub::{BootTime, Current, Port, State};
use crate::reading::Content;

/// A family, and how it is made of what may be shown of each meter.
pub struct ReceptionFamily {
    pub head: Head,
    pub labels: &'static [&'static str],
    samples: fn(Current<'_>, Add<'_>),
}

/// Adds a sample with labels of its own; the meter's is added to all.
type Add<'a> = &'a mut dyn FnMut(&[Label<'_>], f64);

impl ReceptionFamily {
    pub fn collect(&self, state: &State, now: BootTime) -> MetricFamily {
        let mut samples = Vec::new();
        for meter in state.current(now) {
            (self.samples)(meter, &mut |labels, value| {
                let labels = labels.iter().copied().chain(meter_label(meter));
                samples.push(self.head.sample(labels, value));
            });
        }
        self.head.family(samples)
    }
}

const fn gauge(name: &'static str, help: &'static str) -> Head {
    Head { name, help, kind: MetricType::GAUGE }
}

const fn counter(name: &'static str, help: &'static str) -> Head {
    Head { name, help, kind: MetricType::COUNTER }
}

pub static RECEPTION: [ReceptionFamily; 17] = [
    ReceptionFamily {
        head: gauge("han_up", "Whether a valid frame arrived within the expected interval."),
        labels: &[],
        samples: |meter, add| add(&[], f64::from(u8::from(meter.is_up()))),
    },
    ReceptionFamily {
        head: gauge(
            "han_meter_info",
            "The meter as it names itself (OBIS 0.2.129, 96.1.0, 0.0.5, 96.1.7, 96.1.1).",
        ),
        labels: &["id", "list_version", "manufacturer", "model"],
        samples: info,
    },
    ReceptionFamily {
        head: gauge(
            "han_meter_numbers_info",
            "Numbers that a meter reports beside its own: its customer's and that of its production (Kamstrup 685-382).",
        ),
        labels: &["customer", "production"],
        samples: numbers,
    },
    ReceptionFamily {
        head: gauge(
            "han_meter_clock_timestamp_seconds",
            "The meter's own clock when its last message arrived (OBIS 1.0.0).",
        ),
        labels: &[],
        samples: clock,
    },
    ReceptionFamily {
        head: gauge(
            "han_meter_clock_offset_seconds",
            "How far the meter's clock was ahead of the host's when its last message arrived.",
        ),
        labels: &[],
        samples: clock_offset,
    },
    ReceptionFamily {
        head: gauge(
            "han_last_reading_timestamp_seconds",
            "When the newest list of a kind arrived, by the host's clock.",
        ),
        labels: &["list"],
        samples: last_reading,
    },
    ReceptionFamily {
        head: counter("han_readings_total", "Readings decoded, by kind."),
        labels: &["list"],
        samples: readings,
    },
    ReceptionFamily {
        head: counter(
            "han_repeated_readings_total",
            "Hourly lists that only repeated the clock and counters of the one before.",
        ),
        labels: &[],
        samples: |meter, add| add(&[], meter.counts().repeats as f64),
    },
    ReceptionFamily {
        head: counter("han_frames_total", "Frames received, valid or not."),
        labels: &[],
        samples: |meter, add| add(&[], meter.counts().frames as f64),
    },
    ReceptionFamily {
        head: counter("han_frame_errors_total", "Frames that yielded no reading, by reason."),
        labels: &["reason"],
        samples: errors,
    },
    ReceptionFamily {
        head: counter("han_unknown_objects_total", "Numeric values received whose OBIS code has no metric."),
        labels: &[],
        samples: |meter, add| add(&[], meter.counts().unknown as f64),
    },
    ReceptionFamily {
        head: gauge("han_serial_connected", "Whether the source is open."),
        labels: &[],
        samples: |meter, add| add(&[], f64::from(u8::from(meter.port().connected))),
    },
    ReceptionFamily {
        head: counter("han_serial_opens_total", "How often the source was opened."),
        labels: &[],
        samples: |meter, add| add(&[], meter.port().opens as f64),
    },
    ReceptionFamily {
        head: counter("han_serial_open_errors_total", "How often opening the source failed."),
        labels: &[],
        samples: |meter, add| add(&[], meter.port().open_errors as f64),
    },
    ReceptionFamily {
        head: counter("han_serial_receive_bytes_total", "Bytes received."),
        labels: &[],
        samples: |meter, add| add(&[], meter.port().bytes as f64),
    },
    ReceptionFamily {
        head: counter("han_serial_discarded_bytes_total", "Bytes received that belonged to no frame."),
        labels: &[],
        samples: |meter, add| add(&[], meter.counts().discarded as f64),
    },
    ReceptionFamily {
        head: counter("han_serial_line_errors_total", "Serial line errors that the driver counted, by kind."),
        labels: &["kind"],
        samples: line_errors,
    },
];

fn info(meter: Current<'_>, add: Add<'_>) {
    let Some(identity) = meter.identity() else { return };
    let mark = if meter.simulated() { " (simulated)" } else { "" };
    let model = format!("{}{mark}", identity.model);
    let labels = [
        ("id", identity.id.as_str()),
        ("list_version", identity.list_version.as_str()),
        ("manufacturer", identity.manufacturer),
        ("model", model.trim_start()),
    ];
    add(&labels, 1.0);
}

fn numbers(meter: Current<'_>, add: Add<'_>) {
    let Some(identity) = meter.identity() else { return };
    let labels = [("customer", identity.customer.as_str()), ("production", identity.production.as_str())];
    if labels.iter().any(|(_, number)| !number.is_empty()) {
        add(&labels, 1.0);
    }
}

fn clock(meter: Current<'_>, add: Add<'_>) {
    if let Some(unix) = meter.clock().and_then(|clock| clock.unix) {
        add(&[], unix as f64);
    }
}

fn clock_offset(meter: Current<'_>, add: Add<'_>) {
    if let Some(ahead) = meter.clock().and_then(|clock| clock.ahead) {
        add(&[], (ahead * 1000.0).round() / 1000.0);
    }
}

fn last_reading(meter: Current<'_>, add: Add<'_>) {
    for content in Content::ALL {
        if let Some(wall) = meter.last(content) {
            let milliseconds = wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
            add(&[("list", content.name())], milliseconds as f64 / 1000.0);
        }
    }
}

fn readings(meter: Current<'_>, add: Add<'_>) {
    for (content, count) in Content::ALL.into_iter().zip(meter.counts().readings) {
        add(&[("list", content.name())], count as f64);
    }
}

fn errors(meter: Current<'_>, add: Add<'_>) {
    for (reason, count) in Error::REASONS.into_iter().zip(meter.counts().errors) {
        add(&[("reason", reason)], count as f64);
    }
}

fn line_errors(meter: Current<'_>, add: Add<'_>) {
    let counts = meter.port().line_errors.into_iter().flatten();
    for (kind, count) in Port::LINE_ERRORS.into_iter().zip(counts) {
        add(&[("kind", kind)], count as f64);
    }
}
