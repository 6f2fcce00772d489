//! Meters that a hub knows from captures, and their metrics.

use std::time::{Duration, SystemTime};

use han_exporter::hub::{BootTime, Hub, Intake, Limits, Meter, Moment, Port};
use han_exporter::outlet::prometheus::exposition::Format;
use han_exporter::outlet::prometheus::registry_of_meters;

use super::each_event;

/// A hub that has read a stream of each meter, by name; the host's clock stands at a fixed time.
pub fn hub<S: AsRef<[u8]>>(meters: &[(&str, S)]) -> Hub {
    let hub = Hub::default();
    let meter =
        |(name, _): &(&str, S)| Meter { name: (*name).into(), simulated: false, limits: Limits::default() };
    hub.set_meters(meters.iter().map(meter).collect());
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let now = Moment { wall, boot: BootTime::now() };
    for (name, stream) in meters {
        let (mut intake, stream) = (Intake::of_capture(hub.clone(), (*name).into()), stream.as_ref());
        each_event(stream, stream.len(), |event| intake.decoded(&event, now));
    }
    hub
}

/// Lets the meter's driver count line errors.
pub fn count_line_errors(hub: &Hub, meter: &str) {
    let port = Port { line_errors: Some([0; 4]), ..Port::default() };
    Intake::new(hub.clone(), meter.into()).port(port, 0, None, Moment::now());
}

/// What /metrics shows of the meters.
pub fn exposition(format: Format, hub: Hub) -> String {
    let families = registry_of_meters(hub).gather();
    String::from_utf8(format.encode(&families)).unwrap()
}
