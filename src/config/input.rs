//! Opens the files that a configuration names and reads them in a bounded time: a reload stops everything else, and a
//! pipe may be one that nobody writes to.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a pipe may take to deliver.
const LIMIT: Duration = Duration::from_secs(2);

/// Opens a file without waiting for another program to open its other end.
pub fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

/// Reads until the file ends or the buffer is full: a pipe may deliver in parts. One that no program has opened for writing
/// yet looks as if it had ended.
pub fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let deadline = Instant::now() + LIMIT;
    let is_pipe = file.metadata()?.file_type().is_fifo();
    let mut length = 0;
    loop {
        let error = match file.read(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) if is_pipe && length == 0 => ErrorKind::WouldBlock.into(),
            Ok(0) => return Ok(length),
            Ok(count) => {
                length += count;
                continue;
            }
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Interrupted => {}
            ErrorKind::WouldBlock if Instant::now() < deadline => sleep(Duration::from_millis(5)),
            ErrorKind::WouldBlock => return Err(ErrorKind::TimedOut.into()),
            _ => return Err(error),
        }
    }
}
