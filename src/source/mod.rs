//! Where bytes come from: a serial adapter, a network bridge, a file, standard input or a simulated meter.
//!
//! A [`Source`] says which; a [`Link`] keeps it open for ever and hands out bytes. Nothing here knows what
//! the bytes mean: the caller calls [`Link::confirm`] when a frame's check sequences held.

mod address;
mod connection;
pub mod detect;
pub mod discover;
pub mod duration;
mod ioctl;
mod link;
mod meter_options;
mod port;
mod port_access;
mod problem;
pub mod replay;
mod serial;
mod tcp;
mod watch;

use std::time::Duration;

pub use address::{Error, Source};
pub use detect::{FixedSettings, Parity, SerialSettings};
pub use link::Link;
pub(crate) use link::until;
pub use meter_options::MeterOptions;
pub use problem::Problem;
pub use replay::Pace;

/// What a [`Link`] has to tell.
///
/// Bytes never run on across any other event: the last of them are always followed by `Idle` first.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The source is open: its name and the settings in force, for the log.
    Opened(String),
    /// Detection moved on to other line settings.
    Trying(SerialSettings),
    /// So many bytes were put at the start of the buffer.
    Bytes(usize),
    /// The line fell quiet after bytes; said once a gap.
    Idle,
    /// Something stands in the way; said once a change of state, not once a retry.
    Problem(Problem),
    /// A file or a stream is at its end; nothing follows.
    Ended,
}

/// The plain numbers of a [`Link`].
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
    /// Line errors the driver counted since the start; absent if it counts none.
    pub line: Option<LineErrors>,
    /// Line settings in force, as the driver reports them.
    pub settings: Option<SerialSettings>,
    /// Whether a frame has confirmed these settings.
    pub locked: bool,
    /// The path or address in use.
    pub name: Option<String>,
}

/// Faults a serial driver saw on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineErrors {
    /// Bytes without a stop bit where it belongs.
    pub frame: u64,
    /// Bytes with the wrong parity.
    pub parity: u64,
    /// Bytes lost in the hardware or in the kernel's buffer.
    pub overrun: u64,
    /// Breaks: the line held active for longer than a byte.
    pub breaks: u64,
}

impl LineErrors {
    pub(crate) fn add(&mut self, more: &Self) {
        self.frame += more.frame;
        self.parity += more.parity;
        self.overrun += more.overrun;
        self.breaks += more.breaks;
    }

    /// What was counted since; a counter that went back was started anew with the adapter.
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

/// All durations of the source layer; tests shorten them.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Between two attempts to open.
    pub retry: Duration,
    /// The longest pause between two attempts to connect over the network.
    pub backoff: Duration,
    /// How long connecting over the network may take.
    pub connect: Duration,
    /// The gap that ends a list on a serial line, unless the line is so slow that it takes longer.
    pub gap: Duration,
    /// The same over a network, where bytes come in lumps.
    pub gap_network: Duration,
    /// How long settings are tried that yield bytes but no frame: longer than the usual 10 s between lists.
    pub dwell: Duration,
    /// How long settings are tried that yield no byte at all: longer than the 15 s of the slowest pushing meters.
    pub patience: Duration,
    /// How long no frame may hold before the source is closed and opened anew.
    /// Some meters push once a minute, so it is more than that.
    pub silence: Duration,
    /// What one byte takes when a file is played at the line's pace.
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
            byte: SerialSettings::HAN.byte(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_errors_add_up_across_adapters_that_start_from_zero() {
        let counts = |parity| LineErrors { parity, ..LineErrors::default() };
        let mut sum = LineErrors::default();
        sum.add(&counts(312).since(&counts(300)));
        sum.add(&counts(5).since(&counts(312)));
        assert_eq!(sum, counts(17));
    }
}
