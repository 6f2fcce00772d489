//! What an observation means.

use crate::decoder::Error;
use crate::source::{FixedSettings, Problem, SerialSettings, Source};
use crate::wire::dlms::cipher;

use super::attempt::Attempt;
use super::observation::Observation;

/// What is the matter with the line, or that all is well.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The source could not be opened; why, if that became clear.
    Unopened(Option<Problem>),
    /// The source was open, went away and did not come back.
    Gone,
    /// The source is open and not one byte came.
    Silent,
    /// The meter was asked and does not answer.
    Unanswered(Problem),
    /// The port works with other settings than were asked for.
    NotTaken(Problem),
    /// The receiver sees parity errors; whether the user demanded this parity.
    Parity {
        /// The settings with the errors.
        settings: SerialSettings,
        /// Whether the source names the parity.
        fixed: bool,
    },
    /// The line rests on the wrong level: inverted, swapped, not connected or broken.
    Inverted,
    /// Frames begin, but none comes whole.
    Damaged,
    /// Short frames pass and long ones never do.
    Cut {
        /// Bytes that pass.
        passes: usize,
        /// Bytes of the shortest frame that does not.
        needs: usize,
    },
    /// Bytes without any order, at the settings that the user demands.
    Fixed(SerialSettings),
    /// Bytes without any order, at any setting.
    Noise,
    /// Good frames of an encrypted message.
    Encrypted,
    /// Good frames that say nothing to us.
    Refused(Error),
    /// Readings arrive.
    Well,
}

/// Judges what was seen.
pub fn judge(seen: &Observation) -> Verdict {
    if let (Some(trouble), 0) = (&seen.unanswered, seen.readings()) {
        return Verdict::Unanswered(trouble.clone());
    }
    match seen.bytes() {
        0 if seen.losses > 0 => Verdict::Gone,
        0 if seen.blocked.is_some() || seen.name.is_none() => Verdict::Unopened(seen.blocked.clone()),
        0 => Verdict::Silent,
        _ => seen.cut().map_or_else(|| judge_bytes(seen), |(passes, needs)| Verdict::Cut { passes, needs }),
    }
}

fn judge_bytes(seen: &Observation) -> Verdict {
    match (seen.readings(), seen.frames()) {
        (1.., _) => Verdict::Well,
        (0, 1..) => refused(seen),
        // Ciphered messages without a frame that no key opens.
        (0, 0) if !seen.refusals.is_empty() => refused(seen),
        (0, 0) => disordered(seen),
    }
}

/// What most of the good frames were refused for.
fn refused(seen: &Observation) -> Verdict {
    match seen.refusals.iter().max_by_key(|(_, count)| count) {
        Some((Error::Cipher(cipher::Error::NoKey), _)) => Verdict::Encrypted,
        Some((error, _)) => Verdict::Refused(*error),
        // Parts alone: the ones that complete them never came.
        None => Verdict::Refused(Error::SegmentLost),
    }
}

fn disordered(seen: &Observation) -> Verdict {
    if let Some(trouble) = &seen.not_taken {
        return Verdict::NotTaken(trouble.clone());
    }
    let heard = || seen.attempts.iter().filter(|attempt| attempt.bytes > 0);
    if heard().all(|attempt| attempt.is_blank() || misses_stop_bits(attempt)) {
        return Verdict::Inverted;
    }
    if seen.damaged().next().is_some() {
        return Verdict::Damaged;
    }
    if let Some(settings) = heard().find(|attempt| has_parity_errors(attempt)).and_then(|it| it.settings) {
        return Verdict::Parity { settings, fixed: fixes_parity(&seen.source) };
    }
    match (heard().next().and_then(|attempt| attempt.settings), seen.attempts.len()) {
        (Some(settings), 1) if is_fixed(&seen.source) => Verdict::Fixed(settings),
        _ if heard().any(looks_like_frames) => Verdict::Damaged,
        _ => Verdict::Noise,
    }
}

/// A line that is inverted shows its rest as a start bit, so that most bytes end without a stop bit.
fn misses_stop_bits(attempt: &Attempt) -> bool {
    let errors = &attempt.errors;
    let missed = errors.frame + errors.breaks;
    missed >= errors.parity && missed * 4 >= attempt.bytes
}

fn has_parity_errors(attempt: &Attempt) -> bool {
    attempt.errors.parity * 8 >= attempt.bytes
}

/// Flags that begin something, more often than the one byte in 256 of noise, or a telegram's first line, which noise
/// makes now and then, but hardly twice.
fn looks_like_frames(attempt: &Attempt) -> bool {
    attempt.telegrams > 1 || attempt.rejected > 0 && attempt.flags * 128 >= attempt.bytes
}

fn fixes_parity(source: &Source) -> bool {
    matches!(source, Source::Serial { fixed, .. } if fixed.parity.is_some())
}

fn is_fixed(source: &Source) -> bool {
    matches!(source, Source::Serial { fixed, .. } if *fixed != FixedSettings::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Content;
    use crate::source::{LineErrors, Parity};
    use crate::wire::{frame, hdlc, message};
    use std::time::Duration;

    const NONE: SerialSettings = SerialSettings::new(2400, 8, Parity::None);

    fn over(source: &str, attempts: Vec<Attempt>) -> Observation {
        let source: Source = source.parse().unwrap();
        let name = Some("/dev/ttyUSB0".to_owned());
        Observation { name, attempts, ..Observation::new(source) }
    }

    fn seen(attempts: Vec<Attempt>) -> Observation {
        over("auto", attempts)
    }

    fn bytes(settings: SerialSettings, bytes: u64) -> Attempt {
        Attempt { bytes, longest_burst: 41, ..Attempt::new(Some(settings)) }
    }

    fn frames(longest: usize, damaged: &[usize]) -> Attempt {
        let frames = u64::from(longest > 0);
        Attempt { frames, longest, damaged: damaged.to_vec(), ..bytes(SerialSettings::HAN, 300) }
    }

    fn errors(settings: SerialSettings, parity: u64, frame: u64) -> Attempt {
        let errors = LineErrors { parity, frame, ..LineErrors::default() };
        Attempt { errors, ..bytes(settings, 100) }
    }

    fn refusing(refusals: &[(Error, u64)]) -> Observation {
        Observation { refusals: refusals.to_vec(), ..seen(vec![frames(100, &[])]) }
    }

    fn reading(mut observation: Observation) -> Observation {
        observation.list("Kaifa list 1", Content::Power, 41, Duration::ZERO);
        observation
    }

    #[test]
    fn what_does_not_open_or_does_not_speak() {
        let busy = Problem::Busy { port: "/dev/ttyUSB0".into(), holder: None };
        let blocked = Observation { name: None, blocked: Some(busy.clone()), ..seen(vec![]) };
        assert_eq!(judge(&blocked), Verdict::Unopened(Some(busy.clone())));
        assert_eq!(judge(&Observation::new(Source::Auto)), Verdict::Unopened(None));
        assert_eq!(judge(&seen(vec![bytes(SerialSettings::HAN, 0)])), Verdict::Silent);
        let gone =
            Observation { blocked: Some(busy), losses: 1, ..seen(vec![bytes(SerialSettings::HAN, 0)]) };
        assert_eq!(judge(&gone), Verdict::Gone);
    }

    #[test]
    fn a_meter_that_was_asked_answers_or_does_not() {
        let (port, protocol) = ("/dev/ttyUSB0".to_owned(), crate::wire::protocol::Protocol::Kmp382);
        let trouble = Problem::Unanswered { port, protocol, settings: None, bytes: 9 };
        let unanswered = |seen| Observation { unanswered: Some(trouble.clone()), ..seen };
        let asked = || over("/dev/ttyUSB0?protocol=kmp382", vec![bytes(NONE, 9)]);
        assert_eq!(judge(&unanswered(asked())), Verdict::Unanswered(trouble.clone()));
        assert_eq!(judge(&unanswered(reading(asked()))), Verdict::Well);
    }

    #[test]
    fn readings_make_all_well_even_if_some_frames_are_damaged_or_refused() {
        let well = reading(seen(vec![bytes(NONE, 99), frames(137, &[137, 41, 137])]));
        assert_eq!(judge(&well), Verdict::Well);
        let mixed = Observation { refusals: vec![(Error::UnknownList, 9)], ..well };
        assert_eq!(judge(&mixed), Verdict::Well);
    }

    #[test]
    fn long_frames_that_never_come_whole_are_cut() {
        let cut = |passes, needs| Verdict::Cut { passes, needs };
        assert_eq!(judge(&reading(seen(vec![frames(41, &[137, 137])]))), cut(41, 137));
        assert_eq!(judge(&seen(vec![frames(0, &[231, 231])])), cut(41, 231), "nothing but long frames");
        assert_eq!(judge(&reading(seen(vec![frames(41, &[137])]))), Verdict::Well, "one may be chance");
        assert_eq!(judge(&reading(seen(vec![frames(137, &[137, 137])]))), Verdict::Well);
        assert_eq!(judge(&seen(vec![frames(0, &[41, 41, 30])])), Verdict::Damaged, "they had their bytes");
    }

    #[test]
    fn good_frames_without_readings_are_judged_by_what_most_of_them_are() {
        const ENCRYPTED: Error = Error::Cipher(cipher::Error::NoKey);
        let unknown = (Error::UnknownList, 2);
        assert_eq!(judge(&refusing(&[unknown, (ENCRYPTED, 3)])), Verdict::Encrypted);
        assert_eq!(judge(&refusing(&[(ENCRYPTED, 1), unknown])), Verdict::Refused(Error::UnknownList));
        let service = Error::Message(message::Error::Nested);
        assert_eq!(judge(&refusing(&[(service, 1)])), Verdict::Refused(service));
        assert_eq!(judge(&refusing(&[])), Verdict::Refused(Error::SegmentLost));
    }

    #[test]
    fn the_wrong_level_is_told_by_blank_bytes_or_missing_stop_bits_at_every_setting() {
        let blank = Attempt { blank: 95, ..bytes(SerialSettings::HAN, 100) };
        assert_eq!(judge(&seen(vec![blank.clone(), bytes(NONE, 0)])), Verdict::Inverted);
        assert_eq!(
            judge(&seen(vec![errors(SerialSettings::HAN, 20, 60), errors(NONE, 0, 30)])),
            Verdict::Inverted
        );
        assert_eq!(judge(&seen(vec![blank, bytes(NONE, 100)])), Verdict::Noise);
    }

    #[test]
    fn parity_errors_are_blamed_on_the_user_who_demands_the_parity() {
        let parity = |fixed| Verdict::Parity { settings: SerialSettings::HAN, fixed };
        let wrong = || vec![errors(SerialSettings::HAN, 50, 20)];
        assert_eq!(judge(&over("/dev/ttyUSB0?parity=even", wrong())), parity(true));
        assert_eq!(judge(&seen(wrong())), parity(false));
        assert_eq!(judge(&seen(vec![errors(SerialSettings::HAN, 12, 0)])), Verdict::Noise, "too few");
    }

    #[test]
    fn a_driver_that_drops_the_parity_is_blamed_only_while_no_frame_holds() {
        let trouble = Problem::Settings {
            port: "/dev/ttyS0".into(),
            asked: SerialSettings::HAN,
            got: NONE,
            mini_uart: true,
        };
        let mini = |attempt| Observation { not_taken: Some(trouble.clone()), ..seen(vec![attempt]) };
        assert_eq!(judge(&mini(errors(NONE, 0, 50))), Verdict::NotTaken(trouble.clone()));
        assert_eq!(judge(&reading(mini(frames(231, &[])))), Verdict::Well);
    }

    #[test]
    fn bytes_without_order_are_noise_unless_the_user_chose_the_settings() {
        let slow = SerialSettings { baud: 300, ..NONE };
        assert_eq!(judge(&over("/dev/ttyUSB0?baud=300", vec![bytes(slow, 50)])), Verdict::Fixed(slow));
        assert_eq!(judge(&seen(vec![bytes(slow, 50)])), Verdict::Noise);
        assert_eq!(
            judge(&over("tcp://h:1", vec![Attempt { bytes: 50, ..Attempt::default() }])),
            Verdict::Noise
        );
    }

    #[test]
    fn flags_that_begin_something_are_damaged_frames() {
        let rejected = Attempt { rejected: 3, flags: 4, ..bytes(SerialSettings::HAN, 300) };
        assert_eq!(judge(&seen(vec![rejected.clone()])), Verdict::Damaged);
        let rare = Attempt { flags: 2, ..rejected };
        assert_eq!(judge(&seen(vec![rare])), Verdict::Noise);
        let header = Error::Frame(frame::Error::HeaderCheck);
        let mut fed = Attempt::new(None);
        fed.take(&[hdlc::FLAG; 9]);
        fed.reject(header, &[]);
        assert_eq!(judge(&seen(vec![fed])), Verdict::Damaged);
    }
}
