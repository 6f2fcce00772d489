//! The readers of all meters: started, replaced when the configuration changes, stopped.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::reader;
use super::watchdog::Watchdog;
use crate::config::{self, Config, MeterSettings};
use crate::hub::{Hub, Intake, Limits, Meter, MeterName};
use crate::source::Source;

/// The task that reads one meter, and what it was started with.
struct ReaderTask {
    config: config::Meter,
    task: JoinHandle<()>,
}

/// The readers of all meters.
pub struct Readers {
    hub: Hub,
    readers: Vec<ReaderTask>,
}

impl Readers {
    /// Starts a reader for every meter.
    pub async fn start(hub: Hub, config: &Config, watchdog: &mut Watchdog) -> Self {
        let mut readers = Readers { hub, readers: Vec::new() };
        readers.adopt(config, watchdog).await;
        readers
    }

    /// Reads the meters of `config` from now on. A meter that stays as it was is not disturbed.
    pub async fn adopt(&mut self, config: &Config, watchdog: &mut Watchdog) {
        let wanted: BTreeMap<_, _> = config.meters.iter().map(|meter| (&meter.name, meter)).collect();
        let (kept, stopped) =
            std::mem::take(&mut self.readers).into_iter().partition::<Vec<_>, _>(|reader| {
                wanted.get(&reader.config.name).is_some_and(|meter| reader.goes_on_as(meter))
            });
        self.hub.remove(&stopped.iter().map(|reader| name(&reader.config)).collect());
        end(stopped).await;
        let known = |meter: &config::Meter| Meter {
            name: name(meter),
            simulated: matches!(meter.source, Source::Simulated(_)),
            limits: limits(meter, config),
        };
        self.hub.set_meters(config.meters.iter().map(known).collect());
        let read: BTreeSet<_> = kept.iter().map(|reader| reader.config.name.clone()).collect();
        self.readers = kept;
        for meter in &config.meters {
            if !read.contains(&meter.name) {
                self.readers.push(ReaderTask::start(
                    meter,
                    limits(meter, config),
                    self.hub.clone(),
                    watchdog,
                ));
            }
        }
        watchdog.forget_ended();
    }

    /// Ends all readers and waits until they have given their ports back.
    pub async fn stop(self) {
        end(self.readers).await;
    }
}

/// Ends readers. Once it returns, their ports are closed and the watchdog can tell that they have ended.
async fn end(readers: Vec<ReaderTask>) {
    readers.iter().for_each(|reader| reader.task.abort());
    for reader in readers {
        let _ = reader.task.await;
    }
}

impl ReaderTask {
    fn start(config: &config::Meter, limits: Limits, hub: Hub, watchdog: &mut Watchdog) -> Self {
        let name = name(config);
        let span = match name.label() {
            Some(name) => tracing::error_span!("meter", meter = name),
            None => tracing::Span::none(),
        };
        let task = reader::read(config.clone(), limits, Intake::new(hub, name), watchdog.heartbeat());
        ReaderTask { config: config.clone(), task: tokio::spawn(task.instrument(span)) }
    }

    /// Whether it already reads this meter. The age limit is judged by the hub: changing it disturbs no reader.
    fn goes_on_as(&self, meter: &config::Meter) -> bool {
        let settings = MeterSettings { max_age: meter.settings.max_age, ..self.config.settings.clone() };
        config::Meter { settings, ..self.config.clone() } == *meter && !self.task.is_finished()
    }
}

fn limits(meter: &config::Meter, config: &Config) -> Limits {
    Limits { instant: meter.settings.max_age, register: config.max_age_registers }
}

fn name(meter: &config::Meter) -> MeterName {
    meter.name.as_deref().unwrap_or_default().into()
}
