//! What one message said, owned and small enough to be shared with every outlet.

use crate::meter::{List, Register};
use crate::reading::{Content, Identity, Reading};
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;

/// The values of one message.
#[derive(Clone)]
pub struct Report {
    /// The list that the message was read by.
    pub list: &'static List,
    /// Which kind of list it is.
    pub content: Content,
    /// Who sent it, as far as the message tells.
    pub identity: Identity,
    /// The meter's own clock.
    pub clock: Option<DateTime>,
    /// Whether the clock is in the list itself and therefore belongs to its counters.
    pub clock_in_list: bool,
    /// Each value in the unit meters send it in, in the order of the registers. The hub adds totals that the message did
    /// not contain.
    pub values: Box<[(Register, Decimal)]>,
    /// Registers of which the message contains numbers of unknown scale.
    pub withheld: Box<[Register]>,
    /// How many numbers have no register.
    pub unknown: u32,
    /// Whether it lacks values that wait for a second telegram.
    pub is_partial: bool,
    /// Whether clock and counters only repeat those of the energy list before: the counters are then as old as that
    /// one. The hub decides it.
    pub repeated: bool,
}

impl Report {
    /// Copies what a message said.
    pub fn new(list: &'static List, reading: &Reading) -> Self {
        Report {
            list,
            content: reading.content,
            identity: reading.identity,
            clock: reading.clock,
            clock_in_list: reading.clock_in_list,
            values: reading.registers().collect(),
            withheld: reading.withheld().collect(),
            unknown: reading.unknown,
            is_partial: false,
            repeated: false,
        }
    }

    /// Whether it contains a value of a register.
    pub(super) fn has(&self, register: Register) -> bool {
        self.place(register).is_ok()
    }

    /// Adds a value that the message did not contain.
    pub(super) fn insert(&mut self, register: Register, value: Decimal) {
        if let Err(place) = self.place(register) {
            let mut values = std::mem::take(&mut self.values).into_vec();
            values.insert(place, (register, value));
            self.values = values.into();
        }
    }

    fn place(&self, register: Register) -> Result<usize, usize> {
        self.values.binary_search_by_key(&register, |&(register, _)| register)
    }
}
