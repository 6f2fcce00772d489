//! What damage and malformed messages do to the decoder: no damaged frame becomes a reading, and nothing panics.
//!
//! The exhaustive tests run a share of their cases; see `support/share.rs`.

mod answers;
#[cfg(feature = "daemon")]
mod answers_on_lossy_lines;
mod bits;
mod bursts;
mod mbus;
mod mutants;
mod mutants_ciphered;
mod mutants_sml;
mod mutants_telegrams;
#[path = "../support/mod.rs"]
mod support;
mod telegrams;
