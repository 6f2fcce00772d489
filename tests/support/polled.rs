//! Polled meters, and a reader that plays a poll engine against one, without a port and without a clock.

use han_exporter::decoder::Outcome;
use han_exporter::poll::{PollEngine, Task};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::iec21::{self, Greeting, Mode};
use han_exporter::wire::serial::SerialSettings;

use super::report;

/// The other end of a serial line: bytes in at these settings, bytes out.
pub trait Meter {
    fn hear(&mut self, bytes: &[u8], line: SerialSettings) -> Vec<u8>;

    /// What it sends without a further request.
    fn more(&mut self, _line: SerialSettings) -> Vec<u8> {
        Vec::new()
    }
}

impl<F: FnMut(&[u8], SerialSettings) -> Vec<u8>> Meter for F {
    fn hear(&mut self, bytes: &[u8], line: SerialSettings) -> Vec<u8> {
        self(bytes, line)
    }
}

/// A simulated meter on a line: at other settings than its own it neither receives nor sends.
#[cfg(feature = "daemon")]
pub struct Simulated {
    pub responder: han_exporter::simulator::Responder,
    /// Time since the start at which it is polled.
    pub moment: std::time::Duration,
}

#[cfg(feature = "daemon")]
impl Simulated {
    /// 2024-06-21 10:00:00 UTC.
    pub const START: std::time::Duration = std::time::Duration::from_secs(1_718_964_000);

    pub fn new(text: &str) -> Self {
        Self::started(text, Self::START)
    }

    pub fn started(text: &str, start: std::time::Duration) -> Self {
        let meter: han_exporter::simulator::Simulated = text.parse().unwrap();
        Simulated { responder: meter.responder(start).unwrap(), moment: std::time::Duration::ZERO }
    }

    /// Imported power in W.
    pub fn watts(&self) -> i64 {
        self.responder.meter().sample().directions()[0]
    }

    fn say(&mut self, line: SerialSettings) -> Vec<u8> {
        let said = self.responder.respond().filter(|answer| answer.line == line);
        said.map(|answer| answer.bytes).unwrap_or_default()
    }
}

#[cfg(feature = "daemon")]
impl Meter for Simulated {
    fn hear(&mut self, bytes: &[u8], line: SerialSettings) -> Vec<u8> {
        const ACKNOWLEDGE: u8 = 0x06;
        if line != self.responder.line() {
            return Vec::new();
        }
        self.responder.receive(self.moment, bytes);
        // Data arrive only when the speed of the line has changed.
        if bytes.starts_with(&[ACKNOWLEDGE]) { Vec::new() } else { self.say(line) }
    }

    fn more(&mut self, line: SerialSettings) -> Vec<u8> {
        self.say(line)
    }
}

/// A meter of IEC 62056-21 that answers with given bytes, for instance captured ones.
#[derive(Clone)]
pub struct Iec {
    /// Its identification line, line end included.
    pub ident: Vec<u8>,
    /// What follows it.
    pub data: Vec<u8>,
    /// The highest speed at which its data arrive intact.
    pub fastest: u32,
    /// Whether it receives an acknowledgement.
    pub hears: bool,
    /// The speed of data still to be sent.
    pub speed: Option<u32>,
}

impl Iec {
    /// A meter that answers with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let start =
            bytes.windows(2).position(|pair| pair[0] == b'/' && pair[1] != b'?').expect("a first line");
        let end = start + bytes[start..].iter().position(|byte| *byte == b'\n').expect("its end") + 1;
        let (ident, data) = bytes.split_at(end);
        Iec { ident: ident.to_vec(), data: data.to_vec(), fastest: 19_200, hears: true, speed: None }
    }

    fn mode(&self) -> Mode {
        let start = self.ident.iter().rposition(|byte| *byte == b'/').unwrap();
        Greeting::read(&self.ident[start..]).expect("a line of identification").mode
    }
}

impl Meter for Iec {
    fn hear(&mut self, bytes: &[u8], line: SerialSettings) -> Vec<u8> {
        if line.to_string() != "300 7E1" {
            return Vec::new();
        }
        match (iec21::Request::parse(bytes), self.mode()) {
            (Some(iec21::Request::SignOn(_) | iec21::Request::SignOnUltraheat), mode) => {
                self.speed = match mode {
                    Mode::A => Some(300),
                    Mode::B(speed) => Some(speed.baud()),
                    Mode::C(_) => None,
                };
                self.ident.clone()
            }
            (Some(iec21::Request::Readout(speed)), Mode::C(_)) => {
                self.speed = Some(if self.hears { speed.baud() } else { 300 });
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn more(&mut self, line: SerialSettings) -> Vec<u8> {
        match self.speed.take() {
            None => Vec::new(),
            Some(speed) if speed == line.baud && speed <= self.fastest => self.data.clone(),
            Some(_) => self.data.iter().map(|byte| byte ^ 0x55 & 0x7F).collect(),
        }
    }
}

pub fn emitted(emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = [0; 600];
    let mut writer = Writer::new(&mut buffer);
    emit(&mut writer);
    writer.written().to_vec()
}

/// What happened in a poll cycle.
#[derive(Debug, Default)]
pub struct Played {
    /// Everything that was sent.
    pub sent: Vec<Vec<u8>>,
    /// Settings, in the order in which they were requested.
    pub lines: Vec<String>,
    /// What the decoder reported.
    pub said: Vec<String>,
    /// How many responses did not arrive in time.
    pub timeouts: usize,
}

impl Played {
    pub fn readings(&self) -> usize {
        self.said.iter().filter(|said| report::is_reading(said)).count()
    }
}

/// A poll engine, and the present settings of the line.
pub struct Reader {
    pub engine: PollEngine,
    line: SerialSettings,
}

impl Reader {
    pub fn new(engine: PollEngine) -> Self {
        Reader { engine, line: SerialSettings::HAN }
    }

    /// Plays a poll cycle until the engine rests; bytes arrive in pieces of `chunk`.
    pub fn play(&mut self, meter: &mut impl Meter, chunk: usize, identity: bool) -> Played {
        let Reader { engine, line } = self;
        let mut played = Played::default();
        let mut coming: Vec<u8> = Vec::new();
        let mut rested = false;
        engine.begin(identity);
        for _ in 0..100_000 {
            match engine.task() {
                Task::Rest => return played,
                Task::SetLine(settings) => {
                    *line = settings;
                    played.lines.push(line.to_string());
                    engine.done();
                }
                Task::Send(bytes) => {
                    played.sent.push(bytes.to_vec());
                    coming.extend(meter.hear(bytes, *line));
                    engine.done();
                }
                // Some bytes arrive meanwhile.
                Task::Pause(_) if !coming.is_empty() && !rested => {
                    let piece: Vec<u8> = coming.drain(..coming.len().min(6)).collect();
                    assert!(engine.feed(&mut &piece[..]).is_none());
                    rested = true;
                }
                Task::Pause(_) => {
                    engine.done();
                    rested = false;
                }
                Task::Listen { .. }
                    if coming.is_empty() && {
                        coming = meter.more(*line);
                        coming.is_empty()
                    } =>
                {
                    played.timeouts += 1;
                    while let Some(event) = engine.timeout() {
                        played.said.push(said(&event.outcome));
                    }
                }
                Task::Listen { .. } => {
                    let piece: Vec<u8> = coming.drain(..chunk.min(coming.len())).collect();
                    let mut rest = &piece[..];
                    while let Some(event) = engine.feed(&mut rest) {
                        played.said.push(said(&event.outcome));
                    }
                    assert!(rest.is_empty(), "None, and something left");
                }
            }
        }
        panic!("the engine does not come to rest: {played:?}");
    }
}

fn said(outcome: &Outcome<'_>) -> String {
    report::outcome(outcome)
}
