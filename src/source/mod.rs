//! Where bytes come from: a serial adapter, a network adapter, a file, standard input or a simulated meter.
//!
//! A [`Source`] names one; a [`Link`] keeps it open indefinitely and delivers its bytes. Nothing here knows their
//! meaning: the caller calls [`Link::confirm`] for each valid frame.

mod address;
mod connection;
mod deadlines;
pub mod detect;
pub mod discover;
pub mod duration;
mod foreign;
mod ioctl;
mod link;
mod meter_options;
mod port;
mod port_access;
mod problem;
mod query;
pub mod replay;
mod serial;
mod state;
mod tcp;

use std::time::Duration;

pub use crate::wire::serial::{Parity, SerialSettings};
pub use address::Source;
pub(crate) use deadlines::until;
pub use detect::FixedSettings;
pub use link::Link;
pub use meter_options::MeterOptions;
pub use problem::Problem;
pub use query::Error;
pub use replay::Pace;

/// An event of a [`Link`].
///
/// Bytes are followed by `Idle` before any other event.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The source was opened: its name and serial settings, for the log.
    Opened(String),
    /// Detection tries other serial settings.
    Trying(SerialSettings),
    /// This many bytes are at the start of the buffer.
    Bytes(usize),
    /// A gap after bytes; once for each gap.
    Idle,
    /// There is a problem; once for each change, not for each attempt.
    Problem(Problem),
    /// A file or a stream has ended; nothing follows.
    Ended,
}

/// Counters and state of a [`Link`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Whether the source is open now.
    pub connected: bool,
    /// How often it was opened.
    pub opens: u64,
    /// How often opening it failed.
    pub open_errors: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Line errors that the driver counted since the start; `None` if it counts none.
    pub line: Option<LineErrors>,
    /// Serial settings in force, as the driver reports them.
    pub settings: Option<SerialSettings>,
    /// Whether a valid frame has confirmed these settings.
    pub locked: bool,
    /// The path or address in use.
    pub name: Option<String>,
}

/// Errors that a serial driver counted on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineErrors {
    /// Bytes without a stop bit in its place.
    pub frame: u64,
    /// Bytes with the wrong parity.
    pub parity: u64,
    /// Bytes lost in the hardware or in the kernel's buffer.
    pub overrun: u64,
    /// Breaks: the line was active for longer than a byte.
    pub breaks: u64,
}

impl LineErrors {
    pub(crate) fn add(&mut self, more: &Self) {
        self.frame += more.frame;
        self.parity += more.parity;
        self.overrun += more.overrun;
        self.breaks += more.breaks;
    }

    /// What was counted since; a counter that went back began again with the adapter.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let since = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        Self {
            frame: since(self.frame, before.frame),
            parity: since(self.parity, before.parity),
            overrun: since(self.overrun, before.overrun),
            breaks: since(self.breaks, before.breaks),
        }
    }
}

/// All durations of links; tests shorten them.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Between two attempts to open.
    pub retry: Duration,
    /// The longest pause between two attempts to connect over the network.
    pub backoff: Duration,
    /// How long connecting over the network may take.
    pub connect: Duration,
    /// The gap that ends a message on a serial line. On slow lines it is longer.
    pub gap: Duration,
    /// The gap that ends a message over a network, where bytes arrive in lumps.
    pub gap_network: Duration,
    /// How long settings that yield bytes but no valid frame are tried: longer than the usual 10 s between messages.
    pub dwell: Duration,
    /// How long settings that yield no byte are tried: longer than the 15 s of the slowest usual meters.
    pub patience: Duration,
    /// Time without a valid frame after which the source is reopened. Some meters push once a minute.
    pub silence: Duration,
    /// How long a port that `auto` has chosen is left to other programs after none of the settings gave a valid frame.
    pub rest: Duration,
    /// Time of one byte when a file is played at the pace of a line.
    pub byte: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            retry: Duration::from_secs(1),
            backoff: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            gap: Duration::from_millis(200),
            gap_network: Duration::from_millis(500),
            dwell: Duration::from_secs(12),
            patience: Duration::from_secs(16),
            silence: Duration::from_secs(90),
            rest: Duration::from_secs(600),
            byte: SerialSettings::HAN.byte(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_errors_add_up_across_adapters_that_count_from_zero() {
        let counts = |parity| LineErrors { parity, ..LineErrors::default() };
        let mut sum = LineErrors::default();
        sum.add(&counts(312).since(&counts(300)));
        sum.add(&counts(5).since(&counts(312)));
        assert_eq!(sum, counts(17));
    }
}
