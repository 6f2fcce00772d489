//! Telling systemd how we are: sd_notify(3) without its library.
//!
//! Outside systemd nothing is sent and nothing fails.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The line to the service manager named by `NOTIFY_SOCKET`.
#[derive(Debug, Default)]
pub struct Manager {
    line: Option<(UnixDatagram, SocketAddr)>,
}

impl Manager {
    /// Finds the manager through the environment, which `variable` reads (`std::env::var_os`).
    pub fn find(variable: impl Fn(&str) -> Option<OsString>) -> io::Result<Self> {
        let Some(name) = variable("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
            return Ok(Self::default());
        };
        let socket = UnixDatagram::unbound()?;
        // A manager too busy to listen must not stop us from reading the meter.
        socket.set_nonblocking(true)?;
        Ok(Self { line: Some((socket, address(&name)?)) })
    }

    /// Says that the start, or a reload, is over.
    pub fn ready(&self) -> io::Result<()> {
        self.send("READY=1")
    }

    /// Gives the sentence `systemctl status` shows.
    pub fn status(&self, sentence: &str) -> io::Result<()> {
        self.send(&format!("STATUS={}", sentence.replace('\n', " ")))
    }

    /// Says that a reload begins; `ready` ends it.
    pub fn reloading(&self) -> io::Result<()> {
        if self.line.is_none() {
            return Ok(());
        }
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={}", monotonic()?.as_micros()))
    }

    /// Says that we are ending by our own will.
    pub fn stopping(&self) -> io::Result<()> {
        self.send("STOPPING=1")
    }

    /// Says that all is well; due within every [`watchdog`] time.
    pub fn alive(&self) -> io::Result<()> {
        self.send("WATCHDOG=1")
    }

    fn send(&self, message: &str) -> io::Result<()> {
        let Some((socket, address)) = &self.line else { return Ok(()) };
        socket.send_to_addr(message.as_bytes(), address).map(drop)
    }
}

/// The time after which systemd kills a silent service, if it watches this process; half of it is a good rhythm.
pub fn watchdog(variable: impl Fn(&str) -> Option<OsString>) -> Option<Duration> {
    let number = |name| variable(name).and_then(|text| text.to_str()?.parse::<u64>().ok());
    let limit = number("WATCHDOG_USEC").filter(|&limit| limit > 0)?;
    let ours = match variable("WATCHDOG_PID") {
        Some(_) => number("WATCHDOG_PID") == Some(u64::from(std::process::id())),
        None => true,
    };
    ours.then(|| Duration::from_micros(limit))
}

fn address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes() {
        [b'@', abstract_name @ ..] => SocketAddr::from_abstract_name(abstract_name),
        [b'/', ..] => SocketAddr::from_pathname(name),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "NOTIFY_SOCKET must begin with / or @")),
    }
}

/// The kernel's monotonic clock, which std keeps to itself, never early.
///
/// systemd ignores a RELOADING older than its own order to reload. /proc/uptime cuts off at 10 ms, so that much
/// is added; that it counts sleep too makes it later still.
fn monotonic() -> io::Result<Duration> {
    let uptime = std::fs::read_to_string("/proc/uptime")?;
    let seconds = uptime.split_ascii_whitespace().next().and_then(|seconds| seconds.parse::<f64>().ok());
    let seconds = seconds.ok_or_else(|| io::Error::other("/proc/uptime holds no number"))?;
    Ok(Duration::from_secs_f64(seconds) + Duration::from_millis(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
        |wanted| variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.into())
    }

    fn received(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 256];
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn every_message_arrives_at_an_abstract_socket() {
        let name = format!("han-exporter-test-{}", std::process::id());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let manager = Manager::find(with(&[("NOTIFY_SOCKET", &format!("@{name}"))])).unwrap();
        manager.ready().unwrap();
        assert_eq!(received(&socket), "READY=1");
        manager.status("reading\nthe meter").unwrap();
        assert_eq!(received(&socket), "STATUS=reading the meter");
        manager.alive().unwrap();
        assert_eq!(received(&socket), "WATCHDOG=1");
        manager.stopping().unwrap();
        assert_eq!(received(&socket), "STOPPING=1");
    }

    #[test]
    fn a_reload_is_never_reported_earlier_than_it_began() {
        let before = std::fs::read_to_string("/proc/uptime").unwrap();
        let before: f64 = before.split_once(' ').unwrap().0.parse().unwrap();
        let name = format!("han-exporter-reload-{}", std::process::id());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        Manager::find(with(&[("NOTIFY_SOCKET", &format!("@{name}"))])).unwrap().reloading().unwrap();
        let message = received(&socket);
        let time = message.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().parse::<u64>().unwrap();
        assert!(time as f64 / 1e6 >= before + 0.0099, "{message} though it was {before} before");
    }

    #[test]
    fn a_socket_in_the_file_system_works_too() {
        let path = std::env::temp_dir().join(format!("han-exporter-notify-{}", std::process::id()));
        let socket = UnixDatagram::bind(&path).unwrap();
        Manager::find(with(&[("NOTIFY_SOCKET", path.to_str().unwrap())])).unwrap().ready().unwrap();
        assert_eq!(received(&socket), "READY=1");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn without_systemd_nothing_is_sent_and_nothing_fails() {
        for variables in [&[][..], &[("NOTIFY_SOCKET", "")]] {
            let manager = Manager::find(with(variables)).unwrap();
            manager.ready().unwrap();
            manager.reloading().unwrap();
        }
        assert!(Manager::find(with(&[("NOTIFY_SOCKET", "vsock:2:1234")])).is_err());
        let gone = Manager::find(with(&[("NOTIFY_SOCKET", "@han-exporter-nobody-listens")])).unwrap();
        assert!(gone.ready().is_err());
    }

    #[test]
    fn the_watchdog_counts_only_when_meant_for_us() {
        let own = std::process::id().to_string();
        let thirty = Some(Duration::from_secs(30));
        assert_eq!(watchdog(with(&[])), None);
        assert_eq!(watchdog(with(&[("WATCHDOG_USEC", "30000000")])), thirty);
        assert_eq!(watchdog(with(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", &own)])), thirty);
        assert_eq!(watchdog(with(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "1")])), None);
        assert_eq!(watchdog(with(&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "x")])), None);
        assert_eq!(watchdog(with(&[("WATCHDOG_USEC", "0")])), None);
        assert_eq!(watchdog(with(&[("WATCHDOG_USEC", "soon")])), None);
    }
}
