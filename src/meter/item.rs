//! The values of a list, each with its code: what all protocols have in common.

use super::{Column, Form, List, Shape};
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

/// Walks a list.
pub struct Items<'a> {
    columns: &'static [Column],
    elements: Elements<'a>,
    first: bool,
}

impl<'a> Items<'a> {
    #[inline]
    pub(super) fn new(list: &'static List, body: &Value<'a>) -> Self {
        let columns = match list.shape {
            Shape::Columns(columns) => columns,
            Shape::Pairs(_) | Shape::Records => &[],
        };
        let elements = body.sequence().unwrap_or(Sequence::EMPTY).iter();
        Items { columns, elements, first: true }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        if let Some((column, rest)) = self.columns.split_first() {
            self.columns = rest;
            return Some(positional(column, &self.elements.next()?));
        }
        loop {
            let first = core::mem::take(&mut self.first);
            let element = self.elements.next()?;
            if let Some(obis) = code(&element) {
                return Some(coded(obis, &mut self.elements));
            }
            match element {
                Value::Structure(record) => return Some(recorded(record)),
                Value::Text(text) | Value::Octets(text) if first => {
                    return Some(Item { obis: TITLE, datum: Datum::Text(text), unit: None });
                }
                // The slots of a phase that is not there: Kamstrup sends null for its code and for its value.
                _ => {}
            }
        }
    }
}

#[inline]
fn positional<'a>(column: &Column, value: &Value<'a>) -> Item<'a> {
    let obis = column.obis;
    match column.form {
        Form::Number(unit, exponent) => Item { obis, datum: scaled(value, exponent), unit: Some(unit) },
        Form::Text | Form::Clock => Item { obis, datum: datum(obis, value), unit: None },
    }
}

fn recorded<'a>(record: Sequence<'a>) -> Item<'a> {
    let mut elements = record.iter();
    match elements.next().as_ref().and_then(code) {
        Some(obis) => coded(obis, &mut elements),
        None => Item { obis: Obis([0; 6]), datum: Datum::Absent, unit: None },
    }
}

/// Reads the value behind a code, and the scaler and unit behind the value if there are any.
#[inline]
fn coded<'a>(obis: Obis, elements: &mut Elements<'a>) -> Item<'a> {
    let value = elements.next().unwrap_or(Value::Null);
    let mut ahead = *elements;
    if let Some(Value::Structure(pair)) = ahead.next()
        && let Some((exponent, unit)) = scaler(pair)
    {
        *elements = ahead;
        return Item { obis, datum: scaled(&value, exponent), unit: Some(unit) };
    }
    Item { obis, datum: datum(obis, &value), unit: None }
}

/// scal_unit_type: a power of ten and a unit (Blue Book 4.3.2).
#[inline]
fn scaler(pair: Sequence<'_>) -> Option<(i8, Unit)> {
    let mut elements = pair.iter();
    match (elements.next()?, elements.next()?, elements.next()) {
        (Value::I8(exponent), Value::Enum(unit), None) => Some((exponent, Unit(unit))),
        _ => None,
    }
}

#[inline]
fn scaled<'a>(value: &Value<'a>, exponent: i8) -> Datum<'a> {
    value.integer().map_or(Datum::Absent, |mantissa| Datum::Number(Decimal::new(mantissa, exponent)))
}

#[inline]
fn datum<'a>(obis: Obis, value: &Value<'a>) -> Datum<'a> {
    match *value {
        Value::DateTime(clock) => Datum::Time(clock),
        _ => match value.string() {
            Some(octets) if is_clock(obis) => {
                octets.try_into().map_or(Datum::Absent, |octets| Datum::Time(DateTime(octets)))
            }
            Some(octets) => Datum::Text(octets),
            None => scaled(value, 0),
        },
    }
}

/// The clock object; Kamstrup has it on channel 1.
const fn is_clock(Obis([a, b, c, d, e, _]): Obis) -> bool {
    matches!([a, b, c, d, e], [0, 0 | 1, 1, 0, 0])
}

/// An OBIS code travels as an octet-string of six. Its last group is 255 in every list: a text of six octets is none.
#[inline]
pub(super) fn code(value: &Value<'_>) -> Option<Obis> {
    match value {
        Value::Octets(octets) => (*octets).try_into().ok().map(Obis),
        _ => None,
    }
}

/// Whether a list says what its values are: every number stands behind a code, and nothing but texts and empty slots
/// stands alone.
#[inline]
pub(super) fn are_coded(body: &Value<'_>) -> bool {
    let Some(sequence) = body.sequence() else { return false };
    let mut elements = sequence.iter();
    let mut any = false;
    while let Some(element) = elements.next() {
        match element {
            _ if code(&element).is_some() => {
                any = true;
                coded_value(&mut elements);
            }
            Value::Structure(record) => match record.iter().next().as_ref().and_then(code) {
                Some(_) => any = true,
                None => return false,
            },
            Value::Null | Value::Octets(_) | Value::Text(_) => {}
            _ => return false,
        }
    }
    any
}

#[inline]
fn coded_value(elements: &mut Elements<'_>) {
    elements.next();
    let mut ahead = *elements;
    if let Some(Value::Structure(pair)) = ahead.next()
        && scaler(pair).is_some()
    {
        *elements = ahead;
    }
}
