//! Addresses to listen on, written as Prometheus exporters take them.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// A host and a port; without a host, every address of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    host: String,
    port: u16,
}

impl ListenAddress {
    /// Looks up the host; the caller binds the first address that can be bound.
    pub fn candidates(&self) -> io::Result<Vec<SocketAddr>> {
        if self.host.is_empty() {
            // A kernel without IPv6 refuses the first.
            let port = self.port;
            return Ok(vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()]);
        }
        (self.host.as_str(), self.port).to_socket_addrs().map(Iterator::collect)
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "is not an address to listen on; write it like :10170, 127.0.0.1:10170 or [::1]:10170";
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inside) => inside.parse::<Ipv6Addr>().map(|_| inside).map_err(|_| wrong())?,
            None if host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) => host,
            None => return Err(wrong().into()),
        };
        Ok(Self { host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_form_that_it_writes() {
        for text in [":10170", "127.0.0.1:0", "[::1]:9100", "localhost:80", "meter-1.example.org:65535"] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn looks_up_every_address_of_the_machine_or_the_one_given() {
        let every = ":10170".parse::<ListenAddress>().unwrap().candidates().unwrap();
        assert_eq!(every, ["[::]:10170".parse().unwrap(), "0.0.0.0:10170".parse().unwrap()]);
        let one: ListenAddress = "[::1]:7".parse().unwrap();
        assert_eq!(one.candidates().unwrap(), ["[::1]:7".parse().unwrap()]);
    }

    #[test]
    fn rejects_anything_else_with_an_example() {
        let wrong = [
            "",
            "10170",
            ":",
            ":x",
            ":70000",
            "::1:80",
            "[::1]",
            "[::1:9100",
            "[x]:80",
            "[]:1",
            "a b:80",
            "vsock://:1",
            "h/p:1",
        ];
        for text in wrong {
            let message = text.parse::<ListenAddress>().unwrap_err();
            assert!(message.contains("127.0.0.1:10170"), "{text}: {message}");
        }
    }
}
