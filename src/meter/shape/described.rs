//! Bare values whose codes are in front: DLMS lists that describe themselves.

use super::coded::{number, text_or_time};
use crate::meter::family::Quantity;
use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::meter::scale::Sizes;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::value::{Described, Descriptor, Scaling, Value};

/// The values of a list that describes itself.
pub struct Items<'a> {
    list: Option<Described<'a>>,
    sizes: Sizes,
}

impl<'a> Items<'a> {
    pub(super) fn new(body: &Value<'a>) -> Self {
        Items { list: Described::of(body), sizes: Sizes::default() }
    }

    pub(super) fn each(mut self, mut take: impl FnMut(Item<'a>)) -> Self {
        let Some(list) = self.list else { return self };
        for (descriptor, value) in list {
            // Neither the code of an object nor its scaler.
            if descriptor.is_value() {
                let item = read(list, &descriptor, &value);
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
        self.list.is_none()
    }

    pub(super) fn sizes(&self) -> Sizes {
        self.sizes
    }
}

fn read<'a>(list: Described<'a>, descriptor: &Descriptor, value: &Value<'a>) -> Item<'a> {
    let (obis, register) = (descriptor.obis, Register::find(descriptor.obis));
    let Some(number) = number(value, register) else {
        let datum = match (value.string(), value) {
            (Some(bytes), _) => text_or_time(obis, bytes),
            (_, Value::DateTime(clock)) => Datum::Time(*clock),
            _ => Datum::Absent,
        };
        return Item::new(obis, register, datum);
    };
    match list.scaling(descriptor) {
        Scaling::NotSent => Item::number(obis, register, Decimal::new(number, 0), None),
        Scaling::Sent(exponent, unit) => {
            Item::scaled(obis, register, Decimal::new(number, exponent), Some(unit))
        }
        // A number of an unknown size has no meaning.
        Scaling::Unclear => Item::number(obis, None, Decimal::new(number, 0), None),
    }
}
