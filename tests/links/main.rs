//! Links over pseudo-terminals, sockets and files, and the simulated meters connected to them.
//!
//! These tests start no child process: it would hold open a pseudo-terminal that is to be unplugged.
#![cfg(feature = "daemon")]

mod pipeline;
mod simulate;
mod source;
#[path = "../support/mod.rs"]
mod support;
