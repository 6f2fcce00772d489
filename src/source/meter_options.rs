//! What the text of a source says of the meter itself.

use std::time::Duration;

use super::duration;
use super::query::{Error, once, one_of};
use crate::wire::iec21::{Address, Wake};
use crate::wire::protocol::Protocol;

/// What the user says of the meter and its optical head. The protocol has defaults for the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeterOptions {
    /// The meter's protocol; detected if the meter pushes.
    pub protocol: Option<Protocol>,
    /// The polling interval.
    pub interval: Option<Duration>,
    /// The meter's address among several on a line.
    pub address: Option<Address>,
    /// How the meter is woken.
    pub wake: Option<Wake>,
    /// Whether the modem line DTR is on. It powers many optical heads.
    pub dtr: Option<bool>,
    /// Whether the modem line RTS is on. It powers many optical heads.
    pub rts: Option<bool>,
}

/// Keys of a meter behind a network adapter.
pub(super) const KEYS: &str = "protocol, interval, address and wake";
/// Keys of a meter on a serial port.
pub(super) const SERIAL_KEYS: &str =
    "baud, data, parity, stop, dtr, rts, protocol, interval, address and wake";

const INTERVALS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);

impl MeterOptions {
    /// The protocol, if the meter is polled.
    pub fn polled(&self) -> Option<Protocol> {
        self.protocol.filter(|protocol| protocol.is_polled())
    }

    /// Levels of DTR and RTS: as the user says, or else as the protocol's optical heads need them. `None` leaves a line
    /// as it is.
    pub fn modem_lines(&self) -> (Option<bool>, Option<bool>) {
        let usual = self.protocol.and_then(Protocol::head_power);
        (self.dtr.or(usual.map(|(dtr, _)| dtr)), self.rts.or(usual.map(|(_, rts)| rts)))
    }

    /// Takes a key of any meter; false if it is not one.
    pub(super) fn take(&mut self, key: &str, value: &str) -> Result<bool, Error> {
        let wrong = |key, allowed: &str| Error::Value(key, value.into(), allowed.into());
        match key {
            "protocol" => {
                let protocol = value.parse().map_err(|()| wrong("protocol", &protocols(|_| true)));
                once("protocol", &mut self.protocol, protocol)?;
            }
            "interval" => {
                let interval = duration::parse(value).ok().filter(|interval| INTERVALS.contains(interval));
                let interval = interval.ok_or_else(|| wrong("interval", "a time like 10s, from 1s to 24h"));
                once("interval", &mut self.interval, interval)?;
            }
            "address" => {
                let address = Address::read(value.as_bytes());
                let address = address.ok_or_else(|| wrong("address", "up to 32 digits, letters and spaces"));
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

    /// Takes a key of a modem line; false if it is not one.
    pub(super) fn take_modem_line(&mut self, key: &str, value: &str) -> Result<bool, Error> {
        let switch = |key| one_of(key, value, "on or off", &[("on", true), ("off", false)]);
        match key {
            "dtr" => once("dtr", &mut self.dtr, switch("dtr"))?,
            "rts" => once("rts", &mut self.rts, switch("rts"))?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Refuses what the protocol cannot use.
    pub(super) fn check(self) -> Result<Self, Error> {
        let needs =
            |given: bool, key, fits: fn(Protocol) -> bool| match given && !self.protocol.is_some_and(fits) {
                true => Err(Error::Protocol(key, protocols(fits))),
                false => Ok(()),
            };
        needs(self.interval.is_some(), "interval", Protocol::is_polled)?;
        needs(self.address.is_some(), "address", Protocol::has_sign_on)?;
        needs(self.wake.is_some(), "wake", Protocol::has_sign_on)?;
        Ok(self)
    }

    /// The options as they are written, in a fixed order.
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

/// Names of protocols, as in "a, b or c".
fn protocols(fits: fn(Protocol) -> bool) -> String {
    let names: Vec<_> = Protocol::ALL.into_iter().filter(|it| fits(*it)).map(Protocol::name).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}
