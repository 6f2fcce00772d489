//! The simulated serial adapter: a pseudo-terminal that can be unplugged, and the link that leads to it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use super::Error;
use super::link::Link;
use super::port::announce;
use super::pty::Pty;
use crate::source::SerialSettings;

/// An adapter, plugged in or not.
pub struct Adapter {
    pty: Option<Pty>,
    link: Option<Link>,
    /// The place last told on standard output.
    told: PathBuf,
}

impl Adapter {
    /// Plugs one in. With a link, that is where it is to be found.
    pub async fn new(link: Option<PathBuf>) -> Result<Self, Error> {
        let mut adapter = Adapter { pty: None, link: link.map(Link::new), told: PathBuf::new() };
        adapter.plug_in().await?;
        Ok(adapter)
    }

    /// Makes the line ready for a frame.
    pub async fn prepare(&mut self) -> Result<(), Error> {
        match self.pty.as_mut().map(Pty::prepare) {
            Some(Ok(())) => Ok(()),
            // Somebody has hung it up from the other side: a new one it is.
            _ => self.plug_in().await,
        }
    }

    /// Waits for bytes that a reader sends. Cancel-safe.
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

    /// Whether the reader has set its line so.
    pub fn is_set(&self, line: SerialSettings) -> bool {
        self.pty.as_ref().is_some_and(|pty| pty.is_set(line).unwrap_or(false))
    }

    /// Sends bytes to whoever reads.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self.pty.as_mut().map(|pty| pty.send(bytes)) {
            Some(Ok(())) => Ok(()),
            _ => self.plug_in().await,
        }
    }

    /// Is absent for a while, and its link with it.
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
        tell(place, &mut self.told).await;
        self.pty = Some(pty);
        Ok(())
    }
}

async fn tell(place: &Path, told: &mut PathBuf) {
    if place != told {
        announce(&place.display().to_string()).await;
        *told = place.into();
    }
}
