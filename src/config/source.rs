//! The one place that knows how a source is written.
//!
//! With `crate::source::Source` this file becomes `pub use crate::source::Source as SourceText;` and a `parse_source`
//! of one line: `text.trim().parse().map_err(|error| format!("cannot be read: {error}"))`.

use std::fmt;

/// A source as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText(String);

/// Reads a source; the complaint continues a sentence that names it.
pub fn parse_source(text: &str) -> Result<SourceText, String> {
    match text.trim() {
        "" => Err("is empty: use auto, /dev/ttyUSB0, tcp://HOST:PORT, file:PATH, - or sim:kaifa".into()),
        text => Ok(SourceText(text.to_owned())),
    }
}

impl fmt::Display for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_must_be_something() {
        assert_eq!(parse_source(" auto ").map(|source| source.to_string()), Ok("auto".into()));
        assert!(parse_source(" ").is_err_and(|what| what.contains("/dev/ttyUSB0")));
    }
}
