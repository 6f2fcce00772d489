//! A round of questions and answers, each asked again if its answer does not come.

use core::time::Duration;

use super::plan::{Kind, Plan, Question, When};
use super::request::EncodedRequest;
use super::{PollOptions, Task};
use crate::decoder::{Event, Outcome};
use crate::wire::kmp::Answer;
use crate::wire::message::Message;
use crate::wire::serial::SerialSettings;

/// So many times a question is asked before it is given up.
const TRIES: u8 = 3;
/// What an adapter needs after it was opened or set anew.
const SETTLE: Duration = Duration::from_millis(100);
/// What an optical head needs to turn from hearing to speaking.
const TURN: Duration = Duration::from_millis(50);

/// Where a round stands.
pub(super) struct Exchange {
    plan: &'static Plan,
    /// The one line there is, if its owner has said so.
    only: Option<SerialSettings>,
    /// The line in use, by its number in the plan, and whether a meter has answered on it.
    line: usize,
    proven: bool,
    /// Whether the line is set so already.
    is_set: bool,
    stage: Stage,
    /// The question being asked, by its number in the plan, and how often it was asked.
    question: usize,
    tries: u8,
    encoded: EncodedRequest,
    identity: bool,
    /// What the meter counts, known by what it answered; and what is supposed of it in this round.
    kind: Option<Kind>,
    guess: Option<Kind>,
    /// Questions this meter does not answer: one bit each.
    left_out: u8,
    /// Lines tried in this round.
    lines_tried: usize,
    failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Line,
    Settle,
    Send,
    Listen,
    Turn,
    Rest,
}

impl Exchange {
    pub(super) fn new(plan: &'static Plan, options: &PollOptions) -> Self {
        Exchange {
            plan,
            only: options.line,
            line: 0,
            proven: false,
            is_set: false,
            stage: Stage::Rest,
            question: 0,
            tries: 0,
            encoded: EncodedRequest::NONE,
            identity: false,
            kind: None,
            guess: None,
            left_out: 0,
            lines_tried: 0,
            failed: false,
        }
    }

    pub(super) fn begin(&mut self, identity: bool) {
        self.identity = identity;
        if identity {
            self.left_out = 0;
        }
        self.failed = false;
        self.lines_tried = 0;
        self.guess = None;
        self.start();
    }

    pub(super) fn restart(&mut self) {
        self.stage = Stage::Rest;
        self.is_set = false;
        self.proven = false;
        self.kind = None;
        self.left_out = 0;
    }

    pub(super) fn task(&self, is_waiting: bool) -> Task<'_> {
        match self.stage {
            Stage::Line => Task::Line(self.settings()),
            Stage::Settle => Task::Pause(SETTLE),
            Stage::Send => Task::Send(self.encoded.bytes()),
            Stage::Listen => {
                let quiet = if is_waiting { self.plan.next } else { self.plan.first };
                Task::Listen { quiet, total: self.plan.total }
            }
            Stage::Turn => Task::Pause(TURN),
            Stage::Rest => Task::Rest,
        }
    }

    /// Goes on; says whether what comes now is an answer from its first byte on.
    pub(super) fn done(&mut self) -> bool {
        self.stage = match self.stage {
            Stage::Line => Stage::Settle,
            Stage::Settle => {
                self.is_set = true;
                Stage::Send
            }
            Stage::Turn => Stage::Send,
            Stage::Send => Stage::Listen,
            other => other,
        };
        self.stage == Stage::Listen
    }

    pub(super) const fn is_listening(&self) -> bool {
        matches!(self.stage, Stage::Listen)
    }

    /// Takes note of what came; only the answer to the question that was asked counts.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        let Outcome::Reading { message, .. } = event.outcome else { return };
        let (command, is_empty) = match message {
            Message::Kmp382(answer) => (answer.command, answer.data.is_empty()),
            Message::Kmp(Answer::Registers(values)) => {
                (Answer::Registers(values).command(), values.is_empty())
            }
            Message::Kmp(answer) => (answer.command(), false),
            _ => return,
        };
        let asked = self.asked().filter(|question| self.is_listening() && question.command == command);
        if let Some(question) = asked {
            self.answer(question.when, is_empty);
        }
    }

    pub(super) fn timeout(&mut self) {
        if !self.is_listening() {
            return;
        }
        self.tries += 1;
        self.stage = Stage::Turn;
        if self.tries == TRIES {
            self.give_up();
        }
    }

    pub(super) const fn answered(&self) -> bool {
        matches!(self.stage, Stage::Rest) && !self.failed
    }

    pub(super) fn interval(&self) -> Duration {
        (self.plan.interval)(self.kind)
    }

    fn settings(&self) -> SerialSettings {
        let of_plan = self.plan.lines.get(self.line).copied();
        self.only.or(of_plan).unwrap_or(SerialSettings::HAN)
    }

    fn asked(&self) -> Option<&'static Question> {
        self.plan.questions.get(self.question)
    }

    /// Begins with the first question.
    fn start(&mut self) {
        self.ask_from(0);
        if !self.is_set && self.stage == Stage::Turn {
            self.stage = Stage::Line;
        }
    }

    /// Asks the first question from this one on that is to be asked; without one the round is over.
    fn ask_from(&mut self, first: usize) {
        self.tries = 0;
        let questions = self.plan.questions.iter().enumerate().skip(first);
        let mut wanted = questions.filter(|(index, question)| self.wants(*index, question));
        let Some((index, question)) = wanted.next() else {
            self.stage = Stage::Rest;
            return;
        };
        self.question = index;
        self.encoded = EncodedRequest::of(&question.request);
        self.stage = Stage::Turn;
    }

    fn wants(&self, index: usize, question: &Question) -> bool {
        let fits = match question.when {
            When::Always => true,
            When::Identity => self.identity,
            When::Of(kind) => self.kind.or(self.guess).is_none_or(|known| known == kind),
        };
        fits && self.left_out >> index & 1 == 0
    }

    /// A meter that has none of the registers of one kind is supposed to be of the other.
    fn answer(&mut self, when: When, is_empty: bool) {
        self.proven = true;
        if let (When::Of(kind), None) = (when, self.kind) {
            self.kind = Some(kind).filter(|_| !is_empty);
            self.guess = self.kind.or(Some(Kind::Heat));
        }
        self.ask_from(self.question + 1);
    }

    fn give_up(&mut self) {
        match self.asked() {
            Some(&Question { matters: true, when, .. }) => {
                if when != When::Of(Kind::Electricity) || self.kind.is_some() {
                    return self.fail();
                }
                self.guess = Some(Kind::Heat);
            }
            _ => self.left_out |= 1 << self.question,
        }
        self.ask_from(self.question + 1);
    }

    /// Nobody answers what matters: another line is tried if none has proven itself.
    fn fail(&mut self) {
        self.lines_tried += 1;
        let lines = if self.only.is_some() { 1 } else { self.plan.lines.len() };
        if self.proven {
            self.failed = true;
            self.stage = Stage::Rest;
            return;
        }
        self.guess = None;
        self.left_out = 0;
        self.is_set &= lines == 1;
        self.line = (self.line + 1) % lines;
        if self.lines_tried < lines {
            self.start();
        } else {
            self.failed = true;
            self.stage = Stage::Rest;
        }
    }
}
