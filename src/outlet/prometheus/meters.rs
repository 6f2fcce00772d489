//! The meters' metrics: what they said, and how reading them goes.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Metric, MetricFamily, MetricType};

use super::family::{Head, meter_label};
use super::reception::{RECEPTION, ReceptionFamily, WATCH};
use crate::hub::{BootTime, Current, Hub};
use crate::meter::{self, FAMILIES, Family, Register};

/// Collects the families of all meters from the hub.
pub struct Meters {
    hub: Hub,
    reception: Vec<&'static ReceptionFamily>,
    descriptors: Vec<Desc>,
}

impl Meters {
    /// What their bytes say.
    pub fn new(hub: Hub) -> Self {
        Meters::with(hub, RECEPTION.iter().collect())
    }

    /// Also whether that goes on, which is known only of meters that are being read.
    pub fn watched(hub: Hub) -> Self {
        Meters::with(hub, RECEPTION.iter().chain(&WATCH).collect())
    }

    fn with(hub: Hub, reception: Vec<&'static ReceptionFamily>) -> Self {
        let described = reception.iter().map(|family| family.descriptor());
        let registers = FAMILIES.iter().map(|family| {
            let label: Vec<_> = family.label.into_iter().chain(["meter"]).collect();
            head(family).descriptor(&label)
        });
        let descriptors = described.chain(registers).collect();
        Meters { hub, reception, descriptors }
    }
}

impl Collector for Meters {
    fn desc(&self) -> Vec<&Desc> {
        self.descriptors.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let (state, now) = (self.hub.state(), BootTime::now());
        let mut meters: Vec<_> = state.current(now).collect();
        meters.sort_unstable_by_key(|meter| meter.name());
        let mut families = Vec::with_capacity(self.reception.len() + FAMILIES.len());
        families.extend(self.reception.iter().filter_map(|family| family.collect(&meters)));
        families.extend(registers(&meters));
        families
    }
}

/// The families of what the meters said. The samples are in the order that the registry sorts them into: by label, then
/// by meter.
fn registers(meters: &[Current<'_>]) -> impl Iterator<Item = MetricFamily> {
    let mut published: Vec<_> =
        meters.iter().map(|&meter| (meter_label(meter), meter.published().peekable())).collect();
    let mut registers = (0..).map_while(Register::at);
    FAMILIES.iter().filter_map(move |family| {
        let mut samples: Vec<Metric> = Vec::new();
        for register in registers.by_ref().take(family.members.len()) {
            for (meter, values) in &mut published {
                // The values of a meter come in the order of the registers. Most registers are absent, and `next_if` would
                // move a value out and back at each.
                if values.peek().is_none_or(|next| next.register != register) {
                    continue;
                }
                let Some(value) = values.next() else { continue };
                if samples.is_empty() {
                    samples.reserve_exact(meters.len() * family.members.len());
                }
                samples.push(head(family).sample(value.label.as_slice(), *meter, value.value.to_f64()));
            }
        }
        head(family).family(samples)
    })
}

fn head(family: &Family) -> Head<'static> {
    let kind = if family.kind == meter::Kind::Counter { MetricType::COUNTER } else { MetricType::GAUGE };
    Head { name: family.name, help: family.help, kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::Meter;

    fn values(family: &MetricFamily) -> Vec<Vec<&str>> {
        let samples = family.get_metric().iter();
        samples.map(|sample| sample.get_label().iter().map(|label| label.value()).collect()).collect()
    }

    /// A hundred meters have thousands of these.
    #[test]
    fn frame_errors_are_in_the_order_that_the_registry_sorts_them_into() {
        let hub = Hub::default();
        let meter = |name: &str| Meter { name: name.into(), ..Meter::default() };
        hub.set_meters(["house", "barn", "meter10", "meter2"].map(meter).into());
        let families = Meters::new(hub).collect();
        let errors = families.iter().find(|family| family.name() == "han_frame_errors_total").unwrap();
        assert!(values(errors).is_sorted(), "{:?}", values(errors));
    }
}
