//! The `process_*` metrics every Prometheus client exports. The crate's own count processor time in whole seconds.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{MetricFamily, MetricType};

use super::family::Head;
use crate::platform::process::{Process, Value};

/// Collects what the process costs the machine.
pub struct ProcessCollector {
    process: Process,
    descriptors: Vec<Desc>,
}

impl ProcessCollector {
    pub fn new() -> Self {
        let process = Process::new();
        let descriptors = heads(&process).map(|(head, _)| head.descriptor(&[])).collect();
        ProcessCollector { process, descriptors }
    }
}

impl Collector for ProcessCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptors.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let families =
            heads(&self.process).filter_map(|(head, value)| head.family(vec![head.sample(&[], None, value)]));
        families.collect()
    }
}

fn heads(process: &Process) -> impl Iterator<Item = (Head<'static>, f64)> {
    process.values().map(|Value { name, help, value }| {
        let kind = if name.ends_with("_total") { MetricType::COUNTER } else { MetricType::GAUGE };
        (Head { name, help, kind }, value)
    })
}
