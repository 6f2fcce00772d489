//! The values of an ASCII telegram, set by set.

use super::item::{End, Take};
use super::net::Net;
use super::{List, Medium, Register, Shape};
use crate::wire::clock::{DateTime, Zone};
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::telegram::Telegram;
use crate::wire::telegram::set::{Number, Raw, Set, Sets};
use crate::wire::unit::Unit;

/// What a kind of telegram has of its own.
pub struct Dialect {
    /// Whether it is a readout alone, as a meter answers that was asked.
    pub is_readout: bool,
    /// Codes that mean something else than the table of families says, or nothing of it.
    pub codes: &'static [(Obis, Option<Register>)],
    /// Units that are left out where a register needs one, and their powers of ten.
    pub left_out: &'static [(Unit, i8)],
    /// What the letter W of its times means: minutes east of Greenwich.
    pub east: i16,
}

impl Dialect {
    /// What all have in common, as DSMR defines it.
    pub const COMMON: Dialect = Dialect { is_readout: false, codes: &[], left_out: &[], east: 60 };

    #[inline]
    fn register(&self, obis: Obis) -> Option<Register> {
        let own = self.codes.iter().find(|(code, _)| *code == obis);
        own.map_or_else(|| Register::find(obis), |&(_, register)| register)
    }
}

/// Walks a telegram.
pub struct Items<'a> {
    dialect: &'static Dialect,
    all: Sets<'a>,
    rest: Sets<'a>,
    /// What hangs on the channels 1 to 4, as far as it was said.
    media: [Option<Medium>; 5],
    /// What belongs to the value before: when it was taken, or the other way of a net power.
    next: Option<(Obis, Register, Decimal)>,
    /// How well the best id so far is known to be one.
    id: u8,
}

impl<'a> Items<'a> {
    #[inline]
    pub(super) fn new(list: &'static List, telegram: &Telegram<'a>) -> Self {
        let dialect = match list.shape {
            Shape::Telegram(dialect) => dialect,
            _ => &Dialect::COMMON,
        };
        let all = telegram.sets();
        Items { dialect, all, rest: all, media: [None; 5], next: None, id: 0 }
    }

    /// Hands over the next item; returns whether there was one. A line that is no set is passed over: only a check that
    /// holds lets one through.
    #[inline]
    pub(crate) fn step(&mut self, taker: &mut dyn Take<'a>) -> bool {
        if let Some((obis, register, number)) = self.next.take() {
            taker.known(obis, register, number);
            return true;
        }
        while let Some(set) = self.rest.next() {
            if let Ok(set) = &set {
                self.take(set, taker);
                return true;
            }
        }
        false
    }

    #[inline]
    fn take(&mut self, set: &Set<'a>, taker: &mut dyn Take<'a>) {
        let Obis([a, b, c, d, e, _]) = set.obis;
        match [a, b, c, d, e] {
            [0, 0, 1, 0, 0] => self.clock(set, taker),
            [0, channel @ 1..=4, 24, 1, 0] => self.kind(set, channel, taker),
            [0, channel @ 1..=4, 24, 2, 1 | 3] | [0, channel @ 1..=4, 24, 3, 0] => {
                self.behind(set, channel, taker);
            }
            // Ids, versions, times of day and messages are no numbers, whatever digits they are made of.
            [_, _, 0, 0 | 2 | 9, _] | [0, 0, 42, 0, 0] | [0, _, 96, 1 | 13, _] => self.text(set, taker),
            _ => self.number(set, taker),
        }
    }

    fn clock(&self, set: &Set<'a>, taker: &mut dyn Take<'a>) {
        match set.single().and_then(|raw| DateTime::read(raw.text(), self.dialect.east)) {
            Some(clock) => taker.time(set.obis, None, clock),
            None => taker.absent(set.obis, None),
        }
    }

    fn kind(&mut self, set: &Set<'a>, channel: u8, taker: &mut dyn Take<'a>) {
        if let Some(slot) = self.media.get_mut(usize::from(channel)) {
            *slot = medium(set);
        }
        taker.text(set.obis, None, set.single().map_or(&[], Raw::text));
    }

    /// The value of a meter behind this one, and when it was taken. Channels where none hangs send no unit.
    fn behind(&mut self, set: &Set<'a>, channel: u8, taker: &mut dyn Take<'a>) {
        let Obis([_, _, _, d, ..]) = set.obis;
        let (mut time, mut value, mut unit) = (None, None, &[][..]);
        for raw in set.values() {
            time = time.or_else(|| DateTime::read(raw.text(), self.dialect.east));
            // DSMR 2.2 and 3.0 send the unit in brackets of its own, before the value.
            let before = value.replace(raw);
            unit = before.filter(|_| d == 3).map_or(&[], Raw::text);
        }
        let register = self.medium(channel).and_then(|medium| Register::of_medium(medium, channel));
        match value.and_then(Raw::number) {
            _ if says_nothing(set) => taker.absent(set.obis, register),
            Some((number, own)) if !own.is_empty() || !unit.is_empty() => {
                let unit = if own.is_empty() { unit } else { own };
                self.put_timed(set.obis, register, (number, unit), time, taker);
            }
            _ => taker.absent(set.obis, register),
        }
    }

    /// What hangs on a channel; the set that says so may come later.
    fn medium(&self, channel: u8) -> Option<Medium> {
        let known = self.media.get(usize::from(channel)).copied().flatten();
        let said = |set: Set<'a>| (set.obis == Obis([0, channel, 24, 1, 0, 255])).then(|| medium(&set));
        known.or_else(|| self.all.filter_map(Result::ok).find_map(said).flatten())
    }

    /// Of several codes that hold an id the best known one counts. Those of channels are other meters' ids.
    fn text(&mut self, set: &Set<'a>, taker: &mut dyn Take<'a>) {
        let text = set.first.text();
        let id = match set.obis {
            Obis([0, 0, 96, 1, 1, _]) => 5,
            Obis([0, 0, 96, 1, 0, _]) => 4,
            Obis([0, 0, 42, 0, 0, _]) => 3,
            Obis([0, 0, 96, 1, 255, _]) => 2,
            Obis([1, 0, 0, 0, 0, _]) => 1,
            _ => return taker.text(set.obis, None, text),
        };
        if id < self.id || text.is_empty() {
            return taker.absent(set.obis, None);
        }
        self.id = id;
        taker.text(set.obis, None, text);
    }

    #[inline]
    fn number(&mut self, set: &Set<'a>, taker: &mut dyn Take<'a>) {
        let register = self.dialect.register(set.obis);
        let Obis([_, _, _, d, ..]) = set.obis;
        match set.number() {
            Some((number, unit)) => {
                self.put(set.obis, register, number, unit, taker);
            }
            None if d == MAXIMUM => self.maximum(set, register, taker),
            // Several values of one code are a table: failures by time, maxima by month.
            _ => taker.absent(set.obis, register),
        }
    }

    /// A maximum and when it was, in either order.
    #[cold]
    fn maximum(&mut self, set: &Set<'a>, register: Option<Register>, taker: &mut dyn Take<'a>) {
        let time = set.values().find_map(|raw| DateTime::read(raw.text(), self.dialect.east));
        let mut numbers = set.values().filter_map(Raw::number).filter(|(_, unit)| !unit.is_empty());
        match (numbers.next(), numbers.next()) {
            (Some(value), None) if !says_nothing(set) => {
                self.put_timed(set.obis, register, value, time, taker);
            }
            _ => taker.absent(set.obis, register),
        }
    }

    /// Hands over a number, and when it was taken.
    #[cold]
    fn put_timed(
        &mut self,
        obis: Obis,
        register: Option<Register>,
        (number, unit): Number<'_>,
        time: Option<DateTime>,
        taker: &mut dyn Take<'a>,
    ) {
        let register = self.put(obis, register, number, unit, taker);
        let seconds = time.and_then(|time| time.to_unix(Zone::Sent));
        if let Some((when, seconds)) = register.and_then(Register::when).zip(seconds) {
            self.next = Some((obis, when, Decimal::new(seconds, 0)));
        }
    }

    /// Hands over a number in the unit of its register, and says which that is. Without a unit that its register needs
    /// it is some number.
    fn put(
        &mut self,
        obis: Obis,
        register: Option<Register>,
        number: Decimal,
        unit: &[u8],
        taker: &mut dyn Take<'a>,
    ) -> Option<Register> {
        let needed = register.map(|register| register.quantity().unit());
        let spelled = match unit {
            [] if needed == Some(Unit::NONE) => Some((Unit::NONE, 0)),
            [] => self.dialect.left_out.iter().copied().find(|(unit, _)| Some(*unit) == needed),
            _ => Unit::spelled(unit),
        };
        let Some((unit, exponent)) = spelled else {
            match unit {
                [] => taker.number(obis, None, number, None),
                _ => taker.number(obis, register, number, Some(Unit::OTHER)),
            }
            return None;
        };
        let Some(number) = number.shifted(exponent) else {
            taker.absent(obis, register);
            return None;
        };
        let Some(register) = register else {
            self.put_nameless(obis, number, unit, taker);
            return None;
        };
        match unit.in_units_of(register.quantity().unit()).and_then(|factor| number.times(factor)) {
            Some(converted) => {
                taker.known(obis, register, converted);
                Some(register)
            }
            None => {
                taker.number(obis, Some(register), number, Some(unit));
                None
            }
        }
    }

    /// Hands over a number without a register: each way of a net power, if the meter sends neither by itself.
    #[cold]
    fn put_nameless(&mut self, obis: Obis, number: Decimal, unit: Unit, taker: &mut dyn Take<'a>) {
        let ways = Net::of(obis).filter(|net| unit == Unit::W && !self.sends_either(*net));
        match ways.and_then(|net| net.split(number)) {
            Some([(register, first), (other, second)]) => {
                self.next = Some((obis, other, second));
                taker.known(obis, register, first);
            }
            None => taker.number(obis, None, number, Some(unit)),
        }
    }

    /// Whether the meter itself sends a number for one way of a net power.
    fn sends_either(&self, net: Net) -> bool {
        let numbers = self.all.flatten().filter(|set| set.number().is_some_and(|(_, unit)| !unit.is_empty()));
        net.is_among(numbers.filter_map(|set| self.dialect.register(set.obis)))
    }
}

/// Hands over all items of a telegram at once.
#[inline(never)]
pub(super) fn all<'a>(list: &'static List, telegram: &Telegram<'a>, taker: &mut dyn Take<'a>) -> End {
    let mut items = Items::new(list, telegram);
    while items.step(taker) {}
    End::default()
}

/// Group D of a maximum within a billing period.
const MAXIMUM: u8 = 6;

/// Whether the value of a set was never taken, or nobody can tell which of several is meant.
fn says_nothing(set: &Set<'_>) -> bool {
    let numbers = set.values().filter_map(Raw::number).filter(|(_, unit)| !unit.is_empty());
    numbers.count() > 1 || set.values().any(|raw| DateTime::is_unset(raw.text()))
}

/// The medium that a device type of M-Bus stands for.
fn medium(set: &Set<'_>) -> Option<Medium> {
    let (device, unit) = set.number()?;
    Medium::of_device(device.whole().filter(|_| unit.is_empty())?)
}
