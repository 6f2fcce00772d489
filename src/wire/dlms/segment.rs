//! Messages that come in parts: HDLC segments, M-Bus segments, blocks of general block transfer.

use core::ops::Range;

use crate::wire::buffer::Buffer;

/// The longest message assembled: an encrypted P1 telegram with a message of 2048 digits in it.
const CAPACITY: usize = crate::wire::verdict::LONGEST;

/// Where a part belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// HDLC's segments carry no number; the first is known by its LLC header (Green Book 8.4.1.3).
    Unnumbered {
        /// Whether it begins a message.
        first: bool,
    },
    /// Segments of M-Bus and blocks of general block transfer count, here from 0.
    Numbered(u16),
}

/// Collects the parts of one message.
pub struct Assembler {
    buffer: Buffer<CAPACITY>,
    length: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    /// What must come next.
    Collecting(Order),
    /// The buffer contains a complete message; the next part begins a new one.
    Whole,
}

/// Why a part is of no use. All collected so far are dropped with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// The one before it is missing.
    Lost,
    /// Together they are longer than any message.
    TooLong,
}

impl Default for Assembler {
    fn default() -> Self {
        Assembler { buffer: Buffer::new(), length: 0, state: State::Empty }
    }
}

impl Assembler {
    /// Whether HDLC segments are waiting for their rest.
    pub fn collecting_segments(&self) -> bool {
        matches!(self.state, State::Collecting(Order::Unnumbered { .. }))
    }

    /// Adds a part; says whether the message is whole with it.
    pub fn push(&mut self, order: Order, last: bool, part: &[u8]) -> Result<bool, Error> {
        match order {
            Order::Unnumbered { first: true } | Order::Numbered(0) => self.length = 0,
            next if self.state == State::Collecting(next) => {}
            _ => return Err(self.refuse(Error::Lost)),
        }
        let end = self.length + part.len();
        self.buffer.reserve(end);
        let Some(room) = self.buffer.get_mut(self.length..end) else {
            return Err(self.refuse(Error::TooLong));
        };
        room.copy_from_slice(part);
        self.length = end;
        self.state = match order {
            _ if last => State::Whole,
            Order::Unnumbered { .. } => State::Collecting(Order::Unnumbered { first: false }),
            Order::Numbered(number) => State::Collecting(Order::Numbered(number.saturating_add(1))),
        };
        Ok(last)
    }

    /// Takes a message that came in one part.
    pub fn load(&mut self, message: &[u8]) -> Result<(), Error> {
        self.push(Order::Unnumbered { first: true }, true, message).map(drop)
    }

    /// Takes a message that was sent in another form than its own bytes.
    pub fn load_decoded(&mut self, bytes: impl Iterator<Item = u8>) -> Result<(), Error> {
        self.length = 0;
        for byte in bytes {
            self.buffer.reserve(self.length + 1);
            let Some(slot) = self.buffer.get_mut(self.length) else {
                return Err(self.refuse(Error::TooLong));
            };
            *slot = byte;
            self.length += 1;
        }
        self.state = State::Whole;
        Ok(())
    }

    /// The complete message; empty until it is complete.
    pub fn message(&self) -> &[u8] {
        self.part(0..self.length)
    }

    /// A part of the complete message.
    pub fn part(&self, range: Range<usize>) -> &[u8] {
        match self.state {
            State::Whole => self.buffer.get(range).unwrap_or_default(),
            State::Empty | State::Collecting(_) => &[],
        }
    }

    /// The complete message, to be decrypted in place.
    pub fn message_mut(&mut self) -> &mut [u8] {
        match self.state {
            State::Whole => self.buffer.get_mut(..self.length).unwrap_or_default(),
            State::Empty | State::Collecting(_) => &mut [],
        }
    }

    /// Drops what was collected: a part between may be missing.
    pub fn reset(&mut self) {
        self.state = State::Empty;
    }

    fn refuse(&mut self, error: Error) -> Error {
        self.reset();
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Order = Order::Unnumbered { first: true };
    const NEXT: Order = Order::Unnumbered { first: false };

    #[test]
    fn segments_become_one_message() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.push(FIRST, false, b"one "), Ok(false));
        assert!(assembler.collecting_segments() && assembler.message().is_empty());
        assert_eq!(assembler.push(NEXT, false, b"two "), Ok(false));
        assert_eq!(assembler.push(NEXT, true, b"three"), Ok(true));
        assert_eq!(assembler.message(), b"one two three");
        assert!(!assembler.collecting_segments());
        assert_eq!(assembler.push(FIRST, true, b"next"), Ok(true));
        assert_eq!(assembler.message(), b"next");
    }

    #[test]
    fn numbered_parts_come_one_after_the_other() {
        let mut assembler = Assembler::default();
        let push =
            |assembler: &mut Assembler, number| assembler.push(Order::Numbered(number), number == 2, b".");
        assert_eq!(push(&mut assembler, 1), Err(Error::Lost), "the stream began in the middle");
        assert_eq!(push(&mut assembler, 0), Ok(false));
        assert_eq!(push(&mut assembler, 1), Ok(false));
        assert_eq!(push(&mut assembler, 1), Err(Error::Lost), "twice the same");
        assert_eq!(push(&mut assembler, 2), Err(Error::Lost), "what was collected is gone");
        for number in 0..2 {
            assert_eq!(push(&mut assembler, number), Ok(false));
        }
        assert_eq!(assembler.push(NEXT, false, b"?"), Err(Error::Lost), "a part of another kind");
        assert_eq!(push(&mut assembler, 0), Ok(false));
        assert_eq!(push(&mut assembler, 2), Err(Error::Lost), "one left out");
        for number in 0..=2 {
            assert_eq!(push(&mut assembler, number), Ok(number == 2));
        }
        assert_eq!(assembler.message(), b"...");
    }

    #[test]
    fn what_was_dropped_does_not_come_back() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.push(FIRST, false, b"lost"), Ok(false));
        assembler.reset();
        assert!(!assembler.collecting_segments() && assembler.message().is_empty());
        assert_eq!(assembler.push(NEXT, true, b"rest"), Err(Error::Lost));
        assert_eq!(assembler.load(b"kept"), Ok(()));
        assert_eq!((assembler.message(), assembler.part(1..3)), (&b"kept"[..], &b"ep"[..]));
        assembler.message_mut().reverse();
        assert_eq!(assembler.message(), b"tpek");
        assert_eq!(assembler.load_decoded(b"KEPT".iter().map(u8::to_ascii_lowercase)), Ok(()));
        assert_eq!(assembler.message(), b"kept");
    }

    #[test]
    fn memory_is_bounded() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.push(FIRST, false, &[0; CAPACITY]), Ok(false));
        assert_eq!(assembler.push(NEXT, false, &[0; 1]), Err(Error::TooLong));
        assert!(!assembler.collecting_segments() && assembler.message().is_empty());
        assert_eq!(assembler.load(&[0; CAPACITY + 1]), Err(Error::TooLong));
        assert_eq!(assembler.load(b"next"), Ok(()));
        assert_eq!(assembler.load_decoded([0; CAPACITY + 1].into_iter()), Err(Error::TooLong));
        assert_eq!(assembler.load_decoded([0; CAPACITY].into_iter()), Ok(()));
    }
}
