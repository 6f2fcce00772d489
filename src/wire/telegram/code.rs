//! The code of a data set, with all its groups or without some.

use crate::wire::obis::Obis;

/// Reads a code: all its groups, whether A and B were omitted, and the rest from the bracket on.
pub(super) fn code(bytes: &[u8]) -> Option<(Obis, bool, &[u8])> {
    let (mut c, mut mark, mut rest) = group(bytes)?;
    let mut medium = None;
    if mark == b'-' {
        let (channel, colon, code) = group(rest)?;
        medium = Some([c, channel]);
        (c, mark, rest) = group(code).filter(|_| colon == b':')?;
    } else if mark != b'.' && !is_abstract(c) {
        // A letter alone may be the whole code.
        return None;
    }
    let (mut d, mut e, mut f) = (0, 0, 255);
    if mark == b'.' {
        (d, mark, rest) = group(rest)?;
    }
    if mark == b'.' {
        (e, mark, rest) = group(rest)?;
    }
    if matches!(mark, b'*' | b'&') {
        (f, mark, rest) = group(rest)?;
    }
    // Electricity, unless the code is one of the abstract objects.
    let [a, b] = medium.unwrap_or(if is_abstract(c) { [0, 0] } else { [1, 0] });
    let values = bytes.get(bytes.len() - rest.len() - 1..).filter(|_| mark == b'(')?;
    Some((Obis([a, b, c, d, e, f]), medium.is_none(), values))
}

const fn is_abstract(c: u8) -> bool {
    matches!(c, 96..=99)
}

/// Reads a group, the mark after it and what follows: up to three digits, or one of the letters C, F, L and P, which
/// stand for 96 to 99.
#[inline]
fn group(bytes: &[u8]) -> Option<(u8, u8, &[u8])> {
    let (number, rest) = match bytes {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            let number = 100 * u16::from(a - b'0') + 10 * u16::from(b - b'0') + u16::from(c - b'0');
            (u8::try_from(number).ok()?, rest)
        }
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => (10 * (a - b'0') + (b - b'0'), rest),
        [a @ b'0'..=b'9', rest @ ..] => (a - b'0', rest),
        [b'C', rest @ ..] => (96, rest),
        [b'F', rest @ ..] => (97, rest),
        [b'L', rest @ ..] => (98, rest),
        [b'P', rest @ ..] => (99, rest),
        _ => return None,
    };
    let (&mark, rest) = rest.split_first()?;
    Some((number, mark, rest))
}
