//! The repository itself: its layers, its map, its README, its dashboard and rules.
#![cfg(feature = "daemon")]

mod architecture;
mod dashboards;
mod readme;
#[path = "../support/mod.rs"]
mod support;
mod tidy;
