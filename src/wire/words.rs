//! How numbers, units, texts and clocks are written for people.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::clock::{DateTime, Zone};
use super::decimal::Decimal;
use super::unit::Unit;

/// "2305 × 10^-1 V = 230.5 V"; energy in thousands, as it is billed.
pub(crate) fn number(decimal: Decimal, unit: Unit) -> String {
    let (raw, exponent) = (decimal.mantissa(), decimal.exponent());
    let is_energy = matches!(unit, Unit::WH | Unit::VARH | Unit::VAH);
    let thousands = decimal.shifted(-3).filter(|_| is_energy);
    let unit = unit.to_string();
    let result = match thousands {
        Some(thousands) => format!("{thousands} k{unit}"),
        None => format!("{decimal} {unit}").trim_end().to_owned(),
    };
    let sent = match exponent {
        0 if !is_energy => return result,
        0 => format!("{raw} {unit}"),
        _ => format!("{raw} × 10^{exponent} {unit}").trim_end().to_owned(),
    };
    format!("{sent} = {result}")
}

/// A number that was sent in digits: "230.5 V"; energy also in thousands.
pub(crate) fn converted(decimal: Decimal, unit: Unit) -> String {
    let thousands = decimal.shifted(-3).filter(|_| matches!(unit, Unit::WH | Unit::VARH | Unit::VAH));
    let shown = format!("{decimal} {unit}");
    thousands.map_or(shown.trim_end().into(), |thousands| format!("{shown} = {thousands} k{unit}"))
}

/// The sign of a unit, or its number.
pub(crate) fn unit(unit: Unit) -> String {
    if unit == Unit::NONE { "none".into() } else { unit.to_string() }
}

/// A text in quotes, a date-time, or what cannot be shown.
pub(crate) fn string(bytes: &[u8]) -> String {
    if let Some(date_time) = date_time(bytes) {
        return clock(&date_time);
    }
    let shown = bytes.iter().all(|byte| *byte == 0 || (b' '..=b'~').contains(byte));
    match bytes {
        [] => "empty".into(),
        _ if shown => format!("\"{}\"", bytes.escape_ascii()),
        _ => format!("{} bytes", bytes.len()),
    }
}

/// Twelve bytes that make a real date, whatever the clock says of itself.
pub(super) fn date_time(bytes: &[u8]) -> Option<DateTime> {
    let bytes: [u8; 12] = bytes.try_into().ok()?;
    let mut trusted = bytes;
    *trusted.last_mut()? = 0;
    DateTime(trusted).to_unix(Zone::Standard(0)).map(|_| DateTime(bytes))
}

/// "2024-10-01 19:00:10 Tuesday, deviation -60 min".
pub(crate) fn clock(clock: &DateTime) -> String {
    let Some(digits) = clock.digits() else { return "not set in full".into() };
    let DateTime([_, _, _, _, day, ..]) = *clock;
    let mut text = digits.as_str().replace('T', " ");
    if let Some(name) = WEEKDAYS.get(usize::from(day).wrapping_sub(1)) {
        text += " ";
        text += name;
    }
    if let Some(deviation) = clock.deviation() {
        text += &format!(", deviation {deviation} min");
    }
    if let Some(status) = clock.status().filter(|&status| status != 0) {
        let bits = [
            (1, "invalid"),
            (2, "doubtful"),
            (4, "other base"),
            (8, "status invalid"),
            (0x80, "summer time"),
        ];
        let set = bits.iter().filter(|(bit, _)| status & bit != 0).map(|&(_, word)| word);
        text += &format!(", status 0x{status:02x}: {}", set.collect::<Vec<_>>().join(", "));
    }
    text
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_how_they_are_scaled() {
        assert_eq!(number(Decimal::new(2305, -1), Unit::V), "2305 × 10^-1 V = 230.5 V");
        assert_eq!(number(Decimal::new(5056, 0), Unit::W), "5056 W");
        assert_eq!(number(Decimal::new(17, 1), Unit::WH), "17 × 10^1 Wh = 0.17 kWh");
        assert_eq!(number(Decimal::new(8_751_759, 0), Unit::VARH), "8751759 varh = 8751.759 kvarh");
        assert_eq!(number(Decimal::new(4, -2), Unit::NONE), "4 × 10^-2 = 0.04");
    }

    #[test]
    fn clocks_say_what_is_special() {
        let mut bytes = DateTime::local(2024, 10, 1, 19, 0, 10).0;
        assert_eq!(clock(&DateTime(bytes)), "2024-10-01 19:00:10");
        bytes[4] = 2;
        bytes[9..].copy_from_slice(&[0xFF, 0xC4, 0x81]);
        assert_eq!(
            clock(&DateTime(bytes)),
            "2024-10-01 19:00:10 Tuesday, deviation -60 min, status 0x81: invalid, summer time"
        );
        assert_eq!(clock(&DateTime([0xFF; 12])), "not set in full");
    }
}
