//! The meters' metrics: what they said, and how reading them goes.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::family::{Head, meter_label};
use super::reception::RECEPTION;
use crate::hub::{BootTime, Hub, State};
use crate::meter::{self, FAMILIES, Family};

/// Collects the families of all meters from the hub.
pub struct Meters {
    hub: Hub,
    descriptors: Vec<Desc>,
}

impl Meters {
    pub fn new(hub: Hub) -> Self {
        let reception =
            RECEPTION.iter().map(|family| family.head.descriptor(&[family.labels, &["meter"]].concat()));
        let registers = FAMILIES.iter().map(|family| {
            let label: Vec<_> = family.label.into_iter().chain(["meter"]).collect();
            head(family).descriptor(&label)
        });
        Meters { hub, descriptors: reception.chain(registers).collect() }
    }
}

impl Collector for Meters {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptors.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let (state, now) = (self.hub.state(), BootTime::now());
        let reception = RECEPTION.iter().map(|family| family.collect(&state, now));
        reception.chain(registers(&state, now)).collect()
    }
}

/// The families of what the meters said.
fn registers(state: &State, now: BootTime) -> impl Iterator<Item = MetricFamily> {
    let heads: Vec<Head> = FAMILIES.iter().map(head).collect();
    let mut samples: Vec<Vec<Metric>> = heads.iter().map(|_| Vec::new()).collect();
    for meter in state.current(now) {
        for published in meter.published() {
            let family = published.register.family_index();
            let labels = published.label.into_iter().chain(meter_label(meter));
            samples[family].push(heads[family].sample(labels, published.value.to_f64()));
        }
    }
    heads.into_iter().zip(samples).map(|(head, samples)| head.family(samples))
}

fn head(family: &Family) -> Head {
    let kind = if family.kind == meter::Kind::Counter { MetricType::COUNTER } else { MetricType::GAUGE };
    Head { name: family.name, help: family.help, kind }
}
