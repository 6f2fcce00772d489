//! What one list says, in exact numbers.

mod identity;
mod set;

use crate::meter::scale::Exponents;
use crate::meter::{COUNT, End, List, Mark, Quantity, Register, Scale, Shape, Take};
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::text::Text;
use crate::wire::unit::Unit;
pub use identity::Identity;
use set::{COUNTERS, ELECTRIC, Set};

/// What the owner of a meter knows better than its frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// Power of ten of a watt-hour in lists that send no scaler: 0 or 1.
    pub energy_exponent: Option<i8>,
}

/// How much a list says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Content {
    /// Power alone.
    #[default]
    Power,
    /// Power, voltage, current, identity.
    Status,
    /// Registers too.
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

/// The values of one list.
#[derive(Clone)]
pub struct Reading {
    /// Who sent it.
    pub identity: Identity,
    /// How much it says.
    pub content: Content,
    /// The meter's own clock: that of the list, else the one in front of it.
    pub clock: Option<DateTime>,
    /// Whether the clock stands in the list itself and so belongs to its registers.
    pub clock_in_list: bool,
    /// Numbers that have no metric.
    pub unknown: u32,
    long_signed: bool,
    values: [Decimal; COUNT],
    present: Set,
    raw: Set,
    /// Whether it is read from an ASCII telegram.
    of_telegram: bool,
}

/// What came of reading a message as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// It says something.
    Said,
    /// It is that list and says nothing we know.
    Silent,
    /// Something is strange: it is another list.
    Other,
}

impl Default for Reading {
    fn default() -> Self {
        Reading {
            identity: Identity::default(),
            content: Content::default(),
            clock: None,
            clock_in_list: false,
            unknown: 0,
            long_signed: false,
            values: [Decimal::default(); COUNT],
            present: Set::default(),
            raw: Set::default(),
            of_telegram: false,
        }
    }
}

impl Reading {
    /// Reads a message as the list that it may be.
    pub fn read(&mut self, list: &'static List, message: &Message<'_>, settings: Settings) -> Read {
        self.clear();
        if let Message::Telegram(telegram) = message {
            self.of_telegram = true;
            self.identity.take_ident(telegram);
        }
        let End { strange, long_signed } = list.read(message, self);
        if strange {
            return Read::Other;
        }
        if let Mark::Title(_) | Mark::Command(_) = list.mark {
            self.identity.manufacturer = list.maker;
        }
        if let Shape::Pairs(scales) | Shape::Described(scales) = list.shape {
            self.long_signed = long_signed;
            self.scale(scales, settings.energy_exponent.filter(|_| list.energy_is_set));
        }
        self.drop_unmeasured(list);
        self.clock = self.clock.or_else(|| message.stamp());
        if self.present == Set::default() {
            return self.judge_rest(list);
        }
        self.content = self.judge_content();
        Read::Said
    }

    /// The value of a register, in the unit meters send it in.
    #[inline]
    pub fn value(&self, register: Register) -> Option<Decimal> {
        self.present.has(register).then(|| self.values.get(register.index()).copied()).flatten()
    }

    /// Every register it holds, in the order of the table.
    pub fn registers(&self) -> impl Iterator<Item = (Register, Decimal)> {
        self.present.iter().filter_map(|register| Some((register, *self.values.get(register.index())?)))
    }

    /// Whether it holds no other register of the same family.
    pub fn is_alone(&self, register: Register) -> bool {
        let alike = |other: &(Register, Decimal)| other.0.family_index() == register.family_index();
        self.registers().filter(alike).count() < 2
    }

    /// The whole number sent for a register without a scaler.
    #[inline]
    pub(crate) fn unscaled(&self, register: Register) -> Option<i64> {
        self.raw
            .has(register)
            .then(|| self.values.get(register.index()))
            .flatten()
            .map(|value| value.mantissa())
    }

    /// Whether a number came as a signed one of eight bytes.
    pub(crate) fn has_long_signed(&self) -> bool {
        self.long_signed
    }

    fn clear(&mut self) {
        self.identity = Identity::default();
        self.content = Content::Power;
        self.clock = None;
        self.clock_in_list = false;
        self.unknown = 0;
        self.present = Set::default();
        self.raw = Set::default();
        self.of_telegram = false;
    }

    #[cold]
    fn take_unknown(&mut self, number: Decimal, of_meter: bool) {
        self.unknown += 1;
        if of_meter && self.identity.id.is_empty() {
            let _ = core::fmt::Write::write_fmt(&mut self.identity.id, format_args!("{number}"));
        }
    }

    fn scale(&mut self, scales: &'static [Scale], energy: Option<i8>) {
        let mut exponents = Exponents::default();
        exponents.judge(scales, self);
        if energy.is_some() {
            exponents.set(Quantity::ActiveEnergy, energy);
            exponents.set(Quantity::ReactiveEnergy, energy);
        }
        self.raw.iter().for_each(|register| {
            match (self.values.get_mut(register.index()), exponents.of(register.quantity())) {
                (Some(slot), Some(exponent)) => *slot = Decimal::new(slot.mantissa(), exponent),
                // Zero is zero at any scale.
                (Some(slot), None) if slot.is_zero() => {}
                _ => {
                    self.present.remove(register);
                    self.unknown += 1;
                }
            }
        });
    }

    /// What a list is that has no number with a metric.
    #[cold]
    fn judge_rest(&mut self, list: &List) -> Read {
        match (&list.shape, &list.mark) {
            // A description says of every number what it is: this is of a meter of unknown medium behind this one.
            (Shape::Described(_), _) if self.unknown > 0 => self.content = Content::Energy,
            // A meter that has nothing of what it was asked for has answered all the same.
            (_, Mark::Command(_)) => self.content = self.judge_content(),
            _ => return Read::Silent,
        }
        Read::Said
    }

    fn judge_content(&self) -> Content {
        match () {
            () if self.present.meets(COUNTERS) => Content::Energy,
            () if self.present.meets(ELECTRIC) || self.identity.is_named() => Content::Status,
            () => Content::Power,
        }
    }

    /// In an IT net there is no voltage to measure on L2; what the meter says there is 0.
    fn drop_unmeasured(&mut self, list: &List) {
        const VOLTAGE_L2: Register = Register::literal([52, 7, 0]);
        if self.value(VOLTAGE_L2).is_some_and(Decimal::is_zero) && self.is_three_wire(list) {
            self.present.remove(VOLTAGE_L2);
        }
    }

    #[cold]
    fn is_three_wire(&self, list: &List) -> bool {
        let model = &self.identity.model;
        list.three_wire.iter().any(|start| match *start {
            "" => model.is_empty(),
            start => model.starts_with(start),
        })
    }
}

/// Kamstrup's push 1 sends the meter's number and no id.
const fn is_number_of_meter(obis: Obis) -> bool {
    matches!(obis, Obis([1, 1, 0, 0, 1, 255]))
}

impl<'a> Take<'a> for Reading {
    #[inline]
    fn number(&mut self, obis: Obis, register: Option<Register>, number: Decimal, unit: Option<Unit>) {
        let Some(register) = register else { return self.take_unknown(number, is_number_of_meter(obis)) };
        // A unit that is not the register's own means another quantity under its code.
        let other_unit = unit.is_some_and(|unit| unit != register.quantity().unit());
        let Some(slot) = self.values.get_mut(register.index()) else { return };
        // Telegrams may repeat a code; the last value counts.
        if other_unit || !(self.present.add(register) || self.of_telegram) {
            return self.take_unknown(number, false);
        }
        *slot = number;
        if unit.is_none() {
            self.raw.add(register);
        }
    }

    #[inline]
    fn known(&mut self, _: Obis, register: Register, number: Decimal) {
        match self.values.get_mut(register.index()) {
            // Telegrams may repeat a code; the last value counts.
            Some(slot) if self.present.add(register) || self.of_telegram => *slot = number,
            _ => self.take_unknown(number, false),
        }
    }

    #[inline]
    fn text(&mut self, obis: Obis, _: Option<Register>, text: &'a [u8]) {
        match self.of_telegram {
            true => self.identity.take_name(obis, text),
            false => self.identity.take_text(obis, text),
        }
    }

    fn name(&mut self, obis: Obis, _: Option<Register>, name: Text<24>) {
        self.identity.take_number(obis, &name);
    }

    fn time(&mut self, Obis([a, ..]): Obis, _: Option<Register>, clock: DateTime) {
        if a == 0 {
            self.clock = Some(clock);
            self.clock_in_list = true;
        }
    }

    fn absent(&mut self, _: Obis, _: Option<Register>) {}
}
