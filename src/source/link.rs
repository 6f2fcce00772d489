//! A source kept open, whatever its kind.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Sink, Stdin, join, sink};
use tokio::task::yield_now;
use tokio::time::{Duration, Instant, sleep_until};

use super::connection::Connection;
use super::detect::{Detection, FixedSettings};
use super::discover::Choice;
use super::meter_options::MeterOptions;
use super::port::{Serial, Target};
use super::problem::{Problem, reason};
use super::replay::{Replay, Text};
use super::tcp::Dial;
use super::{Event, SerialSettings, Source, Status, Timing};

/// A source, kept open for ever.
pub struct Link {
    source: Source,
    feed: Feed,
    desk: Desk,
}

/// What all kinds of feeds share: durations, numbers, and events that wait to be told.
pub struct Desk {
    pub timing: Timing,
    pub status: Status,
    pub outbox: VecDeque<Event>,
}

enum Feed {
    /// Never ends.
    Connection(Box<Connection>),
    /// Is to be opened.
    Closed,
    /// Is being read.
    Loading(Replay),
    /// Ends some time.
    Open { input: Input, flight: Option<Instant> },
    /// Has ended.
    Ended,
}

enum Input {
    Stdin(Text<Stdin>),
    File(Replay),
    Stream(Box<dyn Duplex>),
}

/// A stream in both directions.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// A stream to which nothing needs to be said.
fn silent<S: AsyncRead>(stream: S) -> tokio::io::Join<S, Sink> {
    join(stream, sink())
}

impl Link {
    /// A link to a source, opened by the first call of [`next`](Self::next).
    pub fn new(source: Source, timing: Timing) -> Self {
        Self::within(source, timing, "/dev")
    }

    /// A link that looks for adapters in another folder than `/dev`.
    pub fn within(source: Source, timing: Timing, dev: impl Into<PathBuf>) -> Self {
        let meter = source.meter_options();
        let serial = |named, fixed: &FixedSettings| {
            let detection = Detection::new(fixed, meter.protocol);
            Target::Serial(Serial::new(Choice::new(named, dev.into()), detection, meter))
        };
        let target = match &source {
            Source::Auto => Some(serial(None, &FixedSettings::default())),
            Source::Serial { path, fixed, .. } => Some(serial(Some(path.clone()), fixed)),
            Source::Tcp { host, port, .. } => {
                let bare = Source::Tcp { host: host.clone(), port: *port, meter: MeterOptions::default() };
                Some(Target::Tcp(Dial::new(host.clone(), *port), bare.to_string()))
            }
            Source::File { .. } | Source::Stdin | Source::Simulated(_) => None,
        };
        let is_asked = meter.polled().is_some();
        let feed = target
            .map_or(Feed::Closed, |target| Feed::Connection(Box::new(Connection::new(target, is_asked))));
        Self { source, feed, desk: Desk::new(timing) }
    }

    /// A link that plays a stream made elsewhere, such as a simulated meter's, under the source's name.
    pub fn over(source: Source, stream: impl AsyncRead + Send + Unpin + 'static, timing: Timing) -> Self {
        let mut desk = Desk::new(timing);
        let input = Input::Stream(Box::new(silent(stream)));
        let feed = desk.opened(&source, input);
        Self { source, feed, desk }
    }

    /// Waits for what comes next. Bytes go to the buffer, which must not be empty. Cancel-safe.
    pub async fn next(&mut self, buffer: &mut [u8]) -> Event {
        debug_assert!(!buffer.is_empty());
        loop {
            if let Some(event) = self.desk.outbox.pop_front() {
                return event;
            }
            if let Some(count) = self.step(buffer).await {
                return Event::Bytes(count);
            }
        }
    }

    /// Tells that a frame with right check sequences came: the settings are kept, the silence clock starts anew.
    pub fn confirm(&mut self) {
        if let Feed::Connection(line) = &mut self.feed {
            line.confirm(&mut self.desk);
        }
    }

    /// Sends bytes, as many as are taken at once; none if the source is not open. Cancel-safe.
    pub async fn send(&mut self, bytes: &[u8]) -> usize {
        match &mut self.feed {
            Feed::Connection(line) => line.send(&mut self.desk, bytes).await,
            Feed::Open { input: Input::Stream(stream), .. } => match stream.write(bytes).await {
                Ok(count @ 1..) => count,
                _ => {
                    self.end(None);
                    0
                }
            },
            // Nobody is there to hear them.
            Feed::Closed | Feed::Loading(_) | Feed::Open { .. } | Feed::Ended => bytes.len(),
        }
    }

    /// Whether the driver has let go of all that was sent. What lies behind it, an adapter's own buffer, is not seen.
    pub fn has_sent(&self) -> bool {
        match &self.feed {
            Feed::Connection(line) => line.has_sent(),
            _ => true,
        }
    }

    /// Sets the line, if there is one that can be set.
    pub fn set_line(&mut self, settings: SerialSettings) {
        if let Feed::Connection(line) = &mut self.feed {
            line.set(&mut self.desk, settings);
        }
    }

    /// Closes the source, if it can be opened anew.
    pub fn reopen(&mut self) {
        if let Feed::Connection(line) = &mut self.feed {
            line.reopen(&mut self.desk);
        }
    }

    /// Tells of a problem that whoever reads has noticed; the next call of [`next`](Self::next) finds it.
    pub fn complain(&mut self, problem: Problem) {
        match &mut self.feed {
            Feed::Connection(line) => line.complain(&mut self.desk, problem),
            _ => self.desk.put(Event::Problem(problem)),
        }
    }

    /// The numbers so far.
    pub fn status(&self) -> &Status {
        &self.desk.status
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }

    async fn step(&mut self, buffer: &mut [u8]) -> Option<usize> {
        match &mut self.feed {
            Feed::Connection(line) => return line.step(&mut self.desk, buffer).await,
            Feed::Closed => self.feed = self.desk.open(&self.source),
            Feed::Loading(replay) => match replay.load().await {
                Ok(()) => self.loaded(),
                Err(error) => self.end(Some(error)),
            },
            Feed::Ended => pending().await,
            Feed::Open { input, flight } => match input.step(&mut self.desk, flight, buffer).await {
                Some(Ok(0)) => self.end(None),
                Some(Err(error)) => self.end(Some(error)),
                Some(Ok(count)) => return Some(count),
                None => {}
            },
        }
        None
    }

    fn loaded(&mut self) {
        if let Feed::Loading(replay) = std::mem::replace(&mut self.feed, Feed::Ended) {
            self.feed = self.desk.opened(&self.source, Input::File(replay));
        }
    }

    fn end(&mut self, error: Option<io::Error>) {
        if let Feed::Open { flight: Some(_), .. } = self.feed {
            self.desk.put(Event::Idle);
        }
        if let Some(error) = error {
            self.desk.unreadable(&self.source, &error);
        }
        self.desk.put(Event::Ended);
        self.desk.status.connected = false;
        self.feed = Feed::Ended;
    }
}

impl Desk {
    fn new(timing: Timing) -> Self {
        Self { timing, status: Status::default(), outbox: VecDeque::new() }
    }

    /// Puts an event where the next call finds it.
    pub fn put(&mut self, event: Event) {
        self.outbox.push_back(event);
    }

    /// Counts bytes.
    pub fn count(&mut self, count: usize) {
        self.status.bytes += u64::try_from(count).unwrap_or(u64::MAX);
    }

    fn open(&mut self, source: &Source) -> Feed {
        match source {
            Source::File { path, pace } => Feed::Loading(Replay::open(path, *pace, self.timing.byte)),
            Source::Simulated(simulated) => {
                let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let stream: Box<dyn Duplex> = match simulated.dialogue(start) {
                    Some(dialogue) => Box::new(dialogue),
                    None => Box::new(silent(simulated.stream(start))),
                };
                self.opened(source, Input::Stream(stream))
            }
            _ => self.opened(source, Input::Stdin(Text::new(tokio::io::stdin()))),
        }
    }

    fn opened(&mut self, source: &Source, input: Input) -> Feed {
        self.status.connected = true;
        self.status.opens += 1;
        self.status.name = Some(source.to_string());
        self.put(Event::Opened(source.to_string()));
        Feed::Open { input, flight: None }
    }

    fn unreadable(&mut self, source: &Source, error: &io::Error) {
        self.status.open_errors += 1;
        let path = match source {
            Source::File { path, .. } => path.display().to_string(),
            other => other.to_string(),
        };
        self.put(Event::Problem(Problem::Unreadable { path, reason: reason(error) }));
    }
}

impl Input {
    /// Waits for bytes, or for the gap after them. Cancel-safe.
    async fn step(
        &mut self,
        desk: &mut Desk,
        flight: &mut Option<Instant>,
        buffer: &mut [u8],
    ) -> Option<io::Result<usize>> {
        let deadline = flight.zip(self.gap(&desk.timing)).map(|(last, gap)| last + gap);
        let count = tokio::select! {
            biased;
            count = self.read(buffer) => count,
            () = until_any(deadline) => {
                *flight = None;
                desk.put(Event::Idle);
                return None;
            }
        };
        if let Ok(count @ 1..) = count {
            *flight = Some(Instant::now());
            desk.count(count);
        }
        Some(count)
    }

    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stdin(text) => text.read(buffer).await,
            Self::File(replay) => replay.read(buffer).await,
            Self::Stream(stream) => stream.read(buffer).await,
        }
    }

    /// The gap that ends a list; a file has none but its end.
    fn gap(&self, timing: &Timing) -> Option<Duration> {
        match self {
            Self::Stdin(_) => Some(timing.gap_network),
            Self::File(_) => None,
            Self::Stream(_) => Some(timing.gap),
        }
    }
}

/// Waits for a deadline. One that passed while the caller was away is not taken at its word
/// before the reactor was asked whether bytes came in time.
pub async fn until(deadline: Instant) {
    if deadline <= Instant::now() {
        yield_now().await;
    }
    sleep_until(deadline).await;
}

async fn until_any(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => until(deadline).await,
        None => pending().await,
    }
}
