//! What can keep a source from delivering messages, each with its fix.

use std::fmt;
use std::io;
use std::mem::discriminant;
use std::time::Duration;

use super::LineErrors;
use crate::platform::log::rough;
use crate::wire::protocol::Protocol;
use crate::wire::serial::SerialSettings;

/// A problem. Its text is one line for the log, the page and `doctor`.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// There is no serial adapter to choose.
    NoAdapter,
    /// There are several.
    Several { ports: Vec<String> },
    /// There are only devices to which no meter is connected: their paths, each with what it is.
    Foreign { ports: Vec<String> },
    /// No settings of the only port gave `auto` a valid frame; it leaves the port to other programs for the time of a rest.
    Released { port: String, seconds: u64, bytes: u64, rest: Duration },
    /// The device node does not exist.
    Absent { port: String },
    /// This user may not open the device; the group may.
    Forbidden { port: String, group: String },
    /// systemd lets the service open serial ports only, and this was none when the service started.
    Barred { port: String },
    /// Another program has the port open: which, if this user can see it.
    Busy { port: String, holder: Option<String> },
    /// The path is not a serial port.
    NotSerial { port: String },
    /// The port could not be opened for another reason, which the system gives.
    Unusable { port: String, reason: String },
    /// The port was open and is gone.
    Lost { port: String },
    /// The driver did not apply the serial settings; reading goes on. `mini_uart`: the port is the mini-UART of a Raspberry
    /// Pi, which has no parity.
    Settings { port: String, asked: SerialSettings, got: SerialSettings, mini_uart: bool },
    /// The source is open and no byte arrives.
    Silent { port: String },
    /// Bytes arrive, but no valid frame: the settings tried, none over a network, and what the driver counted meanwhile.
    NoFrames { port: String, seconds: u64, bytes: u64, tried: Vec<SerialSettings>, errors: LineErrors },
    /// The source is open and its meter does not answer requests, although some bytes may arrive. Over a network the
    /// settings are unknown.
    Unanswered { port: String, protocol: Protocol, settings: Option<SerialSettings>, bytes: u32 },
    /// The network adapter cannot be reached.
    Unreachable { address: String, reason: String },
    /// The network adapter closed the connection.
    Closed { address: String },
    /// The file at this path, or `-`, cannot be read.
    Unreadable { path: String, reason: String },
}

impl Problem {
    /// A short fixed name, for labels and tests.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoAdapter => "no_adapter",
            Self::Several { .. } => "several_adapters",
            Self::Foreign { .. } => "other_devices",
            Self::Released { .. } => "released",
            Self::Absent { .. } => "absent",
            Self::Forbidden { .. } => "forbidden",
            Self::Barred { .. } => "barred",
            Self::Busy { .. } => "busy",
            Self::NotSerial { .. } => "not_serial",
            Self::Unusable { .. } => "unusable",
            Self::Lost { .. } => "lost",
            Self::Settings { .. } => "settings",
            Self::Silent { .. } => "silent",
            Self::NoFrames { .. } => "no_frames",
            Self::Unanswered { .. } => "unanswered",
            Self::Unreachable { .. } => "unreachable",
            Self::Closed { .. } => "closed",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// Whether the source is open nevertheless.
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Settings { .. } | Self::Silent { .. } | Self::NoFrames { .. } | Self::Unanswered { .. }
        )
    }

    /// Whether a log that has a line for `before` needs none for this problem, although its figures may differ.
    pub(super) fn repeats(&self, before: &Problem) -> bool {
        match (self, before) {
            (Self::Several { ports }, Self::Several { ports: before }) => ports == before,
            // What was just reported lost is absent, of course.
            (Self::Absent { .. } | Self::NoAdapter, Self::Lost { .. }) => true,
            (Self::Unreachable { reason, .. }, Self::Unreachable { reason: before, .. }) => reason == before,
            _ => discriminant(self) == discriminant(before),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdapter => f.write_str(
                "no serial adapter found: plug one in, or name a source such as /dev/ttyUSB0 or tcp://HOST:PORT",
            ),
            Self::Several { ports } => {
                write!(f, "several serial adapters found: name one of them as the source: {}", ports.join(", "))
            }
            Self::Foreign { ports } => write!(
                f,
                "no adapter of a meter found, only other devices, which are left alone: plug one in, or name the source: \
                 {}",
                ports.join(", ")
            ),
            Self::Released { port, seconds, bytes, rest } => released(f, port, *seconds, *bytes, *rest),
            Self::Absent { port } => {
                write!(f, "{port} does not exist: plug the adapter in or correct the path; checking every second")
            }
            Self::Forbidden { port, group } => forbidden(f, port, group),
            Self::Barred { port } => barred(f, port),
            Self::Busy { port, holder } => busy(f, port, holder.as_deref()),
            Self::NotSerial { port } => {
                write!(f, "{port} is not a serial port: for captured bytes write file:{port}")
            }
            Self::Unusable { port, reason } => {
                write!(f, "{port} cannot be used: {reason}; unplug the adapter and plug it in again")
            }
            Self::Lost { port } => {
                write!(f, "{port} is gone: the adapter was unplugged or reset; waiting for its return")
            }
            Self::Settings { port, asked, got, mini_uart } => {
                write!(f, "{port} was set to {asked} but works at {got}: {}", settings_fix(*mini_uart))
            }
            // No figure: the sentence is repeated hours later.
            Self::Silent { port } => write!(
                f,
                "no data from {port}: check the cable, and that the grid operator has opened the \
                 meter's customer port"
            ),
            Self::NoFrames { port, seconds, bytes, tried, errors } => {
                let plural = if *bytes == 1 { "" } else { "s" };
                write!(f, "{bytes} byte{plural} from {port} in {seconds} s, but no valid frame")?;
                no_frames(f, tried, errors)
            }
            Self::Unanswered { port, protocol, settings, bytes } => {
                write!(f, "the meter at {port} does not answer in {protocol}")?;
                settings.map_or(Ok(()), |settings| write!(f, " at {settings}"))?;
                f.write_str(unanswered_fix(*bytes))
            }
            Self::Unreachable { address, reason } => {
                write!(f, "{address} cannot be reached: {reason}; check its address, power and network")
            }
            Self::Closed { address } => write!(
                f,
                "{address} closed the connection: it may be restarting or serving another client; reconnecting"
            ),
            Self::Unreadable { path, reason } => write!(f, "{path} cannot be read: {reason}"),
        }
    }
}

fn released(f: &mut fmt::Formatter<'_>, port: &str, seconds: u64, bytes: u64, rest: Duration) -> fmt::Result {
    match bytes {
        0 => write!(
            f,
            "no data from {port}: check the cable, and that the grid operator has opened the meter's customer port"
        )?,
        _ => write!(f, "{bytes} bytes from {port} in {seconds} s, but no valid frame")?,
    }
    let rest = rough(rest);
    write!(
        f,
        "; released for other programs and tried again every {rest}: to keep it open, name it as the source"
    )
}

fn forbidden(f: &mut fmt::Formatter<'_>, port: &str, group: &str) -> fmt::Result {
    write!(
        f,
        "{port} may not be opened by this user: add the user to group {group} (sudo usermod -aG {group} USER, then \
         log in again; in a systemd unit SupplementaryGroups={group})"
    )
}

fn barred(f: &mut fmt::Formatter<'_>, port: &str) -> fmt::Result {
    write!(
        f,
        "{port} is blocked by the unit: if its driver was loaded after the service started, restart the service; \
         otherwise add DeviceAllow={port} to the unit (systemctl edit)"
    )
}

fn busy(f: &mut fmt::Formatter<'_>, port: &str, holder: Option<&str>) -> fmt::Result {
    match holder {
        Some(holder) => {
            write!(f, "{port} is in use by {holder}: stop that program; trying again every second")
        }
        None => write!(
            f,
            "{port} is in use by another program (often ModemManager, brltty, a serial console or another reader; \
             fuser -v {port} names it): stop that program; trying again every second"
        ),
    }
}

fn settings_fix(mini_uart: bool) -> &'static str {
    match mini_uart {
        true => {
            "a Raspberry Pi's mini-UART has no parity; add dtoverlay=disable-bt to config.txt, restart and use \
             /dev/ttyAMA0"
        }
        false => "the driver or adapter does not support it; use another adapter",
    }
}

fn no_frames(f: &mut fmt::Formatter<'_>, tried: &[SerialSettings], errors: &LineErrors) -> fmt::Result {
    for (index, settings) in tried.iter().enumerate() {
        write!(f, "{} {settings}", if index == 0 { " at" } else { "," })?;
    }
    let counts = [("parity", errors.parity), ("framing", errors.frame), ("overrun", errors.overrun)];
    for (name, count) in counts.iter().filter(|(_, count)| *count > 0) {
        write!(f, "; {name} errors: {count}")?;
    }
    f.write_str("; check wiring and adapter with han-exporter doctor")
}

fn unanswered_fix(bytes: u32) -> &'static str {
    match bytes {
        0 => {
            "; no data arrive: check the optical head, its position on the meter and how it is powered (?dtr=on and \
             rts=off, or the reverse)"
        }
        _ => {
            ", but bytes arrive: check the position of the optical head, that no other light falls on it, and the \
             protocol"
        }
    }
}

/// The system's message for an error, without its number.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::serial::Parity;

    fn port() -> String {
        "/dev/ttyUSB0".into()
    }

    #[test]
    fn each_text_is_one_line_and_names_the_fix() {
        let got = SerialSettings { parity: Parity::None, ..SerialSettings::HAN };
        let mini =
            Problem::Settings { port: "/dev/ttyS0".into(), asked: SerialSettings::HAN, got, mini_uart: true };
        let holder = Some("minicom (pid 7)".into());
        let unanswered = |settings, bytes| Problem::Unanswered {
            port: port(),
            protocol: Protocol::Kmp382,
            settings,
            bytes,
        };
        let rest = Duration::from_secs(600);
        let released = |bytes| Problem::Released { port: port(), seconds: 128, bytes, rest };
        let cases = [
            (Problem::NoAdapter, "plug one in"),
            (Problem::Several { ports: vec!["/dev/a".into(), "/dev/b".into()] }, "/dev/a, /dev/b"),
            (
                Problem::Foreign { ports: vec!["/dev/a (GPS)".into(), "/dev/b (modem)".into()] },
                "left alone: plug one in, or name the source: /dev/a (GPS), /dev/b (modem)",
            ),
            (
                released(0),
                "no data from /dev/ttyUSB0: check the cable, and that the grid operator has opened the meter's customer \
                 port; released for other programs and tried again every 10 min",
            ),
            (released(5), "5 bytes from /dev/ttyUSB0 in 128 s, but no valid frame; released"),
            (Problem::Absent { port: port() }, "/dev/ttyUSB0 does not exist: plug the adapter in"),
            (Problem::Forbidden { port: port(), group: "dialout".into() }, "usermod -aG dialout USER"),
            (Problem::Barred { port: port() }, "restart the service; otherwise add DeviceAllow=/dev/ttyUSB0"),
            (Problem::Busy { port: port(), holder }, "in use by minicom (pid 7): stop"),
            (Problem::Busy { port: port(), holder: None }, "ModemManager"),
            (Problem::NotSerial { port: "/tmp/x.hex".into() }, "file:/tmp/x.hex"),
            (Problem::Unusable { port: port(), reason: "I/O error".into() }, "cannot be used: I/O error"),
            (Problem::Lost { port: port() }, "unplugged"),
            (
                mini,
                "set to 2400 8E1 but works at 2400 8N1: a Raspberry Pi's mini-UART has no parity; add dtoverlay=disable-bt",
            ),
            (Problem::Silent { port: port() }, "no data from /dev/ttyUSB0: check the cable, and that"),
            (
                unanswered(Some(SerialSettings::HAN), 0),
                "the meter at /dev/ttyUSB0 does not answer in kmp382 at 2400 8E1; no data arrive: check the",
            ),
            (unanswered(None, 9), "does not answer in kmp382, but bytes arrive: check the position"),
            (Problem::Unreachable { address: "tcp://h:1".into(), reason: "refused".into() }, "refused"),
            (Problem::Closed { address: "tcp://h:1".into() }, "tcp://h:1 closed"),
            (Problem::Unreadable { path: "x".into(), reason: "no such file".into() }, "x cannot be read"),
        ];
        for (problem, part) in cases {
            let text = problem.to_string();
            assert!(text.contains(part), "{text}");
            assert!(!text.contains('\n') && !text.contains("  "), "{text}");
        }
    }

    #[test]
    fn bytes_without_frames_are_reported_with_the_settings_tried_and_the_errors_counted() {
        let errors = LineErrors { parity: 312, ..LineErrors::default() };
        let tried = vec![SerialSettings::HAN, SerialSettings::new(2400, 8, Parity::None)];
        let problem = Problem::NoFrames { port: port(), seconds: 24, bytes: 900, tried, errors };
        assert_eq!(
            problem.to_string(),
            "900 bytes from /dev/ttyUSB0 in 24 s, but no valid frame at 2400 8E1, 2400 8N1; \
             parity errors: 312; check wiring and adapter with han-exporter doctor"
        );
    }

    #[test]
    fn a_problem_is_new_when_its_kind_or_its_ports_change_but_not_its_figures() {
        let silent = Problem::Silent { port: port() };
        let no_frames = |seconds| Problem::NoFrames {
            port: port(),
            seconds,
            bytes: 900,
            tried: Vec::new(),
            errors: LineErrors::default(),
        };
        let several = |name: &str| Problem::Several { ports: vec![name.into(), "b".into()] };
        assert!(no_frames(10).repeats(&no_frames(90)));
        assert!(several("a").repeats(&several("a")));
        assert!(!several("a").repeats(&several("c")));
        assert!(!silent.repeats(&Problem::NoAdapter));
        assert!(Problem::Absent { port: port() }.repeats(&Problem::Lost { port: port() }));
        assert!(!Problem::Lost { port: port() }.repeats(&Problem::Absent { port: port() }));
    }
}
