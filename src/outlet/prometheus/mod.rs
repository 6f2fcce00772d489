//! Metrics for Prometheus: one registry that everything is gathered from, and one encoder for both texts.

pub mod exposition;
mod family;
pub mod gzip;
mod meters;
pub mod negotiate;
mod number;
mod own;
mod process;
mod reception;

use std::future::ready;

use hyper::http::request::Parts;
use prometheus::Registry;
use prometheus::proto::MetricFamily;

use super::{Answer, Route};
use crate::hub::Hub;
use meters::Meters;
pub use own::Reloads;
use process::ProcessCollector;

/// The metrics of all meters and of the exporter itself, at one path.
pub struct Metrics {
    path: String,
    registry: Registry,
}

impl Metrics {
    /// The metrics of the meters alone, served nowhere.
    pub fn of_meters(hub: Hub) -> Self {
        let registry = Registry::new();
        registry.register(Box::new(Meters::new(hub))).expect(DISTINCT);
        Metrics { path: String::new(), registry }
    }

    /// All metrics, served at `path`; `process_*` are among them if `with_process`.
    pub fn new(hub: Hub, path: &str, reloads: &Reloads, with_process: bool) -> Self {
        let metrics = Metrics { path: path.to_owned(), ..Metrics::of_meters(hub) };
        own::register(&metrics.registry, reloads).expect(DISTINCT);
        if with_process {
            metrics.registry.register(Box::new(ProcessCollector::new())).expect(DISTINCT);
        }
        metrics
    }

    /// Every family that has a sample at this moment, sorted by name.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }
}

const DISTINCT: &str = "the names of our own metrics are valid and distinct";

impl Route for Metrics {
    fn answer(&self, request: &Parts) -> Option<Answer> {
        let families = (request.uri.path() == self.path).then(|| self.gather())?;
        let response =
            negotiate::respond(&request.headers, |out| families.iter().for_each(|it| out.finished(it)));
        Some(Box::pin(ready(response)))
    }
}
