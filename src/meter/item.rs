//! A value of a list with its code: what all protocols have in common.

use core::fmt;

use super::register::Register;
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// One value of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<'a> {
    /// Its code.
    pub obis: Obis,
    /// The register that the code stands for, if it is published.
    pub register: Option<Register>,
    /// The value.
    pub datum: Datum<'a>,
    /// The unit of a number. `None`: the list does not send units, and the number is not scaled yet.
    pub unit: Option<Unit>,
}

/// A value as any protocol may send it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Datum<'a> {
    /// A number with all its digits.
    Number(Decimal),
    /// A text, or bytes that may be one.
    Text(&'a [u8]),
    /// A name that is sent as a number.
    Name(Name),
    /// Date and time.
    Time(DateTime),
    /// A code without a value, or with one of a type that is no reading.
    Absent,
}

/// A name that is sent as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Written in decimal digits.
    Decimal(u32),
    /// Written in four hexadecimal digits.
    Hexadecimal(u16),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Decimal(number) => write!(f, "{number}"),
            Name::Hexadecimal(number) => write!(f, "{number:04x}"),
        }
    }
}

impl<'a> Item<'a> {
    pub(super) const fn new(obis: Obis, register: Option<Register>, datum: Datum<'a>) -> Self {
        Item { obis, register, datum, unit: None }
    }

    pub(super) const fn absent(obis: Obis, register: Option<Register>) -> Self {
        Item::new(obis, register, Datum::Absent)
    }

    pub(super) const fn number(
        obis: Obis,
        register: Option<Register>,
        number: Decimal,
        unit: Option<Unit>,
    ) -> Self {
        Item { obis, register, datum: Datum::Number(number), unit }
    }

    /// A number in the unit of its register.
    pub(super) const fn measured(obis: Obis, register: Register, number: Decimal) -> Self {
        Item::number(obis, Some(register), number, Some(register.unit()))
    }
}
