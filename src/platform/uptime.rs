//! How long the computer has been running, suspension included, as the kernel tells it in `/proc/uptime`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

/// The open file, to be read again and again.
#[derive(Debug)]
pub struct Uptime(File);

impl Uptime {
    /// Opens the file.
    pub fn open() -> io::Result<Self> {
        File::open("/proc/uptime").map(Uptime)
    }

    /// The time since the computer was started, cut off at hundredths of a second.
    pub fn read(&self) -> io::Result<Duration> {
        let mut text = [0; 64];
        let length = self.0.read_at(&mut text, 0)?;
        parse(&text[..length]).ok_or_else(|| io::Error::other("/proc/uptime contains no time"))
    }
}

/// The first number of the file (proc_uptime(5)).
fn parse(text: &[u8]) -> Option<Duration> {
    let seconds: f64 = str::from_utf8(text).ok()?.split_ascii_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_uptime() {
        assert_eq!(parse(b"350735.47 234388.90\n"), Some(Duration::from_millis(350_735_470)));
        for text in ["", "\n", "x 1", "-1 2", "NaN 1", "1e300 1"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
        assert!(Uptime::open().unwrap().read().unwrap() > Duration::ZERO);
    }
}
