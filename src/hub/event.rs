//! What just happened: announced once, to everyone who subscribed.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::boot::BootTime;
use super::meter::MeterName;
use super::report::Report;
use super::snapshot::Port;
use super::trouble::Trouble;
use crate::meter::Register;

/// Something that changed at a meter.
#[derive(Clone)]
pub struct Update {
    /// Which meter.
    pub meter: MeterName,
    /// When, by the host's clock, which may jump.
    pub at: SystemTime,
    /// When, by the clock that ages are judged by.
    pub boot: BootTime,
    /// What changed.
    pub change: Change,
}

/// What can change. A closed interval of the energy ledger is to become a further variant.
#[derive(Clone)]
pub enum Change {
    /// A message was read.
    Reading(Arc<Report>),
    /// A value is no longer shown: it grew too old, or another meter answers.
    Vanished(Register),
    /// The source was opened or closed.
    Port(Arc<Port>),
    /// Something keeps bytes from arriving, although values from before may still be shown; `None` at the first reading
    /// after that.
    Problem(Option<Trouble>),
    /// Readings no longer arrive in time, or something else keeps them from arriving; `None` when they arrive again.
    Health(Option<Trouble>),
    /// Another meter answers: what the one before sent is no longer shown.
    Replaced,
    /// The meter is configured from now on, and nothing is known of it.
    Added,
    /// The meter is no longer configured. One whose configuration changes is removed and then added.
    Removed,
}

/// The updates from one moment on. Whoever does not read them in time loses the oldest.
pub struct Subscription(Receiver<Update>);

/// What a subscriber hears next.
pub enum Heard {
    /// The next update.
    Update(Update),
    /// This many updates were lost because the subscriber was too slow: the state tells where things are now.
    Lost(u64),
}

impl Subscription {
    pub(super) fn new(receiver: Receiver<Update>) -> Self {
        Subscription(receiver)
    }

    /// Waits for the next update; `None` once the hub is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(update) => Some(Heard::Update(update)),
            Err(RecvError::Lagged(count)) => Some(Heard::Lost(count)),
            Err(RecvError::Closed) => None,
        }
    }
}
