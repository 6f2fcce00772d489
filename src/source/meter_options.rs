//! How a meter is spoken to: what the text of a source says of it beside where it is.

use std::time::Duration;

use super::address::{Error, once, one_of};
use super::duration;
pub use crate::wire::iec21::{Address, Wake};
pub use crate::wire::protocol::Protocol;

/// What the user said of the meter and its line. Of what is not said the protocol knows the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeterOptions {
    /// What the meter speaks; it is found out if it speaks by itself.
    pub protocol: Option<Protocol>,
    /// How often it is asked.
    pub interval: Option<Duration>,
    /// Its address among several on a line.
    pub address: Option<Address>,
    /// What wakes it.
    pub wake: Option<Wake>,
    /// The line DTR, which feeds many an optical head.
    pub dtr: Option<bool>,
    /// The line RTS, likewise.
    pub rts: Option<bool>,
}

/// The settings of a meter behind a network adapter.
pub(super) const KEYS: &str = "protocol, interval, address and wake";
/// Those of one on a serial port.
pub(super) const SERIAL_KEYS: &str =
    "baud, data, parity, stop, dtr, rts, protocol, interval, address and wake";

const PROTOCOLS: &str = "hdlc, mbus, p1, sml, kmp382, kmp or iec";
const INTERVALS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);

impl MeterOptions {
    /// The protocol, if the meter waits to be asked.
    pub fn polled(&self) -> Option<Protocol> {
        self.protocol.filter(|protocol| protocol.is_polled())
    }

    /// How DTR and RTS are to be set: as the user says, else as the readers do that are known to work with the optical
    /// heads of a protocol; untouched if nothing is known.
    pub fn modem_lines(&self) -> (Option<bool>, Option<bool>) {
        let usual = match self.protocol {
            Some(Protocol::Kmp382 | Protocol::Iec) => (Some(false), Some(true)),
            _ => (None, None),
        };
        (self.dtr.or(usual.0), self.rts.or(usual.1))
    }

    /// Takes a setting of the meter; says whether it is one.
    pub(super) fn take(&mut self, key: &str, value: &str) -> Result<bool, Error> {
        let wrong = |key, allowed| Error::Value(key, value.into(), allowed);
        match key {
            "protocol" => {
                let protocol = value.parse().map_err(|()| wrong("protocol", PROTOCOLS));
                once("protocol", &mut self.protocol, protocol)?;
            }
            "interval" => {
                let interval = duration::parse(value).ok().filter(|interval| INTERVALS.contains(interval));
                let interval = interval.ok_or_else(|| wrong("interval", "a time like 10s, from 1s to 24h"));
                once("interval", &mut self.interval, interval)?;
            }
            "address" => {
                let address = Address::read(value.as_bytes());
                let address = address.ok_or_else(|| wrong("address", "up to 32 digits, letters and blanks"));
                once("address", &mut self.address, address)?;
            }
            "wake" => {
                let wakes = [("off", Wake::None), ("on", Wake::Zeros), ("uh50", Wake::Ultraheat)];
                once("wake", &mut self.wake, one_of("wake", value, "on, off or uh50", &wakes))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Takes a setting of a modem line; says whether it is one.
    pub(super) fn take_line(&mut self, key: &str, value: &str) -> Result<bool, Error> {
        let switch = |key| one_of(key, value, "on or off", &[("on", true), ("off", false)]);
        match key {
            "dtr" => once("dtr", &mut self.dtr, switch("dtr"))?,
            "rts" => once("rts", &mut self.rts, switch("rts"))?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What goes with a meter that is asked does not go with another.
    pub(super) fn check(self) -> Result<Self, Error> {
        let needs = |given: bool, key, protocols, fits: bool| match given && !fits {
            true => Err(Error::Protocol(key, protocols)),
            false => Ok(()),
        };
        let is_iec = self.protocol == Some(Protocol::Iec);
        needs(self.interval.is_some(), "interval", "kmp382, kmp or iec", self.polled().is_some())?;
        needs(self.address.is_some(), "address", "iec", is_iec)?;
        needs(self.wake.is_some(), "wake", "iec", is_iec)?;
        Ok(self)
    }

    /// The settings as they are written, in a steady order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
        let wake = self.wake.map(|wake| match wake {
            Wake::None => "off",
            Wake::Zeros => "on",
            Wake::Ultraheat => "uh50",
        });
        let address = self.address.map(|address| String::from_utf8_lossy(address.digits()).into_owned());
        let given = [
            ("dtr", self.dtr.map(switch)),
            ("rts", self.rts.map(switch)),
            ("protocol", self.protocol.map(|protocol| protocol.to_string())),
            ("interval", self.interval.map(duration::text)),
            ("address", address),
            ("wake", wake.map(str::to_owned)),
        ];
        given.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }
}
