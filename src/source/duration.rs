//! Lengths of time as Prometheus users write them: `30s`, `2.5h`, `1h30m`.

use std::time::Duration;

/// Reads a sum of decimal numbers with units, as Go does; `0` needs no unit.
pub fn parse(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    nanoseconds(text)
        .and_then(|sum| u64::try_from(sum).ok())
        .map(Duration::from_nanos)
        .ok_or_else(|| "is not a length of time; write it like 30s, 2.5h or 1h30m".to_owned())
}

/// Writes a length of time so that [`parse`] reads it again, to the millisecond.
pub fn text(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (seconds, 0) if seconds > 0 && seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        (seconds, 0) if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        (seconds, 0) => format!("{seconds}s"),
        _ => format!("{}ms", time.as_millis()),
    }
}

fn nanoseconds(mut text: &str) -> Option<u128> {
    let mut sum = 0_u128;
    loop {
        let (number, rest) = split(text, |c| c.is_ascii_digit() || c == '.');
        let (unit, rest) = split(rest, |c| !(c.is_ascii_digit() || c == '.'));
        sum = sum.checked_add(scaled(number, size(unit)?)?)?;
        if rest.is_empty() {
            return Some(sum);
        }
        text = rest;
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// The unit in nanoseconds.
fn size(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// A decimal number times a unit, exact but for what lies below a nanosecond.
fn scaled(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || number.len() > 20 {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
    let part = digits(fraction)? * unit / 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    Some(digits(whole)? * unit + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_units_exactly() {
        let table = [
            ("0", 0),
            ("0s", 0),
            ("30s", 30_000),
            ("2.5h", 9_000_000),
            ("1h30m", 5_400_000),
            ("1h30m0.5s", 5_400_500),
            (".5s", 500),
            ("1.s", 1_000),
            ("250ms", 250),
            ("0.001m", 60),
        ];
        for (text, milliseconds) in table {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!(parse("3us"), Ok(Duration::from_micros(3)));
        assert_eq!(parse("3µs7ns"), Ok(Duration::from_nanos(3007)));
    }

    #[test]
    fn writes_what_it_reads() {
        for said in ["10s", "1m", "90s", "2h", "1500ms", "0s"] {
            assert_eq!(text(parse(said).unwrap()), said);
        }
    }

    #[test]
    fn refuses_what_go_refuses() {
        let long = "9".repeat(40) + "h";
        for text in
            ["", "30", "s", ".s", "-1s", "+", "1.2.3s", "1 s", "1d", "h1", "1h30", "99999999999h", &long]
        {
            let message = parse(text).unwrap_err();
            assert!(message.contains("2.5h"), "{text}: {message}");
        }
    }
}
