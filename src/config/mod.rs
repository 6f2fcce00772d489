//! What the user asked for: options, variables and files become one `Config`, or one sentence that says what is wrong.
//!
//! ```text
//! command line, variables ──command_line──▶ ServeArgs ──load──▶ Config
//!                             options          file, credentials
//! ```

use std::sync::Arc;
use std::time::Duration;

use crate::{http::HostName, platform::log, source::Source, wire::dlms::cipher::Keys};

mod capacity;
mod command_line;
mod credentials;
mod error;
mod file;
mod input;
mod key;
mod listen;
mod load;
mod options;
mod usage;
mod yaml;

pub use command_line::{Given, definition, read};
pub use credentials::{of_source, read_exposed, read_key};
pub use error::{Error, Stop};
pub use key::hide as hide_keys;
pub use listen::{Listen, Several};
pub use options::{DecoderArgs, KeyFiles, MeterSettings, ServeArgs, Web, source};

/// Everything the main job needs to know. Loading it again reads every file again.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The meters, never none.
    pub meters: Vec<Meter>,
    /// How long energy registers and the meter's identity are valid.
    pub max_age_registers: Duration,
    pub listen: Listen,
    /// Further names under which browsers may ask.
    pub allowed_hosts: Vec<HostName>,
    pub web: Web,
    pub log: log::Options,
}

/// One meter and how to read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    /// The value of the label `meter`; none for the one meter of the command line.
    pub name: Option<String>,
    pub source: Source,
    /// The keys that decrypt its messages; an authentication key only ever beside an encryption key. Clones share them, so
    /// that they are in memory once.
    pub keys: Arc<Keys>,
    pub settings: MeterSettings,
}
