//! Reads one meter for ever: bytes from its link, events from the decoder, all into the snapshot.

use std::time::{Instant, SystemTime};

use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::config;
use crate::decoder::{Decoder, Error, Event as Decoded, Outcome};
use crate::hub::snapshot::{Port, Snapshot};
use crate::pipeline::Pipeline;
use crate::platform::heartbeat::Heartbeat;
use crate::platform::log::Repeats;
use crate::source::{Event, Link, Status, Timing};
use crate::wire::dlms::cipher::Cipher;

/// More than a frame of full length; a burst that waited in the kernel is taken in few reads.
const BUFFER: usize = 4096;

/// Reads until the task is stopped.
pub async fn read(
    config: config::Meter,
    snapshot: watch::Sender<Snapshot>,
    news: watch::Sender<()>,
    mut heartbeat: Heartbeat,
) {
    let decoder = Decoder::new(config.settings.decoder.settings(), Cipher::new(&config.keys));
    let mut reader = Reader {
        talk: Pipeline::new(Link::new(config.source, Timing::default()), decoder),
        snapshot,
        news,
        refusals: Repeats::per_minute(),
        well: false,
        opens: 0,
    };
    let mut buffer = vec![0; BUFFER];
    loop {
        tokio::select! {
            event = reader.talk.next(&mut buffer) => reader.handle(event, &buffer),
            () = heartbeat.due() => {}
        }
        heartbeat.beat();
    }
}

struct Reader {
    talk: Pipeline,
    snapshot: watch::Sender<Snapshot>,
    news: watch::Sender<()>,
    refusals: Repeats<&'static str>,
    /// Whether the last thing heard of was a reading.
    well: bool,
    /// How often the link had been opened when it was last heard.
    opens: u64,
}

impl Reader {
    fn handle(&mut self, event: Event, buffer: &[u8]) {
        let opens = self.talk.status().opens;
        if std::mem::replace(&mut self.opens, opens) != opens {
            self.talk.restart();
        }
        match event {
            Event::Bytes(count) => self.take(buffer.get(..count).unwrap_or_default()),
            Event::Idle => self.pause(false),
            Event::Ended => {
                self.pause(true);
                if self.opens > 0 {
                    info!("The source is at its end; the last values stay until they are too old");
                }
            }
            Event::Opened(name) => {
                info!(source = name, "Reading");
                self.snapshot.send_modify(|snapshot| {
                    snapshot.port.name = name;
                    snapshot.port.trouble = None;
                });
            }
            Event::Trying(settings) => {
                self.talk.restart();
                debug!(%settings, "Trying other line settings");
            }
            Event::Problem(trouble) => {
                warn!(reason = trouble.kind(), "{trouble}");
                self.well = false;
                self.snapshot.send_modify(|snapshot| snapshot.port.trouble = Some(trouble.to_string()));
                self.news.send_replace(());
            }
        }
        let (status, interval) = (self.talk.status(), self.talk.interval());
        self.snapshot.send_modify(|snapshot| {
            show(status, &mut snapshot.port);
            snapshot.interval = interval;
        });
    }

    fn take(&mut self, mut bytes: &[u8]) {
        let mut heard = Heard::default();
        let Reader { talk, snapshot, refusals, .. } = self;
        snapshot.send_modify(|snapshot| {
            while let Some(event) = talk.feed(&mut bytes) {
                heard.note(&event, snapshot, refusals);
            }
            snapshot.counts.discarded = talk.discarded();
        });
        self.conclude(heard);
    }

    fn pause(&mut self, last: bool) {
        let mut heard = Heard::default();
        let Reader { talk, snapshot, refusals, .. } = self;
        snapshot.send_modify(|snapshot| {
            while let Some(event) = if last { talk.finish() } else { talk.idle() } {
                heard.note(&event, snapshot, refusals);
            }
            snapshot.counts.discarded = talk.discarded();
        });
        self.conclude(heard);
    }

    fn conclude(&mut self, heard: Heard) {
        if heard.good_frame {
            self.talk.confirm();
        }
        if heard.reading && !self.well {
            self.well = true;
            let settings =
                self.talk.status().settings.map(|settings| settings.to_string()).unwrap_or_default();
            self.snapshot.send_modify(|snapshot| snapshot.port.trouble = None);
            info!(settings, "Readings arrive");
            self.news.send_replace(());
        }
    }
}

/// What a stretch of bytes came to.
#[derive(Default)]
struct Heard {
    good_frame: bool,
    reading: bool,
}

impl Heard {
    fn note(&mut self, event: &Decoded<'_>, snapshot: &mut Snapshot, refusals: &mut Repeats<&'static str>) {
        let now = Instant::now();
        snapshot.absorb(event, now, SystemTime::now());
        self.good_frame |= event.frame.is_some();
        match event.outcome {
            Outcome::Reading { .. } => self.reading = true,
            Outcome::Fragment => {}
            Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
                log(error, event.length, refusals, now)
            }
        }
    }
}

/// A line a minute for each reason: noise must not fill the journal.
fn log(error: Error, length: usize, refusals: &mut Repeats<&'static str>, now: Instant) {
    let reason = error.reason();
    if let Some(suppressed) = refusals.admit(reason, now) {
        warn!(reason, length, suppressed, "Frame refused");
    }
}

fn show(status: &Status, port: &mut Port) {
    port.connected = status.connected;
    port.opens = status.opens;
    port.open_errors = status.open_errors;
    port.bytes = status.bytes;
    port.line_errors = status.line.map(|line| [line.frame, line.parity, line.overrun, line.breaks]);
}
