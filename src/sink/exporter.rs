//! The exporter's own state as metrics: which build it is, whether its configuration holds, what it logged.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::proto::MetricFamily;

use super::metrics::Samples;
use crate::{log, version};

/// How the last reading of the configuration went.
#[derive(Debug, Clone, Copy)]
pub struct Reload {
    /// Whether it could be used.
    pub successful: bool,
    /// When one last could.
    pub succeeded: SystemTime,
}

/// The families about the exporter itself.
pub fn families(reload: &Reload) -> Vec<MetricFamily> {
    vec![build_info(), reload_successful(reload), reload_time(reload), log_messages()]
}

fn build_info() -> MetricFamily {
    let help = "The build that is running; the value is always 1.";
    let mut samples = Samples::new("han_exporter_build_info", help, false);
    let labels = [
        ("revision", version::REVISION),
        ("rustversion", version::RUST),
        ("target", version::TARGET),
        ("version", version::VERSION),
    ];
    samples.push(labels, 1.0);
    samples.family()
}

fn reload_successful(reload: &Reload) -> MetricFamily {
    let help = "Whether the configuration could be used when it was last read.";
    let mut samples = Samples::new("han_exporter_config_last_reload_successful", help, false);
    samples.push(None, f64::from(u8::from(reload.successful)));
    samples.family()
}

fn reload_time(reload: &Reload) -> MetricFamily {
    let help = "When the configuration was last read and could be used.";
    let mut samples = Samples::new("han_exporter_config_last_reload_success_timestamp_seconds", help, false);
    let since = reload.succeeded.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    samples.push(None, since as f64);
    samples.family()
}

fn log_messages() -> MetricFamily {
    let mut samples = Samples::new("han_exporter_log_messages_total", "Lines logged, by level.", true);
    for (level, count) in log::counts() {
        samples.push(Some(("level", level)), count as f64);
    }
    samples.family()
}
