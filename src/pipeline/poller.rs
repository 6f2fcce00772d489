//! Carries out the tasks of a poll engine over a link, in time.

use std::time::Duration;

use tokio::time::Instant;

use crate::decoder::{self, Decoder};
use crate::poll::{PollEngine, PollOptions, Task};
use crate::source::{Event, Link, Problem, Source, until};
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;

/// Longest interval between identity requests: the meter may be replaced.
const IDENTITY: Duration = Duration::from_secs(3600);
/// Shortest pause between two poll cycles.
const PAUSE: Duration = Duration::from_millis(500);
/// A port is reopened after so long without a response, and so many poll cycles: the meter may then be reached again.
const SILENCE: Duration = Duration::from_secs(90);
const FAILED_CYCLES: u32 = 3;
/// How often to check whether the driver has sent the last byte.
const CHECK: Duration = Duration::from_millis(5);
/// A driver that keeps bytes this much longer than they need on the line does not send them at all.
const STUCK: Duration = Duration::from_secs(5);

/// A poll engine and its clock.
pub struct Poller {
    engine: PollEngine,
    protocol: Protocol,
    /// The polling interval set by the user.
    fixed_interval: Option<Duration>,
    settings: Option<SerialSettings>,
    /// How often the link had been opened when it was last examined.
    opens: u64,
    stage: Stage,
    /// When the present task began.
    since: Instant,
    /// Bytes of the present request that are written.
    written: usize,
    /// When the last written byte will have left the line.
    leaves: Instant,
    /// When bytes last arrived.
    heard: Instant,
    cycle: Cycle,
    next_cycle: Instant,
    /// Whether the next poll cycle does not wait until it is due.
    polls_again: bool,
    /// Interval between identity requests.
    identity_interval: Duration,
    /// When the meter last reported its identity.
    identified: Option<Instant>,
    /// When the meter last answered, or else when the line was opened.
    answered: Instant,
    /// Poll cycles without an answer since then.
    failed_cycles: u32,
    /// Whether that was reported.
    reported: bool,
}

/// The present poll cycle, or the last one.
struct Cycle {
    began: Instant,
    took: Duration,
    with_identity: bool,
    is_over: bool,
}

/// The kind of a task. A task is always followed by one of another kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    SetLine,
    Send,
    Pause,
    Listen,
    Rest,
}

/// What is left to do of a task.
enum Step {
    /// Ask for the next step: this one is done.
    Done,
    /// The meter's time is over.
    TimeOut,
    /// Wait until then.
    Wait(Instant),
    /// Wait until then; after that the meter's time is over.
    Listen(Instant),
}

impl Poller {
    /// Polls the meter of a source; `None` if that meter pushes.
    pub fn new(source: &Source) -> Option<Self> {
        let meter = source.meter_options();
        let protocol = meter.polled()?;
        let options = PollOptions {
            settings: source.fixed_settings(),
            is_speed_fixed: !source.can_change_settings(),
            address: meter.address.unwrap_or_default(),
            wake: meter.wake.unwrap_or_default(),
        };
        let now = Instant::now();
        Some(Poller {
            engine: PollEngine::new(protocol, &options)?,
            protocol,
            fixed_interval: meter.interval,
            settings: None,
            opens: 0,
            stage: Stage::Rest,
            since: now,
            written: 0,
            leaves: now,
            heard: now,
            cycle: Cycle { began: now, took: Duration::ZERO, with_identity: false, is_over: true },
            next_cycle: now,
            polls_again: false,
            identity_interval: IDENTITY,
            identified: None,
            answered: now,
            failed_cycles: 0,
            reported: false,
        })
    }

    /// Decodes responses with the settings of this decoder.
    pub fn reading_with(self, decoder: Decoder) -> Self {
        Poller { engine: self.engine.reading_with(decoder), ..self }
    }

    /// Requests the identity twice in this time, so that one request may fail.
    pub fn keep_identity_for(&mut self, time: Duration) {
        self.identity_interval = IDENTITY.min(time / 2);
    }

    /// Carries on until there is an event for the caller. Cancel-safe: progress is kept in `self`.
    pub async fn next(&mut self, link: &mut Link, buffer: &mut [u8]) -> Event {
        loop {
            self.examine(link);
            if !link.status().connected {
                // Whoever polls has to begin again, whether or not that is worth an event.
                match link.next_or_open(buffer).await {
                    Some(event) => return event,
                    None => continue,
                }
            }
            let (deadline, is_listening) = match self.step(link).await {
                Step::Done => continue,
                Step::TimeOut => return Event::Idle,
                Step::Wait(deadline) => (deadline, false),
                Step::Listen(deadline) => (deadline, true),
            };
            tokio::select! {
                biased;
                event = link.next(buffer) => match event {
                    // The engine, which knows what is to arrive, judges gaps itself.
                    Event::Idle => {}
                    event => {
                        self.heard = Instant::now();
                        return event;
                    }
                },
                () = until(deadline) => if is_listening {
                    return Event::Idle;
                },
            }
        }
    }

    /// Takes received bytes from the front of `bytes` and returns what they contain.
    pub fn feed(&mut self, bytes: &mut &[u8]) -> Option<decoder::Event<'_>> {
        self.engine.feed(bytes)
    }

    /// The meter's time is over. Call until `None`.
    pub fn idle(&mut self) -> Option<decoder::Event<'_>> {
        self.engine.timeout()
    }

    /// Begins another poll cycle as soon as the present one is over. The interval counts from that one.
    pub fn poll_again(&mut self) {
        self.polls_again = true;
    }

    /// Bytes so far that belong to no response.
    pub fn discarded(&self) -> u64 {
        self.engine.discarded()
    }

    /// The polling interval, or the duration of a poll cycle if that is longer.
    pub fn interval(&self) -> Duration {
        self.fixed_interval.unwrap_or_else(|| self.engine.interval()).max(self.cycle.took)
    }

    /// Takes note of a reopened link, of a new task and of the end of a poll cycle.
    fn examine(&mut self, link: &mut Link) {
        let now = Instant::now();
        let opens = link.status().opens;
        if std::mem::replace(&mut self.opens, opens) != opens {
            self.engine.restart();
            self.cycle.is_over = true;
            self.next_cycle = now;
            self.identified = None;
            self.answered = now;
        }
        let stage = Stage::of(&self.engine.task());
        if std::mem::replace(&mut self.stage, stage) != stage {
            self.since = now;
            self.written = 0;
        }
        if stage == Stage::Rest && !std::mem::replace(&mut self.cycle.is_over, true) {
            self.conclude(link, now);
        }
    }

    /// Does what is due now. Cancel-safe.
    async fn step(&mut self, link: &mut Link) -> Step {
        let now = Instant::now();
        let since = self.since.max(self.leaves);
        match self.engine.task() {
            Task::SetLine(_) | Task::Send(_) | Task::Pause(_) if !self.has_left(link, now) => {
                return Step::Wait(self.leaves.max(now + CHECK));
            }
            Task::SetLine(settings) => {
                self.settings = Some(settings);
                link.set_line(settings);
                self.engine.done();
            }
            Task::Send(_) => self.send(link).await,
            Task::Pause(time) if now < since + time => return Step::Wait(since + time),
            Task::Pause(_) => self.engine.done(),
            // Bytes that keep arriving do not extend the total time.
            Task::Listen { total, .. } if now >= since + total => return Step::TimeOut,
            Task::Listen { quiet, total } => {
                return Step::Listen((since.max(self.heard) + quiet).min(since + total));
            }
            Task::Rest if now < self.next_cycle => return Step::Wait(self.next_cycle),
            Task::Rest => self.begin(),
        }
        Step::Done
    }

    /// Whether all written bytes have left the line: the driver reports it and their time has passed. The driver does
    /// not see an adapter's own buffer.
    fn has_left(&self, link: &Link, now: Instant) -> bool {
        now >= self.leaves && (link.has_sent() || now >= self.leaves + STUCK)
    }

    async fn send(&mut self, link: &mut Link) {
        let Task::Send(bytes) = self.engine.task() else { return };
        let (length, rest) = (bytes.len(), bytes.get(self.written..).unwrap_or_default());
        let count = link.send(rest).await;
        let byte = self.settings.unwrap_or(SerialSettings::HAN).byte();
        let time = byte * u32::try_from(count).unwrap_or(u32::MAX);
        self.leaves = self.leaves.max(Instant::now()) + time;
        self.written += count;
        if self.written == length {
            self.engine.done();
        }
    }

    fn begin(&mut self) {
        let now = Instant::now();
        let with_identity =
            self.identified.is_none_or(|then| now.duration_since(then) >= self.identity_interval);
        self.cycle = Cycle { began: now, took: self.cycle.took, with_identity, is_over: false };
        self.polls_again = false;
        self.engine.begin(with_identity);
    }

    fn conclude(&mut self, link: &mut Link, now: Instant) {
        self.cycle.took = now.duration_since(self.cycle.began);
        let interval = if self.polls_again { Duration::ZERO } else { self.interval() };
        self.next_cycle = (self.cycle.began + interval).max(now + PAUSE);
        let result = self.engine.result();
        if result.answered {
            self.answered = now;
            self.failed_cycles = 0;
            self.reported = false;
            self.identified = if self.cycle.with_identity { Some(now) } else { self.identified };
            return;
        }
        self.failed_cycles += 1;
        if !std::mem::replace(&mut self.reported, true) {
            link.report(Problem::Unanswered {
                port: link.status().name.clone().unwrap_or_default(),
                protocol: self.protocol,
                settings: link.status().settings,
                bytes: result.bytes,
            });
        }
        if self.failed_cycles >= FAILED_CYCLES && now.duration_since(self.answered) >= SILENCE {
            self.failed_cycles = 0;
            link.reopen();
        }
    }
}

impl Stage {
    const fn of(task: &Task<'_>) -> Self {
        match task {
            Task::SetLine(_) => Stage::SetLine,
            Task::Send(_) => Stage::Send,
            Task::Pause(_) => Stage::Pause,
            Task::Listen { .. } => Stage::Listen,
            Task::Rest => Stage::Rest,
        }
    }
}
