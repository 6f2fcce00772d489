//! The same capture without what identifies the meter.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::findings::Finding;
use super::meanings::Tables;
use crate::decoder::{Error, Outcome};
use crate::hex;
use crate::wire::dlms::redact::masked;
use crate::wire::frame::{Frame, Redacted, redact, with_part};
use crate::wire::message;

/// Rewrites a capture, one finding after the other.
pub(super) struct Redactor<'a> {
    input: &'a [u8],
    tables: Tables,
    /// Frames whose message is not complete yet, and where each begins.
    waiting: Vec<(usize, Frame<'a>)>,
}

impl<'a> Redactor<'a> {
    /// Starts with nothing rewritten.
    pub fn new(input: &'a [u8], tables: Tables) -> Self {
        Redactor { input, tables, waiting: Vec::new() }
    }

    /// What to write for a finding: paragraphs of a hex dump, or comments on what is omitted.
    pub fn redact(&mut self, finding: &Finding<'_>) -> String {
        let Some(frame) = &finding.frame else { return self.end() + &self.damage(finding) };
        let message = if finding.plain.is_empty() { finding.message } else { finding.plain };
        match redact(frame, message, &self.tables) {
            Redacted::Frame(bytes) => self.end() + &paragraph(&bytes),
            Redacted::Nothing => self.end() + &omitted(finding.offset, "a message that is not understood"),
            Redacted::Part => self.part(finding),
        }
    }

    /// What to write at the end.
    pub fn end(&mut self) -> String {
        self.waiting.drain(..).map(|(offset, _)| not_understood(offset)).collect()
    }

    /// Waits for the rest of a message, or writes all its frames.
    fn part(&mut self, finding: &Finding<'_>) -> String {
        let bytes = self.input.get(finding.offset..finding.offset + finding.length).unwrap_or_default();
        let Some(frame) = Frame::parse(bytes, None) else { return not_understood(finding.offset) };
        self.waiting.push((finding.offset, frame));
        if matches!(finding.outcome, Outcome::Fragment) {
            return String::new();
        }
        let surplus = self.waiting.len().saturating_sub(finding.segments);
        let mut text: String =
            self.waiting.drain(..surplus).map(|(offset, _)| not_understood(offset)).collect();
        // With a part missing, nothing is where it belongs.
        let gap = matches!(
            finding.outcome,
            Outcome::Undecodable(Error::SegmentLost | Error::Message(message::Error::Trailing))
        );
        let Some(message) = masked(finding.message, &self.tables).filter(|_| !gap) else {
            return text + &self.end();
        };
        text.push_str(closed_for_good(finding));
        let mut rest = message.as_slice();
        for (_, frame) in self.waiting.drain(..) {
            let (part, behind) = rest.split_at_checked(frame.part().len()).unwrap_or((rest, &[]));
            rest = behind;
            text.push_str(&paragraph(&with_part(&frame, part)));
        }
        text
    }

    fn damage(&self, finding: &Finding<'_>) -> String {
        let message = match finding.outcome {
            Outcome::Rejected(..) => None,
            _ => masked(finding.message, &self.tables),
        };
        match (message, finding.outcome) {
            (Some(message), _) => closed_for_good(finding).to_owned() + &paragraph(&message),
            (None, Outcome::Rejected(error, _) | Outcome::Undecodable(error)) => {
                omitted(finding.offset, &format!("{} bytes ({})", finding.length, error.reason()))
            }
            (None, _) => omitted(finding.offset, "a message"),
        }
    }
}

/// The system title is part of what the key stream is made of, and its number is the meter's.
fn closed_for_good(finding: &Finding<'_>) -> &'static str {
    match finding.sealed() {
        Some(_) => "# the number in the title is replaced, so that no key decrypts this message any more\n",
        None => "",
    }
}

fn not_understood(offset: usize) -> String {
    omitted(offset, "a frame whose message is not understood")
}

fn omitted(offset: usize, what: &str) -> String {
    format!("# left out: {what} at byte {offset}, which may contain a meter's id\n\n")
}

fn paragraph(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).map(|line| hex::digits(line) + "\n");
    lines.collect::<String>() + "\n"
}
