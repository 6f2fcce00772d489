//! What one list says, in exact numbers.

mod set;

use crate::meter::scale::Exponents;
use crate::meter::{COUNT, List, Mark, Quantity, Register, Scale, Shape, Take, maker};
use crate::obis;
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::telegram::ident::Ident;
use crate::wire::text::Text;
use crate::wire::unit::Unit;
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

/// Who sent a list, as far as it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity {
    /// The maker, told by the list's title.
    pub manufacturer: &'static str,
    /// The meter's type.
    pub model: Text<24>,
    /// Its own number.
    pub id: Text<40>,
    /// The list's title.
    pub list_version: Text<24>,
    /// The number its owner's contract is kept under.
    pub customer: Text<12>,
    /// The number it was made under, where that is another one than its own.
    pub production: Text<12>,
}

impl Identity {
    /// Whether the meter says who or of which type it is.
    pub const fn is_named(&self) -> bool {
        !self.id.is_empty() || !self.model.is_empty()
    }

    /// Whether another meter calls itself so.
    pub fn differs(&self, other: &Identity) -> bool {
        let differ = |known: &[u8], told: &[u8]| !known.is_empty() && !told.is_empty() && known != told;
        differ(self.id.as_bytes(), other.id.as_bytes())
            || differ(self.production.as_bytes(), other.production.as_bytes())
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
    values: [Decimal; COUNT],
    present: Set,
    raw: Set,
    /// Whether it is read from an ASCII telegram.
    of_telegram: bool,
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
            raw: Set::default(),
            of_telegram: false,
        }
    }
}

impl Reading {
    /// Reads a list that was recognised. Returns whether it says anything we know.
    pub fn read(&mut self, list: &'static List, message: &Message<'_>, settings: Settings) -> bool {
        self.clear();
        self.of_telegram = false;
        if let Message::Telegram(telegram) = message {
            self.take_ident(&telegram.ident());
        }
        let mut items = list.items(message);
        items.walk(self);
        if items.strange() {
            return false;
        }
        if let Mark::Title(_) | Mark::Command(_) = list.mark {
            self.identity.manufacturer = list.maker;
        }
        if let Shape::Pairs(scales) = list.shape {
            self.scale(scales, settings.energy_exponent.filter(|_| list.energy_is_set));
        }
        self.drop_unmeasured(list);
        self.content = self.judge_content();
        self.clock = self.clock.or_else(|| message.stamp());
        // A meter that has nothing of what it was asked for has answered all the same.
        self.present != Set::default() || matches!(list.mark, Mark::Command(_))
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

    fn clear(&mut self) {
        self.identity = Identity::default();
        self.content = Content::Power;
        self.clock = None;
        self.clock_in_list = false;
        self.unknown = 0;
        self.present = Set::default();
        self.raw = Set::default();
    }

    #[inline(never)]
    fn take_ident(&mut self, ident: &Ident<'_>) {
        self.of_telegram = true;
        self.identity.manufacturer = maker(ident.flag).unwrap_or_default();
        self.identity.model.set(ident.model());
    }

    /// A name in a telegram; the walker hands over ids from the least to the best known.
    #[inline(never)]
    fn take_name(&mut self, Obis([a, b, c, d, e, _]): Obis, text: &[u8]) {
        match [a, b, c, d, e] {
            // DSMR's version; Belgium's.
            [1, 3, 0, 2, 8] | [0, 0, 96, 1, 4] => self.identity.list_version.set(text),
            [0, 0, 96, 1, 0 | 1 | 255] | [0, 0, 42, 0, 0] | [1, 0, 0, 0, 0] => {
                self.identity.id.set_spelled(text);
            }
            _ => {}
        }
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

/// Names that only meters which are asked tell beside their own.
const CUSTOMER: Obis = obis!(1-0:0.0.0);
const PRODUCTION: Obis = obis!(0-0:96.1.1);

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
    fn text(&mut self, obis: Obis, _: Option<Register>, text: &'a [u8]) {
        if self.of_telegram {
            return self.take_name(obis, text);
        }
        let Obis([a, b, c, d, e, _]) = obis;
        let field = match ([a, b], [c, d, e]) {
            ([1, 0 | 1], [0, 2, 129]) => &mut self.identity.list_version,
            // Channels above 0 are the meters of gas, water and heat behind this one.
            ([0, 0], [96, 1, 0]) | ([1, 1], [0, 0, 5]) => return self.identity.id.set(text),
            ([0, 0], [96, 1, 7]) | ([1, 1], [96, 1, 1]) => &mut self.identity.model,
            _ => return,
        };
        field.set(text);
    }

    fn name(&mut self, obis: Obis, register: Option<Register>, name: Text<24>) {
        match obis {
            CUSTOMER => self.identity.customer.set(name.as_bytes()),
            PRODUCTION => self.identity.production.set(name.as_bytes()),
            _ => Take::text(self, obis, register, name.as_bytes()),
        }
    }

    fn time(&mut self, Obis([a, ..]): Obis, _: Option<Register>, clock: DateTime) {
        if a == 0 {
            self.clock = Some(clock);
            self.clock_in_list = true;
        }
    }

    fn absent(&mut self, _: Obis, _: Option<Register>) {}
}
