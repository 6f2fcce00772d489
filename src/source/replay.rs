//! Plays captured bytes, raw or as a hex dump, at the pace of a serial line or at once.

use std::io;
use std::path::Path;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep_until};

use crate::hex::{self, Dump, is_dump, is_dump_byte};

/// How fast a file is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as on the serial line of a meter.
    Line,
    /// As fast as it is read.
    Max,
}

/// A stream whose first bytes decide whether it is a hex dump.
#[derive(Debug)]
pub(super) struct TextOrRaw<R> {
    input: R,
    head: [u8; HEAD],
    filled: usize,
    given: usize,
    format: Format,
}

/// If this many bytes look like a hex dump, the stream is one.
const HEAD: usize = 32;

#[derive(Debug)]
enum Format {
    Undecided,
    Raw,
    Dump(Dump),
}

impl<R: AsyncRead + Unpin> TextOrRaw<R> {
    pub fn new(input: R) -> Self {
        Self { input, head: [0; HEAD], filled: 0, given: 0, format: Format::Undecided }
    }

    /// Reads bytes as they arrive; returns 0 at the end. Cancel-safe.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while matches!(self.format, Format::Undecided) {
            let count = self.input.read(&mut self.head[self.filled..]).await?;
            self.filled += count;
            self.decide(count == 0 || self.filled == HEAD);
        }
        loop {
            let count = match self.take_head(buffer) {
                0 => self.input.read(buffer).await?,
                count => count,
            };
            let bytes = match &mut self.format {
                Format::Dump(dump) if count > 0 => dump.read(&mut buffer[..count]),
                _ => count,
            };
            if bytes > 0 || count == 0 {
                return Ok(bytes);
            }
        }
    }

    fn decide(&mut self, complete: bool) {
        let head = &self.head[..self.filled];
        let dump = is_dump(head);
        let possible = dump || head.iter().all(|byte| is_dump_byte(*byte));
        if !possible {
            self.format = Format::Raw;
        } else if complete {
            self.format = if dump { Format::Dump(Dump::default()) } else { Format::Raw };
        }
    }

    fn take_head(&mut self, buffer: &mut [u8]) -> usize {
        let rest = &self.head[self.given..self.filled];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        count
    }
}

/// A file being played.
#[derive(Debug)]
pub(super) struct Replay {
    bytes: Vec<u8>,
    given: usize,
    /// When the bytes given so far were due.
    due: Option<Instant>,
    /// Time of a byte; zero if there is no pace.
    byte: Duration,
}

/// Bytes delivered together at the pace of a line. A USB adapter delivers about as much every 16 ms to 40 ms.
const PIECE: usize = 8;

impl Replay {
    /// Reads a file to be played; `byte`: time of a byte at the pace of a line.
    pub fn open(path: &Path, pace: Pace, byte: Duration) -> JoinHandle<io::Result<Self>> {
        let path = path.to_owned();
        let byte = if pace == Pace::Line { byte } else { Duration::ZERO };
        tokio::task::spawn_blocking(move || {
            let bytes = hex::bytes(&std::fs::read(path)?).into_owned();
            Ok(Self { bytes, given: 0, due: None, byte })
        })
    }

    /// Returns the next bytes when they are due; 0 at the end. Cancel-safe.
    pub async fn read(&mut self, buffer: &mut [u8]) -> usize {
        let due = self.due.get_or_insert_with(Instant::now);
        let piece = if self.byte.is_zero() { usize::MAX } else { PIECE };
        let rest = &self.bytes[self.given..];
        let count = rest.len().min(piece).min(buffer.len());
        let duration = self.byte * u32::try_from(count).unwrap_or(u32::MAX);
        if duration.is_zero() {
            // Without a pause no other task would run on this thread.
            tokio::task::yield_now().await;
        } else {
            sleep_until(*due + duration).await;
        }
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        *due += duration;
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn streamed(text: &[u8], chunk: usize) -> Vec<u8> {
        let (mut sender, receiver) = tokio::io::duplex(chunk);
        let text = text.to_vec();
        tokio::spawn(async move { tokio::io::AsyncWriteExt::write_all(&mut sender, &text).await });
        let mut stream = TextOrRaw::new(receiver);
        let mut all = Vec::new();
        let mut buffer = [0; 7];
        loop {
            match stream.read(&mut buffer).await.unwrap() {
                0 => return all,
                count => all.extend_from_slice(&buffer[..count]),
            }
        }
    }

    #[tokio::test]
    async fn recognises_a_hex_dump_in_pieces_of_any_size() {
        let dump = format!("# {}\n{}\n# end\n", "a comment ".repeat(9), "7e A0 0x8a ".repeat(99));
        let raw: Vec<u8> = (0..=255).cycle().skip(0x30).take(999).collect();
        let telegram = b"0123456789/KFM5\r\n".repeat(9);
        for chunk in [1, 2, 3, 31, 32, 33, 500] {
            assert_eq!(streamed(dump.as_bytes(), chunk).await, [0x7e, 0xa0, 0x8a].repeat(99), "{chunk}");
            assert_eq!(streamed(&raw, chunk).await, raw, "{chunk}");
            assert_eq!(streamed(&telegram, chunk).await, telegram, "{chunk}");
        }
        assert_eq!(streamed(b"7e a0", 5).await, [0x7e, 0xa0]);
        assert_eq!(streamed(b"", 5).await, []);
    }
}
