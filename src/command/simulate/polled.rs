//! A polled meter at an endpoint: it receives and answers at the pace of its serial line.
//!
//! A pseudo-terminal transfers bytes at any speed. Here bytes become garbage in both directions if the reader has other
//! serial settings, as on a line.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::port::{Port, garbage};
use super::{ABSENCE, Error, Fault, Injector, Options};
use crate::simulator::{Responder, Response, paced};
use crate::wire::serial::SerialSettings;

/// A meter at a port.
pub struct PolledMeter {
    responder: Responder,
    port: Port,
    injector: Injector,
    speed: f64,
    /// Responses still to be sent; `None`: without end.
    left: Option<u64>,
    begin: Instant,
    /// When the last byte left the line.
    silent_since: Instant,
}

/// Longer than any request.
const LONGEST: usize = 256;

impl PolledMeter {
    /// A meter that has received nothing yet.
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

    /// Answers requests until all responses are sent.
    pub async fn serve(mut self) -> Result<(), Error> {
        let mut buffer = [0; LONGEST];
        while self.left != Some(0) {
            let receiving = self.port.receive(&mut buffer);
            let received = match self.responder.pause() {
                Some(pause) => timeout_at(self.silent_since + pause, receiving).await.ok(),
                None => Some(receiving.await),
            };
            match received {
                Some(count) => self.receive(&buffer[..count?]).await?,
                None => self.respond().await?,
            }
            self.silent_since = Instant::now();
        }
        Ok(())
    }

    async fn receive(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let line = self.responder.line();
        let is_set_at_first = self.port.is_set(line);
        if self.injector.hits(Fault::Echo) {
            self.port.put(bytes).await?;
        }
        let received = match is_set_at_first & self.is_set_midway(line, bytes.len()).await {
            true => bytes.to_vec(),
            false => garbage(bytes),
        };
        if !self.injector.hits(Fault::Deaf) {
            self.responder.receive(self.moment(), &received);
        }
        Ok(())
    }

    /// Lets bytes arrive; true if the reader has the right settings when half of them have. At the last byte it may have
    /// changed them already, because their beginning may be noticed late.
    async fn is_set_midway(&self, line: SerialSettings, count: usize) -> bool {
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

    async fn respond(&mut self) -> Result<(), Error> {
        let Some(Response { line, bytes, .. }) = self.responder.respond() else { return Ok(()) };
        self.left = self.left.map(|left| left - 1);
        let Some(damaged) = self.injector.damage(self.moment(), bytes) else { return Ok(()) };
        if damaged.unplugged {
            self.port.unplug(paced(ABSENCE, self.speed)).await?;
        }
        self.port.respond(&damaged.bytes, line, self.is_at_pace()).await
    }

    /// The time of the meter since its start.
    fn moment(&self) -> Duration {
        self.begin.elapsed().mul_f64(self.speed)
    }

    fn is_at_pace(&self) -> bool {
        self.speed <= 1.0
    }
}
