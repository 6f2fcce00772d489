//! What only an operating system makes necessary: the event loop, the log, systemd, the computer's names and
//! uptime, limits and figures of the process, the build's version.

pub mod heartbeat;
pub mod hostname;
pub mod limits;
pub mod log;
pub mod process;
pub mod runtime;
pub mod systemd;
pub mod uptime;
pub mod version;
