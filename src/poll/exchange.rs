//! A poll cycle of requests and responses. A request without a response is repeated.

use core::time::Duration;

use super::plan::{MeterKind, Plan, PlannedRequest, When};
use super::request::{EncodedRequest, answered};
use super::{PollOptions, Steps, Task};
use crate::decoder::{Event, Outcome};
use crate::wire::frame::Stream;
use crate::wire::serial::SerialSettings;

/// How often a request is sent before it is given up.
const TRIES: u8 = 3;
/// What an adapter needs after its port was opened or set.
const SETTLE: Duration = Duration::from_millis(100);
/// What an optical head needs to turn from receiving to sending.
const TURNAROUND: Duration = Duration::from_millis(50);

/// The state of such a poll cycle.
pub(super) struct Exchange {
    plan: &'static Plan,
    /// The only serial settings to use, if the user has fixed them.
    fixed: Option<SerialSettings>,
    /// Index of the settings in use.
    settings: usize,
    /// Whether a meter has responded at these settings.
    verified: bool,
    /// Whether the line has these settings already.
    is_set: bool,
    stage: Stage,
    /// Index of the request being made.
    request: usize,
    tries: u8,
    encoded: EncodedRequest,
    identity: bool,
    /// The kind of meter, known from its responses.
    kind: Option<MeterKind>,
    /// The kind of meter assumed in this cycle.
    assumed: Option<MeterKind>,
    /// One bit for each request that this meter does not respond to.
    omitted: u8,
    /// How many settings were tried in this cycle.
    settings_tried: usize,
    failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    SetLine,
    Settle,
    Send,
    Listen,
    Turnaround,
    Rest,
}

impl Exchange {
    pub(super) fn new(plan: &'static Plan, options: &PollOptions) -> Self {
        Exchange {
            plan,
            fixed: options.settings,
            settings: 0,
            verified: false,
            is_set: false,
            stage: Stage::Rest,
            request: 0,
            tries: 0,
            encoded: EncodedRequest::EMPTY,
            identity: false,
            kind: None,
            assumed: None,
            omitted: 0,
            settings_tried: 0,
            failed: false,
        }
    }

    fn serial_settings(&self) -> SerialSettings {
        let planned = self.plan.settings.get(self.settings).copied();
        self.fixed.or(planned).unwrap_or(SerialSettings::HAN)
    }

    fn planned(&self) -> Option<&'static PlannedRequest> {
        self.plan.requests.get(self.request)
    }

    fn start(&mut self) {
        self.request_from(0);
        if !self.is_set && self.stage == Stage::Turnaround {
            self.stage = Stage::SetLine;
        }
    }

    /// Makes the first request that is due, at this index or later; without one the cycle is over.
    fn request_from(&mut self, first: usize) {
        self.tries = 0;
        let requests = self.plan.requests.iter().enumerate().skip(first);
        let mut due = requests.filter(|(index, request)| self.is_due(*index, request));
        let Some((index, planned)) = due.next() else {
            self.stage = Stage::Rest;
            return;
        };
        self.request = index;
        self.encoded = EncodedRequest::new(&planned.request);
        self.stage = Stage::Turnaround;
    }

    fn is_due(&self, index: usize, request: &PlannedRequest) -> bool {
        let fits = match request.when {
            When::Always => true,
            When::Identity => self.identity,
            When::Kind(kind) => self.kind.or(self.assumed).is_none_or(|known| known == kind),
        };
        fits && self.omitted >> index & 1 == 0
    }

    /// A meter that has none of the registers of an electricity meter is assumed to be a heat meter.
    fn responded(&mut self, when: When, is_empty: bool) {
        self.verified = true;
        if let (When::Kind(kind), None) = (when, self.kind) {
            self.kind = Some(kind).filter(|_| !is_empty);
            self.assumed = self.kind.or(Some(MeterKind::Heat));
        }
        self.request_from(self.request + 1);
    }

    fn give_up(&mut self) {
        match self.planned() {
            Some(&PlannedRequest { required: true, when, .. }) => {
                if when != When::Kind(MeterKind::Electricity) || self.kind.is_some() {
                    return self.fail();
                }
                self.assumed = Some(MeterKind::Heat);
            }
            _ => self.omitted |= 1 << self.request,
        }
        self.request_from(self.request + 1);
    }

    /// A required request has no response: other settings are tried, unless a meter has responded at these.
    fn fail(&mut self) {
        self.settings_tried += 1;
        let count = if self.fixed.is_some() { 1 } else { self.plan.settings.len() };
        if !self.verified {
            self.assumed = None;
            self.omitted = 0;
            self.is_set &= count == 1;
            self.settings = (self.settings + 1) % count;
            if self.settings_tried < count {
                return self.start();
            }
        }
        self.failed = true;
        self.stage = Stage::Rest;
    }
}

impl Steps for Exchange {
    fn begin(&mut self, identity: bool) {
        self.identity = identity;
        if identity {
            self.omitted = 0;
        }
        self.failed = false;
        self.settings_tried = 0;
        self.assumed = None;
        self.start();
    }

    fn restart(&mut self) {
        self.stage = Stage::Rest;
        self.is_set = false;
        self.verified = false;
        self.kind = None;
        self.omitted = 0;
    }

    fn task(&self, is_waiting: bool) -> Task<'_> {
        match self.stage {
            Stage::SetLine => Task::SetLine(self.serial_settings()),
            Stage::Settle => Task::Pause(SETTLE),
            Stage::Send => Task::Send(self.encoded.bytes()),
            Stage::Listen => {
                let quiet = if is_waiting { self.plan.next_byte } else { self.plan.first_byte };
                Task::Listen { quiet, total: self.plan.response }
            }
            Stage::Turnaround => Task::Pause(TURNAROUND),
            Stage::Rest => Task::Rest,
        }
    }

    fn done(&mut self) -> bool {
        self.stage = match self.stage {
            Stage::SetLine => Stage::Settle,
            Stage::Settle => {
                self.is_set = true;
                Stage::Send
            }
            Stage::Turnaround => Stage::Send,
            Stage::Send => Stage::Listen,
            other => other,
        };
        self.stage == Stage::Listen
    }

    fn is_listening(&self) -> bool {
        self.stage == Stage::Listen
    }

    /// Only the response to the request that was made counts.
    fn note(&mut self, event: &Event<'_>) {
        let Outcome::Reading { message, .. } = &event.outcome else { return };
        let Some((command, is_empty)) = answered(message) else { return };
        let planned = self.planned().filter(|request| self.is_listening() && request.command == command);
        if let Some(request) = planned {
            self.responded(request.when, is_empty);
        }
    }

    fn silence(&self) -> Stream {
        Stream::Ended
    }

    fn timeout(&mut self) {
        if !self.is_listening() {
            return;
        }
        self.tries += 1;
        self.stage = Stage::Turnaround;
        if self.tries == TRIES {
            self.give_up();
        }
    }

    fn answered(&self) -> bool {
        self.stage == Stage::Rest && !self.failed
    }

    fn interval(&self) -> Duration {
        (self.plan.interval)(self.kind)
    }
}
