//! Meters that are asked, and a reader that plays a session against one: without a port and without a clock.

use han_exporter::decoder::Outcome;
use han_exporter::session::{Session, Task};
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::iec21::{self, Greeting, Mode};
use han_exporter::wire::kmp::{self, MOST};
use han_exporter::wire::kmp382;
use han_exporter::wire::line::Settings;

use super::report;

/// What stands at the other end of a line: octets in at these settings, octets out.
pub trait Meter {
    fn hear(&mut self, octets: &[u8], line: Settings) -> Vec<u8>;

    /// What it says without having been asked once more.
    fn more(&mut self, _line: Settings) -> Vec<u8> {
        Vec::new()
    }
}

impl<F: FnMut(&[u8], Settings) -> Vec<u8>> Meter for F {
    fn hear(&mut self, octets: &[u8], line: Settings) -> Vec<u8> {
        self(octets, line)
    }
}

/// A Kamstrup 685-382.
pub fn kmp382(octets: &[u8], line: Settings) -> Vec<u8> {
    if line.to_string() != "1200 8E2" {
        return Vec::new();
    }
    let answer = |command, data: &[u8]| emitted(|writer| kmp382::Answer { command, data }.emit(writer));
    let numbers =
        |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<_>>();
    match kmp382::Request::parse(octets) {
        Ok(kmp382::Request::IDENTITY) => {
            let mut memory = [0; 44];
            memory[..10].copy_from_slice(b"685382OK10");
            memory[29..33].copy_from_slice(&123_456_u32.to_le_bytes());
            memory[33..37].copy_from_slice(&12_345_678_u32.to_le_bytes());
            answer(0x01, &memory)
        }
        Ok(kmp382::Request::Registers) => {
            answer(0x90, &numbers(&[9032, 2875, 57_377, 903_233, 1559, 12_345_678, 0, 0, 87_654_321]))
        }
        Ok(kmp382::Request::Tariffs) => answer(0x95, &[&[1][..], &numbers(&[9032, 9031, 1])].concat()),
        _ => Vec::new(),
    }
}

/// A meter that speaks KMP, with these registers.
pub struct Kmp {
    pub line: &'static str,
    pub registers: &'static [(u16, u8, i64, i8)],
}

/// A Kamstrup 382J.
pub const ELECTRICITY: Kmp = Kmp {
    line: "9600 8N1",
    registers: &[
        (0x000D, 1, 36_886_123, 0),
        (0x000E, 1, 1250, 0),
        (0x03FF, 0x16, 1078, -3),
        (0x0400, 0x16, 0, -3),
        (0x041E, 0x21, 231, 0),
        (0x0438, 0x16, 1078, -3),
    ],
};

/// A MULTICAL 403.
pub const HEAT: Kmp =
    Kmp { line: "1200 8N2", registers: &[(0x003C, 3, 55_648, -3), (0x03EC, 0x2E, 12_345, 0)] };

impl Meter for Kmp {
    fn hear(&mut self, octets: &[u8], line: Settings) -> Vec<u8> {
        let mut ids = [0; MOST];
        match kmp::Request::parse(octets, &mut ids) {
            _ if line.to_string() != self.line => Vec::new(),
            Ok(kmp::Request::Type) => {
                emitted(|writer| kmp::Answer::Type { model: 4, software: [6, 1] }.emit(writer))
            }
            Ok(kmp::Request::Serial) => emitted(|writer| kmp::Answer::Serial(12_345_678).emit(writer)),
            Ok(kmp::Request::Registers(ids)) => {
                let values = emitted(|writer| {
                    let known = self.registers.iter().filter(|(id, ..)| ids.contains(id));
                    known.for_each(|&(id, unit, mantissa, exponent)| {
                        let number = han_exporter::wire::decimal::Decimal::new(mantissa, exponent);
                        kmp::Value { id, unit, width: 4, number: Some(number) }.emit(writer).unwrap();
                    });
                });
                let values = kmp::Values::parse(&values).unwrap();
                emitted(|writer| kmp::Answer::Registers(values).emit(writer))
            }
            Err(_) => Vec::new(),
        }
    }
}

/// A meter of IEC 62056-21.
#[derive(Clone)]
pub struct Iec {
    /// The line it answers with, its end included.
    pub ident: Vec<u8>,
    /// What follows it.
    pub data: Vec<u8>,
    /// The highest speed at which its data come whole.
    pub fastest: u32,
    /// Whether it hears an acknowledgement.
    pub hears: bool,
    /// The speed of data that are still to come.
    pub speed: Option<u32>,
}

impl Iec {
    /// A meter that answers with these octets.
    pub fn of(octets: &[u8]) -> Self {
        let start =
            octets.windows(2).position(|pair| pair[0] == b'/' && pair[1] != b'?').expect("a first line");
        let end = start + octets[start..].iter().position(|octet| *octet == b'\n').expect("its end") + 1;
        let (ident, data) = octets.split_at(end);
        Iec { ident: ident.to_vec(), data: data.to_vec(), fastest: 19_200, hears: true, speed: None }
    }

    fn mode(&self) -> Mode {
        let start = self.ident.iter().rposition(|octet| *octet == b'/').unwrap();
        Greeting::read(&self.ident[start..]).expect("a line of identification").mode
    }
}

impl Meter for Iec {
    fn hear(&mut self, octets: &[u8], line: Settings) -> Vec<u8> {
        if line.to_string() != "300 7E1" {
            return Vec::new();
        }
        match (iec21::Request::parse(octets), self.mode()) {
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

    fn more(&mut self, line: Settings) -> Vec<u8> {
        match self.speed.take() {
            None => Vec::new(),
            Some(speed) if speed == line.baud && speed <= self.fastest => self.data.clone(),
            Some(_) => self.data.iter().map(|octet| octet ^ 0x55 & 0x7F).collect(),
        }
    }
}

pub fn emitted(emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = [0; 600];
    let mut writer = Writer::new(&mut buffer);
    emit(&mut writer);
    writer.written().to_vec()
}

/// What a round came to.
#[derive(Debug, Default)]
pub struct Played {
    /// Everything that was sent.
    pub sent: Vec<Vec<u8>>,
    /// Settings, in the order in which they were asked for.
    pub lines: Vec<String>,
    /// What the decoder said.
    pub said: Vec<String>,
    /// How often an answer did not come in time.
    pub timeouts: usize,
}

impl Played {
    pub fn readings(&self) -> usize {
        self.said.iter().filter(|said| report::is_reading(said)).count()
    }
}

/// A session, and the line as it was set last.
pub struct Reader {
    pub session: Session,
    line: Settings,
}

impl Reader {
    pub fn new(session: Session) -> Self {
        Reader { session, line: Settings::HAN }
    }

    /// Plays a round until the session rests; the octets come in pieces of `chunk`.
    pub fn play(&mut self, meter: &mut impl Meter, chunk: usize, identity: bool) -> Played {
        let Reader { session, line } = self;
        let mut played = Played::default();
        let mut coming: Vec<u8> = Vec::new();
        let mut rested = false;
        session.begin(identity);
        for _ in 0..100_000 {
            match session.task() {
                Task::Rest => return played,
                Task::Line(settings) => {
                    *line = settings;
                    played.lines.push(line.to_string());
                    session.done();
                }
                Task::Send(octets) => {
                    played.sent.push(octets.to_vec());
                    coming.extend(meter.hear(octets, *line));
                    session.done();
                }
                // Some octets come meanwhile.
                Task::Pause(_) if !coming.is_empty() && !rested => {
                    let piece: Vec<u8> = coming.drain(..coming.len().min(6)).collect();
                    assert!(session.feed(&mut &piece[..]).is_none());
                    rested = true;
                }
                Task::Pause(_) => {
                    session.done();
                    rested = false;
                }
                Task::Listen { .. }
                    if coming.is_empty() && {
                        coming = meter.more(*line);
                        coming.is_empty()
                    } =>
                {
                    played.timeouts += 1;
                    while let Some(event) = session.timeout() {
                        played.said.push(said(&event.outcome));
                    }
                }
                Task::Listen { .. } => {
                    let piece: Vec<u8> = coming.drain(..chunk.min(coming.len())).collect();
                    let mut rest = &piece[..];
                    while let Some(event) = session.feed(&mut rest) {
                        played.said.push(said(&event.outcome));
                    }
                    assert!(rest.is_empty(), "None, and something left");
                }
            }
        }
        panic!("the session does not come to rest: {played:?}");
    }
}

fn said(outcome: &Outcome<'_>) -> String {
    report::outcome(outcome)
}
