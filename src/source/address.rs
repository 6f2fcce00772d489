//! A source as one value, with the same text on the command line, in the environment and in the configuration file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::detect::{Detection, FixedSettings};
use super::meter_options::{self, MeterOptions};
use super::query::{self, Error, once, one_of, pairs};
use super::replay::Pace;
use crate::simulator::Simulated;
use crate::wire::serial::SerialSettings;

/// Where bytes come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Source {
    /// The only serial adapter of this machine.
    #[default]
    Auto,
    /// A serial port by its device node, or a link to it; the settings that are fixed are not detected.
    Serial { path: PathBuf, fixed: FixedSettings, meter: MeterOptions },
    /// A serial port behind a network adapter.
    Tcp { host: String, port: u16, meter: MeterOptions },
    /// Captured bytes, raw or as a hex dump, and how fast they are played.
    File { path: PathBuf, pace: Pace },
    /// Standard input, raw or as a hex dump.
    Stdin,
    /// A simulated meter.
    Simulated(Simulated),
}

/// What only one reader can have, by which two sources are compared.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Exclusive<'a> {
    Auto,
    Serial(&'a Path),
    Tcp(&'a str, u16),
    Stdin,
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.split_once(':') {
            _ if text.starts_with('/') => serial(text),
            _ if text == "auto" => Ok(Self::Auto),
            _ if text == "-" => Ok(Self::Stdin),
            Some(("serial", rest)) => serial(rest),
            Some(("tcp", rest)) => tcp(rest, text),
            Some(("file", rest)) => file(rest),
            Some(("sim", "")) => Err(Error::Empty("sim:kaifa")),
            Some(("sim", name)) => name.parse().map(Self::Simulated).map_err(Error::Simulated),
            _ => Err(Error::Unknown(text.into())),
        }
    }
}

fn serial(text: &str) -> Result<Source, Error> {
    let (path, query) = query::split(text);
    if path.is_empty() {
        return Err(Error::Empty("/dev/ttyUSB0"));
    }
    let (mut fixed, mut meter) = (FixedSettings::default(), MeterOptions::default());
    for (key, value) in pairs(query) {
        if !(fixed.take(key, value)? || meter.take(key, value)? || meter.take_modem_line(key, value)?) {
            return Err(Error::Key(key.into(), meter_options::SERIAL_KEYS));
        }
    }
    Ok(Source::Serial { path: path.into(), fixed, meter: meter.check()? })
}

fn tcp(rest: &str, text: &str) -> Result<Source, Error> {
    let (place, query) = query::split(rest);
    let (host, port) = host_and_port(place).ok_or_else(|| Error::Address(text.into()))?;
    let mut meter = MeterOptions::default();
    for (key, value) in pairs(query) {
        if !meter.take(key, value)? {
            return Err(Error::Key(key.into(), meter_options::KEYS));
        }
    }
    Ok(Source::Tcp { host, port, meter: meter.check()? })
}

fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.strip_prefix("//")?.rsplit_once(':')?;
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let fits = !bare.is_empty() && !bare.contains(['/', '?', '@', '[', ']']);
    fits.then(|| (bare.into(), port))
}

fn file(text: &str) -> Result<Source, Error> {
    let (path, query) = query::split(text);
    if path.is_empty() {
        return Err(Error::Empty("file:capture.hex"));
    }
    let mut pace = None;
    for (key, value) in pairs(query) {
        if key != "pace" {
            return Err(Error::Key(key.into(), "pace"));
        }
        let paces = [("line", Pace::Line), ("max", Pace::Max)];
        once("pace", &mut pace, one_of("pace", value, "line or max", &paces))?;
    }
    Ok(Source::File { path: path.into(), pace: pace.unwrap_or(Pace::Line) })
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Serial { path, fixed, meter } => {
                let scheme = if path.is_absolute() { "" } else { "serial:" };
                write!(f, "{scheme}{}", path.display())?;
                query::write(f, fixed.pairs().chain(meter.pairs()))
            }
            Self::Tcp { host, port, meter } => {
                match host.contains(':') {
                    true => write!(f, "tcp://[{host}]:{port}")?,
                    false => write!(f, "tcp://{host}:{port}")?,
                }
                query::write(f, meter.pairs())
            }
            Self::File { path, pace: Pace::Line } => write!(f, "file:{}", path.display()),
            Self::File { path, pace: Pace::Max } => write!(f, "file:{}?pace=max", path.display()),
            Self::Stdin => f.write_str("-"),
            Self::Simulated(name) => write!(f, "sim:{name}"),
        }
    }
}

impl Source {
    /// Serial settings to begin with, if the user has fixed some of them.
    pub fn fixed_settings(&self) -> Option<SerialSettings> {
        match self {
            Self::Serial { fixed, meter, .. } if *fixed != FixedSettings::default() => {
                Some(Detection::new(fixed, meter.protocol).settings())
            }
            _ => None,
        }
    }

    /// What the user has probably mistyped, although it is possible.
    pub fn doubt(&self) -> Option<String> {
        let Self::Serial { fixed, .. } = self else { return None };
        let baud = fixed.unusual_baud()?;
        Some(format!("no known meter uses {baud} baud, as in {self}; most use 2400, 9600 or 115200"))
    }

    /// Whether its serial settings can be changed. Behind a network adapter they cannot.
    pub fn can_change_settings(&self) -> bool {
        !matches!(self, Self::Tcp { .. })
    }

    /// What the user knows of the meter.
    pub fn meter_options(&self) -> MeterOptions {
        match self {
            Self::Serial { meter, .. } | Self::Tcp { meter, .. } => *meter,
            Self::Simulated(simulated) => {
                MeterOptions { protocol: simulated.polled(), ..MeterOptions::default() }
            }
            Self::Auto | Self::File { .. } | Self::Stdin => MeterOptions::default(),
        }
    }

    /// What only one meter can read, whatever the settings; `None` if each meter would get bytes of its own.
    pub fn exclusive(&self) -> Option<Exclusive<'_>> {
        match self {
            Self::Auto => Some(Exclusive::Auto),
            Self::Serial { path, .. } => Some(Exclusive::Serial(path)),
            Self::Tcp { host, port, .. } => Some(Exclusive::Tcp(host, *port)),
            Self::Stdin => Some(Exclusive::Stdin),
            Self::File { .. } | Self::Simulated(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::iec21::{Address, Wake};
    use crate::wire::protocol::Protocol;
    use crate::wire::serial::Parity;
    use std::time::Duration;

    fn serial_source(fixed: FixedSettings) -> Source {
        Source::Serial { path: "/dev/ttyUSB0".into(), fixed, meter: MeterOptions::default() }
    }

    fn optical(meter: MeterOptions) -> Source {
        Source::Serial { path: "/dev/ttyUSB0".into(), fixed: FixedSettings::default(), meter }
    }

    #[test]
    fn reads_and_writes_every_form() {
        let full =
            FixedSettings { baud: Some(2400), parity: Some(Parity::Even), stop: Some(1), data: Some(8) };
        let file = |pace| Source::File { path: "a b/x.hex".into(), pace };
        let polled = |protocol| MeterOptions { protocol: Some(protocol), ..MeterOptions::default() };
        let network = |host: &str, meter| Source::Tcp { host: host.into(), port: 2000, meter };
        let tcp = |host| network(host, MeterOptions::default());
        let forms = [
            ("auto", Source::Auto, "auto"),
            ("/dev/ttyUSB0", serial_source(FixedSettings::default()), "/dev/ttyUSB0"),
            (
                "/dev/ttyUSB0?baud=300",
                serial_source(FixedSettings { baud: Some(300), ..FixedSettings::default() }),
                "/dev/ttyUSB0?baud=300",
            ),
            (
                "serial:/dev/ttyUSB0?baud=2400&parity=even&stop=1&data=8",
                serial_source(full),
                "/dev/ttyUSB0?baud=2400&data=8&parity=even&stop=1",
            ),
            (
                "serial:ttyX",
                Source::Serial {
                    path: "ttyX".into(),
                    fixed: FixedSettings::default(),
                    meter: MeterOptions::default(),
                },
                "serial:ttyX",
            ),
            (
                "/dev/ttyUSB0?protocol=kmp382&interval=30s",
                optical(MeterOptions { interval: Some(Duration::from_secs(30)), ..polled(Protocol::Kmp382) }),
                "/dev/ttyUSB0?protocol=kmp382&interval=30s",
            ),
            (
                "/dev/ttyUSB0?wake=on&rts=off&dtr=on&address=12345678&interval=1h&protocol=iec",
                optical(MeterOptions {
                    interval: Some(Duration::from_secs(3600)),
                    address: Address::read(b"12345678"),
                    wake: Some(Wake::Zeros),
                    dtr: Some(true),
                    rts: Some(false),
                    ..polled(Protocol::Iec)
                }),
                "/dev/ttyUSB0?dtr=on&rts=off&protocol=iec&interval=1h&address=12345678&wake=on",
            ),
            (
                "tcp://meter.lan:2000?protocol=kmp",
                network("meter.lan", polled(Protocol::Kmp)),
                "tcp://meter.lan:2000?protocol=kmp",
            ),
            ("/dev/ttyUSB0?protocol=sml", optical(polled(Protocol::Sml)), "/dev/ttyUSB0?protocol=sml"),
            ("tcp://meter.lan:2000", tcp("meter.lan"), "tcp://meter.lan:2000"),
            ("tcp://[fe80::1]:2000", tcp("fe80::1"), "tcp://[fe80::1]:2000"),
            ("file:a b/x.hex", file(Pace::Line), "file:a b/x.hex"),
            ("file:a b/x.hex?pace=line", file(Pace::Line), "file:a b/x.hex"),
            ("file:a b/x.hex?pace=max", file(Pace::Max), "file:a b/x.hex?pace=max"),
            ("-", Source::Stdin, "-"),
            (
                "sim:kaifa?phases=1",
                Source::Simulated("kaifa?phases=1".parse().unwrap()),
                "sim:kaifa?phases=1",
            ),
        ];
        for (text, source, written) in forms {
            assert_eq!(text.parse::<Source>().as_ref(), Ok(&source), "{text}");
            assert_eq!(source.to_string(), written);
            assert_eq!(written.parse(), Ok(source));
        }
    }

    #[test]
    fn errors_are_one_line_and_name_what_is_allowed() {
        let cases = [
            ("ttyUSB0", "use auto, /dev/ttyUSB0"),
            ("", "unknown source \"\""),
            ("auto?baud=2400", "unknown source"),
            ("udp://host:1", "unknown source \"udp://host:1\""),
            ("serial:", "/dev/ttyUSB0"),
            ("file:", "file:capture.hex"),
            ("sim:", "sim:kaifa"),
            ("tcp://host", "lacks a host or a port"),
            ("tcp://:2000", "lacks a host or a port"),
            ("tcp://host:0", "lacks a host or a port"),
            ("tcp://host:70000", "lacks a host or a port"),
            ("tcp://fe80::1:2000", "lacks a host or a port"),
            ("tcp://host/x:2000", "lacks a host or a port"),
            ("tcp:host:2000", "lacks a host or a port"),
            (
                "/dev/ttyUSB0?speed=2400",
                "no setting \"speed\": use baud, data, parity, stop, dtr, rts, protocol",
            ),
            ("tcp://host:1?baud=300", "no setting \"baud\": use protocol, interval, address and wake"),
            ("/dev/ttyUSB0?protocol=dlms", "use hdlc, mbus, p1, sml, kmp382, kmp or iec"),
            ("/dev/ttyUSB0?protocol=kmp&interval=0s", "use a time like 10s, from 1s to 24h"),
            ("/dev/ttyUSB0?protocol=kmp&interval=5", "use a time like 10s"),
            ("/dev/ttyUSB0?interval=10s", "interval is for polled meters only: add protocol=kmp382, kmp"),
            ("/dev/ttyUSB0?protocol=hdlc&interval=10s", "interval is for polled meters only"),
            ("/dev/ttyUSB0?protocol=kmp&wake=on", "add protocol=iec"),
            ("/dev/ttyUSB0?protocol=iec&wake=please", "use on, off or uh50"),
            ("/dev/ttyUSB0?protocol=iec&address=1!", "use up to 32 digits"),
            ("/dev/ttyUSB0?dtr=1", "use on or off"),
            ("/dev/ttyUSB0?baud=fast", "\"fast\" is not a value for baud: use a number from 300 to 921600"),
            ("/dev/ttyUSB0?baud=0", "is not a value for baud"),
            ("/dev/ttyUSB0?baud", "\"\" is not a value for baud"),
            ("/dev/ttyUSB0?parity=mark", "use none, even or odd"),
            ("/dev/ttyUSB0?data=9", "use 7 or 8"),
            ("/dev/ttyUSB0?stop=3", "use 1 or 2"),
            ("/dev/ttyUSB0?stop=1&stop=2", "stop is given twice"),
            ("file:x?pace=fast", "use line or max"),
            ("file:x?speed=max", "no setting \"speed\": use pace"),
        ];
        for (text, part) in cases {
            let error = text.parse::<Source>().expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains('\n'));
        }
    }
}
