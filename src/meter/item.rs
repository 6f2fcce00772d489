//! The values of a list, each with its code: what all protocols have in common.

use super::{List, Register, cells, cosem, numbered, sml, telegram};
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::text::Text;
use crate::wire::unit::Unit;

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
    /// A text, or bytes that may be one.
    Text(&'a [u8]),
    /// A name that is spelled otherwise than in letters.
    Name(Text<24>),
    /// Date and time.
    Time(DateTime),
    /// The code is there and its value is not, or is of a type that is no reading.
    Absent,
}

/// Walks a list.
pub enum Items<'a> {
    /// A list of DLMS.
    Cosem(cosem::Items<'a>),
    /// A list of SML.
    Sml(sml::Items<'a>),
    /// An ASCII telegram.
    Telegram(telegram::Items<'a>),
    /// A block of bytes with values at fixed places.
    Cells(cells::Items<'a>),
    /// Values under a maker's own numbers.
    Numbered(numbered::Items<'a>),
    /// Nothing: the message is not of this list's kind.
    None,
}

impl<'a> Items<'a> {
    #[inline]
    pub(super) fn new(list: &'static List, message: &Message<'a>) -> Self {
        match message {
            Message::Notification(notification) => Items::Cosem(cosem::Items::new(list, &notification.body)),
            Message::Telegram(telegram) => Items::Telegram(telegram::Items::new(list, telegram)),
            Message::Sml(list) => Items::Sml(sml::Items::new(list)),
            Message::Kmp382(answer) => Items::Cells(cells::Items::new(list, answer.data)),
            Message::Kmp(answer) => Items::Numbered(numbered::Items::new(list, *answer)),
        }
    }

    /// Whether something stood where it has no place. Then it is another list, whatever it seemed to say so far.
    pub fn strange(&self) -> bool {
        match self {
            Items::Cosem(items) => items.strange(),
            // A telegram names each of its values, and so does SML.
            Items::Telegram(_) | Items::Sml(_) => false,
            // What parsed as an answer of the right length has everything in its place.
            Items::Cells(_) | Items::Numbered(_) => false,
            Items::None => true,
        }
    }

    /// Hands over the next item; returns whether there was one.
    fn step(&mut self, taker: &mut dyn Take<'a>) -> bool {
        match self {
            Items::Cosem(items) => items.step(taker),
            Items::Telegram(items) => items.step(taker),
            Items::Sml(items) => items.step(taker),
            Items::Cells(items) => items.step(taker),
            Items::Numbered(items) => items.step(taker),
            Items::None => false,
        }
    }
}

/// Hands over all items of a list at once.
#[inline]
pub(super) fn all<'a>(list: &'static List, message: &Message<'a>, taker: &mut impl Take<'a>) -> End {
    match message {
        Message::Notification(notification) => cosem::all(list, &notification.body, taker),
        Message::Telegram(telegram) => telegram::all(list, telegram, taker),
        Message::Sml(list) => sml::all(list, taker),
        Message::Kmp382(answer) => cells::all(list, answer.data, taker),
        Message::Kmp(answer) => numbered::all(list, *answer, taker),
    }
}

/// What is known when all items were handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct End {
    /// Something stood where it has no place.
    pub strange: bool,
    /// A number came as a signed one of eight bytes.
    pub long_signed: bool,
}

/// Takes items as they are read. Each kind of datum has its own door: what is known when a value is read need not be
/// packed into an [`Item`] and found out again.
pub(crate) trait Take<'a> {
    /// [`Datum::Number`].
    fn number(&mut self, obis: Obis, register: Option<Register>, number: Decimal, unit: Option<Unit>);
    /// [`Datum::Number`] in the unit of its register.
    fn known(&mut self, obis: Obis, register: Register, number: Decimal);
    /// [`Datum::Text`].
    fn text(&mut self, obis: Obis, register: Option<Register>, text: &'a [u8]);
    /// [`Datum::Name`].
    fn name(&mut self, obis: Obis, register: Option<Register>, name: Text<24>);
    /// [`Datum::Time`].
    fn time(&mut self, obis: Obis, register: Option<Register>, time: DateTime);
    /// [`Datum::Absent`].
    fn absent(&mut self, obis: Obis, register: Option<Register>);
}

impl<'a> Take<'a> for Option<Item<'a>> {
    fn number(&mut self, obis: Obis, register: Option<Register>, number: Decimal, unit: Option<Unit>) {
        *self = Some(Item { obis, register, datum: Datum::Number(number), unit });
    }

    fn known(&mut self, obis: Obis, register: Register, number: Decimal) {
        self.number(obis, Some(register), number, Some(register.quantity().unit()));
    }

    fn text(&mut self, obis: Obis, register: Option<Register>, text: &'a [u8]) {
        *self = Some(Item { obis, register, datum: Datum::Text(text), unit: None });
    }

    fn name(&mut self, obis: Obis, register: Option<Register>, name: Text<24>) {
        *self = Some(Item { obis, register, datum: Datum::Name(name), unit: None });
    }

    fn time(&mut self, obis: Obis, register: Option<Register>, time: DateTime) {
        *self = Some(Item { obis, register, datum: Datum::Time(time), unit: None });
    }

    fn absent(&mut self, obis: Obis, register: Option<Register>) {
        *self = Some(Item { obis, register, datum: Datum::Absent, unit: None });
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let mut item = None;
        self.step(&mut item);
        item
    }
}
