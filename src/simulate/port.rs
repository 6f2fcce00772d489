//! Where the simulated meter is plugged in.

use std::time::Duration;

use tokio::io::{AsyncWriteExt, Stdout};
use tokio::time::{Instant, sleep_until};

use super::adapter::Adapter;
use super::tcp::Tcp;
use super::{Error, Outlet};
use crate::source::simulated::OCTET;

/// An outlet in use.
pub enum Port {
    /// A pseudo-terminal.
    Pty(Adapter),
    /// A listening socket.
    Tcp(Tcp),
    /// Standard output.
    Stdout(Stdout),
}

impl Port {
    /// Opens it and tells on standard output where it is.
    pub async fn open(outlet: &Outlet) -> Result<Self, Error> {
        match outlet {
            Outlet::Pty { link } => Adapter::new(link.clone()).await.map(Port::Pty),
            Outlet::Tcp(address) => {
                let listen = |error| Error::Listen { address: address.clone(), error };
                let tcp = Tcp::listen(address).await.map_err(listen)?;
                announce(&format!("tcp://{}", tcp.address().map_err(listen)?)).await;
                Ok(Port::Tcp(tcp))
            }
            Outlet::Stdout => Ok(Port::Stdout(tokio::io::stdout())),
        }
    }

    /// Waits; meanwhile readers may connect.
    pub async fn wait_until(&mut self, moment: Instant) {
        match self {
            Port::Tcp(tcp) => tcp.wait_until(moment).await,
            Port::Pty(_) | Port::Stdout(_) => sleep_until(moment).await,
        }
    }

    /// Sends a frame, at the pace of a meter's line if asked to. A socket gets it at once: a bridge has buffered it.
    pub async fn send(&mut self, octets: &[u8], at_line_pace: bool) -> Result<(), Error> {
        /// As many as an adapter hands on together, or fewer.
        const PIECE: usize = 4;
        match self {
            Port::Tcp(tcp) => {
                tcp.send(octets);
                return Ok(());
            }
            Port::Pty(adapter) => adapter.prepare().await?,
            Port::Stdout(_) => {}
        }
        if !at_line_pace {
            return self.put(octets).await;
        }
        let mut due = Instant::now();
        for piece in octets.chunks(PIECE) {
            due += OCTET * PIECE as u32;
            sleep_until(due).await;
            self.put(piece).await?;
        }
        Ok(())
    }

    /// Takes the plug out, waits, and puts it in again. Whoever is connected to a socket can come back at once.
    pub async fn unplug(&mut self, absence: Duration) -> Result<(), Error> {
        match self {
            Port::Pty(adapter) => return adapter.unplug(absence).await,
            Port::Tcp(tcp) => tcp.hang_up(),
            Port::Stdout(_) => {}
        }
        Ok(())
    }

    async fn put(&mut self, octets: &[u8]) -> Result<(), Error> {
        match self {
            Port::Pty(adapter) => adapter.send(octets).await,
            Port::Tcp(_) => Ok(()),
            Port::Stdout(stdout) => {
                stdout.write_all(octets).await.map_err(Error::Stdout)?;
                stdout.flush().await.map_err(Error::Stdout)
            }
        }
    }
}

/// Tells a place on standard output. Whether anybody reads it does not matter to the meter.
pub async fn announce(place: &str) {
    let mut stdout = tokio::io::stdout();
    let _ = stdout.write_all(format!("{place}\n").as_bytes()).await;
    let _ = stdout.flush().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn octets_leave_at_the_pace_of_the_line_if_asked_to() {
        let mut port = Port::open(&Outlet::Pty { link: None }).await.unwrap();
        let begin = Instant::now();
        port.send(&[0x55; 218], false).await.unwrap();
        assert_eq!(begin.elapsed(), Duration::ZERO);
        port.send(&[0x55; 218], true).await.unwrap();
        // 2400 baud are 218 octets of eleven bits a second.
        let taken = begin.elapsed();
        assert!((990..1030).contains(&taken.as_millis()), "{taken:?}");
    }
}
