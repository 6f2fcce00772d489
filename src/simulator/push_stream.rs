//! A meter that pushes as a stream: each frame when it is due.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::meter::Meter;

/// The bytes of a meter, as if from a port. The stream never ends.
pub struct PushStream {
    meter: Meter,
    speed: f64,
    bytes: Vec<u8>,
    taken: usize,
    begin: Option<Instant>,
    due: Option<Pin<Box<Sleep>>>,
}

impl PushStream {
    pub(super) fn new(meter: Meter, speed: f64) -> Self {
        PushStream { meter, speed, bytes: Vec::new(), taken: 0, begin: None, due: None }
    }

    fn load(&mut self) {
        let frame = self.meter.next();
        let begin = *self.begin.get_or_insert_with(Instant::now);
        self.bytes = frame.bytes;
        self.taken = 0;
        self.due = Some(Box::pin(sleep_until(begin + paced(frame.due, self.speed))));
    }
}

/// How long something due at this time of the meter takes at a speed.
pub fn paced(due: Duration, speed: f64) -> Duration {
    due.div_f64(speed)
}

impl AsyncRead for PushStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.taken == self.bytes.len() {
            self.load();
        }
        if let Some(due) = &mut self.due {
            ready!(due.as_mut().poll(context));
            self.due = None;
        }
        let rest = &self.bytes[self.taken..];
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..count]);
        self.taken += count;
        Poll::Ready(Ok(()))
    }
}
