//! A pseudo-terminal that looks like a serial adapter to its readers.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_serial::{ClearBuffer, SerialPort, SerialStream, StopBits};

use crate::wire::serial::SerialSettings;

/// A quarter less than what the kernel buffers for a reader.
const MOST_UNREAD: u32 = 3072;

/// What was not read before a pause this long has no reader.
const PAUSE: Duration = Duration::from_secs(1);

/// A pseudo-terminal, open on both sides so that readers may open and close it.
pub struct Pty {
    meter: SerialStream,
    reader: SerialStream,
    /// The reader's side once more, to test whether a reader has locked it.
    lock: File,
    path: PathBuf,
    sent: Instant,
}

impl Pty {
    /// A new pseudo-terminal. The kernel chooses its path.
    pub fn open() -> io::Result<Self> {
        let (meter, reader) = SerialStream::pair()?;
        let path = PathBuf::from(reader.name().ok_or(io::ErrorKind::NotFound)?);
        let lock = OpenOptions::new().read(true).custom_flags(libc::O_NOCTTY).open(&path)?;
        Ok(Pty { meter, reader, lock, path, sent: Instant::now() })
    }

    /// The path for readers.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Prepares for a frame. What was not read in time is lost, as on a real line.
    pub fn prepare(&mut self) -> io::Result<()> {
        let unread = self.reader.bytes_to_read()?;
        if unread > MOST_UNREAD || unread > 0 && self.sent.elapsed() > PAUSE {
            self.reader.clear(ClearBuffer::Input)?;
        }
        self.allow_readers();
        Ok(())
    }

    /// Sends bytes. Without a reader they are lost.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent = Instant::now();
        match self.meter.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            other => other.map(drop),
        }
    }

    /// Waits for bytes from a reader. Cancel-safe.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.meter.read(buffer).await
    }

    /// Whether the reader has these serial settings. A pseudo-terminal keeps only speed and stop bits.
    pub fn is_set(&self, line: SerialSettings) -> io::Result<bool> {
        let stop = if self.reader.stop_bits()? == StopBits::Two { 2 } else { 1 };
        let got = SerialSettings { baud: self.reader.baud_rate()?, stop, ..line };
        Ok(line.met_by(&got))
    }

    /// A reader that opened the port exclusively and was killed leaves it exclusive, because this side stays open, and
    /// the next reader finds it busy. To clear that would also lock the file, so it is done while the lock is held
    /// here: that attempt to lock then fails, which does no harm. If a reader holds the lock, nothing is changed.
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
    async fn readers_come_and_go_and_receive_every_byte_unchanged() {
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
    async fn a_port_is_free_again_after_a_reader_that_locked_it() {
        let mut pty = Pty::open().unwrap();
        let first = reader(&pty);
        pty.prepare().unwrap();
        assert!(pty.lock.try_lock().is_err(), "the lock of the reader is kept");
        drop(first);
        pty.prepare().unwrap();
        drop(reader(&pty));
    }

    #[tokio::test]
    async fn without_a_reader_sending_never_blocks_and_little_is_buffered() {
        let mut pty = Pty::open().unwrap();
        for _ in 0..1000 {
            pty.prepare().unwrap();
            pty.send(&[0x55; 200]).unwrap();
        }
        assert!(pty.reader.bytes_to_read().unwrap() <= 4096);
    }

    #[tokio::test]
    async fn what_was_not_read_in_time_is_lost() {
        let mut pty = Pty::open().unwrap();
        pty.send(b"old").unwrap();
        let arrived = async {
            while pty.reader.bytes_to_read().unwrap() < 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(30), arrived).await.expect("bytes arrive");
        pty.prepare().unwrap();
        assert_eq!(pty.reader.bytes_to_read().unwrap(), 3, "a frame right after another leaves it intact");
        tokio::time::sleep(PAUSE).await;
        pty.prepare().unwrap();
        pty.send(b"new").unwrap();
        assert_eq!(read(&mut reader(&pty), 3).await, b"new");
    }
}
