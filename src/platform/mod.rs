//! What only an operating system makes necessary: the log, systemd, figures of the process, the build's version.

pub mod heartbeat;
pub mod log;
pub mod process;
pub mod systemd;
pub mod version;
