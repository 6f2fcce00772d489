//! Whether all is well: for load balancers and monitors at `/-/healthy` and `/-/ready`, and for systemd's status.

use hyper::http::StatusCode;
use hyper::http::request::Parts;

use super::{Answer, Route, text};
use crate::hub::{BootTime, Change, Heard, Hub};

/// The health routes.
pub struct Health {
    /// Where the meters are known.
    pub hub: Hub,
}

impl Route for Health {
    fn answer(&self, request: &Parts) -> Option<Answer> {
        match request.uri.path() {
            "/-/healthy" => Some(text(StatusCode::OK, "Healthy\n")),
            "/-/ready" => Some(self.ready()),
            _ => None,
        }
    }
}

impl Health {
    fn ready(&self) -> Answer {
        let problems = self.hub.state().problems(BootTime::now());
        match problems.is_empty() {
            true => text(StatusCode::OK, "Ready\n"),
            false => text(StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n"),
        }
    }
}

/// Hands `report` a sentence about all meters whenever one of them gets a problem or has none any more.
/// Listens from the call on.
pub fn report_status(hub: Hub, report: impl Fn(&str)) -> impl Future<Output = ()> {
    let mut updates = hub.subscribe();
    async move {
        while let Some(heard) = updates.next().await {
            let is_news = match heard {
                Heard::Update(update) => matches!(update.change, Change::Problem(_) | Change::Removed),
                Heard::Lost(_) => true,
            };
            if is_news {
                let problems = hub.state().problems(BootTime::now());
                report(&if problems.is_empty() { "All is well".to_owned() } else { problems.join(" ") });
            }
        }
    }
}
