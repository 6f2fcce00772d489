//! Values of an SML list.

use crate::meter::item::Item;
use crate::meter::register::Register;
use crate::meter::signed_power::SignedPower;
use crate::obis;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::obis::Obis;
use crate::wire::sml::{Entry, Integer, List, Time, Value};
use crate::wire::unit::Unit;

/// The server id in front of the entries.
const SERVER: Obis = obis!(1-0:96.1.0);

/// The time in front of the entries, if it is that of a clock.
const CLOCK: Obis = obis!(0-0:1.0.0);

/// Signed power of all phases.
const SIGNED_POWER: Obis = obis!(1-0:16.7.0);

/// The values of an SML list.
pub struct Items<'a> {
    list: List<'a>,
    power_is_unsigned: bool,
    /// The signed powers of which the meter itself sends a direction, once that was asked.
    apart: Option<[Option<SignedPower>; 4]>,
    /// The second direction of a signed power.
    second: Option<Item<'a>>,
}

impl<'a> Items<'a> {
    pub(super) const fn new(list: &List<'a>, power_is_unsigned: bool) -> Self {
        Items { list: *list, power_is_unsigned, apart: None, second: None }
    }

    pub(super) fn each(mut self, mut take: impl FnMut(Item<'a>)) -> Self {
        if !self.list.server().is_empty() {
            take(Item::new(SERVER, None, Datum::Text(self.list.server())));
        }
        if let Some(clock) = self.list.time().and_then(Time::date_time) {
            take(Item::new(CLOCK, None, Datum::Time(clock)));
        }
        for entry in self.list.entries() {
            // A name that is not six bytes long is not a code.
            let Some(obis) = entry.obis() else { continue };
            take(self.read(obis, &entry));
            if let Some(second) = self.second.take() {
                take(second);
            }
        }
        self
    }

    fn read(&mut self, obis: Obis, entry: &Entry<'a>) -> Item<'a> {
        match entry.value {
            Value::Octets(text) if !text.is_empty() => {
                Item::new(obis, Register::find(obis), Datum::Text(text))
            }
            Value::Integer(integer) if let Some(number) = self.number(obis, entry, integer) => {
                self.read_number(obis, number, entry.unit())
            }
            _ => Item::absent(obis, Register::find(obis)),
        }
    }

    /// Without a unit a number has no known meaning, unless its register is a bare number.
    fn read_number(&mut self, obis: Obis, number: Decimal, unit: Option<Unit>) -> Item<'a> {
        let power = SignedPower::of(obis).filter(|power| unit == Some(Unit::W) && !self.sends_either(*power));
        if let Some([first, second]) = power.and_then(|power| power.split(number)) {
            self.second = Some(Item::scaled(obis, Some(second.0), second.1, unit));
            return Item::scaled(obis, Some(first.0), first.1, unit);
        }
        let is_bare = |register: &Register| register.unit() == Unit::NONE;
        let register = Register::find(obis).filter(|register| unit.is_some() || is_bare(register));
        Item::scaled(obis, register, number, unit)
    }

    fn number(&self, obis: Obis, entry: &Entry<'a>, integer: Integer<'a>) -> Option<Decimal> {
        let is_unsigned = self.power_is_unsigned && obis == SIGNED_POWER && integer.bytes.len() < 4;
        let integer = Integer { signed: integer.signed && !is_unsigned, ..integer };
        Some(Decimal::new(integer.value()?, entry.exponent()?))
    }

    /// Whether the meter itself sends a number for one direction of a signed power.
    fn sends_either(&mut self, power: SignedPower) -> bool {
        let numbers = self.list.entries().filter(|entry| entry.value.integer().is_some());
        let registers = numbers.filter_map(|entry| Register::find(entry.obis()?));
        self.apart.get_or_insert_with(|| SignedPower::sent_apart(registers)).contains(&Some(power))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter;
    use crate::wire::cursor::Writer;
    use crate::wire::message::Message;
    use crate::wire::sml::{Push, Sequence};

    /// The items of a list of these entries, of a meter that calls itself so.
    fn items(server: &[u8], time: Value<'_>, entries: &[Entry<'_>]) -> Vec<String> {
        let mut buffer = [0; 1000];
        let mut writer = Writer::new(&mut buffer);
        Push { transaction: 1, server, time, entries }.emit_messages(&mut writer);
        let list = List::parse(writer.written()).expect("a list");
        let message = Message::Sml(list);
        let list = meter::List::of(&message).expect("a list of SML");
        let mut items = Vec::new();
        list.items(&message).each(|item| items.push(shown(item)));
        items
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
    fn server_and_clock_come_first() {
        let time = [0x62, 2, 0x65, 0x66, 0x82, 0x94, 0x60];
        let time = Value::List(Sequence::parse(2, &time).unwrap());
        assert_eq!(items(b"me", time, &[]), ["1-0:96.1.0*255 \"me\"", "0-0:1.0.0*255 2024-07-01T11:34:56"]);
        let index = Value::Integer(Integer::unsigned(&[1, 0, 0]));
        assert_eq!(items(b"", index, &[]), [""; 0], "a count of seconds is not a clock");
    }

    #[test]
    fn reads_values_of_every_type() {
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
    fn splits_signed_power_unless_the_meter_sends_a_direction_itself() {
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
        assert_eq!(items(b"", NOW, &[absent, net])[1..], split, "a code without a number does not count");
        assert_eq!(items(b"", NOW, &[Entry { unit: NOW, ..net }]), ["1-0:16.7.0*255 - -51.2 -"]);
        assert_eq!(
            items(b"", NOW, &[Entry { unit: Value::Integer(Integer::unsigned(&[29])), ..net }]),
            ["1-0:16.7.0*255 - -51.2 var"]
        );
    }

    #[test]
    fn some_meters_of_dzg_mean_signed_power_unsigned() {
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
