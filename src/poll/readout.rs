//! A poll cycle of IEC 62056-21: sign-on, identification, acknowledgement, data.

use core::time::Duration;

use super::request::{EncodedRequest, Request};
use super::{PollOptions, Steps, Task};
use crate::decoder::Event;
use crate::wire::frame::{Frame, Stream};
use crate::wire::iec21::{self, Greeting, LONGEST_GREETING, Mode, Speed, Wake};
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;

/// How often a cycle begins again before it is given up.
const TRIES: u8 = 3;
/// What an adapter needs after its port was opened or set.
const SETTLE: Duration = Duration::from_millis(100);
/// Between waking a meter and the sign-on (IEC 62056-21, annex B: 1.5 s to 1.7 s).
const AWAKE: Duration = Duration::from_millis(1600);
/// A meter responds within 1.5 s and leaves no longer gap between two bytes. Adapters add their own delay.
const QUIET: Duration = Duration::from_millis(2000);
const GAP: Duration = Duration::from_millis(1600);
/// Between the last byte of the acknowledgement and the change of speed. An adapter may still hold that byte when the
/// driver has handed it over, and the meter begins no sooner than after its reaction time.
const SWITCH: Duration = Duration::from_millis(60);
/// Longer than any readout, and half as much again for its time on the line.
const MOST_BYTES: u32 = 12 * 1024 * 3 / 2;
/// The polling interval if the user sets none. At 300 baud 1,800 bytes take a minute.
const INTERVAL: Duration = Duration::from_secs(60);

/// The state of such a poll cycle.
pub(super) struct Readout {
    initial: SerialSettings,
    is_speed_fixed: bool,
    wake: Wake,
    sign_on: EncodedRequest,
    acknowledgement: EncodedRequest,
    /// The identification line, as far as it has arrived.
    line: IdentificationLine,
    stage: Stage,
    tries: u8,
    /// The speed of the data.
    speed: Speed,
    /// The highest speed to try.
    ceiling: Option<Speed>,
    reaction: Duration,
    answered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    SetLine,
    Settle,
    Wake,
    Awake,
    SignOn,
    /// The identification line is to arrive.
    Identification,
    Reaction,
    Acknowledge,
    /// The acknowledgement has left.
    Switch,
    /// The line is to be set to the speed of the data.
    SetSpeed,
    /// Data are to arrive, and none has.
    AwaitData,
    Data,
    Rest,
}

impl Readout {
    pub(super) fn new(options: &PollOptions) -> Self {
        let sign_on = match options.wake {
            Wake::Ultraheat => iec21::Request::SignOnUltraheat,
            _ => iec21::Request::SignOn(options.address),
        };
        let usual = Protocol::Iec.settings().first().copied().unwrap_or(SerialSettings::HAN);
        Readout {
            initial: options.settings.unwrap_or(usual),
            is_speed_fixed: options.is_speed_fixed,
            wake: options.wake,
            sign_on: EncodedRequest::new(&Request::Iec(sign_on)),
            acknowledgement: EncodedRequest::EMPTY,
            line: IdentificationLine::EMPTY,
            stage: Stage::Rest,
            tries: 0,
            speed: Speed::SLOWEST,
            ceiling: None,
            reaction: Duration::ZERO,
            answered: false,
        }
    }

    fn start(&mut self) {
        self.line = IdentificationLine::EMPTY;
        self.speed = Speed::SLOWEST;
        self.stage = Stage::SetLine;
    }

    /// Continues as the meter's mode demands; `rest`: what arrived after the identification line.
    fn identified(&mut self, greeting: Greeting, rest: &[u8]) {
        self.reaction = greeting.reaction;
        self.stage = match greeting.mode {
            Mode::C(speed) if !begins_data(rest) => {
                self.acknowledge(speed);
                Stage::Reaction
            }
            Mode::B(speed) if !self.is_speed_fixed => {
                self.speed = speed;
                Stage::SetSpeed
            }
            _ => Stage::AwaitData,
        };
    }

    fn acknowledge(&mut self, speed: Speed) {
        let allowed = if self.is_speed_fixed { Speed::SLOWEST } else { self.ceiling.unwrap_or(speed) };
        self.speed = speed.min(allowed);
        self.acknowledgement = EncodedRequest::new(&Request::Iec(iec21::Request::Readout(self.speed)));
    }

    /// How long all data may take at the speed in use.
    fn longest(&self) -> Duration {
        let baud = if self.speed == Speed::SLOWEST { self.initial.baud } else { self.speed.baud() };
        self.initial.at(baud).byte() * MOST_BYTES
    }
}

impl Steps for Readout {
    fn begin(&mut self, _identity: bool) {
        self.tries = 0;
        self.answered = false;
        self.start();
    }

    fn restart(&mut self) {
        self.stage = Stage::Rest;
        self.ceiling = None;
    }

    fn task(&self, is_waiting: bool) -> Task<'_> {
        match self.stage {
            Stage::SetLine => Task::SetLine(self.initial),
            Stage::Settle => Task::Pause(SETTLE),
            Stage::Wake => Task::Send(match self.wake {
                Wake::Ultraheat => &iec21::WAKE_ULTRAHEAT,
                _ => &iec21::WAKE,
            }),
            Stage::Awake => Task::Pause(AWAKE),
            Stage::SignOn => Task::Send(self.sign_on.bytes()),
            Stage::Reaction => Task::Pause(self.reaction),
            Stage::Acknowledge => Task::Send(self.acknowledgement.bytes()),
            Stage::Switch => Task::Pause(SWITCH),
            Stage::SetSpeed => Task::SetLine(self.initial.at(self.speed.baud())),
            Stage::Identification if is_waiting => Task::Listen { quiet: GAP, total: self.longest() },
            Stage::Identification | Stage::AwaitData => Task::Listen { quiet: QUIET, total: self.longest() },
            Stage::Data => Task::Listen { quiet: GAP, total: self.longest() },
            Stage::Rest => Task::Rest,
        }
    }

    fn done(&mut self) -> bool {
        self.stage = match self.stage {
            Stage::SetLine => Stage::Settle,
            Stage::Settle if self.wake == Wake::None => Stage::SignOn,
            Stage::Settle => Stage::Wake,
            Stage::Wake => Stage::Awake,
            Stage::Awake => Stage::SignOn,
            Stage::SignOn => Stage::Identification,
            Stage::Reaction => Stage::Acknowledge,
            Stage::Acknowledge if self.speed == Speed::SLOWEST => Stage::AwaitData,
            Stage::Acknowledge => Stage::Switch,
            Stage::Switch => Stage::SetSpeed,
            Stage::SetSpeed => Stage::AwaitData,
            other => other,
        };
        self.stage == Stage::Identification
    }

    fn is_listening(&self) -> bool {
        matches!(self.stage, Stage::Identification | Stage::AwaitData | Stage::Data)
    }

    /// Returns bytes up to the end of the identification line; drops what belongs neither to it nor to the data.
    fn preview<'i>(&mut self, input: &mut &'i [u8]) -> &'i [u8] {
        let mut line = &[][..];
        if self.stage == Stage::Identification
            && let Some((greeting, count)) = self.line.take(input)
        {
            (line, *input) = input.split_at_checked(count).unwrap_or((input, &[]));
            self.identified(greeting, input);
        }
        // A meter that continues without the acknowledgement must not be interrupted.
        if self.stage == Stage::Reaction && begins_data(input) {
            self.speed = Speed::SLOWEST;
            self.stage = Stage::AwaitData;
        }
        if self.stage == Stage::AwaitData {
            let junk = input.iter().position(|byte| may_follow(byte & 0x7F)).unwrap_or(input.len());
            *input = input.get(junk..).unwrap_or_default();
            if begins_data(input) {
                self.stage = Stage::Data;
            }
        }
        line
    }

    fn note(&mut self, event: &Event<'_>) {
        if let (Some(Frame::Telegram(_)), true) = (event.frame, self.is_listening()) {
            self.answered = true;
            self.stage = Stage::Rest;
        }
    }

    /// If nothing more could arrive, a readout that lost its check character would pass for one that has none.
    fn silence(&self) -> Stream {
        Stream::Silent
    }

    fn timeout(&mut self) {
        if !self.is_listening() {
            return;
        }
        // Only a speed that both sides had changed to may be too high.
        if self.stage != Stage::Identification {
            self.ceiling = self.speed.lower();
        }
        self.tries += 1;
        match self.tries {
            TRIES => self.stage = Stage::Rest,
            _ => self.start(),
        }
    }

    fn answered(&self) -> bool {
        self.answered
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }
}

/// Whether bytes after the identification line are more than its end.
fn begins_data(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| !matches!(byte & 0x7F, b'\r' | b'\n' | 0x00 | 0x7F))
}

/// Whether a byte may follow the identification line: STX, ACK, the end of a line, the first of a data set.
const fn may_follow(byte: u8) -> bool {
    matches!(byte, 0x02 | 0x06 | b'\r' | b'\n' | b' '..=b'~')
}

/// The identification line as it arrives.
struct IdentificationLine {
    bytes: [u8; LONGEST_GREETING],
    length: usize,
}

impl IdentificationLine {
    const EMPTY: Self = IdentificationLine { bytes: [0; LONGEST_GREETING], length: 0 };

    /// Takes bytes; once the line is complete, returns its content and how many of these bytes belong to it.
    fn take(&mut self, bytes: &[u8]) -> Option<(Greeting, usize)> {
        bytes.iter().enumerate().find_map(|(index, byte)| Some((self.put(byte & 0x7F)?, index + 1)))
    }

    fn put(&mut self, byte: u8) -> Option<Greeting> {
        match byte {
            b'/' => self.length = 0,
            b'\r' | b'\n' => {
                let line = self.bytes.get(..self.length).unwrap_or_default();
                let greeting = Greeting::read(line);
                self.length = 0;
                return greeting;
            }
            _ if self.length == 0 => return None,
            _ => {}
        }
        match self.bytes.get_mut(self.length) {
            Some(slot) => {
                *slot = byte;
                self.length += 1;
            }
            // No identification line is so long.
            None => self.length = 0,
        }
        None
    }
}
