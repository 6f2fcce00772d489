//! The repository itself: its layers, its map, its pages, its dashboard and rules.
#![cfg(feature = "daemon")]

mod architecture;
mod dashboards;
mod layers;
mod meters;
mod pages;
mod sources;
#[path = "../support/mod.rs"]
mod support;
mod tidy;
mod troubles;
