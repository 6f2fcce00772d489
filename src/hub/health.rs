//! What is wrong with a meter and how to fix it, in one plain sentence.

use std::time::Duration;

use super::age::Limits;
use super::boot::BootTime;
use super::snapshot::Snapshot;
use crate::decoder::Error;
use crate::wire::{dlms::cipher, message};

/// `Ok` while readings arrive in time; otherwise what is wrong and how to fix it.
pub(super) fn judge(snapshot: &Snapshot, limits: &Limits, now: BootTime) -> Result<(), String> {
    match (snapshot.is_up(now, limits), snapshot.undecodable, &snapshot.problem) {
        (true, None, _) if snapshot.has_read() => Ok(()),
        (true, None, _) => Err("Message parts arrive, but no complete message yet.".to_owned()),
        // One undecodable list does not spoil the others.
        (true, Some(_), _) if snapshot.has_instantaneous(now, limits) => Ok(()),
        (true, Some(error), _) => Err(explain(error)),
        (false, _, Some(problem)) => Err(problem.to_string()),
        // Without a frame around the messages nothing distinguishes a wrong key from damage.
        (false, Some(error @ Error::Cipher(_)), None) if snapshot.silence(now).is_none() => {
            Err(format!("{} Or the messages arrive damaged: check the cable.", explain(error)))
        }
        (false, _, None) => Err(silent(snapshot, now)),
    }
}

fn silent(snapshot: &Snapshot, now: BootTime) -> String {
    let port = port(&snapshot.port.name);
    match snapshot.silence(now) {
        None => format!("No frame yet in {} bytes from {port}.", snapshot.port.bytes),
        Some(age) => format!("No valid frame for {} from {port}.", span(age)),
    }
}

fn port(name: &str) -> &str {
    if name.is_empty() { "the meter" } else { name }
}

/// What it means for the user that a frame yielded no reading, and how to fix it.
pub fn explain(error: Error) -> String {
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

/// A time in the largest unit that is precise enough.
pub fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_in_the_largest_useful_unit() {
        let said = |seconds| span(Duration::from_secs(seconds));
        assert_eq!(
            [said(0), said(119), said(120), said(7199), said(7200)],
            ["0 s", "119 s", "2 min", "119 min", "2 h"]
        );
    }
}
