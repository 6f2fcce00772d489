//! Lists of SML in the form of each manufacturer: their entries and the size of numbers.

use super::household::MOUNTED;
use super::row::Row;
use super::state::MeterState;
use crate::meter::Register;
use crate::reading::Content;
use crate::wire::deframer::LONGEST;
use crate::wire::encode::encode;
use crate::wire::obis::Obis;
use crate::wire::sml::{Entry, Integer, Push, Sequence, Value};
use crate::wire::unit::Unit;

/// How a manufacturer's meters use SML.
pub struct Dialect {
    /// The manufacturer's three letters.
    pub manufacturer: [u8; 3],
    /// The manufacturer's own block of numbers.
    pub block: u8,
    /// The entries of its list, in order.
    pub rows: &'static [Row<Cell>],
}

/// The value of an entry.
#[derive(Clone, Copy)]
pub enum Cell {
    /// The manufacturer's letters.
    Manufacturer,
    /// The meter's identification.
    Server,
    /// A measured number: its type and its power of ten.
    Number(Size, i8),
}

/// The type of a number.
#[derive(Clone, Copy)]
pub enum Size {
    /// Signed, of this many bytes.
    Signed(usize),
    /// Unsigned, of this many bytes.
    Unsigned(usize),
}

/// What an entry borrows while it is written.
struct Number {
    bytes: [u8; 8],
    unit: [u8; 1],
    scaler: [u8; 1],
}

impl Dialect {
    /// The SML file on the line. `counter` rises with every file.
    pub fn file(&self, state: &MeterState<'_>, counter: u32) -> Vec<u8> {
        let server = self.server(state);
        let rows = Row::singles(self.rows, Content::Energy);
        let rows: Vec<_> = rows.map(|(obis, cell)| (obis, cell, number(obis, cell, state))).collect();
        let entries = rows.iter().filter_map(|(Obis(name), cell, number)| match cell {
            Cell::Manufacturer => Some(Entry::new(name, Value::Octets(&self.manufacturer))),
            Cell::Server => Some(Entry::new(name, Value::Octets(&server))),
            Cell::Number(size, _) => Some(number.as_ref()?.entry(name, *size)),
        });
        let entries: Vec<_> = entries.collect();
        let time = seconds_of_operation(state.sent);
        let time = Sequence::parse(2, &time).map_or(Value::ABSENT, Value::List);
        let push = Push { transaction: counter.wrapping_mul(3), server: &server, time, entries: &entries };
        let mut scratch = vec![0; LONGEST];
        encode(|writer| push.emit(&mut scratch, writer).expect("room for any list"))
    }

    /// The identification of DIN 43863-5: electricity, manufacturer, block, number.
    fn server(&self, state: &MeterState<'_>) -> [u8; 10] {
        let [a, b, c, d] = state.number().to_be_bytes();
        let [first, second, third] = self.manufacturer;
        [0x0A, 1, first, second, third, self.block, a, b, c, d]
    }
}

impl Number {
    fn entry<'a>(&'a self, name: &'a [u8], size: Size) -> Entry<'a> {
        let (Size::Signed(length) | Size::Unsigned(length)) = size;
        let bytes = &self.bytes[self.bytes.len() - length..];
        let signed = matches!(size, Size::Signed(_));
        Entry {
            unit: Value::Integer(Integer { signed: false, bytes: &self.unit }),
            scaler: Value::Integer(Integer { signed: true, bytes: &self.scaler }),
            ..Entry::new(name, Value::Integer(Integer { signed, bytes }))
        }
    }
}

fn number(obis: Obis, cell: Cell, state: &MeterState<'_>) -> Option<Number> {
    let (Cell::Number(_, exponent), Obis([_, _, c, d, e, _])) = (cell, obis) else { return None };
    let number = state.amount([c, d, e])?.over(exponent);
    // Signed power is not a register: it is published as imported and exported power.
    let Unit(unit) = Register::find(obis).map_or(Unit::W, |register| register.quantity().unit());
    Some(Number { bytes: number.to_be_bytes(), unit: [unit], scaler: exponent.to_be_bytes() })
}

/// Seconds that the meter has been in operation: the date of its list.
fn seconds_of_operation(sent: i64) -> [u8; 7] {
    let [a, b, c, d] = ((sent - MOUNTED / 1000).max(0) as u32).to_be_bytes();
    [0x62, 0x01, 0x65, a, b, c, d]
}
