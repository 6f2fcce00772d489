//! `decode` and `/metrics` on fixtures and captures: text, JSON, redacted captures, expositions.
#![cfg(feature = "explain")]

mod answers;
mod captures;
#[cfg(feature = "daemon")]
mod expositions;
mod frames;
mod parts;
mod redacted;
mod scales;
mod sml;
#[path = "../support/mod.rs"]
mod support;
mod telegrams;
