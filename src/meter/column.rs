//! Lists by position: the rows that makers' tables are written in, and how they are read.

use core::slice;

use super::Register;
use super::item::Take;
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::value::{Elements, Sequence, Value};
use crate::wire::obis::Obis;

/// One row of a positional list.
pub enum Column {
    /// A number, in the unit of its register.
    Number(Obis, Register, Form),
    /// Text in an octet-string or visible-string.
    Text(Obis),
    /// Twelve bytes of date and time.
    Clock(Obis),
    /// A value of the type of this one, and as long if that is a string that is not empty. It is not read: what it
    /// means is not known, or is said elsewhere.
    Unread(&'static Value<'static>),
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// u32, or u64 on a meter behind current transformers, times this power of ten.
    Long(i8),
    /// u16, times this power of ten.
    Short(i8),
    /// An enum: the number of a state.
    State,
}

/// The row of a number. Its register is found by the compiler; one that is not in the table does not compile.
#[expect(clippy::panic, reason = "only ever evaluated by the compiler, for tables")]
pub(super) const fn number(obis: Obis, form: Form) -> Column {
    match Register::known(obis) {
        Some(register) => Column::Number(obis, register, form),
        None => panic!("no such register"),
    }
}

impl Column {
    /// What it is, if that is known.
    pub const fn obis(&self) -> Option<Obis> {
        match *self {
            Column::Number(obis, ..) | Column::Text(obis) | Column::Clock(obis) => Some(obis),
            Column::Unread(_) => None,
        }
    }
}

impl Form {
    /// The power of ten.
    pub const fn exponent(self) -> i8 {
        match self {
            Form::Long(exponent) | Form::Short(exponent) => exponent,
            Form::State => 0,
        }
    }
}

/// Walks a list by the rows of its table.
pub struct Rows<'a> {
    columns: slice::Iter<'static, Column>,
    elements: Elements<'a>,
    strange: bool,
}

impl<'a> Rows<'a> {
    #[inline]
    pub(super) fn new(columns: &'static [Column], body: &Value<'a>) -> Self {
        let elements = body.sequence().unwrap_or(Sequence::EMPTY).iter();
        Rows { columns: columns.iter(), elements, strange: false }
    }

    /// Whether a value is of another type than its row, or there are more values than rows.
    pub(super) fn strange(&self) -> bool {
        self.strange || (self.columns.len() == 0 && self.elements.left() > 0)
    }

    #[inline]
    pub(super) fn step(&mut self, taker: &mut (impl Take<'a> + ?Sized)) -> bool {
        for column in self.columns.by_ref() {
            match column.take(&mut self.elements, taker) {
                Some(true) => return true,
                Some(false) => {}
                None => {
                    self.strange = true;
                    break;
                }
            }
        }
        false
    }
}

impl Column {
    /// Takes the value that stands here, if it is of the right type; returns whether it is one that is read.
    #[inline]
    fn take<'a>(&self, elements: &mut Elements<'a>, taker: &mut (impl Take<'a> + ?Sized)) -> Option<bool> {
        match self {
            Column::Number(obis, register, form) => {
                let number = match form {
                    Form::Long(exponent) => Decimal::new(elements.register()?, *exponent),
                    Form::Short(exponent) => Decimal::new(elements.short()?, *exponent),
                    Form::State => Decimal::new(elements.state()?, 0),
                };
                taker.known(*obis, *register, number);
            }
            Column::Text(obis) => taker.text(*obis, None, elements.string()?),
            Column::Clock(obis) => taker.time(*obis, None, DateTime(elements.string()?.try_into().ok()?)),
            Column::Unread(example) => return is_like(example, &elements.next()?).then_some(false),
        }
        Some(true)
    }
}

/// Whether a value is of the type of an example, and as long if that is a string that is not empty.
fn is_like(example: &Value<'_>, value: &Value<'_>) -> bool {
    let same_type = core::mem::discriminant(example) == core::mem::discriminant(value);
    let same_length = match (example.string(), value.string()) {
        (Some(example), Some(string)) => example.is_empty() || example.len() == string.len(),
        _ => true,
    };
    same_type && same_length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_must_be_of_its_type_all_the_same() {
        let like = |example, value| is_like(&example, &value);
        assert!(like(Value::U32(0), Value::U32(9)) && !like(Value::U32(0), Value::I32(9)));
        assert!(like(Value::Octets(&[0; 4]), Value::Octets(&[1; 4])));
        assert!(!like(Value::Octets(&[0; 4]), Value::Octets(&[1; 5])));
        assert!(like(Value::Octets(&[]), Value::Octets(&[1; 5])), "of any length");
        assert!(!like(Value::Octets(&[]), Value::Text(&[])));
        assert!(like(Value::Array(Sequence::EMPTY), Value::Array(Sequence::EMPTY)));
    }
}
