//! What can stand between the program and its bytes, each with its cure.

use std::fmt;
use std::io;
use std::mem::discriminant;

use super::LineErrors;
use super::detect::SerialSettings;
use super::meter_options::Protocol;

/// One state of problem. Its text is one sentence for the log, the page and `doctor`.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// There is no serial adapter to choose.
    NoAdapter,
    /// There is more than one.
    Several {
        /// Their names.
        ports: Vec<String>,
    },
    /// The device node does not exist.
    Absent {
        /// Its path.
        port: String,
    },
    /// The device may not be opened by this user.
    Forbidden {
        /// Its path.
        port: String,
        /// The group that may.
        group: String,
    },
    /// The service may open serial ports only, and this is none of those known when it started.
    Barred {
        /// Its path.
        port: String,
    },
    /// Another program has the port.
    Busy {
        /// Its path.
        port: String,
        /// Which program, if that can be seen.
        holder: Option<String>,
    },
    /// The path is something other than a serial port.
    NotSerial {
        /// The path.
        port: String,
    },
    /// Opening failed for a rarer reason.
    Unusable {
        /// The path.
        port: String,
        /// The system's words.
        reason: String,
    },
    /// The port was open and is gone.
    Lost {
        /// Its path.
        port: String,
    },
    /// The driver did not take the settings; reading goes on with what it took.
    Settings {
        /// The path.
        port: String,
        /// What was asked.
        asked: SerialSettings,
        /// What is in force.
        got: SerialSettings,
        /// Whether it is the port of a Raspberry Pi that has no parity.
        mini_uart: bool,
    },
    /// The source is open and not one byte arrives.
    Silent {
        /// Its path or address.
        port: String,
        /// For how long.
        seconds: u64,
    },
    /// Bytes arrive, but no frame holds.
    NoFrames {
        /// The path or address.
        port: String,
        /// For how long.
        seconds: u64,
        /// How many bytes.
        bytes: u64,
        /// The settings tried; none over a network.
        tried: Vec<SerialSettings>,
        /// What the driver counted meanwhile.
        errors: LineErrors,
    },
    /// The source is open, its meter is asked and does not answer.
    Unanswered {
        /// The path or address.
        port: String,
        /// In which protocol it is asked.
        protocol: Protocol,
        /// How the line is set; unknown over a network.
        settings: Option<SerialSettings>,
        /// Bytes that came all the same.
        bytes: u32,
    },
    /// The network bridge cannot be reached.
    Unreachable {
        /// Its address.
        address: String,
        /// The system's words.
        reason: String,
    },
    /// The network bridge closed the connection.
    Closed {
        /// Its address.
        address: String,
    },
    /// The file cannot be read.
    Unreadable {
        /// Its path, or `-`.
        path: String,
        /// The system's words.
        reason: String,
    },
}

impl Problem {
    /// A short fixed name, for labels and tests.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoAdapter => "no_adapter",
            Self::Several { .. } => "several_adapters",
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

    /// Whether the source is open all the same.
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Settings { .. } | Self::Silent { .. } | Self::NoFrames { .. } | Self::Unanswered { .. }
        )
    }

    /// Whether a log that holds `said` needs no line for this one: the figures may differ, the state is the same.
    pub(super) fn repeats(&self, said: &Problem) -> bool {
        match (self, said) {
            (Self::Several { ports }, Self::Several { ports: before }) => ports == before,
            // What was just reported lost is of course not there.
            (Self::Absent { .. } | Self::NoAdapter, Self::Lost { .. }) => true,
            (Self::Unreachable { reason, .. }, Self::Unreachable { reason: before, .. }) => reason == before,
            _ => discriminant(self) == discriminant(said),
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
                write!(f, "several serial adapters found, name one of them as the source: {}", ports.join(", "))
            }
            Self::Absent { port } => {
                write!(f, "{port} does not exist: plug the adapter in or correct the path; looking every second")
            }
            Self::Forbidden { port, group } => write!(
                f,
                "{port} may not be opened by this user: add it to group {group} (sudo usermod -aG {group} USER, \
                 then log in anew; in a systemd unit SupplementaryGroups={group})"
            ),
            Self::Barred { port } => write!(
                f,
                "{port} is kept from this service: if its driver came after the start, restart the service; else add \
                 DeviceAllow={port} to the unit (systemctl edit)"
            ),
            Self::Busy { port, holder: Some(holder) } => {
                write!(f, "{port} is in use by {holder}: stop that program; trying again every second")
            }
            Self::Busy { port, holder: None } => write!(
                f,
                "{port} is in use by another program (often ModemManager, brltty, a serial console or another \
                 reader; fuser -v {port} names it): stop that program; trying again every second"
            ),
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
                write!(f, "{port} was set to {asked} but works at {got}: ")?;
                f.write_str(match mini_uart {
                    true => {
                        "a Raspberry Pi's mini-UART has no parity; add dtoverlay=disable-bt to config.txt, \
                         restart and use /dev/ttyAMA0"
                    }
                    false => "the driver or adapter cannot do it; use another adapter",
                })
            }
            Self::Silent { port, seconds } => write!(
                f,
                "no byte from {port} for {seconds} s: check the cable and that the grid company has opened \
                 the meter's customer port"
            ),
            Self::NoFrames { port, seconds, bytes, tried, errors } => {
                no_frames(f, port, *seconds, *bytes, tried, errors)
            }
            Self::Unanswered { port, protocol, settings, bytes } => {
                unanswered(f, port, *protocol, *settings, *bytes)
            }
            Self::Unreachable { address, reason } => {
                write!(f, "{address} cannot be reached: {reason}; check its address, power and network")
            }
            Self::Closed { address } => write!(
                f,
                "{address} closed the connection: it restarts, or serves somebody else; connecting again"
            ),
            Self::Unreadable { path, reason } => write!(f, "{path} cannot be read: {reason}"),
        }
    }
}

fn no_frames(
    f: &mut fmt::Formatter<'_>,
    port: &str,
    seconds: u64,
    bytes: u64,
    tried: &[SerialSettings],
    errors: &LineErrors,
) -> fmt::Result {
    let plural = if bytes == 1 { "" } else { "s" };
    write!(f, "{bytes} byte{plural} from {port} in {seconds} s but no frame holds")?;
    for (index, settings) in tried.iter().enumerate() {
        write!(f, "{} {settings}", if index == 0 { " at" } else { "," })?;
    }
    let counts = [("parity", errors.parity), ("framing", errors.frame), ("overrun", errors.overrun)];
    for (name, count) in counts.iter().filter(|(_, count)| *count > 0) {
        write!(f, "; {name} errors: {count}")?;
    }
    f.write_str("; check wiring and adapter with han-exporter doctor")
}

fn unanswered(
    f: &mut fmt::Formatter<'_>,
    port: &str,
    protocol: Protocol,
    settings: Option<SerialSettings>,
    bytes: u32,
) -> fmt::Result {
    write!(f, "the meter at {port} does not answer in {protocol}")?;
    if let Some(settings) = settings {
        write!(f, " at {settings}")?;
    }
    f.write_str(match bytes {
        0 => {
            "; not one byte came: check the optical head, its position on the meter and how it is fed (?dtr=on and \
             rts=off, or the other way round)"
        }
        _ => {
            ", though bytes come: check the position of the optical head, that no other light falls on it, and the \
             protocol"
        }
    })
}

/// The system's words for an error, without its number.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::detect::Parity;

    fn port() -> String {
        "/dev/ttyUSB0".into()
    }

    #[test]
    fn each_sentence_is_one_line_and_names_the_cure() {
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
        let cases = [
            (Problem::NoAdapter, "plug one in"),
            (Problem::Several { ports: vec!["/dev/a".into(), "/dev/b".into()] }, "/dev/a, /dev/b"),
            (Problem::Absent { port: port() }, "/dev/ttyUSB0 does not exist: plug the adapter in"),
            (Problem::Forbidden { port: port(), group: "dialout".into() }, "usermod -aG dialout USER"),
            (Problem::Barred { port: port() }, "restart the service; else add DeviceAllow=/dev/ttyUSB0"),
            (Problem::Busy { port: port(), holder }, "in use by minicom (pid 7): stop"),
            (Problem::Busy { port: port(), holder: None }, "ModemManager"),
            (Problem::NotSerial { port: "/tmp/x.hex".into() }, "file:/tmp/x.hex"),
            (Problem::Unusable { port: port(), reason: "I/O error".into() }, "cannot be used: I/O error"),
            (Problem::Lost { port: port() }, "unplugged"),
            (
                mini,
                "set to 2400 8E1 but works at 2400 8N1: a Raspberry Pi's mini-UART has no parity; add dtoverlay=disable-bt",
            ),
            (Problem::Silent { port: port(), seconds: 60 }, "no byte from /dev/ttyUSB0 for 60 s"),
            (
                unanswered(Some(SerialSettings::HAN), 0),
                "the meter at /dev/ttyUSB0 does not answer in kmp382 at 2400 8E1; not one byte came: check the",
            ),
            (unanswered(None, 9), "does not answer in kmp382, though bytes come: check the position"),
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
    fn bytes_without_frames_are_told_with_what_was_tried_and_counted() {
        let errors = LineErrors { parity: 312, ..LineErrors::default() };
        let tried = vec![SerialSettings::HAN, SerialSettings::new(2400, 8, Parity::None)];
        let problem = Problem::NoFrames { port: port(), seconds: 24, bytes: 900, tried, errors };
        assert_eq!(
            problem.to_string(),
            "900 bytes from /dev/ttyUSB0 in 24 s but no frame holds at 2400 8E1, 2400 8N1; \
             parity errors: 312; check wiring and adapter with han-exporter doctor"
        );
    }

    #[test]
    fn a_state_is_new_when_its_kind_or_its_list_changes_not_its_figures() {
        let silent = |seconds| Problem::Silent { port: port(), seconds };
        let several = |name: &str| Problem::Several { ports: vec![name.into(), "b".into()] };
        assert!(silent(10).repeats(&silent(90)));
        assert!(several("a").repeats(&several("a")));
        assert!(!several("a").repeats(&several("c")));
        assert!(!silent(10).repeats(&Problem::NoAdapter));
        assert!(Problem::Absent { port: port() }.repeats(&Problem::Lost { port: port() }));
        assert!(!Problem::Lost { port: port() }.repeats(&Problem::Absent { port: port() }));
    }
}
