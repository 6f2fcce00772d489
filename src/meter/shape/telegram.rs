//! Values of an ASCII telegram, one data set after another.

use crate::meter::family::Medium;
use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::meter::signed_power::SignedPower;
use crate::wire::clock::{DateTime, Zone};
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::telegram::Telegram;
use crate::wire::telegram::set::{Number, Raw, Set, Sets};
use crate::wire::unit::Unit;

/// What one kind of telegram does differently from others.
pub struct Dialect {
    /// Whether it is only sent as a readout, by a meter that is polled.
    pub is_readout: bool,
    /// Codes that stand for another register than usual, or for none.
    pub codes: &'static [(Obis, Option<Register>)],
    /// Units that it omits where a register needs one, and their powers of ten.
    pub omitted_units: &'static [(Unit, i8)],
    /// What the letter W of its times means, in minutes east of Greenwich.
    pub east: i16,
}

impl Dialect {
    /// What all have in common, as DSMR defines it.
    pub const COMMON: Dialect = Dialect { is_readout: false, codes: &[], omitted_units: &[], east: 60 };

    fn register(&self, obis: Obis) -> Option<Register> {
        let own = self.codes.iter().find(|(code, _)| *code == obis);
        match (own, obis) {
            (Some(&(_, register)), _) => register,
            (None, Obis([.., 255, _])) => Register::find(usual(obis)),
            (None, _) => Register::find(obis),
        }
    }
}

/// The values of a telegram.
pub struct Items<'a> {
    dialect: &'static Dialect,
    sets: Sets<'a>,
    /// The media of the meters on channels 1 to 4, as far as the telegram has named them; index 0 is unused.
    media: [Option<Medium>; 5],
    /// What belongs to the value before: when it was taken, or the other direction of a signed power.
    second: Option<Item<'a>>,
    /// The rank of the best meter id so far.
    id_rank: u8,
}

impl<'a> Items<'a> {
    pub(super) fn new(dialect: &'static Dialect, telegram: &Telegram<'a>) -> Self {
        Items { dialect, sets: telegram.sets(), media: [None; 5], second: None, id_rank: 0 }
    }

    pub(super) fn each(mut self, mut take: impl FnMut(Item<'a>)) -> Self {
        for set in self.sets {
            // A line that is no data set, which only a telegram with a valid check may contain, is skipped.
            let Ok(set) = set else { continue };
            take(self.read(&set));
            if let Some(second) = self.second.take() {
                take(second);
            }
        }
        self
    }

    fn read(&mut self, set: &Set<'a>) -> Item<'a> {
        let Obis([a, b, c, d, e, _]) = set.obis;
        match [a, b, c, d, e] {
            [0, 0, 1, 0, 0] => self.clock(set),
            [0, channel @ 1..=4, 24, 1, 0] => self.device_type(set, channel),
            [0, channel @ 1..=4, 24, 2, 1 | 3] | [0, channel @ 1..=4, 24, 3, 0] => {
                self.connected_meter(set, channel)
            }
            // Ids, versions, times of day and messages are not numbers, even if they consist of digits.
            [_, _, 0, 0 | 2 | 9, _] | [0, 0, 42, 0, 0] | [0, _, 96, 1 | 13, _] => self.text(set),
            _ => self.number(set),
        }
    }

    fn clock(&self, set: &Set<'a>) -> Item<'a> {
        let clock = set.single().and_then(|raw| DateTime::read(raw.text(), self.dialect.east));
        Item::new(set.obis, None, clock.map_or(Datum::Absent, Datum::Time))
    }

    fn device_type(&mut self, set: &Set<'a>, channel: u8) -> Item<'a> {
        if let Some(slot) = self.media.get_mut(usize::from(channel)) {
            *slot = medium(set);
        }
        Item::new(set.obis, None, Datum::Text(set.single().map_or(&[], Raw::text)))
    }

    /// The value of a connected meter, and when it was taken. A channel without a meter sends no unit.
    fn connected_meter(&mut self, set: &Set<'a>, channel: u8) -> Item<'a> {
        let Obis([_, _, _, d, ..]) = set.obis;
        let (mut time, mut value, mut unit) = (None, None, &[][..]);
        for raw in set.values() {
            time = time.or_else(|| DateTime::read(raw.text(), self.dialect.east));
            // DSMR 2.2 and 3.0 send the unit in brackets of its own, before the value.
            let before = value.replace(raw);
            unit = before.filter(|_| d == 3).map_or(&[], Raw::text);
        }
        let register = self.medium(channel).and_then(|medium| Register::of_channel(medium, channel));
        match value.and_then(Raw::number) {
            Some((number, own)) if (!own.is_empty() || !unit.is_empty()) && !is_void(set) => {
                let unit = if own.is_empty() { unit } else { own };
                self.timed(set.obis, register, (number, unit), time)
            }
            _ => Item::absent(set.obis, register),
        }
    }

    /// The medium on a channel; the set that names it may come later.
    fn medium(&self, channel: u8) -> Option<Medium> {
        let known = self.media.get(usize::from(channel)).copied().flatten();
        let named = |set: Set<'a>| (set.obis == Obis([0, channel, 24, 1, 0, 255])).then(|| medium(&set));
        known.or_else(|| self.sets.filter_map(Result::ok).find_map(named).flatten())
    }

    /// Of several codes that contain a meter id the best known one counts. Those of channels are other meters' ids.
    fn text(&mut self, set: &Set<'a>) -> Item<'a> {
        let text = set.first.text();
        let rank = match set.obis {
            Obis([0, 0, 96, 1, 1, _]) => 5,
            Obis([0, 0, 96, 1, 0, _]) => 4,
            Obis([0, 0, 42, 0, 0, _]) => 3,
            Obis([0, 0, 96, 1, 255, _]) => 2,
            Obis([1, 0, 0, 0, 0, _]) => 1,
            _ => return Item::new(set.obis, None, Datum::Text(text)),
        };
        if rank < self.id_rank || text.is_empty() {
            return Item::absent(set.obis, None);
        }
        self.id_rank = rank;
        Item::new(set.obis, None, Datum::Text(text))
    }

    fn number(&mut self, set: &Set<'a>) -> Item<'a> {
        let register = self.dialect.register(set.obis);
        let Obis([_, _, _, d, ..]) = set.obis;
        match set.number() {
            Some((number, unit)) => self.measured(set.obis, register, number, unit),
            None if d == MAXIMUM => self.maximum(set, register),
            // Several values of one code are a table: failures by time, maxima by month.
            _ => Item::absent(set.obis, register),
        }
    }

    /// A maximum and when it was, in either order.
    fn maximum(&mut self, set: &Set<'a>, register: Option<Register>) -> Item<'a> {
        let time = set.values().find_map(|raw| DateTime::read(raw.text(), self.dialect.east));
        let mut numbers = numbers_with_unit(set);
        match (numbers.next(), numbers.next()) {
            (Some(value), None) if !is_void(set) => self.timed(set.obis, register, value, time),
            _ => Item::absent(set.obis, register),
        }
    }

    /// A number, and after it the time at which it was taken.
    fn timed(
        &mut self,
        obis: Obis,
        register: Option<Register>,
        (number, unit): Number<'_>,
        time: Option<DateTime>,
    ) -> Item<'a> {
        let item = self.measured(obis, register, number, unit);
        let published = item.register.filter(|register| item.unit == Some(register.unit()));
        let seconds = time.and_then(|time| time.to_unix(Zone::Sent));
        if let Some((taken, seconds)) = published.and_then(Register::time).zip(seconds) {
            self.second = Some(Item::measured(obis, taken, Decimal::new(seconds, 0)));
        }
        item
    }

    /// A number in the unit of its register. Without a unit that its register needs, it has no known meaning.
    fn measured(&mut self, obis: Obis, register: Option<Register>, number: Decimal, unit: &[u8]) -> Item<'a> {
        let needed = register.map(|register| register.unit());
        let spelled = match unit {
            [] if needed == Some(Unit::NONE) => Some((Unit::NONE, 0)),
            [] => self.dialect.omitted_units.iter().copied().find(|(unit, _)| Some(*unit) == needed),
            _ => Unit::spelled(unit),
        };
        let Some((unit, exponent)) = spelled else {
            return match unit {
                [] => Item::number(obis, None, number, None),
                _ => Item::number(obis, register, number, Some(Unit::OTHER)),
            };
        };
        let Some(number) = number.shifted(exponent) else { return Item::absent(obis, register) };
        let Some(register) = register else { return self.unregistered(obis, number, unit) };
        match unit.in_units_of(register.unit()).and_then(|factor| number.times(factor)) {
            Some(converted) => Item::measured(obis, register, converted),
            None => Item::number(obis, Some(register), number, Some(unit)),
        }
    }

    /// A number without a register: both directions of a signed power, if the meter sends neither by itself.
    fn unregistered(&mut self, obis: Obis, number: Decimal, unit: Unit) -> Item<'a> {
        let power =
            SignedPower::of(usual(obis)).filter(|power| unit == Unit::W && !self.sends_either(*power));
        match power.and_then(|power| power.split(number)) {
            Some([first, second]) => {
                self.second = Some(Item::measured(obis, second.0, second.1));
                Item::measured(obis, first.0, first.1)
            }
            None => Item::number(obis, None, number, Some(unit)),
        }
    }

    /// Whether the meter itself sends a number for one direction of a signed power.
    fn sends_either(&self, power: SignedPower) -> bool {
        let numbers =
            self.sets.flatten().filter(|set| set.number().is_some_and(|(_, unit)| !unit.is_empty()));
        let registers = numbers.filter_map(|set| self.dialect.register(set.obis));
        SignedPower::sent_apart(registers).contains(&Some(power))
    }
}

/// The code with 0 as group E in place of 255, which means the same: there is nothing else that it is told from.
const fn usual(obis: Obis) -> Obis {
    match obis {
        Obis([a, b, c, d, 255, f]) => Obis([a, b, c, d, 0, f]),
        obis => obis,
    }
}

/// Group D of a maximum within a billing period.
const MAXIMUM: u8 = 6;

fn numbers_with_unit<'a>(set: &Set<'a>) -> impl Iterator<Item = Number<'a>> {
    set.values().filter_map(Raw::number).filter(|(_, unit)| !unit.is_empty())
}

/// Whether the value of a set was never taken, or it is unclear which of several is meant.
fn is_void(set: &Set<'_>) -> bool {
    numbers_with_unit(set).count() > 1 || set.values().any(|raw| DateTime::is_unset(raw.text()))
}

/// The medium that a device type of M-Bus stands for.
fn medium(set: &Set<'_>) -> Option<Medium> {
    let (device, unit) = set.number()?;
    Medium::of_device(device.whole().filter(|_| unit.is_empty())?)
}
