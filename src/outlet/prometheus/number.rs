//! A sample's value in as few characters as name it exactly.

use std::io::Write;

/// Below this every whole number has a double of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Decimals of at most 15 digits never share a double, so such a decimal is also the shortest.
const FIFTEEN_DIGITS: f64 = 1e15;

/// Appends `value`: whole numbers plainly, others by the shortest text that reads back as the same double.
pub(super) fn write(out: &mut Vec<u8>, value: f64) {
    if value.abs() < EXACT && (value as i64) as f64 == value {
        sign(out, value < 0.0);
        digits(out, (value as i64).unsigned_abs());
    } else if let Some(thousandths) = thousandths(value) {
        sign(out, value < 0.0);
        fraction(out, thousandths.unsigned_abs());
    } else {
        uncommon(out, value);
    }
}

/// The value times thousand, if that is a whole number which gives the value back.
fn thousandths(value: f64) -> Option<i64> {
    let scaled = value * 1000.0;
    if scaled.is_nan() || scaled.abs() >= FIFTEEN_DIGITS {
        return None;
    }
    let rounded = (scaled + 0.5f64.copysign(scaled)) as i64;
    (rounded as f64 / 1000.0 == value).then_some(rounded)
}

fn fraction(out: &mut Vec<u8>, thousandths: u64) {
    digits(out, thousandths / 1000);
    let mut places = *b".000";
    group(&mut places[1..], (thousandths % 1000) as u32);
    let last = places.iter().rposition(|&digit| digit != b'0').unwrap_or(0);
    out.extend_from_slice(&places[..=last]);
}

fn sign(out: &mut Vec<u8>, negative: bool) {
    if negative {
        out.push(b'-');
    }
}

/// Appends a whole number; nine digits at a time, because 32-bit processors divide 64 bits slowly.
pub(super) fn digits(out: &mut Vec<u8>, number: u64) {
    const GROUP: u64 = 1_000_000_000;
    let mut text = [b'0'; 20];
    let mut end = text.len();
    let mut rest = number;
    while rest >= GROUP {
        let low = (rest % GROUP) as u32;
        group(&mut text[end - 9..end], low);
        end -= 9;
        rest /= GROUP;
    }
    let start = end - group(&mut text[..end], rest as u32).max(1);
    out.extend_from_slice(&text[start..]);
}

/// Fills the end of `text` with a number's digits and tells how many there were.
fn group(text: &mut [u8], number: u32) -> usize {
    let mut rest = number;
    let mut count = 0;
    for place in text.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
    }
    count
}

fn uncommon(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if (1e-6..1e21).contains(&value.abs()) {
        let _ = write!(out, "{value}");
    } else {
        let _ = write!(out, "{value:e}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(value: f64) -> String {
        let mut out = Vec::new();
        write(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_written_shortest() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-17.0, "-17"),
            (230.5, "230.5"),
            (-0.25, "-0.25"),
            (0.001, "0.001"),
            (10.05, "10.05"),
            (1_000_000_000.0, "1000000000"),
            (15_461_882_265_600.0, "15461882265600"),
            (1_732_190_400.125, "1732190400.125"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (18_446_744_073_709_551_615.0, "18446744073709552000"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-7, "1e-7"),
            (1.5e300, "1.5e300"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(text(value), expected);
        }
    }

    proptest! {
        #[test]
        fn every_double_reads_back(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(text(value).parse::<f64>().unwrap(), value);
        }

        #[test]
        fn meter_values_are_as_short_as_the_standard_library_writes_them(mantissa: i64, places in 0i32..7) {
            let value = (mantissa >> 14) as f64 / 10f64.powi(places);
            prop_assume!(value == 0.0 || value.abs() >= 1e-6);
            prop_assert_eq!(text(value), format!("{}", value + 0.0));
        }

        #[test]
        fn whole_numbers_are_written_digit_by_digit(number: u64, shift in 0u32..64) {
            let mut out = Vec::new();
            digits(&mut out, number >> shift);
            prop_assert_eq!(String::from_utf8(out).unwrap(), (number >> shift).to_string());
        }
    }
}
