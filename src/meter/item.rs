//! A value of a list with its code: what all protocols have in common.

use core::ops::RangeInclusive;

use super::register::Register;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// No meter sends a larger power of ten, nor a smaller one: a heat meter's gigajoules are 10^9 J.
pub(super) const SCALERS: RangeInclusive<i8> = -9..=9;

/// One value of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<'a> {
    /// Its code.
    pub obis: Obis,
    /// The register that the code stands for, if it is published.
    pub register: Option<Register>,
    /// The value.
    pub datum: Datum<'a>,
    /// The unit of a number. `None`: the list does not send units, and the number is not scaled yet.
    pub unit: Option<Unit>,
}

impl<'a> Item<'a> {
    pub(super) const fn new(obis: Obis, register: Option<Register>, datum: Datum<'a>) -> Self {
        Item { obis, register, datum, unit: None }
    }

    pub(super) const fn absent(obis: Obis, register: Option<Register>) -> Self {
        Item::new(obis, register, Datum::Absent)
    }

    pub(super) const fn number(
        obis: Obis,
        register: Option<Register>,
        number: Decimal,
        unit: Option<Unit>,
    ) -> Self {
        Item { obis, register, datum: Datum::Number(number), unit }
    }

    /// A number with the scaler and unit that were sent with it. With a scaler that no meter sends, its unit is unknown.
    pub(super) fn scaled(
        obis: Obis,
        register: Option<Register>,
        number: Decimal,
        unit: Option<Unit>,
    ) -> Self {
        let is_sound = SCALERS.contains(&number.exponent());
        Item::number(obis, register, number, if is_sound { unit } else { Some(Unit::OTHER) })
    }

    /// A number in the unit of its register.
    pub(super) const fn measured(obis: Obis, register: Register, number: Decimal) -> Self {
        Item::number(obis, Some(register), number, Some(register.unit()))
    }
}
