//! A meter that is asked, plugged in: hears at the pace of its line, and answers at it.
//!
//! A pseudo-terminal carries bytes at any speed. Here what is sent at a speed that the other side has not set arrives
//! as garbage, in both directions, as on a line.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::port::{Port, garbage};
use super::{ABSENCE, Error, Fault, Injector, Options};
use crate::simulator::{Responder, Response, paced};
use crate::source::SerialSettings;

/// A meter, and what it is plugged into.
pub struct PolledMeter {
    responder: Responder,
    port: Port,
    injector: Injector,
    speed: f64,
    /// Answers still to be given; without a number, for ever.
    left: Option<u64>,
    begin: Instant,
    /// When the last byte left the line.
    silent_since: Instant,
}

/// More than any request has.
const ROOM: usize = 256;

impl PolledMeter {
    /// Nobody has spoken yet.
    pub fn new(responder: Responder, options: Options, port: Port) -> Self {
        let now = Instant::now();
        PolledMeter {
            responder,
            port,
            speed: options.meter.speed(),
            injector: Injector::new(options.faults, options.meter.seed()),
            left: options.count,
            begin: now,
            silent_since: now,
        }
    }

    /// Answers until so many answers were given as wished.
    pub async fn hold(mut self) -> Result<(), Error> {
        let mut buffer = [0; ROOM];
        while self.left != Some(0) {
            let receiving = self.port.receive(&mut buffer);
            let heard = match self.responder.pause() {
                Some(pause) => timeout_at(self.silent_since + pause, receiving).await.ok(),
                None => Some(receiving.await),
            };
            match heard {
                Some(count) => self.hear(&buffer[..count?]).await?,
                None => self.speak().await?,
            }
            self.silent_since = Instant::now();
        }
        Ok(())
    }

    async fn hear(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let line = self.responder.line();
        let begins_right = self.port.is_set(line);
        if self.injector.hits(Fault::Echo) {
            self.port.put(bytes).await?;
        }
        let heard = match begins_right & self.goes_on_right(line, bytes.len()).await {
            true => bytes.to_vec(),
            false => garbage(bytes),
        };
        if !self.injector.hits(Fault::Deaf) {
            self.responder.hear(self.moment(), &heard);
        }
        Ok(())
    }

    /// Lets bytes arrive; whether the reader's line is set right when half of them have come. When the last one has, it
    /// may have changed already: the meter may have been told late that they began.
    async fn goes_on_right(&self, line: SerialSettings, count: usize) -> bool {
        if !self.is_at_pace() {
            return true;
        }
        let time = line.byte() * u32::try_from(count).unwrap_or_default();
        let ends = Instant::now() + time;
        sleep_until(ends - time / 2).await;
        let is_right = self.port.is_set(line);
        sleep_until(ends).await;
        is_right
    }

    async fn speak(&mut self) -> Result<(), Error> {
        let Some(Response { line, bytes, .. }) = self.responder.answer() else { return Ok(()) };
        self.left = self.left.map(|left| left - 1);
        let Some(struck) = self.injector.strike(self.moment(), bytes) else { return Ok(()) };
        if struck.unplugged {
            self.port.unplug(paced(ABSENCE, self.speed)).await?;
        }
        self.port.answer(&struck.bytes, line, self.is_at_pace()).await
    }

    /// The meter's own time.
    fn moment(&self) -> Duration {
        self.begin.elapsed().mul_f64(self.speed)
    }

    fn is_at_pace(&self) -> bool {
        self.speed <= 1.0
    }
}
