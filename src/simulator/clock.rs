//! The date-time of a meter's clock at a moment: the inverse of [`DateTime::to_unix`].

use crate::wire::clock::{DateTime, Zone};

/// The clock of a manufacturer's meters.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time zone of the digits.
    pub zone: Zone,
    /// Deviation in minutes; mostly 0x8000, unspecified.
    pub deviation: i16,
    /// Whether Sunday is day 0, as Aidon sends, and not day 7 as in the standard.
    pub sunday_is_0: bool,
}

impl Clock {
    /// An unspecified deviation.
    pub const UNSPECIFIED: i16 = i16::MIN;

    /// The date-time at a Unix time in seconds.
    pub fn show(&self, unix: i64) -> DateTime {
        let (local, DateTime(mut bytes)) = match self.zone {
            Zone::Civil(east) => civil(unix, east),
            Zone::Standard(east) | Zone::SentOrStandard(east) => shifted(unix, east),
            Zone::Sent => shifted(unix, 0_i16.saturating_sub(self.deviation)),
        };
        let from_monday = (local.div_euclid(86_400) + 3).rem_euclid(7) as u8;
        bytes[4] = if from_monday == 6 && self.sunday_is_0 { 0 } else { from_monday + 1 };
        bytes[9..11].copy_from_slice(&self.deviation.to_be_bytes());
        DateTime(bytes)
    }
}

/// The digits of summer or winter time, whichever mean this moment. In the hour that occurs twice neither does; there
/// the ambiguous digits are right.
fn civil(unix: i64, east: i16) -> (i64, DateTime) {
    let zone = Zone::Civil(east);
    let both = [shifted(unix, east + 60), shifted(unix, east)];
    let means = |answer: Option<i64>| both.into_iter().find(|(_, digits)| digits.to_unix(zone) == answer);
    means(Some(unix)).or_else(|| means(None)).unwrap_or(shifted(unix, east))
}

fn shifted(unix: i64, east: i16) -> (i64, DateTime) {
    let local = unix + i64::from(east) * 60;
    let (year, month, day) = date(local.div_euclid(86_400));
    let second = local.rem_euclid(86_400);
    let [hour, minute, second] = [second / 3600, second / 60 % 60, second % 60].map(|part| part as u8);
    (local, DateTime::local(year, month, day, hour, minute, second))
}

/// The date of a day counted from 1970-01-01. Years begin in March here, so that the leap day is last.
fn date(days: i64) -> (u16, u8, u8) {
    let from_era = days + 719_468;
    let (era, day) = (from_era.div_euclid(146_097), from_era.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let day_of_month = day - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12 + 1;
    let year = year + era * 400 + i64::from(month <= 2);
    (year as u16, month as u8, day_of_month as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIVIL: Clock = Clock { zone: Zone::Civil(60), deviation: Clock::UNSPECIFIED, sunday_is_0: false };
    const AIDON: Clock = Clock { zone: Zone::Standard(60), deviation: 0, sunday_is_0: true };

    #[test]
    fn date_times_are_read_back() {
        // Every 50 minutes and 7 seconds of four years, a leap year and four changes to summer time and back among them.
        for unix in (1_704_067_200..1_830_297_600).step_by(3007) {
            assert_eq!(AIDON.show(unix).to_unix(AIDON.zone), Some(unix));
            let read = CIVIL.show(unix).to_unix(CIVIL.zone);
            assert!(read == Some(unix) || is_october_change(unix), "{unix}: {:?}", CIVIL.show(unix).digits());
        }
    }

    /// Within an hour of 2024-10-27, 2025-10-26, 2026-10-25 or 2027-10-31, 01:00 UTC.
    fn is_october_change(unix: i64) -> bool {
        let changes = [1_729_990_800, 1_761_440_400, 1_792_890_000, 1_824_944_400];
        changes.iter().any(|change| (change - unix).abs() <= 3600)
    }

    #[test]
    fn an_hour_occurs_twice_in_october_and_is_skipped_in_march() {
        let digits = |unix| CIVIL.show(unix).digits().unwrap().as_str().to_owned();
        assert_eq!(digits(1_729_990_799), "2024-10-27T02:59:59");
        assert_eq!(digits(1_729_990_800), "2024-10-27T02:00:00");
        assert_eq!(digits(1_729_994_400), "2024-10-27T03:00:00");
        assert_eq!(digits(1_711_846_799), "2024-03-31T01:59:59");
        assert_eq!(digits(1_711_846_800), "2024-03-31T03:00:00");
    }

    #[test]
    fn the_bytes_are_those_of_the_manufacturer() {
        // Sunday 2020-03-01, 00:00:00 standard time.
        let unix = 1_583_017_200;
        assert_eq!(AIDON.show(unix).0, [0x07, 0xE4, 3, 1, 0, 0, 0, 0, 0xFF, 0, 0, 0]);
        assert_eq!(CIVIL.show(unix).0, [0x07, 0xE4, 3, 1, 7, 0, 0, 0, 0xFF, 0x80, 0, 0]);
        assert_eq!(AIDON.show(unix - 1).0[..8], [0x07, 0xE4, 2, 29, 6, 23, 59, 59]);
    }
}
