//! What was observed while listening, as plain numbers. Reads no clock: times are counted from the start.

use std::path::PathBuf;
use std::time::Duration;

use crate::decoder::{Error, Event, Outcome};
use crate::reading::{Content, Identity, Reading};
use crate::source::{LineErrors, Problem, SerialSettings, Source};
use crate::wire::dlms::apdu::{Apdu, LLC};
use crate::wire::dlms::cipher;
use crate::wire::frame::Frame;

use super::attempt::Attempt;
use super::list::SeenList;

/// Everything that the diagnosis depends on.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    pub source: Source,
    /// The port or address, once it was open.
    pub name: Option<String>,
    /// The serial adapters of this machine; searched for only if the given one does not exist.
    pub adapters: Vec<String>,
    /// Why the source cannot be opened; `None` while it is open.
    pub blocked: Option<Problem>,
    /// That the driver did not apply the serial settings.
    pub not_applied: Option<Problem>,
    /// That the meter was polled and did not answer.
    pub unanswered: Option<Problem>,
    /// Whether the protocols were polled because nothing was pushed.
    pub polled: Polled,
    /// How often the adapter was unplugged or the connection closed.
    pub losses: u64,
    /// How long the doctor listened.
    pub time: Duration,
    /// What was received at each setting, in the order of trying.
    pub attempts: Vec<Attempt>,
    /// Lists that yielded readings.
    pub lists: Vec<SeenList>,
    /// How many valid messages yielded no reading, for each cause.
    pub undecodable: Vec<(Error, u64)>,
    /// Received parts of messages.
    pub fragments: u64,
    /// The system title of the meter that encrypts.
    pub system_title: Option<Vec<u8>>,
    pub identity: Identity,
    /// The files that keys were read from, each after its option.
    pub key_files: Vec<(&'static str, PathBuf)>,
    /// When the first valid frame arrived.
    pub(super) first_frame: Option<Duration>,
    /// The driver's line errors when they were last looked at.
    pub(super) counted: LineErrors,
    /// The index of the attempt in progress.
    pub(super) current: usize,
}

/// Which of the protocols were polled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Polled {
    #[default]
    No,
    /// Some or none of them, for lack of time.
    Partly,
    Fully,
}

/// This many readings within [`LONG`] are enough for a diagnosis.
const ENOUGH: u64 = 3;
const LONG: Duration = Duration::from_secs(15);

impl Observation {
    pub fn new(source: Source) -> Self {
        Self { source, ..Self::default() }
    }

    /// Attributes what follows to these settings.
    pub fn use_settings(&mut self, settings: Option<SerialSettings>) {
        let known = self.attempts.iter().position(|attempt| attempt.settings == settings);
        self.current = known.unwrap_or_else(|| {
            self.attempts.push(Attempt::new(settings));
            self.attempts.len() - 1
        });
    }

    /// Takes the driver's line errors so far: new ones belong to the current settings.
    pub fn count_line_errors(&mut self, errors: LineErrors) {
        let new = errors.since(&self.counted);
        self.counted = errors;
        if let Some(attempt) = self.attempts.get_mut(self.current) {
            attempt.errors.add(&new);
        }
    }

    /// What was received at the current settings.
    pub fn current(&mut self) -> &mut Attempt {
        if self.attempts.is_empty() {
            self.use_settings(None);
        }
        &mut self.attempts[self.current]
    }

    fn note_system_title(&mut self, frame: &Frame<'_>) {
        if let Some(title) = system_title(frame) {
            self.system_title = Some(title.to_vec());
        }
    }

    /// Records a valid or rejected frame.
    pub fn record(&mut self, event: &Event<'_>, at: Duration) {
        if let Some(frame) = event.sent() {
            self.current().accept(event.length);
            self.first_frame.get_or_insert(at);
            self.note_system_title(&frame);
        }
        match event.outcome {
            Outcome::Reading { list, reading, .. } => {
                self.record_reading(list.name, reading, event.length, at)
            }
            Outcome::Fragment => self.fragments += 1,
            Outcome::Undecodable(error) => self.count_undecodable(error),
            Outcome::Rejected(error, bytes) => {
                if event.sent().is_none() {
                    self.current().reject(error, bytes);
                }
                if event.is_undecodable(self.readings() > 0) {
                    self.note_system_title(&Frame::Ciphered(bytes));
                    self.count_undecodable(error);
                }
            }
        }
    }

    pub fn count_undecodable(&mut self, error: Error) {
        match self.undecodable.iter_mut().find(|(known, _)| *known == error) {
            Some((_, count)) => *count += 1,
            None => self.undecodable.push((error, 1)),
        }
    }

    /// Whether more listening would change nothing.
    pub fn is_enough(&self, now: Duration) -> bool {
        if self.is_polled() {
            return false;
        }
        let Some(first) = self.first_frame else { return false };
        let is_long = now.saturating_sub(first) >= LONG;
        match self.lists.is_empty() {
            true => is_long && self.frames() >= ENOUGH,
            false if self.cut().is_none() && self.longest_damaged() > self.longest() => false,
            false => self.knows_intervals() || is_long && self.readings() >= ENOUGH,
        }
    }

    /// Whether the source is a meter that must be polled.
    pub fn is_polled(&self) -> bool {
        self.source.meter_options().polled().is_some()
    }

    /// Bytes received at all settings.
    pub fn bytes(&self) -> u64 {
        self.attempts.iter().map(|attempt| attempt.bytes).sum()
    }

    /// Valid frames at all settings.
    pub fn frames(&self) -> u64 {
        self.attempts.iter().map(|attempt| attempt.frames).sum()
    }

    pub fn readings(&self) -> u64 {
        self.lists.iter().map(|list| list.count).sum()
    }

    /// The attempt with the most valid frames; `None` without any.
    pub fn best(&self) -> Option<&Attempt> {
        self.attempts.iter().filter(|attempt| attempt.frames > 0).max_by_key(|attempt| attempt.frames)
    }

    /// The most bytes that pass and the length of the shortest frame that does not, if long frames are cut.
    ///
    /// One damaged frame may be chance; two that are longer than everything that passes are not.
    pub fn cut(&self) -> Option<(usize, usize)> {
        let passes = match self.longest() {
            0 => self.attempts.iter().map(|attempt| attempt.longest_burst).max()?,
            longest => longest,
        };
        let long = || self.damaged().filter(|length| *length > passes);
        (long().count() > 1).then(|| long().min()).flatten().map(|needed| (passes, needed))
    }

    /// The lengths of damaged frames whose header was valid.
    pub fn damaged(&self) -> impl Iterator<Item = usize> {
        self.attempts.iter().flat_map(|attempt| attempt.damaged.iter().copied())
    }

    fn longest(&self) -> usize {
        self.attempts.iter().map(|attempt| attempt.longest).max().unwrap_or_default()
    }

    fn longest_damaged(&self) -> usize {
        self.damaged().max().unwrap_or_default()
    }

    /// Whether every list was received twice, one of them with more than power. Energy may be sent only once an hour.
    fn knows_intervals(&self) -> bool {
        let is_repeated = |list: &&SeenList| list.count > 1;
        self.lists.iter().all(|list| is_repeated(&list) || list.content == Content::Energy)
            && self.lists.iter().filter(is_repeated).any(|list| list.content != Content::Power)
    }

    fn record_reading(&mut self, name: &'static str, reading: &Reading, length: usize, at: Duration) {
        let identity = &reading.identity;
        if !identity.manufacturer.is_empty() || !identity.model.is_empty() {
            self.identity = *identity;
        }
        self.record_list(name, reading.content, length, at);
    }

    pub fn record_list(&mut self, name: &'static str, content: Content, length: usize, at: Duration) {
        let known = self.lists.iter_mut().find(|list| (list.name, list.content) == (name, content));
        match known {
            Some(list) => list.receive_again(at),
            None => self.lists.push(SeenList::new(name, content, length, at)),
        }
    }
}

/// The system title of the encrypted message that a frame carries or begins.
fn system_title<'a>(frame: &Frame<'a>) -> Option<&'a [u8]> {
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
            seen.current().accept(41);
            seen.record_list("list", *content, 41, at(*second));
        }
        seen
    }

    #[test]
    fn every_list_twice_is_enough_if_one_contains_more_than_power() {
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
    fn waits_for_another_long_frame_after_a_damaged_one() {
        let mut seen = heard(&[(Content::Power, 0), (Content::Power, 2), (Content::Power, 4)]);
        seen.current().damaged = vec![137];
        assert!(!seen.is_enough(at(20)));
        seen.current().damaged = vec![137, 137];
        assert!(seen.is_enough(at(20)));
        seen.current().damaged = vec![41];
        assert!(seen.is_enough(at(20)), "one of this length passed");
    }

    #[test]
    fn three_frames_without_readings_are_enough() {
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
        seen.use_settings(Some(SerialSettings::HAN));
        seen.count_line_errors(parity(5));
        seen.use_settings(Some(other));
        seen.count_line_errors(parity(7));
        seen.use_settings(Some(SerialSettings::HAN));
        seen.count_line_errors(parity(10));
        let errors: Vec<_> = seen.attempts.iter().map(|attempt| attempt.errors.parity).collect();
        assert_eq!(errors, [8, 2]);
    }
}
