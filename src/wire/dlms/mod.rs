//! DLMS: messages, COSEM data, encryption, and messages that come in parts.

pub mod apdu;
pub mod cipher;
pub mod segment;
pub mod value;
