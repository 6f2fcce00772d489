//! The HTTP server over real sockets: what it answers, whom it cuts off, what it survives.
#![cfg(feature = "daemon")]

mod answers;
mod child;
mod harness;
mod hosts;
mod limits;
mod listen;
mod streams;
