//! An accepted connection's socket, and the wrapper that reports what goes through it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream, UnixStream};
use tokio::time::timeout;

use super::activity::Activity;

/// What the kernel keeps of responses that a client has not read, and of requests that the server has not read. It
/// doubles both for its own records, and without them it keeps four megabytes and more for each client that never reads.
/// With half of it, a large answer waits 40 ms for each acknowledgement on the same machine, whose packets are so large.
const SEND_BUFFER: u32 = 64 * 1024;
const RECEIVE_BUFFER: u32 = 32 * 1024;

/// Bounds what the kernel keeps for each connection that a listener accepts; sockets of Unix are bounded by themselves.
pub(super) fn bound_buffers(listener: &TcpSocket) -> io::Result<()> {
    listener.set_send_buffer_size(SEND_BUFFER)?;
    listener.set_recv_buffer_size(RECEIVE_BUFFER)
}

/// A connection over TCP or a Unix socket.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {
    /// Has the kernel drop what the client has not read when the socket is closed, instead of offering it to the client
    /// for minutes.
    fn drop_unread(&self);
}

impl Socket for TcpStream {
    fn drop_unread(&self) {
        // A socket that does not allow it is closed like any other.
        let _ = self.set_zero_linger();
    }
}

impl Socket for UnixStream {
    /// The kernel drops it by itself once the client is gone, and it is little.
    fn drop_unread(&self) {}
}

/// Closes so that the client can still read the last answer: with unread bytes in its buffer the kernel would reset
/// the connection, and the answer would be lost.
pub(super) async fn linger(mut socket: impl AsyncRead + AsyncWrite + Unpin) {
    const LONGEST: Duration = Duration::from_secs(1);
    const MOST: usize = 256 * 1024;
    let drain = async {
        socket.shutdown().await?;
        let mut sink = [0; 512];
        let mut drained = 0;
        while drained < MOST {
            match socket.read(&mut sink).await? {
                0 => break,
                length => drained += length,
            }
        }
        io::Result::Ok(())
    };
    let _ = timeout(LONGEST, drain).await;
}

/// A socket that reports to its connection's activity what is read and how writing goes.
pub(super) struct Observed {
    pub(super) socket: Box<dyn Socket>,
    pub(super) activity: Arc<Activity>,
}

impl Drop for Observed {
    fn drop(&mut self) {
        if self.activity.is_blocked() {
            self.socket.drop_unread();
        }
    }
}

impl AsyncRead for Observed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        match &buffer.filled()[before..] {
            [] => {}
            bytes => self.activity.received(bytes),
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Observed {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        if written.is_pending() {
            self.activity.blocked();
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.activity.flushed();
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
