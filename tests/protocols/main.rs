//! Each protocol beyond single messages: fixtures, streams, public captures, and what holds of every value.

mod blocks;
mod fixtures;
mod mbus;
mod pairs;
mod poll;
mod properties;
mod sml;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod telegram_values;
mod telegrams;
mod vectors;
