//! Whether all is well: for load balancers and monitors at `/-/healthy` and `/-/ready`, and for systemd's status.

use std::time::Duration;

use hyper::http::StatusCode;
use hyper::http::request::Parts;
use tokio::time::{Instant, sleep_until};

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

/// How often to repeat a sentence that tells how long something has lasted.
const REPETITION: Duration = Duration::from_secs(60);

/// Hands `report` a sentence about all meters, the one that `/-/ready` answers with, whenever it becomes another; with
/// the number that has grown in it at most once a minute. Listens from the call on.
pub fn report_status(hub: Hub, report: impl Fn(&str)) -> impl Future<Output = ()> {
    let mut updates = hub.subscribe();
    async move {
        let mut problems = Vec::new();
        let mut repetition = Instant::now();
        loop {
            let is_news = tokio::select! {
                heard = updates.next() => match heard {
                    None => return,
                    Some(Heard::Lost(_)) => true,
                    Some(Heard::Update(update)) => {
                        matches!(update.change, Change::Health(_) | Change::Added | Change::Removed)
                    }
                },
                () = sleep_until(repetition), if !problems.is_empty() => true,
            };
            if is_news {
                repetition = Instant::now() + REPETITION;
                problems = hub.state().problems(BootTime::now());
                report(&if problems.is_empty() { "All is well".to_owned() } else { problems.join(" ") });
            }
        }
    }
}
