//! Listens to a source, says each thing when it is first seen, and keeps the numbers.

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::decoder::{Decoder, Event as Decoded, Outcome};
use crate::meter::Register;
use crate::obis;
use crate::pipeline::Pipeline;
use crate::reading::{self, Reading};
use crate::source::{Event, Link, Problem, discover};
use crate::wire::dlms::cipher::{Cipher, Keys};
use crate::wire::frame::Frame;

use super::attempt::FIRST;
use super::observation::Observation;
use super::report::Hex;

/// More than a burst that waited in the kernel.
const BUFFER: usize = 4096;

/// How long a meter that has answered is heard on: what belongs to the same round comes in this time.
const ROUND: Duration = Duration::from_secs(3);

/// How long a port is waited for that may yet appear.
const GRACE: Duration = Duration::from_secs(10);

/// Listens until all is known, the time is over or `stop` comes; each finding is one line for `say`.
pub async fn listen(
    link: Link,
    keys: &Keys,
    time: Duration,
    stop: impl Future<Output = ()>,
    say: &mut dyn FnMut(&str),
) -> Observation {
    let start = Instant::now();
    let seen = Observation::new(link.source().clone());
    let end = start + time;
    let decoder = Decoder::new(reading::Settings::default(), Cipher::new(keys));
    let talk = Pipeline::new(link, decoder);
    let mut listener = Listener { talk, seen, say, start, end, grace: None, landed: true, greeted: false };
    let mut buffer = vec![0; BUFFER];
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = sleep_until(listener.deadline()) => break,
            event = listener.talk.next(&mut buffer) => {
                if listener.hear(event, &buffer) || listener.seen.is_enough(start.elapsed()) {
                    break;
                }
            }
        }
    }
    listener.finish()
}

struct Listener<'a> {
    talk: Pipeline,
    seen: Observation,
    say: &'a mut dyn FnMut(&str),
    start: Instant,
    end: Instant,
    /// Until when a source that cannot be opened is waited for.
    grace: Option<Instant>,
    /// Nothing is on the line.
    landed: bool,
    /// The first bytes were shown.
    greeted: bool,
}

impl Listener<'_> {
    /// Takes note of an event; true if there is nothing more to wait for.
    fn hear(&mut self, event: Event, buffer: &[u8]) -> bool {
        if let Some(errors) = self.talk.status().line {
            self.seen.count(errors);
        }
        match event {
            Event::Opened(name) => self.opened(&name),
            Event::Trying(settings) => {
                self.say(format_args!("No frame so far; trying {settings}"));
                self.seen.turn(self.talk.status().settings);
            }
            Event::Bytes(count) => self.take(buffer.get(..count).unwrap_or_default()),
            Event::Idle => self.pause(),
            Event::Problem(trouble) => return self.trouble(trouble),
            Event::Ended => return true,
        }
        false
    }

    fn deadline(&self) -> Instant {
        self.grace.map_or(self.end, |grace| grace.min(self.end))
    }

    fn finish(mut self) -> Observation {
        if self.landed {
            let mut notes = Notes::default();
            while let Some(event) = self.talk.finish() {
                notes.note(&mut self.seen, &event, self.start.elapsed());
            }
            self.conclude(notes);
        }
        self.seen.time = self.start.elapsed();
        self.seen
    }

    fn opened(&mut self, name: &str) {
        let status = self.talk.status();
        self.seen.name.clone_from(&status.name);
        self.seen.blocked = None;
        self.grace = None;
        self.seen.turn(status.settings);
        self.say(format_args!("Open: {name}"));
    }

    fn take(&mut self, mut bytes: &[u8]) {
        self.landed = false;
        // The port may have been opened anew without a word.
        self.seen.turn(self.talk.status().settings);
        self.seen.current().take(bytes);
        self.greet(false);
        let mut notes = Notes::default();
        while let Some(event) = self.talk.feed(&mut bytes) {
            notes.note(&mut self.seen, &event, self.start.elapsed());
        }
        self.conclude(notes);
    }

    /// Shows the first bytes once: as many as are kept, or those before the first pause.
    fn greet(&mut self, pause: bool) {
        let first = self.seen.current().first.clone();
        if !self.greeted && (pause || first.len() == FIRST) {
            self.greeted = true;
            self.say(format_args!("First bytes: {}", Hex(&first)));
        }
    }

    fn pause(&mut self) {
        self.landed = true;
        self.greet(true);
        self.seen.current().pause();
        let mut notes = Notes::default();
        while let Some(event) = self.talk.idle() {
            notes.note(&mut self.seen, &event, self.start.elapsed());
        }
        self.conclude(notes);
    }

    fn conclude(&mut self, notes: Notes) {
        for line in &notes.lines {
            self.say(format_args!("{line}"));
        }
        if notes.good_frame {
            self.talk.confirm();
        }
        // A meter that is asked says in one round all that it will ever say.
        if self.seen.is_polled() && self.seen.readings() > 0 {
            self.end = self.end.min(Instant::now() + ROUND);
        }
    }

    fn trouble(&mut self, trouble: Problem) -> bool {
        match &trouble {
            Problem::Silent { .. } => self.say(format_args!("Not one byte so far; listening on")),
            Problem::Unanswered { .. } => {
                self.say(format_args!("No answer"));
                self.seen.unanswered = Some(trouble);
                return true;
            }
            Problem::NoFrames { bytes, .. } => {
                self.say(format_args!("{bytes} bytes and no frame; listening on"));
            }
            _ => self.say(format_args!("{trouble}")),
        }
        match &trouble {
            Problem::Settings { .. } => self.seen.not_taken = Some(trouble),
            Problem::Lost { .. } | Problem::Closed { .. } => self.seen.losses += 1,
            trouble if trouble.is_open() => {}
            _ => return self.blocked(trouble),
        }
        false
    }

    /// Waits a while for what may yet appear; what will not change by itself ends it all.
    fn blocked(&mut self, trouble: Problem) -> bool {
        let hopeless = match &trouble {
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
        self.seen.blocked = Some(trouble);
        hopeless
    }

    fn say(&mut self, finding: fmt::Arguments<'_>) {
        let seconds = self.start.elapsed().as_secs_f64();
        (self.say)(&format!("{seconds:6.1} s  {finding}"));
    }
}

/// What is worth a line among the events of a stretch of bytes.
#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    good_frame: bool,
}

impl Notes {
    fn note(&mut self, seen: &mut Observation, event: &Decoded<'_>, at: Duration) {
        let before = (seen.frames(), seen.lists.len(), seen.refusals.len(), seen.damaged().count());
        seen.note(event, at);
        self.good_frame |= event.frame.is_some();
        if before.0 == 0
            && let Some(frame) = event.frame
        {
            let proof = match frame {
                Frame::Ciphered(_) => "ciphered and without a frame",
                _ => "its check sequences hold",
            };
            let settings = seen.current().settings.map(|settings| format!(" at {settings}"));
            self.lines.push(format!(
                "First frame{}: {} bytes, {proof}",
                settings.unwrap_or_default(),
                event.length
            ));
        }
        match event.outcome {
            Outcome::Reading { list, reading, .. } if seen.lists.len() > before.1 => {
                let content = reading.content.name();
                self.lines.push(format!("First list of {content}: {}{}", list.name, power(reading)));
            }
            Outcome::Undecodable(error) if seen.refusals.len() > before.2 => {
                self.lines.push(format!(
                    "A good frame of {} bytes without a reading: {}",
                    event.length,
                    error.reason()
                ));
            }
            Outcome::Rejected(..) if seen.damaged().count() > before.3 => {
                let length = seen.damaged().last().unwrap_or_default();
                self.lines.push(format!("A frame of {length} bytes came damaged"));
            }
            _ => {}
        }
    }
}

/// The one value that everybody can compare with the meter's display.
fn power(reading: &Reading) -> String {
    let value = |obis| Register::find(obis).and_then(|register| reading.value(register));
    match (value(obis!(1-0:1.7.0)), value(obis!(1-0:2.7.0))) {
        (Some(import), Some(export)) if import.is_zero() => format!(", delivering {export} W"),
        (Some(import), _) => format!(", drawing {import} W"),
        (None, _) => String::new(),
    }
}
