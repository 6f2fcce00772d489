//! Time goes on after January 2038, where a clock of 32 bits ends: of the small machines' standard library.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

/// 2040-01-01.
const LATER: Duration = Duration::from_secs(2_208_988_800);

#[test]
fn a_file_of_2040_keeps_its_time() {
    let path = std::env::temp_dir().join(format!("han-time-{}", std::process::id()));
    let time = SystemTime::UNIX_EPOCH + LATER;
    File::create(&path).unwrap().set_modified(time).expect("a clock of 64 bits");
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), time);
    fs::remove_file(path).unwrap();
}

#[cfg(all(target_os = "linux", target_env = "musl"))]
#[test]
fn the_clocks_seconds_have_64_bits() {
    assert_eq!(size_of::<libc::time_t>(), 8);
    assert_eq!(size_of::<libc::timespec>(), 16);
}
