//! `decode` and `/metrics` on fixtures and captures: text, JSON, redacted captures, expositions.
#![cfg(feature = "daemon")]

mod answers;
mod captures;
mod expositions;
mod frames;
mod parts;
mod scales;
mod sml;
#[path = "../support/mod.rs"]
mod support;
mod telegrams;
