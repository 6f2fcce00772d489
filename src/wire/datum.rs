//! One value of a list, as any protocol may send it.

use core::fmt;

use super::clock::DateTime;
use super::decimal::Decimal;

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
