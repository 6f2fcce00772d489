//! Finds frames of every protocol in a stream of bytes, among noise, cut frames and bytes that only look like a start.
//!
//! A start byte is only a candidate: frames may contain it too, and a damaged frame may contain the
//! start of the next. So nothing is discarded before it is proven wrong, and after a failure the search continues one
//! byte after the failed start, in the deframer's own buffer. Splitting HDLC at its flags instead would lose one
//! frame in forty.

use super::buffer::Buffer;
use super::frame::{Frame, Layout, judge, may_begin};
use super::hdlc::FLAG;
use super::protocol::Protocol;
use super::telegram;
pub use super::verdict::LONGEST;
use super::verdict::{Error, Stream, Verdict};

/// Room for a candidate of full length and as much again, so that bytes are seldom moved.
const CAPACITY: usize = 2 * LONGEST;

/// Room to begin with: any frame of most meters, and as much again.
const USUAL: usize = 1024;

// A candidate that fills the buffer could neither be judged nor go on.
const _: () = assert!(telegram::LONGEST + 1024 < CAPACITY);

/// Bytes that looked like a frame and were not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected<'a> {
    /// What was wrong with it.
    pub error: Error,
    /// Its bytes from the start on, as far as they were held and its length reached.
    pub bytes: &'a [u8],
}

/// One frame or failure, and where it was in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// Bytes of the stream before its first.
    pub offset: u64,
    /// Bytes it spans, flags included.
    pub length: usize,
    /// Whether bytes that belong to no frame came between the last valid frame and this one.
    pub after_noise: bool,
    /// The frame or what was wrong.
    pub frame: Result<Frame<'a>, Rejected<'a>>,
}

/// A stream's bytes in, frames out.
pub struct Deframer {
    buffer: Buffer<CAPACITY>,
    start: usize,
    end: usize,
    /// Bytes that must be held before the candidate at `start` can be judged again.
    enough: usize,
    /// Bytes of the candidate that were searched for its end without success.
    seen: usize,
    /// Whether parity bits were taken off the candidate.
    stripped: bool,
    /// Position in the stream of `buffer[0]`.
    origin: u64,
    /// Failures that begin before this position belong to a stretch already reported.
    reported: u64,
    discarded: u64,
    noise: bool,
    /// The protocol of a polled meter; `None` for meters that push.
    polled: Option<Protocol>,
}

/// The result of a search, by its place in the buffer.
pub(crate) struct Place {
    from: usize,
    span: usize,
    after_noise: bool,
    outcome: Result<Layout, Error>,
}

impl Place {
    /// Whether it is an encrypted message without a frame, of which nothing is proven.
    pub(crate) const fn is_bare(&self) -> bool {
        matches!(self.outcome, Ok(Layout::Ciphered(_)))
    }
}

impl Default for Deframer {
    fn default() -> Self {
        Deframer {
            buffer: Buffer::new(),
            start: 0,
            end: 0,
            enough: 0,
            seen: 0,
            stripped: false,
            origin: 0,
            reported: 0,
            discarded: 0,
            noise: false,
            polled: None,
        }
    }
}

impl Deframer {
    /// Looks for the responses of a polled meter, and for nothing else.
    pub fn polling(protocol: Protocol) -> Self {
        Deframer { polled: Some(protocol).filter(|protocol| protocol.is_polled()), ..Deframer::default() }
    }

    /// Takes from the front of `input` and returns what it finds, one frame or failure a call; `None` when `input` is
    /// used up. The same bytes give the same results however they are cut into pieces.
    pub fn feed(&mut self, input: &mut &[u8]) -> Option<Found<'_>> {
        let place = self.advance(input, Stream::Open)?;
        Some(self.lend(&place))
    }

    /// Reports that the serial line has fallen silent. A cut frame may still wait for its end while the next one is
    /// complete after it: that one is found now. A frame that only paused may continue. Call until `None`.
    pub fn idle(&mut self) -> Option<Found<'_>> {
        let place = self.advance(&mut &[][..], Stream::Silent)?;
        Some(self.lend(&place))
    }

    /// Ends the stream: what is held is judged without waiting for more. Call until `None`.
    pub fn finish(&mut self) -> Option<Found<'_>> {
        let place = self.advance(&mut &[][..], Stream::Ended)?;
        Some(self.lend(&place))
    }

    /// Does the work of all three. [`lend`](Self::lend) returns what it found until the next call.
    pub(crate) fn advance(&mut self, input: &mut &[u8], stream: Stream) -> Option<Place> {
        if stream != Stream::Open {
            self.enough = 0;
        }
        loop {
            if let Some(place) = self.search(stream) {
                return Some(place);
            }
            if input.is_empty() {
                return self.give_up(stream);
            }
            self.fill(input);
        }
    }

    /// Gives up candidates that wait for bytes that do not come. Returns the first failure or frame found then.
    fn give_up(&mut self, stream: Stream) -> Option<Place> {
        loop {
            let over = match stream {
                Stream::Open => false,
                Stream::Silent => self.hides_frame(),
                Stream::Ended => self.end - self.start >= 2,
            };
            if !over {
                return None;
            }
            let place = self.fail(Error::Cut, self.end - self.start).or_else(|| self.search(stream));
            if place.is_some() {
                return place;
            }
        }
    }

    /// Whether what was found last begins within a failure that was reported.
    pub(crate) fn is_reported(&self, place: &Place) -> bool {
        self.origin + (place.from as u64) < self.reported
    }

    /// Takes back what was found last: it is not a frame, and may contain others.
    pub(crate) fn take_back(&mut self, place: &Place) {
        self.pass_over(place);
        self.reported = self.reported.max(self.origin + (place.from + place.span) as u64 - 1);
    }

    /// Goes on behind the first byte of what was found last, as if it were no start.
    pub(crate) fn pass_over(&mut self, place: &Place) {
        self.start = place.from;
        self.discard(1);
    }

    /// Forgets the bytes held: the next bytes do not continue them.
    pub fn restart(&mut self) {
        self.discard(self.end - self.start);
    }

    /// Whether bytes are held that may become a frame.
    pub fn is_waiting(&self) -> bool {
        self.start < self.end
    }

    /// Bytes so far that belonged to no frame and were neither flags nor ends of lines between frames.
    pub fn discarded(&self) -> u64 {
        self.discarded
    }

    fn fill(&mut self, input: &mut &[u8]) {
        // A frame that comes whole is also judged whole, and so once.
        if self.start == self.end || self.buffer.len() - self.end < input.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.origin += self.start as u64;
            self.end -= self.start;
            self.start = 0;
            self.buffer.reserve(USUAL.max(2 * self.end));
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let count = room.len().min(input.len());
        if let (Some(room), Some((taken, rest))) = (room.get_mut(..count), input.split_at_checked(count)) {
            room.copy_from_slice(taken);
            *input = rest;
            self.end += count;
        }
    }

    fn held(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Moves on until there is something to report or too few bytes are held.
    fn search(&mut self, stream: Stream) -> Option<Place> {
        while self.end - self.start >= self.enough.max(1) {
            let held = self.buffer.get(self.start..self.end).unwrap_or_default();
            if let [FLAG, FLAG, ..] = held {
                self.move_by(1);
                continue;
            }
            match judge(held, &mut self.seen, stream, self.polled) {
                Verdict::Frame(layout) => return Some(self.accept(layout)),
                Verdict::Failure { error, claimed } => {
                    if let Some(place) = self.fail(error, claimed) {
                        return Some(place);
                    }
                }
                Verdict::Noise => self.skip_to_start(),
                Verdict::More { enough } => self.enough = enough.max(held.len() + 1),
                Verdict::Parity { length } => self.strip(length),
            }
        }
        None
    }

    /// Whether a complete valid frame follows the start of the pending candidate.
    fn hides_frame(&self) -> bool {
        let behind_start = self.held().get(1..).unwrap_or_default();
        let starts = behind_start.iter().enumerate().filter(|(_, byte)| may_begin(**byte, self.polled));
        let mut candidates = starts.filter_map(|(index, _)| behind_start.get(index..));
        candidates.any(|candidate| {
            let verdict = judge(candidate, &mut 0, Stream::Silent, self.polled);
            matches!(verdict, Verdict::Frame(_) | Verdict::Parity { .. })
        })
    }

    /// Takes the parity bits off the first bytes of the candidate.
    fn strip(&mut self, length: usize) {
        let candidate = self.buffer.get_mut(self.start..self.start + length).unwrap_or_default();
        candidate.iter_mut().for_each(|byte| *byte &= 0x7F);
        self.stripped = true;
    }

    fn accept(&mut self, layout: Layout) -> Place {
        let layout = if self.stripped { layout.with_parity() } else { layout };
        let place =
            Place { from: self.start, span: layout.total(), after_noise: self.noise, outcome: Ok(layout) };
        self.move_by(layout.own());
        self.noise = false;
        place
    }

    /// Skips a start byte that began no frame. Later failures inside the bytes that the candidate claimed are not
    /// reported.
    fn fail(&mut self, error: Error, claimed: usize) -> Option<Place> {
        let position = self.origin + self.start as u64;
        let place = Place {
            from: self.start,
            span: claimed.min(self.end - self.start),
            after_noise: self.noise,
            outcome: Err(error),
        };
        self.discard(1);
        if position < self.reported {
            return None;
        }
        // Its last byte may be the opening flag of the next frame, whose failure is reported by itself.
        self.reported = position + claimed as u64 - 1;
        Some(place)
    }

    fn skip_to_start(&mut self) {
        match self.held() {
            [b'\r' | b'\n', ..] => {
                self.noise = true;
                self.move_by(1);
            }
            held => {
                let between = held.iter().skip(1).position(|&byte| may_begin(byte, self.polled));
                let skipped = between.map_or(held.len(), |between| between + 1);
                self.discard(skipped);
            }
        }
    }

    fn discard(&mut self, count: usize) {
        self.discarded += count as u64;
        self.noise = true;
        self.move_by(count);
    }

    fn move_by(&mut self, count: usize) {
        self.start += count;
        self.enough = 0;
        self.seen = 0;
        self.stripped = false;
    }

    #[inline]
    pub(crate) fn lend(&self, place: &Place) -> Found<'_> {
        let Place { from, span, after_noise, outcome } = *place;
        let bytes = self.buffer.get(from..from + span).unwrap_or_default();
        let frame = match outcome {
            Ok(layout) => Ok(layout.frame(bytes)),
            Err(error) => Err(Rejected { error, bytes }),
        };
        Found { offset: self.origin + from as u64, length: span, after_noise, frame }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::cursor::Writer;
    use crate::wire::hdlc::{self, MAX_LENGTH};

    fn frame(information: &[u8]) -> Vec<u8> {
        let mut buffer = [0; MAX_LENGTH + 2];
        let mut writer = Writer::new(&mut buffer);
        hdlc::Frame {
            segmented: false,
            destination: &[0x41],
            source: &[0x08, 0x83],
            control: 0x13,
            information,
        }
        .emit(&mut writer);
        writer.written().to_vec()
    }

    #[derive(Debug, PartialEq, Eq)]
    enum Event {
        Frame(u64, Vec<u8>),
        Bad(u64, usize, Error),
    }

    fn event(found: Found<'_>) -> Event {
        match found.frame {
            Ok(Frame::Hdlc(frame)) => Event::Frame(found.offset, frame.information.to_vec()),
            Ok(other) => panic!("{other:?}"),
            Err(rejected) => {
                assert_eq!(rejected.bytes.len(), found.length);
                Event::Bad(found.offset, found.length, rejected.error)
            }
        }
    }

    fn events(stream: &[u8], chunk: usize) -> Vec<Event> {
        let mut deframer = Deframer::default();
        let mut events = Vec::new();
        for mut piece in stream.chunks(chunk) {
            while let Some(found) = deframer.feed(&mut piece) {
                events.push(event(found));
            }
        }
        while let Some(found) = deframer.finish() {
            events.push(event(found));
        }
        events
    }

    fn whole(stream: &[u8]) -> Vec<Event> {
        let whole = events(stream, stream.len().max(1));
        for chunk in [1, 2, 3, 7, 64] {
            assert_eq!(events(stream, chunk), whole, "in pieces of {chunk}");
        }
        whole
    }

    fn good(offset: usize, information: &[u8]) -> Event {
        Event::Frame(offset as u64, information.to_vec())
    }

    #[test]
    fn what_may_become_a_frame_is_waited_for_until_it_is_forgotten() {
        let mut deframer = Deframer::default();
        assert!(!deframer.is_waiting());
        assert!(deframer.feed(&mut &frame(b"one")[..5]).is_none() && deframer.is_waiting());
        deframer.restart();
        assert!(!deframer.is_waiting());
    }

    #[test]
    fn what_begins_with_the_last_byte_of_a_frame_taken_back_is_reported_by_itself() {
        let (one, mut two) = (frame(b"one"), frame(b"two"));
        two[10] ^= 1;
        let stream = [&one[..], &two[1..]].concat();
        let (mut deframer, mut input) = (Deframer::default(), &stream[..]);
        let taken = deframer.advance(&mut input, Stream::Open).expect("the first frame");
        deframer.take_back(&taken);
        let next = deframer.advance(&mut input, Stream::Open).expect("the second, damaged");
        let damaged = Event::Bad(one.len() as u64 - 1, two.len(), Error::FrameCheck);
        assert_eq!(event(deframer.lend(&next)), damaged);
    }

    #[test]
    fn flags_may_be_shared_doubled_and_idle() {
        let (one, two) = (frame(b"one"), frame(b"two"));
        let shared = [&one[..], &two[1..], &[FLAG; 5], &one].concat();
        assert_eq!(whole(&shared), [good(0, b"one"), good(14, b"two"), good(34, b"one")]);
    }

    #[test]
    fn a_flag_inside_a_frame_is_a_byte_like_any_other() {
        let inside = frame(&[FLAG, 0xA0, FLAG, 0x13, 0x7D, FLAG]);
        assert_eq!(whole(&[&inside[..], &inside].concat()).len(), 2);
    }

    #[test]
    fn a_stream_may_begin_in_the_middle() {
        let one = frame(b"one");
        for cut in 1..one.len() - 1 {
            assert_eq!(whole(&[&one[cut..], &one].concat()), [good(one.len() - cut, b"one")]);
        }
    }

    #[test]
    fn one_damaged_frame_costs_one_frame() {
        let one = frame(b"a longer information field, so that many bits can be hit");
        let stream = [&one[..], &one[1..], &one[1..]].concat();
        let second = one.len()..2 * one.len() - 1;
        for bit in second.start * 8..second.end * 8 {
            let mut damaged = stream.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let frames =
                whole(&damaged).into_iter().filter(|event| matches!(event, Event::Frame(..))).count();
            // The shared flag before the third frame is the second's last byte: hit, it takes both with it.
            let lost = if bit / 8 + 1 == second.end { 2 } else { 1 };
            assert_eq!(frames, 3 - lost, "bit {bit}");
        }
    }

    #[test]
    fn a_failure_is_reported_once_with_its_reason() {
        let mut damaged = frame(&[0, FLAG, 0xA0, 0x20, 0x03, 0x03, 1, 2, 3]);
        let length = damaged.len();
        damaged[9] ^= 1;
        let stream = [&damaged[..], &frame(b"next")].concat();
        assert_eq!(whole(&stream), [Event::Bad(0, length, Error::FrameCheck), good(length, b"next")]);
    }

    #[test]
    fn noise_is_no_failure() {
        assert_eq!(whole(b"no flag at all"), []);
        assert_eq!(whole(&[FLAG, b'x', FLAG, FLAG, 0x13, 0x2B, FLAG]), []);
        let mut deframer = Deframer::default();
        assert!(deframer.feed(&mut &[1, 2, FLAG, FLAG, 0x13, FLAG][..]).is_none());
        assert_eq!(deframer.discarded(), 4, "two bytes, a flag that opened nothing and what followed it");
    }

    #[test]
    fn a_cut_frame_ends_with_the_data() {
        let one = frame(b"one");
        assert_eq!(whole(&one[..10]), [Event::Bad(0, 10, Error::Cut)]);
        assert_eq!(whole(&one[..one.len() - 1]), [Event::Bad(0, one.len() - 1, Error::Cut)]);
        assert_eq!(whole(&one[..1]), []);
    }

    #[test]
    fn silence_frees_the_frame_behind_a_cut_one_and_spares_one_that_paused() {
        let (long, short) = (frame(&[b'x'; 200]), frame(b"short"));
        let mut deframer = Deframer::default();
        assert!(deframer.feed(&mut &[&long[..50], &short].concat()[..]).is_none());
        assert_eq!(deframer.idle().map(event), Some(Event::Bad(0, 50 + short.len(), Error::Cut)));
        assert_eq!(deframer.idle().map(event), Some(good(50, b"short")));
        assert_eq!(deframer.idle().map(event), None);

        let mut deframer = Deframer::default();
        let (begin, mut rest) = long.split_at(100);
        assert!(deframer.feed(&mut &begin[..]).is_none());
        assert_eq!(deframer.idle().map(event), None);
        assert_eq!(deframer.feed(&mut rest).map(event), Some(good(0, &[b'x'; 200])));
    }

    #[test]
    fn says_whether_anything_lay_between_two_frames() {
        let one = frame(b"one");
        let stream = [&one[..], &one, &[FLAG], b"noise", &one].concat();
        let mut input = &stream[..];
        let mut deframer = Deframer::default();
        let mut after_noise = Vec::new();
        while let Some(found) = deframer.feed(&mut input) {
            after_noise.push(found.after_noise);
        }
        assert_eq!(after_noise, [false, false, true]);
    }

    #[test]
    fn a_frame_of_full_length_after_any_number_of_bytes() {
        let longest = frame(&[FLAG; MAX_LENGTH - 10]);
        assert_eq!(longest.len(), MAX_LENGTH + 2);
        for noise in [0, 1, 100, MAX_LENGTH, LONGEST, CAPACITY - 1, CAPACITY, CAPACITY + 1] {
            let stream = [&vec![b'n'; noise][..], &longest, &longest].concat();
            assert_eq!(events(&stream, 1000).len(), 2, "{noise} bytes of noise");
        }
    }
}
