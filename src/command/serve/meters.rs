//! The readers of all meters: started, exchanged when the configuration changes, stopped.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::reader;
use super::watchdog::Watchdog;
use crate::config::{self, Config, MeterSettings};
use crate::hub::snapshot::{Limits, Snapshot};
use crate::outlet::prometheus::metrics::Meter;
use crate::outlet::web::complaints;
use crate::source::Source;

/// One meter, and the task that reads it.
struct Reader {
    config: config::Meter,
    meter: Meter,
    task: JoinHandle<()>,
}

/// All of them.
pub struct Readers {
    readers: Vec<Reader>,
    /// Turned by a reader whenever its meter falls silent or speaks again.
    news: watch::Sender<()>,
    heard: watch::Receiver<()>,
}

impl Readers {
    /// Starts a reader for every meter.
    pub fn start(config: &Config, watchdog: &mut Watchdog) -> Self {
        let (news, heard) = watch::channel(());
        let mut readers = Readers { readers: Vec::new(), news, heard };
        readers.adopt(config, watchdog);
        readers
    }

    /// Makes the readers those of `config`: a meter that stays as it was goes on undisturbed.
    pub fn adopt(&mut self, config: &Config, watchdog: &mut Watchdog) {
        let mut before = std::mem::take(&mut self.readers);
        for meter in &config.meters {
            // An age limit is judged at the scrape: changing it disturbs no reader.
            let alike = |config: &config::Meter| {
                let settings = MeterSettings { max_age: meter.settings.max_age, ..config.settings.clone() };
                config::Meter { settings, ..config.clone() } == *meter
            };
            let same = before.iter().position(|reader| alike(&reader.config) && !reader.task.is_finished());
            let mut reader = match same {
                Some(index) => before.swap_remove(index),
                None => Reader::start(meter, self.news.clone(), watchdog),
            };
            reader.meter.limits =
                Limits { instant: meter.settings.max_age, register: config.max_age_registers };
            self.readers.push(reader);
        }
        before.iter().for_each(|reader| reader.task.abort());
        drop(before);
        watchdog.forget_ended();
    }

    /// The meters as sinks see them.
    pub fn meters(&self) -> Arc<Vec<Meter>> {
        Arc::new(self.readers.iter().map(|reader| reader.meter.clone()).collect())
    }

    /// Waits for news of any meter; the sentence says how all of them are.
    pub async fn changed(&mut self) -> String {
        let _ = self.heard.changed().await;
        let complaints = complaints(&self.meters());
        if complaints.is_empty() { "All is well".to_owned() } else { complaints.join(" ") }
    }

    /// Ends all readers and waits until they have given their ports back.
    pub async fn stop(self) {
        for reader in self.readers {
            reader.task.abort();
            let _ = reader.task.await;
        }
    }
}

impl Reader {
    fn start(config: &config::Meter, news: watch::Sender<()>, watchdog: &mut Watchdog) -> Self {
        let (sender, snapshot) = watch::channel(Snapshot::default());
        let name = config.name.as_deref().unwrap_or_default();
        let span =
            if name.is_empty() { tracing::Span::none() } else { tracing::error_span!("meter", meter = name) };
        let task = reader::read(config.clone(), sender, news, watchdog.heartbeat());
        let meter = Meter {
            name: config.name.clone(),
            simulated: matches!(config.source, Source::Simulated(_)),
            limits: Limits::default(),
            snapshot,
        };
        Reader { config: config.clone(), meter, task: tokio::spawn(task.instrument(span)) }
    }
}
