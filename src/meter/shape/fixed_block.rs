//! A block of bytes with values at fixed places.

use crate::meter::family::Quantity;
use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::wire::cursor::{Reader, Truncated};
use crate::wire::datum::{Datum, Name};
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// One value of a block.
pub struct BlockField {
    /// Bytes of the block before it.
    pub at: usize,
    /// Its code.
    pub obis: Obis,
    /// Its register, if it is published.
    pub register: Option<Register>,
    /// How it is written.
    pub form: BlockForm,
}

/// How a value is written in a block. Numbers have four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockForm {
    /// A text of so many bytes.
    Text(usize),
    /// A number that is a name, most significant byte first.
    Name,
    /// A number that is a name, least significant byte first.
    NameBackwards,
    /// A whole number of this quantity, times this power of ten.
    Number(Quantity, i8),
    /// Hours.
    Hours,
    /// Hundredths of the kilowatt-hours at the place given. No document says so: the value is accepted only while both
    /// agree.
    Hundredths(usize),
}

/// The values of a block.
pub struct Items<'a> {
    fields: &'static [BlockField],
    block: &'a [u8],
}

impl<'a> Items<'a> {
    pub(super) const fn new(fields: &'static [BlockField], block: &'a [u8]) -> Self {
        Items { fields, block }
    }

    pub(super) fn each(self, mut take: impl FnMut(Item<'a>)) -> Self {
        for field in self.fields {
            take(self.read(field).unwrap_or(Item::absent(field.obis, field.register)));
        }
        self
    }

    fn read(&self, &BlockField { at, obis, register, form }: &BlockField) -> Result<Item<'a>, Truncated> {
        let named = |name| Item::new(obis, register, Datum::Name(Name::Decimal(name)));
        Ok(match form {
            BlockForm::Text(length) => Item::new(obis, register, Datum::Text(self.reader(at)?.take(length)?)),
            BlockForm::Name => named(self.number(at)?),
            BlockForm::NameBackwards => named(self.number(at)?.swap_bytes()),
            BlockForm::Number(quantity, exponent) => {
                Item::number(obis, register, decimal(self.number(at)?, exponent), Some(quantity.unit()))
            }
            BlockForm::Hours => {
                let seconds = i64::from(self.number(at)?) * 3600;
                Item::number(obis, register, Decimal::new(seconds, 0), Some(Unit::S))
            }
            BlockForm::Hundredths(whole) => {
                let hundredths = self.number(at)?;
                let agree = hundredths / 100 == self.number(whole)?;
                Item::number(obis, register.filter(|_| agree), decimal(hundredths, 1), Some(Unit::WH))
            }
        })
    }

    fn reader(&self, at: usize) -> Result<Reader<'a>, Truncated> {
        self.block.get(at..).map(Reader::new).ok_or(Truncated)
    }

    fn number(&self, at: usize) -> Result<u32, Truncated> {
        self.reader(at)?.u32()
    }
}

fn decimal(number: u32, exponent: i8) -> Decimal {
    Decimal::new(number.into(), exponent)
}
