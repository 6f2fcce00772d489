//! Where readings go. Nothing here knows how they came.

pub mod page;
pub mod prometheus;
pub mod web;
