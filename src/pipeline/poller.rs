//! Does what a engine says, over a link and in time.

use std::time::Duration;

use tokio::time::Instant;

use crate::decoder::{self, Decoder};
use crate::poll::{PollEngine, PollOptions, Task};
use crate::source::{Event, Link, Problem, Source, until};
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;

/// Who the meter is, is asked so often: it may be exchanged, and an identity is kept for 2.5 h.
const IDENTITY: Duration = Duration::from_secs(3600);
/// Between two rounds at least, however long the first one took.
const BREATH: Duration = Duration::from_millis(500);
/// A meter that has not answered for so long, and in so many rounds, may be reached again through a port opened anew.
const SILENCE: Duration = Duration::from_secs(90);
const ROUNDS: u32 = 3;
/// How often it is looked whether the driver has let go of the last byte.
const LOOK: Duration = Duration::from_millis(5);
/// A driver that holds bytes for longer than they need does not send them at all.
const STUCK: Duration = Duration::from_secs(5);

/// A engine and the times in it.
pub struct Poller {
    engine: PollEngine,
    protocol: Protocol,
    /// How often the owner wishes the meter to be asked; else the engine knows the usual.
    wished: Option<Duration>,
    line: Option<SerialSettings>,
    /// How often the link had been opened when it was last looked at.
    opens: u64,
    stage: Stage,
    /// Since when the task in hand is.
    since: Instant,
    /// Bytes of what is being sent that have been written.
    written: usize,
    /// When the last byte written will have left the line.
    leaves: Instant,
    /// When bytes came last.
    heard: Instant,
    round: Round,
    next_round: Instant,
    identified: Option<Instant>,
    /// When the meter answered last, or the line was opened; rounds without an answer since; whether that was said.
    answered: Instant,
    unanswered: u32,
    complained: bool,
}

/// The round in hand, or the last one.
struct Round {
    began: Instant,
    took: Duration,
    asks_identity: bool,
    is_over: bool,
}

/// Kinds of tasks; no two of a kind follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Line,
    Send,
    Pause,
    Listen,
    Rest,
}

/// What to do now.
enum Step {
    Line(SerialSettings),
    Send,
    Done,
    Begin,
    /// The meter has had its time.
    Hush,
    /// To wait; and then the meter has had its time, if it says so.
    Wait(Instant, bool),
}

impl Poller {
    /// Asks the meter of a source; `None` if that meter does not wait to be asked.
    pub fn new(source: &Source) -> Option<Self> {
        let meter = source.meter_options();
        let protocol = meter.polled()?;
        let options = PollOptions {
            line: source.line(),
            can_switch: source.can_be_set(),
            address: meter.address.unwrap_or_default(),
            wake: meter.wake.unwrap_or_default(),
        };
        let now = Instant::now();
        Some(Poller {
            engine: PollEngine::new(protocol, &options)?,
            protocol,
            wished: meter.interval,
            line: None,
            opens: 0,
            stage: Stage::Rest,
            since: now,
            written: 0,
            leaves: now,
            heard: now,
            round: Round { began: now, took: Duration::ZERO, asks_identity: false, is_over: true },
            next_round: now,
            identified: None,
            answered: now,
            unanswered: 0,
            complained: false,
        })
    }

    /// The same, where `decoder` knows what the user said.
    pub fn reading_with(self, decoder: Decoder) -> Self {
        Poller { engine: self.engine.reading_with(decoder), ..self }
    }

    /// Goes on until there is something to tell. Cancel-safe: what is under way is kept here.
    pub async fn next(&mut self, link: &mut Link, buffer: &mut [u8]) -> Event {
        loop {
            self.look(link);
            if !link.status().connected {
                return link.next(buffer).await;
            }
            match self.step(link) {
                Step::Line(settings) => {
                    self.line = Some(settings);
                    link.set_line(settings);
                    self.engine.done();
                }
                Step::Send => self.send(link).await,
                Step::Done => self.engine.done(),
                Step::Begin => self.begin(),
                Step::Hush => return Event::Idle,
                Step::Wait(deadline, listening) => tokio::select! {
                    biased;
                    event = link.next(buffer) => match event {
                        // A gap means nothing where the engine knows what is to come.
                        Event::Idle => {}
                        event => {
                            self.heard = Instant::now();
                            return event;
                        }
                    },
                    () = until(deadline) => if listening {
                        return Event::Idle;
                    },
                },
            }
        }
    }

    /// Takes from the front of bytes that came and returns what they come to.
    pub fn feed(&mut self, bytes: &mut &[u8]) -> Option<decoder::Event<'_>> {
        self.engine.feed(bytes)
    }

    /// The meter has had its time. Call until `None`.
    pub fn idle(&mut self) -> Option<decoder::Event<'_>> {
        self.engine.timeout()
    }

    /// Bytes so far that belonged to no answer.
    pub fn discarded(&self) -> u64 {
        self.engine.discarded()
    }

    /// How often the meter is asked, or how long a round takes if that is longer.
    pub fn interval(&self) -> Duration {
        self.wished.unwrap_or_else(|| self.engine.interval()).max(self.round.took)
    }

    /// Takes note of what has changed: the line, the task, the end of a round.
    fn look(&mut self, link: &mut Link) {
        let now = Instant::now();
        let opens = link.status().opens;
        if std::mem::replace(&mut self.opens, opens) != opens {
            self.engine.restart();
            self.round.is_over = true;
            self.next_round = now;
            self.identified = None;
            self.answered = now;
        }
        let stage = Stage::of(&self.engine.task());
        if std::mem::replace(&mut self.stage, stage) != stage {
            self.since = now;
            self.written = 0;
        }
        if stage == Stage::Rest && !std::mem::replace(&mut self.round.is_over, true) {
            self.conclude(link, now);
        }
    }

    fn step(&self, link: &Link) -> Step {
        let now = Instant::now();
        let since = self.since.max(self.leaves);
        match self.engine.task() {
            Task::Line(_) | Task::Send(_) | Task::Pause(_) if !self.has_left(link, now) => {
                Step::Wait(self.leaves.max(now + LOOK), false)
            }
            Task::Line(settings) => Step::Line(settings),
            Task::Send(_) => Step::Send,
            Task::Pause(time) if now >= since + time => Step::Done,
            Task::Pause(time) => Step::Wait(since + time, false),
            // However much comes.
            Task::Listen { total, .. } if now >= since + total => Step::Hush,
            Task::Listen { quiet, total } => {
                Step::Wait((since.max(self.heard) + quiet).min(since + total), true)
            }
            Task::Rest if now >= self.next_round => Step::Begin,
            Task::Rest => Step::Wait(self.next_round, false),
        }
    }

    /// Whether all that was written has left: by the driver's word, and by the time it takes. A driver's word says
    /// nothing of an adapter's own buffer.
    fn has_left(&self, link: &Link, now: Instant) -> bool {
        now >= self.leaves && (link.has_sent() || now >= self.leaves + STUCK)
    }

    async fn send(&mut self, link: &mut Link) {
        let Task::Send(bytes) = self.engine.task() else { return };
        let (length, rest) = (bytes.len(), bytes.get(self.written..).unwrap_or_default());
        let count = link.send(rest).await;
        let byte = self.line.unwrap_or(SerialSettings::HAN).byte();
        let time = byte * u32::try_from(count).unwrap_or(u32::MAX);
        self.leaves = self.leaves.max(Instant::now()) + time;
        self.written += count;
        if self.written == length {
            self.engine.done();
        }
    }

    fn begin(&mut self) {
        let now = Instant::now();
        let asks_identity = self.identified.is_none_or(|then| now.duration_since(then) >= IDENTITY);
        self.round = Round { began: now, took: self.round.took, asks_identity, is_over: false };
        self.engine.begin(asks_identity);
    }

    /// The round is over.
    fn conclude(&mut self, link: &mut Link, now: Instant) {
        self.round.took = now.duration_since(self.round.began);
        self.next_round = (self.round.began + self.interval()).max(now + BREATH);
        let round = self.engine.round();
        if round.answered {
            self.answered = now;
            self.unanswered = 0;
            self.complained = false;
            self.identified = if self.round.asks_identity { Some(now) } else { self.identified };
            return;
        }
        self.unanswered += 1;
        if !std::mem::replace(&mut self.complained, true) {
            link.complain(Problem::Unanswered {
                port: link.status().name.clone().unwrap_or_default(),
                protocol: self.protocol,
                settings: link.status().settings,
                bytes: round.bytes,
            });
        }
        if self.unanswered >= ROUNDS && now.duration_since(self.answered) >= SILENCE {
            self.unanswered = 0;
            link.reopen();
        }
    }
}

impl Stage {
    const fn of(task: &Task<'_>) -> Self {
        match task {
            Task::Line(_) => Stage::Line,
            Task::Send(_) => Stage::Send,
            Task::Pause(_) => Stage::Pause,
            Task::Listen { .. } => Stage::Listen,
            Task::Rest => Stage::Rest,
        }
    }
}
