//! A row of what a meter sends: OBIS codes, and what is sent under each of them.

use crate::reading::Content;
use crate::wire::obis::Obis;

/// Codes under which values of the same form are sent, in order.
#[derive(Clone, Copy)]
pub struct Row<C: 'static> {
    codes: &'static [Obis],
    cell: C,
    /// The shortest list that has the row.
    from: Content,
    each_phase: bool,
}

/// OBIS codes as they are printed, checked at compile time: `codes!(1-0:1.8.0, 1-0:2.8.0)`.
macro_rules! codes {
    ($($a:literal - $b:literal : $cd:literal . $e:literal $(* $f:literal)?),+) => {
        &[$($crate::obis!($a - $b : $cd . $e $(* $f)?)),+]
    };
}
pub(super) use codes;

/// A row that every list has.
pub const fn row<C: Copy>(codes: &'static [Obis], cell: C) -> Row<C> {
    Row { codes, cell, from: Content::Power, each_phase: false }
}

impl<C: Copy> Row<C> {
    /// The row in this list and in longer ones.
    pub const fn from(self, from: Content) -> Self {
        Row { from, ..self }
    }

    /// Each code three times: group C is 20 more for each further phase.
    pub const fn each_phase(self) -> Self {
        Row { each_phase: true, ..self }
    }

    /// The codes of a list of this content, each with what is sent under it.
    pub fn singles(rows: &[Self], content: Content) -> impl Iterator<Item = (Obis, C)> {
        rows.iter().filter(move |row| row.from as usize <= content as usize).flat_map(|row| {
            let phases: &[u8] = if row.each_phase { &[0, 20, 40] } else { &[0] };
            row.codes.iter().flat_map(move |&Obis([a, b, c, d, e, f])| {
                phases.iter().map(move |step| (Obis([a, b, c + step, d, e, f]), row.cell))
            })
        })
    }
}
