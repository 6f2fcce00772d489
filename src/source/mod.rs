//! Where bytes come from.

pub mod simulated;
