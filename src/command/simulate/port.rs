//! The endpoint of a simulated meter, opened.

use std::time::Duration;

use tokio::io::{AsyncWriteExt, Stdout};
use tokio::time::{Instant, sleep_until};

use super::adapter::Adapter;
use super::announce::announce;
use super::tcp::Tcp;
use super::{Endpoint, Error};
use crate::wire::serial::SerialSettings;

/// An open endpoint.
pub enum Port {
    /// A pseudo-terminal.
    Pty(Adapter),
    /// A listening socket.
    Tcp(Tcp),
    /// Standard output.
    Stdout(Stdout),
}

impl Port {
    /// Opens an endpoint and prints where it is.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, Error> {
        match endpoint {
            Endpoint::Pty { link } => Adapter::new(link.clone()).await.map(Port::Pty),
            Endpoint::Tcp(address) => {
                let listen = |error| Error::Listen { address: address.clone(), error };
                let tcp = Tcp::listen(address).await.map_err(listen)?;
                announce(&format!("tcp://{}", tcp.address().map_err(listen)?)).await;
                Ok(Port::Tcp(tcp))
            }
            Endpoint::Stdout => Ok(Port::Stdout(tokio::io::stdout())),
        }
    }

    /// Waits. Readers may connect meanwhile.
    pub async fn wait_until(&mut self, moment: Instant) {
        match self {
            Port::Tcp(tcp) => tcp.wait_until(moment).await,
            Port::Pty(_) | Port::Stdout(_) => sleep_until(moment).await,
        }
    }

    /// Sends a frame, at the pace of a serial line if one is given. Over a socket it is sent at once, because a network
    /// adapter would have buffered it.
    pub async fn send(&mut self, bytes: &[u8], line: Option<SerialSettings>) -> Result<(), Error> {
        self.transmit(bytes, line, None).await
    }

    /// Sends a response. It arrives as garbage if the reader has other serial settings.
    pub async fn respond(&mut self, bytes: &[u8], line: SerialSettings, at_pace: bool) -> Result<(), Error> {
        self.transmit(bytes, at_pace.then_some(line), Some(line)).await
    }

    /// Sends bytes at once.
    pub async fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Port::Pty(adapter) => adapter.send(bytes).await,
            Port::Tcp(tcp) => {
                tcp.send(bytes);
                Ok(())
            }
            Port::Stdout(stdout) => {
                stdout.write_all(bytes).await.map_err(Error::Stdout)?;
                stdout.flush().await.map_err(Error::Stdout)
            }
        }
    }

    /// Waits for bytes from a reader. Cancel-safe.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        match self {
            Port::Pty(adapter) => adapter.receive(buffer).await,
            Port::Tcp(tcp) => Ok(tcp.receive(buffer).await),
            Port::Stdout(_) => std::future::pending().await,
        }
    }

    /// Whether the reader has these serial settings. Over a network it always has.
    pub fn is_set(&self, line: SerialSettings) -> bool {
        match self {
            Port::Pty(adapter) => adapter.is_set(line),
            Port::Tcp(_) | Port::Stdout(_) => true,
        }
    }

    async fn transmit(
        &mut self,
        bytes: &[u8],
        pace: Option<SerialSettings>,
        required: Option<SerialSettings>,
    ) -> Result<(), Error> {
        if let Port::Pty(adapter) = self {
            adapter.prepare().await?;
        }
        let pace = pace.filter(|_| !matches!(self, Port::Tcp(_)));
        let length = pace.map_or(bytes.len().max(1), piece);
        let mut due = Instant::now();
        for piece in bytes.chunks(length) {
            if let Some(line) = pace {
                due += line.byte() * length as u32;
                sleep_until(due).await;
            }
            match required.is_none_or(|line| self.is_set(line)) {
                true => self.put(piece).await?,
                false => self.put(&garbage(piece)).await?,
            }
        }
        Ok(())
    }

    /// Unplugs the meter for a while. Readers of a socket are disconnected and can reconnect at once.
    pub async fn unplug(&mut self, absence: Duration) -> Result<(), Error> {
        match self {
            Port::Pty(adapter) => return adapter.unplug(absence).await,
            Port::Tcp(tcp) => tcp.hang_up(),
            Port::Stdout(_) => {}
        }
        Ok(())
    }
}

/// What bytes become on a line whose ends have different serial settings.
pub fn garbage(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte.rotate_left(3) ^ 0xA5).collect()
}

/// How many bytes are sent together: no more than an adapter would, and no fewer than arrive in a millisecond.
fn piece(line: SerialSettings) -> usize {
    const LEAST: u128 = 4;
    (1_000_000 / line.byte().as_nanos()).max(LEAST) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::serial::Parity;

    #[tokio::test(start_paused = true)]
    async fn bytes_leave_at_the_pace_of_the_line_if_one_is_given() {
        let mut port = Port::open(&Endpoint::Pty { link: None }).await.unwrap();
        let begin = Instant::now();
        port.send(&[0x55; 218], None).await.unwrap();
        assert_eq!(begin.elapsed(), Duration::ZERO);
        let p1 = SerialSettings::new(115_200, 8, Parity::None);
        // 218 bytes of eleven bits a second, 11,520 of ten.
        for (line, bytes, due) in [(SerialSettings::HAN, 218, 1000), (p1, 11_520, 1000), (p1, 1440, 125)] {
            let begin = Instant::now();
            port.send(&vec![0x55; bytes], Some(line)).await.unwrap();
            let taken = begin.elapsed().as_millis();
            assert!((due - 10..due + 30).contains(&taken), "{bytes} at {line}: {taken} ms");
        }
    }
}
