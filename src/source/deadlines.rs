//! What is due next on an open line.

use tokio::task::yield_now;
use tokio::time::{Duration, Instant, sleep_until};

use super::Timing;

/// When bytes and frames last arrived, and what follows from it. Times are arguments; nothing here waits.
#[derive(Debug)]
pub struct Deadlines {
    /// The last valid frame, or else the opening.
    frame: Instant,
    /// When the present serial settings took effect.
    settings: Instant,
    /// The last byte.
    byte: Instant,
    /// Bytes since the last valid frame, or else since the opening.
    pub bytes_since_frame: u64,
    /// Bytes since the present serial settings took effect.
    pub bytes_since_settings: u64,
    /// Whether no byte has arrived since the opening, and that was not reported.
    is_unheard: bool,
    /// Whether bytes arrived and no gap after them.
    pub in_flight: bool,
}

/// What to do when a deadline passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The message on the line is complete.
    Gap,
    /// Report that no data arrive.
    NoData,
    /// Try the next serial settings.
    NextSettings,
    /// Reopen: no valid frame for too long.
    Silence,
}

impl Deadlines {
    /// The deadlines of a line opened now.
    pub fn new(now: Instant) -> Self {
        Self {
            frame: now,
            settings: now,
            byte: now,
            bytes_since_frame: 0,
            bytes_since_settings: 0,
            is_unheard: true,
            in_flight: false,
        }
    }

    /// Records the arrival of bytes.
    pub fn bytes(&mut self, count: usize, now: Instant) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.byte = now;
        self.bytes_since_frame += count;
        self.bytes_since_settings += count;
        self.is_unheard = false;
        self.in_flight = true;
    }

    /// Records a valid frame.
    pub fn confirm(&mut self, now: Instant) {
        self.frame = now;
        self.bytes_since_frame = 0;
    }

    /// Measures all times from now on.
    pub fn restart(&mut self, now: Instant) {
        *self = Self { in_flight: self.in_flight, ..Self::new(now) };
    }

    /// Records that other serial settings took effect.
    pub fn new_settings(&mut self, now: Instant) {
        self.settings = now;
        self.bytes_since_settings = 0;
    }

    /// Records that the absence of data was reported.
    pub fn reported(&mut self) {
        self.is_unheard = false;
    }

    /// Ends the message on the line; true if there was one.
    pub fn end_message(&mut self) -> bool {
        std::mem::take(&mut self.in_flight)
    }

    /// Seconds since the last valid frame, or else since the opening.
    pub fn seconds(&self, now: Instant) -> u64 {
        now.duration_since(self.frame).as_secs()
    }

    /// The next deadline. A message in flight is not interrupted, unless bytes keep arriving without any gap.
    pub fn next(&self, timing: &Timing, gap: Duration, detecting: bool) -> (Instant, Due) {
        let end = self.end(timing, detecting);
        if self.in_flight {
            let no_gap = (end.0 + timing.dwell, end.1);
            return earlier((self.byte + gap, Due::Gap), no_gap);
        }
        match self.is_unheard {
            true => earlier((self.frame + timing.patience, Due::NoData), end),
            false => end,
        }
    }

    fn end(&self, timing: &Timing, detecting: bool) -> (Instant, Due) {
        match (detecting, self.bytes_since_settings) {
            (true, 0) => (self.settings + timing.patience, Due::NextSettings),
            (true, _) => (self.settings + timing.dwell, Due::NextSettings),
            (false, _) => (self.frame + timing.silence, Due::Silence),
        }
    }
}

fn earlier(first: (Instant, Due), second: (Instant, Due)) -> (Instant, Due) {
    if first.0 <= second.0 { first } else { second }
}

/// Waits for a deadline. If it passed while the caller was away, the reactor is first asked whether bytes came in time.
pub async fn until(deadline: Instant) {
    if deadline <= Instant::now() {
        yield_now().await;
    }
    sleep_until(deadline).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_millis(200);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_quiet_line_is_reported_then_given_up() {
        let (now, timing) = (Instant::now(), Timing::default());
        let mut deadlines = Deadlines::new(now);
        assert_eq!(deadlines.next(&timing, GAP, true), (now + at(16), Due::NoData));
        deadlines.reported();
        assert_eq!(deadlines.next(&timing, GAP, true), (now + at(16), Due::NextSettings));
        assert_eq!(deadlines.next(&timing, GAP, false), (now + at(90), Due::Silence));
        deadlines.new_settings(now + at(16));
        assert_eq!(deadlines.next(&timing, GAP, true), (now + at(32), Due::NextSettings));
    }

    #[test]
    fn bytes_without_frames_shorten_the_try_but_a_message_in_flight_is_not_interrupted() {
        let (now, timing) = (Instant::now(), Timing::default());
        let mut deadlines = Deadlines::new(now);
        deadlines.bytes(9, now + at(11));
        assert_eq!(deadlines.next(&timing, GAP, true), (now + at(11) + GAP, Due::Gap));
        assert!(deadlines.end_message() && !deadlines.end_message());
        assert_eq!(deadlines.next(&timing, GAP, true), (now + at(12), Due::NextSettings));
        deadlines.bytes(9, now + at(30));
        assert_eq!(
            deadlines.next(&timing, GAP, true),
            (now + at(24), Due::NextSettings),
            "a line without gaps is finally given up"
        );
    }

    #[test]
    fn each_valid_frame_restarts_the_silence() {
        let (now, timing) = (Instant::now(), Timing::default());
        let mut deadlines = Deadlines::new(now);
        deadlines.bytes(9, now + at(50));
        deadlines.confirm(now + at(50));
        deadlines.end_message();
        assert_eq!(deadlines.next(&timing, GAP, false), (now + at(140), Due::Silence));
        assert_eq!((deadlines.bytes_since_frame, deadlines.seconds(now + at(60))), (0, 10));
    }
}
