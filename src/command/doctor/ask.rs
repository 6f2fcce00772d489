//! Asks on a port that stays silent: its meter may be one that waits for that. Nothing is sent but requests that read.

use std::time::Duration;

use crate::source::{FixedSettings, MeterOptions, Source};
use crate::wire::protocol::Protocol;

use super::observation::Observation;

/// How long an answer may take in all; without any, the examination ends with the round that brought none.
pub const TIME: Duration = Duration::from_secs(120);

/// What is tried: each protocol as it is usually spoken, then the optical head fed the other way round.
const TRIES: [(Protocol, Option<bool>); 6] = [
    (Protocol::Kmp382, None),
    (Protocol::Iec, None),
    (Protocol::Kmp, None),
    (Protocol::Kmp382, Some(true)),
    (Protocol::Iec, Some(true)),
    (Protocol::Kmp, Some(true)),
];

/// The sources to try on the port of an observation, if nothing came from it and nobody said what it speaks.
pub fn sources(seen: &Observation) -> Vec<Source> {
    let meter = seen.source.meter_options();
    let (Source::Auto | Source::Serial { .. }, Some(port), 0, None) =
        (&seen.source, &seen.name, seen.bytes(), meter.protocol)
    else {
        return Vec::new();
    };
    let is_fed = meter.dtr.is_some() || meter.rts.is_some();
    let tries = TRIES.iter().filter(|(_, dtr)| !is_fed || dtr.is_none());
    let source = |&(protocol, dtr): &(Protocol, Option<bool>)| Source::Serial {
        path: port.into(),
        fixed: FixedSettings::default(),
        meter: MeterOptions {
            protocol: Some(protocol),
            dtr: meter.dtr.or(dtr),
            rts: meter.rts.or(dtr.map(|on| !on)),
            ..MeterOptions::default()
        },
    };
    tries.map(source).collect()
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
    fn a_silent_port_is_asked_in_every_protocol_and_its_head_fed_both_ways() {
        let usual = ["kmp382", "iec", "kmp"];
        let all: Vec<String> = ["", "dtr=on&rts=off&"]
            .iter()
            .flat_map(|fed| usual.map(|protocol| format!("/dev/ttyUSB0?{fed}protocol={protocol}")))
            .collect();
        assert_eq!(tried("auto"), all);
        assert_eq!(tried("/dev/ttyUSB0?baud=2400"), all);
        let fed = usual.map(|protocol| format!("/dev/ttyUSB0?dtr=off&protocol={protocol}"));
        assert_eq!(tried("/dev/ttyUSB0?dtr=off"), fed);
    }

    #[test]
    fn nobody_is_asked_who_speaks_or_is_known() {
        assert!(sources(&seen("auto", 1)).is_empty());
        for source in
            ["/dev/ttyUSB0?protocol=iec", "/dev/ttyUSB0?protocol=hdlc", "tcp://h:1", "-", "sim:kaifa"]
        {
            assert!(sources(&seen(source, 0)).is_empty(), "{source}");
        }
        assert!(sources(&Observation { name: None, ..seen("auto", 0) }).is_empty());
    }
}
