//! A meter's bytes become Prometheus metrics.
//!
//! ```text
//! source ──bytes──▶ Deframer ──Frame──▶ Assembler ──APDU──▶ Apdu::parse ──▶ List::items ──Item──▶ Reading
//!                   wire/hdlc           wire/segment         wire/apdu,value  meter/item            reading
//! Reading ──▶ Snapshot ──▶ families() ──▶ /metrics
//! ```

#![cfg_attr(not(any(feature = "daemon", test)), no_std)]

pub mod wire;

pub mod meter;

pub mod reading;

pub mod decoder;

#[cfg(feature = "daemon")]
pub mod snapshot;

#[cfg(feature = "daemon")]
pub mod sink;
#[cfg(feature = "daemon")]
pub mod source;

#[cfg(feature = "daemon")]
pub mod config;
#[cfg(feature = "daemon")]
pub mod daemon;
#[cfg(feature = "daemon")]
pub mod decode;
#[cfg(feature = "daemon")]
pub mod doctor;
#[cfg(feature = "daemon")]
pub mod hex;
#[cfg(feature = "daemon")]
pub mod log;
#[cfg(feature = "daemon")]
pub mod simulate;
#[cfg(feature = "daemon")]
pub mod systemd;
#[cfg(feature = "daemon")]
pub mod version;
