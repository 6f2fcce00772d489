//! What was seen while listening, as plain numbers. It reads no clock: times are those since the beginning.

use std::path::PathBuf;
use std::time::Duration;

use crate::decoder::{Error, Event, Outcome};
use crate::reading::{Content, Identity, Reading};
use crate::source::{LineErrors, Problem, SerialSettings, Source};
use crate::wire::dlms::apdu::{Apdu, LLC};
use crate::wire::dlms::cipher;
use crate::wire::frame::Frame;

use super::attempt::Attempt;
use super::list::List;

/// Everything that the verdict rests on.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What was examined.
    pub source: Source,
    /// The port or address in use, once it was open.
    pub name: Option<String>,
    /// Other serial adapters of this machine; looked for only if the one named is not there.
    pub adapters: Vec<String>,
    /// Why it cannot be opened, as long as it cannot.
    pub blocked: Option<Problem>,
    /// Settings that the driver did not take.
    pub not_taken: Option<Problem>,
    /// That the meter was asked and did not answer.
    pub unanswered: Option<Problem>,
    /// Whether it was asked in every protocol, after it had said nothing by itself.
    pub asked: bool,
    /// How often the adapter or the bridge went away.
    pub losses: u64,
    /// How long was listened.
    pub time: Duration,
    /// What came at each setting, in the order of trying.
    pub attempts: Vec<Attempt>,
    /// Lists that gave readings.
    pub lists: Vec<List>,
    /// Good frames without meaning for us: how many for each cause.
    pub refusals: Vec<(Error, u64)>,
    /// Parts of messages.
    pub fragments: u64,
    /// Who ciphered a message: its system title.
    pub title: Option<Vec<u8>>,
    /// The meter, as far as it says.
    pub identity: Identity,
    /// The files that keys were read from, each behind its option.
    pub key_files: Vec<(&'static str, PathBuf)>,
    /// When the first frame held.
    pub(super) first_frame: Option<Duration>,
    pub(super) counted: LineErrors,
    pub(super) current: usize,
}

/// Readings, and the time they have to come in, that are enough to judge by.
const ENOUGH: u64 = 3;
const WHILE: Duration = Duration::from_secs(15);

impl Observation {
    /// Nothing was seen yet.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            name: None,
            adapters: Vec::new(),
            blocked: None,
            not_taken: None,
            unanswered: None,
            asked: false,
            losses: 0,
            time: Duration::ZERO,
            attempts: Vec::new(),
            lists: Vec::new(),
            refusals: Vec::new(),
            fragments: 0,
            title: None,
            identity: Identity::default(),
            key_files: Vec::new(),
            first_frame: None,
            counted: LineErrors::default(),
            current: 0,
        }
    }

    /// The source is open, or other settings are in force: what follows belongs to them.
    pub fn turn(&mut self, settings: Option<SerialSettings>) {
        let known = self.attempts.iter().position(|attempt| attempt.settings == settings);
        self.current = known.unwrap_or_else(|| {
            self.attempts.push(Attempt::new(settings));
            self.attempts.len() - 1
        });
    }

    /// The driver's line errors so far: what is new belongs to the settings in force.
    pub fn count(&mut self, errors: LineErrors) {
        let new = errors.since(&self.counted);
        self.counted = errors;
        if let Some(attempt) = self.attempts.get_mut(self.current) {
            attempt.errors.add(&new);
        }
    }

    /// The settings in force and what came at them.
    pub fn current(&mut self) -> &mut Attempt {
        if self.attempts.is_empty() {
            self.turn(None);
        }
        &mut self.attempts[self.current]
    }

    /// Takes note of a frame or a failure.
    pub fn note(&mut self, event: &Event<'_>, at: Duration) {
        if let Some(frame) = event.sent() {
            self.current().hold(event.length);
            self.first_frame.get_or_insert(at);
            self.title = title(&frame).map(<[u8]>::to_vec).or(self.title.take());
        }
        match event.outcome {
            Outcome::Reading { list, reading, .. } => self.read(list.name, reading, event.length, at),
            Outcome::Fragment => self.fragments += 1,
            Outcome::Undecodable(error) => self.refuse(error),
            Outcome::Rejected(error, bytes) => {
                if event.sent().is_none() {
                    self.current().reject(error, bytes);
                }
                if event.is_undecodable(self.readings() > 0) {
                    self.title = title(&Frame::Ciphered(bytes)).map(<[u8]>::to_vec).or(self.title.take());
                    self.refuse(error);
                }
            }
        }
    }

    /// Takes note of a good frame that says nothing to us.
    pub fn refuse(&mut self, error: Error) {
        match self.refusals.iter_mut().find(|(known, _)| *known == error) {
            Some((_, count)) => *count += 1,
            None => self.refusals.push((error, 1)),
        }
    }

    /// Whether nothing more needs to be waited for.
    pub fn is_enough(&self, now: Duration) -> bool {
        if self.is_polled() {
            return false;
        }
        let Some(first) = self.first_frame else { return false };
        let long = now.saturating_sub(first) >= WHILE;
        match self.lists.is_empty() {
            true => long && self.frames() >= ENOUGH,
            false if self.cut().is_none() && self.longest_damaged() > self.longest() => false,
            false => self.knows_rhythm() || long && self.readings() >= ENOUGH,
        }
    }

    /// Whether its meter waits to be asked, by what the source says.
    pub fn is_polled(&self) -> bool {
        self.source.meter_options().polled().is_some()
    }

    /// Bytes at all settings.
    pub fn bytes(&self) -> u64 {
        self.attempts.iter().map(|attempt| attempt.bytes).sum()
    }

    /// Frames that held.
    pub fn frames(&self) -> u64 {
        self.attempts.iter().map(|attempt| attempt.frames).sum()
    }

    /// Readings.
    pub fn readings(&self) -> u64 {
        self.lists.iter().map(|list| list.count).sum()
    }

    /// The attempt that gave the most frames, if any did.
    pub fn best(&self) -> Option<&Attempt> {
        self.attempts.iter().filter(|attempt| attempt.frames > 0).max_by_key(|attempt| attempt.frames)
    }

    /// Frames are cut: up to how many bytes pass, and what the shortest cut frame needs.
    ///
    /// One damaged frame may be chance. Two that are longer than everything that passes are not.
    pub fn cut(&self) -> Option<(usize, usize)> {
        let passes = match self.longest() {
            0 => self.attempts.iter().map(|attempt| attempt.longest_burst).max()?,
            longest => longest,
        };
        let long = || self.damaged().filter(|length| *length > passes);
        (long().count() > 1).then(|| long().min()).flatten().map(|needed| (passes, needed))
    }

    /// Frames that began well and came damaged.
    pub fn damaged(&self) -> impl Iterator<Item = usize> {
        self.attempts.iter().flat_map(|attempt| attempt.damaged.iter().copied())
    }

    fn longest(&self) -> usize {
        self.attempts.iter().map(|attempt| attempt.longest).max().unwrap_or_default()
    }

    fn longest_damaged(&self) -> usize {
        self.damaged().max().unwrap_or_default()
    }

    /// Every list came twice, and not power alone; one with registers may come but once an hour.
    fn knows_rhythm(&self) -> bool {
        let again = |list: &&List| list.count > 1;
        self.lists.iter().all(|list| again(&list) || list.content == Content::Energy)
            && self.lists.iter().filter(again).any(|list| list.content != Content::Power)
    }

    fn read(&mut self, name: &'static str, reading: &Reading, length: usize, at: Duration) {
        let identity = &reading.identity;
        if !identity.manufacturer.is_empty() || !identity.model.is_empty() {
            self.identity = *identity;
        }
        self.list(name, reading.content, length, at);
    }

    /// Takes note of a list.
    pub fn list(&mut self, name: &'static str, content: Content, length: usize, at: Duration) {
        let known = self.lists.iter_mut().find(|list| (list.name, list.content) == (name, content));
        match known {
            Some(list) => list.again(at),
            None => self.lists.push(List::new(name, content, length, at)),
        }
    }
}

/// The title of the ciphered message that a frame carries or begins.
fn title<'a>(frame: &Frame<'a>) -> Option<&'a [u8]> {
    let message = match *frame {
        Frame::Hdlc(frame) => match Apdu::parse_llc(frame.information) {
            Ok(Apdu::Block(block)) if block.number == 1 => block.content,
            _ => frame.information.strip_prefix(&LLC)?,
        },
        Frame::Mbus(frame) if frame.number == 0 => frame.data,
        Frame::Ciphered(message) => message,
        _ => return None,
    };
    match message {
        [cipher::START, length, rest @ ..] => rest.get(..usize::from(*length)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn observation() -> Observation {
        Observation::new(Source::Auto)
    }

    fn heard(lists: &[(Content, u64)]) -> Observation {
        let mut seen = observation();
        for (content, second) in lists {
            seen.first_frame.get_or_insert(at(*second));
            seen.current().hold(41);
            seen.list("list", *content, 41, at(*second));
        }
        seen
    }

    #[test]
    fn every_list_twice_is_enough_if_one_of_them_says_more_than_power() {
        use Content::{Energy, Power, Status};
        assert!(!heard(&[(Power, 0), (Status, 1), (Power, 2)]).is_enough(at(10)));
        assert!(heard(&[(Power, 0), (Status, 1), (Power, 2), (Status, 11)]).is_enough(at(11)));
        assert!(heard(&[(Energy, 0), (Status, 1), (Status, 11)]).is_enough(at(11)), "once an hour");
        assert!(heard(&[(Energy, 0), (Energy, 10)]).is_enough(at(10)));
        assert!(!heard(&[(Energy, 0), (Status, 1)]).is_enough(at(10)));
        assert!(!heard(&[(Energy, 0), (Power, 2), (Power, 4)]).is_enough(at(4)));
        assert!(!heard(&[(Power, 0), (Power, 2)]).is_enough(at(4)));
        assert!(!heard(&[(Power, 0), (Power, 2), (Power, 4)]).is_enough(at(14)));
        assert!(heard(&[(Power, 0), (Power, 2), (Power, 4)]).is_enough(at(15)));
        assert!(!heard(&[(Power, 0), (Power, 2)]).is_enough(at(60)));
    }

    #[test]
    fn a_long_frame_that_came_damaged_is_given_a_second_chance() {
        let mut seen = heard(&[(Content::Power, 0), (Content::Power, 2), (Content::Power, 4)]);
        seen.current().damaged = vec![137];
        assert!(!seen.is_enough(at(20)));
        seen.current().damaged = vec![137, 137];
        assert!(seen.is_enough(at(20)));
        seen.current().damaged = vec![41];
        assert!(seen.is_enough(at(20)), "one of this length passed");
    }

    #[test]
    fn frames_without_readings_are_enough_too() {
        let mut seen = observation();
        assert!(!seen.is_enough(at(60)));
        seen.current().frames = 3;
        seen.first_frame = Some(at(1));
        assert!(!seen.is_enough(at(15)));
        assert!(seen.is_enough(at(16)));
    }

    #[test]
    fn line_errors_belong_to_the_settings_at_which_they_were_counted() {
        let parity = |parity| LineErrors { parity, ..LineErrors::default() };
        let other = SerialSettings::new(2400, 8, crate::source::Parity::None);
        let mut seen = observation();
        seen.turn(Some(SerialSettings::HAN));
        seen.count(parity(5));
        seen.turn(Some(other));
        seen.count(parity(7));
        seen.turn(Some(SerialSettings::HAN));
        seen.count(parity(10));
        let errors: Vec<_> = seen.attempts.iter().map(|attempt| attempt.errors.parity).collect();
        assert_eq!(errors, [8, 2]);
    }
}
