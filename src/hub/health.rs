//! What is wrong with a meter and how to fix it, in one plain sentence.

use std::time::Duration;

use super::age::Limits;
use super::boot::BootTime;
use super::snapshot::Snapshot;
use super::trouble::Trouble;
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
    /// No check proves the telegrams that arrive, and no two in a row have agreed yet.
    Unconfirmed,
    /// Valid frames arrive that yield no reading.
    Undecodable(Error),
    /// Nothing but encrypted bytes has arrived, or arrives any more, which neither a frame nor a key proves.
    Undecrypted(Error),
    /// Several meters send in turn.
    MetersAlternate,
    /// Something keeps bytes or frames from arriving.
    Problem(Trouble),
    /// No valid frame has arrived yet.
    #[default]
    NoFrame,
    /// Valid frames no longer arrive, but damaged ones do.
    Damaged,
    /// Valid frames no longer arrive.
    Silent,
}

impl Verdict {
    pub(super) fn of(snapshot: &Snapshot, limits: &Limits, now: BootTime) -> Self {
        if !snapshot.is_up(now, limits) {
            return Verdict::without_frames(snapshot, limits, now);
        }
        match snapshot.undecodable {
            _ if snapshot.replacements.alternate(now) => Verdict::MetersAlternate,
            None if snapshot.is_unconfirmed && snapshot.values(now, limits).next().is_none() => {
                Verdict::Unconfirmed
            }
            None if snapshot.has_read() => Verdict::Well,
            None => Verdict::Incomplete,
            // One undecodable list does not spoil the others.
            Some(_) if snapshot.has_instantaneous(now, limits) => Verdict::Well,
            Some(error) => Verdict::Undecodable(error),
        }
    }

    fn without_frames(snapshot: &Snapshot, limits: &Limits, now: BootTime) -> Self {
        let never_seen = snapshot.silence(now).is_none();
        let undecrypted = match snapshot.undecodable {
            Some(error @ Error::Cipher(_)) if never_seen => Some(error),
            // The key was right once, but the meter may have got another.
            _ => snapshot.undecrypted(now, limits),
        };
        match (undecrypted, &snapshot.problem) {
            // With a wrong key the link finds no valid frame either, but the key is what helps.
            (Some(error), problem) if problem.is_none() || snapshot.port.connected => {
                Verdict::Undecrypted(error)
            }
            (_, Some(problem)) => Verdict::Problem(problem.clone()),
            (_, None) if never_seen => Verdict::NoFrame,
            (_, None) if snapshot.is_damaged(now, limits) => Verdict::Damaged,
            (_, None) => Verdict::Silent,
        }
    }

    /// What is wrong; `None` while readings arrive in time.
    pub(super) fn trouble(&self, snapshot: &Snapshot, limits: &Limits, now: BootTime) -> Option<Trouble> {
        let (port, at_once, later) = (port(&snapshot.port.name), Duration::ZERO, limits.instant);
        let (reason, sentence, patience) = match self {
            Verdict::Well => return None,
            Verdict::Problem(problem) => return Some(problem.clone()),
            Verdict::Incomplete => ("incomplete", INCOMPLETE.to_owned(), later),
            // The second readout of a polled meter comes a poll cycle after the first.
            Verdict::Unconfirmed => {
                let patience = limits.for_polling(snapshot.poll_interval).instant;
                ("unconfirmed", UNCONFIRMED.to_owned(), patience)
            }
            Verdict::Undecodable(error @ (Error::Cipher(_) | Error::UnknownList)) => {
                (error.reason(), advice(*error), at_once)
            }
            // The first message is often cut.
            Verdict::Undecodable(error) => (error.reason(), advice(*error), later),
            // Without a frame around the messages nothing distinguishes a wrong key from damage.
            Verdict::Undecrypted(error) => {
                let sentence = format!("{} Or the messages arrive damaged: check the cable.", advice(*error));
                (error.reason(), sentence, later)
            }
            Verdict::MetersAlternate => {
                let sentence = format!(
                    "More than one meter sends on {port}, so the values jump: give each meter a cable and a source \
                     of its own."
                );
                ("meters_alternate", sentence, at_once)
            }
            Verdict::NoFrame => {
                let bytes = snapshot.port.bytes;
                ("no_frame_yet", format!("No frame yet in {bytes} bytes from {port}: {FIX}"), later)
            }
            Verdict::Damaged => ("damaged", DAMAGED.to_owned(), later),
            Verdict::Silent => {
                let age = rough(snapshot.silence(now).unwrap_or_default());
                ("frames_stopped", format!("No valid frame for {age} from {port}: {FIX}"), later)
            }
        };
        Some(Trouble { reason, sentence: sentence.into(), patience })
    }
}

const DAMAGED: &str = "Frames arrive damaged: check the cable, and whether the adapter supports long frames.";
const FIX: &str = "check the cable, or find out more with han-exporter doctor.";
const INCOMPLETE: &str = "Message parts arrive, but no complete message yet: check the cable, and whether the adapter \
                          supports long frames.";
const UNCONFIRMED: &str = "No check covers all that this meter sends: waiting for a second telegram that agrees with the \
                           first. If none does, check the cable, and whether two meters send on it.";

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
        Error::Frame(_) => DAMAGED,
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
            "The meter's messages repeat earlier counters and are not accepted: something sends old ones again. If the \
             meter itself counts anew, it is read from the fourth message on."
        }
        cipher::Error::CountsAnew => {
            "The meter counts its messages anew, as after a new key: they are read from the next one on."
        }
    }
}

#[cfg(test)]
mod tests;
