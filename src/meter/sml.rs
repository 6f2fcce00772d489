//! The values of a list that SML carries, where they stand.

use super::Register;
use super::device::Identification;
use super::dzg;
use super::item::{End, Take};
use super::net::Net;
use crate::obis;
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::sml::{Entries, Entry, Integer, List, Time, Value};
use crate::wire::unit::Unit;

/// What the server id in front of the entries is.
const SERVER: Obis = obis!(1-0:96.1.0);

/// What the time in front of the entries is, if it is that of a clock.
const CLOCK: Obis = obis!(0-0:1.0.0);

/// Walks a list.
pub struct Items<'a> {
    list: List<'a>,
    server: Option<&'a [u8]>,
    clock: Option<DateTime>,
    /// The way of a net power that is still to be handed over.
    way: Option<(Obis, Register, Decimal)>,
    entries: Entries<'a>,
}

impl<'a> Items<'a> {
    pub(super) fn new(list: &List<'a>) -> Self {
        Items {
            list: *list,
            server: Some(list.server()).filter(|server| !server.is_empty()),
            clock: list.time().and_then(Time::date_time),
            way: None,
            entries: list.entries(),
        }
    }

    /// Hands over the next item; returns whether there was one.
    pub(crate) fn step(&mut self, taker: &mut dyn Take<'a>) -> bool {
        if let Some(server) = self.server.take() {
            taker.text(SERVER, None, server);
        } else if let Some(clock) = self.clock.take() {
            taker.time(CLOCK, None, clock);
        } else if let Some((obis, register, power)) = self.way.take() {
            taker.number(obis, Some(register), power, Some(Unit::W));
        } else {
            // A name of another length is no code.
            let Some((obis, entry)) = self.entries.find_map(|entry| Some((entry.obis()?, entry))) else {
                return false;
            };
            self.take(obis, &entry, taker);
        }
        true
    }

    fn take(&mut self, obis: Obis, entry: &Entry<'a>, taker: &mut dyn Take<'a>) {
        let register = Register::find(obis);
        match entry.value {
            Value::Octets(text) if !text.is_empty() => taker.text(obis, register, text),
            Value::Integer(integer) => match self.number(obis, entry, integer) {
                Some(number) => self.take_number(obis, number, entry.unit(), taker),
                None => taker.absent(obis, register),
            },
            _ => taker.absent(obis, register),
        }
    }

    /// Without a unit nobody knows what a number counts, unless it is one that has none.
    fn take_number(&mut self, obis: Obis, number: Decimal, unit: Option<Unit>, taker: &mut dyn Take<'a>) {
        let ways = Net::of(obis).filter(|net| unit == Some(Unit::W) && !self.sends_either(*net));
        if let Some([(register, first), (other, second)]) = ways.and_then(|net| net.split(number)) {
            self.way = Some((obis, other, second));
            return taker.number(obis, Some(register), first, unit);
        }
        let is_bare = |register: &Register| register.quantity().unit() == Unit::NONE;
        let register = Register::find(obis).filter(|register| unit.is_some() || is_bare(register));
        taker.number(obis, register, number, unit);
    }

    fn number(&self, obis: Obis, entry: &Entry<'a>, integer: Integer<'a>) -> Option<Decimal> {
        let means_unsigned = obis == obis!(1-0:16.7.0) && integer.bytes.len() < 4 && self.is_dzg_unsigned();
        let integer = if means_unsigned { Integer { signed: false, ..integer } } else { integer };
        Some(Decimal::new(integer.value()?, entry.exponent()?))
    }

    fn is_dzg_unsigned(&self) -> bool {
        Identification::parse(self.list.server()).is_some_and(|Identification { maker, number, .. }| {
            maker == dzg::LETTERS
                && dzg::NET_POWER_IS_UNSIGNED.iter().any(|numbers| numbers.contains(&number))
        })
    }

    /// Whether the meter itself sends a number for one way of a net power.
    fn sends_either(&self, net: Net) -> bool {
        let numbers = self.list.entries().filter(|entry| entry.value.integer().is_some());
        net.is_among(numbers.filter_map(|entry| Register::find(entry.obis()?)))
    }
}

/// Hands over all items of a list at once. It is called cold so that it stays out of the way of the lists of DLMS.
#[cold]
pub(super) fn all<'a>(list: &List<'a>, taker: &mut dyn Take<'a>) -> End {
    let mut items = Items::new(list);
    while items.step(taker) {}
    // Every entry has its code.
    End::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::item::{Datum, Item};
    use crate::wire::cursor::Writer;
    use crate::wire::sml::{Push, Sequence};

    /// The items of a list of these entries, of a meter that calls itself so.
    fn items(server: &[u8], time: Value<'_>, entries: &[Entry<'_>]) -> Vec<String> {
        let mut buffer = [0; 1000];
        let mut writer = Writer::new(&mut buffer);
        Push { transaction: 1, server, time, entries }.emit_messages(&mut writer);
        let list = List::parse(writer.written()).expect("a list");
        let mut items = Items::new(&list);
        let step = || {
            let mut item = None;
            items.step(&mut item).then(|| item.expect("an item for each step"))
        };
        std::iter::from_fn(step).map(shown).collect()
    }

    fn shown(Item { obis, register, datum, unit }: Item<'_>) -> String {
        let name = register.map_or("-", |register| register.family().name.trim_start_matches("han_"));
        let unit = unit.map_or("-".into(), |unit| unit.to_string());
        match datum {
            Datum::Number(number) => format!("{obis} {name} {number} {unit}"),
            Datum::Text(text) => format!("{obis} {:?}", text.escape_ascii().to_string()),
            Datum::Name(name) => format!("{obis} {name}"),
            Datum::Time(time) => format!("{obis} {}", time.digits().expect("digits")),
            Datum::Absent => format!("{obis} absent"),
        }
    }

    const fn number<'a>(name: &'a [u8], unit: &'a [u8], scaler: &'a [u8], value: Integer<'a>) -> Entry<'a> {
        Entry {
            unit: Value::Integer(Integer::unsigned(unit)),
            scaler: Value::Integer(Integer::signed(scaler)),
            ..Entry::new(name, Value::Integer(value))
        }
    }

    const NET: &[u8] = &[1, 0, 16, 7, 0, 255];
    const IMPORT: &[u8] = &[1, 0, 1, 7, 0, 255];
    const VOLTAGE: &[u8] = &[1, 0, 32, 7, 0, 255];
    const WATT: &[u8] = &[27];
    const NOW: Value<'_> = Value::ABSENT;

    #[test]
    fn who_and_when_come_first() {
        let time = [0x62, 2, 0x65, 0x66, 0x82, 0x94, 0x60];
        let time = Value::List(Sequence::parse(2, &time).unwrap());
        assert_eq!(items(b"me", time, &[]), ["1-0:96.1.0*255 \"me\"", "0-0:1.0.0*255 2024-07-01T11:34:56"]);
        let index = Value::Integer(Integer::unsigned(&[1, 0, 0]));
        assert_eq!(items(b"", index, &[]), [""; 0], "a count of seconds is no clock");
    }

    #[test]
    fn values_of_every_type() {
        let entries = [
            number(VOLTAGE, &[35], &[0xFF], Integer::unsigned(&[0x09, 0x01])),
            number(VOLTAGE, &[35], &[1, 0], Integer::unsigned(&[7])),
            number(VOLTAGE, &[35], &[0], Integer::unsigned(&[0xFF; 8])),
            Entry::new(VOLTAGE, Value::Integer(Integer::unsigned(&[7]))),
            Entry::new(&[1, 0, 13, 7, 0, 255], Value::Integer(Integer::signed(&[0xFF]))),
            Entry::new(VOLTAGE, Value::Octets(b"text")),
            Entry::new(VOLTAGE, Value::ABSENT),
            Entry::new(VOLTAGE, Value::Boolean(1)),
            Entry::new(VOLTAGE, Value::List(Sequence::EMPTY)),
            Entry::new(&[1, 0, 32, 7, 0], Value::Octets(b"five bytes are no code")),
            number(&[1, 0, 1, 8, 0, 96], &[30], &[3], Integer::signed(&[5])),
        ];
        let expected = [
            "1-0:32.7.0*255 voltage_volts 230.5 V",
            "1-0:32.7.0*255 absent",
            "1-0:32.7.0*255 absent",
            "1-0:32.7.0*255 - 7 -",
            "1-0:13.7.0*255 power_factor_ratio -1 -",
            "1-0:32.7.0*255 \"text\"",
            "1-0:32.7.0*255 absent",
            "1-0:32.7.0*255 absent",
            "1-0:32.7.0*255 absent",
            "1-0:1.8.0*96 - 5000 Wh",
        ];
        assert_eq!(items(b"", NOW, &entries), expected);
    }

    #[test]
    fn net_power_is_split_where_nothing_else_says_it() {
        let net = number(NET, WATT, &[0xFF], Integer::signed(&[0xFE, 0x00]));
        let split = [
            "1-0:16.7.0*255 active_power_import_watts 0 W",
            "1-0:16.7.0*255 active_power_export_watts 51.2 W",
        ];
        assert_eq!(items(b"", NOW, &[net]), split);
        let import = number(IMPORT, WATT, &[0], Integer::unsigned(&[9]));
        let beside = ["1-0:16.7.0*255 - -51.2 W", "1-0:1.7.0*255 active_power_import_watts 9 W"];
        assert_eq!(items(b"", NOW, &[net, import]), beside);
        assert_eq!(items(b"", NOW, &[import, net]), [beside[1], beside[0]]);
        let absent = Entry::new(IMPORT, Value::ABSENT);
        assert_eq!(items(b"", NOW, &[absent, net])[1..], split, "a code without its number says nothing");
        assert_eq!(items(b"", NOW, &[Entry { unit: NOW, ..net }]), ["1-0:16.7.0*255 - -51.2 -"]);
        assert_eq!(
            items(b"", NOW, &[Entry { unit: Value::Integer(Integer::unsigned(&[29])), ..net }]),
            ["1-0:16.7.0*255 - -51.2 var"]
        );
    }

    #[test]
    fn some_meters_of_dzg_mean_net_power_unsigned() {
        let net = |server: &[u8], bytes| {
            let items = items(server, NOW, &[number(NET, WATT, &[0xFE], Integer::signed(bytes))]);
            items.last().unwrap().strip_prefix("1-0:16.7.0*255 active_power_").unwrap().to_owned()
        };
        let number = |number: u32| [b"\x0A\x01DZG\x00", &number.to_be_bytes()[..]].concat();
        for first in [42_000_000, 48_999_999, 55_000_000, 58_999_999] {
            assert_eq!(net(&number(first), &[0x8B, 0x28]), "import_watts 356.24 W");
            assert_eq!(net(&number(first), &[0xFF]), "import_watts 2.55 W");
            assert_eq!(net(&number(first), &[0xFE, 0xCB, 0xFD]), "import_watts 166983.65 W");
            assert_eq!(net(&number(first), &[0xFF, 0xFF, 0xFF, 0xFE]), "export_watts 0.02 W");
        }
        for first in [41_999_999, 49_000_000, 54_999_999, 59_000_000] {
            assert_eq!(net(&number(first), &[0x8B, 0x28]), "export_watts 299.12 W");
        }
        assert_eq!(net(b"\x0A\x01EMH\x00\x02\x82\x22\x5E", &[0x8B, 0x28]), "export_watts 299.12 W");
    }
}
