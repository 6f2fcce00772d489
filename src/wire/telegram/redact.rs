//! A telegram without what identifies the meter, its check computed again.

use alloc::format;
use alloc::vec::Vec;

use super::set::{Malformed, Raw, Set};
use super::{Check, Telegram, with_parity};
use crate::wire::check::arc;
use crate::wire::clock::DateTime;
use crate::wire::mask::{mask_letter, mask_runs};
use crate::wire::meaning::Meanings;
use crate::wire::obis::Obis;
use crate::wire::text::Text;

/// The bytes of the telegram as they would be sent.
pub(in crate::wire) fn masked(telegram: &Telegram<'_>, meanings: &dyn Meanings) -> Vec<u8> {
    let mut bytes = telegram.bytes().to_vec();
    // What is encrypted has no name in it that can be read; no key is known to write its check with.
    if !telegram.is_ciphered() {
        let first = bytes.split_mut(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
        mask_runs(first);
        for set in telegram.sets() {
            match set {
                Ok(set) => mask_set(&set, telegram, meanings, &mut bytes),
                Err(Malformed(line)) => mask_runs(place(line, telegram, &mut bytes)),
            }
        }
        prove(telegram, &mut bytes);
    }
    if telegram.had_parity() {
        bytes.iter_mut().for_each(|byte| *byte = with_parity(*byte));
    }
    bytes
}

/// A part of the telegram in the copy of its bytes.
fn place<'a>(part: &[u8], telegram: &Telegram<'_>, bytes: &'a mut [u8]) -> &'a mut [u8] {
    let start = part.as_ptr() as usize - telegram.bytes().as_ptr() as usize;
    bytes.get_mut(start..start + part.len()).unwrap_or_default()
}

fn mask_set(set: &Set<'_>, telegram: &Telegram<'_>, meanings: &dyn Meanings, bytes: &mut [u8]) {
    let Obis([_, _, c, d, ..]) = set.obis;
    let is_name = matches!((c, d), (0, 0) | (42, 0) | (96, 1 | 13));
    let is_value = meanings.is_register(set.obis) || c == 24;
    for Raw(value) in set.values() {
        let text = place(value, telegram, bytes);
        match (is_name, is_value || keeps(value)) {
            (true, _) if is_spelled(value) => text.chunks_mut(2).for_each(|pair| pair.copy_from_slice(b"30")),
            (true, _) => text.iter_mut().for_each(mask_letter),
            (false, true) => {}
            (false, false) => mask_runs(text),
        }
    }
}

/// Numbers with a unit and times say nothing of anybody.
fn keeps(value: &[u8]) -> bool {
    let has_unit = Raw(value).number().is_some_and(|(_, unit)| !unit.is_empty());
    has_unit || DateTime::read(value, 0).is_some()
}

/// Whether digits spell a name, or are so many that they may, so that others must spell one too.
fn is_spelled(value: &[u8]) -> bool {
    let mut name = Text::<40>::EMPTY;
    name.set_spelled(value);
    let is_pairs = value.len().is_multiple_of(2) && value.iter().all(u8::is_ascii_hexdigit);
    is_pairs && (value.len() >= 20 || name.as_bytes() != value)
}

/// Computes the check again.
fn prove(telegram: &Telegram<'_>, bytes: &mut Vec<u8>) {
    let end = telegram.end();
    match telegram.check() {
        Check::None => {}
        Check::Crc => {
            let behind = bytes.split_off(end + 1);
            let rest = behind.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(behind.len());
            bytes.extend(format!("{:04X}", arc(bytes)).bytes());
            bytes.extend(behind.get(rest..).unwrap_or_default());
        }
        check @ (Check::Xor | Check::Sum) => {
            let start = end - telegram.body().len();
            let Some((received, rest)) = bytes.split_last_mut() else { return };
            let block = rest.get(start..).unwrap_or_default();
            *received = check.of_bytes(block);
        }
    }
}
