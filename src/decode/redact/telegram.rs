//! A telegram without what tells whose it is, its check written anew.

use super::{mask_letter, mask_runs};
use crate::meter::Register;
use crate::wire::check::arc;
use crate::wire::clock::DateTime;
use crate::wire::obis::Obis;
use crate::wire::telegram::set::{Malformed, Raw, Set};
use crate::wire::telegram::{Check, Telegram, with_parity};

/// The octets of the telegram as they would stand on the line.
pub(super) fn masked(telegram: &Telegram<'_>) -> Vec<u8> {
    let mut octets = telegram.octets().to_vec();
    // What is ciphered has no name in it that can be read; no key is known to write its check with.
    if !telegram.is_ciphered() {
        let first = octets.split_mut(|&octet| octet == b'\r' || octet == b'\n').next().unwrap_or_default();
        mask_runs(first);
        for set in telegram.sets() {
            match set {
                Ok(set) => mask_set(&set, telegram, &mut octets),
                Err(Malformed(line)) => mask_runs(place(line, telegram, &mut octets)),
            }
        }
        prove(telegram, &mut octets);
    }
    if telegram.had_parity() {
        octets.iter_mut().for_each(|octet| *octet = with_parity(*octet));
    }
    octets
}

/// A part of the telegram in the copy of its octets.
fn place<'a>(part: &[u8], telegram: &Telegram<'_>, octets: &'a mut [u8]) -> &'a mut [u8] {
    let start = part.as_ptr() as usize - telegram.octets().as_ptr() as usize;
    octets.get_mut(start..start + part.len()).unwrap_or_default()
}

fn mask_set(set: &Set<'_>, telegram: &Telegram<'_>, octets: &mut [u8]) {
    let Obis([_, _, c, d, ..]) = set.obis;
    let is_name = matches!((c, d), (0, 0) | (42, 0) | (96, 1 | 13));
    let is_value = Register::find(set.obis).is_some() || c == 24;
    for Raw(value) in set.values() {
        let text = place(value, telegram, octets);
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

/// Whether digits may spell a name, so that others must spell one too. Fewer are a number as it is.
fn is_spelled(value: &[u8]) -> bool {
    value.len() >= 20 && value.len().is_multiple_of(2) && value.iter().all(u8::is_ascii_hexdigit)
}

/// Writes the check anew.
fn prove(telegram: &Telegram<'_>, octets: &mut Vec<u8>) {
    let end = telegram.end();
    match telegram.check() {
        Check::None => {}
        Check::Crc => {
            let behind = octets.split_off(end + 1);
            let rest = behind.iter().position(|octet| !octet.is_ascii_hexdigit()).unwrap_or(behind.len());
            octets.extend(format!("{:04X}", arc(octets)).bytes());
            octets.extend(behind.get(rest..).unwrap_or_default());
        }
        check @ (Check::Xor | Check::Sum) => {
            let start = end - telegram.body().len();
            let Some((received, rest)) = octets.split_last_mut() else { return };
            let block = rest.get(start..).unwrap_or_default();
            *received = check.of_octets(block);
        }
    }
}
