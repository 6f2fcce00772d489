//! Connects to a network adapter (ser2net, an ESP).

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::{Duration, timeout};

use super::Timing;
use crate::platform::runtime;

/// A network adapter, and the pause between attempts to connect to it.
pub struct Dialer {
    host: String,
    port: u16,
    /// Survives a cancelled call. Otherwise a caller that cancels every second would never be connected.
    attempt: Option<Attempt>,
    pause: Duration,
}

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

impl Dialer {
    /// An adapter that is to be connected to.
    pub fn new(host: String, port: u16) -> Self {
        Self { host, port, attempt: None, pause: Duration::ZERO }
    }

    /// Connects. Cancel-safe.
    pub async fn connect(&mut self, timing: &Timing) -> io::Result<TcpStream> {
        let attempt = self
            .attempt
            .get_or_insert_with(|| Box::pin(connect_within(self.host.clone(), self.port, timing.connect)));
        let stream = attempt.await;
        self.attempt = None;
        stream
    }

    /// Time until the next attempt: twice the last pause, within limits.
    pub fn back_off(&mut self, timing: &Timing) -> Duration {
        self.pause = (self.pause * 2).clamp(timing.retry, timing.backoff.max(timing.retry));
        self.pause
    }

    /// Call for a valid frame: the next failure is the first again. Bytes alone prove nothing: a peer may send some and
    /// close each connection.
    pub fn relax(&mut self) {
        self.pause = Duration::ZERO;
    }
}

async fn connect_within(host: String, port: u16, limit: Duration) -> io::Result<TcpStream> {
    let late = || io::Error::other(format!("no response within {} s", limit.as_secs_f64().ceil()));
    timeout(limit, connect_any(&host, port)).await.unwrap_or_else(|_| Err(late()))
}

async fn connect_any(host: &str, port: u16) -> io::Result<TcpStream> {
    // Checked before the lookup of the name, which would fail with a message that misleads.
    if TcpSocket::new_v4().is_err_and(|error| error.raw_os_error() == Some(libc::EAFNOSUPPORT)) {
        return Err(io::Error::other("this service has no network; start han-exporter-network instead"));
    }
    if host.parse::<IpAddr>().is_err() {
        runtime::check_thread()?;
    }
    let mut outcome = Err(io::Error::other("the name has no address"));
    for address in lookup_host((host, port)).await? {
        outcome = connect_to(address).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

async fn connect_to(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_keepalive(true)?;
    socket.connect(address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit_until_a_frame_arrives() {
        let timing = Timing::default();
        let mut dialer = Dialer::new("h".into(), 1);
        let pauses = [(); 7].map(|()| dialer.back_off(&timing).as_secs());
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        dialer.relax();
        assert_eq!(dialer.back_off(&timing).as_secs(), 1);
    }
}
