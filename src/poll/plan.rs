//! What meters are asked in question and answer: a table for each protocol.

use core::time::Duration;

use super::request::Request;
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;
use crate::wire::{kmp, kmp382};

/// How a protocol is spoken.
pub(super) struct Plan {
    /// Settings of the line, the likeliest first.
    pub lines: &'static [SerialSettings],
    /// What is asked, in order.
    pub questions: &'static [Question],
    /// How long the first byte of an answer may take.
    pub first: Duration,
    /// How long the next one.
    pub next: Duration,
    /// How long the whole answer.
    pub total: Duration,
    /// How often a meter is asked if its owner does not say.
    pub interval: fn(Option<Kind>) -> Duration,
}

/// One thing to ask.
pub(super) struct Question {
    pub request: Request,
    /// The command that its answer repeats.
    pub command: u8,
    pub when: When,
    /// Whether a round without its answer is none.
    pub matters: bool,
}

/// When a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Each round.
    Always,
    /// When who the meter is, is asked.
    Identity,
    /// Each round, of a meter of this kind.
    Of(Kind),
}

/// What a meter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Electricity,
    Heat,
}

/// An exchange takes two seconds; the meter is on the mains.
pub(super) static KMP382: Plan = Plan {
    lines: Protocol::Kmp382.settings(),
    questions: &[
        Question {
            request: Request::Kmp382(kmp382::Request::IDENTITY),
            command: 0x01,
            when: When::Identity,
            matters: false,
        },
        Question {
            request: Request::Kmp382(kmp382::Request::Registers),
            command: 0x90,
            when: When::Always,
            matters: true,
        },
        Question {
            request: Request::Kmp382(kmp382::Request::Tariffs),
            command: 0x95,
            when: When::Always,
            matters: false,
        },
    ],
    first: Duration::from_millis(1000),
    next: Duration::from_millis(600),
    total: Duration::from_secs(6),
    interval: |_| Duration::from_secs(10),
};

const REGISTERS: u8 = 0x10;

const fn registers(ids: &'static [u16], kind: Kind, matters: bool) -> Question {
    Question {
        request: Request::Kmp(kmp::Request::Registers(ids)),
        command: REGISTERS,
        when: When::Of(kind),
        matters,
    }
}

const fn who(request: kmp::Request<'static>, command: u8) -> Question {
    Question { request: Request::Kmp(request), command, when: When::Identity, matters: false }
}

/// Only registers that are published are asked for. A meter of heat lives on a battery for many years, and each answer
/// takes something of it: half an hour is often enough for what a house keeps for days.
#[rustfmt::skip]
pub(super) static KMP: Plan = Plan {
    lines: Protocol::Kmp.settings(),
    questions: &[
        who(kmp::Request::Type, 0x01),
        who(kmp::Request::Serial, 0x02),
        registers(&[0x000D, 0x000E, 0x03FF, 0x0400, 0x0001, 0x0002, 0x0027], Kind::Electricity, true),
        registers(&[0x041E, 0x041F, 0x0420, 0x0434, 0x0435, 0x0436], Kind::Electricity, false),
        registers(&[0x0438, 0x0439, 0x043A, 0x0540, 0x0541, 0x0542], Kind::Electricity, false),
        registers(&[0x003C, 0x003F, 0x03EC], Kind::Heat, true),
    ],
    first: Duration::from_millis(1500),
    next: Duration::from_millis(500),
    total: Duration::from_secs(6),
    interval: |kind| match kind {
        Some(Kind::Heat) => Duration::from_secs(1800),
        _ => Duration::from_secs(60),
    },
};
