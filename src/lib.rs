//! A meter's bytes become Prometheus metrics.
//!
//! ```text
//! source ──bytes──▶ Deframer ──Frame──▶ Assembler ──message──▶ Apdu::parse ──▶ List::of, items ──▶ Reading
//!                    wire/hdlc           wire/segment           wire/apdu       meter                reading
//! Reading ──▶ Snapshot ──at each scrape──▶ Exposition ──▶ /metrics, page, health
//!             snapshot                     sink
//! ```
//!
//! * [`wire`] turns bytes into structure and back. It knows no vendor and no metric.
//! * [`meter`] says what values mean: a table for each maker, and one of all registers.
//! * [`reading`] holds what one list says, in exact numbers.
//! * [`decoder`] is the first line above as code.
//! * [`session`] asks meters that do not speak by themselves, and hands what they answer to the decoder.
//!
//! So far nothing needs an operating system, an allocator or a clock. The rest does, and is the feature `daemon`:
//!
//! * `snapshot` keeps the latest value of every register, and judges its age.
//! * `source` says where bytes come from and knows nothing of meters; `sink` says where readings go and knows nothing
//!   of bytes.
//! * `talk` listens on a source, or asks over it, which makes no difference to whoever reads.
//! * `daemon` joins them. `decode`, `simulate` and `doctor` are the other commands, `config` understands them all.
//!
//! Three rules hold throughout: a frame counts only if both its check sequences are right, what a meter does not send
//! is absent and not zero, and nothing is shown when it is too old.

#![cfg_attr(not(any(feature = "daemon", test)), no_std)]

pub mod wire;

pub mod meter;

pub mod reading;

pub mod decoder;

pub mod poll;

#[cfg(feature = "daemon")]
pub mod command;
#[cfg(feature = "daemon")]
pub mod config;
#[cfg(feature = "daemon")]
pub mod duration;
#[cfg(feature = "daemon")]
pub mod hex;
#[cfg(feature = "daemon")]
pub mod http;
#[cfg(feature = "daemon")]
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
