//! What damage and malformed messages do to the decoder: no damaged frame becomes a reading, and nothing panics.
//!
//! The exhaustive tests run a share of their cases; see `support/share.rs`.

#[cfg(feature = "daemon")]
mod at_true_speed;
mod bits;
mod bursts;
mod forged;
mod mbus;
mod mutants;
mod mutants_encrypted;
mod mutants_sml;
mod mutants_telegrams;
mod responses;
#[path = "../support/mod.rs"]
mod support;
mod telegrams;
#[cfg(feature = "daemon")]
mod unproven;
