//! Sets of registers: a bit for each.

use crate::meter::{COUNT, Kind, Quantity, Register};

/// A set of registers, in the order of their table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Set([u64; WORDS]);

const WORDS: usize = COUNT.div_ceil(64);

impl Set {
    /// Whether it contains a register.
    pub(super) fn has(self, register: Register) -> bool {
        self.0.get(register.index() / 64).is_some_and(|word| word >> (register.index() % 64) & 1 == 1)
    }

    /// Adds a register; returns whether it was not in the set before.
    pub(super) fn add(&mut self, register: Register) -> bool {
        let Some(word) = self.0.get_mut(register.index() / 64) else { return false };
        let before = *word;
        *word |= 1 << (register.index() % 64);
        before != *word
    }

    /// Removes a register.
    pub(super) fn remove(&mut self, register: Register) {
        if let Some(word) = self.0.get_mut(register.index() / 64) {
            *word &= !(1 << (register.index() % 64));
        }
    }

    /// Whether any register is in both sets.
    pub(super) fn meets(self, other: Set) -> bool {
        self.0.iter().zip(other.0).any(|(word, other)| word & other != 0)
    }

    /// The registers in the set.
    pub(super) fn iter(self) -> impl Iterator<Item = Register> {
        let places =
            (0..).step_by(64).zip(self.0).flat_map(|(first, word)| ones(word).map(move |bit| first + bit));
        places.filter_map(Register::at)
    }
}

/// The positions of a word's ones, from the lowest on.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let lowest = word.trailing_zeros() as usize;
        word &= word.checked_sub(1)?;
        Some(lowest)
    })
}

/// Counters.
pub(super) const COUNTERS: Set = select(true);

/// Voltages and currents, which the shortest lists do not contain.
pub(super) const VOLTAGES_AND_CURRENTS: Set = select(false);

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
const fn select(counters: bool) -> Set {
    let mut words = [0; WORDS];
    let mut index = 0;
    while let Some(register) = Register::at(index) {
        let wanted = match register.kind() {
            Kind::Counter => counters,
            _ => !counters && matches!(register.quantity(), Quantity::Voltage | Quantity::Current),
        };
        if wanted {
            words[index / 64] |= 1 << (index % 64);
        }
        index += 1;
    }
    Set(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_what_was_added_and_not_removed() {
        let some: Vec<_> = (0..COUNT).step_by(7).filter_map(Register::at).collect();
        let mut set = Set::default();
        assert!(some.iter().rev().all(|&register| set.add(register)));
        assert!(some.iter().all(|&register| set.has(register) && !set.add(register)));
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            some,
            "in the order of the table, beyond the first 64 too"
        );
        for &register in &some {
            assert!(set.meets(set));
            set.remove(register);
            assert!(!set.has(register));
        }
        assert_eq!((set, set.iter().next(), set.meets(set)), (Set::default(), None, false));
    }

    #[test]
    fn counters_are_exactly_the_counters() {
        let all = || (0..COUNT).filter_map(Register::at);
        assert!(all().all(|register| COUNTERS.has(register) == (register.kind() == Kind::Counter)));
        assert!(!COUNTERS.meets(VOLTAGES_AND_CURRENTS));
        assert!(
            VOLTAGES_AND_CURRENTS.has(Register::electricity([32, 7, 0]))
                && !VOLTAGES_AND_CURRENTS.has(Register::electricity([1, 7, 0]))
        );
    }
}
