//! A polled meter as a stream in both directions: each response when it is due.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::responder::Responder;

/// A polled meter, as if on a port with any serial settings. The stream never ends.
pub struct PolledStream {
    responder: Responder,
    speed: f64,
    begin: Option<Instant>,
    /// When the last byte of either side has left the line.
    silent_since: Instant,
    bytes: Vec<u8>,
    taken: usize,
    due: Option<Pin<Box<Sleep>>>,
    /// The task that waits for a response. A new request may bring it sooner.
    reader: Option<Waker>,
}

impl PolledStream {
    pub(super) fn new(responder: Responder, speed: f64) -> Self {
        PolledStream {
            responder,
            speed,
            begin: None,
            silent_since: Instant::now(),
            bytes: Vec::new(),
            taken: 0,
            due: None,
            reader: None,
        }
    }

    /// Accounts for the time that bytes take on a line: the meter does not have them before.
    fn occupy(&mut self, byte: Duration, count: usize) {
        let time = byte * u32::try_from(count).unwrap_or(u32::MAX);
        self.silent_since = self.silent_since.max(Instant::now()) + time;
        self.due = None;
    }

    /// Waits for the next response.
    fn poll_response(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.reader = Some(context.waker().clone());
        let Some(pause) = self.responder.pause() else { return Poll::Pending };
        let moment = self.silent_since + pause;
        let due = self.due.get_or_insert_with(|| Box::pin(sleep_until(moment)));
        ready!(due.as_mut().poll(context));
        if let Some(response) = self.responder.respond() {
            self.occupy(response.line.byte(), response.bytes.len());
            (self.bytes, self.taken) = (response.bytes, 0);
        }
        Poll::Ready(())
    }
}

impl AsyncRead for PolledStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.begin.get_or_insert_with(Instant::now);
        while self.taken == self.bytes.len() {
            ready!(self.poll_response(context));
        }
        let rest = &self.bytes[self.taken..];
        let count = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..count]);
        self.taken += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PolledStream {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let begin = *self.begin.get_or_insert_with(Instant::now);
        let byte = self.responder.line().byte();
        self.occupy(byte, bytes.len());
        let moment = begin.elapsed().mul_f64(self.speed);
        self.responder.receive(moment, bytes);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
