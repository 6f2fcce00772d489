//! Lists by position: the rows of their tables, and the values that match them.

use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::wire::clock::DateTime;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::value::{Elements, Sequence, Value};
use crate::wire::obis::Obis;

/// One row of a positional list.
#[derive(Clone, Copy)]
pub enum Column {
    /// A number, in the unit of its register.
    Number(Obis, Register, Form),
    /// Text in an octet-string or visible-string.
    Text(Obis),
    /// Date and time in twelve bytes.
    Clock(Obis),
    /// A value of the type of this one, and as long if that is a string that is not empty. It is not read, because its
    /// meaning is not known or another value has the same.
    Unread(&'static Value<'static>),
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// u32, or u64 on a meter connected to current transformers, times this power of ten.
    Long(i8),
    /// u16, times this power of ten.
    Short(i8),
    /// An enum: the number of a state.
    State,
}

/// The row of a number. The compiler finds its register; a code without one does not compile.
#[expect(clippy::panic, reason = "only ever evaluated by the compiler, for tables")]
pub(in crate::meter) const fn number(obis: Obis, form: Form) -> Column {
    match Register::of_code(obis) {
        Some(register) => Column::Number(obis, register, form),
        None => panic!("no such register"),
    }
}

/// The rows of the three phases, from the code of L1: group C of L2 is 20 above it, that of L3 40.
pub(in crate::meter) const fn phases(Obis([a, b, c, d, e, f]): Obis, form: Form) -> [Column; 3] {
    [
        number(Obis([a, b, c, d, e, f]), form),
        number(Obis([a, b, c + 20, d, e, f]), form),
        number(Obis([a, b, c + 40, d, e, f]), form),
    ]
}

/// The rows of a table that is made of runs of them, for the compiler; another count of rows does not compile.
pub(in crate::meter) const fn rows<const N: usize>(mut runs: &[&[Column]]) -> [Column; N] {
    let mut rows = [Column::Unread(&Value::Null); N];
    let mut count = 0;
    while let [run, others @ ..] = runs {
        let (slots, _) = rows.split_at_mut(count).1.split_at_mut(run.len());
        slots.copy_from_slice(run);
        count += run.len();
        runs = others;
    }
    assert!(count == N);
    rows
}

impl Column {
    /// The code of its value; `None` if the value is not read.
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

    /// The next value, if it is written like this.
    fn read(self, elements: &mut Elements<'_>) -> Option<Decimal> {
        let number = match self {
            Form::Long(_) => elements.register(),
            Form::Short(_) => elements.short(),
            Form::State => elements.state(),
        };
        Some(Decimal::new(number?, self.exponent()))
    }
}

/// The values of a positional list.
pub struct Items<'a> {
    /// Rows whose values were not read yet.
    columns: &'static [Column],
    elements: Elements<'a>,
}

impl<'a> Items<'a> {
    pub(super) fn new(columns: &'static [Column], body: &Value<'a>) -> Self {
        Items { columns, elements: body.sequence().unwrap_or(Sequence::EMPTY).iter() }
    }

    /// Passes each value on, up to the first that is of another type than its row.
    pub(super) fn each(mut self, mut take: impl FnMut(Item<'a>)) -> Self {
        while let Some((column, rest)) = self.columns.split_first()
            && self.read(column, &mut take).is_some()
        {
            self.columns = rest;
        }
        self
    }

    /// Passes on the value of a row; `None` if it is of another type.
    fn read(&mut self, column: &Column, take: &mut impl FnMut(Item<'a>)) -> Option<()> {
        match *column {
            Column::Number(obis, register, form) => {
                take(Item::measured(obis, register, form.read(&mut self.elements)?));
            }
            Column::Text(obis) => take(Item::new(obis, None, Datum::Text(self.elements.string()?))),
            Column::Clock(obis) => {
                take(Item::new(obis, None, Datum::Time(clock(self.elements.string()?)?)));
            }
            Column::Unread(example) => return is_like(example, &self.elements.next()?).then_some(()),
        }
        Some(())
    }

    /// Whether a value is of another type than its row, or there are more values than rows.
    pub(super) fn mismatch(&self) -> bool {
        !self.columns.is_empty() || self.elements.left() > 0
    }
}

/// Twelve bytes that are a date-time of this century or leave fields open (IEC 62056-6-2, 4.1.6.1), and nothing else that
/// is as long.
fn clock(bytes: &[u8]) -> Option<DateTime> {
    let clock: [u8; 12] = bytes.try_into().ok()?;
    let [year_high, year_low, month, day, weekday, hour, minute, second, hundredths, ..] = clock;
    let is_year = matches!(u16::from_be_bytes([year_high, year_low]), 2000..=2099 | 0xFFFF);
    let is_date = matches!(month, 1..=12 | 0xFD..) && matches!(day, 1..=31 | 0xFD..);
    let is_time = matches!(hour, 0..=23 | 0xFF) && matches!(minute, 0..=59 | 0xFF);
    let is_rest = matches!(second, 0..=59 | 0xFF) && matches!(hundredths, 0..=99 | 0xFF);
    let is_weekday = matches!(weekday, 0..=7 | 0xFF);
    (is_year && is_date && is_weekday && is_time && is_rest).then_some(DateTime(clock))
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
    fn a_clock_is_a_date_of_this_century_and_a_time_of_day() {
        const CLOCK: [u8; 12] = [0x07, 0xEA, 11, 30, 1, 21, 45, 59, 0, 0xFF, 0xC4, 0];
        assert!(clock(&CLOCK).is_some() && clock(&[0xFF; 12]).is_some());
        assert!(clock(b"ABC123456789").is_none() && clock(&CLOCK[..11]).is_none());
        assert!(clock(&[0; 12]).is_none() && clock(&[0x07; 12]).is_none());
        assert!(clock(&[0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B]).is_none());
        for (place, wrong) in
            [(0, 6), (1, 0xCF), (2, 0), (2, 13), (3, 32), (4, 8), (5, 24), (6, 60), (7, 60), (8, 100)]
        {
            let mut damaged = CLOCK;
            damaged[place] = wrong;
            assert!(clock(&damaged).is_none(), "{place}: {wrong}");
        }
    }

    #[test]
    fn unread_values_must_be_of_their_type() {
        let like = |example, value| is_like(&example, &value);
        assert!(like(Value::U32(0), Value::U32(9)) && !like(Value::U32(0), Value::I32(9)));
        assert!(like(Value::Octets(&[0; 4]), Value::Octets(&[1; 4])));
        assert!(!like(Value::Octets(&[0; 4]), Value::Octets(&[1; 5])));
        assert!(like(Value::Octets(&[]), Value::Octets(&[1; 5])), "of any length");
        assert!(!like(Value::Octets(&[]), Value::Text(&[])));
        assert!(like(Value::Array(Sequence::EMPTY), Value::Array(Sequence::EMPTY)));
    }
}
