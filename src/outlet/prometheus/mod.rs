//! Metrics for Prometheus: one registry that everything is gathered from, and one encoder for both texts.

pub mod exposition;
mod family;
pub mod gzip;
mod meters;
pub mod negotiate;
mod own;
mod process;
mod reception;

use std::future::ready;
use std::sync::Arc;

use hyper::http::request::Parts;
use hyper::http::{HeaderMap, Response, StatusCode};
use prometheus::Registry;
use prometheus::proto::MetricFamily;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{Answer, Route};
use crate::http::Body;
use crate::hub::Hub;
use crate::platform::runtime;
use family::VALID;
use meters::Meters;
pub use own::Reloads;
use process::ProcessCollector;

/// The metrics of all meters and of the exporter itself, at one path.
pub struct Metrics {
    path: String,
    hub: Hub,
    registry: Registry,
    /// Bounds the memory that large scrapes take at the same time.
    large: Arc<Semaphore>,
}

/// With more meters than this a scrape is gathered and encoded beside the thread that reads them: a Raspberry Pi Zero
/// takes about a millisecond for a meter.
const MOST_AT_ONCE: usize = 4;
/// Large scrapes that are answered at the same time; further ones wait.
const LARGE_SCRAPES: usize = 2;

/// The metrics that a meter's bytes alone determine.
pub fn registry_of_meters(hub: Hub) -> Registry {
    registry_of(Meters::new(hub))
}

fn registry_of(meters: Meters) -> Registry {
    let registry = Registry::new();
    registry.register(Box::new(meters)).expect(VALID);
    registry
}

impl Metrics {
    /// All metrics, served at `path`; `process_*` are among them if `with_process`.
    pub fn new(hub: Hub, path: &str, reloads: &Reloads, with_process: bool) -> Self {
        let registry = registry_of(Meters::watched(hub.clone()));
        own::register(&registry, reloads).expect(VALID);
        if with_process {
            registry.register(Box::new(ProcessCollector::new())).expect(VALID);
        }
        Metrics { path: path.to_owned(), hub, registry, large: Arc::new(Semaphore::new(LARGE_SCRAPES)) }
    }

    /// Every family that has a sample at this moment, sorted by name.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }
}

impl Route for Metrics {
    fn answer(&self, request: &Parts) -> Option<Answer> {
        if request.uri.path() != self.path {
            return None;
        }
        if self.hub.state().len() <= MOST_AT_ONCE || runtime::check_thread().is_err() {
            return Some(Box::pin(ready(respond(&self.registry, &request.headers))));
        }
        let (registry, headers) = (self.registry.clone(), request.headers.clone());
        let large = Arc::clone(&self.large);
        Some(Box::pin(async move {
            let _permit = large.acquire_owned().await;
            match spawn_blocking(move || respond(&registry, &headers)).await {
                Ok(response) => response,
                Err(_) => {
                    super::text(StatusCode::INTERNAL_SERVER_ERROR, "The metrics were not gathered\n").await
                }
            }
        }))
    }
}

fn respond(registry: &Registry, headers: &HeaderMap) -> Response<Body> {
    negotiate::respond(headers, &registry.gather())
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::core::Collector;

    /// The encoder writes them as they are.
    #[test]
    fn no_help_text_needs_escaping() {
        let meters = Meters::watched(Hub::default());
        let own = Metrics::new(Hub::default(), "/metrics", &Reloads::default(), true).gather();
        let helps: Vec<_> = meters.desc().iter().map(|family| family.help.as_str()).collect();
        for help in helps.into_iter().chain(own.iter().map(MetricFamily::help)) {
            assert!(!help.contains(['\\', '\n', '"']), "{help}");
        }
        assert!(own.iter().any(|family| family.name().starts_with("process_")), "{own:?}");
    }
}
