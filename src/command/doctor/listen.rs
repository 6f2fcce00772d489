//! Listens to a source, reports each finding when it is first made, and keeps the numbers.

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::decoder::{Decoder, Event as Decoded, Outcome};
use crate::hex;
use crate::meter::Register;
use crate::obis;
use crate::pipeline::{Next, Pipeline};
use crate::reading::{self, Reading};
use crate::source::{Event, Link, Problem, discover};
use crate::wire::dlms::cipher::{Cipher, Keys};
use crate::wire::frame::Frame;

use super::attempt::FIRST;
use super::observation::Observation;
use super::polling;

/// More than the bytes that may wait in the kernel.
const BUFFER: usize = 4096;

/// How much longer to listen to a polled meter that has answered: the rest of the poll cycle arrives in this time.
const REST_OF_CYCLE: Duration = Duration::from_secs(3);

/// How long to wait for a port that may still appear.
const GRACE: Duration = Duration::from_secs(10);

/// How long to listen.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// At most.
    pub all: Duration,
    /// To a port that can be polled, if it sends nothing.
    pub silence: Duration,
}

impl From<Duration> for Time {
    fn from(all: Duration) -> Self {
        Time { all, silence: all }
    }
}

/// Listens until more would change nothing, the time has passed or `stop` completes; passes each finding to `say` as a line.
pub async fn listen(
    link: Link,
    keys: &Keys,
    time: impl Into<Time>,
    stop: impl Future<Output = ()>,
    say: &mut dyn FnMut(&str),
) -> Observation {
    let start = Instant::now();
    let seen = Observation::new(link.source().clone());
    let Time { all, silence } = time.into();
    let (end, silent_until) = (start + all, start + silence);
    let decoder = Decoder::new(reading::Settings::default(), Cipher::new(keys));
    let pipeline = Pipeline::new(link, decoder);
    let mut listener = Listener {
        pipeline,
        seen,
        say,
        start,
        end,
        silent_until,
        grace: None,
        is_paused: true,
        first_bytes_shown: false,
    };
    let mut buffer = vec![0; BUFFER];
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = sleep_until(listener.deadline()) => break,
            event = listener.pipeline.next(&mut buffer) => {
                if listener.handle(event, &buffer) || listener.seen.is_enough(start.elapsed()) {
                    break;
                }
            }
        }
    }
    listener.finish()
}

struct Listener<'a> {
    pipeline: Pipeline,
    seen: Observation,
    say: &'a mut dyn FnMut(&str),
    start: Instant,
    end: Instant,
    /// When to stop waiting for the first byte of a port that can be polled.
    silent_until: Instant,
    /// When to stop waiting for a source that cannot be opened.
    grace: Option<Instant>,
    /// Whether the line is silent at the moment.
    is_paused: bool,
    first_bytes_shown: bool,
}

impl Listener<'_> {
    /// Handles an event; returns whether there is nothing more to wait for.
    fn handle(&mut self, event: Event, buffer: &[u8]) -> bool {
        if let Some(errors) = self.pipeline.status().line {
            self.seen.count_line_errors(errors);
        }
        match event {
            Event::Opened(name) => self.opened(&name),
            Event::Trying(settings) => {
                self.say(format_args!("No valid frame yet; trying {settings}"));
                self.seen.use_settings(self.pipeline.status().settings);
            }
            Event::Bytes(count) => self.receive(buffer.get(..count).unwrap_or_default()),
            Event::Idle => self.pause(),
            Event::Problem(problem) => return self.handle_problem(problem),
            Event::Ended => return true,
        }
        false
    }

    fn deadline(&self) -> Instant {
        let end = if polling::is_possible(&self.seen) { self.silent_until } else { self.end };
        self.grace.map_or(end, |grace| grace.min(end))
    }

    fn finish(mut self) -> Observation {
        if self.is_paused {
            self.decode(&[], |pipeline, _| pipeline.finish());
        }
        self.seen.time = self.start.elapsed();
        self.seen
    }

    fn opened(&mut self, name: &str) {
        let status = self.pipeline.status();
        self.seen.name.clone_from(&status.name);
        self.seen.blocked = None;
        self.grace = None;
        self.seen.use_settings(status.settings);
        self.say(format_args!("Open: {name}"));
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.is_paused = false;
        // The port may have been opened again without an event.
        self.seen.use_settings(self.pipeline.status().settings);
        self.seen.current().receive(bytes);
        self.show_first_bytes(false);
        self.decode(bytes, Pipeline::feed);
    }

    /// Shows the first bytes once: as many as are kept, or those before the first pause.
    fn show_first_bytes(&mut self, is_paused: bool) {
        let first = self.seen.current().first.clone();
        let is_complete = first.len() == FIRST || is_paused && !first.is_empty();
        if !self.first_bytes_shown && is_complete {
            self.first_bytes_shown = true;
            self.say(format_args!("First bytes: {}", hex::digits(&first)));
        }
    }

    fn pause(&mut self) {
        self.is_paused = true;
        self.show_first_bytes(true);
        self.seen.current().pause();
        self.decode(&[], |pipeline, _| pipeline.idle());
    }

    fn decode(&mut self, mut bytes: &[u8], next: Next) {
        let mut findings = Findings::default();
        while let Some(event) = next(&mut self.pipeline, &mut bytes) {
            findings.note(&mut self.seen, &event, self.start.elapsed());
        }
        if findings.valid_frame {
            self.show_first_bytes(true);
        }
        for line in &findings.lines {
            self.say(format_args!("{line}"));
        }
        if findings.valid_frame {
            self.pipeline.confirm();
        }
        // One poll cycle of a polled meter contains all that it ever sends.
        if self.seen.is_polled() && self.seen.readings() > 0 {
            self.end = self.end.min(Instant::now() + REST_OF_CYCLE);
        }
    }

    fn handle_problem(&mut self, problem: Problem) -> bool {
        match &problem {
            Problem::Silent { .. } => self.say(format_args!("No data yet; still listening")),
            Problem::Unanswered { .. } => {
                self.say(format_args!("No response"));
                self.seen.unanswered = Some(problem);
                return true;
            }
            Problem::NoFrames { bytes, .. } => {
                self.say(format_args!("{bytes} bytes and no valid frame; still listening"));
            }
            _ => self.say(format_args!("{problem}")),
        }
        match &problem {
            Problem::Settings { .. } => self.seen.not_applied = Some(problem),
            Problem::Lost { .. } | Problem::Closed { .. } => self.seen.losses += 1,
            // There is no exporter that waits for the port's return: what was heard is the finding.
            Problem::Released { .. } => {}
            problem if problem.is_open() => {}
            _ => return self.blocked(problem),
        }
        false
    }

    /// Waits a while for a source that may still appear; returns whether waiting is hopeless.
    fn blocked(&mut self, problem: Problem) -> bool {
        let hopeless = match &problem {
            Problem::Several { .. } | Problem::Forbidden { .. } => true,
            Problem::NotSerial { .. } | Problem::Unreadable { .. } => true,
            Problem::Absent { .. } => {
                let found = discover::adapters(Path::new("/dev"));
                let found = found.usb.into_iter().chain(found.onboard);
                self.seen.adapters = found.map(|path| path.display().to_string()).collect();
                false
            }
            _ => false,
        };
        if self.seen.name.is_none() {
            self.grace.get_or_insert(Instant::now() + GRACE);
        }
        self.seen.blocked = Some(problem);
        hopeless
    }

    fn say(&mut self, finding: fmt::Arguments<'_>) {
        let seconds = self.start.elapsed().as_secs_f64();
        (self.say)(&format!("{seconds:6.1} s  {finding}"));
    }
}

/// What is worth a line among the events in some bytes.
#[derive(Default)]
struct Findings {
    lines: Vec<String>,
    valid_frame: bool,
}

impl Findings {
    fn note(&mut self, seen: &mut Observation, event: &Decoded<'_>, at: Duration) {
        let (frames, lists) = (seen.frames(), seen.lists.len());
        let (undecodable, damaged) = (seen.undecodable.len(), seen.damaged().count());
        seen.record(event, at);
        self.valid_frame |= event.sent().is_some();
        let length = event.length;
        if let (Some(frame), 0) = (event.frame, frames) {
            let settings =
                seen.current().settings.map(|settings| format!(" at {settings}")).unwrap_or_default();
            self.lines.push(match frame {
                Frame::Ciphered(_) => {
                    format!("First message{settings}: {length} bytes, encrypted and without a frame")
                }
                _ => format!("First valid frame{settings}: {length} bytes"),
            });
        }
        match event.outcome {
            Outcome::Reading { list, reading, .. } if seen.lists.len() > lists => {
                let content = reading.content.name();
                self.lines.push(format!("First {content} message: {}{}", list.name, power(reading)));
            }
            Outcome::Undecodable(error) if seen.undecodable.len() > undecodable => {
                let reason = error.reason();
                self.lines.push(format!("A valid frame of {length} bytes without a reading: {reason}"));
            }
            Outcome::Rejected(..) if seen.damaged().count() > damaged => {
                let length = seen.damaged().last().unwrap_or_default();
                self.lines.push(format!("A frame of {length} bytes arrived damaged"));
            }
            _ => {}
        }
    }
}

/// The value that can be compared with the meter's display.
fn power(reading: &Reading) -> String {
    let value = |obis| Register::find(obis).and_then(|register| reading.value(register));
    match (value(obis!(1-0:1.7.0)), value(obis!(1-0:2.7.0))) {
        (Some(import), Some(export)) if import.is_zero() => format!(", exporting {export} W"),
        (Some(import), _) => format!(", importing {import} W"),
        (None, _) => String::new(),
    }
}
