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
    /// Civil time of central Europe, its deviation unspecified.
    pub const CENTRAL: Self = Clock { zone: Zone::Civil(60), deviation: i16::MIN, sunday_is_0: false };

    /// The date-time at a Unix time in seconds.
    pub fn show(&self, unix: i64) -> DateTime {
        let east = match self.zone {
            Zone::Civil(east) => in_force(unix, east),
            Zone::Standard(east) | Zone::SentOrStandard(east) => east,
            Zone::Sent => 0_i16.saturating_sub(self.deviation),
        };
        let DateTime(mut bytes) = shifted(unix, east);
        let day = (unix + i64::from(east) * 60).div_euclid(86_400);
        let from_monday = (day + 3).rem_euclid(7) as u8;
        bytes[4] = if from_monday == 6 && self.sunday_is_0 { 0 } else { from_monday + 1 };
        bytes[9..11].copy_from_slice(&self.deviation.to_be_bytes());
        DateTime(bytes)
    }
}

/// Minutes east of Greenwich of summer or winter time, whichever means this moment. In the hour that occurs twice neither
/// does; there the ambiguous digits are right.
fn in_force(unix: i64, east: i16) -> i16 {
    let means = |answer: Option<i64>| {
        [east + 60, east].into_iter().find(|it| shifted(unix, *it).to_unix(Zone::Civil(east)) == answer)
    };
    means(Some(unix)).or_else(|| means(None)).unwrap_or(east)
}

/// The local date and time; before 1970 and after 9999, the beginning of 1970.
fn shifted(unix: i64, east: i16) -> DateTime {
    DateTime::of_unix(unix, east, false).unwrap_or(DateTime::local(1970, 1, 1, 0, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIVIL: Clock = Clock::CENTRAL;
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
