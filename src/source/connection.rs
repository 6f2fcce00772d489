//! A serial port or a network adapter kept open indefinitely.

use tokio::time::{Instant, sleep_until};

use super::deadlines::{Deadlines, Due, until};
use super::port::{Port, Target};
use super::problem::Problem;
use super::state::LinkState;
use super::{Event, LineErrors, serial};
use crate::wire::serial::SerialSettings;

/// A target, its port while it is open, and what is known of it.
pub struct Connection {
    target: Target,
    /// Whether the meter is polled: silence is then no sign of anything, and the poller judges the responses.
    is_polled: bool,
    port: Option<Port>,
    /// When to try to open the port again.
    retry: Instant,
    deadlines: Deadlines,
    /// The problem last reported, until it is over.
    reported: Option<Problem>,
    /// Whether a valid frame arrived since the port was opened.
    has_frame: bool,
    /// The driver's counters when last read.
    counted: Option<LineErrors>,
    /// Line errors up to the last valid frame.
    errors_at_frame: LineErrors,
}

impl Connection {
    /// A connection that is to be opened.
    pub fn new(target: Target, is_polled: bool) -> Self {
        let now = Instant::now();
        Self {
            target,
            is_polled,
            port: None,
            retry: now,
            deadlines: Deadlines::new(now),
            reported: None,
            has_frame: false,
            counted: None,
            errors_at_frame: LineErrors::default(),
        }
    }

    /// Does what is due. Returns the number of bytes read, or queues events. Cancel-safe.
    pub async fn step(&mut self, state: &mut LinkState, buffer: &mut [u8]) -> Option<usize> {
        if self.port.is_some() {
            return self.read(state, buffer).await;
        }
        sleep_until(self.retry).await;
        match self.target.open(&state.timing).await {
            Ok(port) => self.opened(state, port),
            Err(problem) => self.refused(state, problem),
        }
        None
    }

    /// Records a valid frame.
    pub fn confirm(&mut self, state: &mut LinkState) {
        self.deadlines.confirm(Instant::now());
        self.errors_at_frame = state.status.line.unwrap_or_default();
        self.reported = None;
        self.has_frame = true;
        self.target.confirm();
        state.status.locked = true;
    }

    /// Restarts the time of silence: what arrived before does not count.
    pub fn resume(&mut self) {
        self.deadlines.restart(Instant::now());
    }

    /// Sends as many bytes as are taken at once; returns 0 if the port is lost. Cancel-safe.
    pub async fn send(&mut self, state: &mut LinkState, bytes: &[u8]) -> usize {
        let Some(port) = &mut self.port else { return 0 };
        match port.write(bytes).await {
            Ok(count @ 1..) => count,
            _ => {
                self.lost(state);
                0
            }
        }
    }

    /// Whether the driver has sent all bytes.
    pub fn has_sent(&self) -> bool {
        self.port.as_ref().is_none_or(Port::has_sent)
    }

    /// Changes the serial settings, if there are any.
    pub fn set(&mut self, state: &mut LinkState, settings: SerialSettings) {
        let (Target::Serial(serial), Some(_)) = (&mut self.target, &self.port) else { return };
        serial.detection.use_only(settings);
        if self.apply(state, settings) {
            self.warn(state);
        }
    }

    /// Closes the port and opens it again.
    pub fn reopen(&mut self, state: &mut LinkState) {
        if self.port.is_some() {
            self.close(state);
        }
    }

    /// Reports a problem, unless it was the last one reported.
    pub fn report(&mut self, state: &mut LinkState, problem: Problem) {
        self.end_message(state);
        if self.reported.as_ref().is_some_and(|before| problem.repeats(before)) {
            return;
        }
        self.reported = Some(problem.clone());
        state.put(Event::Problem(problem));
    }

    fn opened(&mut self, state: &mut LinkState, port: Port) {
        self.deadlines = Deadlines::new(Instant::now());
        self.counted = port.line_errors();
        self.port = Some(port);
        state.status.line = state.status.line.or(self.counted.map(|_| LineErrors::default()));
        self.errors_at_frame = state.status.line.unwrap_or_default();
        state.status.connected = true;
        state.status.opens += 1;
        state.status.name = Some(self.target.name());
        let warning = self.read_back(state);
        if !self.is_fruitless() {
            self.reported = None;
            let settings = state.status.settings.map(|settings| format!(" at {settings}"));
            state.put(Event::Opened(self.target.name() + &settings.unwrap_or_default()));
        }
        state.events.extend(warning.map(Event::Problem));
    }

    /// Whether the source was opened before and yielded no frame. Then opening or losing it again is not worth an event;
    /// its first frame is.
    fn is_fruitless(&self) -> bool {
        match self.reported.as_ref() {
            Some(Problem::Lost { .. }) => !self.has_frame,
            Some(Problem::Closed { .. } | Problem::Released { .. }) => true,
            Some(problem) => problem.is_open(),
            None => false,
        }
    }

    fn refused(&mut self, state: &mut LinkState, problem: Problem) {
        // That one is not even tried.
        state.status.open_errors += u64::from(!matches!(problem, Problem::Released { .. }));
        self.retry = Instant::now() + self.target.pause(&state.timing);
        if self.target.accepts(&problem) {
            self.report(state, problem);
        }
    }

    async fn read(&mut self, state: &mut LinkState, buffer: &mut [u8]) -> Option<usize> {
        if self.is_polled {
            let count = self.port.as_mut()?.read(buffer).await;
            let count = self.received(state, count);
            self.count_line_errors(state);
            return count;
        }
        let gap = self.target.gap(&state.timing);
        let (deadline, due) = self.deadlines.next(&state.timing, gap, self.target.detecting());
        let never_pauses = due != Due::Gap && self.deadlines.in_flight && deadline <= Instant::now();
        if never_pauses {
            self.overdue(state, due);
            return None;
        }
        let port = self.port.as_mut()?;
        tokio::select! {
            biased;
            count = port.read(buffer) => self.received(state, count),
            () = until(deadline) => {
                self.overdue(state, due);
                None
            }
        }
    }

    fn received(&mut self, state: &mut LinkState, count: std::io::Result<usize>) -> Option<usize> {
        // A port that hung up reads as its end.
        let Ok(count @ 1..) = count else {
            self.lost(state);
            return None;
        };
        self.deadlines.bytes(count, Instant::now());
        state.count(count);
        Some(count)
    }

    fn lost(&mut self, state: &mut LinkState) {
        self.close(state);
        self.retry = Instant::now() + self.target.pause(&state.timing);
        let loss = self.target.loss();
        self.report(state, loss);
    }

    fn overdue(&mut self, state: &mut LinkState, due: Due) {
        self.count_line_errors(state);
        match due {
            Due::Gap => self.end_message(state),
            Due::NoData => {
                self.deadlines.reported();
                if !matches!(self.reported, Some(Problem::Released { .. })) {
                    self.report_no_frames(state);
                }
            }
            Due::NextSettings => self.next_settings(state),
            Due::Silence => {
                self.report_no_frames(state);
                self.target.restart();
                self.close(state);
            }
        }
    }

    /// Tries the next serial settings; once all were tried, reopens the port.
    fn next_settings(&mut self, state: &mut LinkState) {
        self.end_message(state);
        let Target::Serial(serial) = &mut self.target else { return };
        if serial.detection.advance(self.deadlines.bytes_since_settings > 0) {
            if !self.release(state) {
                self.report_no_frames(state);
            }
            self.close(state);
            return;
        }
        let settings = serial.detection.settings();
        if self.apply(state, settings) {
            self.deadlines.new_settings(Instant::now());
            state.put(Event::Trying(settings));
            self.warn(state);
        }
    }

    /// Leaves a port to other programs that `auto` has chosen and that yields no frame; returns whether it does.
    fn release(&mut self, state: &mut LinkState) -> bool {
        let Target::Serial(serial) = &mut self.target else { return false };
        let problem = Problem::Released {
            port: serial.name(),
            seconds: self.deadlines.seconds(Instant::now()),
            bytes: self.deadlines.bytes_since_frame,
            rest: state.timing.rest,
        };
        let is_released = serial.release(state.timing.rest, problem.clone());
        if is_released {
            self.report(state, problem);
        }
        is_released
    }

    /// Sets the serial line; false if there is none or it is lost.
    fn apply(&mut self, state: &mut LinkState, settings: SerialSettings) -> bool {
        let Some(Port::Serial(port)) = &mut self.port else { return false };
        if serial::apply(port, settings).is_err() {
            self.lost(state);
            return false;
        }
        true
    }

    /// Reads the settings back, and warns if the driver did not take them.
    fn warn(&mut self, state: &mut LinkState) {
        let warning = self.read_back(state);
        state.events.extend(warning.map(Event::Problem));
    }

    /// Records the settings in force; returns a warning if they are not those requested.
    fn read_back(&mut self, state: &mut LinkState) -> Option<Problem> {
        let (Target::Serial(serial), Some(Port::Serial(port))) = (&mut self.target, &self.port) else {
            return None;
        };
        let (settings, warning) = serial.read_back(port);
        state.status.settings = Some(settings);
        state.status.locked = serial.detection.locked;
        warning
    }

    fn report_no_frames(&mut self, state: &mut LinkState) {
        let port = self.target.name();
        let seconds = self.deadlines.seconds(Instant::now());
        let problem = match self.deadlines.bytes_since_frame {
            0 => Problem::Silent { port },
            bytes => {
                let errors = state.status.line.unwrap_or_default().since(&self.errors_at_frame);
                Problem::NoFrames { port, seconds, bytes, tried: self.target.tried(), errors }
            }
        };
        self.report(state, problem);
    }

    fn end_message(&mut self, state: &mut LinkState) {
        if self.deadlines.end_message() {
            state.put(Event::Idle);
        }
    }

    /// Closes the port, to be opened again at once.
    fn close(&mut self, state: &mut LinkState) {
        self.end_message(state);
        self.count_line_errors(state);
        self.port = None;
        state.status.connected = false;
        self.retry = Instant::now();
    }

    fn count_line_errors(&mut self, state: &mut LinkState) {
        let Some(now) = self.port.as_ref().and_then(Port::line_errors) else { return };
        let before = self.counted.replace(now).unwrap_or(now);
        state.status.line.get_or_insert_default().add(&now.since(&before));
    }
}
