//! Whether a meter is being read, and if not, why, in one sentence.

use std::time::{Duration, Instant};

use crate::decoder::Error;
use crate::outlet::prometheus::metrics::View;
use crate::wire::{dlms::cipher, message};

/// `Ok` while good frames with meaning arrive in time; else what is wrong and what to do.
pub fn judge(view: &View<'_>, now: Instant) -> Result<(), String> {
    let snapshot = view.snapshot;
    let up = snapshot.is_up(now, &view.limits);
    match (up, snapshot.refused, &snapshot.port.trouble) {
        (true, None, _) if snapshot.has_read() => Ok(()),
        (true, None, _) => Err("Parts of lists arrive, but no whole one yet.".to_owned()),
        // One list that says nothing does not spoil those that do.
        (true, Some(_), _) if view.reads(now) => Ok(()),
        (true, Some(error), _) => Err(explain(error)),
        (false, _, Some(trouble)) => Err(trouble.clone()),
        // Without a frame around them nothing tells a wrong key from damage.
        (false, Some(error @ Error::Cipher(_)), None) if snapshot.frames().age(now).is_none() => {
            Err(format!("{} Or the messages arrive damaged: check the cable.", explain(error)))
        }
        (false, _, None) => Err(match snapshot.frames().age(now) {
            None => {
                format!("No frame yet in {} bytes from {}.", snapshot.port.bytes, port(&snapshot.port.name))
            }
            Some(age) => format!("No good frame for {} from {}.", span(age), port(&snapshot.port.name)),
        }),
    }
}

impl View<'_> {
    fn reads(&self, now: Instant) -> bool {
        self.snapshot.has_values(now, &self.limits)
    }
}

fn port(name: &str) -> &str {
    if name.is_empty() { "the meter" } else { name }
}

/// What a refusal means to the owner of the meter.
pub fn explain(error: Error) -> String {
    let text = match error {
        Error::Cipher(error) => closed(error),
        Error::UnknownList => {
            "Frames arrive whole, but their list is of no meter this version knows: please report a capture, \
             shortened of ids by 'han-exporter decode --redact'."
        }
        Error::Frame(_) => {
            "Frames arrive damaged: check the cable, and that the adapter can take long frames."
        }
        Error::SegmentLost | Error::TooLong | Error::Message(message::Error::Trailing) => {
            "Parts of the lists are missing: check the cable, and that the adapter can take long frames."
        }
        Error::Message(_) => {
            "Frames arrive whole, but what they carry is no list of values: please report a capture, shortened of \
             ids by 'han-exporter decode --redact'."
        }
    };
    text.to_owned()
}

/// Why messages stay closed, and what to do.
const fn closed(error: cipher::Error) -> &'static str {
    match error {
        cipher::Error::NoKey => {
            "The meter encrypts its lists: ask your grid company for the key of the customer port and give it with \
             --key-file, or as the credential han-key."
        }
        cipher::Error::NoAuthenticationKey => {
            "The meter's lists carry a tag: give the authentication key too, with --auth-key-file or as the \
             credential han-auth-key."
        }
        cipher::Error::AuthenticationKey => {
            "The encryption key is right, the authentication key is wrong: copy it anew, or ask the grid company."
        }
        cipher::Error::Tag | cipher::Error::Plaintext => {
            "The meter's lists cannot be deciphered: the encryption key is wrong, or in the place of the other one. Copy \
             it anew, or ask the grid company for the key of this meter."
        }
        cipher::Error::Form => {
            "The meter ciphers its lists in a way this version does not know: please report its type."
        }
        cipher::Error::Replay => {
            "The meter's messages repeat counters that came before, so they are not believed: if its key or the \
             meter itself was changed, restart han-exporter."
        }
    }
}

/// A time in the largest unit that says it well.
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
    fn times_are_said_briefly() {
        let said = |seconds| span(Duration::from_secs(seconds));
        assert_eq!(
            [said(0), said(119), said(120), said(7199), said(7200)],
            ["0 s", "119 s", "2 min", "119 min", "2 h"]
        );
    }
}
