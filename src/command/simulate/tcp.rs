//! A listening socket that sends to all clients, like a network adapter.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, sleep_until};

use crate::http::ListenAddress;

/// More clients than needed, and few enough to leave file descriptors.
const MOST: usize = 64;

/// The socket and its clients.
pub struct Tcp {
    listener: TcpListener,
    clients: Vec<TcpStream>,
}

impl Tcp {
    /// Listens at an address.
    pub async fn listen(address: &ListenAddress) -> io::Result<Self> {
        let listener = TcpListener::bind(&address.candidates()?[..]).await?;
        Ok(Tcp { listener, clients: Vec::new() })
    }

    /// The address at which it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Lets clients connect until a moment.
    pub async fn wait_until(&mut self, moment: Instant) {
        let until = sleep_until(moment);
        tokio::pin!(until);
        loop {
            tokio::select! {
                accepted = self.listener.accept() => self.take(accepted).await,
                () = &mut until => return,
            }
        }
    }

    /// Waits for bytes from a client. Others may connect meanwhile. Cancel-safe.
    pub async fn receive(&mut self, buffer: &mut [u8]) -> usize {
        loop {
            tokio::select! {
                count = received(&mut self.clients, buffer) => return count,
                accepted = self.listener.accept() => self.take(accepted).await,
            }
        }
    }

    /// Sends bytes to all clients. Those that have left, or do not take all bytes at once, are dropped.
    pub fn send(&mut self, bytes: &[u8]) {
        self.clients.retain(|client| client.try_write(bytes).is_ok_and(|count| count == bytes.len()));
    }

    /// Drops all clients.
    pub fn hang_up(&mut self) {
        self.clients.clear();
    }

    async fn take(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        match accepted {
            Ok((client, _)) if self.clients.len() < MOST => {
                // A frame is one write and must not wait for the next one.
                let _ = client.set_nodelay(true);
                self.clients.push(client);
            }
            Ok(_) => {}
            // Out of file descriptors: the waiting connection would be reported again at once.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Waits for bytes of any client. Clients that have left are dropped. Cancel-safe.
async fn received(clients: &mut Vec<TcpStream>, buffer: &mut [u8]) -> usize {
    poll_fn(|context| {
        let mut received = None;
        clients.retain(|client| {
            while received.is_none() && client.poll_read_ready(context).is_ready() {
                match client.try_read(buffer) {
                    Ok(count @ 1..) => received = Some(count),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    _ => return false,
                }
            }
            true
        });
        received.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tokio::time::timeout;

    const LONG: Duration = Duration::from_secs(30);

    async fn connected(tcp: &mut Tcp, count: usize) {
        let all = async {
            while tcp.clients.len() < count {
                tcp.wait_until(Instant::now() + Duration::from_millis(5)).await;
            }
        };
        timeout(LONG, all).await.expect("clients are accepted");
    }

    async fn read(client: &mut TcpStream, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        timeout(LONG, client.read_exact(&mut bytes)).await.expect("bytes come").unwrap();
        bytes
    }

    #[tokio::test]
    async fn all_clients_receive_the_same_and_those_that_left_are_dropped() {
        let mut tcp = Tcp::listen(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = tcp.address().unwrap();
        let mut one = TcpStream::connect(address).await.unwrap();
        let mut other = TcpStream::connect(address).await.unwrap();
        connected(&mut tcp, 2).await;
        tcp.send(b"first");
        assert_eq!(
            (read(&mut one, 5).await, read(&mut other, 5).await),
            (b"first".to_vec(), b"first".to_vec())
        );
        drop(other);
        let until_dropped = async {
            while tcp.clients.len() > 1 {
                tcp.send(b".");
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LONG, until_dropped).await.expect("a client that left is dropped");
        assert_eq!(read(&mut one, 1).await, b".");
        tcp.hang_up();
        let mut rest = Vec::new();
        timeout(LONG, one.read_to_end(&mut rest)).await.expect("the client is disconnected").unwrap();
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_dropped_without_waiting() {
        let mut tcp = Tcp::listen(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
        let _sleeper = TcpStream::connect(tcp.address().unwrap()).await.unwrap();
        connected(&mut tcp, 1).await;
        let megabyte = vec![0; 1 << 20];
        for _ in 0..64 {
            tcp.send(&megabyte);
        }
        assert!(tcp.clients.is_empty());
    }
}
