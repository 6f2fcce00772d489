//! What is wrong with a meter and how to fix it, in one plain sentence.

use std::sync::Arc;

use super::age::Limits;
use super::boot::BootTime;
use super::snapshot::Snapshot;
use crate::decoder::Error;
use crate::platform::log::rough;
use crate::wire::{dlms::cipher, message};

/// What is to be said of a meter's health. It changes only when something else is wrong, and not with each number that
/// its sentence contains.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Verdict {
    /// Readings arrive in time.
    Well,
    /// Valid frames arrive, but no message has been complete yet.
    Incomplete,
    /// Valid frames arrive that yield no reading.
    Undecodable(Error),
    /// Nothing but encrypted bytes has arrived, which neither a frame nor a key proves.
    Undecrypted(Error),
    /// Something keeps bytes or frames from arriving.
    Problem(Arc<str>),
    /// No valid frame has arrived yet.
    #[default]
    NoFrame,
    /// Valid frames no longer arrive.
    Silent,
}

impl Verdict {
    pub(super) fn of(snapshot: &Snapshot, limits: &Limits, now: BootTime) -> Self {
        let never_seen = snapshot.silence(now).is_none();
        match (snapshot.is_up(now, limits), snapshot.undecodable, &snapshot.problem) {
            (true, None, _) if snapshot.has_read() => Verdict::Well,
            (true, None, _) => Verdict::Incomplete,
            // One undecodable list does not spoil the others.
            (true, Some(_), _) if snapshot.has_instantaneous(now, limits) => Verdict::Well,
            (true, Some(error), _) => Verdict::Undecodable(error),
            // With a wrong key the link finds no valid frame either, but the key is what helps.
            (false, Some(error @ Error::Cipher(_)), problem)
                if never_seen && (problem.is_none() || snapshot.port.connected) =>
            {
                Verdict::Undecrypted(error)
            }
            (false, _, Some(problem)) => Verdict::Problem(Arc::clone(problem)),
            (false, _, None) if never_seen => Verdict::NoFrame,
            (false, _, None) => Verdict::Silent,
        }
    }

    /// `Ok` while readings arrive in time; otherwise what is wrong and how to fix it.
    pub(super) fn sentence(&self, snapshot: &Snapshot, now: BootTime) -> Result<(), String> {
        let port = port(&snapshot.port.name);
        Err(match self {
            Verdict::Well => return Ok(()),
            Verdict::Incomplete => "Message parts arrive, but no complete message yet.".to_owned(),
            Verdict::Undecodable(error) => advice(*error),
            // Without a frame around the messages nothing distinguishes a wrong key from damage.
            Verdict::Undecrypted(error) => {
                format!("{} Or the messages arrive damaged: check the cable.", advice(*error))
            }
            Verdict::Problem(sentence) => sentence.to_string(),
            Verdict::NoFrame => format!("No frame yet in {} bytes from {port}.", snapshot.port.bytes),
            Verdict::Silent => {
                let age = snapshot.silence(now).unwrap_or_default();
                format!("No valid frame for {} from {port}.", rough(age))
            }
        })
    }
}

fn port(name: &str) -> &str {
    if name.is_empty() { "the meter" } else { name }
}

/// What it means for the user that a frame yielded no reading, and how to fix it.
pub fn advice(error: Error) -> String {
    let text = match error {
        Error::Cipher(error) => not_decrypted(error),
        Error::UnknownList => {
            "Frames arrive intact, but this version does not know the list that they contain: please report a \
             capture without ids, made by 'han-exporter decode --redact'."
        }
        Error::Frame(_) => {
            "Frames arrive damaged: check the cable, and whether the adapter supports long frames."
        }
        Error::SegmentLost | Error::TooLong | Error::Message(message::Error::Trailing) => {
            "Parts of the messages are missing: check the cable, and whether the adapter supports long frames."
        }
        Error::Message(_) => {
            "Frames arrive intact, but they contain no list of values: please report a capture without ids, made \
             by 'han-exporter decode --redact'."
        }
    };
    text.to_owned()
}

const fn not_decrypted(error: cipher::Error) -> &'static str {
    match error {
        cipher::Error::NoKey => {
            "The meter encrypts its messages: ask your grid operator for the key of the customer port and give it \
             with --key-file, or as the credential han-key."
        }
        cipher::Error::NoAuthenticationKey => {
            "The meter's messages contain an authentication tag: give the authentication key too, with \
             --auth-key-file or as the credential han-auth-key."
        }
        cipher::Error::AuthenticationKey => {
            "The encryption key is right, but the authentication key is wrong: copy it again, or ask the grid operator."
        }
        cipher::Error::Tag | cipher::Error::Plaintext => {
            "The meter's messages cannot be decrypted: the encryption key is wrong, or the two keys are swapped. Copy \
             it again, or ask the grid operator for the key of this meter."
        }
        cipher::Error::Form => {
            "The meter encrypts its messages in a way that this version does not know: please report the meter's type."
        }
        cipher::Error::Replay => {
            "The meter's messages repeat earlier counters and are not accepted: if its key or the meter itself was \
             replaced, restart han-exporter."
        }
    }
}

#[cfg(test)]
mod tests;
