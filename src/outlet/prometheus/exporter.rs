//! The exporter's own state as metrics: which build it is, whether its configuration holds, what it logged.

use std::time::{SystemTime, UNIX_EPOCH};

use super::exposition::{Exposition, Kind};
use crate::platform::{log, version};

/// How the last reading of the configuration went.
#[derive(Debug, Clone, Copy)]
pub struct Reload {
    /// Whether it could be used.
    pub successful: bool,
    /// When one last could.
    pub succeeded: SystemTime,
}

/// Writes the families about the exporter itself.
pub fn write(reload: &Reload, out: &mut Exposition) {
    let build = [
        ("revision", version::REVISION),
        ("rustversion", version::RUST),
        ("target", version::TARGET),
        ("version", version::VERSION),
    ];
    out.family("han_exporter_build_info", "The build that is running; the value is always 1.", Kind::Info)
        .sample(build, 1.0);
    let help = "Whether the configuration could be used when it was last read.";
    out.family("han_exporter_config_last_reload_successful", help, Kind::Gauge)
        .sample(None, f64::from(u8::from(reload.successful)));
    let help = "When the configuration was last read and could be used.";
    let since = reload.succeeded.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    out.family("han_exporter_config_last_reload_success_timestamp_seconds", help, Kind::Gauge)
        .sample(None, since as f64);
    let mut lines = out.family("han_exporter_log_messages_total", "Lines logged, by level.", Kind::Counter);
    for (level, count) in log::counts() {
        lines.sample(Some(("level", level)), count as f64);
    }
}
