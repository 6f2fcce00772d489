//! Serial ports and network adapters under one interface.

use std::io;
use std::mem::replace;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant};
use tokio_serial::{SerialPort, SerialStream};

use super::detect::Detection;
use super::discover::PortChoice;
use super::problem::{Problem, reason};
use super::tcp::Dialer;
use super::{LineErrors, Timing, ioctl, serial};
use crate::wire::serial::SerialSettings;

/// What to open.
pub enum Target {
    /// A serial port.
    Serial(SerialTarget),
    /// A network adapter, and its address as a text.
    Tcp(Dialer, String),
}

/// What is open.
pub enum Port {
    /// A serial port.
    Serial(SerialStream),
    /// A connection to a network adapter.
    Tcp(TcpStream),
}

/// A serial port and its settings.
pub struct SerialTarget {
    choice: PortChoice,
    /// The settings in use and those to try.
    pub detection: Detection,
    /// Levels of DTR and RTS, which power optical heads.
    modem_lines: (Option<bool>, Option<bool>),
    path: PathBuf,
    /// Whether it was reported that the driver does not take the settings.
    warned: bool,
    /// Whether the last attempt was forbidden.
    forbidden: bool,
}

impl Target {
    /// Tries to open the target. Cancel-safe.
    pub async fn open(&mut self, timing: &Timing) -> Result<Port, Problem> {
        match self {
            Self::Serial(serial) => serial.open().map(Port::Serial),
            Self::Tcp(dialer, address) => {
                let unreachable =
                    |error| Problem::Unreachable { address: address.clone(), reason: reason(&error) };
                dialer.connect(timing).await.map(Port::Tcp).map_err(unreachable)
            }
        }
    }

    /// The path or address.
    pub fn name(&self) -> String {
        match self {
            Self::Serial(serial) => serial.name(),
            Self::Tcp(_, address) => address.clone(),
        }
    }

    /// The problem that an open port was lost.
    pub fn loss(&mut self) -> Problem {
        match self {
            Self::Serial(serial) => {
                serial.warned = false;
                Problem::Lost { port: serial.path.display().to_string() }
            }
            Self::Tcp(_, address) => Problem::Closed { address: address.clone() },
        }
    }

    /// Whether a refusal is to be reported. Prepares for the next attempt.
    pub fn accepts(&mut self, problem: &Problem) -> bool {
        let Self::Serial(serial) = self else { return true };
        if problem.kind() == "unusable" && !serial.detection.settled() {
            serial.detection.advance(true);
        }
        // A new device node belongs to root until udev has set its group: the first refusal means nothing.
        let forbidden = problem.kind() == "forbidden";
        replace(&mut serial.forbidden, forbidden) || !forbidden
    }

    /// Call for a valid frame.
    pub fn confirm(&mut self) {
        match self {
            Self::Serial(serial) => {
                serial.detection.confirm();
                serial.choice.confirm(&serial.path);
            }
            Self::Tcp(dialer, _) => dialer.relax(),
        }
    }

    /// Call after a long silence: the settings are detected again.
    pub fn restart(&mut self) {
        if let Self::Serial(serial) = self {
            serial.detection.restart();
        }
    }

    /// Time until the next attempt to open.
    pub fn pause(&mut self, timing: &Timing) -> Duration {
        match self {
            Self::Serial(_) => timing.retry,
            Self::Tcp(dialer, _) => dialer.back_off(timing),
        }
    }

    /// The gap that ends a message.
    pub fn gap(&self, timing: &Timing) -> Duration {
        match self {
            Self::Serial(serial) => timing.gap.max(40 * serial.detection.settings().byte()),
            Self::Tcp(..) => timing.gap_network,
        }
    }

    /// Whether settings are still being tried.
    pub fn detecting(&self) -> bool {
        matches!(self, Self::Serial(serial) if !serial.detection.settled())
    }

    /// The settings at which no valid frame arrived; none over a network.
    pub fn tried(&self) -> Vec<SerialSettings> {
        match self {
            Self::Serial(serial) if serial.detection.locked => vec![serial.detection.settings()],
            Self::Serial(serial) => serial.detection.candidates.clone(),
            Self::Tcp(..) => Vec::new(),
        }
    }
}

impl SerialTarget {
    /// A port that is to be opened.
    pub fn new(choice: PortChoice, detection: Detection, modem_lines: (Option<bool>, Option<bool>)) -> Self {
        Self { choice, detection, modem_lines, path: PathBuf::new(), warned: false, forbidden: false }
    }

    /// The path of the port.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The settings in force, and the first time a warning if they are not those requested.
    pub fn read_back(&mut self, port: &SerialStream) -> (SerialSettings, Option<Problem>) {
        let requested = self.detection.settings();
        let got = serial::in_force(port, &self.path, requested);
        let is_new = !requested.met_by(&got) && !replace(&mut self.warned, true);
        (got, is_new.then(|| serial::not_taken(&self.path, requested, got)))
    }

    /// Leaves the port to other programs for this time, unless the user has named it or it yielded valid frames.
    pub fn release(&mut self, rest: Duration, problem: Problem) -> bool {
        self.choice.release(&self.path, Instant::now() + rest, problem)
    }

    fn open(&mut self) -> Result<SerialStream, Problem> {
        self.path = self.choice.path()?;
        let mut port = serial::open(&self.path, self.detection.settings())?;
        serial::set_modem_lines(&mut port, self.modem_lines);
        self.forbidden = false;
        Ok(port)
    }
}

impl Port {
    /// Reads bytes. Cancel-safe.
    pub async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Serial(port) => port.read(buffer).await,
            Self::Tcp(stream) => stream.read(buffer).await,
        }
    }

    /// Writes as many bytes as are taken at once. Cancel-safe.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Serial(port) => port.write(bytes).await,
            Self::Tcp(stream) => stream.write(bytes).await,
        }
    }

    /// Whether the driver has sent all bytes.
    pub fn has_sent(&self) -> bool {
        match self {
            Self::Serial(port) => port.bytes_to_write().is_ok_and(|count| count == 0),
            Self::Tcp(_) => true,
        }
    }

    /// The driver's error counters, if it has any.
    pub fn line_errors(&self) -> Option<LineErrors> {
        match self {
            Self::Serial(port) => ioctl::line_errors(port),
            Self::Tcp(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::detect::FixedSettings;
    use crate::wire::serial::Parity;
    use tokio_serial::SerialPort;

    fn serial(path: &str) -> SerialTarget {
        let choice = PortChoice::new(Some(path.into()), "/dev".into());
        let detection = Detection::new(&FixedSettings::default(), None);
        SerialTarget { path: path.into(), ..SerialTarget::new(choice, detection, (None, None)) }
    }

    #[test]
    fn reports_a_forbidden_port_only_the_second_time_since_its_node_may_be_new() {
        let mut target = Target::Serial(serial("/dev/ttyUSB0"));
        let forbidden = Problem::Forbidden { port: "/dev/ttyUSB0".into(), group: "dialout".into() };
        let absent = Problem::Absent { port: "/dev/ttyUSB0".into() };
        assert!(!target.accepts(&forbidden));
        assert!(target.accepts(&forbidden));
        assert!(target.accepts(&absent));
        assert!(!target.accepts(&forbidden));
    }

    #[test]
    fn tries_the_next_settings_when_a_port_refuses_some() {
        let mut target = Target::Serial(serial("/dev/ttyUSB0"));
        let unusable = Problem::Unusable { port: "/dev/ttyUSB0".into(), reason: "invalid argument".into() };
        assert!(target.accepts(&unusable));
        let Target::Serial(serial) = target else { unreachable!() };
        assert_eq!(serial.detection.settings().to_string(), "2400 8N1");
    }

    #[tokio::test]
    async fn warns_once_about_a_driver_that_drops_the_parity_and_reads_on() {
        let (_master, slave) = SerialStream::pair().unwrap();
        let path = slave.name().unwrap();
        drop(slave);
        let port = serial::open(path.as_ref(), SerialSettings::HAN).unwrap();
        let without = SerialSettings::new(2400, 8, Parity::None);
        // A pseudo-terminal drops the parity too. Under any other name that is an error.
        let mut serial = serial("/dev/null");
        let (got, warning) = serial.read_back(&port);
        assert_eq!((got, warning.map(|problem| problem.kind())), (without, Some("settings")));
        assert_eq!(serial.read_back(&port), (without, None));
    }
}
