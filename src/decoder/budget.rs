//! How many bytes may be deciphered without success.
//!
//! Only its key proves an encrypted message without a frame, and the search continues one byte after a start that was
//! none. Starts written into garbage, each within the length that the one before claims, would have every byte deciphered
//! hundreds of times: a few kilobytes would occupy the thread for seconds. So there is a limit that grows with the bytes
//! received.
//!
//! A start outside all that failed starts claimed is always tried: such claims do not overlap. The others, which may be a
//! true message behind a cut one, are tried while the budget lasts and passed over when it is used up. None waits for
//! more, because a message that waited would be published as new when it is old. Nobody is locked out: a message brings
//! twice what the next one costs.

use crate::wire::deframer::LONGEST;

/// What a byte received adds, in bytes deciphered.
const A_BYTE: usize = 2;
/// Enough for a cut message of any length with another one behind it.
const MOST: usize = 2 * LONGEST;

/// Bytes that may still be deciphered without success.
pub(super) struct Budget {
    left: usize,
    /// Position in the stream up to which bytes were added.
    counted: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { left: MOST, counted: 0 }
    }
}

impl Budget {
    /// Whether the message that begins at this position may be deciphered; if so, its length is spent.
    pub(super) fn admit(&mut self, position: u64, length: usize) -> bool {
        // Positions count, not calls: how the stream is cut into pieces must not matter.
        let received = usize::try_from(position.saturating_sub(self.counted)).unwrap_or(MOST);
        self.counted = position;
        self.left = self.left.saturating_add(received.saturating_mul(A_BYTE)).min(MOST);
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_with_the_bytes_received_up_to_its_limit() {
        let mut budget = Budget::default();
        assert!(budget.admit(0, LONGEST) && budget.admit(0, LONGEST) && !budget.admit(0, 1));
        assert!(!budget.admit(10, 21) && budget.admit(10, 20) && !budget.admit(10, 1));
        assert!(budget.admit(u64::MAX, MOST) && !budget.admit(u64::MAX, 1));
    }

    #[test]
    fn messages_one_after_the_other_are_always_admitted() {
        let mut budget = Budget::default();
        while budget.admit(0, 1) {}
        for number in 1..100 {
            assert!(budget.admit(number * LONGEST as u64, LONGEST), "{number}");
        }
    }
}
