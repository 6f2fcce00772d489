//! How each protocol is polled: a table for a protocol of requests and responses.

use core::time::Duration;

use super::request::Request;
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;
use crate::wire::{kmp, kmp382};

/// How the meters of a protocol are polled.
pub(super) enum Method {
    /// By requests, each with its response.
    Exchange(&'static Plan),
    /// By a sign-on after which the meter sends all its data (IEC 62056-21).
    Readout,
}

/// What is requested, and how long a meter may take.
pub(super) struct Plan {
    /// Serial settings in use, the likeliest first.
    pub settings: &'static [SerialSettings],
    /// The requests, in order.
    pub requests: &'static [PlannedRequest],
    /// Time until the first byte of a response.
    pub first_byte: Duration,
    /// Time between two bytes.
    pub next_byte: Duration,
    /// Time for the whole response.
    pub response: Duration,
    /// The polling interval if the user sets none.
    pub interval: fn(Option<MeterKind>) -> Duration,
}

pub(super) struct PlannedRequest {
    pub request: Request,
    /// The command that the response repeats.
    pub command: u8,
    pub when: When,
    /// Whether a poll cycle fails without the response.
    pub required: bool,
}

/// In which poll cycles a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// When the cycle includes the meter's identity.
    Identity,
    /// Always, to a meter of this kind.
    Kind(MeterKind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MeterKind {
    Electricity,
    Heat,
}

impl Method {
    /// `None` if the protocol's meters push.
    pub(super) const fn of(protocol: Protocol) -> Option<Self> {
        match protocol {
            Protocol::Kmp382 => Some(Method::Exchange(&KMP382)),
            Protocol::Kmp => Some(Method::Exchange(&KMP)),
            Protocol::Iec => Some(Method::Readout),
            _ => None,
        }
    }
}

const fn planned(request: Request, command: u8, when: When, required: bool) -> PlannedRequest {
    PlannedRequest { request, command, when, required }
}

/// One exchange takes two seconds. The meter is on mains power.
static KMP382: Plan = Plan {
    settings: Protocol::Kmp382.settings(),
    requests: &[
        planned(Request::Kmp382(kmp382::Request::IDENTITY), 0x01, When::Identity, false),
        planned(Request::Kmp382(kmp382::Request::Registers), 0x90, When::Always, true),
        planned(Request::Kmp382(kmp382::Request::Tariffs), 0x95, When::Always, false),
    ],
    first_byte: Duration::from_millis(1000),
    next_byte: Duration::from_millis(600),
    response: Duration::from_secs(6),
    interval: |_| Duration::from_secs(10),
};

const fn registers(ids: &'static [u16], kind: MeterKind, required: bool) -> PlannedRequest {
    planned(Request::Kmp(kmp::Request::Registers(ids)), 0x10, When::Kind(kind), required)
}

/// Requests only registers that are published. A heat meter runs on a battery for many years and each response costs
/// some of it. Every half hour is enough for what a house stores for days.
#[rustfmt::skip]
static KMP: Plan = Plan {
    settings: Protocol::Kmp.settings(),
    requests: &[
        planned(Request::Kmp(kmp::Request::Type), 0x01, When::Identity, false),
        planned(Request::Kmp(kmp::Request::Serial), 0x02, When::Identity, false),
        registers(&[0x000D, 0x000E, 0x03FF, 0x0400, 0x0001, 0x0002, 0x0027], MeterKind::Electricity, true),
        registers(&[0x041E, 0x041F, 0x0420, 0x0434, 0x0435, 0x0436], MeterKind::Electricity, false),
        registers(&[0x0438, 0x0439, 0x043A, 0x0540, 0x0541, 0x0542], MeterKind::Electricity, false),
        registers(&[0x003C, 0x003F, 0x03EC], MeterKind::Heat, true),
    ],
    first_byte: Duration::from_millis(1500),
    next_byte: Duration::from_millis(500),
    response: Duration::from_secs(6),
    interval: |kind| match kind {
        Some(MeterKind::Heat) => Duration::from_secs(1800),
        _ => Duration::from_secs(60),
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_method_for_each_protocol_that_is_polled() {
        for protocol in Protocol::ALL {
            assert_eq!(Method::of(protocol).is_some(), protocol.is_polled(), "{protocol}");
        }
    }
}
