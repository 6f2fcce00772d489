//! Reads one meter indefinitely: bytes from its source, events from the pipeline, all of them into the hub.

use std::sync::Arc;
use std::time::Instant;

use tracing::{debug, info, warn};

use crate::config;
use crate::decoder::{Decoder, Outcome};
use crate::hub::{Intake, Limits, Moment, Port};
use crate::pipeline::{Next, Pipeline};
use crate::platform::heartbeat::Heartbeat;
use crate::platform::log::Repeats;
use crate::source::{Event, Link, Status, Timing};
use crate::wire::dlms::cipher::Cipher;

/// More than the longest frame; a burst that waited in the kernel is taken in few reads.
const BUFFER: usize = 4096;

/// Reads until the task is stopped. `limits` say how long the meter's identity is kept.
pub async fn read(config: config::Meter, limits: Limits, intake: Intake, mut heartbeat: Heartbeat) {
    let decoder = Decoder::new(config.settings.decoder.settings, Cipher::new(&config.keys));
    let link = Link::new(config.source, Timing::default());
    let mut reader = MeterReader {
        pipeline: Pipeline::new(link, decoder).with_identity_kept_for(limits.register),
        intake,
        undecodable: Repeats::per_minute(),
        source: Arc::default(),
    };
    let mut buffer = vec![0; BUFFER];
    loop {
        tokio::select! {
            event = reader.pipeline.next(&mut buffer) => reader.handle(event, &buffer),
            () = heartbeat.due() => {}
        }
        heartbeat.beat();
    }
}

struct MeterReader {
    pipeline: Pipeline,
    intake: Intake,
    undecodable: Repeats<&'static str>,
    /// The name of the source with the settings in force, once it was opened.
    source: Arc<str>,
}

impl MeterReader {
    fn handle(&mut self, event: Event, buffer: &[u8]) {
        let now = Moment::now();
        match event {
            Event::Bytes(count) => self.decode(buffer.get(..count).unwrap_or_default(), Pipeline::feed, now),
            Event::Idle => self.decode(&[], |pipeline, _| pipeline.idle(), now),
            Event::Ended => {
                self.decode(&[], |pipeline, _| pipeline.finish(), now);
                if self.pipeline.status().opens > 0 {
                    info!("The source has ended; the last values are shown until they are too old");
                }
            }
            Event::Opened(name) => {
                info!(source = name, "Source opened");
                self.source = name.into();
                self.intake.problem(None, now);
            }
            Event::Trying(settings) => debug!(%settings, "Trying other serial settings"),
            Event::Problem(problem) => {
                warn!(reason = problem.kind(), "{problem}");
                self.intake.problem(Some(&problem.to_string()), now);
            }
        }
        let port = port(&self.source, self.pipeline.status());
        self.intake.port(port, self.pipeline.discarded(), self.pipeline.interval(), now);
    }

    fn decode(&mut self, mut bytes: &[u8], next: Next, now: Moment) {
        let was_well = self.intake.is_well();
        let mut valid_frame = false;
        while let Some(event) = next(&mut self.pipeline, &mut bytes) {
            valid_frame |= event.sent().is_some();
            self.intake.decoded(&event, now);
            if let Outcome::Undecodable(error) | Outcome::Rejected(error, _) = event.outcome {
                log(error.reason(), event.length, &mut self.undecodable);
            }
        }
        if valid_frame {
            self.pipeline.confirm();
        }
        if self.intake.is_well() && !was_well {
            let settings = self.pipeline.status().settings.map(|settings| settings.to_string());
            info!(settings = settings.unwrap_or_default(), "Readings arrive");
        }
    }
}

/// One line a minute for each reason: noise must not fill the journal.
fn log(reason: &'static str, length: usize, undecodable: &mut Repeats<&'static str>) {
    if let Some(suppressed) = undecodable.admit(reason, Instant::now()) {
        warn!(reason, length, suppressed, "Frame yielded no reading");
    }
}

fn port(name: &Arc<str>, status: &Status) -> Port {
    Port {
        name: Arc::clone(name),
        connected: status.connected,
        opens: status.opens,
        open_errors: status.open_errors,
        bytes: status.bytes,
        line_errors: status.line.map(|line| [line.frame, line.parity, line.overrun, line.breaks]),
    }
}
