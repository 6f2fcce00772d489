//! Segmented frames: the information of consecutive frames is one message (Green Book 8.4.1.3).

/// The longest message put together; Iskraemeco's five segments make 600 octets.
const CAPACITY: usize = 4096;

/// Collects the segments of one message.
pub struct Assembler {
    buffer: [u8; CAPACITY],
    length: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    Collecting,
    /// Its message lies in the buffer; the next segment begins a new one.
    Whole,
}

/// The segments are longer than any message: all collected so far are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

impl Default for Assembler {
    fn default() -> Self {
        Assembler { buffer: [0; CAPACITY], length: 0, state: State::Empty }
    }
}

impl Assembler {
    /// Whether segments are waiting for their rest.
    pub fn collecting(&self) -> bool {
        self.state == State::Collecting
    }

    /// Adds a segment. `more` is its segmentation bit; one that has it clear makes the message whole.
    pub fn push(&mut self, more: bool, segment: &[u8]) -> Result<bool, TooLong> {
        if !self.collecting() {
            self.length = 0;
        }
        let end = self.length + segment.len();
        let Some(room) = self.buffer.get_mut(self.length..end) else {
            self.reset();
            return Err(TooLong);
        };
        room.copy_from_slice(segment);
        self.length = end;
        self.state = if more { State::Collecting } else { State::Whole };
        Ok(!more)
    }

    /// The whole message; empty while there is none.
    pub fn message(&self) -> &[u8] {
        match self.state {
            State::Whole => self.buffer.get(..self.length).unwrap_or_default(),
            State::Empty | State::Collecting => &[],
        }
    }

    /// Drops what was collected: a segment between may be missing.
    pub fn reset(&mut self) {
        self.state = State::Empty;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_become_one_message() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.push(true, b"one "), Ok(false));
        assert!(assembler.collecting() && assembler.message().is_empty());
        assert_eq!(assembler.push(true, b"two "), Ok(false));
        assert_eq!(assembler.push(false, b"three"), Ok(true));
        assert_eq!(assembler.message(), b"one two three");
        assert!(!assembler.collecting());
        assert_eq!(assembler.push(false, b"next"), Ok(true));
        assert_eq!(assembler.message(), b"next");
    }

    #[test]
    fn what_was_dropped_does_not_come_back() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.push(true, b"lost"), Ok(false));
        assembler.reset();
        assert!(!assembler.collecting() && assembler.message().is_empty());
        assert_eq!(assembler.push(false, b"kept"), Ok(true));
        assert_eq!(assembler.message(), b"kept");
    }

    #[test]
    fn memory_is_bounded() {
        let mut assembler = Assembler::default();
        for _ in 0..4 {
            assert_eq!(assembler.push(true, &[0; 1024]), Ok(false));
        }
        assert_eq!(assembler.push(true, &[0; 1]), Err(TooLong));
        assert!(!assembler.collecting() && assembler.message().is_empty());
        assert_eq!(assembler.push(false, b"next"), Ok(true));
    }
}
