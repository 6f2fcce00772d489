//! Where readings go. Nothing here knows how they came.

pub mod exporter;
pub mod exposition;
pub mod gzip;
pub mod health;
pub mod http;
pub mod metrics;
pub mod negotiate;
mod number;
pub mod page;
pub mod process;
pub mod web;
