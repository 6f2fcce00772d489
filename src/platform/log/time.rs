//! Points in time and lengths of time as text.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use crate::wire::clock::DateTime;

/// Shows a time in UTC with milliseconds: `2026-11-20T23:02:31.576Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utc(pub SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A clock before 1970 is not set yet; it is shown as 1970. After 9999 only milliseconds are shown.
        let since = self.0.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let digits =
            DateTime::of_unix(since.as_secs().cast_signed(), 0, false).and_then(|time| time.digits());
        write!(f, "{}.{:03}Z", digits.unwrap_or_default().as_str(), since.subsec_millis())
    }
}

/// A length of time in the largest unit that is precise enough.
pub fn rough(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(milliseconds: u64) -> String {
        Utc(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)).to_string()
    }

    #[test]
    fn writes_lengths_of_time_in_the_largest_useful_unit() {
        let said = |seconds| rough(Duration::from_secs(seconds));
        assert_eq!(
            [said(0), said(119), said(120), said(7199), said(7200)],
            ["0 s", "119 s", "2 min", "119 min", "2 h"]
        );
    }

    #[test]
    fn shows_known_moments() {
        assert_eq!(shown(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(shown(951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(shown(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(shown(1_795_215_751_576), "2026-11-20T23:02:31.576Z");
        assert_eq!(shown(4_107_542_400_001), "2100-03-01T00:00:00.001Z");
        assert_eq!(
            Utc(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).to_string(),
            "1970-01-01T00:00:00.000Z"
        );
    }

    #[test]
    fn agrees_with_a_calendar_turned_leaf_by_leaf() {
        let leap =
            |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for count in 0..200_000 {
            let date = format!("{year:04}-{month:02}-{day:02}T");
            assert!(shown(count * 86_400_000).starts_with(&date), "day {count}");
            let length =
                [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
