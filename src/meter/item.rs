//! A value of a list with its code: what all protocols have in common.

use super::register::Register;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

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

    /// A number in the unit of its register.
    pub(super) const fn measured(obis: Obis, register: Register, number: Decimal) -> Self {
        Item::number(obis, Some(register), number, Some(register.unit()))
    }
}
