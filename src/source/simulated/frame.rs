//! What the meter measured, written as its maker writes it.

use super::clock::Clock;
use super::household::{Registers, Sample};
use super::make::{Make, Stamped};
use crate::meter::{Entry, Register};
use crate::reading::Content;
use crate::wire::apdu::{Apdu, LLC, Notification, Stamp};
use crate::wire::clock::DateTime;
use crate::wire::cursor::{Reader, Writer};
use crate::wire::hdlc::{Frame, MAX_LENGTH};
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;
use crate::wire::value::Value;

/// The type of a number on the wire, and its power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// double-long-unsigned.
    U32(i8),
    /// long-unsigned.
    U16(i8),
    /// long.
    I16(i8),
}

/// Everything a list may say.
pub struct Message<'a> {
    /// The maker.
    pub make: &'a Make,
    /// 1 or 3.
    pub phases: usize,
    /// The meter's own number.
    pub id: &'a str,
    /// How much the list says.
    pub content: Content,
    /// When it is sent, in Unix seconds.
    pub sent: i64,
    /// When the registers were read, in Unix seconds.
    pub counted: i64,
    /// What was measured last.
    pub sample: Sample,
    /// The registers.
    pub registers: Registers,
}

impl Form {
    const fn exponent(self) -> i8 {
        match self {
            Form::U32(exponent) | Form::U16(exponent) | Form::I16(exponent) => exponent,
        }
    }

    /// A number of this form, from a whole number of thousandths; rounded.
    fn write(self, thousandths: i64) -> Value<'static> {
        let divisor = 10_i64.pow(u32::from((self.exponent() + 3).unsigned_abs()));
        self.value((thousandths + divisor / 2).div_euclid(divisor))
    }

    /// A register: it shows only what is complete.
    fn write_register(self, Energy(watt_milliseconds): Energy) -> Value<'static> {
        const WATT_HOUR: i64 = 3_600_000;
        self.value(watt_milliseconds / WATT_HOUR / 10_i64.pow(u32::from(self.exponent().unsigned_abs())))
    }

    fn value(self, number: i64) -> Value<'static> {
        match self {
            Form::U32(_) => Value::U32(number as u32),
            Form::U16(_) => Value::U16(number as u16),
            Form::I16(_) => Value::I16(number as i16),
        }
    }
}

/// W ms or var ms.
#[derive(Clone, Copy)]
struct Energy(i64);

impl Message<'_> {
    /// The frame's octets, flags included.
    pub fn frame(&self) -> Vec<u8> {
        let information = self.information();
        let Make { destination, source, control, .. } = *self.make;
        let frame = Frame { segmented: false, destination, source, control, information: &information };
        written(|writer| frame.emit(writer))
    }

    fn information(&self) -> Vec<u8> {
        let sent = self.make.clock.show(self.sent);
        let stamp = match self.make.stamp {
            Stamped::Absent => Stamp::Absent,
            Stamped::Plain => Stamp::Plain(sent),
            Stamped::Tagged => Stamp::Tagged(sent),
        };
        let body = self.body();
        let body = Value::read(&mut Reader::new(&body)).expect("List::emit writes one whole value");
        let notification = Notification { invoke_id: self.make.invoke_id, stamp, body, trailing: &[] };
        written(|writer| {
            writer.bytes(&LLC);
            Apdu::Notification(notification).emit(writer);
        })
    }

    fn body(&self) -> Vec<u8> {
        let clock = self.clock_in_list();
        let mut entries = Vec::with_capacity(24);
        if self.content != Content::Power {
            self.identity(&mut entries);
        }
        self.power(&mut entries);
        if self.content != Content::Power {
            self.phases(&mut entries);
        }
        if self.content == Content::Energy {
            entries.push(Entry { obis: self.make.codes.clock, value: Value::Octets(&clock.0), scaler: None });
            self.energy(&mut entries);
        }
        written(|writer| self.make.list(self.content, self.phases).emit(&entries, writer))
    }

    fn clock_in_list(&self) -> DateTime {
        let clock: Clock = self.make.clock;
        clock.show(if self.make.clock_of_registers { self.counted } else { self.sent })
    }

    fn identity<'a>(&'a self, entries: &mut Vec<Entry<'a>>) {
        let codes = &self.make.codes;
        let (title, version) = codes.title;
        let model = self.make.models[usize::from(self.phases == 3)];
        // Kamstrup's title has no code; List::emit writes it itself.
        let first = if self.make.null_slots { None } else { Some((title, version)) };
        let texts = first.into_iter().chain([(codes.id, self.id), (codes.model, model)]);
        entries.extend(texts.map(|(obis, text)| {
            let text = text.as_bytes();
            let value = if self.make.visible { Value::Text(text) } else { Value::Octets(text) };
            Entry { obis, value, scaler: None }
        }));
    }

    /// 1.7.0 to 4.7.0; the shortest list has the first alone.
    fn power(&self, entries: &mut Vec<Entry<'_>>) {
        let [form, ..] = self.make.forms;
        let count = if self.content == Content::Power { 1 } else { 4 };
        for (group, power) in (1..).zip(self.sample.directions()).take(count) {
            entries.push(self.number([group, 7, 0], form, form.write(power * 1000)));
        }
    }

    /// 31.7.0 and 32.7.0; 20 more for each phase further.
    fn phases(&self, entries: &mut Vec<Entry<'_>>) {
        let [_, current, voltage, _] = self.make.forms;
        let Sample { current: milliamperes, voltage: decivolts, .. } = self.sample;
        let volts = decivolts.map(|decivolts| decivolts * 100);
        for (first, form, values) in [(31, current, milliamperes), (32, voltage, volts)] {
            for (phase, (group, thousandths)) in (first..).step_by(20).zip(values).enumerate() {
                let entry = self.number([group, 7, 0], form, form.write(thousandths));
                match phase < self.phases {
                    true => entries.push(entry),
                    false if self.make.null_slots => entries.push(Entry { value: Value::Null, ..entry }),
                    false => {}
                }
            }
        }
    }

    /// 1.8.0 to 4.8.0.
    fn energy(&self, entries: &mut Vec<Entry<'_>>) {
        let [.., form] = self.make.forms;
        for (group, register) in (1..).zip(self.registers.0) {
            entries.push(self.number([group, 8, 0], form, form.write_register(Energy(register))));
        }
    }

    fn number(&self, [c, d, e]: [u8; 3], form: Form, value: Value<'static>) -> Entry<'static> {
        let obis = Obis([1, self.make.codes.channel, c, d, e, 255]);
        let unit = || Register::find(obis).map_or(Unit::NONE, |register| register.quantity().unit());
        Entry { obis, value, scaler: self.make.scalers.then(|| (form.exponent(), unit())) }
    }
}

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = [0; MAX_LENGTH + 2];
    let mut writer = Writer::new(&mut buffer);
    write(&mut writer);
    writer.written().to_vec()
}
