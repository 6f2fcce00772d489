//! A round of IEC 62056-21: sign-on, who is there, acknowledgement, data.

use core::time::Duration;

use super::request::{EncodedRequest, Request};
use super::{PollOptions, Task};
use crate::decoder::Event;
use crate::wire::frame::Frame;
use crate::wire::iec21::Wake;
use crate::wire::iec21::{self, Greeting, LONGEST_GREETING, Mode, Speed};
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;

/// So many times a round begins anew before it is given up.
const TRIES: u8 = 3;
/// What an adapter needs after it was opened or set anew.
const SETTLE: Duration = Duration::from_millis(100);
/// Between waking a meter and asking it (IEC 62056-21, annex B: 1.5 s to 1.7 s).
const AWAKE: Duration = Duration::from_millis(1600);
/// A meter answers within 1.5 s, and no byte comes later than that behind another; adapters take their time too.
const QUIET: Duration = Duration::from_millis(2000);
const GAP: Duration = Duration::from_millis(1600);
/// Between the acknowledgement's last byte and the change of speed. An adapter may still hold that byte when the
/// driver has let it go; the meter begins no sooner than its reaction time.
const SWITCH: Duration = Duration::from_millis(60);
/// More than any readout has, three half times its time on the line.
const MOST_BYTES: u32 = 12 * 1024 * 3 / 2;

/// Where a round stands.
pub(super) struct Readout {
    initial: SerialSettings,
    can_switch: bool,
    wake: Wake,
    sign_on: EncodedRequest,
    acknowledgement: EncodedRequest,
    /// The line of identification, as far as it has come.
    line: Line,
    stage: Stage,
    tries: u8,
    /// The speed of the data, and the highest that is tried.
    speed: Speed,
    ceiling: Option<Speed>,
    reaction: Duration,
    answered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The line is to be set to where everything begins.
    Begin,
    Settle,
    Wake,
    Awake,
    SignOn,
    /// Who is there?
    Greeting,
    Reaction,
    Acknowledge,
    /// The acknowledgement has left.
    Switch,
    /// The line is to be set to the speed of the data.
    Faster,
    /// Data are to come; nothing of them has.
    Head,
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
            initial: options.line.unwrap_or(usual),
            can_switch: options.can_switch,
            wake: options.wake,
            sign_on: EncodedRequest::of(&Request::Iec(sign_on)),
            acknowledgement: EncodedRequest::NONE,
            line: Line::EMPTY,
            stage: Stage::Rest,
            tries: 0,
            speed: Speed::SLOWEST,
            ceiling: None,
            reaction: Duration::ZERO,
            answered: false,
        }
    }

    pub(super) fn begin(&mut self) {
        self.tries = 0;
        self.answered = false;
        self.start();
    }

    pub(super) fn restart(&mut self) {
        self.stage = Stage::Rest;
        self.ceiling = None;
    }

    pub(super) fn task(&self, is_waiting: bool) -> Task<'_> {
        match self.stage {
            Stage::Begin => Task::Line(self.initial),
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
            Stage::Faster => Task::Line(self.initial.at(self.speed.baud())),
            Stage::Greeting if is_waiting => Task::Listen { quiet: GAP, total: self.longest() },
            Stage::Greeting | Stage::Head => Task::Listen { quiet: QUIET, total: self.longest() },
            Stage::Data => Task::Listen { quiet: GAP, total: self.longest() },
            Stage::Rest => Task::Rest,
        }
    }

    /// Goes on; says whether what comes now is an answer from its first byte on.
    pub(super) fn done(&mut self) -> bool {
        self.stage = match self.stage {
            Stage::Begin => Stage::Settle,
            Stage::Settle if self.wake == Wake::None => Stage::SignOn,
            Stage::Settle => Stage::Wake,
            Stage::Wake => Stage::Awake,
            Stage::Awake => Stage::SignOn,
            Stage::SignOn => Stage::Greeting,
            Stage::Reaction => Stage::Acknowledge,
            Stage::Acknowledge if self.speed == Speed::SLOWEST => Stage::Head,
            Stage::Acknowledge => Stage::Switch,
            Stage::Switch => Stage::Faster,
            Stage::Faster => Stage::Head,
            other => other,
        };
        self.stage == Stage::Greeting
    }

    /// Whether bytes that come now are for the decoder.
    pub(super) const fn is_listening(&self) -> bool {
        matches!(self.stage, Stage::Greeting | Stage::Head | Stage::Data)
    }

    /// Looks at bytes before the decoder gets them. Takes away up to the end of the line of identification, which the
    /// decoder is to have at once, and what belongs neither to that line nor to the data.
    pub(super) fn hear<'i>(&mut self, input: &mut &'i [u8]) -> &'i [u8] {
        let mut line = &[][..];
        if self.stage == Stage::Greeting
            && let Some((greeting, count)) = self.line.take(input)
        {
            (line, *input) = input.split_at_checked(count).unwrap_or((input, &[]));
            self.greet(greeting, input);
        }
        // A meter that goes on by itself, whatever it said of its speed, is not to be interrupted.
        if self.stage == Stage::Reaction && begins_data(input) {
            self.speed = Speed::SLOWEST;
            self.stage = Stage::Head;
        }
        if self.stage == Stage::Head {
            let junk = input.iter().position(|byte| may_follow(byte & 0x7F)).unwrap_or(input.len());
            *input = input.get(junk..).unwrap_or_default();
            if begins_data(input) {
                self.stage = Stage::Data;
            }
        }
        line
    }

    pub(super) fn note(&mut self, event: &Event<'_>) {
        if let (Some(Frame::Telegram(_)), true) = (event.frame, self.is_listening()) {
            self.answered = true;
            self.stage = Stage::Rest;
        }
    }

    pub(super) fn timeout(&mut self) {
        if !self.is_listening() {
            return;
        }
        // Only a speed that both had changed to may be too high.
        if self.stage != Stage::Greeting {
            self.ceiling = self.speed.lower();
        }
        self.tries += 1;
        match self.tries {
            TRIES => self.stage = Stage::Rest,
            _ => self.start(),
        }
    }

    pub(super) const fn answered(&self) -> bool {
        self.answered
    }

    fn start(&mut self) {
        self.line = Line::EMPTY;
        self.speed = Speed::SLOWEST;
        self.stage = Stage::Begin;
    }

    /// What the meter said of itself decides how it goes on.
    fn greet(&mut self, greeting: Greeting, rest: &[u8]) {
        self.reaction = greeting.reaction;
        self.stage = match greeting.mode {
            Mode::C(speed) if !begins_data(rest) => {
                self.acknowledge(speed);
                Stage::Reaction
            }
            Mode::B(speed) if self.can_switch => {
                self.speed = speed;
                Stage::Faster
            }
            _ => Stage::Head,
        };
    }

    fn acknowledge(&mut self, speed: Speed) {
        let allowed = if self.can_switch { self.ceiling.unwrap_or(speed) } else { Speed::SLOWEST };
        self.speed = speed.min(allowed);
        self.acknowledgement = EncodedRequest::of(&Request::Iec(iec21::Request::Readout(self.speed)));
    }

    /// How long all data may take at the speed in use.
    fn longest(&self) -> Duration {
        let baud = if self.speed == Speed::SLOWEST { self.initial.baud } else { self.speed.baud() };
        self.initial.at(baud).byte() * MOST_BYTES
    }
}

/// Whether bytes behind the line of identification are more than its end.
fn begins_data(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| !matches!(byte & 0x7F, b'\r' | b'\n' | 0x00 | 0x7F))
}

/// Whether a byte may stand behind the line of identification: STX, ACK, the end of a line, the first of a data set.
const fn may_follow(byte: u8) -> bool {
    matches!(byte, 0x02 | 0x06 | b'\r' | b'\n' | b' '..=b'~')
}

/// The line of identification as it comes in.
struct Line {
    bytes: [u8; LONGEST_GREETING],
    length: usize,
}

impl Line {
    const EMPTY: Self = Line { bytes: [0; LONGEST_GREETING], length: 0 };

    /// Takes bytes; with the line's last one, what it says and how many of these bytes belong to it.
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
            // No line of identification is so long.
            None => self.length = 0,
        }
        None
    }
}
