//! What is known of every meter now, and what may be shown of it.

pub mod health;
pub mod snapshot;
