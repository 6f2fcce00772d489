//! Notifications to systemd. Outside systemd nothing is sent and nothing fails.

use std::io;
use std::time::Duration;

use sd_notify::NotifyState;

use super::uptime::Uptime;

/// Reports that the start, or a reload, is complete.
pub fn ready() -> io::Result<()> {
    notify(&[NotifyState::Ready])
}

/// Sets the sentence that `systemctl status` shows.
pub fn status(sentence: &str) -> io::Result<()> {
    notify(&[NotifyState::Status(&sentence.replace('\n', " "))])
}

/// Reports that a reload begins; [`ready`] ends it.
pub fn reloading() -> io::Result<()> {
    notify(&[NotifyState::Reloading, NotifyState::MonotonicUsec(monotonic()?.as_micros() as i128)])
}

/// Reports that the process ends of its own accord.
pub fn stopping() -> io::Result<()> {
    notify(&[NotifyState::Stopping])
}

/// Reports that all is well; due within every [`watchdog`] time.
pub fn alive() -> io::Result<()> {
    notify(&[NotifyState::Watchdog])
}

fn notify(states: &[NotifyState<'_>]) -> io::Result<()> {
    // The library takes an empty name for a socket that does not answer.
    let disabled = std::env::var_os("NOTIFY_SOCKET").is_some_and(|name| name.is_empty());
    if disabled { Ok(()) } else { sd_notify::notify(states) }
}

/// The time after which systemd kills this process if it is silent; `None` if systemd does not watch it.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero())
}

/// The kernel's monotonic clock, never early: systemd ignores a RELOADING older than its own order to reload.
///
/// `NotifyState::monotonic_usec_now` computes microseconds in the C library's `time_t`, which on 32-bit ARM overflows
/// 36 minutes after boot. The uptime is cut off at 10 ms, so that much is added; that it includes suspended time
/// makes it later still.
fn monotonic() -> io::Result<Duration> {
    Ok(Uptime::open()?.read()? + Duration::from_millis(10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;
    use std::process::Command;

    /// What the other tests run in a process of its own, because systemd speaks through the environment.
    #[test]
    fn notify_by_environment() {
        match std::env::var("HAN_TEST_NOTIFY").as_deref() {
            Ok("all") => {
                ready().unwrap();
                status("reading\nthe meter").unwrap();
                alive().unwrap();
                reloading().unwrap();
                stopping().unwrap();
            }
            Ok("fail") => assert!(ready().is_err()),
            Ok("watchdog") => println!("\nwatchdog: {:?}", watchdog()),
            _ => {}
        }
    }

    /// The output of [`notify_by_environment`] with variables as a shell sets them.
    fn run(task: &str, variables: &str) -> String {
        let test = "platform::systemd::tests::notify_by_environment";
        let script = format!("{variables} HAN_TEST_NOTIFY={task} exec \"$0\" --exact {test} --nocapture");
        let mut shell = Command::new("sh");
        for variable in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
            shell.env_remove(variable);
        }
        let ended = shell.args(["-c", &script]).arg(std::env::current_exe().unwrap()).output().unwrap();
        let text = String::from_utf8(ended.stdout).unwrap();
        assert!(ended.status.success() && text.contains("1 passed"), "{task} {variables}: {text}");
        text
    }

    fn uptime() -> f64 {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        uptime.split_once(' ').unwrap().0.parse().unwrap()
    }

    #[test]
    fn every_message_arrives_and_a_reload_is_never_dated_before_it_began() {
        let path = std::env::temp_dir().join(format!("han-exporter-notify-{}", std::process::id()));
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let before = uptime();
        run("all", &format!("NOTIFY_SOCKET={}", path.display()));
        std::fs::remove_file(path).unwrap();
        let received = || {
            let mut buffer = [0; 256];
            let length = socket.recv(&mut buffer).unwrap();
            String::from_utf8(buffer[..length].to_vec()).unwrap()
        };
        assert_eq!(received(), "READY=1\n");
        assert_eq!(received(), "STATUS=reading the meter\n");
        assert_eq!(received(), "WATCHDOG=1\n");
        let reload = received();
        let time = reload.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().trim_end();
        assert!(
            time.parse::<f64>().unwrap() / 1e6 >= before + 0.0099,
            "{reload} though it was {before} before"
        );
        assert_eq!(received(), "STOPPING=1\n");
    }

    #[test]
    fn without_systemd_nothing_is_sent_and_nothing_fails() {
        run("all", "");
        run("all", "NOTIFY_SOCKET=");
    }

    #[test]
    fn a_manager_that_does_not_listen_is_an_error() {
        run("fail", "NOTIFY_SOCKET=/han-exporter/nobody/listens");
        run("fail", "NOTIFY_SOCKET=vsock:2:1234");
    }

    #[test]
    fn the_watchdog_counts_only_when_meant_for_this_process() {
        let limit = |variables: &str| {
            let text = run("watchdog", variables);
            text.lines().find_map(|line| line.strip_prefix("watchdog: ")).unwrap().to_owned()
        };
        assert_eq!(limit(""), "None");
        assert_eq!(limit("WATCHDOG_USEC=30000000"), "Some(30s)");
        assert_eq!(limit("WATCHDOG_USEC=30000000 WATCHDOG_PID=$$"), "Some(30s)");
        assert_eq!(limit("WATCHDOG_USEC=30000000 WATCHDOG_PID=1"), "None");
        assert_eq!(limit("WATCHDOG_USEC=0"), "None");
        assert_eq!(limit("WATCHDOG_USEC=soon"), "None");
    }
}
