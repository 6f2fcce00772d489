//! SML 1.04 in its transport of version 1: the push of German meters.
//!
//! ```text
//! 1B1B1B1B 01010101  messages, 1B1B1B1B in them sent twice  00, PP times  1B1B1B1B 1A PP CL CH
//!                    0 to 3 times 00, to a multiple of four bytes        CH CL: check sequence of all before it
//! ```
//!
//! Some meters send four times 00 where the standard has none.
//!
//! No message ends in 1B, so the first four of them that are not sent twice begin the end, or the next file.

#[cfg(feature = "explain")]
pub(super) mod explain;
mod list;
mod message;
#[cfg(feature = "explain")]
mod nodes;
mod push;
#[cfg(feature = "explain")]
pub(super) mod redact;
#[cfg(feature = "explain")]
mod unescaped;
mod value;

pub use list::{Entries, Entry, List, Time};
pub use message::{CLOSE, LIST, Message, OPEN, Rule, START as MESSAGE, each_message, seal};
pub use push::Push;
pub use value::{Elements, Integer, Sequence, Value};

use super::description::Description;
use super::serial::SerialSettings;
use core::fmt;

use super::check::Check;
use super::cursor::{Truncated, Writer};
use super::verdict::{self, LONGEST, Stream, Verdict};

/// The protocol as a whole.
pub(super) const DESCRIPTION: Description =
    Description { name: "sml", title: "SML file", settings: &[SerialSettings::OPTICAL], polling: None };

/// The first byte of a file, four times.
pub const START: u8 = 0x1B;

const ESCAPE: [u8; 4] = [START; 4];
const BEGIN: [u8; 8] = [START, START, START, START, VERSION, VERSION, VERSION, VERSION];
const VERSION: u8 = 1;
const END: u8 = 0x1A;
const MOST_PADDING: u8 = ESCAPE.len() as u8;

/// A file whose check sequence held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File<'a> {
    bytes: &'a [u8],
}

/// Why the content of a file is not a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The bytes end in the middle of a value.
    Truncated,
    /// A type and length that begin no value.
    Type(u8),
    /// A value where another one has its place.
    Form,
    /// The check sequence of a message does not hold.
    Check,
    /// Bytes are left over.
    Trailing,
    /// None of the messages is a list.
    NoList,
}

impl Error {
    /// The value of the label `reason` of `han_frame_errors_total`, and the text in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::Truncated => "truncated",
            Error::Type(_) | Error::Form => "data_tag",
            Error::Check => "frame_check",
            Error::Trailing => "trailing",
            Error::NoList => "service",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Truncated => f.write_str("the messages of the file end in the middle of a value"),
            Error::Type(byte) => write!(f, "0x{byte:02x} does not begin a value of SML"),
            Error::Form => f.write_str("a value is in the place of another one"),
            Error::Check => f.write_str("a message in the file is damaged: its check is wrong"),
            Error::Trailing => f.write_str("bytes are left over"),
            Error::NoList => f.write_str("the file contains no list of values"),
        }
    }
}

impl From<Truncated> for Error {
    fn from(_: Truncated) -> Self {
        Error::Truncated
    }
}

/// Judges the bytes from a start on, of which `seen` hold no escape.
pub(super) fn judge(held: &[u8], seen: &mut usize, stream: Stream) -> Verdict<usize> {
    let held = held.get(..LONGEST).unwrap_or(held);
    match held.first_chunk() {
        Some(&BEGIN) => {}
        None if BEGIN.starts_with(held) => return Verdict::unproven(BEGIN.len(), stream),
        _ => return Verdict::Noise,
    }
    let mut place = BEGIN.len().max(*seen);
    loop {
        let behind = held.get(place..).unwrap_or_default();
        let Some(free) = behind.windows(ESCAPE.len()).position(|bytes| bytes == ESCAPE) else {
            // The last three may begin an escape.
            *seen = place.max(held.len().saturating_sub(ESCAPE.len() - 1));
            return Verdict::without_end(held.len(), LONGEST, stream);
        };
        place += free;
        *seen = place;
        let failure = |error, claimed| Verdict::Failure { error, claimed };
        match held.get(place + ESCAPE.len()..).and_then(<[u8]>::first_chunk) {
            None => return Verdict::without_end(held.len(), LONGEST, stream),
            Some(&ESCAPE) => place += 2 * ESCAPE.len(),
            Some(&[END, padding @ 0..=MOST_PADDING, ..]) => return verify(held, place, padding),
            Some(&[VERSION, VERSION, VERSION, VERSION]) => return failure(verdict::Error::Cut, place),
            // No escape has such a meaning: it is damaged, or these bytes were not an escape.
            Some(_) => return failure(verdict::Error::FrameCheck, place + 2 * ESCAPE.len()),
        }
    }
}

/// Judges a file by its end, which is there.
fn verify(held: &[u8], end: usize, padding: u8) -> Verdict<usize> {
    let total = end + 2 * ESCAPE.len();
    let file = File::of(held.get(..total).unwrap_or_default());
    let filler = held.get(..end).unwrap_or_default().iter().rev().take(padding.into());
    let error = match file.is_proven() {
        true if filler.copied().all(|byte| byte == 0) => return Verdict::Frame(total),
        true => verdict::Error::Length,
        false => verdict::Error::FrameCheck,
    };
    Verdict::Failure { error, claimed: total }
}

impl<'a> File<'a> {
    /// Reads one whole file.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, verdict::Error> {
        judge(bytes, &mut 0, Stream::Ended).of_all(bytes.len(), |total| *total).map(|_| File::of(bytes))
    }

    /// The file of bytes that were judged.
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        File { bytes }
    }

    /// Writes messages, the last byte of which is the 00 that ends each of them, as a file.
    pub fn emit(messages: &[u8], writer: &mut Writer<'_>) {
        File::emit_padded(messages, messages.len().wrapping_neg() % ESCAPE.len(), writer);
    }

    /// Writes messages as a file with this padding, of four bytes at most.
    pub fn emit_padded(messages: &[u8], padding: usize, writer: &mut Writer<'_>) {
        let start = writer.written().len();
        writer.bytes(&BEGIN);
        let mut rest = messages;
        while let Some((piece, behind)) = split_behind_escape(rest) {
            writer.bytes(piece);
            writer.bytes(&ESCAPE);
            rest = behind;
        }
        writer.bytes(rest);
        let padding = padding.min(ESCAPE.len());
        writer.bytes([0; ESCAPE.len()].get(..padding).unwrap_or_default());
        writer.bytes(&ESCAPE);
        writer.bytes(&[END, padding as u8]);
        let check = Check::over(writer.written().get(start..).unwrap_or_default());
        writer.bytes(&check.sequence());
    }

    /// All its bytes.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its messages, if nothing in them was sent twice.
    pub fn messages(&self) -> Option<&'a [u8]> {
        let mut pieces = self.pieces();
        pieces.next().filter(|_| pieces.next().is_none())
    }

    /// Its messages in pieces, without the second copy of bytes that were sent twice.
    pub fn pieces(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = Some(self.content());
        core::iter::from_fn(move || {
            let left = rest.take()?;
            let Some((piece, behind)) = split_behind_escape(left) else { return Some(left) };
            rest = behind.get(ESCAPE.len()..);
            Some(piece)
        })
    }

    /// Bytes between its messages and its end.
    pub fn padding(&self) -> usize {
        self.bytes.iter().nth_back(2).copied().unwrap_or_default().into()
    }

    /// What is between start and end, without the padding.
    fn content(&self) -> &'a [u8] {
        let end = self.bytes.len().saturating_sub(2 * ESCAPE.len() + self.padding());
        self.bytes.get(BEGIN.len()..end).unwrap_or_default()
    }

    /// Whether its check sequence is right. One by the rule that is not the standard's must be borne out by that of every
    /// message: two rules alone would let pass what either of them refuses.
    fn is_proven(&self) -> bool {
        let is_kermit = |message: Result<Message<'_>, _>| message.is_ok_and(|it| it.rule == Rule::Kermit);
        match self.bytes.split_last_chunk().and_then(|(covered, received)| Rule::of(covered, *received)) {
            Some(Rule::X25) => true,
            Some(Rule::Kermit) => self
                .messages()
                .is_some_and(|messages| !messages.is_empty() && each_message(messages).all(is_kermit)),
            None => false,
        }
    }
}

/// Bytes up to the end of the first escape among them, and those after it.
fn split_behind_escape(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let escape = bytes.windows(ESCAPE.len()).position(|window| window == ESCAPE)?;
    bytes.split_at_checked(escape + ESCAPE.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(messages: &[u8]) -> Vec<u8> {
        let mut buffer = [0; 2 * LONGEST];
        let mut writer = Writer::new(&mut buffer);
        writer.u8(0xAA);
        File::emit(messages, &mut writer);
        let bytes = writer.written()[1..].to_vec();
        assert!(writer.finish().is_ok());
        bytes
    }

    fn verdict(bytes: &[u8], stream: Stream) -> String {
        match judge(bytes, &mut 0, stream) {
            Verdict::Frame(total) => format!("frame of {total}"),
            Verdict::Failure { error, claimed } => format!("{} in {claimed}", error.reason()),
            Verdict::Noise => "noise".into(),
            Verdict::More { enough } => format!("more than {}", enough - 1),
            Verdict::Parity { .. } => "parity".into(),
        }
    }

    /// Ends a file again, as if its content had been sent so.
    fn ended(mut bytes: Vec<u8>) -> Vec<u8> {
        let covered = bytes.len() - 2;
        let check = Check::over(&bytes[..covered]).sequence();
        bytes[covered..].copy_from_slice(&check);
        bytes
    }

    #[test]
    fn messages_of_every_length_come_out_as_they_went_in() {
        for length in 0..40 {
            let messages = vec![0x76; length];
            let bytes = emitted(&messages);
            assert_eq!(bytes.len(), 16 + length.next_multiple_of(4));
            assert_eq!(File::parse(&bytes).unwrap().messages(), Some(&messages[..]));
            assert_eq!(verdict(&bytes, Stream::Open), format!("frame of {}", bytes.len()));
        }
    }

    #[test]
    fn four_bytes_may_be_added_where_none_are_missing() {
        for length in 1..12 {
            let messages = vec![0x76; length];
            let mut buffer = [0; 64];
            let mut writer = Writer::new(&mut buffer);
            File::emit_padded(&messages, 4, &mut writer);
            let file = File::parse(writer.written()).unwrap();
            assert_eq!((file.messages(), file.padding()), (Some(&messages[..]), 4));
            let mut filled = writer.written().to_vec();
            filled[8 + length] = 1;
            assert_eq!(verdict(&ended(filled.clone()), Stream::Open), format!("length in {}", filled.len()));
        }
    }

    #[test]
    fn an_escape_inside_is_sent_twice() {
        for run in 0..14 {
            for around in 0..3 {
                let messages = [&vec![7; around][..], &vec![START; run], &[9, 0]].concat();
                let bytes = emitted(&messages);
                assert_eq!(bytes.len(), 16 + (messages.len() + run / 4 * 4).next_multiple_of(4));
                let file = File::parse(&bytes).unwrap();
                assert_eq!(file.pieces().collect::<Vec<_>>().concat(), messages, "{run}");
                assert_eq!(file.messages().is_some(), run < 4, "{run}");
            }
        }
    }

    #[test]
    fn what_may_still_become_a_file_is_waited_for() {
        let bytes = emitted(&[&[5][..], &ESCAPE, &[START; 3], &[6, 0]].concat());
        for end in 1..bytes.len() {
            let waits = if end < BEGIN.len() { "more than 7".into() } else { format!("more than {end}") };
            assert_eq!(verdict(&bytes[..end], Stream::Open), waits);
            assert_eq!(verdict(&bytes[..end], Stream::Silent), waits);
            let ended = if end < BEGIN.len() { "noise".into() } else { format!("cut in {end}") };
            assert_eq!(verdict(&bytes[..end], Stream::Ended), ended);
        }
    }

    #[test]
    fn the_search_goes_on_where_it_stopped() {
        let bytes = emitted(&[&[5; 300][..], &[START; 9], &[6; 300], &[START; 3], &[0]].concat());
        let mut seen = 0;
        for end in 1..bytes.len() {
            assert!(matches!(judge(&bytes[..end], &mut seen, Stream::Open), Verdict::More { .. }), "{end}");
            // A pair of escapes and what else may begin one are all that is looked at again.
            assert!(seen <= end && end < seen + 12 || end < 12, "{seen} of {end}");
        }
        assert!(matches!(judge(&bytes, &mut seen, Stream::Open), Verdict::Frame(_)));
    }

    #[test]
    fn each_fault_has_its_name() {
        let good = emitted(&[1, 2, 3, 4, 5]);
        let broken = |index: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[index] = byte;
            bytes
        };
        let said = |bytes: &[u8]| verdict(bytes, Stream::Open);
        assert_eq!(said(&broken(9, 0)), "frame_check in 24");
        assert_eq!(said(&broken(22, 0)), "frame_check in 24");
        assert_eq!(said(&broken(20, 0x1C)), "frame_check in 24", "an escape without meaning");
        assert_eq!(said(&ended(broken(21, 5))), "frame_check in 24", "more padding than there can be");
        assert_eq!(said(&ended(broken(15, 1))), "length in 24", "padding that is none");
        assert_eq!(said(&ended([&BEGIN[..], &ESCAPE, &[END, 1, 0, 0]].concat())), "length in 16");
        assert_eq!(said(&broken(4, 2)), "noise", "another version");
        assert_eq!(said(&[&good[..14], &good].concat()), "cut in 14");
        assert_eq!(said(&[&[START][..], &good].concat()), "noise", "it begins a byte later");
        assert_eq!(File::parse(&[&good[..], &[0]].concat()), Err(verdict::Error::Length));
        assert_eq!(File::parse(&broken(9, 0)), Err(verdict::Error::FrameCheck));
    }

    #[test]
    fn no_file_is_longer_than_the_longest() {
        let longest = emitted(&[0x55; LONGEST - 16]);
        assert_eq!(verdict(&[&longest[..], &[1]].concat(), Stream::Open), "frame of 8192");
        let longer = emitted(&[0x55; LONGEST - 15]);
        for bytes in [&longer, &longer[..LONGEST]] {
            assert_eq!(verdict(bytes, Stream::Open), "length in 8192");
        }
        assert_eq!(verdict(&longer[..LONGEST - 1], Stream::Open), "more than 8191");
    }

    /// Three messages with this rule's check sequences, in a file with that one's.
    fn by_rules(messages: Rule, file: Rule, swap: bool) -> Vec<u8> {
        let sequence = |rule: Rule, bytes: &[u8]| match (rule, swap) {
            (Rule::X25, _) => Check::over(bytes).sequence(),
            (Rule::Kermit, false) => Check::kermit(bytes).to_be_bytes(),
            (Rule::Kermit, true) => Check::kermit(bytes).to_le_bytes(),
        };
        let message = [0x76, 2, 7, 0x62, 0, 0x62, 0, 0x72, 0x63, 2, 1, 0x71, 1];
        let message = [&message[..], &[0x63], &sequence(messages, &message), &[0]].concat();
        let mut bytes = emitted(&message.repeat(3));
        let covered = bytes.len() - 2;
        let check = sequence(file, &bytes[..covered]);
        bytes[covered..].copy_from_slice(&check);
        bytes
    }

    #[test]
    fn the_other_rule_counts_if_every_message_bears_it_out() {
        for swap in [false, true] {
            let bytes = by_rules(Rule::Kermit, Rule::Kermit, swap);
            assert!(File::parse(&bytes).is_ok());
            let mut damaged = bytes.clone();
            damaged[10] ^= 1;
            assert_eq!(File::parse(&damaged), Err(verdict::Error::FrameCheck));
            let mixed = by_rules(Rule::X25, Rule::Kermit, swap);
            assert_eq!(File::parse(&mixed), Err(verdict::Error::FrameCheck));
        }
        assert!(File::parse(&by_rules(Rule::Kermit, Rule::X25, false)).is_ok());
        let mut empty = emitted(&[]);
        let check = Check::kermit(&empty[..14]).to_be_bytes();
        empty[14..].copy_from_slice(&check);
        assert_eq!(File::parse(&empty), Err(verdict::Error::FrameCheck));
    }
}
