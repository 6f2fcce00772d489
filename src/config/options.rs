//! The options of the main job, and the sets of options that other commands share.
//!
//! An option is written here once: its name, variable, help, default and type. Its field is where it is used, and what
//! reads its value also says what is wrong with it.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use tracing::Level;

use super::{Given, Several};
use crate::{
    http::{HostName, ListenAddress},
    platform::log,
    reading,
    source::{Source, duration},
};

/// What was typed for the main job; `Config::load` says what it means.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct ServeArgs {
    /// YAML file that names several meters, in place of --source and key files
    #[arg(long = "config.file", env = "HAN_EXPORTER_CONFIG_FILE", value_name = "FILE")]
    pub config_file: Option<PathBuf>,

    /// Check the configuration and exit: 0 if valid, 2 or 78 if not
    #[arg(long)]
    pub check_config: bool,

    #[command(flatten)]
    pub meter: MeterArgs,

    #[command(flatten)]
    pub listen: ListenArgs,

    #[command(flatten)]
    pub web: Web,

    #[command(flatten)]
    pub log: LogArgs,

    #[arg(skip)]
    pub given: Given,
}

/// The one meter of the command line, and what holds for every meter.
#[derive(Args, Clone, Debug, PartialEq)]
#[command(next_help_heading = "Meter")]
pub struct MeterArgs {
    /// Where the bytes come from; the forms are listed below
    #[arg(long, env = "HAN_EXPORTER_SOURCE", default_value = "auto", value_parser = source)]
    pub source: Source,

    #[command(flatten)]
    pub key_files: KeyFiles,

    #[command(flatten)]
    pub settings: MeterSettings,

    /// Omit energy registers and the meter's id when older than this
    #[arg(long, env = "HAN_EXPORTER_MAX_AGE_REGISTERS", value_name = "DURATION", default_value = "2.5h")]
    #[arg(value_parser = positive_duration)]
    pub max_age_registers: Duration,
}

/// What may differ between meters: the file can set it for each, an option for all of them.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct MeterSettings {
    #[command(flatten)]
    pub decoder: DecoderArgs,

    /// Omit instantaneous values older than this and 3 usual intervals
    #[arg(long, env = "HAN_EXPORTER_MAX_AGE", value_name = "DURATION", default_value = "30s")]
    #[arg(value_parser = duration::parse)]
    pub max_age: Duration,
}

/// What the decoder cannot learn from the bytes.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecoderArgs {
    /// Scale of Kamstrup's energy registers: auto, 1Wh or 10Wh
    #[arg(long = "kamstrup-energy", env = "HAN_EXPORTER_KAMSTRUP_ENERGY", value_name = "SCALE")]
    #[arg(default_value = "auto", value_parser = energy_scale)]
    pub settings: reading::Settings,
}

/// The files that keys are read from.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFiles {
    /// File with the encryption key: 32 hexadecimal digits
    #[arg(long, env = "HAN_EXPORTER_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// File with the authentication key, same format
    #[arg(long, env = "HAN_EXPORTER_AUTH_KEY_FILE", value_name = "FILE")]
    pub auth_key_file: Option<PathBuf>,
}

/// Where to listen, and how that is protected.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(next_help_heading = "Web")]
pub struct ListenArgs {
    /// Address to listen on; may be repeated
    #[arg(long = "web.listen-address", env = "HAN_EXPORTER_WEB_LISTEN_ADDRESS", value_name = "ADDRESS")]
    #[arg(default_value = ":10170")]
    pub listen_address: Vec<Several<ListenAddress>>,

    /// Listen on the sockets that systemd passes, in place of --web.listen-address
    #[arg(long = "web.systemd-socket", env = "HAN_EXPORTER_WEB_SYSTEMD_SOCKET", value_parser = boolean)]
    pub systemd_socket: bool,

    /// Further name under which browsers may ask; may be repeated
    #[arg(long = "web.allowed-host", env = "HAN_EXPORTER_WEB_ALLOWED_HOST", value_name = "NAME")]
    pub allowed_host: Vec<Several<HostName>>,

    /// File with TLS and password settings (refused: not supported yet)
    #[arg(long = "web.config.file", env = "HAN_EXPORTER_WEB_CONFIG_FILE", value_name = "FILE")]
    pub web_config_file: Option<PathBuf>,
}

/// What is served, and to how many at once.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(next_help_heading = "Web")]
pub struct Web {
    /// Path of the metrics
    #[arg(long = "web.telemetry-path", env = "HAN_EXPORTER_WEB_TELEMETRY_PATH", value_name = "PATH")]
    #[arg(default_value = "/metrics", value_parser = telemetry_path)]
    pub telemetry_path: String,

    /// Maximum number of HTTP requests answered at once; 0 for no limit
    #[arg(long = "web.max-requests", env = "HAN_EXPORTER_WEB_MAX_REQUESTS", value_name = "N")]
    #[arg(default_value = "40", value_parser = max_requests)]
    pub max_requests: usize,

    /// Omit the metrics about the exporter itself (process_*)
    #[arg(long = "web.disable-exporter-metrics", env = "HAN_EXPORTER_WEB_DISABLE_EXPORTER_METRICS")]
    #[arg(value_parser = boolean)]
    pub disable_exporter_metrics: bool,
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(next_help_heading = "Log")]
pub struct LogArgs {
    /// Minimum level to log: debug, info, warn or error
    #[arg(long = "log.level", env = "HAN_EXPORTER_LOG_LEVEL", value_name = "LEVEL")]
    #[arg(default_value = "info", value_parser = log::level)]
    pub level: Level,

    /// Format of the log lines: logfmt or json
    #[arg(long = "log.format", env = "HAN_EXPORTER_LOG_FORMAT", value_name = "FORMAT")]
    #[arg(default_value = "logfmt", value_parser = log::format)]
    pub format: log::Format,
}

/// Reads the scale of energy registers for lists that contain none; with `auto` the meter's type decides.
pub fn energy_scale(text: &str) -> Result<reading::Settings, &'static str> {
    let energy_exponent = match text {
        "auto" => None,
        "1Wh" => Some(0),
        "10Wh" => Some(1),
        _ => return Err("is not a scale; write auto, 1Wh or 10Wh"),
    };
    Ok(reading::Settings { energy_exponent })
}

/// Reads a source; the message continues a sentence that names it.
pub fn source(text: &str) -> Result<Source, String> {
    text.trim().parse().map_err(|error| format!("cannot be read: {error}"))
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration::parse(text)? {
        Duration::ZERO => Err("must be longer than 0; write it like 2.5h".into()),
        duration => Ok(duration),
    }
}

fn telemetry_path(text: &str) -> Result<String, &'static str> {
    /// Paths that already have a meaning.
    const TAKEN: [&str; 4] = ["/", "/style.css", "/-/healthy", "/-/ready"];
    if TAKEN.contains(&text) {
        return Err("already has another meaning; choose another path, like /metrics");
    }
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '%' | '"' | '<' | '>');
    match text.strip_prefix('/') {
        Some(rest) if rest.chars().all(is_plain) => Ok(text.to_owned()),
        _ => Err("is not a path; write it like /metrics"),
    }
}

fn max_requests(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "is not a number; write 0 for no limit")
}

/// Reads the variable of a switch.
fn boolean(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err("is not a boolean; write true or false"),
    }
}
