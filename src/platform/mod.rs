//! What only an operating system makes necessary.

pub mod heartbeat;
pub mod log;
pub mod process;
pub mod systemd;
pub mod version;
