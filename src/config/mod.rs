//! What the user asked for: options, variables and files become one `Config`, or one sentence that says what is wrong.
//!
//! ```text
//! command line, variables ──command_line──▶ ServeArgs ──load──▶ Config
//!                             options          file, credentials
//! ```

mod command_line;
mod credentials;
mod error;
mod file;
mod key;
mod listen;
mod load;
mod options;
mod usage;
mod yaml;

pub use command_line::{Given, definition, read};
pub use credentials::{of_source, read_exposed, read_key};
pub use error::{Error, Stop};
pub use listen::{Listen, ListenAddress, ListenAddresses};
pub use load::{Config, Meter};
pub use options::{DecoderArgs, KamstrupEnergy, KeyFiles, MeterSettings, ServeArgs, Web, source};
