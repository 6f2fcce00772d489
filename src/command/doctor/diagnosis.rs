//! Concludes from an observation what is wrong.

use crate::decoder::Error;
use crate::source::{FixedSettings, Problem, SerialSettings, Source};
use crate::wire::dlms::cipher;

use super::attempt::Attempt;
use super::observation::Observation;

/// What is wrong with the line, or that all is well.
#[derive(Clone, Debug, PartialEq)]
pub enum Diagnosis {
    /// The source could not be opened; why, if that is known.
    Unopened(Option<Problem>),
    /// The source was open, was lost and did not return.
    Lost,
    /// The source is open, but no data arrives.
    Silent,
    /// The meter is polled and does not answer.
    Unanswered(Problem),
    /// The driver did not apply the serial settings.
    NotApplied(Problem),
    /// The receiver counts parity errors at these settings; `fixed` if the user set the parity.
    Parity { settings: SerialSettings, fixed: bool },
    /// The line idles at the wrong level: inverted, swapped, not connected or broken.
    WrongLevel,
    /// Frames arrive, but all of them are damaged.
    Damaged,
    /// Short frames pass, long ones never do: the most bytes that pass, and those of the shortest frame that does not.
    Cut { passes: usize, needs: usize },
    /// Bytes without any structure, at the settings that the user set.
    WrongSettings(SerialSettings),
    /// Bytes without any structure, at every setting.
    Noise,
    /// Valid frames with encrypted messages, and no key.
    Encrypted,
    /// Valid frames that yield no reading.
    Undecodable(Error),
    /// Readings arrive.
    Well,
}

pub fn diagnose(seen: &Observation) -> Diagnosis {
    if let (Some(problem), 0) = (&seen.unanswered, seen.readings()) {
        return Diagnosis::Unanswered(problem.clone());
    }
    match seen.bytes() {
        0 if seen.losses > 0 => Diagnosis::Lost,
        0 if seen.blocked.is_some() || seen.name.is_none() => Diagnosis::Unopened(seen.blocked.clone()),
        0 => Diagnosis::Silent,
        _ => seen
            .cut()
            .map_or_else(|| diagnose_bytes(seen), |(passes, needs)| Diagnosis::Cut { passes, needs }),
    }
}

fn diagnose_bytes(seen: &Observation) -> Diagnosis {
    match (seen.readings(), seen.frames()) {
        (1.., _) => Diagnosis::Well,
        (0, 1..) => undecodable(seen),
        // Encrypted messages without a frame that no key decrypts.
        (0, 0) if !seen.undecodable.is_empty() => undecodable(seen),
        (0, 0) => no_frame(seen),
    }
}

/// The cause for which most of the valid frames yield no reading.
fn undecodable(seen: &Observation) -> Diagnosis {
    match seen.undecodable.iter().max_by_key(|(_, count)| count) {
        Some((Error::Cipher(cipher::Error::NoKey), _)) => Diagnosis::Encrypted,
        Some((error, _)) => Diagnosis::Undecodable(*error),
        // Only parts of messages: the parts that complete them never arrived.
        None => Diagnosis::Undecodable(Error::SegmentLost),
    }
}

fn no_frame(seen: &Observation) -> Diagnosis {
    if let Some(problem) = &seen.not_applied {
        return Diagnosis::NotApplied(problem.clone());
    }
    let received = || seen.attempts.iter().filter(|attempt| attempt.bytes > 0);
    if received().all(|attempt| attempt.is_blank() || misses_stop_bits(attempt)) {
        return Diagnosis::WrongLevel;
    }
    if seen.damaged().next().is_some() {
        return Diagnosis::Damaged;
    }
    if let Some(settings) =
        received().find(|attempt| has_parity_errors(attempt)).and_then(|attempt| attempt.settings)
    {
        return Diagnosis::Parity { settings, fixed: sets_parity(&seen.source) };
    }
    match (received().next().and_then(|attempt| attempt.settings), seen.attempts.len()) {
        (Some(settings), 1) if sets_anything(&seen.source) => Diagnosis::WrongSettings(settings),
        _ if received().any(looks_like_frames) => Diagnosis::Damaged,
        _ => Diagnosis::Noise,
    }
}

/// Whether many bytes end without a stop bit: an inverted line idles at the level of a start bit.
fn misses_stop_bits(attempt: &Attempt) -> bool {
    let errors = &attempt.errors;
    let missed = errors.frame + errors.breaks;
    missed >= errors.parity && missed * 4 >= attempt.bytes
}

fn has_parity_errors(attempt: &Attempt) -> bool {
    attempt.errors.parity * 8 >= attempt.bytes
}

/// Whether there are more flags than the one in 256 bytes of noise, or a second first line of a telegram, which noise
/// hardly ever forms twice.
fn looks_like_frames(attempt: &Attempt) -> bool {
    attempt.telegrams > 1 || attempt.rejected > 0 && attempt.flags * 128 >= attempt.bytes
}

fn sets_parity(source: &Source) -> bool {
    matches!(source, Source::Serial { fixed, .. } if fixed.parity.is_some())
}

fn sets_anything(source: &Source) -> bool {
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

    fn undecodable_of(undecodable: &[(Error, u64)]) -> Observation {
        Observation { undecodable: undecodable.to_vec(), ..seen(vec![frames(100, &[])]) }
    }

    fn reading(mut observation: Observation) -> Observation {
        observation.record_list("Kaifa list 1", Content::Power, 41, Duration::ZERO);
        observation
    }

    #[test]
    fn recognises_what_does_not_open_or_sends_nothing() {
        let busy = Problem::Busy { port: "/dev/ttyUSB0".into(), holder: None };
        let blocked = Observation { name: None, blocked: Some(busy.clone()), ..seen(vec![]) };
        assert_eq!(diagnose(&blocked), Diagnosis::Unopened(Some(busy.clone())));
        assert_eq!(diagnose(&Observation::new(Source::Auto)), Diagnosis::Unopened(None));
        assert_eq!(diagnose(&seen(vec![bytes(SerialSettings::HAN, 0)])), Diagnosis::Silent);
        let gone =
            Observation { blocked: Some(busy), losses: 1, ..seen(vec![bytes(SerialSettings::HAN, 0)]) };
        assert_eq!(diagnose(&gone), Diagnosis::Lost);
    }

    #[test]
    fn recognises_a_polled_meter_that_does_not_answer() {
        let (port, protocol) = ("/dev/ttyUSB0".to_owned(), crate::wire::protocol::Protocol::Kmp382);
        let problem = Problem::Unanswered { port, protocol, settings: None, bytes: 9 };
        let unanswered = |seen| Observation { unanswered: Some(problem.clone()), ..seen };
        let asked = || over("/dev/ttyUSB0?protocol=kmp382", vec![bytes(NONE, 9)]);
        assert_eq!(diagnose(&unanswered(asked())), Diagnosis::Unanswered(problem.clone()));
        assert_eq!(diagnose(&unanswered(reading(asked()))), Diagnosis::Well);
    }

    #[test]
    fn all_is_well_with_readings_even_beside_damaged_or_undecodable_frames() {
        let well = reading(seen(vec![bytes(NONE, 99), frames(137, &[137, 41, 137])]));
        assert_eq!(diagnose(&well), Diagnosis::Well);
        let mixed = Observation { undecodable: vec![(Error::UnknownList, 9)], ..well };
        assert_eq!(diagnose(&mixed), Diagnosis::Well);
    }

    #[test]
    fn recognises_that_long_frames_are_cut() {
        let cut = |passes, needs| Diagnosis::Cut { passes, needs };
        assert_eq!(diagnose(&reading(seen(vec![frames(41, &[137, 137])]))), cut(41, 137));
        assert_eq!(diagnose(&seen(vec![frames(0, &[231, 231])])), cut(41, 231), "nothing but long frames");
        assert_eq!(diagnose(&reading(seen(vec![frames(41, &[137])]))), Diagnosis::Well, "one may be chance");
        assert_eq!(diagnose(&reading(seen(vec![frames(137, &[137, 137])]))), Diagnosis::Well);
        assert_eq!(
            diagnose(&seen(vec![frames(0, &[41, 41, 30])])),
            Diagnosis::Damaged,
            "they had their bytes"
        );
    }

    #[test]
    fn reports_the_most_frequent_cause_of_frames_without_readings() {
        const ENCRYPTED: Error = Error::Cipher(cipher::Error::NoKey);
        let unknown = (Error::UnknownList, 2);
        assert_eq!(diagnose(&undecodable_of(&[unknown, (ENCRYPTED, 3)])), Diagnosis::Encrypted);
        assert_eq!(
            diagnose(&undecodable_of(&[(ENCRYPTED, 1), unknown])),
            Diagnosis::Undecodable(Error::UnknownList)
        );
        let service = Error::Message(message::Error::Nested);
        assert_eq!(diagnose(&undecodable_of(&[(service, 1)])), Diagnosis::Undecodable(service));
        assert_eq!(diagnose(&undecodable_of(&[])), Diagnosis::Undecodable(Error::SegmentLost));
    }

    #[test]
    fn recognises_the_wrong_level_by_blank_bytes_or_missing_stop_bits_at_every_setting() {
        let blank = Attempt { blank: 95, ..bytes(SerialSettings::HAN, 100) };
        assert_eq!(diagnose(&seen(vec![blank.clone(), bytes(NONE, 0)])), Diagnosis::WrongLevel);
        assert_eq!(
            diagnose(&seen(vec![errors(SerialSettings::HAN, 20, 60), errors(NONE, 0, 30)])),
            Diagnosis::WrongLevel
        );
        assert_eq!(diagnose(&seen(vec![blank, bytes(NONE, 100)])), Diagnosis::Noise);
    }

    #[test]
    fn distinguishes_parity_errors_at_a_parity_that_the_user_set() {
        let parity = |fixed| Diagnosis::Parity { settings: SerialSettings::HAN, fixed };
        let wrong = || vec![errors(SerialSettings::HAN, 50, 20)];
        assert_eq!(diagnose(&over("/dev/ttyUSB0?parity=even", wrong())), parity(true));
        assert_eq!(diagnose(&seen(wrong())), parity(false));
        assert_eq!(diagnose(&seen(vec![errors(SerialSettings::HAN, 12, 0)])), Diagnosis::Noise, "too few");
    }

    #[test]
    fn reports_settings_that_the_driver_did_not_apply_only_without_a_valid_frame() {
        let problem = Problem::Settings {
            port: "/dev/ttyS0".into(),
            asked: SerialSettings::HAN,
            got: NONE,
            mini_uart: true,
        };
        let mini = |attempt| Observation { not_applied: Some(problem.clone()), ..seen(vec![attempt]) };
        assert_eq!(diagnose(&mini(errors(NONE, 0, 50))), Diagnosis::NotApplied(problem.clone()));
        assert_eq!(diagnose(&reading(mini(frames(231, &[])))), Diagnosis::Well);
    }

    #[test]
    fn bytes_without_structure_are_noise_unless_the_user_set_the_serial_settings() {
        let slow = SerialSettings { baud: 300, ..NONE };
        assert_eq!(
            diagnose(&over("/dev/ttyUSB0?baud=300", vec![bytes(slow, 50)])),
            Diagnosis::WrongSettings(slow)
        );
        assert_eq!(diagnose(&seen(vec![bytes(slow, 50)])), Diagnosis::Noise);
        assert_eq!(
            diagnose(&over("tcp://h:1", vec![Attempt { bytes: 50, ..Attempt::default() }])),
            Diagnosis::Noise
        );
    }

    #[test]
    fn recognises_damaged_frames_by_their_flags() {
        let rejected = Attempt { rejected: 3, flags: 4, ..bytes(SerialSettings::HAN, 300) };
        assert_eq!(diagnose(&seen(vec![rejected.clone()])), Diagnosis::Damaged);
        let rare = Attempt { flags: 2, ..rejected };
        assert_eq!(diagnose(&seen(vec![rare])), Diagnosis::Noise);
        let header = Error::Frame(frame::Error::HeaderCheck);
        let mut received = Attempt::new(None);
        received.receive(&[hdlc::FLAG; 9]);
        received.reject(header, &[]);
        assert_eq!(diagnose(&seen(vec![received])), Diagnosis::Damaged);
    }
}
