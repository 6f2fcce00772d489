//! How numbers, units, texts and clocks are written for people.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

use super::clock::{DateTime, Zone};
use super::decimal::Decimal;
use super::obis::Obis;
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

/// "2024-10-01 17:00:10 UTC", from seconds since 1970.
pub(crate) fn unix(seconds: Decimal) -> Option<String> {
    let time = DateTime::of_unix(seconds.whole()?, 0, false)?;
    Some(format!("{} UTC", time.digits()?.as_str().replace('T', " ")))
}

/// "2024-10-01", from a date of COSEM: year, month, day, day of week.
pub(crate) fn date([high, low, month, day, weekday]: [u8; 5]) -> String {
    part_of(DateTime([high, low, month, day, weekday, 0, 0, 0, 0, 0, 0, 0]), 0..10)
}

/// "19:00:10", from a time of COSEM: hour, minute, second, hundredths.
pub(crate) fn time([hour, minute, second, hundredths]: [u8; 4]) -> String {
    part_of(DateTime([7, 0xE8, 1, 1, 0xFF, hour, minute, second, hundredths, 0, 0, 0]), 11..19)
}

fn part_of(time: DateTime, part: Range<usize>) -> String {
    let digits = time.digits();
    digits
        .and_then(|digits| digits.as_str().get(part).map(ToOwned::to_owned))
        .unwrap_or_else(|| "not set in full".into())
}

/// "2024-10-01" or "19:00:10", from the digits under the codes of date and time (OBIS 0.9.2, 0.9.1; IEC 62056-21). Some
/// meters write a digit for the season in front of the date.
pub(crate) fn date_or_time(Obis([_, _, c, d, e, _]): Obis, text: &[u8]) -> Option<String> {
    let is_written_so = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'.' | b':' | b'/');
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
    let sent = digits.last_chunk::<6>().filter(|_| text.iter().all(is_written_so))?;
    let (whole, part) = match ([c, d, e], digits.len()) {
        ([0, 9, 1], 6) => ([&b"240101"[..], sent], 11..19),
        ([0, 9, 2], 6 | 7) => ([&sent[..], b"000000"], 0..10),
        _ => return None,
    };
    let time = DateTime::read(&whole.concat(), 0)?;
    time.to_unix(Zone::Standard(0))?;
    time.digits()?.as_str().get(part).map(ToOwned::to_owned)
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
    fn texts_are_quoted_and_what_is_none_is_counted() {
        assert_eq!((string(b"ab").as_str(), string(b"").as_str()), ("\"ab\"", "empty"));
        assert_eq!(string(&[1, 2, 3]), "3 bytes");
    }

    #[test]
    fn dates_are_written_as_dates() {
        use crate::obis;
        let seconds = |seconds| unix(Decimal::new(seconds, 0));
        assert_eq!(seconds(1_704_063_600).as_deref(), Some("2023-12-31 23:00:00 UTC"));
        assert_eq!(seconds(-1), None);
        assert_eq!(
            (date([7, 0xE8, 10, 1, 2]), time([19, 0, 10, 0xFF])),
            ("2024-10-01".into(), "19:00:10".into())
        );
        assert_eq!(
            (date([7, 0xE8, 0xFF, 1, 2]), time([0xFF; 4])),
            ("not set in full".into(), "not set in full".into())
        );
        let (clock, calendar) = (obis!(1-0:0.9.1), obis!(1-0:0.9.2));
        for (code, text, shown) in [
            (clock, "222553", Some("22:25:53")),
            (clock, "22:25:53", Some("22:25:53")),
            (calendar, "251002", Some("2025-10-02")),
            (calendar, "25-10-02", Some("2025-10-02")),
            (calendar, "0170318", Some("2017-03-18")),
            (calendar, "991302", None),
            (clock, "245960", None),
            (calendar, "25 Oct", None),
            (clock, "2225", None),
            (obis!(1-0:0.2.0), "251002", None),
        ] {
            assert_eq!(date_or_time(code, text.as_bytes()).as_deref(), shown, "{text}");
        }
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
