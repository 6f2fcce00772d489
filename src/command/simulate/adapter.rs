//! A simulated serial adapter: a pseudo-terminal that can be unplugged, and a link to it.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::sleep;

use super::Error;
use super::announce::announce;
use super::link::Link;
use super::pty::Pty;
use crate::wire::serial::SerialSettings;

/// An adapter, plugged in or not.
pub struct Adapter {
    pty: Option<Pty>,
    link: Option<Link>,
    /// The path last printed.
    announced: PathBuf,
}

impl Adapter {
    /// Plugs an adapter in; with the path of a link to it.
    pub async fn new(link: Option<PathBuf>) -> Result<Self, Error> {
        let mut adapter = Adapter { pty: None, link: link.map(Link::new), announced: PathBuf::new() };
        adapter.plug_in().await?;
        Ok(adapter)
    }

    /// Prepares for a frame.
    pub async fn prepare(&mut self) -> Result<(), Error> {
        match self.pty.as_mut().map(Pty::prepare) {
            Some(Ok(())) => Ok(()),
            // The reader has hung it up, so a new one replaces it.
            _ => self.plug_in().await,
        }
    }

    /// Waits for bytes from a reader. Cancel-safe.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        loop {
            if let Some(pty) = &mut self.pty
                && let Ok(count @ 1..) = pty.receive(buffer).await
            {
                return Ok(count);
            }
            self.plug_in().await?;
        }
    }

    /// Whether the reader has these serial settings.
    pub fn is_set(&self, line: SerialSettings) -> bool {
        self.pty.as_ref().is_some_and(|pty| pty.is_set(line).unwrap_or(false))
    }

    /// Sends bytes to the reader.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self.pty.as_mut().map(|pty| pty.send(bytes)) {
            Some(Ok(())) => Ok(()),
            _ => self.plug_in().await,
        }
    }

    /// Removes the adapter and its link for a while.
    pub async fn unplug(&mut self, absence: Duration) -> Result<(), Error> {
        self.pty = None;
        if let Some(link) = &mut self.link {
            link.remove();
        }
        sleep(absence).await;
        self.plug_in().await
    }

    async fn plug_in(&mut self) -> Result<(), Error> {
        let pty = Pty::open().map_err(Error::Pty)?;
        let place = match &mut self.link {
            Some(link) => {
                let made = link.point(pty.path()).await;
                made.map_err(|error| Error::Link { path: link.path().into(), error })?;
                link.path()
            }
            None => pty.path(),
        };
        if place != self.announced {
            announce(&place.display().to_string()).await;
            self.announced = place.into();
        }
        self.pty = Some(pty);
        Ok(())
    }
}
