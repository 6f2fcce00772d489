//! One accepted connection, over TCP or a Unix socket, and the wrapper that watches it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Sleep, sleep, timeout};

use super::link::Link;

#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// Turns a client away in one packet, without ever waiting for it.
    pub(super) fn refuse(self) {
        const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 43\r\n\r\nToo many connections open, try again later.";
        let _ = match self {
            Stream::Tcp(stream) => stream.try_write(BUSY),
            Stream::Unix(stream) => stream.try_write(BUSY),
        };
    }

    /// Closes so that the client can still read the last answer: bytes nobody took would make the kernel
    /// throw it away with a reset.
    pub(super) async fn linger(mut self) {
        const LONGEST: Duration = Duration::from_secs(1);
        const MOST: usize = 256 * 1024;
        let drain = async {
            self.shutdown().await?;
            let mut sink = [0; 512];
            let mut drained = 0;
            while drained < MOST {
                match self.read(&mut sink).await? {
                    0 => break,
                    length => drained += length,
                }
            }
            io::Result::Ok(())
        };
        let _ = timeout(LONGEST, drain).await;
    }
}

/// Hands a call on to whichever socket it is.
macro_rules! either {
    ($stream:expr, $pinned:ident => $call:expr) => {
        match $stream.get_mut() {
            Stream::Tcp(socket) => {
                let $pinned = Pin::new(socket);
                $call
            }
            Stream::Unix(socket) => {
                let $pinned = Pin::new(socket);
                $call
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self, socket => socket.poll_read(context, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, socket => socket.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, socket => socket.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => socket.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, socket => socket.poll_shutdown(context))
    }
}

/// A stream that reports to its link and gives up on a reader who never takes the answer.
pub(super) struct Watched {
    stream: Stream,
    first: Vec<u8>,
    link: Arc<Link>,
    answer: Duration,
    blocked: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    /// Watches a stream whose `first` bytes have been read already.
    pub(super) fn new(stream: Stream, first: Vec<u8>, link: Arc<Link>, answer: Duration) -> Self {
        Self { stream, first, link, answer, blocked: None }
    }

    /// Gives the stream back, and those of the first bytes that nobody read.
    pub(super) fn into_parts(self) -> (Stream, Vec<u8>) {
        (self.stream, self.first)
    }

    /// Starts the answer's time at the first write that blocks; it ends when all has left.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let answer = self.answer;
        let deadline = self.blocked.get_or_insert_with(|| Box::pin(sleep(answer)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.first.is_empty() {
            let length = this.first.len().min(buffer.remaining());
            buffer.put_slice(&this.first[..length]);
            this.first.drain(..length);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let result = ready!(Pin::new(&mut this.stream).poll_read(context, buffer));
        if buffer.filled().len() > before {
            this.link.received();
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write_vectored(context, slices) {
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => this.poll_patience(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.blocked = None;
        this.link.flushed();
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
