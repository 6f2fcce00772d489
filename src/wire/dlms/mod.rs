//! DLMS: messages, COSEM data, encryption, and messages that come in parts.

pub mod apdu;
pub mod cipher;
#[cfg(feature = "explain")]
pub(crate) mod explain;
#[cfg(feature = "explain")]
mod fields;
#[cfg(feature = "explain")]
pub(crate) mod redact;
pub mod segment;
pub mod value;
pub mod wipe;
