//! A meter's octets become Prometheus metrics.
//!
//! ```text
//! source ──octets──▶ Deframer ──Frame──▶ Assembler ──message──▶ Apdu::parse ──▶ List::of, items ──▶ Reading
//!                    wire/hdlc           wire/segment           wire/apdu       meter                reading
//! Reading ──▶ Snapshot ──at each scrape──▶ Exposition ──▶ /metrics, page, health
//!             snapshot                     sink
//! ```
//!
//! * [`wire`] turns octets into structure and back. It knows no vendor and no metric.
//! * [`meter`] says what values mean: a table for each maker, and one of all registers.
//! * [`reading`] holds what one list says, in exact numbers.
//! * [`decoder`] is the first line above as code.
//! * [`session`] asks meters that do not speak by themselves, and hands what they answer to the decoder.
//!
//! So far nothing needs an operating system, an allocator or a clock. The rest does, and is the feature `daemon`:
//!
//! * `snapshot` keeps the latest value of every register, and judges its age.
//! * `source` says where octets come from and knows nothing of meters; `sink` says where readings go and knows nothing
//!   of octets.
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

pub mod session;

#[cfg(feature = "daemon")]
pub mod snapshot;

#[cfg(feature = "daemon")]
pub mod sink;
#[cfg(feature = "daemon")]
pub mod source;
#[cfg(feature = "daemon")]
pub mod talk;

#[cfg(feature = "daemon")]
pub mod config;
#[cfg(feature = "daemon")]
pub mod daemon;
#[cfg(feature = "daemon")]
pub mod decode;
#[cfg(feature = "daemon")]
pub mod doctor;
#[cfg(feature = "daemon")]
pub mod duration;
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
