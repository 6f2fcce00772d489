//! What a breakdown learns from the layers above: names of codes, and what became of a message's values.

use alloc::string::String;
use alloc::vec::Vec;

pub use super::datum::Datum;
use super::decimal::Decimal;
use super::message::Message;
use super::obis::Obis;
use super::unit::Unit;

/// Looks up what codes and messages mean. The protocols know their bytes only.
pub trait Meanings {
    /// The name of a code, such as "voltage L1"; empty if unknown.
    fn name(&self, code: Obis) -> String;

    /// Whether the value of a code becomes a metric.
    fn is_register(&self, code: Obis) -> bool;

    /// The manufacturer with these three letters.
    fn manufacturer(&self, letters: &[u8]) -> Option<&'static str>;

    /// The identification of a device as it is printed on its type plate.
    fn device(&self, identification: &[u8]) -> String;

    /// The serial number in the identification of a device, if it contains one as its last four bytes.
    fn device_number(&self, identification: &[u8]) -> Option<u32>;

    /// Where the values are in a message that does not contain their codes.
    fn layout(&self, message: &Message<'_>) -> Layout;

    /// The values of a message in the order sent; empty if it is not a known list.
    fn values<'a>(&self, message: &Message<'a>) -> Vec<Meaning<'a>>;

    /// What became of the values of a message; `None` if it gives no reading.
    fn outcome(&self, message: &Message<'_>) -> Option<Reading>;
}

/// Where the values of a message are, as far as its manufacturer's table says it.
pub enum Layout {
    /// The message itself contains the codes.
    Codes,
    /// By position.
    Positions(Vec<Position>),
    /// The first element describes the others.
    Described,
    /// At fixed places of a block.
    Block(Vec<Cell>),
    /// By the manufacturer's own numbers, those of the table.
    Numbers(Vec<u16>),
}

/// A value known by its position.
#[derive(Debug, Clone, Copy)]
pub struct Position {
    /// Its code.
    pub code: Option<Obis>,
    /// The power of ten and unit of its number.
    pub scale: Option<(i8, Unit)>,
}

/// A value at a fixed place.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// Bytes before it.
    pub at: usize,
    /// Its bytes.
    pub width: usize,
    /// Whether it is a number that names the meter or its user.
    pub names: Option<ByteOrder>,
}

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// The highest.
    Big,
    /// The lowest.
    Little,
}

/// One value of a message.
#[derive(Debug, Clone)]
pub struct Meaning<'a> {
    /// Its code.
    pub code: Obis,
    /// The name of its register; `None` if it has none.
    pub register: Option<String>,
    /// The value.
    pub datum: Datum<'a>,
    /// The unit of a number.
    pub unit: Option<Unit>,
    /// What its number stands for.
    pub kind: Kind,
}

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A quantity.
    Quantity,
    /// Seconds since 1970 at which another value was measured.
    Timestamp,
    /// A state of this name.
    State(&'static str),
    /// A number in a unit that its register does not have: it is omitted.
    OtherUnit,
}

/// What became of the values of a message.
pub struct Reading {
    /// What became of each code, in the order sent.
    pub fates: Vec<(Obis, Fate)>,
}

/// What became of a value.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It has no register.
    Unknown,
    /// It is the value of its register.
    Read(Decimal, Unit),
    /// It is the value of another register than its code's, of this name.
    ReadAs(String, Decimal, Unit),
    /// It is omitted although it has a register.
    Omitted,
}

impl Reading {
    /// What became of the values of a code.
    pub fn of(&self, code: Obis) -> impl Iterator<Item = &Fate> {
        self.fates.iter().filter(move |(of, _)| *of == code).map(|(_, fate)| fate)
    }

    /// Whether a code has a register and its value was not read.
    pub fn omits(&self, code: Obis, meanings: &dyn Meanings) -> bool {
        let mut fates = self.of(code).peekable();
        match fates.peek() {
            None => meanings.is_register(code),
            Some(_) => fates.all(|fate| matches!(fate, Fate::Omitted)),
        }
    }
}
