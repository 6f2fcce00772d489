//! Families of the prometheus crate, made anew at each scrape: what has gone leaves no series.

use std::collections::HashMap;

use prometheus::core::Desc;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use crate::hub::Current;

/// Why registering our own metrics cannot fail.
pub const VALID: &str = "the names of our own metrics are valid and distinct";

/// What all samples of a family share.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    pub name: &'a str,
    pub help: &'a str,
    pub kind: MetricType,
}

/// A label's name and value.
pub type Label<'a> = (&'a str, &'a str);

/// The label that tells one meter from another; `None` where there is only one.
pub fn meter_label(meter: Current<'_>) -> Option<Label<'_>> {
    meter.name().label().map(|name| ("meter", name))
}

impl Head<'_> {
    /// The registry knows a collector by its descriptors, and refuses a name that is taken.
    pub fn descriptor(&self, labels: &[&str]) -> Desc {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Desc::new(self.name.to_owned(), self.help.to_owned(), labels, HashMap::new()).expect(VALID)
    }

    /// The family of these samples; `None` if there are none.
    pub fn family(&self, samples: Vec<Metric>) -> Option<MetricFamily> {
        if samples.is_empty() {
            return None;
        }
        let mut family = MetricFamily::default();
        family.set_name(self.name.to_owned());
        family.set_help(self.help.to_owned());
        family.set_field_type(self.kind);
        family.set_metric(samples);
        Some(family)
    }

    /// A sample with labels of its own and, where there are several meters, that of its meter.
    pub fn sample(&self, labels: &[Label<'_>], meter: Option<Label<'_>>, value: f64) -> Metric {
        let mut pairs = Vec::with_capacity(labels.len() + usize::from(meter.is_some()));
        for (name, value) in labels.iter().copied().chain(meter) {
            let mut pair = LabelPair::default();
            pair.set_name(name.to_owned());
            pair.set_value(value.to_owned());
            pairs.push(pair);
        }
        let mut metric = Metric::from_label(pairs);
        if self.kind == MetricType::COUNTER {
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
