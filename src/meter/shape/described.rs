//! Bare values whose codes are in front: DLMS lists that describe themselves.

use super::coded::text_or_time;
use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::value::{Described, Value};
use crate::wire::obis::Obis;

/// The values of a list that describes itself.
pub struct Items<'a> {
    elements: Option<Described<'a>>,
    has_long_signed: bool,
}

impl<'a> Items<'a> {
    pub(super) fn new(body: &Value<'a>) -> Self {
        Items { elements: Described::of(body), has_long_signed: false }
    }

    pub(super) fn each(mut self, mut take: impl FnMut(Item<'a>)) -> Self {
        for (descriptor, value) in self.elements.into_iter().flatten() {
            // Neither the code of an object nor its scaler.
            if descriptor.is_value() {
                self.has_long_signed |= matches!(value, Value::I64(_));
                take(read(descriptor.obis, &value));
            }
        }
        self
    }

    /// Whether the list does not describe itself at all.
    pub(super) fn mismatch(&self) -> bool {
        self.elements.is_none()
    }

    pub(super) fn has_long_signed(&self) -> bool {
        self.has_long_signed
    }
}

fn read<'a>(obis: Obis, value: &Value<'a>) -> Item<'a> {
    let datum = match (value.string(), value.integer(), value) {
        (Some(bytes), ..) => text_or_time(obis, bytes),
        (_, Some(number), _) => Datum::Number(Decimal::new(number, 0)),
        (.., Value::DateTime(clock)) => Datum::Time(*clock),
        _ => Datum::Absent,
    };
    Item::new(obis, Register::find(obis), datum)
}
