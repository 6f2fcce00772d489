//! From a meter's bytes to Prometheus metrics, and whatever else wants to know what the meter reports.
//!
//! ```text
//! bytes ─▶ frame ─▶ message ─▶ reading ─▶ hub ─▶ outlets
//!          wire     wire       meter      hub     Prometheus, page, health
//! ```
//!
//! The modules stand in the order of their layers: each uses only those before it.
//!
//! Three rules hold throughout. A frame counts only if every check that its protocol has is right.
//! A value that the meter does not send is absent, never zero. A value that is too old is not shown.

#![cfg_attr(not(any(feature = "daemon", test)), no_std)]

// What others may build on is documented to the last item: units, ranges and times are said there.
#[warn(missing_docs)]
pub mod wire;

#[warn(missing_docs)]
pub mod meter;

#[warn(missing_docs)]
pub mod reading;

#[warn(missing_docs)]
pub mod decoder;

#[warn(missing_docs)]
pub mod poll;

#[cfg(feature = "daemon")]
pub mod command;
#[cfg(feature = "daemon")]
pub mod config;
#[cfg(feature = "daemon")]
pub mod hex;
#[cfg(feature = "daemon")]
pub mod http;
#[cfg(feature = "daemon")]
#[warn(missing_docs)]
pub mod hub;
#[cfg(feature = "daemon")]
pub mod outlet;
#[cfg(feature = "daemon")]
pub mod pipeline;
#[cfg(feature = "daemon")]
pub mod platform;
#[cfg(feature = "daemon")]
pub mod simulator;
#[cfg(feature = "daemon")]
pub mod source;
