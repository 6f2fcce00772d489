//! Where to listen, as options give it.

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

/// The addresses in one option: the variable cannot be repeated, so it separates them by commas or spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddresses(pub Vec<ListenAddress>);

impl FromStr for ListenAddresses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ', '\t']).filter(|part| !part.is_empty());
        let read = |part: &str| {
            let of_several =
                |wrong| if part == text { wrong } else { format!("contains '{part}', which {wrong}") };
            part.parse().map_err(of_several)
        };
        let addresses = parts.map(read).collect::<Result<Vec<_>, _>>()?;
        if addresses.is_empty() {
            return Err("is empty; write it like :10170".into());
        }
        Ok(Self(addresses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_several_addresses_from_one_text() {
        let several: ListenAddresses = "[::1]:2, localhost:3 :4".parse().unwrap();
        assert_eq!(
            several.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["[::1]:2", "localhost:3", ":4"]
        );
        let wrong = |text: &str| text.parse::<ListenAddresses>().unwrap_err();
        assert!(wrong(":1,x").starts_with("contains 'x', which is not an address"));
        assert!(wrong("x").starts_with("is not an address"));
        assert!(wrong(" , ").starts_with("is empty"));
    }
}
