//! The values of a block of bytes, each at its place.

use core::fmt::Write;

use super::item::{End, Take};
use super::{List, Quantity, Register, Shape};
use crate::wire::cursor::{Reader, Truncated};
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::text::Text;
use crate::wire::unit::Unit;

/// One value of a block.
pub struct Cell {
    /// Bytes of the block before it.
    pub at: usize,
    /// What it is.
    pub obis: Obis,
    /// Its register, if it is one.
    pub register: Option<Register>,
    /// How it stands there.
    pub form: CellForm,
}

/// How a value stands in a block. Numbers have four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellForm {
    /// A text of so many letters.
    Text(usize),
    /// A number that is a name, the highest byte first.
    Name,
    /// The same, the lowest byte first.
    NameBackwards,
    /// A whole number of this kind, times this power of ten.
    Number(Quantity, i8),
    /// Hours.
    Hours,
    /// Hundredths of the kilowatt-hours that stand at the place given. No document says so: it is believed as long as
    /// both agree.
    Hundredths(usize),
}

/// Walks a block.
pub struct Items<'a> {
    cells: &'static [Cell],
    block: &'a [u8],
}

impl<'a> Items<'a> {
    pub(super) fn new(list: &'static List, block: &'a [u8]) -> Self {
        let cells = match list.shape {
            Shape::Cells { cells, .. } => cells,
            _ => &[],
        };
        Items { cells, block }
    }

    /// Hands over the next item; returns whether there was one.
    pub(crate) fn step(&mut self, taker: &mut dyn Take<'a>) -> bool {
        let Some((cell, rest)) = self.cells.split_first() else { return false };
        self.cells = rest;
        if self.take(cell, taker).is_err() {
            taker.absent(cell.obis, cell.register);
        }
        true
    }

    fn take(&self, cell: &Cell, taker: &mut dyn Take<'a>) -> Result<(), Truncated> {
        let &Cell { at, obis, register, form } = cell;
        match form {
            CellForm::Text(length) => taker.text(obis, register, self.reader(at)?.take(length)?),
            CellForm::Name => taker.name(obis, register, digits(self.number(at)?)),
            CellForm::NameBackwards => taker.name(obis, register, digits(self.number(at)?.swap_bytes())),
            CellForm::Number(quantity, exponent) => {
                taker.number(obis, register, decimal(self.number(at)?, exponent), Some(quantity.unit()));
            }
            CellForm::Hours => {
                let seconds = decimal(self.number(at)?, 0).times(3600).ok_or(Truncated)?;
                taker.number(obis, register, seconds, Some(Unit::S));
            }
            CellForm::Hundredths(whole) => {
                let hundredths = self.number(at)?;
                let agree = hundredths / 100 == self.number(whole)?;
                taker.number(obis, register.filter(|_| agree), decimal(hundredths, 1), Some(Unit::WH));
            }
        }
        Ok(())
    }

    fn reader(&self, at: usize) -> Result<Reader<'a>, Truncated> {
        self.block.get(at..).map(Reader::new).ok_or(Truncated)
    }

    fn number(&self, at: usize) -> Result<u32, Truncated> {
        self.reader(at)?.u32()
    }
}

/// Hands over all items of a block at once. What was taken for this list by its length has everything in its place.
#[cold]
pub(super) fn all<'a>(list: &'static List, block: &'a [u8], taker: &mut impl Take<'a>) -> End {
    let mut items = Items::new(list, block);
    while items.step(taker) {}
    End::default()
}

fn decimal(number: u32, exponent: i8) -> Decimal {
    Decimal::new(number.into(), exponent)
}

fn digits(number: u32) -> Text<24> {
    let mut text = Text::EMPTY;
    // Ten digits at most.
    let _ = write!(text, "{number}");
    text
}
