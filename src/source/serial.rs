//! Serial ports: opens them raw and exclusively, and reads their settings back.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use tokio_serial::{DataBits, ErrorKind, SerialPort, SerialStream, StopBits};

use super::port_access;
use super::problem::{Problem, reason};
use crate::wire::serial::{Parity, SerialSettings};

/// Opens a port. Dropping it releases it for others.
pub fn open(path: &Path, settings: SerialSettings) -> Result<SerialStream, Problem> {
    let builder = tokio_serial::new(path.to_string_lossy(), settings.baud)
        .data_bits(data_bits(settings))
        .parity(parity(settings))
        .stop_bits(stop_bits(settings));
    SerialStream::open(&builder).map_err(|error| refusal(path, &error))
}

/// Changes the settings of an open port.
pub fn apply(port: &mut SerialStream, settings: SerialSettings) -> tokio_serial::Result<()> {
    port.set_baud_rate(settings.baud)?;
    port.set_data_bits(data_bits(settings))?;
    port.set_parity(parity(settings))?;
    port.set_stop_bits(stop_bits(settings))
}

/// Sets the modem lines that power optical heads. An adapter that lacks one is not an error: a head without power
/// becomes known by its silence.
pub fn set_modem_lines(port: &mut SerialStream, (dtr, rts): (Option<bool>, Option<bool>)) {
    let _ = dtr.map(|on| port.write_data_terminal_ready(on));
    let _ = rts.map(|on| port.write_request_to_send(on));
}

/// The settings in force as the driver reports them: it may have dropped some of those requested without an error.
/// A pseudo-terminal has no line, so it has every setting.
pub fn in_force(port: &SerialStream, path: &Path, asked: SerialSettings) -> SerialSettings {
    let is_pty = path.canonicalize().is_ok_and(|device| device.starts_with("/dev/pts"));
    match reported(port) {
        Some(got) if !is_pty && !asked.met_by(&got) => got,
        _ => asked,
    }
}

/// The problem of settings that were not taken.
pub fn not_taken(path: &Path, asked: SerialSettings, got: SerialSettings) -> Problem {
    let device = path.canonicalize().unwrap_or_default();
    let class = Path::new("/sys/class/tty").join(device.file_name().unwrap_or_default());
    let mini_uart = asked.parity != got.parity && is_mini_uart(&class);
    Problem::Settings { port: path.display().to_string(), asked, got, mini_uart }
}

/// Whether it is a Raspberry Pi's second UART, which has no parity (8250_port.c, UART_CAP_MINI).
///
/// It is ttyS0 in Raspberry Pi's kernel and ttyS1 in Debian's, so the device tree decides.
/// Since Linux 6.5 the class leads to a port below the device of the device tree.
fn is_mini_uart(class: &Path) -> bool {
    let Ok(device) = class.join("device").canonicalize() else { return false };
    let mini_uart = |names: Vec<u8>| names.split(|byte| *byte == 0).any(|name| name == MINI_UART);
    device.ancestors().any(|folder| fs::read(folder.join("of_node/compatible")).is_ok_and(mini_uart))
}

const MINI_UART: &[u8] = b"brcm,bcm2835-aux-uart";

fn reported(port: &SerialStream) -> Option<SerialSettings> {
    Some(SerialSettings {
        baud: port.baud_rate().ok()?,
        data: if port.data_bits().ok()? == DataBits::Seven { 7 } else { 8 },
        parity: match port.parity().ok()? {
            tokio_serial::Parity::None => Parity::None,
            tokio_serial::Parity::Even => Parity::Even,
            tokio_serial::Parity::Odd => Parity::Odd,
        },
        stop: if port.stop_bits().ok()? == StopBits::Two { 2 } else { 1 },
    })
}

fn refusal(path: &Path, error: &tokio_serial::Error) -> Problem {
    let port = path.display().to_string();
    match error.kind {
        ErrorKind::NoDevice => Problem::Busy { port, holder: port_access::holder(path) },
        ErrorKind::Io(io::ErrorKind::NotFound) => Problem::Absent { port },
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            Problem::Forbidden { port, group: port_access::group(path) }
        }
        _ if !is_character_device(path) => Problem::NotSerial { port },
        _ => by_number(path, port, error),
    }
}

/// The crate distinguishes few error numbers, so the port is opened once more for the others.
fn by_number(path: &Path, port: String, error: &tokio_serial::Error) -> Problem {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let again = fs::OpenOptions::new().read(true).custom_flags(flags).open(path);
    match again.map_err(|error| (error.raw_os_error(), error)) {
        Err((Some(libc::ENXIO | libc::ENODEV | libc::ENOENT), _)) => Problem::Absent { port },
        // A control group's device filter returns this in place of EACCES (systemd's DeviceAllow=).
        Err((Some(libc::EPERM), _)) => Problem::Barred { port },
        Err((_, error)) => Problem::Unusable { port, reason: reason(&error) },
        Ok(_) if error.description == NOT_A_TERMINAL => Problem::NotSerial { port },
        Ok(_) => Problem::Unusable { port, reason: error.description.to_lowercase() },
    }
}

/// The crate's description of ENOTTY.
const NOT_A_TERMINAL: &str = "Not a typewriter";

fn is_character_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device())
}

fn data_bits(settings: SerialSettings) -> DataBits {
    if settings.data == 7 { DataBits::Seven } else { DataBits::Eight }
}

fn stop_bits(settings: SerialSettings) -> StopBits {
    if settings.stop == 2 { StopBits::Two } else { StopBits::One }
}

fn parity(settings: SerialSettings) -> tokio_serial::Parity {
    match settings.parity {
        Parity::None => tokio_serial::Parity::None,
        Parity::Even => tokio_serial::Parity::Even,
        Parity::Odd => tokio_serial::Parity::Odd,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::source::ioctl::{self, tests as tty};

    fn pty() -> (SerialStream, std::path::PathBuf) {
        let (master, slave) = SerialStream::pair().unwrap();
        (master, slave.name().unwrap().into())
    }

    fn refused(error: ErrorKind, path: &str) -> &'static str {
        refusal(Path::new(path), &tokio_serial::Error::new(error, "x")).kind()
    }

    #[tokio::test]
    async fn a_port_is_raw_exclusive_and_released_when_dropped() {
        let (_master, path) = pty();
        let other = fs::File::open(&path).unwrap();
        let port = open(&path, SerialSettings::HAN).unwrap();
        let termios = tty::attributes(&port);
        let input =
            libc::IXON | libc::IXOFF | libc::ICRNL | libc::INLCR | libc::IGNCR | libc::ISTRIP | libc::PARMRK;
        assert_eq!(termios.c_iflag & (input | libc::IUCLC | libc::BRKINT), 0);
        assert_eq!(termios.c_oflag & libc::OPOST, 0);
        assert_eq!(termios.c_lflag & (libc::ICANON | libc::ECHO | libc::ISIG | libc::IEXTEN), 0);
        assert_eq!(termios.c_cflag & libc::CSIZE, libc::CS8);
        assert!(tty::is_exclusive(&other));
        drop(port);
        assert!(!tty::is_exclusive(&other));
    }

    #[tokio::test]
    async fn settings_are_changed_in_place_and_a_pseudo_terminal_takes_them_all() {
        let (_master, path) = pty();
        let mut port = open(&path, SerialSettings::HAN).unwrap();
        assert_eq!(reported(&port), Some(SerialSettings::new(2400, 8, Parity::None)));
        assert_eq!(in_force(&port, &path, SerialSettings::HAN), SerialSettings::HAN);
        assert_eq!(in_force(&port, Path::new("/dev/null"), SerialSettings::HAN).parity, Parity::None);
        let fast = SerialSettings { stop: 2, ..SerialSettings::new(115_200, 8, Parity::None) };
        apply(&mut port, fast).unwrap();
        assert_eq!(reported(&port), Some(fast));
        assert_eq!(ioctl::line_errors(&port), None);
    }

    #[tokio::test]
    async fn distinguishes_why_a_port_cannot_be_opened() {
        let (_master, path) = pty();
        let kind = |path: &str| open(Path::new(path), SerialSettings::HAN).unwrap_err().kind();
        let _port = open(&path, SerialSettings::HAN).unwrap();
        let busy = open(&path, SerialSettings::HAN).unwrap_err();
        assert_eq!(busy.kind(), "busy");
        assert!(busy.to_string().contains(&std::process::id().to_string()), "{busy}");
        assert_eq!(kind("/dev/ttyNONE"), "absent");
        assert_eq!(kind("/"), "not_serial");
        assert_eq!(kind("/dev/null"), "not_serial");
        assert_eq!(kind("/proc/self/status"), "not_serial");
        assert_eq!(refused(ErrorKind::Io(io::ErrorKind::PermissionDenied), "/dev/null"), "forbidden");
        assert_eq!(refused(ErrorKind::Unknown, "/dev/null"), "unusable");
    }

    #[test]
    fn recognises_the_port_of_a_raspberry_pi_that_has_no_parity() {
        let root = std::env::temp_dir().join(format!("han-mini-uart-{}", std::process::id()));
        let class = |device: &str, names: &[u8]| {
            let (class, described) = (root.join(device).join("tty"), root.join(device).join("of_node"));
            fs::create_dir_all(&class).unwrap();
            fs::create_dir_all(&described).unwrap();
            fs::write(described.join("compatible"), names).unwrap();
            class
        };
        let direct = class("a", b"brcm,bcm2835-aux-uart\0");
        symlink(root.join("a"), direct.join("device")).unwrap();
        assert!(is_mini_uart(&direct));
        let port = class("b", b"brcm,bcm2835-aux-uart\0");
        fs::create_dir(root.join("b/b:0.0")).unwrap();
        symlink(root.join("b/b:0.0"), port.join("device")).unwrap();
        assert!(is_mini_uart(&port));
        let other = class("c", b"arm,pl011\0arm,primecell\0");
        symlink(root.join("c"), other.join("device")).unwrap();
        assert!(!is_mini_uart(&other));
        assert!(!is_mini_uart(&root.join("absent")));
        fs::remove_dir_all(root).unwrap();
    }
}
