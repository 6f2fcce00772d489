//! The values of a list, each with its code: what all protocols have in common.

use super::{Column, Form, List, Register, Shape};
use crate::obis;
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;
use crate::wire::value::{Elements, Sequence, Value};

/// One value and what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<'a> {
    /// Its code.
    pub obis: Obis,
    /// What the code means to us, if anything.
    pub register: Option<Register>,
    /// The value.
    pub datum: Datum<'a>,
    /// The unit of a number; `None` if the list does not say, and then it has not been scaled either.
    pub unit: Option<Unit>,
}

/// A value as any protocol may send it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Datum<'a> {
    /// A number with all its digits.
    Number(Decimal),
    /// A text, or octets that may be one.
    Text(&'a [u8]),
    /// Date and time.
    Time(DateTime),
    /// The code is there and its value is not, or is of a type that is no reading.
    Absent,
}

/// What a bare text in front of a list is: its title (OBIS list version identifier).
const TITLE: Obis = obis!(1-0:0.2.129);

/// What a bare date-time in front of a list is (Kaifa and Sagemcom in Austria).
const CLOCK: Obis = obis!(0-0:1.0.0);

/// Walks a list.
pub struct Items<'a> {
    columns: &'static [Column],
    elements: Elements<'a>,
    first: bool,
    strange: bool,
}

impl<'a> Items<'a> {
    #[inline]
    pub(super) fn new(list: &'static List, body: &Value<'a>) -> Self {
        let columns = match list.shape {
            Shape::Columns(columns) => columns,
            Shape::Pairs(_) | Shape::Records => &[],
        };
        let elements = body.sequence().unwrap_or(Sequence::EMPTY).iter();
        Items { columns, elements, first: true, strange: false }
    }

    /// Whether something stood where it has no place: a value of another type than its row's, a number without a code.
    /// Then it is another list, whatever it seemed to say so far.
    pub fn strange(&self) -> bool {
        self.strange
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        if let Some((column, rest)) = self.columns.split_first() {
            self.columns = rest;
            let item = positional(column, &mut self.elements);
            self.strange |= item.is_none();
            return item;
        }
        loop {
            let first = core::mem::take(&mut self.first);
            self.elements.enter_record();
            if let Some(obis) = self.elements.code() {
                return Some(coded(obis, &mut self.elements));
            }
            match self.elements.next()? {
                Value::Text(text) | Value::Octets(text) if first => return Some(in_front(text)),
                // Null: the slots of a phase that is not there, Kamstrup's code and value both. Text: some number of
                // the meter that no code names.
                Value::Null | Value::Text(_) | Value::Octets(_) => {}
                _ => self.strange = true,
            }
        }
    }
}

/// What stands alone in front of a list. The year of a date-time begins with an octet that no title begins with.
fn in_front(octets: &[u8]) -> Item<'_> {
    let (obis, datum) = match <[u8; 12]>::try_from(octets) {
        Ok(clock @ [0..0x20, ..]) => (CLOCK, Datum::Time(DateTime(clock))),
        _ => (TITLE, Datum::Text(octets)),
    };
    Item { obis, register: None, datum, unit: None }
}

/// Takes the value of a row, if it is of the row's type.
#[inline]
fn positional<'a>(column: &Column, elements: &mut Elements<'a>) -> Option<Item<'a>> {
    let (datum, unit) = match column.form {
        Form::Number(quantity, exponent) => {
            (Datum::Number(Decimal::new(elements.register()?, exponent)), Some(quantity.unit()))
        }
        Form::Text => (Datum::Text(elements.next()?.string()?), None),
        Form::Clock => (Datum::Time(DateTime(elements.next()?.string()?.try_into().ok()?)), None),
    };
    Some(Item { obis: column.obis, register: column.register, datum, unit })
}

/// Takes the value behind a code, and the scaler and unit behind the value if there are any.
#[inline(always)]
fn coded<'a>(obis: Obis, elements: &mut Elements<'a>) -> Item<'a> {
    let register = Register::find(obis);
    let datum = match elements.number() {
        Some(number) => Datum::Number(Decimal::new(number, 0)),
        None => elements.next().map_or(Datum::Absent, |value| datum(obis, &value)),
    };
    match (elements.scaler(), datum) {
        (Some((exponent, unit)), Datum::Number(number)) => Item {
            obis,
            register,
            datum: Datum::Number(Decimal::new(number.mantissa(), exponent)),
            unit: Some(unit),
        },
        (_, datum) => Item { obis, register, datum, unit: None },
    }
}

fn datum<'a>(obis: Obis, value: &Value<'a>) -> Datum<'a> {
    match (*value, value.string(), value.integer()) {
        (Value::DateTime(clock), ..) => Datum::Time(clock),
        (_, Some(octets), _) if is_clock(obis) => {
            octets.try_into().map_or(Datum::Absent, |octets| Datum::Time(DateTime(octets)))
        }
        (_, Some(octets), _) => Datum::Text(octets),
        (_, _, Some(number)) => Datum::Number(Decimal::new(number, 0)),
        _ => Datum::Absent,
    }
}

/// The clock object; Kamstrup has it on channel 1.
const fn is_clock(Obis([a, b, c, d, e, _]): Obis) -> bool {
    matches!([a, b, c, d, e], [0, 0 | 1, 1, 0, 0])
}
