//! Values under a manufacturer's own ids, in its own units.

use crate::meter::family::Quantity;
use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::wire::datum::{Datum, Name};
use crate::wire::decimal::Decimal;
use crate::wire::kmp::{Response, Value, Values};
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// What a manufacturer's id stands for.
pub struct Row {
    /// The id.
    pub id: u16,
    /// Its code.
    pub obis: Obis,
    /// Its register, if it is published.
    pub register: Option<Register>,
    /// The id of the same value in finer steps: where the meter sends both, only that one counts.
    pub finer: Option<u16>,
}

/// A manufacturer's unit in those of COSEM.
pub struct Measure {
    /// The manufacturer's number for it.
    pub number: u8,
    /// The unit of COSEM.
    pub unit: Unit,
    /// Its size in that unit: a whole number,
    pub factor: i64,
    /// times this power of ten.
    pub exponent: i8,
}

const MODEL: Obis = crate::obis!(0-0:96.1.7);
const METER_NUMBER: Obis = crate::obis!(0-0:96.1.0);

/// The values of a response.
pub struct Items<'a> {
    rows: &'static [Row],
    units: &'static [Measure],
    response: Response<'a>,
}

impl<'a> Items<'a> {
    pub(super) const fn new(rows: &'static [Row], units: &'static [Measure], response: Response<'a>) -> Self {
        Items { rows, units, response }
    }

    pub(super) fn each(self, mut take: impl FnMut(Item<'a>)) -> Self {
        match self.response {
            Response::Registers(values) => values.iter().for_each(|value| take(self.read(value, &values))),
            Response::Type { model, .. } => {
                take(Item::new(MODEL, None, Datum::Name(Name::Hexadecimal(model))))
            }
            Response::Serial(number) => {
                take(Item::new(METER_NUMBER, None, Datum::Name(Name::Decimal(number))))
            }
        }
        self
    }

    fn read(&self, value: Value, values: &Values<'a>) -> Item<'a> {
        let row = self.rows.iter().find(|row| row.id == value.id);
        let register = row.and_then(|row| row.register);
        let obis = row.map_or_else(|| private_code(value.id), |row| row.obis);
        let is_finer_elsewhere = row.and_then(|row| row.finer).is_some_and(|finer| contains(values, finer));
        let Some(number) = value.number.filter(|_| !is_finer_elsewhere) else {
            return Item::absent(obis, register);
        };
        match self.convert(value.unit, number, register) {
            Some((number, unit)) => Item::scaled(obis, register, number, Some(unit)),
            // A number of an unknown unit has no meaning.
            None => Item::number(obis, None, number, None),
        }
    }

    /// A number in a unit of COSEM; heat in joules, as its register counts it.
    fn convert(&self, unit: u8, number: Decimal, register: Option<Register>) -> Option<(Decimal, Unit)> {
        let measure = self.units.iter().find(|measure| measure.number == unit)?;
        let number = number.times(measure.factor)?.shifted(measure.exponent)?;
        match (measure.unit, register.map(Register::quantity)) {
            (Unit::WH, Some(Quantity::Heat)) => Some((number.times(3600)?, Unit::J)),
            (unit, _) => Some((number, unit)),
        }
    }
}

fn contains(values: &Values<'_>, id: u16) -> bool {
    values.iter().any(|value| value.id == id && value.number.is_some())
}

/// The code of an id that stands for no OBIS code: group A above 127 is the manufacturer's own (IEC 62056-61).
const fn private_code(id: u16) -> Obis {
    let [high, low] = id.to_be_bytes();
    Obis([128, 0, high, low, 0, 255])
}
