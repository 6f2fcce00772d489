//! A simulated meter as a stream: frames and responses when they are due.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep_until};

use super::meter::Meter;
use super::responder::Responder;

/// Bytes that wait for the reader. Then the meter waits too.
const BUFFER: usize = 4096;
/// Longer than any request.
const REQUEST: usize = 256;

/// The frames of a meter that pushes, as if from a port. The stream never ends.
pub fn pushed(meter: Meter, speed: f64) -> DuplexStream {
    let (line, reader) = duplex(BUFFER);
    // The task ends when the reader has gone.
    tokio::spawn(push(meter, speed, line));
    reader
}

/// The responses of a polled meter, as if on a port with any serial settings. The stream never ends.
pub fn polled(responder: Responder, speed: f64) -> DuplexStream {
    let (line, reader) = duplex(BUFFER);
    tokio::spawn(respond(responder, speed, line));
    reader
}

/// How long something due at this time of the meter takes at a speed.
pub fn paced(due: Duration, speed: f64) -> Duration {
    due.div_f64(speed)
}

async fn push(mut meter: Meter, speed: f64, mut line: DuplexStream) -> io::Result<()> {
    let begin = Instant::now();
    loop {
        let frame = meter.next();
        sleep_until(begin + paced(frame.due, speed)).await;
        line.write_all(&frame.bytes).await?;
    }
}

async fn respond(mut responder: Responder, speed: f64, mut line: DuplexStream) -> io::Result<()> {
    let begin = Instant::now();
    let mut silent_since = begin;
    let mut buffer = [0; REQUEST];
    loop {
        let response = responder.pause().map(|pause| silent_since + pause);
        tokio::select! {
            biased;
            count = line.read(&mut buffer) => {
                let Some(request @ [_, ..]) = buffer.get(..count?) else { return Ok(()) };
                silent_since = after(silent_since, responder.line().byte(), request.len());
                responder.receive(begin.elapsed().mul_f64(speed), request);
            }
            () = sleep_until(response.unwrap_or(begin)), if response.is_some() => {
                let Some(response) = responder.respond() else { continue };
                silent_since = after(silent_since, response.line.byte(), response.bytes.len());
                line.write_all(&response.bytes).await?;
            },
        }
    }
}

/// When bytes that are sent now have left the line.
fn after(silent_since: Instant, byte: Duration, count: usize) -> Instant {
    silent_since.max(Instant::now()) + byte * u32::try_from(count).unwrap_or(u32::MAX)
}
