//! From a meter's bytes to Prometheus metrics, and to whatever else wants to know what the meter reports.
//!
//! ```text
//! source ─bytes─▶ pipeline: decoder ─────────────────────────────▶ hub ─▶ outlet: metrics, page, health
//!   ▲               │         wire: frame, message ▶ meter, reading
//!   └───requests────┴ poll: for meters that must be polled
//! ```
//!
//! The modules in the order of their layers; each uses only those before it.
//!
//! * `hex` is captures as text: the feature `explain`, which needs an allocator.
//! * [`wire`] turns bytes into structure and back, one folder a protocol. It knows no manufacturer and no metric.
//! * [`meter`] says what values mean: one table of all metrics, and one file a manufacturer with its lists.
//! * [`reading`] is the content of one message, in exact numbers.
//! * [`decoder`] takes bytes in and gives events out, one for each frame or failure.
//! * [`poll`] decides what to send to a meter that must be polled, and when. It has no port and no clock.
//! * `explain`, of the same feature, shows what a capture contains, as `decode` does.
//!
//! Those other than `hex` and `explain` need neither an operating system nor an allocator. The rest is the feature
//! `daemon`:
//!
//! * `platform` is what only an operating system makes necessary: log, systemd, process.
//! * `hub` keeps what is known now, announces what just happened, and decides what may be shown.
//! * `simulator` is every meter without hardware.
//! * `source` is where bytes come from; it knows nothing of what they mean.
//! * `pipeline` connects a source with a decoder or a poller: bytes in, events out.
//! * `http` is the server, and `outlet` what it serves; each outlet knows the hub and no other outlet.
//! * `config` turns options, variables and files into one configuration, and `command` runs it.
//!
//! # Where a byte becomes a metric
//!
//! 1. `source::Link::next` receives it, and the reader of `command::serve` passes it to `pipeline::Pipeline::feed`.
//! 2. [`decoder::Decoder::feed`] drives [`wire::deframer::Deframer`], whose `advance` finds the frame;
//!    [`wire::frame::Frame`]`::unpack` assembles and decrypts the message.
//! 3. [`decoder::understand`] tries the lists of [`meter`] that it may be; [`reading::Reading::read`] reads its values,
//!    whose OBIS codes are looked up in [`meter::FAMILIES`].
//! 4. `hub::Intake::decoded` copies the reading to a report, keeps back what a second telegram must confirm, and
//!    `hub::Snapshot::take` adds the rest to what is known.
//! 5. At a scrape, `hub::Current::published` gives what may be shown; `Meters::collect` in `outlet::prometheus` makes
//!    families of it, and `exposition::Format::encode` text.
//!
//! # Where a metric is added
//!
//! One line in [`meter::FAMILIES`]: name, unit, label and OBIS codes. Metrics, page, `decode` and the docs follow.
//! A list that sends it by position also needs its place in the manufacturer's file in [`meter`].
//!
//! # What always holds
//!
//! A frame is used only if it passes every check that its protocol has. A value that the meter does not send is absent,
//! never zero. A value that is too old is not shown.

#![cfg_attr(not(any(feature = "daemon", test)), no_std)]

#[cfg(feature = "explain")]
extern crate alloc;

#[cfg(feature = "explain")]
pub mod hex;

// Documentation is demanded where others build on it, because units, ranges and times are written there.
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

#[cfg(feature = "explain")]
#[warn(missing_docs)]
pub mod explain;

#[cfg(feature = "daemon")]
pub mod platform;

#[cfg(feature = "daemon")]
#[warn(missing_docs)]
pub mod hub;

#[cfg(feature = "daemon")]
pub mod simulator;

#[cfg(feature = "daemon")]
pub mod source;

#[cfg(feature = "daemon")]
pub mod pipeline;

#[cfg(feature = "daemon")]
pub mod http;

#[cfg(feature = "daemon")]
pub mod outlet;

#[cfg(feature = "daemon")]
pub mod config;

#[cfg(feature = "daemon")]
pub mod command;
