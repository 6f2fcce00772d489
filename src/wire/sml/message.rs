//! A message of an SML file, with its own check sequence.
//!
//! ```text
//! 76  transaction id  group  abort on error  72 (tag, body)  63 check sequence  00
//!     covered by the check sequence, the 76 included
//! ```

use super::Error;
use super::value::{Integer, Sequence, Value};
use crate::wire::check::Check;
use crate::wire::cursor::{Reader, Writer};

/// The tag of a SML_PublicOpen.Res.
pub const OPEN: u16 = 0x0101;
/// The tag of a SML_PublicClose.Res.
pub const CLOSE: u16 = 0x0201;
/// The tag of a SML_GetList.Res: the values.
pub const LIST: u16 = 0x0701;

/// A message whose check sequence held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it is.
    pub tag: u16,
    /// What it says.
    pub body: &'a [u8],
    /// Its bytes from the first to the end of its body: those that the check sequence covers.
    pub covered: &'a [u8],
    /// Which check sequence it was.
    pub rule: Rule,
}

/// A check sequence that messages and files are sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// CRC-16/X-25, low byte first, as the standard says.
    X25,
    /// CRC-16/KERMIT (Holley DTZ541); sources differ in which byte comes first.
    Kermit,
}

impl Rule {
    /// The rule by which these are the check sequence of bytes.
    pub fn of(bytes: &[u8], received: [u8; 2]) -> Option<Self> {
        let check = Check::over(bytes);
        if check.clone().holds(received) {
            return Some(Rule::X25);
        }
        let kermit = Check::kermit(bytes);
        (received == kermit.to_be_bytes() || received == kermit.to_le_bytes()).then_some(Rule::Kermit)
    }
}

/// The first byte of a message: a list of six, the end included.
pub const START: u8 = 0x76;
/// The end of a message.
const END: u8 = 0;

impl<'a> Message<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = reader.rest();
        if reader.u8()? != START {
            return Err(Error::Form);
        }
        for _ in ["transaction id", "group", "abort on error"] {
            Value::read(reader)?;
        }
        Sequence::enter_exactly(2, reader)?;
        let tag = Value::read(reader)?.integer().and_then(Integer::fit).ok_or(Error::Form)?;
        let behind_tag = reader.rest();
        Value::read(reader)?;
        let body = reader.taken(behind_tag);
        let covered = reader.taken(start);
        // Of one byte where the first would be 00 (Iskraemeco MT691).
        let check: u16 = Value::read(reader)?.integer().and_then(Integer::fit).ok_or(Error::Form)?;
        if reader.u8()? != END {
            return Err(Error::Form);
        }
        let rule = Rule::of(covered, check.to_be_bytes()).ok_or(Error::Check)?;
        Ok(Message { tag, body, covered, rule })
    }
}

/// The messages of a file, one after the other; an error is the last item.
pub fn each_message(messages: &[u8]) -> impl Iterator<Item = Result<Message<'_>, Error>> {
    let mut reader = Reader::new(messages);
    core::iter::from_fn(move || {
        let message = (!reader.rest().is_empty()).then(|| Message::read(&mut reader))?;
        if message.is_err() {
            reader = Reader::new(&[]);
        }
        Some(message)
    })
}

/// Ends the message that was begun at this place of what is written: check sequence and end.
pub fn seal(start: usize, writer: &mut Writer<'_>) {
    let check = Check::over(writer.written().get(start..).unwrap_or_default()).sequence();
    Value::Integer(Integer::unsigned(&check)).emit(writer);
    writer.u8(END);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(covered: &[u8]) -> Vec<u8> {
        let mut buffer = [0; 300];
        let mut writer = Writer::new(&mut buffer);
        writer.u8(0xAA);
        writer.bytes(covered);
        seal(1, &mut writer);
        writer.written()[1..].to_vec()
    }

    fn read(bytes: &[u8]) -> Result<Message<'_>, Error> {
        let mut messages = each_message(bytes);
        let message = messages.next().expect("bytes");
        assert_eq!(messages.next(), None);
        message
    }

    const CLOSING: [u8; 13] = [0x76, 0x03, 7, 8, 0x62, 0, 0x62, 0, 0x72, 0x63, 0x02, 0x01, 0x01];

    /// Closing messages with every transaction id.
    fn each_id(mut take: impl FnMut(&[u8], Vec<u8>)) {
        for id in 0..=u16::MAX {
            let mut covered = CLOSING;
            covered[2..4].copy_from_slice(&id.to_be_bytes());
            take(&covered, sealed(&covered));
        }
    }

    #[test]
    fn a_message_is_read_as_it_was_sealed() {
        let bytes = sealed(&CLOSING);
        let message = read(&bytes).unwrap();
        assert_eq!((message.tag, message.body, message.rule), (CLOSE, &CLOSING[12..], Rule::X25));
        assert_eq!(message.covered, CLOSING);
        let wide = [&CLOSING[..9], &[0x65, 0, 0, 0x02, 0x01, 0x01]].concat();
        assert_eq!(read(&sealed(&wide)).map(|message| message.tag), Ok(CLOSE), "a tag of four bytes");
    }

    #[test]
    fn a_check_sequence_that_begins_with_zeros_may_be_shorter() {
        let mut tried = 0;
        each_id(|covered, bytes| {
            let [0x63, 0, low, END] = bytes[covered.len()..] else { return };
            let short = [covered, &[0x62, low, END]].concat();
            assert_eq!(read(&short), read(&bytes));
            assert!(read(&short).is_ok());
            tried += 1;
        });
        assert!(tried > 100, "{tried}");
    }

    #[test]
    fn kermit_holds_in_either_order() {
        let kermit = Check::kermit(&CLOSING);
        assert_ne!(kermit, kermit.swap_bytes());
        for check in [kermit.to_be_bytes(), kermit.to_le_bytes()] {
            let bytes = [&CLOSING[..], &[0x63], &check, &[END]].concat();
            assert_eq!(read(&bytes).map(|message| message.rule), Ok(Rule::Kermit));
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let good = sealed(&CLOSING);
        for end in 1..good.len() {
            assert_eq!(read(&good[..end]), Err(Error::Truncated), "{end}");
        }
        let broken = |index: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[index] = byte;
            read(&bytes).map(drop)
        };
        assert_eq!(broken(0, 0x77), Err(Error::Form), "not six elements");
        assert_eq!(broken(2, 9), Err(Error::Check));
        assert_eq!(broken(10, 3), Err(Error::Check));
        assert_eq!(broken(9, 0x03), Err(Error::Form), "a tag that is no number");
        assert_eq!(broken(8, 0x71), Err(Error::Form), "a body of one element");
        assert_eq!(broken(good.len() - 1, 1), Err(Error::Form), "no end");
        assert_eq!(each_message(&[]).next(), None);
        assert_eq!(each_message(&[&good[..], &good, &[1]].concat()).filter(Result::is_ok).count(), 2);
    }
}
