//! The code of a data set, with all its groups or without some.

use core::slice::Iter;

use crate::wire::obis::Obis;

/// Reads a code: all its groups, whether A and B were left out, and the rest from the bracket on.
#[inline]
pub(super) fn code(bytes: &[u8]) -> Option<(Obis, bool, &[u8])> {
    usual(bytes).or_else(|| any(bytes))
}

/// One with all groups but F, each of one or two digits.
#[inline]
fn usual(bytes: &[u8]) -> Option<(Obis, bool, &[u8])> {
    let [a, b'-', b, b':', groups @ ..] = bytes else { return None };
    let (c, groups) = short_group(groups, b'.')?;
    let (d, groups) = short_group(groups, b'.')?;
    let (e, behind) = short_group(groups, b'(')?;
    let [a, b] = [digit(a), digit(b)];
    let values = bytes.get(bytes.len() - behind.len() - 1..)?;
    (a <= 9 && b <= 9).then_some((Obis([a, b, c, d, e, 255]), false, values))
}

/// Reads a group of one or two digits and the mark that is to end it.
#[inline]
fn short_group(bytes: &[u8], mark: u8) -> Option<(u8, &[u8])> {
    match bytes {
        [ones, end, rest @ ..] if *end == mark && digit(ones) <= 9 => Some((digit(ones), rest)),
        [tens, ones, end, rest @ ..] if *end == mark && digit(tens) <= 9 && digit(ones) <= 9 => {
            Some((digit(tens) * 10 + digit(ones), rest))
        }
        _ => None,
    }
}

const fn digit(byte: &u8) -> u8 {
    byte.wrapping_sub(b'0')
}

/// Any other.
#[inline(never)]
fn any(bytes: &[u8]) -> Option<(Obis, bool, &[u8])> {
    let mut reader = bytes.iter();
    let (mut c, mut mark) = group(&mut reader)?;
    let mut medium = None;
    if mark == b'-' {
        let (channel, colon) = group(&mut reader)?;
        medium = Some([c, channel]);
        (c, mark) = group(&mut reader).filter(|_| colon == b':')?;
    } else if mark != b'.' && !is_abstract(c) {
        // A letter alone may be the whole code.
        return None;
    }
    let (mut d, mut e, mut f) = (0, 0, 255);
    if mark == b'.' {
        (d, mark) = group(&mut reader)?;
    }
    if mark == b'.' {
        (e, mark) = group(&mut reader)?;
    }
    if matches!(mark, b'*' | b'&') {
        (f, mark) = group(&mut reader)?;
    }
    // Electricity, unless the code is one of the abstract objects.
    let [a, b] = medium.unwrap_or(if is_abstract(c) { [0, 0] } else { [1, 0] });
    let values = bytes.get(bytes.len() - reader.len() - 1..).filter(|_| mark == b'(')?;
    Some((Obis([a, b, c, d, e, f]), medium.is_none(), values))
}

const fn is_abstract(c: u8) -> bool {
    matches!(c, 96..=99)
}

/// Reads a group and the mark behind it: up to three digits, or one of the letters C, F, L and P that stand for 96 to
/// 99.
fn group(reader: &mut Iter<'_, u8>) -> Option<(u8, u8)> {
    let before = reader.len();
    let mut number = 0_u32;
    loop {
        let byte = *reader.next()?;
        if digit(&byte) <= 9 {
            number = number.wrapping_mul(10).wrapping_add(digit(&byte).into());
            continue;
        }
        return match before - reader.len() - 1 {
            1..=3 => Some((u8::try_from(number).ok()?, byte)),
            0 => Some((letter(byte)?, *reader.next()?)),
            _ => None,
        };
    }
}

const fn letter(byte: u8) -> Option<u8> {
    Some(match byte {
        b'C' => 96,
        b'F' => 97,
        b'L' => 98,
        b'P' => 99,
        _ => return None,
    })
}
