//! Why there is nothing to run.

use std::fmt;

use super::key;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The user asked for a text: help or version.
    Text(String),
    /// The user made a mistake.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A mistake of the user in one line: what, where, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// In the command line or the environment.
    Usage(String),
    /// In a file, or in what the options mean together.
    Configuration(String),
}

impl Error {
    /// The exit code that tells the two apart.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Configuration(_) => 78,
        }
    }
}

impl fmt::Display for Error {
    /// One line without keys whatever was typed: control characters are shown as escapes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(text) | Self::Configuration(text)) = self;
        key::hide(text).chars().try_for_each(|c| {
            if c.is_control() { write!(f, "{}", c.escape_default()) } else { write!(f, "{c}") }
        })
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_without_keys() {
        let error = Error::Usage("a\nb\r\u{1b}[31mø".into());
        assert_eq!(error.to_string(), "a\\nb\\r\\u{1b}[31mø");
        let error = Error::Usage("'00112233445566778899aabbccddeeff' is wrong".into());
        assert_eq!(error.to_string(), "'(a key, not shown)' is wrong");
        assert_eq!((error.exit_code(), Error::Configuration(String::new()).exit_code()), (2, 78));
    }
}
