//! Which protocols to poll on a silent port. Nothing is sent but requests that read.

use std::time::Duration;

use crate::source::{FixedSettings, MeterOptions, Source};
use crate::wire::protocol::Protocol;

use super::observation::Observation;

/// How long each protocol is polled at most; a poll cycle without a response ends it earlier.
pub const TIME: Duration = Duration::from_secs(120);

/// Less than this is too short for any response.
pub const SHORTEST: Duration = Duration::from_secs(2);

/// How long a port may be silent before it is polled, if there is so much time in all: most meters that push do so
/// every 10 s, and some once a minute.
pub fn patience(time: Duration) -> Duration {
    (time / 3).clamp(Duration::from_secs(12), Duration::from_secs(60)).min(time)
}

/// Whether a port sends nothing and could be that of a meter that must be polled.
pub fn is_possible(seen: &Observation) -> bool {
    !sources(seen).is_empty()
}

/// The sources to poll on the port of an observation; none if data arrived or the user named the protocol.
pub fn sources(seen: &Observation) -> Vec<Source> {
    let meter = seen.source.meter_options();
    let (Source::Auto | Source::Serial { .. }, Some(port), 0, None) =
        (&seen.source, &seen.name, seen.bytes(), meter.protocol)
    else {
        return Vec::new();
    };
    let user_powers_head = meter.dtr.is_some() || meter.rts.is_some();
    let source = |protocol, dtr: Option<bool>| Source::Serial {
        path: port.into(),
        fixed: FixedSettings::default(),
        meter: MeterOptions {
            protocol: Some(protocol),
            dtr: meter.dtr.or(dtr),
            rts: meter.rts.or(dtr.map(|on| !on)),
            ..MeterOptions::default()
        },
    };
    // First as usual, then with the optical head powered the other way round.
    let powers = [None, Some(true)].into_iter().filter(|dtr| !user_powers_head || dtr.is_none());
    let protocols = [Protocol::Kmp382, Protocol::Iec, Protocol::Kmp];
    powers.flat_map(|dtr| protocols.map(|protocol| source(protocol, dtr))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::attempt::Attempt;
    use super::*;

    fn seen(source: &str, bytes: u64) -> Observation {
        let mut seen = Observation::new(source.parse().unwrap());
        seen.name = Some("/dev/ttyUSB0".into());
        seen.attempts = vec![Attempt { bytes, ..Attempt::default() }];
        seen
    }

    fn tried(source: &str) -> Vec<String> {
        sources(&seen(source, 0)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn polls_a_silent_port_in_every_protocol_with_its_head_powered_both_ways() {
        let usual = ["kmp382", "iec", "kmp"];
        let all: Vec<String> = ["", "dtr=on&rts=off&"]
            .iter()
            .flat_map(|lines| usual.map(|protocol| format!("/dev/ttyUSB0?{lines}protocol={protocol}")))
            .collect();
        assert_eq!(tried("auto"), all);
        assert_eq!(tried("/dev/ttyUSB0?baud=2400"), all);
        let powered = usual.map(|protocol| format!("/dev/ttyUSB0?dtr=off&protocol={protocol}"));
        assert_eq!(tried("/dev/ttyUSB0?dtr=off"), powered);
    }

    #[test]
    fn polling_begins_when_meters_that_push_have_had_their_time() {
        let seconds = |time| patience(Duration::from_secs(time)).as_secs();
        assert_eq!([5, 12, 30, 60, 180, 86_400].map(seconds), [5, 12, 12, 20, 60, 60]);
    }

    #[test]
    fn polls_no_port_that_sends_or_whose_protocol_is_known() {
        assert!(sources(&seen("auto", 1)).is_empty());
        for source in
            ["/dev/ttyUSB0?protocol=iec", "/dev/ttyUSB0?protocol=hdlc", "tcp://h:1", "-", "sim:kaifa"]
        {
            assert!(sources(&seen(source, 0)).is_empty(), "{source}");
        }
        assert!(sources(&Observation { name: None, ..seen("auto", 0) }).is_empty());
    }
}
