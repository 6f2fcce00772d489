//! An SML file without what identifies the meter.

use alloc::vec::Vec;

use super::nodes::{Content, Kind, Node, Nodes};
use super::{File, Value, each_message, seal};
use crate::wire::encode::encode;
use crate::wire::mask::{mask_letter, mask_runs};
use crate::wire::meaning::Meanings;
use crate::wire::obis::Obis;

/// Bytes that say nothing of anybody are fewer.
const LIKE_AN_ID: usize = 4;

/// The file of masked messages, as long as they were; `None` if they are not understood well enough to be sure.
pub(in crate::wire) fn masked(messages: &[u8], padding: usize, meanings: &dyn Meanings) -> Option<Vec<u8>> {
    if messages.is_empty() || !each_message(messages).all(|message| message.is_ok()) {
        return None;
    }
    let mut masked = messages.to_vec();
    let mut sealed = Vec::new();
    let mut start = 0;
    for node in Nodes::new(messages) {
        mask(&node, meanings, masked.get_mut(node.at..node.at + node.bytes.len())?);
        match node.place {
            (Kind::File, _) => start = node.at,
            (Kind::Message, 4) => {
                let message = masked.get(start..node.at)?;
                sealed.extend(encode(|writer| {
                    writer.bytes(message);
                    seal(0, writer);
                }));
            }
            _ => {}
        }
    }
    // A check sequence may have become shorter or longer.
    Some(encode(|writer| match sealed.len() == messages.len() {
        true => File::emit_padded(&sealed, padding, writer),
        false => File::emit(&sealed, writer),
    }))
}

fn mask(node: &Node<'_>, meanings: &dyn Meanings, target: &mut [u8]) {
    let (length, is_number) = match node.content {
        Content::Value(Value::Octets(bytes)) => (bytes.len(), false),
        Content::Value(Value::Integer(integer)) => (integer.bytes.len(), true),
        _ => return,
    };
    let start = target.len().saturating_sub(length);
    let bytes = target.get_mut(start..).unwrap_or_default();
    match Meaning::of(node) {
        Meaning::Id if !is_number => mask_identification(bytes, meanings),
        Meaning::Id => bytes.fill(0),
        Meaning::Counted => bytes.iter_mut().rev().skip(1).for_each(|byte| *byte = 0),
        Meaning::Unknown if !is_number && length >= LIKE_AN_ID => mask_unknown(bytes),
        Meaning::Unknown | Meaning::Harmless => {}
    }
}

/// What a value may give away.
enum Meaning {
    /// Who the meter is.
    Id,
    /// Counts messages, after what some manufacturers take from the meter's number.
    Counted,
    /// Nothing: codes, and the manufacturer.
    Harmless,
    Unknown,
}

impl Meaning {
    fn of(node: &Node<'_>) -> Self {
        let code = node.code.map(|Obis([_, _, c, d, e, _])| [c, d, e]);
        match (node.place, code) {
            ((Kind::Open, 3) | (Kind::List, 1), _) => Meaning::Id,
            ((Kind::Message, 0) | (Kind::Open, 2), _) => Meaning::Counted,
            ((Kind::List, 2) | (Kind::Entry, 0), _) => Meaning::Harmless,
            ((Kind::Entry, 5), Some([96, 1, _] | [0, 0, _] | [42, 0, 0])) => Meaning::Id,
            ((Kind::Entry, 5), Some([96, 50, 1] | [199, 130, 3])) => Meaning::Harmless,
            _ => Meaning::Unknown,
        }
    }
}

/// The kind of the identification stays, and the first two digits of its number: quirks are known by them.
fn mask_identification(bytes: &mut [u8], meanings: &dyn Meanings) {
    if let Some(number) = meanings.device_number(bytes)
        && let Some(last) = bytes.last_chunk_mut()
    {
        *last = (number - number % 1_000_000).to_be_bytes();
    } else if is_text(bytes) {
        bytes.iter_mut().for_each(mask_letter);
    } else {
        let kept = if bytes.first() == Some(&0x06) { 4 } else { 0 };
        bytes.iter_mut().skip(kept).for_each(|byte| *byte = 0);
    }
}

/// Keys and signatures go, texts lose long numbers.
fn mask_unknown(bytes: &mut [u8]) {
    if is_text(bytes) { mask_runs(bytes) } else { bytes.fill(0) }
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
}
