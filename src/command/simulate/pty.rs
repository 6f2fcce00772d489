//! A pseudo-terminal that looks like a serial adapter to whoever opens its path.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_serial::{ClearBuffer, SerialPort, SerialStream, StopBits};

use crate::source::SerialSettings;

/// A quarter less than what the kernel keeps for a reader.
const MUCH: u32 = 3072;

/// What nobody took before such a pause, nobody waits for.
const PAUSE: Duration = Duration::from_secs(1);

/// One pseudo-terminal. It is held open on both sides, so that readers may come and go.
pub struct Pty {
    meter: SerialStream,
    reader: SerialStream,
    /// The reader's side once more, to try the lock that readers hold.
    lock: File,
    path: PathBuf,
    sent: Instant,
}

impl Pty {
    /// A new one; the kernel chooses its path.
    pub fn open() -> io::Result<Self> {
        let (meter, reader) = SerialStream::pair()?;
        let path = PathBuf::from(reader.name().ok_or(io::ErrorKind::NotFound)?);
        let lock = OpenOptions::new().read(true).custom_flags(libc::O_NOCTTY).open(&path)?;
        Ok(Pty { meter, reader, lock, path, sent: Instant::now() })
    }

    /// Where a reader finds it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the line ready for a frame: as on a real one, what was not read in time is gone.
    pub fn prepare(&mut self) -> io::Result<()> {
        let unread = self.reader.bytes_to_read()?;
        if unread > MUCH || unread > 0 && self.sent.elapsed() > PAUSE {
            self.reader.clear(ClearBuffer::Input)?;
        }
        self.allow_readers();
        Ok(())
    }

    /// Sends bytes to whoever reads; if nobody does, they are lost.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent = Instant::now();
        match self.meter.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            other => other.map(drop),
        }
    }

    /// Waits for bytes that a reader sends. Cancel-safe.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.meter.read(buffer).await
    }

    /// Whether the reader has set its side so. A pseudo-terminal keeps speed and stop bits alone.
    pub fn is_set(&self, line: SerialSettings) -> io::Result<bool> {
        let stop = if self.reader.stop_bits()? == StopBits::Two { 2 } else { 1 };
        let got = SerialSettings { baud: self.reader.baud_rate()?, stop, ..line };
        Ok(line.met_by(&got))
    }

    /// A reader that asked for the port alone and was killed leaves that wish behind, because this side stays open, and
    /// the next one finds the port busy. Withdrawing the wish would also lock the file, so it is done while the lock
    /// is held here: that attempt to lock then fails, which does no harm. Where a reader holds the lock, it stays.
    fn allow_readers(&mut self) {
        if self.lock.try_lock().is_ok() {
            let _ = self.reader.set_exclusive(false);
            let _ = self.lock.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;
    use tokio_serial::SerialPortBuilderExt;

    fn reader(pty: &Pty) -> SerialStream {
        tokio_serial::new(pty.path().to_str().unwrap(), 2400).open_native_async().expect("the port is free")
    }

    async fn read(reader: &mut SerialStream, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let reading = reader.read_exact(&mut bytes);
        timeout(Duration::from_secs(30), reading).await.expect("bytes come").unwrap();
        bytes
    }

    #[tokio::test]
    async fn readers_come_and_go_and_every_byte_passes_as_it_is() {
        let mut pty = Pty::open().unwrap();
        let all: Vec<u8> = (0..=255).collect();
        for _ in 0..3 {
            let mut reader = reader(&pty);
            pty.prepare().unwrap();
            pty.send(&all).unwrap();
            assert_eq!(read(&mut reader, 256).await, all);
        }
    }

    #[tokio::test]
    async fn a_reader_that_locked_the_port_leaves_it_free() {
        let mut pty = Pty::open().unwrap();
        let first = reader(&pty);
        pty.prepare().unwrap();
        assert!(pty.lock.try_lock().is_err(), "the reader's own lock stays");
        drop(first);
        pty.prepare().unwrap();
        drop(reader(&pty));
    }

    #[tokio::test]
    async fn without_a_reader_nothing_waits_and_little_is_kept() {
        let mut pty = Pty::open().unwrap();
        for _ in 0..1000 {
            pty.prepare().unwrap();
            pty.send(&[0x55; 200]).unwrap();
        }
        assert!(pty.reader.bytes_to_read().unwrap() <= 4096);
    }

    #[tokio::test]
    async fn what_nobody_took_in_time_is_gone() {
        let mut pty = Pty::open().unwrap();
        pty.send(b"old").unwrap();
        let arrived = async {
            while pty.reader.bytes_to_read().unwrap() < 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(30), arrived).await.expect("bytes arrive");
        pty.prepare().unwrap();
        assert_eq!(
            pty.reader.bytes_to_read().unwrap(),
            3,
            "a frame right behind another takes nothing from it"
        );
        tokio::time::sleep(PAUSE).await;
        pty.prepare().unwrap();
        pty.send(b"new").unwrap();
        assert_eq!(read(&mut reader(&pty), 3).await, b"new");
    }
}
