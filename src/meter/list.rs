//! A list: one layout in which meters send their values, as a row of data.

use super::scale::Scale;
use super::shape::Shape;
use super::signature::Signature;
use crate::wire::clock::Zone;

/// A layout in which meters send their values, and what such a meter does differently from others.
pub struct List {
    /// Its name, for people.
    pub name: &'static str,
    /// The manufacturer; empty if any may send it.
    pub manufacturer: &'static str,
    /// What it is recognised by, beside its shape.
    pub signature: Signature,
    /// How the values are arranged.
    pub shape: Shape,
    /// What the meter's clock shows.
    pub zone: Zone,
    /// How the model of a three-wire meter (IT net) begins: there 0 V on L2 means "not measured". "" matches a meter
    /// that sends no model.
    pub three_wire: &'static [&'static str],
    /// Whether a setting of the meter that it does not send scales its energy: only for such a list does the option
    /// `--kamstrup-energy` apply.
    pub has_energy_setting: bool,
}

impl List {
    /// Self-describing records of any manufacturer, whose clock is taken at its word. Other lists change what differs.
    pub(super) const GENERAL: List = List {
        name: "self-describing records",
        manufacturer: "",
        signature: Signature::Shape,
        shape: Shape::Records,
        zone: Zone::Sent,
        three_wire: &[],
        has_energy_setting: false,
    };

    /// Whether a number may come without a scaler and unit of its own.
    pub fn may_omit_scalers(&self) -> bool {
        matches!(self.shape, Shape::Pairs(_) | Shape::Described(_) | Shape::Records)
    }

    /// Whether one message has all that a meter sends: a telegram or an SML file. Other meters send several lists.
    pub fn is_all_that_is_sent(&self) -> bool {
        matches!(self.shape, Shape::Telegram(_) | Shape::Sml { .. })
    }

    /// The rules that scale its numbers, where the list itself does not send scalers.
    pub fn scales(&self) -> &'static [Scale] {
        match self.shape {
            Shape::Pairs(scales) | Shape::Described(scales) => scales,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::meter::LISTS;

    #[test]
    fn only_a_telegram_or_an_sml_file_has_all_that_a_meter_sends() {
        for (name, is_all) in
            [("P1 telegram", true), ("SML", true), ("AIDON_V0001", false), ("Kamstrup KMP registers", false)]
        {
            let list = LISTS.iter().find(|list| list.name == name).expect("a list");
            assert_eq!(list.is_all_that_is_sent(), is_all, "{name}");
        }
    }
}
