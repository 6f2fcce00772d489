//! Under which names a browser may ask.
//!
//! A website can have its own name lead to an address of the visitor's network, and then read what is there through the
//! visitor's browser (DNS rebinding). Its requests name the website as their host. So what may come from a browser is
//! answered only under names that no website can have, and under those that the user gives.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use hyper::Version;
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::request::Parts;

use super::refusal::Refusal;

/// Domains that exist only inside networks: RFC 6762, RFC 8375, ICANN's reservation of `internal`, and two that routers
/// use and that nobody can register.
const DOMAINS: [&str; 5] = [".local", ".home.arpa", ".internal", ".lan", ".home"];

/// Bytes of the longest name that DNS can have (RFC 1035, 3.1).
const LONGEST: usize = 253;

/// The names under which a browser may ask, besides those of every local network. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Hosts(Arc<RwLock<Vec<HostName>>>);

impl Hosts {
    /// Allows these names from now on, and no others.
    pub fn allow(&self, names: impl IntoIterator<Item = HostName>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = names.into_iter().collect();
    }

    /// Refuses a request that does not say for which host it is, or that may be a website's.
    pub(super) fn check(&self, head: &Parts) -> Result<(), Refusal> {
        let name = named(head)?;
        match (may_come_from_a_browser(&head.headers), name) {
            (false, _) => Ok(()),
            (true, Some(name)) if self.admits(name) => Ok(()),
            (true, Some(name)) if !name.is_empty() => Err(Refusal::Name(name.to_owned())),
            (true, _) => Err(Refusal::Host),
        }
    }

    fn admits(&self, name: &str) -> bool {
        let name = HostName::normalised(name);
        is_of_a_local_network(&name.0)
            || self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&name)
    }
}

/// The name of a computer in lower case, without a final dot.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostName(String);

impl HostName {
    fn normalised(text: &str) -> Self {
        Self(text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase())
    }
}

impl FromStr for HostName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name = Self::normalised(text);
        match !name.0.is_empty() && name.0.chars().all(is_plain) {
            true => Ok(name),
            false => {
                Err("is not the name of a host; write it without scheme and port, like meter.example.org")
            }
        }
    }
}

/// The host that a request is for, without its port.
///
/// RFC 9112 requires exactly one `Host` of HTTP/1.1. Health checks that speak HTTP/1.0 may have none, and no page can make
/// a browser send such a request. The host in a complete address precedes `Host`.
fn named(head: &Parts) -> Result<Option<&str>, Refusal> {
    let mut given = head.headers.get_all(header::HOST).iter();
    let host = match (given.next(), given.next()) {
        (Some(host), None) => Some(host.to_str().map_err(|_| Refusal::Host)?),
        (None, _) if head.version < Version::HTTP_11 => None,
        _ => return Err(Refusal::Host),
    };
    let host = head.uri.authority().map(|authority| authority.as_str()).or(host);
    host.map(|host| without_port(host).ok_or(Refusal::Host)).transpose()
}

/// The host of `host:port` as RFC 3986 has it; `None` if it is not one.
fn without_port(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=".contains(c);
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (text, ""),
    };
    let is_host = literal(host).is_some() || host.len() <= LONGEST && host.chars().all(is_name);
    (is_host && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(host)
}

/// An IPv6 address in brackets.
fn literal(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether no website can have this name.
fn is_of_a_local_network(name: &str) -> bool {
    let is_address = literal(name).is_some() || name.parse::<Ipv4Addr>().is_ok();
    // A name without a dot, `localhost` among them, is of this network or of no other.
    let is_single_label = !name.is_empty() && !name.contains('.');
    is_address || is_single_label || DOMAINS.iter().any(|domain| name.ends_with(domain))
}

/// Whether a browser may have sent this. A page can change some of these, but not omit all of them.
fn may_come_from_a_browser(headers: &HeaderMap) -> bool {
    let is_telling = |name: &HeaderName| {
        matches!(*name, header::ACCEPT_LANGUAGE | header::ORIGIN | header::REFERER)
            || name.as_str().starts_with("sec-fetch-")
    };
    let is_browser =
        |agent: &[u8]| agent.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"Mozilla/"));
    headers.keys().any(is_telling)
        || headers.get_all(header::USER_AGENT).iter().any(|agent| is_browser(agent.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_host_and_port_and_rejects_what_is_neither() {
        for (text, host) in [
            ("", ""),
            ("pi", "pi"),
            ("pi:", "pi"),
            ("Pi.Local.:10170", "Pi.Local."),
            ("192.0.2.1:80", "192.0.2.1"),
            ("[::1]", "[::1]"),
            ("[fe80::1]:10170", "[fe80::1]"),
            (":80", ""),
        ] {
            assert_eq!(without_port(text), Some(host), "{text}");
        }
        for text in [
            "a b", "a/b", "user@pi", "pi:x", "pi:80:80", "::1", "[::1", "::1]", "[pi]", "[::1]x", "[::1]:x",
            "\u{e4}",
        ] {
            assert_eq!(without_port(text), None, "{text}");
        }
    }

    #[test]
    fn names_of_local_networks_are_those_that_no_website_can_have() {
        let hosts = Hosts::default();
        hosts.allow(["Meter.Example.ORG.".parse().unwrap()]);
        for name in [
            "127.0.0.1",
            "192.168.1.7",
            "[::1]",
            "localhost",
            "LOCALHOST.",
            "raspberrypi",
            "pi.local",
            "pi.LOCAL.",
            "pi.fritz.home",
            "pi.lan",
            "pi.home.arpa",
            "a.b.internal",
            "meter.example.org",
            "METER.example.org.",
        ] {
            assert!(hosts.admits(name), "{name}");
        }
        for name in [
            "",
            ".",
            "example.org",
            "a.meter.example.org",
            "127.0.0.1.example.org",
            "local.example.org",
            "pi.notlocal.example",
            "pi.xlocal",
            "pi.arpa",
            "192.168.1",
            "pi..",
        ] {
            assert!(!hosts.admits(name), "{name}");
        }
    }

    #[test]
    fn a_name_to_allow_is_a_name_alone() {
        for text in
            ["", ".", "http://a.example", "a.example:80", "a.example/x", "*.example", "a b", "\u{e4}.example"]
        {
            assert!(text.parse::<HostName>().unwrap_err().contains("meter.example.org"), "{text}");
        }
    }
}
