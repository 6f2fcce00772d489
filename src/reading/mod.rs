//! The values of one message, in exact numbers.

mod identity;
mod set;

use core::fmt::Write;

use crate::meter::{
    COUNT, Datum, ENERGIES, Exponents, Item, List, Register, Shape, Signature, Sizes, Unscaled,
};
use crate::obis;
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;
pub use identity::Identity;
use set::{COUNTERS, Set, VOLTAGES_AND_CURRENTS};

/// What the user of a meter knows better than its frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// Power of ten of a watt-hour in lists that send no scaler: 0 or 1.
    pub energy_exponent: Option<i8>,
}

/// How much a list contains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Content {
    /// Power alone.
    #[default]
    Power,
    /// Power, voltage, current, identity.
    Status,
    /// Counters too.
    Energy,
}

impl Content {
    /// All of them, in order.
    pub const ALL: [Content; 3] = [Content::Power, Content::Status, Content::Energy];

    /// The value of the label `list`.
    pub const fn name(self) -> &'static str {
        match self {
            Content::Power => "power",
            Content::Status => "status",
            Content::Energy => "energy",
        }
    }
}

/// The values of one message.
#[derive(Clone)]
pub struct Reading {
    /// Which meter sent it.
    pub identity: Identity,
    /// How much it contains.
    pub content: Content,
    /// The meter's clock: that of the list, otherwise that of the message.
    pub clock: Option<DateTime>,
    /// Whether the clock is in the list itself, so that it belongs to the counters.
    pub clock_in_list: bool,
    /// Count of numbers that have no metric.
    pub unknown: u32,
    values: [Decimal; COUNT],
    present: Set,
    /// Registers whose numbers came without a scaler.
    unscaled: Set,
    /// Registers whose numbers have an unknown scale.
    withheld: Set,
    sizes: Sizes,
    is_telegram: bool,
}

/// The result of reading a message as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// It is that list and contains something known.
    Known,
    /// It is that list and contains nothing known.
    Unknown,
    /// It is another list.
    Mismatch,
}

impl Default for Reading {
    fn default() -> Self {
        Reading {
            identity: Identity::default(),
            content: Content::default(),
            clock: None,
            clock_in_list: false,
            unknown: 0,
            values: [Decimal::default(); COUNT],
            present: Set::default(),
            unscaled: Set::default(),
            withheld: Set::default(),
            sizes: Sizes::default(),
            is_telegram: false,
        }
    }
}

/// A number that Kamstrup's push 1 sends in place of an id.
const METER_NUMBER: Obis = obis!(1-1:0.0.1);
const VOLTAGE_L2: Register = Register::electricity([52, 7, 0]);

impl Reading {
    /// Reads a message as the list that it may be.
    pub fn read(&mut self, list: &'static List, message: &Message<'_>, settings: Settings) -> Read {
        self.clear();
        if let Message::Telegram(telegram) = message {
            self.is_telegram = true;
            self.identity.take_ident(telegram);
        }
        let items = list.items(message).each(|item| self.take(item));
        if items.mismatch() {
            return Read::Mismatch;
        }
        if list.signature.names_manufacturer() {
            self.identity.manufacturer = list.manufacturer;
        }
        if list.may_omit_scalers() && self.unscaled != Set::default() {
            self.sizes = items.sizes();
            self.scale(list, settings.energy_exponent.filter(|_| list.has_energy_setting));
        }
        self.drop_unmeasured(list);
        if self.clock.is_none() {
            self.clock = message.stamp();
        }
        if self.present == Set::default() {
            return self.judge_without_values(list);
        }
        self.content = self.judge_content();
        Read::Known
    }

    /// The value of a register, in the unit in which meters send it.
    pub fn value(&self, register: Register) -> Option<Decimal> {
        self.values.get(register.index()).copied().filter(|_| self.present.has(register))
    }

    /// Every register that has a value, in the order of the table.
    pub fn registers(&self) -> impl Iterator<Item = (Register, Decimal)> {
        self.present.iter().filter_map(|register| Some((register, *self.values.get(register.index())?)))
    }

    /// Every register whose number was sent but has no value, because its scale is unknown.
    pub fn withheld(&self) -> impl Iterator<Item = Register> {
        self.withheld.iter()
    }

    /// Everything but the values, which count only while their registers are present.
    fn clear(&mut self) {
        self.identity = Identity::default();
        self.content = Content::Power;
        self.clock = None;
        self.clock_in_list = false;
        self.unknown = 0;
        self.present = Set::default();
        self.unscaled = Set::default();
        self.withheld = Set::default();
        self.sizes = Sizes::default();
        self.is_telegram = false;
    }

    fn take(&mut self, item: Item<'_>) {
        match item.datum {
            Datum::Number(number) => match item.register {
                Some(register) => self.take_number(register, number, item.unit),
                None => self.take_unknown(item.obis, number),
            },
            Datum::Text(text) if self.is_telegram => self.identity.take_telegram_text(item.obis, text),
            Datum::Text(text) => self.identity.take_text(item.obis, text),
            Datum::Name(name) => self.identity.take_name(item.obis, name),
            Datum::Time(clock) => {
                let Obis([medium, ..]) = item.obis;
                if medium == 0 {
                    self.clock = Some(clock);
                    self.clock_in_list = true;
                }
            }
            Datum::Absent => {}
        }
    }

    fn take_number(&mut self, register: Register, number: Decimal, unit: Option<Unit>) {
        // A unit that is not the register's own means another quantity under its code.
        let is_other = unit.is_some_and(|unit| unit != register.unit());
        // Telegrams may repeat a code; the last value counts.
        if is_other || !(self.present.add(register) || self.is_telegram) {
            self.unknown += 1;
            return;
        }
        if let Some(slot) = self.values.get_mut(register.index()) {
            *slot = number;
        }
        if unit.is_none() {
            self.unscaled.add(register);
        }
    }

    // Cold: inlined, its formatting costs every number a stack frame (200 instructions a frame of a meter).
    #[cold]
    fn take_unknown(&mut self, obis: Obis, number: Decimal) {
        self.unknown += 1;
        if obis == METER_NUMBER && self.identity.id.is_empty() {
            // An i64 has 20 characters at most.
            let _ = write!(self.identity.id, "{number}");
        }
    }

    fn scale(&mut self, list: &List, energy: Option<i8>) {
        let mut exponents = match list.shape {
            // Other numbers of such a list have scalers.
            Shape::Records => Exponents::ONES,
            _ => Exponents::default(),
        };
        exponents.judge(list.scales(), self);
        if list.manufacturer.is_empty() {
            exponents.drop_unproven(self);
        }
        if energy.is_some() {
            exponents.set(ENERGIES, energy);
        }
        let unscaled = self.unscaled;
        // A `for` loop would ask at each register which word is next: 70 instructions a frame.
        unscaled.iter().for_each(|register| {
            match (self.values.get_mut(register.index()), exponents.exponent(register.quantity())) {
                (Some(slot), Some(exponent)) => *slot = Decimal::new(slot.mantissa(), exponent),
                // Zero is zero at any scale. But of an unknown manufacturer the register would come and go with its zeros.
                (Some(slot), None) if slot.is_zero() && !list.manufacturer.is_empty() => {}
                _ => {
                    self.present.remove(register);
                    self.withheld.add(register);
                    self.unknown += 1;
                }
            }
        });
    }

    /// Judges a list that has no number with a metric.
    fn judge_without_values(&mut self, list: &List) -> Read {
        match (&list.shape, &list.signature) {
            // A description gives the code of every number: these are of a connected meter of unknown medium.
            (Shape::Described(_), _) if self.unknown > 0 => self.content = Content::Energy,
            // A meter that has none of the requested registers has still responded, but sent no power.
            (_, Signature::Command(_)) => self.content = Content::Status,
            _ => return Read::Unknown,
        }
        Read::Known
    }

    fn judge_content(&self) -> Content {
        match () {
            () if self.present.meets(COUNTERS) => Content::Energy,
            () if self.present.meets(VOLTAGES_AND_CURRENTS) || self.identity.is_named() => Content::Status,
            () => Content::Power,
        }
    }

    /// In an IT net there is no voltage to measure on L2; such a meter sends 0.
    fn drop_unmeasured(&mut self, list: &List) {
        let model = &self.identity.model;
        let is_three_wire = |start: &&str| match *start {
            "" => model.is_empty(),
            start => model.as_str().starts_with(start),
        };
        if self.value(VOLTAGE_L2).is_some_and(Decimal::is_zero) && list.three_wire.iter().any(is_three_wire) {
            self.present.remove(VOLTAGE_L2);
        }
    }
}

impl Unscaled for Reading {
    fn model(&self) -> &[u8] {
        self.identity.model.as_bytes()
    }

    fn number(&self, register: Register) -> Option<i64> {
        let value = self.values.get(register.index()).filter(|_| self.unscaled.has(register));
        value.map(|value| value.mantissa())
    }

    fn sizes(&self) -> Sizes {
        self.sizes
    }

    fn scaled(&self, register: Register) -> Option<Decimal> {
        self.value(register).filter(|_| !self.unscaled.has(register))
    }
}
