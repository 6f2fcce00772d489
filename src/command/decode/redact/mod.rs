//! The same capture without what tells whose it is.

mod answer;
mod sml;
mod telegram;

use super::fields::{Content, Field, Fields};
use super::findings::{Finding, part};
use crate::decoder::{Error, Outcome};
use crate::hex;
use crate::wire::cursor::Writer;
use crate::wire::dlms::apdu::{self, Apdu, Ciphered, LLC, Notification, Stamp};
use crate::wire::dlms::value::Value;
use crate::wire::frame::Frame;
use crate::wire::hdlc::{self, MAX_LENGTH};
use crate::wire::mbus;
use crate::wire::message::{self, Message};
use crate::wire::obis::Obis;

/// Digits in a row that may be somebody's number.
const LIKE_AN_ID: usize = 7;

/// Rewrites a capture, one finding after the other.
#[derive(Default)]
pub(super) struct Redactor {
    waiting: Vec<Segment>,
}

/// A frame whose message is not complete yet.
struct Segment {
    offset: usize,
    envelope: Envelope,
    /// Bytes of the message it carries.
    length: usize,
}

/// What surrounds a part of a message.
enum Envelope {
    Hdlc {
        destination: Vec<u8>,
        source: Vec<u8>,
        control: u8,
        segmented: bool,
        /// The header of a block, in front of its content.
        head: Vec<u8>,
    },
    Mbus {
        control: u8,
        address: u8,
        number: u8,
        last: bool,
        source: u8,
        destination: u8,
    },
    None,
}

impl Redactor {
    /// What to write for a finding: paragraphs of a hex dump, or comments on what is left out.
    pub fn redact(&mut self, finding: &Finding<'_>) -> String {
        let Some(frame) = &finding.frame else {
            return self.end() + &damage(finding);
        };
        match frame {
            Frame::Sml(_) => {
                let file = sml::redacted(finding.plain).map(|file| paragraph(&file));
                return self.end()
                    + &file.unwrap_or_else(|| left_out(finding.offset, "a file that is not understood"));
            }
            Frame::Telegram(telegram) => {
                return self.end() + &paragraph(&telegram::masked(telegram));
            }
            _ => {}
        }
        if let Frame::Kmp382(_) | Frame::Kmp(_) = frame {
            let masked = answer::masked(frame, finding.message).map(|bytes| paragraph(&bytes));
            return masked.unwrap_or_else(|| left_out(finding.offset, "an answer that is not understood"));
        }
        self.waiting.push(Segment::of(finding.offset, frame));
        if matches!(finding.outcome, Outcome::Fragment) {
            return String::new();
        }
        let surplus = self.waiting.len().saturating_sub(finding.segments);
        let mut text: String = self.waiting.drain(..surplus).map(Segment::left_out).collect();
        let segments = self.waiting.drain(..);
        // With a segment missing nothing stands where it belongs.
        let gap = Error::Message(message::Error::Trailing);
        let gap = matches!(finding.outcome, Outcome::Undecodable(error) if error == gap || error == Error::SegmentLost);
        match masked(finding.message).filter(|_| !gap) {
            Some(message) => {
                text.push_str(closed_for_good(finding));
                text.push_str(&frames(segments, &message));
            }
            None => segments.for_each(|segment| text.push_str(&segment.left_out())),
        }
        text
    }

    /// What to write at the end.
    pub fn end(&mut self) -> String {
        self.waiting.drain(..).map(Segment::left_out).collect()
    }
}

impl Segment {
    fn of(offset: usize, frame: &Frame<'_>) -> Self {
        let part = part(frame);
        let envelope = match *frame {
            Frame::Hdlc(hdlc::Frame { segmented, destination, source, control, information }) => {
                Envelope::Hdlc {
                    destination: destination.to_vec(),
                    source: source.to_vec(),
                    control,
                    segmented,
                    head: information.strip_suffix(part).unwrap_or_default().to_vec(),
                }
            }
            Frame::Mbus(mbus::Frame { control, address, number, last, source, destination, .. }) => {
                Envelope::Mbus { control, address, number, last, source, destination }
            }
            _ => Envelope::None,
        };
        Segment { offset, envelope, length: part.len() }
    }

    fn left_out(self) -> String {
        left_out(self.offset, "a frame whose message is not understood")
    }

    fn emit(&self, part: &[u8]) -> String {
        let mut buffer = [0; MAX_LENGTH + 2];
        let mut writer = Writer::new(&mut buffer);
        match &self.envelope {
            Envelope::Hdlc { destination, source, control, segmented, head } => {
                let information = [head, part].concat();
                let (segmented, control) = (*segmented, *control);
                hdlc::Frame { segmented, destination, source, control, information: &information }
                    .emit(&mut writer);
            }
            &Envelope::Mbus { control, address, number, last, source, destination } => {
                mbus::Frame { control, address, number, last, source, destination, data: part }
                    .emit(&mut writer);
            }
            Envelope::None => return paragraph(part),
        }
        paragraph(writer.written())
    }
}

fn frames(segments: impl Iterator<Item = Segment>, mut message: &[u8]) -> String {
    let part = |segment: Segment| {
        let (part, rest) = message.split_at_checked(segment.length).unwrap_or((message, &[]));
        message = rest;
        segment.emit(part)
    };
    segments.map(part).collect()
}

/// The title takes part in the ciphering, and its number is the meter's.
fn closed_for_good(finding: &Finding<'_>) -> &'static str {
    match finding.sealed() {
        Some(_) => "# the number in the title is replaced, so that no key opens this message any more\n",
        None => "",
    }
}

fn damage(finding: &Finding<'_>) -> String {
    let message = match finding.outcome {
        Outcome::Rejected(..) => None,
        _ => masked(finding.message),
    };
    match (message, finding.outcome) {
        (Some(message), _) => closed_for_good(finding).to_owned() + &paragraph(&message),
        (None, Outcome::Rejected(error, _) | Outcome::Undecodable(error)) => {
            left_out(finding.offset, &format!("{} bytes ({})", finding.length, error.reason()))
        }
        (None, _) => left_out(finding.offset, "a message"),
    }
}

fn left_out(offset: usize, what: &str) -> String {
    format!("# left out: {what} at byte {offset}, which may hold a meter's id\n\n")
}

fn paragraph(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).map(|line| hex::digits(line) + "\n");
    lines.collect::<String>() + "\n"
}

/// The message without ids, as long as before; `None` if it is not understood well enough to be sure.
fn masked(message: &[u8]) -> Option<Vec<u8>> {
    let bare = message.strip_prefix(&LLC).unwrap_or(message);
    let start = message.len() - bare.len();
    let mut masked = message.to_vec();
    let target = masked.get_mut(start..)?;
    match Apdu::parse(bare) {
        Ok(Apdu::Notification(notification)) => mask_notification(&notification, bare, target)?,
        Ok(Apdu::Ciphered(ciphered)) => mask_title(&ciphered, bare, target)?,
        Err(apdu::Error::Empty) if message.is_empty() => {}
        Ok(Apdu::Block(_)) | Err(_) => return None,
    }
    Some(masked)
}

fn mask_notification(notification: &Notification<'_>, message: &[u8], target: &mut [u8]) -> Option<()> {
    let body = match notification.stamp {
        Stamp::Absent => 6,
        Stamp::Plain(_) => 18,
        Stamp::Tagged(_) => 19,
    };
    let list = crate::meter::List::of(&Message::Notification(*notification));
    let mut fields = Fields::new(message.get(body..)?, list);
    for field in fields.by_ref() {
        let at = body + field.at;
        mask_field(&field, target.get_mut(at..at + field.bytes.len())?);
    }
    mask_runs(target.get_mut(message.len() - fields.rest().len()..)?);
    Some(())
}

fn mask_field(field: &Field<'_>, target: &mut [u8]) {
    let Content::Value(value, _) = field.content else { return };
    let meaning = field.code.map_or(Meaning::Unknown, Meaning::of);
    if let Some(string) = value.string() {
        let start = target.len().saturating_sub(string.len());
        let text = target.get_mut(start..).unwrap_or_default();
        match meaning {
            Meaning::Id => text.iter_mut().for_each(mask_letter),
            Meaning::Device => text.iter_mut().skip(MAKER).for_each(mask_letter),
            Meaning::Type => {}
            Meaning::Unknown => mask_runs(text),
        }
    } else if matches!(meaning, Meaning::Id) {
        mask_number(&value, target);
    }
}

/// What a text under a code may give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Id,
    Device,
    Type,
    Unknown,
}

impl Meaning {
    /// The meter's type stays, and so do the maker's letters in the device's name: tables tell by them how values are
    /// scaled.
    fn of(Obis([a, b, c, d, e, _]): Obis) -> Self {
        match ([a, b], [c, d, e]) {
            ([0, 0], [96, 1, 7]) | ([1, 1], [96, 1, 1]) => Meaning::Type,
            (_, [42, 0, 0]) => Meaning::Device,
            (_, [96, 1, _] | [0, 0, _]) => Meaning::Id,
            _ => Meaning::Unknown,
        }
    }
}

/// Letters of the maker in the name of a device and in a system title.
const MAKER: usize = 3;

/// Blanks and NULs around an id are no part of it.
fn mask_letter(byte: &mut u8) {
    *byte = match *byte {
        0 | b' ' => return,
        letter if letter.is_ascii_alphabetic() => b'X',
        _ => b'0',
    };
}

fn mask_runs(text: &mut [u8]) {
    let runs = text.split_mut(|byte| !byte.is_ascii_digit());
    runs.filter(|run| run.len() >= LIKE_AN_ID).for_each(|run| run.fill(b'0'));
}

/// Puts 10, 100, 1000 … in the place of a long number, so that it has as many digits. Short ones count something.
fn mask_number(value: &Value<'_>, target: &mut [u8]) {
    let number = value.integer().map_or(0, i64::unsigned_abs);
    if number.checked_ilog10().unwrap_or(0) as usize + 1 < LIKE_AN_ID {
        return;
    }
    let masked = round(number).to_be_bytes();
    for (byte, digit) in target.iter_mut().skip(1).rev().zip(masked.iter().rev()) {
        *byte = *digit;
    }
}

/// The smallest number of as many digits.
fn round(number: u64) -> u64 {
    number.checked_ilog10().map_or(0, |digits| 10_u64.pow(digits))
}

/// Leaves the maker's letters of a system title.
fn mask_title(ciphered: &Ciphered<'_>, message: &[u8], target: &mut [u8]) -> Option<()> {
    const GENERAL_CIPHERING: u8 = 0xDD;
    if ciphered.tag == GENERAL_CIPHERING {
        return None;
    }
    let end = message.len() - ciphered.content.len();
    let title = target.get_mut(end - ciphered.system_title.len()..end)?;
    title.iter_mut().skip(MAKER).for_each(|byte| *byte = 0);
    Some(())
}
