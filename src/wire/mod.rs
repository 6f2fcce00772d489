//! Bytes to structure and back: no manufacturer, no metric, no clock, no allocation but for
//! buffers that grow, no panic.
//!
//! Every format parses and emits in the same file, and what it parses it can emit again.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "the bytes come from outside: no sequence of them may end the program"
)]

pub mod cursor;

pub(crate) mod buffer;
pub mod check;
pub mod deframer;
pub mod description;
pub mod dlms;
pub mod frame;
pub mod hdlc;
pub mod iec21;
pub mod kmp;
pub mod kmp382;
pub mod mbus;
pub mod protocol;
pub mod serial;
pub mod sml;
pub mod telegram;
pub mod verdict;

pub mod message;
pub(crate) mod unpack;

pub mod clock;
pub mod datum;
pub mod decimal;
pub mod obis;
pub mod text;
pub mod unit;

#[cfg(feature = "explain")]
pub(crate) mod encode;
#[cfg(feature = "explain")]
mod mask;
#[cfg(feature = "explain")]
pub mod meaning;
#[cfg(feature = "explain")]
pub(crate) mod page;
#[cfg(feature = "explain")]
pub(crate) mod subject;
#[cfg(feature = "explain")]
pub(crate) mod words;
