//! Where clients connect: addresses the server opens itself, or sockets that systemd passes.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{self, SocketAddr};
use std::os::fd::OwnedFd;
use std::task::{Context, Poll};

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket, UnixListener};

use super::address::ListenAddress;
use super::socket::{Socket, bound_buffers};

/// A socket that accepts connections.
#[derive(Debug)]
pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Listens on the first candidate of an address that can be bound.
    pub fn bind(address: &ListenAddress) -> Result<Self, BindError> {
        let failed = |cause| BindError { address: address.to_string(), cause };
        let mut cause = Cause::NoHost;
        for candidate in address.candidates().unwrap_or_default() {
            match listen(candidate) {
                Ok(listener) => return Ok(Self::Tcp(listener)),
                Err(error) if is_not_of_this_machine(&error) => cause = Cause::Refused(error),
                Err(error) => return Err(failed(Cause::Refused(error))),
            }
        }
        Err(failed(cause))
    }

    /// Takes over the sockets that systemd passed to this process (`.socket` unit), in their order.
    pub fn passed() -> Result<Vec<Self>, BindError> {
        let mut passed = ListenFd::from_env();
        match passed.len() {
            0 => Err(BindError { address: String::new(), cause: Cause::NonePassed }),
            count => (0..count).map(|index| take(&mut passed, index)).collect(),
        }
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
        match self {
            Self::Tcp(listener) => listener.poll_accept(context).map_ok(|(socket, _)| Box::new(socket) as _),
            Self::Unix(listener) => listener.poll_accept(context).map_ok(|(socket, _)| Box::new(socket) as _),
        }
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
    NoHost,
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
            Cause::NoHost => {
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

/// A machine without IPv6 has no `[::]`. Any other refusal must not be hidden by IPv4.
fn is_not_of_this_machine(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::AddrNotAvailable)
        || error.raw_os_error() == Some(libc::EAFNOSUPPORT)
}

/// Connections the kernel queues: a flood must not make a scraper wait a second for its retransmission.
const BACKLOG: u32 = 1024;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // After a restart the address is still in use by the last scrape's connection (TIME_WAIT).
    socket.set_reuseaddr(true)?;
    bound_buffers(&socket)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn take(passed: &mut ListenFd, index: usize) -> Result<Listener, BindError> {
    let listener = if let Ok(Some(tcp)) = passed.take_tcp_listener(index) {
        take_tcp(tcp).map(Listener::Tcp)
    } else if let Ok(Some(unix)) = passed.take_unix_listener(index) {
        unix.set_nonblocking(true).and_then(|()| UnixListener::from_std(unix)).map(Listener::Unix)
    } else {
        return Err(not_taken(index, Cause::NotAListener));
    };
    listener.map_err(|error| not_taken(index, Cause::Refused(error)))
}

fn take_tcp(listener: net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    // The same socket in the form that has these settings.
    let socket = net::TcpStream::from(OwnedFd::from(listener.try_clone()?));
    bound_buffers(&TcpSocket::from_std_stream(socket))?;
    TcpListener::from_std(listener)
}

fn not_taken(index: usize, cause: Cause) -> BindError {
    BindError { address: format!("socket {} of systemd", index + 1), cause }
}
