//! What is due next on an open line. Times come in as arguments; nothing here waits.

use tokio::time::{Duration, Instant};

use super::Timing;

/// When bytes and frames last came.
#[derive(Debug)]
pub struct Watch {
    /// The last frame that held, or else the opening.
    frame: Instant,
    /// Since when the settings in force are.
    turn: Instant,
    /// The last bytes.
    byte: Instant,
    bytes_since_frame: u64,
    bytes_this_turn: u64,
    /// Not one byte since the opening, and nobody was told.
    hush: bool,
    /// Bytes came and no gap yet.
    in_flight: bool,
}

/// What there is to do when a deadline passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The list on the line is complete.
    Gap,
    /// It is time to say that nothing arrives.
    Hush,
    /// The settings had their chance.
    Turn,
    /// No frame for too long.
    Silence,
}

impl Watch {
    /// A line opened just now.
    pub fn new(now: Instant) -> Self {
        Self {
            frame: now,
            turn: now,
            byte: now,
            bytes_since_frame: 0,
            bytes_this_turn: 0,
            hush: true,
            in_flight: false,
        }
    }

    /// Bytes arrived.
    pub fn bytes(&mut self, count: usize, now: Instant) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.byte = now;
        self.bytes_since_frame += count;
        self.bytes_this_turn += count;
        self.hush = false;
        self.in_flight = true;
    }

    /// A frame held.
    pub fn confirm(&mut self, now: Instant) {
        self.frame = now;
        self.bytes_since_frame = 0;
    }

    /// Other settings are in force.
    pub fn turn(&mut self, now: Instant) {
        self.turn = now;
        self.bytes_this_turn = 0;
    }

    /// It was said that nothing arrives.
    pub fn hushed(&mut self) {
        self.hush = false;
    }

    /// Ends the list on the line; true if there was one.
    pub fn land(&mut self) -> bool {
        std::mem::take(&mut self.in_flight)
    }

    /// Whether bytes came and no gap yet.
    pub fn in_flight(&self) -> bool {
        self.in_flight
    }

    /// Bytes since the last frame, or else since the opening.
    pub fn unframed(&self) -> u64 {
        self.bytes_since_frame
    }

    /// Bytes since the settings in force are.
    pub fn this_turn(&self) -> u64 {
        self.bytes_this_turn
    }

    /// For how long no frame held.
    pub fn seconds(&self, now: Instant) -> u64 {
        now.duration_since(self.frame).as_secs()
    }

    /// The next deadline. A list in flight is not cut short, unless the line babbles without any gap.
    pub fn due(&self, timing: &Timing, gap: Duration, detecting: bool) -> (Instant, Due) {
        let end = self.end(timing, detecting);
        if self.in_flight {
            let babble = (end.0 + timing.dwell, end.1);
            return earlier((self.byte + gap, Due::Gap), babble);
        }
        match self.hush {
            true => earlier((self.frame + timing.patience, Due::Hush), end),
            false => end,
        }
    }

    fn end(&self, timing: &Timing, detecting: bool) -> (Instant, Due) {
        match (detecting, self.bytes_this_turn) {
            (true, 0) => (self.turn + timing.patience, Due::Turn),
            (true, _) => (self.turn + timing.dwell, Due::Turn),
            (false, _) => (self.frame + timing.silence, Due::Silence),
        }
    }
}

fn earlier(first: (Instant, Due), second: (Instant, Due)) -> (Instant, Due) {
    if first.0 <= second.0 { first } else { second }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_millis(200);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_quiet_line_is_mentioned_then_left() {
        let (now, timing) = (Instant::now(), Timing::default());
        let mut watch = Watch::new(now);
        assert_eq!(watch.due(&timing, GAP, true), (now + at(16), Due::Hush));
        watch.hushed();
        assert_eq!(watch.due(&timing, GAP, true), (now + at(16), Due::Turn));
        assert_eq!(watch.due(&timing, GAP, false), (now + at(90), Due::Silence));
        watch.turn(now + at(16));
        assert_eq!(watch.due(&timing, GAP, true), (now + at(32), Due::Turn));
    }

    #[test]
    fn bytes_without_frames_shorten_the_try_but_a_list_in_flight_is_heard_out() {
        let (now, timing) = (Instant::now(), Timing::default());
        let mut watch = Watch::new(now);
        watch.bytes(9, now + at(11));
        assert_eq!(watch.due(&timing, GAP, true), (now + at(11) + GAP, Due::Gap));
        assert!(watch.land() && !watch.land());
        assert_eq!(watch.due(&timing, GAP, true), (now + at(12), Due::Turn));
        watch.bytes(9, now + at(30));
        assert_eq!(
            watch.due(&timing, GAP, true),
            (now + at(24), Due::Turn),
            "a babbling line is left at last"
        );
    }

    #[test]
    fn the_silence_clock_starts_anew_with_each_frame() {
        let (now, timing) = (Instant::now(), Timing::default());
        let mut watch = Watch::new(now);
        watch.bytes(9, now + at(50));
        watch.confirm(now + at(50));
        watch.land();
        assert_eq!(watch.due(&timing, GAP, false), (now + at(140), Due::Silence));
        assert_eq!((watch.unframed(), watch.seconds(now + at(60))), (0, 10));
    }
}
