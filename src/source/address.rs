//! A source as one value: the same text on the command line, in the environment and in the configuration file.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::detect::{Detection, FixedSettings, Parity, SerialSettings};
use super::meter_options::{self, MeterOptions};
use super::replay::Pace;
use crate::simulator::{self, Simulated};

/// Where bytes come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The one serial adapter found.
    Auto,
    /// A serial port.
    Serial {
        /// Its device node or a link to it.
        path: PathBuf,
        /// Settings that are not to be detected.
        fixed: FixedSettings,
        /// How its meter is spoken to.
        meter: MeterOptions,
    },
    /// A serial port behind a network bridge.
    Tcp {
        /// Name or address of the bridge.
        host: String,
        /// Its port.
        port: u16,
        /// How the meter behind it is spoken to.
        meter: MeterOptions,
    },
    /// Captured bytes, raw or as a hex dump.
    File {
        /// Where they lie.
        path: PathBuf,
        /// How fast they are played.
        pace: Pace,
    },
    /// Standard input, raw or as a hex dump.
    Stdin,
    /// A simulated meter.
    Simulated(Simulated),
}

/// Why a text is not a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It has none of the known forms.
    Unknown(String),
    /// The path or name after the scheme is missing.
    Empty(&'static str),
    /// A network address lacks its host or a port from 1 to 65535.
    Address(String),
    /// The source has no such setting.
    Key(String, &'static str),
    /// The setting has no such value.
    Value(&'static str, String, &'static str),
    /// The setting is given twice.
    Twice(&'static str),
    /// The setting goes with some protocols only.
    Protocol(&'static str, &'static str),
    /// There is no such simulated meter.
    Simulated(simulator::Error),
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
    let (path, query) = split_query(text);
    if path.is_empty() {
        return Err(Error::Empty("/dev/ttyUSB0"));
    }
    let (mut fixed, mut meter) = (FixedSettings::default(), MeterOptions::default());
    for (key, value) in pairs(query) {
        match key {
            "baud" => once("baud", &mut fixed.baud, baud(value))?,
            "data" => once("data", &mut fixed.data, one_of("data", value, "7 or 8", &[("7", 7), ("8", 8)]))?,
            "stop" => once("stop", &mut fixed.stop, one_of("stop", value, "1 or 2", &[("1", 1), ("2", 2)]))?,
            "parity" => once("parity", &mut fixed.parity, parity(value))?,
            _ if meter.take(key, value)? || meter.take_line(key, value)? => {}
            _ => return Err(Error::Key(key.into(), meter_options::SERIAL_KEYS)),
        }
    }
    Ok(Source::Serial { path: path.into(), fixed, meter: meter.check()? })
}

fn tcp(rest: &str, text: &str) -> Result<Source, Error> {
    let (place, query) = split_query(rest);
    let (host, port) = bridge(place).ok_or_else(|| Error::Address(text.into()))?;
    let mut meter = MeterOptions::default();
    for (key, value) in pairs(query) {
        if !meter.take(key, value)? {
            return Err(Error::Key(key.into(), meter_options::KEYS));
        }
    }
    Ok(Source::Tcp { host, port, meter: meter.check()? })
}

/// The host and the port of a network adapter.
fn bridge(text: &str) -> Option<(String, u16)> {
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
    let (path, query) = split_query(text);
    if path.is_empty() {
        return Err(Error::Empty("file:capture.hex"));
    }
    let mut pace = None;
    for (key, value) in pairs(query) {
        match key {
            "pace" => {
                let paces = [("line", Pace::Line), ("max", Pace::Max)];
                once("pace", &mut pace, one_of("pace", value, "line or max", &paces))?;
            }
            _ => return Err(Error::Key(key.into(), "pace")),
        }
    }
    Ok(Source::File { path: path.into(), pace: pace.unwrap_or(Pace::Line) })
}

fn split_query(text: &str) -> (&str, &str) {
    text.rsplit_once('?').unwrap_or((text, ""))
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

pub(super) fn once<T>(key: &'static str, slot: &mut Option<T>, value: Result<T, Error>) -> Result<(), Error> {
    match slot.replace(value?) {
        Some(_) => Err(Error::Twice(key)),
        None => Ok(()),
    }
}

fn baud(text: &str) -> Result<u32, Error> {
    let rate = text.parse().ok().filter(|rate| (300..=921_600).contains(rate));
    rate.ok_or_else(|| Error::Value("baud", text.into(), "a number from 300 to 921600"))
}

fn parity(text: &str) -> Result<Parity, Error> {
    let parities = [("none", Parity::None), ("even", Parity::Even), ("odd", Parity::Odd)];
    one_of("parity", text, "none, even or odd", &parities)
}

pub(super) fn one_of<T: Copy>(
    key: &'static str,
    text: &str,
    allowed: &'static str,
    values: &[(&str, T)],
) -> Result<T, Error> {
    let found = values.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| Error::Value(key, text.into(), allowed))
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Serial { path, fixed, meter } => {
                let scheme = if path.is_absolute() { "" } else { "serial:" };
                write!(f, "{scheme}{}", path.display())?;
                query(f, fixed.pairs().chain(meter.pairs()))
            }
            Self::Tcp { host, port, meter } => {
                match host.contains(':') {
                    true => write!(f, "tcp://[{host}]:{port}")?,
                    false => write!(f, "tcp://{host}:{port}")?,
                }
                query(f, meter.pairs())
            }
            Self::File { path, pace: Pace::Line } => write!(f, "file:{}", path.display()),
            Self::File { path, pace: Pace::Max } => write!(f, "file:{}?pace=max", path.display()),
            Self::Stdin => f.write_str("-"),
            Self::Simulated(name) => write!(f, "sim:{name}"),
        }
    }
}

/// Writes settings as the query of a source, `?baud=2400&parity=even`.
fn query(f: &mut fmt::Formatter<'_>, pairs: impl Iterator<Item = (&'static str, String)>) -> fmt::Result {
    let mut mark = '?';
    for (key, value) in pairs {
        write!(f, "{mark}{key}={value}")?;
        mark = '&';
    }
    Ok(())
}

impl Source {
    /// How its line is set in the beginning, as far as the user has said so.
    pub fn line(&self) -> Option<SerialSettings> {
        match self {
            Self::Serial { fixed, meter, .. } if *fixed != FixedSettings::default() => {
                Some(Detection::new(fixed, meter.protocol).settings())
            }
            _ => None,
        }
    }

    /// Whether the settings of its line can be changed; those behind a network adapter cannot.
    pub fn can_be_set(&self) -> bool {
        !matches!(self, Self::Tcp { .. })
    }

    /// How its meter is spoken to.
    pub fn meter_options(&self) -> MeterOptions {
        match self {
            Self::Serial { meter, .. } | Self::Tcp { meter, .. } => *meter,
            Self::Simulated(simulated) => {
                MeterOptions { protocol: simulated.polled(), ..MeterOptions::default() }
            }
            Self::Auto | Self::File { .. } | Self::Stdin => MeterOptions::default(),
        }
    }

    /// Whether two would take each other's bytes, however each sets the line and speaks to its meter.
    pub fn rivals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Serial { path, .. }, Self::Serial { path: same, .. }) => path == same,
            (Self::Tcp { host, port, .. }, Self::Tcp { host: same, port: likewise, .. }) => {
                (host, port) == (same, likewise)
            }
            (Self::Auto, Self::Auto) | (Self::Stdin, Self::Stdin) => true,
            _ => false,
        }
    }
}

impl FixedSettings {
    fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let parity = self.parity.map(|parity| match parity {
            Parity::None => "none",
            Parity::Even => "even",
            Parity::Odd => "odd",
        });
        let given = [
            ("baud", self.baud.map(|baud| baud.to_string())),
            ("data", self.data.map(|data| data.to_string())),
            ("parity", parity.map(str::to_owned)),
            ("stop", self.stop.map(|stop| stop.to_string())),
        ];
        given.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }
}

/// Writes the settings as the query of a source.
impl fmt::Display for FixedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        query(f, self.pairs())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simulated(error) => error.fmt(f),
            Self::Unknown(text) => write!(
                f,
                "unknown source \"{text}\": use auto, /dev/ttyUSB0, tcp://HOST:PORT, file:PATH, - or sim:kaifa"
            ),
            Self::Empty(example) => write!(f, "the source has no path or name: write it like {example}"),
            Self::Address(text) => {
                write!(f, "\"{text}\" lacks a host or a port: write it like tcp://192.168.1.20:2000")
            }
            Self::Key(key, allowed) => {
                write!(f, "the source has no setting \"{key}\": it knows {allowed}")
            }
            Self::Value(key, value, allowed) => {
                write!(f, "\"{value}\" is no value for {key}: use {allowed}")
            }
            Self::Twice(key) => write!(f, "{key} is given twice: leave one out"),
            Self::Protocol(key, protocols) => {
                write!(f, "{key} goes with a meter that is asked: add protocol={protocols}")
            }
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::meter_options::{Address, Protocol, Wake};
    use super::*;
    use std::time::Duration;

    fn serial_source(fixed: FixedSettings) -> Source {
        Source::Serial { path: "/dev/ttyUSB0".into(), fixed, meter: MeterOptions::default() }
    }

    fn optical(meter: MeterOptions) -> Source {
        Source::Serial { path: "/dev/ttyUSB0".into(), fixed: FixedSettings::default(), meter }
    }

    #[test]
    fn every_form_is_read_and_written_back() {
        let full =
            FixedSettings { baud: Some(2400), parity: Some(Parity::Even), stop: Some(1), data: Some(8) };
        let file = |pace| Source::File { path: "a b/x.hex".into(), pace };
        let asked = |protocol| MeterOptions { protocol: Some(protocol), ..MeterOptions::default() };
        let behind = |host: &str, meter| Source::Tcp { host: host.into(), port: 2000, meter };
        let tcp = |host| behind(host, MeterOptions::default());
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
                optical(MeterOptions { interval: Some(Duration::from_secs(30)), ..asked(Protocol::Kmp382) }),
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
                    ..asked(Protocol::Iec)
                }),
                "/dev/ttyUSB0?dtr=on&rts=off&protocol=iec&interval=1h&address=12345678&wake=on",
            ),
            (
                "tcp://meter.lan:2000?protocol=kmp",
                behind("meter.lan", asked(Protocol::Kmp)),
                "tcp://meter.lan:2000?protocol=kmp",
            ),
            ("/dev/ttyUSB0?protocol=sml", optical(asked(Protocol::Sml)), "/dev/ttyUSB0?protocol=sml"),
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
    fn what_is_wrong_is_said_in_one_line_with_what_is_allowed() {
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
                "no setting \"speed\": it knows baud, data, parity, stop, dtr, rts, protocol",
            ),
            ("tcp://host:1?baud=300", "no setting \"baud\": it knows protocol, interval, address and wake"),
            ("/dev/ttyUSB0?protocol=dlms", "use hdlc, mbus, p1, sml, kmp382, kmp or iec"),
            ("/dev/ttyUSB0?protocol=kmp&interval=0s", "use a time like 10s, from 1s to 24h"),
            ("/dev/ttyUSB0?protocol=kmp&interval=5", "use a time like 10s"),
            (
                "/dev/ttyUSB0?interval=10s",
                "interval goes with a meter that is asked: add protocol=kmp382, kmp",
            ),
            ("/dev/ttyUSB0?protocol=hdlc&interval=10s", "interval goes with a meter that is asked"),
            ("/dev/ttyUSB0?protocol=kmp&wake=on", "add protocol=iec"),
            ("/dev/ttyUSB0?protocol=iec&wake=please", "use on, off or uh50"),
            ("/dev/ttyUSB0?protocol=iec&address=1!", "use up to 32 digits"),
            ("/dev/ttyUSB0?dtr=1", "use on or off"),
            ("/dev/ttyUSB0?baud=fast", "\"fast\" is no value for baud: use a number from 300 to 921600"),
            ("/dev/ttyUSB0?baud=0", "is no value for baud"),
            ("/dev/ttyUSB0?baud", "\"\" is no value for baud"),
            ("/dev/ttyUSB0?parity=mark", "use none, even or odd"),
            ("/dev/ttyUSB0?data=9", "use 7 or 8"),
            ("/dev/ttyUSB0?stop=3", "use 1 or 2"),
            ("/dev/ttyUSB0?stop=1&stop=2", "stop is given twice"),
            ("file:x?pace=fast", "use line or max"),
            ("file:x?speed=max", "no setting \"speed\": it knows pace"),
        ];
        for (text, part) in cases {
            let error = text.parse::<Source>().expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains('\n'));
        }
    }
}
