//! Metrics for Prometheus.

pub mod exporter;
pub mod exposition;
pub mod gzip;
pub mod metrics;
pub mod negotiate;
mod number;
