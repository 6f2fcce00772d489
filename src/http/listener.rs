//! Where clients connect: addresses the server opens itself, or sockets that systemd passes.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::task::{Context, Poll, ready};

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket, UnixListener};

use super::socket::Socket;

/// A socket that accepts connections.
#[derive(Debug)]
pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Listens on `:10170` (all addresses of both IP versions), `127.0.0.1:10170`, `[::1]:10170` or `name:10170`.
    pub fn bind(address: &str) -> Result<Self, BindError> {
        let failed = |cause| BindError { address: address.to_owned(), cause };
        let candidates = candidates(address).map_err(failed)?;
        let mut cause = Cause::NoAddress;
        for candidate in candidates {
            match listen(candidate) {
                Ok(listener) => return Ok(Self::Tcp(listener)),
                // A machine without IPv6 has no [::]. Any other refusal must not be hidden by IPv4.
                Err(error)
                    if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::AddrNotAvailable) =>
                {
                    cause = Cause::Refused(error);
                }
                Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => {
                    cause = Cause::Refused(error)
                }
                Err(error) => return Err(failed(Cause::Refused(error))),
            }
        }
        Err(failed(cause))
    }

    /// Takes over the sockets that systemd passed to this process (`.socket` unit), in their order.
    pub fn passed() -> Result<Vec<Self>, BindError> {
        let mut passed = ListenFd::from_env();
        let listeners: Result<Vec<_>, _> = (0..passed.len()).map(|index| take(&mut passed, index)).collect();
        let listeners = listeners?;
        if listeners.is_empty() {
            return Err(BindError { address: String::new(), cause: Cause::NonePassed });
        }
        Ok(listeners)
    }

    /// The address for the log: `127.0.0.1:10170` or `unix:/run/han.sock`.
    pub fn address(&self) -> String {
        let unnamed = |_| "an unknown address".to_owned();
        match self {
            Self::Tcp(listener) => listener.local_addr().map_or_else(unnamed, |address| address.to_string()),
            Self::Unix(listener) => listener.local_addr().map_or_else(unnamed, |address| {
                address.as_pathname().map_or("unix".to_owned(), |path| format!("unix:{}", path.display()))
            }),
        }
    }

    pub(super) fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<Box<dyn Socket>>> {
        Poll::Ready(match self {
            Self::Tcp(listener) => {
                ready!(listener.poll_accept(context)).map(|(socket, _)| Box::new(socket) as _)
            }
            Self::Unix(listener) => {
                ready!(listener.poll_accept(context)).map(|(socket, _)| Box::new(socket) as _)
            }
        })
    }
}

/// Why the server cannot listen on an address.
#[derive(Debug)]
pub struct BindError {
    address: String,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    NotAnAddress,
    NoAddress,
    UnknownHost,
    NonePassed,
    NotAListener,
    Refused(io::Error),
}

impl std::error::Error for BindError {}

impl fmt::Display for BindError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Cause::NonePassed = self.cause {
            return formatter.write_str(
                "no socket activation file descriptors found; start the .socket unit, or omit --web.systemd-socket",
            );
        }
        write!(formatter, "cannot listen on {}: ", self.address)?;
        match &self.cause {
            Cause::NotAnAddress => formatter
                .write_str("not an address; write --web.listen-address as :10170, 127.0.0.1:10170 or [::1]:10170"),
            Cause::UnknownHost | Cause::NoAddress => {
                formatter.write_str("no such host; write --web.listen-address as :10170 or 127.0.0.1:10170")
            }
            Cause::NonePassed | Cause::NotAListener => formatter
                .write_str("neither a TCP nor a Unix stream socket; use ListenStream= with Accept=no in the .socket unit"),
            Cause::Refused(error) => refusal(formatter, error),
        }
    }
}

fn refusal(formatter: &mut fmt::Formatter<'_>, error: &io::Error) -> fmt::Result {
    match error.kind() {
        ErrorKind::AddrInUse => {
            formatter.write_str("another program uses the port; choose another with --web.listen-address")
        }
        ErrorKind::PermissionDenied => formatter
            .write_str("only root may use this port; choose one above 1023 with --web.listen-address"),
        ErrorKind::AddrNotAvailable => formatter.write_str(
            "this machine does not have the address; choose one of its own with --web.listen-address",
        ),
        _ => write!(formatter, "{error}; choose another address with --web.listen-address"),
    }
}

fn candidates(address: &str) -> Result<Vec<SocketAddr>, Cause> {
    let (host, port) = address.rsplit_once(':').ok_or(Cause::NotAnAddress)?;
    let port = port.parse::<u16>().map_err(|_| Cause::NotAnAddress)?;
    if host.is_empty() {
        return Ok(vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()]);
    }
    if let Ok(address) = address.parse() {
        return Ok(vec![address]);
    }
    if host.contains([':', '/', '[']) {
        return Err(Cause::NotAnAddress);
    }
    (host, port).to_socket_addrs().map(Iterator::collect).map_err(|_| Cause::UnknownHost)
}

/// Connections the kernel queues: a flood must not make a scraper wait a second for its retransmission.
const BACKLOG: u32 = 1024;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // After a restart the address is still in use by the last scrape's connection (TIME_WAIT).
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn take(passed: &mut ListenFd, index: usize) -> Result<Listener, BindError> {
    let tcp = passed.take_tcp_listener(index).ok().flatten().map(|listener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener).map(Listener::Tcp)
    });
    let listener = tcp.or_else(|| {
        passed.take_unix_listener(index).ok().flatten().map(|listener| {
            listener.set_nonblocking(true)?;
            UnixListener::from_std(listener).map(Listener::Unix)
        })
    });
    let failed = |cause| BindError { address: format!("socket {} of systemd", index + 1), cause };
    listener.ok_or_else(|| failed(Cause::NotAListener))?.map_err(|error| failed(Cause::Refused(error)))
}
