//! Hides what identifies a meter or its user, in place and of the same length.

/// Digits in a row that may be somebody's number.
pub(super) const LIKE_AN_ID: usize = 7;

/// Replaces a letter or digit of an id. Blanks and NULs around an id are no part of it.
pub(super) fn mask_letter(byte: &mut u8) {
    *byte = match *byte {
        0 | b' ' => return,
        letter if letter.is_ascii_alphabetic() => b'X',
        _ => b'0',
    };
}

/// Replaces long runs of digits.
pub(super) fn mask_runs(text: &mut [u8]) {
    let runs = text.split_mut(|byte| !byte.is_ascii_digit());
    runs.filter(|run| run.len() >= LIKE_AN_ID).for_each(|run| run.fill(b'0'));
}

/// The smallest number of as many digits.
pub(super) fn round(number: u64) -> u64 {
    number.checked_ilog10().map_or(0, |digits| 10_u64.pow(digits))
}
