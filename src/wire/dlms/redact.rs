//! A message of DLMS without what identifies the meter.

use alloc::vec::Vec;

use super::apdu::{self, Apdu, Ciphered, LLC, Notification, Stamp};
use super::fields::{Content, Field, Fields};
use super::value::Value;
use crate::wire::mask::{LIKE_AN_ID, mask_letter, mask_runs, round};
use crate::wire::meaning::{Layout, Meanings};
use crate::wire::message::Message;
use crate::wire::obis::Obis;

/// The message without ids, as long as before; `None` if it is not understood well enough to be sure.
pub(crate) fn masked(message: &[u8], meanings: &dyn Meanings) -> Option<Vec<u8>> {
    let bare = message.strip_prefix(&LLC).unwrap_or(message);
    let start = message.len() - bare.len();
    let mut masked = message.to_vec();
    let target = masked.get_mut(start..)?;
    match Apdu::parse(bare) {
        Ok(Apdu::Notification(notification)) => mask_notification(&notification, bare, meanings, target)?,
        Ok(Apdu::Ciphered(ciphered)) => mask_title(&ciphered, bare, target)?,
        Err(apdu::Error::Empty) => {}
        Ok(Apdu::Block(_)) | Err(_) => return None,
    }
    Some(masked)
}

fn mask_notification(
    notification: &Notification<'_>,
    message: &[u8],
    meanings: &dyn Meanings,
    target: &mut [u8],
) -> Option<()> {
    let body = match notification.stamp {
        Stamp::Absent => 6,
        Stamp::Plain(_) => 18,
        Stamp::Tagged(_) => 19,
    };
    let positions = match meanings.layout(&Message::Notification(*notification)) {
        Layout::Positions(positions) => positions,
        _ => Vec::new(),
    };
    let mut fields = Fields::new(message.get(body..)?, positions);
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
            Meaning::Device => text.iter_mut().skip(MANUFACTURER).for_each(mask_letter),
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
    /// The meter's type stays, and so do the manufacturer's letters in the device's name: tables need them to know how
    /// values are scaled.
    fn of(Obis([a, b, c, d, e, _]): Obis) -> Self {
        match ([a, b], [c, d, e]) {
            ([0, 0], [96, 1, 7]) | ([1, 1], [96, 1, 1]) => Meaning::Type,
            (_, [42, 0, 0]) => Meaning::Device,
            (_, [96, 1, _] | [0, 0, _]) => Meaning::Id,
            _ => Meaning::Unknown,
        }
    }
}

/// Letters of the manufacturer in the name of a device and in a system title.
const MANUFACTURER: usize = 3;

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

/// Leaves the manufacturer's letters of a system title.
fn mask_title(ciphered: &Ciphered<'_>, message: &[u8], target: &mut [u8]) -> Option<()> {
    if ciphered.tag == apdu::GENERAL_CIPHERING {
        return None;
    }
    let end = message.len() - ciphered.content.len();
    let title = target.get_mut(end - ciphered.system_title.len()..end)?;
    title.iter_mut().skip(MANUFACTURER).for_each(|byte| *byte = 0);
    Some(())
}
