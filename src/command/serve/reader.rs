//! Reads one meter indefinitely: bytes from its source, events from the pipeline, all of them into the hub.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::yield_now;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info};

use super::stall::{self, Stall};
use crate::config;
use crate::decoder::{Decoder, Outcome};
use crate::hub::{BootTime, Intake, Limits, Moment, Port, Trouble};
use crate::pipeline::{Next, Pipeline};
use crate::platform::heartbeat::Heartbeat;
use crate::platform::log::Repeats;
use crate::source::{Event, Link, Source, Status, Timing};
use crate::wire::dlms::cipher::Cipher;
use crate::wire::dlms::wipe::wipe_stack;

/// More than the longest frame; a burst that waited in the kernel is taken in few reads.
const BUFFER: usize = 4096;
/// How long one meter is decoded before others, and scrapes, get their turn. There is one thread, and a flooded line
/// always has more.
const TURN: Duration = Duration::from_millis(2);

/// Reads until the task is stopped. `limits` say how long the meter's identity is kept.
pub async fn read(config: config::Meter, limits: Limits, intake: Intake, mut heartbeat: Heartbeat) {
    let decoder = Decoder::new(config.settings.decoder.settings, Cipher::default());
    // The bytes of a file are always there.
    let is_live = !matches!(config.source, Source::File { .. } | Source::Stdin);
    let link = Link::new(config.source, Timing::default());
    let mut pipeline = Pipeline::new(link, decoder).with_identity_kept_for(limits.register);
    // Only now, because the decoder is large: moved with a key, it would leave copies of it far down the stack.
    pipeline.decrypt_with(&config.keys);
    wipe_stack();
    let mut reader = MeterReader {
        pipeline,
        stall: Stall::new(BootTime::now()),
        is_live,
        intake,
        lost: Lost { details: Repeats::per_minute(), oddities: Repeats::per_hour() },
        source: Arc::default(),
        turn: Instant::now(),
    };
    let mut buffer = vec![0; BUFFER];
    let mut turns = interval(stall::TURN);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let event = tokio::select! {
            event = reader.pipeline.next(&mut buffer) => Some(event),
            _ = turns.tick() => None,
            () = heartbeat.due() => None,
        };
        reader.examine(event, &buffer, Moment::now()).await;
        heartbeat.beat();
    }
}

struct MeterReader {
    pipeline: Pipeline,
    intake: Intake,
    stall: Stall,
    /// Whether its bytes lose their meaning while they wait.
    is_live: bool,
    lost: Lost,
    /// The name of the source with the settings in force, once it was opened.
    source: Arc<str>,
    /// When its turn began.
    turn: Instant,
}

impl MeterReader {
    async fn examine(&mut self, event: Option<Event>, buffer: &[u8], now: Moment) {
        if let Some(stood) = self.stall.turn(now.boot).filter(|_| self.is_live) {
            info!(
                seconds = stood.as_secs(),
                "The reader stood still; what the meter sent meanwhile is discarded"
            );
            self.pipeline.resume();
        }
        if let Some(event) = event {
            self.handle(event, buffer, now).await;
        }
    }

    async fn handle(&mut self, event: Event, buffer: &[u8], now: Moment) {
        match event {
            Event::Bytes(_) if self.is_live && self.stall.is_settling(now.boot) => self.pipeline.resume(),
            Event::Bytes(count) => {
                self.decode(buffer.get(..count).unwrap_or_default(), Pipeline::feed, now).await
            }
            Event::Idle => self.decode(&[], |pipeline, _| pipeline.idle(), now).await,
            Event::Ended => {
                self.decode(&[], |pipeline, _| pipeline.finish(), now).await;
                if self.pipeline.status().opens > 0 {
                    info!("The source has ended; the last values are shown until they are too old");
                }
            }
            Event::Opened(name) => {
                info!(source = name, "Source opened");
                self.source = name.into();
                self.intake.problem(None, now);
            }
            Event::Trying(settings) => {
                debug!(%settings, "Trying other serial settings");
                let port = self.pipeline.status().name.as_deref().unwrap_or_default();
                self.source = format!("{port} at {settings}").into();
            }
            // The hub's outlets say it, the log among them.
            Event::Problem(problem) => {
                self.intake.problem(Some(Trouble::of_source(problem.kind(), &problem.to_string())), now);
            }
        }
        let port = port(&self.source, self.pipeline.status());
        self.intake.port(port, self.pipeline.discarded(), self.pipeline.interval(), now);
    }

    async fn decode(&mut self, mut bytes: &[u8], next: Next, now: Moment) {
        let mut valid_frame = false;
        while let Some(event) = next(&mut self.pipeline, &mut bytes) {
            valid_frame |= event.sent().is_some();
            self.intake.decoded(&event, now);
            if let Outcome::Undecodable(error) | Outcome::Rejected(error, _) = event.outcome {
                self.lost.log(error.reason(), event.length, self.intake.is_well());
            }
            self.share().await;
        }
        // Garbage gives no events.
        self.share().await;
        if valid_frame {
            self.pipeline.confirm();
        }
        if self.intake.requests_another() {
            self.pipeline.poll_again();
        }
    }

    async fn share(&mut self) {
        if self.turn.elapsed() >= TURN {
            yield_now().await;
            self.turn = Instant::now();
        }
    }
}

/// Frames that yielded no reading. Noise must not fill the journal.
struct Lost {
    details: Repeats<&'static str>,
    oddities: Repeats<&'static str>,
}

impl Lost {
    /// Without readings it is a detail of what is wrong, and an outlet says that. Beside them it is an oddity, of which no
    /// other line tells.
    fn log(&mut self, reason: &'static str, length: usize, beside_readings: bool) {
        let now = Instant::now();
        if !beside_readings {
            if let Some(suppressed) = self.details.admit(reason, now) {
                debug!(reason, length, suppressed, "Frame yielded no reading");
            }
        } else if let Some(suppressed) = self.oddities.admit(reason, now) {
            info!(reason, length, suppressed, "Frame yielded no reading");
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::time::sleep;

    use super::*;
    use crate::config::{DecoderArgs, MeterSettings};
    use crate::hub::{Hub, Meter, MeterName};
    use crate::outlet::log::{Line, report};

    #[tokio::test(start_paused = true)]
    async fn a_readout_is_repeated_once_and_at_once_because_it_counts_when_a_second_one_agrees() {
        for name in ["zmd120", "2wr5", "kamstrup-iec"] {
            let (hub, lines) = (Hub::default(), Arc::new(Mutex::new(Vec::new())));
            let said = Arc::clone(&lines);
            let log =
                tokio::spawn(report(hub.clone(), move |_, line| said.lock().unwrap().push(line.clone())));
            hub.set_meters(vec![Meter::default()]);
            let intake = Intake::new(hub.clone(), MeterName::default());
            let reader = tokio::spawn(read(meter(name), Limits::default(), intake, Heartbeat::default()));
            // At 300 baud one readout takes up to ten seconds.
            sleep(Duration::from_secs(25)).await;
            let state = hub.state();
            let known = || state.current(BootTime::now()).next().unwrap();
            assert_eq!(known().trouble(), None, "{name}");
            assert!(known().published().count() > 1, "{name}");
            assert!(matches!(lines.lock().unwrap()[..], [Line::Well(_)]), "{name}: {lines:?}");
            // The next poll cycle comes a minute after the second one began.
            sleep(Duration::from_secs(30)).await;
            let state = hub.state();
            assert_eq!(state.current(BootTime::now()).next().unwrap().counts().frames, 2, "{name}");
            reader.abort();
            log.abort();
        }
    }

    fn meter(name: &str) -> config::Meter {
        let decoder = DecoderArgs { settings: Default::default() };
        config::Meter {
            name: None,
            source: format!("sim:{name}").parse().unwrap(),
            keys: Arc::default(),
            settings: MeterSettings { decoder, max_age: Limits::default().instant },
        }
    }

    #[tokio::test]
    async fn others_get_their_turn_while_a_flood_is_decoded() {
        let link = Link::new("file:/dev/null".parse().unwrap(), Timing::default());
        let mut reader = MeterReader {
            stall: Stall::new(BootTime::now()),
            is_live: true,
            pipeline: Pipeline::new(link, Decoder::default()),
            intake: Intake::new(Hub::default(), "".into()),
            lost: Lost { details: Repeats::per_minute(), oddities: Repeats::per_hour() },
            source: Arc::default(),
            turn: Instant::now(),
        };
        let turns = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&turns);
        let other = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
        });
        // Neither a failed start nor noise is an event that is worth waiting for.
        let heads = b"\x7E\xA7\xFF\x01\x02\x01\x10".repeat(100);
        for flood in [&heads[..], &[0; 700]] {
            let before = turns.load(Ordering::Relaxed);
            reader.turn = Instant::now().checked_sub(TURN).expect("a clock that runs");
            reader.decode(flood, Pipeline::feed, Moment::now()).await;
            assert!(turns.load(Ordering::Relaxed) > before);
        }
        other.abort();
    }
}
