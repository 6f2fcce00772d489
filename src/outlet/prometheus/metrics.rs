//! Snapshots as metric families: a pure function of what is known and of the time of asking.
//!
//! Nothing is set and kept: every scrape makes its families anew from one picture of each meter, so what has aged
//! is simply not there, and an exchanged meter leaves no ghost.

use std::time::{Instant, UNIX_EPOCH};

use tokio::sync::watch;

use super::exposition::{Exposition, Family as Samples, Kind};
use crate::decoder::Error;
use crate::hub::snapshot::{Limits, Port, Snapshot};
use crate::meter::{self, CHANNEL, FAMILIES, Family, Register};
use crate::reading::Content;

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

/// Writes the families of all meters at this moment.
pub fn of_meters(meters: &[Meter], out: &mut Exposition) {
    let pictures: Vec<_> = meters.iter().map(|meter| (meter, meter.snapshot.borrow())).collect();
    let views: Vec<_> = pictures.iter().map(|(meter, snapshot)| meter.view(snapshot)).collect();
    write(&views, Instant::now(), out);
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

/// Writes everything known of the meters at a moment; a family without samples is left out.
pub fn write(views: &[View<'_>], now: Instant, out: &mut Exposition) {
    for own in &OWN {
        let mut family = out.family(own.name, own.help, own.kind);
        views.iter().for_each(|view| (own.samples)(&mut family, view, now));
    }
    let mut first = 0;
    for family in &FAMILIES {
        write_registers(family, first, views, now, out);
        first += family.members.len();
    }
}

fn write_registers(family: &Family, first: usize, views: &[View<'_>], now: Instant, out: &mut Exposition) {
    let counter = family.kind == meter::Kind::Counter;
    let kind = if counter { Kind::Counter } else { Kind::Gauge };
    let mut samples = out.family(family.name, family.help, kind);
    for view in views {
        let members = || (first..).map_while(Register::at).take(family.members.len());
        let alone =
            family.label == Some(CHANNEL) && members().filter(|&it| view.snapshot.has_met(it)).count() < 2;
        for register in members() {
            let value = view.snapshot.value(register, now, &view.limits);
            let Some((label, value)) = value.and_then(|value| register.published(value)) else { continue };
            // A register that counts up is never below zero; OpenMetrics would refuse the whole scrape.
            if !counter || value.mantissa() >= 0 {
                let label = family.label.filter(|_| !alone).map(|name| (name, label));
                add(&mut samples, view, label, value.to_f64());
            }
        }
    }
}

/// Adds a sample of a meter.
fn add<'a>(
    samples: &mut Samples<'_>,
    view: &View<'a>,
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    value: f64,
) {
    samples.sample(labels.into_iter().chain(view.name.map(|name| ("meter", name))), value);
}

/// A family that says how reading goes, not what was read.
struct Own {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: fn(&mut Samples<'_>, &View<'_>, Instant),
}

#[rustfmt::skip]
static OWN: [Own; 17] = [
    Own { name: "han_up", help: "Whether a good frame arrived within the expected interval.", kind: Kind::Gauge, samples: up },
    Own { name: "han_meter_info", help: "The meter as it names itself (OBIS 0.2.129, 96.1.0, 0.0.5, 96.1.7, 96.1.1).", kind: Kind::Info, samples: info },
    Own { name: "han_meter_numbers_info", help: "Numbers that a meter tells beside its own: its customer's and that of its production (Kamstrup 685-382).", kind: Kind::Info, samples: numbers },
    Own { name: "han_meter_clock_timestamp_seconds", help: "The meter's own clock when its last list came (OBIS 1.0.0).", kind: Kind::Gauge, samples: clock },
    Own { name: "han_meter_clock_offset_seconds", help: "How far the meter's clock was ahead of the host's when its last list came.", kind: Kind::Gauge, samples: clock_offset },
    Own { name: "han_last_reading_timestamp_seconds", help: "When the newest list of a kind arrived, by the host's clock.", kind: Kind::Gauge, samples: last_reading },
    Own { name: "han_readings_total", help: "Lists decoded.", kind: Kind::Counter, samples: readings },
    Own { name: "han_repeated_readings_total", help: "Hourly lists that only repeated the stamp and registers of the one before.", kind: Kind::Counter, samples: |samples, view, _| add(samples, view, None, view.snapshot.counts.repeats as f64) },
    Own { name: "han_frames_total", help: "Frames met, good and bad.", kind: Kind::Counter, samples: |samples, view, _| add(samples, view, None, view.snapshot.counts.frames as f64) },
    Own { name: "han_frame_errors_total", help: "Frames that gave no reading, by reason.", kind: Kind::Counter, samples: errors },
    Own { name: "han_unknown_objects_total", help: "Numbers met whose OBIS code has no metric.", kind: Kind::Counter, samples: |samples, view, _| add(samples, view, None, view.snapshot.counts.unknown as f64) },
    Own { name: "han_serial_connected", help: "Whether the source is open.", kind: Kind::Gauge, samples: |samples, view, _| add(samples, view, None, f64::from(u8::from(view.snapshot.port.connected))) },
    Own { name: "han_serial_opens_total", help: "How often the source was opened.", kind: Kind::Counter, samples: |samples, view, _| add(samples, view, None, view.snapshot.port.opens as f64) },
    Own { name: "han_serial_open_errors_total", help: "How often opening the source failed.", kind: Kind::Counter, samples: |samples, view, _| add(samples, view, None, view.snapshot.port.open_errors as f64) },
    Own { name: "han_serial_receive_bytes_total", help: "Bytes received.", kind: Kind::Counter, samples: |samples, view, _| add(samples, view, None, view.snapshot.port.bytes as f64) },
    Own { name: "han_serial_discarded_bytes_total", help: "Bytes received that belonged to no frame.", kind: Kind::Counter, samples: |samples, view, _| add(samples, view, None, view.snapshot.counts.discarded as f64) },
    Own { name: "han_serial_line_errors_total", help: "Faults on the line that the serial driver counted, by kind.", kind: Kind::Counter, samples: line_errors },
];

fn up(samples: &mut Samples<'_>, view: &View<'_>, now: Instant) {
    add(samples, view, None, f64::from(u8::from(view.snapshot.is_up(now, &view.limits))));
}

fn info(samples: &mut Samples<'_>, view: &View<'_>, now: Instant) {
    let Some(identity) = view.snapshot.identity(now, &view.limits) else { return };
    let mark = if view.simulated { " (simulated)" } else { "" };
    let model = format!("{}{mark}", identity.model);
    let labels = [
        ("id", identity.id.as_str()),
        ("list_version", identity.list_version.as_str()),
        ("manufacturer", identity.manufacturer),
        ("model", model.trim_start()),
    ];
    add(samples, view, labels, 1.0);
}

fn numbers(samples: &mut Samples<'_>, view: &View<'_>, now: Instant) {
    let Some(identity) = view.snapshot.identity(now, &view.limits) else { return };
    let labels = [("customer", identity.customer.as_str()), ("production", identity.production.as_str())];
    if labels.iter().any(|(_, number)| !number.is_empty()) {
        add(samples, view, labels, 1.0);
    }
}

fn clock(samples: &mut Samples<'_>, view: &View<'_>, now: Instant) {
    if let Some(unix) = view.snapshot.clock(now, &view.limits).and_then(|clock| clock.unix) {
        add(samples, view, None, unix as f64);
    }
}

fn clock_offset(samples: &mut Samples<'_>, view: &View<'_>, now: Instant) {
    if let Some(ahead) = view.snapshot.clock(now, &view.limits).and_then(|clock| clock.ahead) {
        add(samples, view, None, (ahead * 1000.0).round() / 1000.0);
    }
}

fn last_reading(samples: &mut Samples<'_>, view: &View<'_>, _: Instant) {
    for content in Content::ALL {
        if let Some(wall) = view.snapshot.last(content) {
            let seconds =
                wall.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis()) as f64 / 1000.0;
            add(samples, view, Some(("list", content.name())), seconds);
        }
    }
}

fn readings(samples: &mut Samples<'_>, view: &View<'_>, _: Instant) {
    for (content, count) in Content::ALL.into_iter().zip(view.snapshot.counts.readings) {
        add(samples, view, Some(("list", content.name())), count as f64);
    }
}

fn errors(samples: &mut Samples<'_>, view: &View<'_>, _: Instant) {
    for (reason, count) in Error::REASONS.into_iter().zip(view.snapshot.counts.errors) {
        add(samples, view, Some(("reason", reason)), count as f64);
    }
}

fn line_errors(samples: &mut Samples<'_>, view: &View<'_>, _: Instant) {
    for (kind, count) in
        Port::LINE_ERRORS.into_iter().zip(view.snapshot.port.line_errors.into_iter().flatten())
    {
        add(samples, view, Some(("kind", kind)), count as f64);
    }
}
