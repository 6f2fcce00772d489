//! Date and time as a meter writes them: twelve bytes, each of which may be unspecified (Blue Book 4.1.6.1).

use core::fmt::Write;

use super::text::Text;

/// The twelve bytes as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub [u8; 12]);

/// How a meter's clock relates to UTC; most frames do not contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// By the deviation it sends; without one the time is not known.
    Sent,
    /// By the deviation it sends; without one, standard time this many minutes east of Greenwich.
    SentOrStandard(i16),
    /// Standard time all year, this many minutes east of Greenwich, whatever deviation or summer-time bit is sent.
    Standard(i16),
    /// Civil time with the European summer time, in a zone this many minutes east of Greenwich in winter.
    Civil(i16),
}

const STATUS_INVALID: u8 = 0x01;
const STATUS_SUMMER: u8 = 0x80;
const UNSPECIFIED: u8 = 0xFF;
/// 9999-12-31T23:59:59.
const END: i64 = 253_402_300_799;

impl DateTime {
    /// A date-time with everything given but day of week, hundredths and deviation.
    pub const fn local(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Self {
        let [high, low] = year.to_be_bytes();
        DateTime([high, low, month, day, UNSPECIFIED, hour, minute, second, UNSPECIFIED, 0x80, 0x00, 0x00])
    }

    /// The time shown so many minutes east of Greenwich, with its deviation; `None` before 1970 or after 9999.
    pub fn of_unix(seconds: i64, east: i16, summer: bool) -> Option<Self> {
        let local = seconds.checked_add(i64::from(east) * 60).filter(|local| (0..=END).contains(local))?;
        let (days, rest) = (local / 86_400, local % 86_400);
        let year = year_of(days);
        let month = (1..=12).rfind(|&month| days_since_1970(year, month, 1) <= days)?;
        let day = days - days_since_1970(year, month, 1) + 1;
        let [hour, minute, second] = [rest / 3600, rest / 60 % 60, rest % 60].map(|part| part as u8);
        let local = DateTime::local(year as u16, month as u8, day as u8, hour, minute, second);
        Some(local.with(east.checked_neg()?, if summer { STATUS_SUMMER } else { 0 }))
    }

    const fn with(self, deviation: i16, status: u8) -> Self {
        let DateTime([a, b, c, d, e, f, g, h, i, ..]) = self;
        let [high, low] = deviation.to_be_bytes();
        DateTime([a, b, c, d, e, f, g, h, i, high, low, status])
    }

    /// Reads the time of an ASCII telegram: `YYMMDDhhmmss` with S in summer and W in winter, in a zone this many
    /// minutes east of Greenwich in winter, or without a letter and zone; NES writes `YYYYMMDD hh:mm:ss`. An impossible
    /// date is marked invalid. `None` if the text is not a time, or one that was never set.
    pub fn read(text: &[u8], east: i16) -> Option<Self> {
        let (digits, letter) = match (text.split_first_chunk(), text) {
            (Some((digits, [])), _) => (*digits, None),
            (Some((digits, [letter])), _) => (*digits, Some(letter)),
            (_, &[b'2', b'0', y, z, m, n, d, e, b' ', h, i, b':', p, q, b':', s, t]) => {
                ([y, z, m, n, d, e, h, i, p, q, s, t], None)
            }
            _ => return None,
        };
        let (summer, deviation) = match letter {
            None => (0, i16::MIN),
            Some(b'W' | b'w') => (0, -east),
            Some(b'S' | b's') => (STATUS_SUMMER, -east - 60),
            Some(_) => return None,
        };
        if !digits.iter().all(u8::is_ascii_digit) || DateTime::is_unset(text) {
            return None;
        }
        let [year, month, day, hour, minute, second] = pairs(digits);
        let clock = DateTime::local(2000 + u16::from(year), month, day, hour, minute, second);
        let invalid = if clock.seconds_as_if_utc().is_none() { STATUS_INVALID } else { 0 };
        Some(clock.with(deviation, summer | invalid))
    }

    /// Whether a text means a time that was never set, as meters in Belgium and in the Netherlands write it.
    pub fn is_unset(text: &[u8]) -> bool {
        let (digits, letter) = text.split_at_checked(12).unwrap_or((&[], text));
        let is_unset = digits == b"632525252525" || digits.starts_with(b"700101");
        is_unset && digits.iter().all(u8::is_ascii_digit) && matches!(letter, [] | [b'S' | b'W'])
    }

    /// "2024-10-01T19:00:10": the meter's own digits, if it gives them all.
    pub fn digits(&self) -> Option<Text<24>> {
        let DateTime([high, low, month, day, _, hour, minute, second, ..]) = *self;
        let year = u16::from_be_bytes([high, low]);
        if year == u16::MAX || [month, day, hour, minute, second].contains(&UNSPECIFIED) {
            return None;
        }
        let mut text = Text::EMPTY;
        write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}").ok()?;
        Some(text)
    }

    /// Minutes from local time to UTC, so that UTC = local + deviation.
    pub fn deviation(&self) -> Option<i16> {
        let DateTime([.., high, low, _]) = *self;
        Some(i16::from_be_bytes([high, low])).filter(|minutes| (-720..=840).contains(minutes))
    }

    /// The status byte: bit 0 invalid, 1 doubtful, 2 different base, 3 invalid status, 7 summer time.
    pub fn status(&self) -> Option<u8> {
        let DateTime([.., status]) = *self;
        (status != UNSPECIFIED).then_some(status)
    }

    /// Seconds since 1970-01-01 UTC, if the digits are a real date, the clock is not marked invalid and the zone is
    /// known.
    pub fn to_unix(&self, zone: Zone) -> Option<i64> {
        if self.status().is_some_and(|status| status & STATUS_INVALID != 0) {
            return None;
        }
        let local = self.seconds_as_if_utc()?;
        let sent = || self.deviation().map(|minutes| local + i64::from(minutes) * 60);
        let standard = |east| Some(local - i64::from(east) * 60);
        match zone {
            Zone::Sent => sent(),
            Zone::SentOrStandard(east) => sent().or_else(|| standard(east)),
            Zone::Standard(east) => standard(east),
            Zone::Civil(east) => civil_to_unix(local, i64::from(east) * 60),
        }
    }

    fn seconds_as_if_utc(&self) -> Option<i64> {
        let DateTime([high, low, month, day, _, hour, minute, second, ..]) = *self;
        let year = i64::from(u16::from_be_bytes([high, low]));
        let real = (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        let days = days_since_1970(year, i64::from(month), i64::from(day));
        real.then_some(days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
    }
}

/// Europe's summer time runs from the last Sunday of March to the last of October, both at 01:00 UTC (2000/84/EC).
/// `None` in the hour that is skipped and the one that comes twice: the digits alone do not decide.
fn civil_to_unix(local: i64, east: i64) -> Option<i64> {
    let year = year_of(local.div_euclid(86_400));
    let begin = last_sunday(year, 3) * 86_400 + 3600;
    let end = last_sunday(year, 10) * 86_400 + 3600;
    let winter = local - east;
    let summer = winter - 3600;
    let winter_holds = winter < begin || winter >= end;
    let summer_holds = summer >= begin && summer < end;
    match (winter_holds, summer_holds) {
        (true, false) => Some(winter),
        (false, true) => Some(summer),
        _ => None,
    }
}

/// The numbers that two digits each make.
fn pairs(digits: [u8; 12]) -> [u8; 6] {
    let (pairs, _) = digits.as_chunks::<2>();
    let mut numbers = pairs.iter().map(|[tens, ones]| (tens - b'0') * 10 + (ones - b'0'));
    [0; 6].map(|_| numbers.next().unwrap_or_default())
}

fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the proleptic Gregorian calendar, counted in years that begin in March so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let from_march = (month + 9) % 12;
    let year = if month <= 2 { year - 1 } else { year };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (from_march * 153 + 2) / 5 + day - 1 - 719_468
}

/// Day 0, 1970-01-01, was a Thursday; a week later back from the month's end at most.
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = days_since_1970(year, month, 31);
    last - (last + 4).rem_euclid(7)
}

fn year_of(days: i64) -> i64 {
    let guess = 1970 + days / 366;
    (guess..).find(|&year| days < days_since_1970(year + 1, 1, 1)).unwrap_or(guess)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CET: i16 = 60;

    #[test]
    fn a_day_has_24_hours_of_60_minutes() {
        let unix = |[hour, minute, second]: [u8; 3]| {
            DateTime([7, 0xE8, 1, 2, 2, hour, minute, second, 0, 0, 0, 0]).to_unix(Zone::Standard(0))
        };
        assert_eq!(unix([23, 59, 59]), Some(1_704_239_999));
        assert_eq!([[24, 0, 0], [0, 60, 0], [0, 0, 60]].map(unix), [None; 3]);
    }

    #[test]
    fn digits_are_the_meters_own() {
        assert_eq!(DateTime::local(2024, 10, 1, 19, 0, 10).digits().unwrap().as_str(), "2024-10-01T19:00:10");
        assert_eq!(DateTime([0xFF; 12]).digits(), None);
        assert_eq!(DateTime::local(2024, 10, 0xFF, 19, 0, 10).digits(), None);
        // An Energomera capture says hour 29: the digits are shown, the time is not known.
        let impossible = DateTime::local(2024, 10, 1, 29, 0, 10);
        assert_eq!(impossible.digits().unwrap().as_str(), "2024-10-01T29:00:10");
        assert_eq!(impossible.to_unix(Zone::Standard(CET)), None);
    }

    #[test]
    fn standard_time_all_year() {
        let winter = DateTime::local(1970, 1, 1, 1, 0, 0);
        assert_eq!(winter.to_unix(Zone::Standard(CET)), Some(0));
        // date -u -d 2024-07-01T12:00:00+01:00 +%s
        assert_eq!(DateTime::local(2024, 7, 1, 12, 0, 0).to_unix(Zone::Standard(CET)), Some(1_719_831_600));
        // date -u -d 2040-02-29T23:59:59+01:00 +%s
        assert_eq!(
            DateTime::local(2040, 2, 29, 23, 59, 59).to_unix(Zone::Standard(CET)),
            Some(2_214_169_199)
        );
    }

    #[test]
    fn seconds_become_the_digits_they_came_from() {
        let shown = |seconds, east, summer| {
            let clock = DateTime::of_unix(seconds, east, summer)?;
            assert_eq!(clock.to_unix(Zone::Sent), Some(seconds));
            Some((clock.digits()?.to_string(), clock.deviation()?, clock.status()?))
        };
        let expected = |digits: &str, deviation, status| Some((digits.to_string(), deviation, status));
        assert_eq!(shown(0, 0, false), expected("1970-01-01T00:00:00", 0, 0));
        assert_eq!(shown(1_719_828_000, 120, true), expected("2024-07-01T12:00:00", -120, 0x80));
        assert_eq!(shown(951_868_799, 60, false), expected("2000-03-01T00:59:59", -60, 0));
        assert_eq!(shown(END, 0, false), expected("9999-12-31T23:59:59", 0, 0));
        for (seconds, east) in [(0, -1), (END, 1), (i64::MAX, 1), (-1, 0), (0, i16::MIN)] {
            assert_eq!(DateTime::of_unix(seconds, east, false), None, "{seconds} {east}");
        }
        for seconds in (0..END).step_by(86_399 * 97) {
            assert_eq!(
                DateTime::of_unix(seconds, 0, false).and_then(|clock| clock.to_unix(Zone::Sent)),
                Some(seconds)
            );
        }
    }

    #[test]
    fn civil_time_knows_the_summer() {
        let unix = |month, day, hour, minute| {
            DateTime::local(2024, month, day, hour, minute, 0).to_unix(Zone::Civil(CET))
        };
        assert_eq!(unix(7, 1, 12, 0), Some(1_719_828_000));
        assert_eq!(unix(12, 1, 12, 0), Some(1_733_050_800));
        // 2024-03-31: 02:00 to 03:00 does not exist; 2024-10-27: it comes twice.
        assert_eq!(unix(3, 31, 1, 59), Some(1_711_846_740));
        assert_eq!(unix(3, 31, 2, 0), None);
        assert_eq!(unix(3, 31, 3, 0), Some(1_711_846_800));
        assert_eq!(unix(10, 27, 1, 59), Some(1_729_987_140));
        assert_eq!(unix(10, 27, 2, 0), None);
        assert_eq!(unix(10, 27, 2, 59), None);
        assert_eq!(unix(10, 27, 3, 0), Some(1_729_994_400));
    }

    #[test]
    fn a_deviation_is_believed_only_where_the_rule_says_so() {
        let mut bytes = DateTime::local(2024, 7, 1, 12, 0, 0).0;
        bytes[9..11].copy_from_slice(&(-120_i16).to_be_bytes());
        assert_eq!(DateTime(bytes).deviation(), Some(-120));
        assert_eq!(DateTime(bytes).to_unix(Zone::Sent), Some(1_719_828_000));
        assert_eq!(DateTime(bytes).to_unix(Zone::Standard(CET)), Some(1_719_831_600));
        assert_eq!(DateTime(bytes).to_unix(Zone::SentOrStandard(CET)), Some(1_719_828_000));
        assert_eq!(DateTime::local(2024, 7, 1, 12, 0, 0).to_unix(Zone::Sent), None);
        assert_eq!(
            DateTime::local(2024, 7, 1, 12, 0, 0).to_unix(Zone::SentOrStandard(CET)),
            Some(1_719_831_600)
        );
        bytes[11] = 0x01;
        assert_eq!(DateTime(bytes).to_unix(Zone::Sent), None, "the meter itself says its clock is invalid");
        bytes[11] = 0xFF;
        assert_eq!(DateTime(bytes).status(), None);
        assert_eq!(DateTime(bytes).to_unix(Zone::Sent), Some(1_719_828_000));
    }

    #[test]
    fn the_letters_of_a_telegram_tell_the_zone() {
        let read = |text: &str, east| DateTime::read(text.as_bytes(), east);
        let unix = |text, east| read(text, east).unwrap().to_unix(Zone::Sent);
        // date -u -d 2024-07-01T12:00:00+02:00 +%s
        assert_eq!(unix("240701120000S", 60), Some(1_719_828_000));
        assert_eq!(unix("240701120000W", 60), Some(1_719_831_600));
        assert_eq!(unix("240701120000S", 120), Some(1_719_824_400));
        assert_eq!(unix("240701120000", 60), None, "no letter, no zone");
        assert_eq!(read("240701120000S", 60).unwrap().status(), Some(0x80));
        let digits = |text| read(text, 60).unwrap().digits().unwrap().to_string();
        assert_eq!(digits("240701120000"), "2024-07-01T12:00:00");
        assert_eq!(digits("20240111 09:35:00"), "2024-01-11T09:35:00");
        // Aidon's document prints year, day, month.
        assert_eq!(digits("213112235959W"), "2021-31-12T23:59:59");
        assert_eq!(read("213112235959W", 60).unwrap().status(), Some(0x01));
        assert_eq!(unix("213112235959W", 60), None);
        for none in ["632525252525W", "", "2407011200", "24070112000xW", "240701120000X", "240701120000SS"] {
            assert_eq!(read(none, 60), None, "{none}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut expected = 0;
        for year in 1970..2370 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(
                        days_since_1970(year, month.into(), day.into()),
                        expected,
                        "{year}-{month}-{day}"
                    );
                    assert_eq!(year_of(expected), year);
                    expected += 1;
                }
            }
        }
        assert_eq!(expected, 146_097);
    }

    #[test]
    fn days_that_are_none_are_refused() {
        for (month, day) in [(2, 30), (4, 31), (13, 1), (0, 1), (1, 0), (1, 32)] {
            assert_eq!(
                DateTime::local(2024, month, day, 0, 0, 0).to_unix(Zone::Standard(0)),
                None,
                "{month}-{day}"
            );
        }
        assert_eq!(DateTime::local(2023, 2, 29, 0, 0, 0).to_unix(Zone::Standard(0)), None);
        assert!(DateTime::local(2024, 2, 29, 0, 0, 0).to_unix(Zone::Standard(0)).is_some());
    }
}
