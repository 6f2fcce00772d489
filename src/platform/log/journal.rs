//! Whether standard error is the systemd journal.

use std::{
    env,
    fs::File,
    io,
    os::{fd::AsFd, unix::fs::MetadataExt},
};

/// Compares standard error with the stream that systemd names: after a redirection they differ (systemd.exec(5)).
pub fn receives_stderr() -> bool {
    let named = env::var("JOURNAL_STREAM").ok();
    named.is_some_and(|named| identity().is_ok_and(|own| named == own))
}

fn identity() -> io::Result<String> {
    let stream = File::from(io::stderr().as_fd().try_clone_to_owned()?).metadata()?;
    Ok(format!("{}:{}", stream.dev(), stream.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_a_device_and_an_inode() {
        let identity = identity().unwrap();
        let (device, inode) = identity.split_once(':').unwrap();
        assert!(device.parse::<u64>().is_ok() && inode.parse::<u64>().is_ok(), "{identity}");
    }
}
