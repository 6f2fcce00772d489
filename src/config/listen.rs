//! Where to listen, as options give it.

use std::fmt;
use std::str::FromStr;

use crate::http::ListenAddress;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// On these addresses, never none.
    Addresses(Vec<ListenAddress>),
    /// On the sockets that systemd passes.
    Systemd,
}

/// The values in one option: the variable cannot be repeated, so it separates them by commas or spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Several<T>(pub Vec<T>);

impl<T: FromStr<Err: fmt::Display>> FromStr for Several<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ', '\t']).filter(|part| !part.is_empty());
        let read = |part: &str| {
            let of_several = |wrong: T::Err| match part == text {
                true => wrong.to_string(),
                false => format!("contains '{part}', which {wrong}"),
            };
            part.parse().map_err(of_several)
        };
        let values = parts.map(read).collect::<Result<Vec<_>, _>>()?;
        // Nothing is no value either, and its error message shows what would be one.
        if values.is_empty() { read("").map(|value| Self(vec![value])) } else { Ok(Self(values)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_several_addresses_from_one_text() {
        let several: Several<ListenAddress> = "[::1]:2, localhost:3 :4".parse().unwrap();
        assert_eq!(
            several.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["[::1]:2", "localhost:3", ":4"]
        );
        let wrong = |text: &str| text.parse::<Several<ListenAddress>>().unwrap_err();
        assert!(wrong(":1,x").starts_with("contains 'x', which is not an address"));
        assert!(wrong("x").starts_with("is not an address"));
        assert!(wrong(" , ").starts_with("contains '', which is not an address"));
        assert!(wrong("").starts_with("is not an address"));
    }
}
