//! The commands.

pub mod decode;
pub mod doctor;
pub mod serve;
pub mod simulate;
