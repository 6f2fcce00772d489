//! The routes: metrics, page, health.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::{Response, StatusCode};

use super::page;
use super::prometheus::exporter::{self, Reload};
use super::prometheus::metrics::{self, Meter};
use super::prometheus::negotiate;
use crate::http::Body;
use crate::hub::health;
use crate::platform::process::Process;

/// What the routes show. A reload exchanges it.
#[derive(Clone)]
pub struct Shown {
    /// The meters.
    pub meters: Arc<Vec<Meter>>,
    /// How the configuration was last read.
    pub reload: Reload,
}

/// Answers every request from what is known at that moment; never waits for a meter.
pub struct Web {
    /// What to show.
    pub shown: Arc<RwLock<Shown>>,
    /// The path of the metrics.
    pub telemetry_path: String,
    /// The process's own metrics, unless they are not wanted.
    pub process: Option<Process>,
}

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

impl Web {
    /// Answers one request.
    pub fn answer(&self, request: &Parts) -> Response<Body> {
        match request.uri.path() {
            path if path == self.telemetry_path => self.metrics(request),
            "/" => answer(StatusCode::OK, HTML, self.page()),
            "/-/healthy" => answer(StatusCode::OK, TEXT, "Healthy\n".to_owned()),
            "/-/ready" => self.ready(),
            _ => answer(StatusCode::NOT_FOUND, TEXT, "404 page not found\n".to_owned()),
        }
    }

    fn shown(&self) -> Shown {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn metrics(&self, request: &Parts) -> Response<Body> {
        let Shown { meters, reload } = self.shown();
        negotiate::respond(&request.headers, |out| {
            metrics::of_meters(&meters, out);
            exporter::write(&reload, out);
            self.process.iter().flat_map(Process::families).for_each(|family| out.finished(&family));
        })
    }

    fn page(&self) -> String {
        let Shown { meters, .. } = self.shown();
        let pictures: Vec<_> = meters.iter().map(|meter| (meter, meter.snapshot.borrow())).collect();
        let views: Vec<_> = pictures.iter().map(|(meter, snapshot)| meter.view(snapshot)).collect();
        page::render(&views, &self.telemetry_path, Instant::now())
    }

    fn ready(&self) -> Response<Body> {
        let sentences = complaints(&self.shown().meters);
        match sentences.is_empty() {
            true => answer(StatusCode::OK, TEXT, "Ready\n".to_owned()),
            false => answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, sentences.join("\n") + "\n"),
        }
    }
}

/// What is wrong with each meter that is not well.
pub fn complaints(meters: &[Meter]) -> Vec<String> {
    let now = Instant::now();
    let complaint = |meter: &Meter| {
        let sentence = health::judge(&meter.view(&meter.snapshot.borrow()), now).err()?;
        Some(meter.name.as_ref().map_or(sentence.clone(), |name| format!("{name}: {sentence}")))
    };
    meters.iter().filter_map(complaint).collect()
}

fn answer(status: StatusCode, kind: HeaderValue, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
