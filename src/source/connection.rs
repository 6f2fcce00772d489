//! A line kept open for ever.

use tokio::time::{Instant, sleep_until};

use super::link::{Desk, until};
use super::port::{Port, Target};
use super::problem::Problem;
use super::watch::{Due, Watch};
use super::{Event, LineErrors, SerialSettings, serial};

/// A line and what is known of it.
pub struct Connection {
    target: Target,
    /// Whether the meter waits to be asked: then silence is no sign of anything, and who asks judges the answers.
    is_asked: bool,
    port: Option<Port>,
    /// When to try to open next.
    retry: Instant,
    watch: Watch,
    /// The state of problem last told, until it is over.
    said: Option<Problem>,
    /// The driver's counters when last read.
    counted: Option<LineErrors>,
    /// The sum of line errors at the last frame.
    errors_at_frame: LineErrors,
}

impl Connection {
    /// Nothing is opened yet.
    pub fn new(target: Target, is_asked: bool) -> Self {
        let now = Instant::now();
        Self {
            target,
            is_asked,
            port: None,
            retry: now,
            watch: Watch::new(now),
            said: None,
            counted: None,
            errors_at_frame: LineErrors::default(),
        }
    }

    /// Goes on with whatever is due; bytes or an entry on the desk may come of it. Cancel-safe.
    pub async fn step(&mut self, desk: &mut Desk, buffer: &mut [u8]) -> Option<usize> {
        if self.port.is_some() {
            return self.read(desk, buffer).await;
        }
        sleep_until(self.retry).await;
        match self.target.open(&desk.timing).await {
            Ok(port) => self.opened(desk, port),
            Err(problem) => self.refused(desk, problem),
        }
        None
    }

    /// A frame held.
    pub fn confirm(&mut self, desk: &mut Desk) {
        self.watch.confirm(Instant::now());
        self.errors_at_frame = desk.status.line.unwrap_or_default();
        self.said = None;
        self.target.confirm();
        desk.status.locked = true;
    }

    /// Sends bytes, as many as are taken at once; none if the line is gone. Cancel-safe.
    pub async fn send(&mut self, desk: &mut Desk, bytes: &[u8]) -> usize {
        let Some(port) = &mut self.port else { return 0 };
        match port.write(bytes).await {
            Ok(count @ 1..) => count,
            _ => {
                self.lost(desk);
                0
            }
        }
    }

    /// Whether the driver has let go of all that was sent.
    pub fn has_sent(&self) -> bool {
        self.port.as_ref().is_none_or(Port::has_sent)
    }

    /// Sets the line, if it can be set.
    pub fn set(&mut self, desk: &mut Desk, settings: SerialSettings) {
        let (Target::Serial(serial), Some(Port::Serial(port))) = (&mut self.target, &mut self.port) else {
            return;
        };
        serial.detection.use_only(settings);
        if serial::apply(port, settings).is_err() {
            self.lost(desk);
            return;
        }
        let warning = self.read_back(desk);
        desk.outbox.extend(warning.map(Event::Problem));
    }

    /// Closes the line and opens it anew.
    pub fn reopen(&mut self, desk: &mut Desk) {
        if self.port.is_some() {
            self.close(desk);
        }
    }

    /// Tells of a problem that somebody else has noticed.
    pub fn complain(&mut self, desk: &mut Desk, problem: Problem) {
        self.say(desk, problem);
    }

    fn opened(&mut self, desk: &mut Desk, port: Port) {
        self.watch = Watch::new(Instant::now());
        self.counted = port.line_errors();
        self.port = Some(port);
        desk.status.line = desk.status.line.or(self.counted.map(|_| LineErrors::default()));
        self.errors_at_frame = desk.status.line.unwrap_or_default();
        desk.status.connected = true;
        desk.status.opens += 1;
        desk.status.name = Some(self.target.name());
        let warning = self.read_back(desk);
        // Opening again because nothing came is no news; that something comes will be.
        let quiet = self.said.as_ref().is_some_and(|said| said.is_open() || said.kind() == "closed");
        if !quiet {
            self.said = None;
            let settings = desk.status.settings.map(|settings| format!(" at {settings}"));
            desk.put(Event::Opened(self.target.name() + &settings.unwrap_or_default()));
        }
        desk.outbox.extend(warning.map(Event::Problem));
    }

    fn refused(&mut self, desk: &mut Desk, problem: Problem) {
        desk.status.open_errors += 1;
        self.retry = Instant::now() + self.target.pause(&desk.timing);
        if self.target.believes(&problem) {
            self.say(desk, problem);
        }
    }

    async fn read(&mut self, desk: &mut Desk, buffer: &mut [u8]) -> Option<usize> {
        if self.is_asked {
            return self.read_answer(desk, buffer).await;
        }
        let gap = self.target.gap(&desk.timing);
        let (deadline, due) = self.watch.due(&desk.timing, gap, self.target.detecting());
        let babbles = due != Due::Gap && self.watch.in_flight() && deadline <= Instant::now();
        if babbles {
            self.overdue(desk, due);
            return None;
        }
        let port = self.port.as_mut()?;
        tokio::select! {
            biased;
            count = port.read(buffer) => match count {
                Ok(count) if count > 0 => {
                    self.received(desk, count);
                    return Some(count);
                }
                // A port that hung up reads as its end, for ever.
                _ => self.lost(desk),
            },
            () = until(deadline) => self.overdue(desk, due),
        }
        None
    }

    async fn read_answer(&mut self, desk: &mut Desk, buffer: &mut [u8]) -> Option<usize> {
        match self.port.as_mut()?.read(buffer).await {
            Ok(count @ 1..) => {
                self.received(desk, count);
                self.count_line_errors(desk);
                Some(count)
            }
            _ => {
                self.lost(desk);
                None
            }
        }
    }

    fn received(&mut self, desk: &mut Desk, count: usize) {
        self.watch.bytes(count, Instant::now());
        desk.count(count);
        self.target.relax();
        self.said.take_if(|said| said.kind() == "closed");
    }

    fn lost(&mut self, desk: &mut Desk) {
        self.close(desk);
        self.retry = Instant::now() + self.target.pause(&desk.timing);
        let loss = self.target.loss();
        self.say(desk, loss);
    }

    fn overdue(&mut self, desk: &mut Desk, due: Due) {
        self.count_line_errors(desk);
        match due {
            Due::Gap => self.land(desk),
            Due::Hush => {
                self.watch.hushed();
                self.say_unheard(desk);
            }
            Due::Turn => self.turn(desk),
            Due::Silence => {
                self.say_unheard(desk);
                self.target.restart();
                self.close(desk);
            }
        }
    }

    /// Goes on to other settings, and at the end of a round opens the port anew.
    fn turn(&mut self, desk: &mut Desk) {
        self.land(desk);
        let (Target::Serial(serial), Some(Port::Serial(port))) = (&mut self.target, &mut self.port) else {
            return;
        };
        if serial.detection.advance(self.watch.this_turn() > 0) {
            self.say_unheard(desk);
            self.close(desk);
            return;
        }
        let settings = serial.detection.settings();
        if serial::apply(port, settings).is_err() {
            self.lost(desk);
            return;
        }
        self.watch.turn(Instant::now());
        desk.put(Event::Trying(settings));
        let warning = self.read_back(desk);
        desk.outbox.extend(warning.map(Event::Problem));
    }

    /// Takes note of the settings in force; a warning if they are not those asked for.
    fn read_back(&mut self, desk: &mut Desk) -> Option<Problem> {
        let (Target::Serial(serial), Some(Port::Serial(port))) = (&mut self.target, &self.port) else {
            return None;
        };
        let (settings, warning) = serial.read_back(port);
        desk.status.settings = Some(settings);
        desk.status.locked = serial.detection.locked();
        warning
    }

    fn say_unheard(&mut self, desk: &mut Desk) {
        let port = self.target.name();
        let seconds = self.watch.seconds(Instant::now());
        let problem = match self.watch.unframed() {
            0 => Problem::Silent { port, seconds },
            bytes => {
                let errors = desk.status.line.unwrap_or_default().since(&self.errors_at_frame);
                Problem::NoFrames { port, seconds, bytes, tried: self.target.tried(), errors }
            }
        };
        self.say(desk, problem);
    }

    fn say(&mut self, desk: &mut Desk, problem: Problem) {
        self.land(desk);
        if self.said.as_ref().is_some_and(|said| problem.repeats(said)) {
            return;
        }
        self.said = Some(problem.clone());
        desk.put(Event::Problem(problem));
    }

    fn land(&mut self, desk: &mut Desk) {
        if self.watch.land() {
            desk.put(Event::Idle);
        }
    }

    /// Closes the port, to be opened again at once.
    fn close(&mut self, desk: &mut Desk) {
        self.land(desk);
        self.count_line_errors(desk);
        self.port = None;
        desk.status.connected = false;
        self.retry = Instant::now();
    }

    fn count_line_errors(&mut self, desk: &mut Desk) {
        let Some(now) = self.port.as_ref().and_then(Port::line_errors) else { return };
        let before = self.counted.replace(now).unwrap_or(now);
        desk.status.line.get_or_insert_default().add(&now.since(&before));
    }
}
