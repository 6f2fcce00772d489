//! The values of an answer in which a maker's own numbers say what they are.

use core::fmt::Write;

use super::item::{End, Take};
use super::kmp::UNITS;
use super::{List, Quantity, Register, Shape};
use crate::wire::decimal::Decimal;
use crate::wire::kmp::{Answer, Value, Values};
use crate::wire::obis::Obis;
use crate::wire::text::Text;
use crate::wire::unit::Unit;

/// What a maker's number stands for.
pub struct Row {
    /// The number.
    pub id: u16,
    /// What it is.
    pub obis: Obis,
    /// Its register, if it is one.
    pub register: Option<Register>,
    /// The number under which the same is said in finer steps: where it is sent too, this one says nothing more.
    pub finer: Option<u16>,
}

/// A maker's unit in those of COSEM.
pub struct Measure {
    /// Its number.
    pub unit: u8,
    /// The unit it is counted in.
    pub is: Unit,
    /// Its size in that unit: a whole number,
    pub factor: i64,
    /// times this power of ten.
    pub exponent: i8,
}

const MODEL: Obis = crate::obis!(0-0:96.1.7);
const ID: Obis = crate::obis!(0-0:96.1.0);

/// Walks an answer.
pub struct Items<'a> {
    rows: &'static [Row],
    answer: Option<Answer<'a>>,
    /// All the values of the answer.
    values: Option<Values<'a>>,
}

impl<'a> Items<'a> {
    pub(super) fn new(list: &'static List, answer: Answer<'a>) -> Self {
        let rows = match list.shape {
            Shape::Numbered(rows) => rows,
            _ => &[],
        };
        let values = match answer {
            Answer::Registers(values) => Some(values),
            _ => None,
        };
        Items { rows, answer: Some(answer), values }
    }

    /// Hands over the next item; returns whether there was one.
    pub(crate) fn step(&mut self, taker: &mut dyn Take<'a>) -> bool {
        let value = match &mut self.answer {
            Some(Answer::Registers(values)) => values.pop(),
            Some(Answer::Type { model, .. }) => {
                taker.name(MODEL, None, text(format_args!("{model:04x}")));
                return self.answer.take().is_some();
            }
            Some(Answer::Serial(number)) => {
                taker.name(ID, None, text(format_args!("{number}")));
                return self.answer.take().is_some();
            }
            None => None,
        };
        let Some(value) = value else { return false };
        self.take(value, taker);
        true
    }

    fn says(&self, id: u16) -> bool {
        let mut values = self.values.iter().flat_map(Values::iter);
        values.any(|value| value.id == id && value.number.is_some())
    }

    fn take(&self, value: Value, taker: &mut dyn Take<'a>) {
        let row = self.rows.iter().find(|row| row.id == value.id);
        let register = row.and_then(|row| row.register);
        let obis = row.map_or_else(|| own(value.id), |row| row.obis);
        if row.and_then(|row| row.finer).is_some_and(|finer| self.says(finer)) {
            return taker.absent(obis, register);
        }
        let Some(number) = value.number else { return taker.absent(obis, register) };
        match measured(value.unit, number, register) {
            Some((number, unit)) => taker.number(obis, register, number, Some(unit)),
            // Of a unit that is not known the number alone means nothing.
            None => taker.number(obis, None, number, None),
        }
    }
}

/// Hands over all items of an answer at once; each has its number.
#[cold]
pub(super) fn all<'a>(list: &'static List, answer: Answer<'a>, taker: &mut impl Take<'a>) -> End {
    let mut items = Items::new(list, answer);
    while items.step(taker) {}
    End::default()
}

/// A number in a unit of COSEM; heat in joules, as its register counts it.
fn measured(unit: u8, number: Decimal, register: Option<Register>) -> Option<(Decimal, Unit)> {
    let measure = UNITS.iter().find(|measure| measure.unit == unit)?;
    let number = number.times(measure.factor)?.shifted(measure.exponent)?;
    match (measure.is, register.map(Register::quantity)) {
        (Unit::WH, Some(Quantity::Heat)) => Some((number.times(3600)?, Unit::J)),
        (unit, _) => Some((number, unit)),
    }
}

/// The code of a number without one: A above 127 is a maker's own (IEC 62056-61).
const fn own(id: u16) -> Obis {
    let [high, low] = id.to_be_bytes();
    Obis([128, 0, high, low, 0, 255])
}

fn text(name: core::fmt::Arguments<'_>) -> Text<24> {
    let mut text = Text::EMPTY;
    // Ten digits at most.
    let _ = text.write_fmt(name);
    text
}
