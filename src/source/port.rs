//! What a line leads to: a serial port or a network bridge, under one face.

use std::io;
use std::mem::replace;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Duration;
use tokio_serial::{SerialPort, SerialStream};

use super::detect::{Detection, SerialSettings};
use super::discover::Choice;
use super::meter_options::MeterOptions;
use super::problem::{Problem, reason};
use super::tcp::Dial;
use super::{LineErrors, Timing, ioctl, serial};

/// What to open.
pub enum Target {
    /// A serial port.
    Serial(Serial),
    /// A network bridge, and its address as a text.
    Tcp(Dial, String),
}

/// What is open.
pub enum Port {
    /// A serial port.
    Serial(SerialStream),
    /// A connection.
    Tcp(TcpStream),
}

/// A serial port and how it is set.
pub struct Serial {
    choice: Choice,
    /// Settings in use and to be tried.
    pub detection: Detection,
    meter: MeterOptions,
    path: PathBuf,
    /// It was said that the driver does not take the settings.
    warned: bool,
    /// The last attempt was forbidden.
    forbidden: bool,
}

impl Target {
    /// Tries to open it. Cancel-safe.
    pub async fn open(&mut self, timing: &Timing) -> Result<Port, Problem> {
        match self {
            Self::Serial(serial) => serial.open().map(Port::Serial),
            Self::Tcp(dial, address) => {
                let unreachable =
                    |error| Problem::Unreachable { address: address.clone(), reason: reason(&error) };
                dial.connect(timing).await.map(Port::Tcp).map_err(unreachable)
            }
        }
    }

    /// Its path or address.
    pub fn name(&self) -> String {
        match self {
            Self::Serial(serial) => serial.path.display().to_string(),
            Self::Tcp(_, address) => address.clone(),
        }
    }

    /// The state of having lost it.
    pub fn loss(&mut self) -> Problem {
        match self {
            Self::Serial(serial) => {
                serial.warned = false;
                Problem::Lost { port: serial.path.display().to_string() }
            }
            Self::Tcp(_, address) => Problem::Closed { address: address.clone() },
        }
    }

    /// Whether a refusal is worth believing; draws the conclusions for the next attempt.
    pub fn believes(&mut self, problem: &Problem) -> bool {
        let Self::Serial(serial) = self else { return true };
        if problem.kind() == "unusable" && !serial.detection.settled() {
            serial.detection.advance(true);
        }
        // A fresh device node belongs to root until udev has seen it: the first refusal means nothing.
        let forbidden = problem.kind() == "forbidden";
        replace(&mut serial.forbidden, forbidden) || !forbidden
    }

    /// A frame came from it.
    pub fn confirm(&mut self) {
        if let Self::Serial(serial) = self {
            serial.detection.confirm();
            serial.choice.confirm(&serial.path);
        }
    }

    /// Bytes came from it.
    pub fn relax(&mut self) {
        if let Self::Tcp(dial, _) = self {
            dial.relax();
        }
    }

    /// Nothing came for long: doubts the settings.
    pub fn restart(&mut self) {
        if let Self::Serial(serial) = self {
            serial.detection.restart();
        }
    }

    /// How long to wait before the next attempt to open it.
    pub fn pause(&mut self, timing: &Timing) -> Duration {
        match self {
            Self::Serial(_) => timing.retry,
            Self::Tcp(dial, _) => dial.back_off(timing),
        }
    }

    /// The gap that ends a list.
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

    /// The settings that had their chance.
    pub fn tried(&self) -> Vec<SerialSettings> {
        match self {
            Self::Serial(serial) if serial.detection.locked() => vec![serial.detection.settings()],
            Self::Serial(serial) => serial.detection.candidates().to_vec(),
            Self::Tcp(..) => Vec::new(),
        }
    }
}

impl Serial {
    /// Nothing is opened yet.
    pub fn new(choice: Choice, detection: Detection, meter: MeterOptions) -> Self {
        Self { choice, detection, meter, path: PathBuf::new(), warned: false, forbidden: false }
    }

    /// The settings in force, and a warning once if they are not those asked for.
    pub fn read_back(&mut self, port: &SerialStream) -> (SerialSettings, Option<Problem>) {
        let asked = self.detection.settings();
        let got = serial::in_force(port, &self.path, asked);
        let news = !asked.met_by(&got) && !replace(&mut self.warned, true);
        (got, news.then(|| serial::not_taken(&self.path, asked, got)))
    }

    fn open(&mut self) -> Result<SerialStream, Problem> {
        self.path = self.choice.path()?;
        let mut port = serial::open(&self.path, self.detection.settings())?;
        serial::raise(&mut port, self.meter.modem_lines());
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

    /// Writes bytes, as many as are taken at once. Cancel-safe.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Serial(port) => port.write(bytes).await,
            Self::Tcp(stream) => stream.write(bytes).await,
        }
    }

    /// Whether the driver has let go of all that was written.
    pub fn has_sent(&self) -> bool {
        match self {
            Self::Serial(port) => port.bytes_to_write().is_ok_and(|count| count == 0),
            Self::Tcp(_) => true,
        }
    }

    /// The driver's counters, if it has any.
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
    use crate::source::detect::{FixedSettings, Parity};
    use tokio_serial::SerialPort;

    fn serial(path: &str) -> Serial {
        let choice = Choice::new(Some(path.into()), "/dev".into());
        let detection = Detection::new(&FixedSettings::default(), None);
        Serial { path: path.into(), ..Serial::new(choice, detection, MeterOptions::default()) }
    }

    #[test]
    fn a_refusal_is_believed_the_second_time_when_the_node_may_just_be_fresh() {
        let mut target = Target::Serial(serial("/dev/ttyUSB0"));
        let forbidden = Problem::Forbidden { port: "/dev/ttyUSB0".into(), group: "dialout".into() };
        let absent = Problem::Absent { port: "/dev/ttyUSB0".into() };
        assert!(!target.believes(&forbidden));
        assert!(target.believes(&forbidden));
        assert!(target.believes(&absent));
        assert!(!target.believes(&forbidden));
    }

    #[test]
    fn settings_a_port_refuses_give_way_to_the_next() {
        let mut target = Target::Serial(serial("/dev/ttyUSB0"));
        let unusable = Problem::Unusable { port: "/dev/ttyUSB0".into(), reason: "invalid argument".into() };
        assert!(target.believes(&unusable));
        let Target::Serial(serial) = target else { unreachable!() };
        assert_eq!(serial.detection.settings().to_string(), "2400 8N1");
    }

    #[tokio::test]
    async fn a_driver_that_drops_the_parity_is_mentioned_once_and_read_on() {
        let (_master, slave) = SerialStream::pair().unwrap();
        let path = slave.name().unwrap();
        drop(slave);
        let port = serial::open(path.as_ref(), SerialSettings::HAN).unwrap();
        let without = SerialSettings::new(2400, 8, Parity::None);
        // A pseudo-terminal drops the parity too; under any other name that is a fault.
        let mut serial = serial("/dev/null");
        let (got, warning) = serial.read_back(&port);
        assert_eq!((got, warning.map(|problem| problem.kind())), (without, Some("settings")));
        assert_eq!(serial.read_back(&port), (without, None));
    }
}
