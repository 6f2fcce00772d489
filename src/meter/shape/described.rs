//! Bare values whose codes are in front: DLMS lists that describe themselves.

use super::coded::text_or_time;
use crate::meter::family::Quantity;
use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::meter::scale::Sizes;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::value::{Described, Value};
use crate::wire::obis::Obis;

/// The values of a list that describes itself.
pub struct Items<'a> {
    elements: Option<Described<'a>>,
    sizes: Sizes,
}

impl<'a> Items<'a> {
    pub(super) fn new(body: &Value<'a>) -> Self {
        Items { elements: Described::of(body), sizes: Sizes::default() }
    }

    pub(super) fn each(mut self, mut take: impl FnMut(Item<'a>)) -> Self {
        for (descriptor, value) in self.elements.into_iter().flatten() {
            // Neither the code of an object nor its scaler.
            if descriptor.is_value() {
                let item = read(descriptor.obis, &value);
                let is_current =
                    item.register.is_some_and(|register| register.quantity() == Quantity::Current);
                self.sizes.has_long_signed |= matches!(value, Value::I64(_));
                self.sizes.has_wide_current |= is_current && !matches!(value, Value::U16(_) | Value::I16(_));
                take(item);
            }
        }
        self
    }

    /// Whether the list does not describe itself at all.
    pub(super) fn mismatch(&self) -> bool {
        self.elements.is_none()
    }

    pub(super) fn sizes(&self) -> Sizes {
        self.sizes
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
