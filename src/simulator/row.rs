//! A row of what a meter sends: an OBIS code and what is sent under it.

use crate::reading::Content;
use crate::wire::obis::Obis;

/// One row, or one for each phase.
#[derive(Clone, Copy)]
pub struct Row<C> {
    /// The code; of a row for each phase, that of L1.
    pub obis: Obis,
    /// What is sent under it.
    pub cell: C,
    /// The shortest list that has the row.
    pub from: Content,
    each_phase: bool,
}

impl<C: Copy> Row<C> {
    /// A row that every list has.
    pub const fn new(obis: Obis, cell: C) -> Self {
        Row { obis, cell, from: Content::Power, each_phase: false }
    }

    /// The row in this list and in longer ones.
    pub const fn from(self, from: Content) -> Self {
        Row { from, ..self }
    }

    /// The row three times: group C is 20 more for each further phase.
    pub const fn each_phase(self) -> Self {
        Row { each_phase: true, ..self }
    }

    /// Single rows of a table.
    pub fn singles(rows: &[Self]) -> impl Iterator<Item = Self> {
        rows.iter().flat_map(|row| {
            let phases: &[u8] = if row.each_phase { &[0, 20, 40] } else { &[0] };
            phases.iter().map(|step| {
                let Obis([a, b, c, d, e, f]) = row.obis;
                Row { obis: Obis([a, b, c + step, d, e, f]), each_phase: false, ..*row }
            })
        })
    }
}
