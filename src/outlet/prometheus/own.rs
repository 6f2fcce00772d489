//! The exporter about itself: its build, its configuration, its log.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::core::{Collector, Desc};
use prometheus::proto::{MetricFamily, MetricType};
use prometheus::{Gauge, Opts, Registry};

use super::family::{Head, VALID};
use crate::platform::{log, version};

/// How reading the configuration went. Clones are handles to the same metrics.
#[derive(Clone)]
pub struct Reloads {
    successful: Gauge,
    last_success: Gauge,
}

impl Default for Reloads {
    /// A valid configuration was just read.
    fn default() -> Self {
        let successful = Gauge::new(
            "han_exporter_config_last_reload_successful",
            "Whether the configuration was valid when it was last read.",
        );
        let last_success = Gauge::new(
            "han_exporter_config_last_reload_success_timestamp_seconds",
            "When a valid configuration was last read.",
        );
        let reloads =
            Reloads { successful: successful.expect(VALID), last_success: last_success.expect(VALID) };
        reloads.succeeded();
        reloads
    }
}

impl Reloads {
    /// Records that a valid configuration was read.
    pub fn succeeded(&self) {
        self.successful.set(1.0);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.last_success.set(since as f64);
    }

    /// Records that the configuration that was read is not valid.
    pub fn failed(&self) {
        self.successful.set(0.0);
    }
}

/// Registers all metrics of the exporter itself.
pub fn register(registry: &Registry, reloads: &Reloads) -> prometheus::Result<()> {
    let build = Gauge::with_opts(
        Opts::new("han_exporter_build_info", "The build that is running; the value is always 1.")
            .const_label("revision", version::REVISION)
            .const_label("rustversion", version::RUST)
            .const_label("target", version::TARGET)
            .const_label("version", version::VERSION),
    )?;
    build.set(1.0);
    registry.register(Box::new(build))?;
    registry.register(Box::new(reloads.successful.clone()))?;
    registry.register(Box::new(reloads.last_success.clone()))?;
    registry
        .register(Box::new(LogMessages([LOG_MESSAGES.descriptor(&["level"]), LOG_DROPPED.descriptor(&[])])))
}

/// Collects the counts that the log keeps itself, because it starts before there is a registry.
struct LogMessages([Desc; 2]);

const LOG_MESSAGES: Head<'static> = Head {
    name: "han_exporter_log_messages_total",
    help: "Lines logged, by level.",
    kind: MetricType::COUNTER,
};

const LOG_DROPPED: Head<'static> = Head {
    name: "han_exporter_log_lines_dropped_total",
    help: "Log lines dropped, because those before them were not read.",
    kind: MetricType::COUNTER,
};

impl Collector for LogMessages {
    fn desc(&self) -> Vec<&Desc> {
        self.0.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let samples =
            log::counts().map(|(level, count)| LOG_MESSAGES.sample(&[("level", level)], None, count as f64));
        let dropped = LOG_DROPPED.sample(&[], None, log::dropped() as f64);
        [LOG_MESSAGES.family(samples.into()), LOG_DROPPED.family(vec![dropped])]
            .into_iter()
            .flatten()
            .collect()
    }
}
