//! Responses in Kamstrup's binary protocol: the meter's type, its number, registers.

use crate::simulator::state::MeterState;
use crate::wire::decimal::Decimal;
use crate::wire::encode::encode;
use crate::wire::kmp::{MOST, Request, Response, Value, Values};

/// What such a meter has.
pub struct Registers {
    /// Its number among Kamstrup's types.
    pub model: u16,
    /// Its registers.
    pub rows: &'static [Register],
}

/// One register.
pub struct Register {
    /// Its number.
    pub id: u16,
    /// Groups C, D and E of the OBIS code of its amount.
    pub code: [u8; 3],
    /// Kamstrup's number of its unit, and the power of ten in that unit.
    pub unit: (u8, i8),
    /// The power of ten of its number, in that unit.
    pub exponent: i8,
}

/// Software F1.
const SOFTWARE: [u8; 2] = [6, 1];
/// Bytes of a number.
const WIDTH: u8 = 4;

impl Registers {
    /// The response to a request; `None` to anything else.
    pub fn respond(&self, request: &[u8], state: &MeterState<'_>) -> Option<Vec<u8>> {
        let mut ids = [0; MOST];
        let values;
        let response = match Request::parse(request, &mut ids).ok()? {
            Request::Type => Response::Type { model: self.model, software: SOFTWARE },
            Request::Serial => Response::Serial(state.number()),
            Request::Registers(ids) => {
                values = self.values(ids, state);
                Response::Registers(Values::parse(&values).ok()?)
            }
        };
        Some(encode(|writer| response.emit(writer)))
    }

    /// In the order in which they were requested; registers that the meter does not have are omitted.
    fn values(&self, ids: &[u16], state: &MeterState<'_>) -> Vec<u8> {
        let values = ids.iter().filter_map(|id| {
            let row = self.rows.iter().find(|row| row.id == *id)?;
            row.value(state)
        });
        encode(|writer| {
            for value in values {
                let _fits = value.emit(writer);
            }
        })
    }
}

impl Register {
    fn value(&self, state: &MeterState<'_>) -> Option<Value> {
        let (unit, prefix) = self.unit;
        let number = state.amount(self.code)?.over(prefix + self.exponent);
        Some(Value { id: self.id, unit, width: WIDTH, number: Some(Decimal::new(number, self.exponent)) })
    }
}
