//! The query in the text of a source, as in `?baud=2400&parity=even`.

use std::fmt;

use crate::simulator;

/// Why a text is not a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It has none of the known forms.
    Unknown(String),
    /// The path or name after the scheme is missing; with an example.
    Empty(&'static str),
    /// A network address lacks its host or a port from 1 to 65535.
    Address(String),
    /// The source has no such setting; with those it has.
    Key(String, &'static str),
    /// The setting has no such value; with those it has.
    Value(&'static str, String, String),
    /// The setting is given twice.
    Twice(&'static str),
    /// The setting needs one of these protocols.
    Protocol(&'static str, String),
    /// There is no such simulated meter.
    Simulated(simulator::Error),
}

/// Splits a text into what precedes its query and the query.
pub(super) fn split(text: &str) -> (&str, &str) {
    text.rsplit_once('?').unwrap_or((text, ""))
}

/// The keys and values of a query.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Stores a value that must not be given twice.
pub(super) fn once<T>(key: &'static str, slot: &mut Option<T>, value: Result<T, Error>) -> Result<(), Error> {
    match slot.replace(value?) {
        Some(_) => Err(Error::Twice(key)),
        None => Ok(()),
    }
}

/// Reads a value that has one of a few names.
pub(super) fn one_of<T: Copy>(
    key: &'static str,
    text: &str,
    allowed: &str,
    values: &[(&str, T)],
) -> Result<T, Error> {
    let found = values.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| Error::Value(key, text.into(), allowed.into()))
}

/// Writes a query; nothing if there are no pairs.
pub(super) fn write(
    f: &mut fmt::Formatter<'_>,
    pairs: impl Iterator<Item = (&'static str, String)>,
) -> fmt::Result {
    let mut separator = '?';
    for (key, value) in pairs {
        write!(f, "{separator}{key}={value}")?;
        separator = '&';
    }
    Ok(())
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
            Self::Key(key, allowed) => write!(f, "the source has no setting \"{key}\": use {allowed}"),
            Self::Value(key, value, allowed) => {
                write!(f, "\"{value}\" is not a value for {key}: use {allowed}")
            }
            Self::Twice(key) => write!(f, "{key} is given twice: give it once"),
            Self::Protocol(key, protocols) => {
                write!(f, "{key} is for polled meters only: add protocol={protocols}")
            }
        }
    }
}

impl std::error::Error for Error {}
