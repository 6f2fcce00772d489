//! A source kept open, whatever its kind.

use std::future::pending;
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, Stdin};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant};

use super::connection::Connection;
use super::deadlines::until;
use super::detect::{Detection, FixedSettings};
use super::discover::PortChoice;
use super::meter_options::MeterOptions;
use super::port::{SerialTarget, Target};
use super::problem::{Problem, reason};
use super::replay::{Replay, TextOrRaw};
use super::state::LinkState;
use super::tcp::Dialer;
use super::{Event, Source, Status, Timing};
use crate::platform::runtime;
use crate::wire::serial::SerialSettings;

/// A source, kept open indefinitely.
pub struct Link {
    source: Source,
    feed: Feed,
    state: LinkState,
}

enum Feed {
    /// Never ends.
    Connection(Box<Connection>),
    /// Is to be opened.
    Closed,
    /// Is being read.
    Loading(JoinHandle<io::Result<Replay>>),
    /// Is open and will end; `flight`: when bytes arrived with no gap after them.
    Open {
        input: Input,
        flight: Option<Instant>,
    },
    Ended,
}

enum Input {
    Stdin(TextOrRaw<Stdin>),
    File(Replay),
    Stream(DuplexStream),
}

impl Link {
    /// A link to a source. The first call of [`next`](Self::next) opens it.
    pub fn new(source: Source, timing: Timing) -> Self {
        Self::within(source, timing, "/dev")
    }

    /// A link that searches another folder than `/dev` for adapters.
    pub fn within(source: Source, timing: Timing, dev: impl Into<PathBuf>) -> Self {
        let meter = source.meter_options();
        let serial = |named, fixed: &FixedSettings| {
            let detection = Detection::new(fixed, meter.protocol);
            let choice = PortChoice::new(named, dev.into());
            Target::Serial(SerialTarget::new(choice, detection, meter.modem_lines()))
        };
        let target = match &source {
            Source::Auto => Some(serial(None, &FixedSettings::default())),
            Source::Serial { path, fixed, .. } => Some(serial(Some(path.clone()), fixed)),
            Source::Tcp { host, port, .. } => {
                let bare = Source::Tcp { host: host.clone(), port: *port, meter: MeterOptions::default() };
                Some(Target::Tcp(Dialer::new(host.clone(), *port), bare.to_string()))
            }
            Source::File { .. } | Source::Stdin | Source::Simulated(_) => None,
        };
        let feed = target.map_or(Feed::Closed, |target| {
            Feed::Connection(Box::new(Connection::new(target, meter.polled().is_some())))
        });
        Self { source, feed, state: LinkState::new(timing) }
    }

    /// A link that plays a stream made elsewhere under the name of a source.
    pub fn over(source: Source, stream: DuplexStream, timing: Timing) -> Self {
        let mut state = LinkState::new(timing);
        let feed = opened(&mut state, &source, Input::Stream(stream));
        Self { source, feed, state }
    }

    /// Waits for the next event. Bytes go to the buffer, which must not be empty. Cancel-safe.
    pub async fn next(&mut self, buffer: &mut [u8]) -> Event {
        debug_assert!(!buffer.is_empty());
        loop {
            if let Some(event) = self.state.events.pop_front() {
                return event;
            }
            if let Some(count) = self.step(buffer).await {
                return Event::Bytes(count);
            }
        }
    }

    /// Waits for the next event, or until the source is open: to open it again is not always worth an event. Cancel-safe.
    pub async fn next_or_open(&mut self, buffer: &mut [u8]) -> Option<Event> {
        loop {
            if let Some(event) = self.state.events.pop_front() {
                return Some(event);
            }
            if self.state.status.connected {
                return None;
            }
            if let Some(count) = self.step(buffer).await {
                return Some(Event::Bytes(count));
            }
        }
    }

    /// Call for each valid frame: it confirms the serial settings and restarts the time of silence.
    pub fn confirm(&mut self) {
        if let Feed::Connection(connection) = &mut self.feed {
            connection.confirm(&mut self.state);
        }
    }

    /// Restarts the time of silence without a valid frame.
    pub fn resume(&mut self) {
        if let Feed::Connection(connection) = &mut self.feed {
            connection.resume();
        }
    }

    /// Sends as many bytes as are taken at once; returns 0 if the source is not open. Cancel-safe.
    pub async fn send(&mut self, bytes: &[u8]) -> usize {
        match &mut self.feed {
            Feed::Connection(connection) => connection.send(&mut self.state, bytes).await,
            Feed::Open { input: Input::Stream(stream), .. } => match stream.write(bytes).await {
                Ok(count @ 1..) => count,
                _ => {
                    self.end(None);
                    0
                }
            },
            // There is no meter to receive them.
            Feed::Closed | Feed::Loading(_) | Feed::Open { .. } | Feed::Ended => bytes.len(),
        }
    }

    /// Whether the driver has sent all bytes. What an adapter still buffers is not seen.
    pub fn has_sent(&self) -> bool {
        match &self.feed {
            Feed::Connection(connection) => connection.has_sent(),
            _ => true,
        }
    }

    /// Changes the serial settings, if there are any.
    pub fn set_line(&mut self, settings: SerialSettings) {
        if let Feed::Connection(connection) = &mut self.feed {
            connection.set(&mut self.state, settings);
        }
    }

    /// Closes the source and opens it again, if that is possible.
    pub fn reopen(&mut self) {
        if let Feed::Connection(connection) = &mut self.feed {
            connection.reopen(&mut self.state);
        }
    }

    /// Queues a problem that the caller has noticed as an event.
    pub fn report(&mut self, problem: Problem) {
        match &mut self.feed {
            Feed::Connection(connection) => connection.report(&mut self.state, problem),
            _ => self.state.put(Event::Problem(problem)),
        }
    }

    /// Counters and state so far.
    pub fn status(&self) -> &Status {
        &self.state.status
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }

    async fn step(&mut self, buffer: &mut [u8]) -> Option<usize> {
        match &mut self.feed {
            Feed::Connection(connection) => return connection.step(&mut self.state, buffer).await,
            Feed::Closed => match open(&mut self.state, &self.source) {
                Ok(feed) => self.feed = feed,
                Err(error) => self.end(Some(error)),
            },
            Feed::Loading(reading) => {
                let replay = reading.await.unwrap_or_else(|error| Err(io::Error::other(error)));
                match replay {
                    Ok(replay) => self.feed = opened(&mut self.state, &self.source, Input::File(replay)),
                    Err(error) => self.end(Some(error)),
                }
            }
            Feed::Ended => pending().await,
            Feed::Open { input, flight } => match input.step(&mut self.state, flight, buffer).await {
                Some(Ok(0)) => self.end(None),
                Some(Err(error)) => self.end(Some(error)),
                Some(Ok(count)) => return Some(count),
                None => {}
            },
        }
        None
    }

    fn end(&mut self, error: Option<io::Error>) {
        if let Feed::Open { flight: Some(_), .. } = self.feed {
            self.state.put(Event::Idle);
        }
        if let Some(error) = error {
            self.state.status.open_errors += 1;
            let path = match &self.source {
                Source::File { path, .. } => path.display().to_string(),
                other => other.to_string(),
            };
            self.state.put(Event::Problem(Problem::Unreadable { path, reason: reason(&error) }));
        }
        self.state.put(Event::Ended);
        self.state.status.connected = false;
        self.feed = Feed::Ended;
    }
}

fn open(state: &mut LinkState, source: &Source) -> io::Result<Feed> {
    if let Source::Simulated(simulated) = source {
        let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        return Ok(opened(state, source, Input::Stream(simulated.stream(start))));
    }
    runtime::check_thread()?;
    Ok(match source {
        Source::File { path, pace } => Feed::Loading(Replay::open(path, *pace, state.timing.byte)),
        _ => opened(state, source, Input::Stdin(TextOrRaw::new(tokio::io::stdin()))),
    })
}

fn opened(state: &mut LinkState, source: &Source, input: Input) -> Feed {
    state.status.connected = true;
    state.status.opens += 1;
    state.status.name = Some(source.to_string());
    state.put(Event::Opened(source.to_string()));
    Feed::Open { input, flight: None }
}

impl Input {
    /// Waits for bytes, or for the gap after them. Cancel-safe.
    async fn step(
        &mut self,
        state: &mut LinkState,
        flight: &mut Option<Instant>,
        buffer: &mut [u8],
    ) -> Option<io::Result<usize>> {
        let deadline = flight.zip(self.gap(&state.timing)).map(|(last, gap)| last + gap);
        let count = tokio::select! {
            biased;
            count = self.read(buffer) => count,
            () = until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                *flight = None;
                state.put(Event::Idle);
                return None;
            }
        };
        if let Ok(count @ 1..) = count {
            *flight = Some(Instant::now());
            state.count(count);
        }
        Some(count)
    }

    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stdin(text) => text.read(buffer).await,
            Self::File(replay) => Ok(replay.read(buffer).await),
            Self::Stream(stream) => stream.read(buffer).await,
        }
    }

    /// The gap that ends a message. A file has no gap but its end.
    fn gap(&self, timing: &Timing) -> Option<Duration> {
        match self {
            Self::Stdin(_) => Some(timing.gap_network),
            Self::File(_) => None,
            Self::Stream(_) => Some(timing.gap),
        }
    }
}
