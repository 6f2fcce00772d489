//! Where readings go. Each outlet knows the hub and no other outlet, and `command::serve` starts them.
//!
//! An outlet that is asked is a [`Route`]; one that pushes is a task that subscribes to the hub. To add one, add its
//! folder here and one line to `command::serve`.

pub mod health;
pub mod log;
pub mod page;
pub mod prometheus;

use std::future::{Future, ready};
use std::pin::Pin;

use hyper::http::request::Parts;
use hyper::http::{Response, StatusCode};

use crate::http::{Body, response};

/// An answer on its way.
pub type Answer = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// An outlet that answers requests over HTTP from what the hub knows at that moment.
pub trait Route: Send + Sync {
    /// The answer to a request; `None` if its path belongs to another route.
    fn answer(&self, request: &Parts) -> Option<Answer>;
}

/// Answers a request by the first route that takes its path.
pub fn answer(routes: &[Box<dyn Route>], request: &Parts) -> Answer {
    let answer = routes.iter().find_map(|route| route.answer(request));
    answer.unwrap_or_else(|| text(StatusCode::NOT_FOUND, "404 page not found\n"))
}

/// An answer for people and scripts, of plain text.
fn text(status: StatusCode, text: impl Into<String>) -> Answer {
    Box::pin(ready(response(status, "text/plain; charset=utf-8", text.into())))
}
