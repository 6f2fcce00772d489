//! What damage and malformed messages do to the decoder: no damaged frame becomes a reading, and nothing panics.
//!
//! The exhaustive tests run a share of their cases; see `support/share.rs`.

mod answers;
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
