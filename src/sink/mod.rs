//! Where readings go.

pub mod exposition;
pub mod gzip;
pub mod http;
pub mod negotiate;
mod number;
pub mod process;
