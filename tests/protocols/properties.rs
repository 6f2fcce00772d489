//! Properties of all values, messages, frames and lists, not only of those that meters have sent.

use crate::support::events;
use han_exporter::decoder::{Outcome, understand};
use han_exporter::meter::{COUNT, Column, Entry, Form, LISTS, List, Quantity, Register, Shape, Signature};
use han_exporter::obis;
use han_exporter::reading::{Reading, Settings};
use han_exporter::wire::clock::DateTime;
use han_exporter::wire::cursor::{Reader, Writer};
use han_exporter::wire::decimal::Decimal;
use han_exporter::wire::deframer::Deframer;
use han_exporter::wire::dlms::apdu::{Apdu, Notification, Stamp};
use han_exporter::wire::dlms::value::{Error, Value};
use han_exporter::wire::frame;
use han_exporter::wire::hdlc::{FLAG, Frame};
use han_exporter::wire::message::Message;
use han_exporter::wire::obis::Obis;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_is_emitted_as_it_was_parsed(bytes in value()) {
        let mut reader = Reader::new(&bytes);
        let value = Value::read(&mut reader).expect("a value");
        prop_assert!(reader.rest().is_empty());
        prop_assert_eq!(emitted(|writer| value.emit(writer)), &bytes[..]);
    }

    #[test]
    fn a_truncated_value_is_an_error(bytes in value(), cut in any::<prop::sample::Index>()) {
        let cut = &bytes[..cut.index(bytes.len())];
        prop_assert_eq!(Value::read(&mut Reader::new(cut)), Err(Error::Truncated));
    }

    #[test]
    fn a_message_is_emitted_as_it_was_parsed(bytes in message()) {
        let apdu = Apdu::parse(&bytes).expect("a message");
        prop_assert_eq!(emitted(|writer| apdu.emit(writer)), &bytes[..]);
    }

    #[test]
    fn a_frame_is_parsed_and_found_as_it_was_emitted(
        segmented: bool, destination in address(), source in address(), control: u8, information in vec(byte(), 0..2030),
        noise in vec(byte().prop_map(|byte| if byte == FLAG { 0 } else { byte }), 0..3000),
    ) {
        let frame = Frame { segmented, destination: &destination, source: &source, control, information: &information };
        let bytes = emitted(|writer| frame.emit(writer));
        prop_assert_eq!(Frame::parse(&bytes), Ok(frame));
        let mut deframer = Deframer::default();
        let stream = [&noise[..], &bytes].concat();
        let mut rest = &stream[..];
        // By chance, noise may hold what looks like the first line of a telegram.
        loop {
            let found = deframer.feed(&mut rest).expect("the frame");
            if found.frame.is_ok() {
                prop_assert_eq!((found.offset, found.frame), (noise.len() as u64, Ok(frame::Frame::Hdlc(frame))));
                break;
            }
        }
    }

    #[test]
    fn noise_decodes_the_same_in_pieces_and_stops_nothing(noise in vec(byte(), 0..6000), chunk in 1_usize..100) {
        prop_assert_eq!(events(&noise, chunk), events(&noise, noise.len()));
    }

    #[test]
    fn every_table_reads_what_it_writes(
        list in 0..emitted_lists().len(), numbers in btree_map(0..COUNT, number(), 1..40), any_clock in any_clock(),
        possible_clock in possible_clock(), model in "[1-5]{1,16}", id in "[A-Z0-9]{1,20}", digits in "[0-9]{8}",
    ) {
        let list = emitted_lists()[list];
        let clock = if has_clock(list) { possible_clock } else { any_clock };
        let id = if let Signature::Digits(8) = list.signature { digits } else { id };
        let has_code = |index: &usize| Register::at(*index).is_some_and(|register| register.obis().is_some());
        let numbers = numbers.into_iter().filter(|(index, _)| has_code(index));
        let numbers: Vec<Number> = numbers.map(|(index, number)| number.of(list, index)).collect();
        let entries = entries(list, &numbers, &clock, &model, &id);
        let body = emitted(|writer| list.emit(&entries, writer));
        let body = Value::read(&mut Reader::new(&body)).expect("a list");
        let stamp = Stamp::Tagged(DateTime(clock));
        let mut reading = Reading::default();
        let notification = Notification { invoke_id: 0, stamp, body, trailing: &[] };
        match understand(Message::Notification(notification), &mut reading, Settings::default()) {
            Outcome::Reading { list: read, .. } => prop_assert!(std::ptr::eq(list, read), "{} for {}", read.name, list.name),
            _ => prop_assert!(!numbers.iter().any(|number| number.expected(list).is_some()), "{} not read", list.name),
        }
        for number in &numbers {
            if let Some(expected) = number.expected(list) {
                prop_assert_eq!(reading.value(number.register), Some(expected), "{}: {:?}", list.name, number);
            }
        }
        prop_assert_eq!(reading.clock, Some(DateTime(clock)));
        // Without an id of its own a meter goes by its device's name.
        let said = reading.identity.id.as_str();
        prop_assert!(said.is_empty() || said == id || Some(said) == title(list), "{}: {said}", list.name);
    }
}

/// A date-time with any values, whose year begins with a byte that no text begins with.
fn any_clock() -> impl Strategy<Value = [u8; 12]> {
    (0..0x20_u8, any::<[u8; 11]>()).prop_map(|(first, rest)| {
        let mut clock = [first; 12];
        clock[1..].copy_from_slice(&rest);
        clock
    })
}

/// A date-time of this century with any deviation and status.
fn possible_clock() -> impl Strategy<Value = [u8; 12]> {
    let year = (2000..=2099_u16).prop_map(u16::to_be_bytes);
    let date = (year, 1..=12_u8, 1..=31_u8, 0..=7_u8);
    let time = (0..=23_u8, 0..=59_u8, 0..=59_u8, 0..=99_u8);
    (date, time, any::<[u8; 3]>()).prop_map(|(date, time, [high, low, status])| {
        let (([century, year], month, day, weekday), (hour, minute, second, hundredths)) = (date, time);
        [century, year, month, day, weekday, hour, minute, second, hundredths, high, low, status]
    })
}

/// Whether a column is a clock, and the list known by it.
fn has_clock(list: &List) -> bool {
    let Shape::Positional(columns) = list.shape else { return false };
    columns.iter().any(|column| matches!(column, Column::Clock(_)))
}

/// Those that tables write: telegrams and SML have no table, and an answer is another message.
fn emitted_lists() -> Vec<&'static List> {
    let mut lists = LISTS.to_vec();
    let writes = |shape: &Shape| {
        !matches!(
            shape,
            Shape::Telegram(_) | Shape::Sml { .. } | Shape::FixedBlock { .. } | Shape::ById { .. }
        )
    };
    // A list that is known by its codes has a fixture instead: other numbers than those make another list of it.
    lists.retain(|list| writes(&list.shape) && !matches!(list.signature, Signature::Codes(_)));
    lists
}

/// The bytes of any value, its lengths in their shortest form.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let sized =
        |tag: u8, size: usize| vec(any::<u8>(), size).prop_map(move |bytes| [&[tag][..], &bytes].concat());
    let counted = prop::sample::select(&[9_u8, 10, 12][..]);
    let leaf = prop_oneof![
        prop::sample::select(&[0_u8, 255][..]).prop_map(|tag| vec![tag]),
        prop::sample::select(&[3_u8, 13, 15, 17, 22][..]).prop_flat_map(move |tag| sized(tag, 1)),
        prop::sample::select(&[16_u8, 18][..]).prop_flat_map(move |tag| sized(tag, 2)),
        prop::sample::select(&[5_u8, 6, 23, 27][..]).prop_flat_map(move |tag| sized(tag, 4)),
        prop::sample::select(&[20_u8, 21, 24][..]).prop_flat_map(move |tag| sized(tag, 8)),
        sized(26, 5),
        sized(25, 12),
        (counted, vec(any::<u8>(), 0..300)).prop_map(|(tag, bytes)| [
            &[tag][..],
            &length(bytes.len()),
            &bytes
        ]
        .concat()),
        vec(any::<u8>(), 0..40).prop_map(|bits| [&[4][..], &length(bits.len() * 8), &bits].concat()),
        vec(any::<u8>(), 0..40).prop_map(|contents| [
            &[19, 2, 2, 18, 1, 0, 7, 6][..],
            &length(contents.len()),
            &contents
        ]
        .concat()),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        (1_u8..=2, vec(inner, 0..8))
            .prop_map(|(tag, elements)| [&[tag][..], &length(elements.len()), &elements.concat()].concat())
    })
}

fn message() -> impl Strategy<Value = Vec<u8>> {
    let bytes = || vec(any::<u8>(), 0..200);
    let clock = || any::<[u8; 12]>();
    let stamp = prop_oneof![
        Just(vec![0]),
        clock().prop_map(|clock| [&[0x0C][..], &clock].concat()),
        clock().prop_map(|clock| [&[0x09, 0x0C][..], &clock].concat()),
    ];
    prop_oneof![
        (any::<[u8; 4]>(), stamp, value(), bytes()).prop_map(|(id, stamp, body, trailing)| [
            &[0x0F][..],
            &id,
            &stamp,
            &body,
            &trailing
        ]
        .concat()),
        (0xDB..=0xDD_u8, bytes(), bytes()).prop_map(|(tag, title, content)| [
            &[tag][..],
            &length(title.len()),
            &title,
            &content
        ]
        .concat()),
        (any::<[u8; 5]>(), bytes()).prop_map(|(head, content)| [
            &[0xE0][..],
            &head,
            &length(content.len()),
            &content
        ]
        .concat()),
    ]
}

fn length(length: usize) -> Vec<u8> {
    emitted(|writer| writer.length(length))
}

/// One, two or four bytes, of which the last alone is odd.
fn address() -> impl Strategy<Value = Vec<u8>> {
    let address = prop::sample::select(&[1_usize, 2, 4][..]).prop_flat_map(|length| vec(any::<u8>(), length));
    address.prop_map(|mut address| {
        address.iter_mut().for_each(|byte| *byte &= 0xFE);
        *address.last_mut().expect("at least one") |= 1;
        address
    })
}

/// Bytes that look like frames more often than chance would have it.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![6 => any::<u8>(), 2 => Just(FLAG), 2 => 0xA0..=0xAF_u8, 1 => Just(0x01), 1 => Just(0x10)]
}

/// A number to be written for a register, and the power of ten written with it where the list has room for one.
#[derive(Debug, Clone, Copy)]
struct Number {
    register: Register,
    value: Value<'static>,
    exponent: i8,
}

/// A number of any type, for no register yet.
#[derive(Debug, Clone, Copy)]
struct Draft {
    bits: i64,
    kind: u8,
    exponent: i8,
}

fn number() -> impl Strategy<Value = Draft> {
    (any::<i64>(), 0..8_u8, -9..9_i8).prop_map(|(bits, kind, exponent)| Draft { bits, kind, exponent })
}

const LONG_SIGNED: u8 = 3;

impl Draft {
    /// In a type that the list may hold, and at a size that its rules do not take for a sign of something.
    fn of(self, list: &List, index: usize) -> Number {
        let register = Register::at(index).expect("below the count");
        let value = match (&list.shape, register.quantity()) {
            (Shape::Positional(columns), _) => self.value_in(form_of(register, columns)),
            (Shape::Pairs(_) | Shape::Described(_), Quantity::Voltage) => {
                Value::U16((80 + self.bits.rem_euclid(400)) as u16)
            }
            // A long signed number is a sign of another scale.
            (Shape::Described(_), _) if self.kind == LONG_SIGNED => Value::I32(self.bits as i32),
            _ => self.value(),
        };
        Number { register, value, exponent: self.exponent }
    }

    fn value_in(self, form: Option<Form>) -> Value<'static> {
        match form {
            Some(Form::Short(_)) => Value::U16(self.bits as u16),
            Some(Form::State) => Value::Enum(self.bits as u8),
            _ if self.kind < 4 => Value::U32(self.bits as u32),
            _ => Value::U64(self.bits.unsigned_abs() >> 1),
        }
    }

    fn value(self) -> Value<'static> {
        match self.kind {
            0 => Value::I8(self.bits as i8),
            1 => Value::I16(self.bits as i16),
            2 => Value::I32(self.bits as i32),
            LONG_SIGNED => Value::I64(self.bits),
            4 => Value::U8(self.bits as u8),
            5 => Value::U16(self.bits as u16),
            6 => Value::U32(self.bits as u32),
            _ => Value::U64(self.bits.unsigned_abs() >> 1),
        }
    }
}

impl Number {
    /// What is to be read: the number times the power of ten that is written with it, or that its list is known by.
    fn expected(&self, list: &List) -> Option<Decimal> {
        let mantissa = match self.value {
            Value::Enum(state) => state.into(),
            value => value.integer().expect("a number that fits"),
        };
        let exponent = match list.shape {
            Shape::Records => Some(self.exponent),
            Shape::Positional(columns) => form_of(self.register, columns).map(Form::exponent),
            // Nothing bears these out.
            Shape::Pairs(_) | Shape::Described(_)
                if list.manufacturer.is_empty() && self.is_power_or_energy() =>
            {
                None
            }
            Shape::Pairs(scales) | Shape::Described(scales) => {
                let scale = scales.iter().find(|scale| scale.quantities.contains(&self.register.quantity()));
                // The voltages above are sent in ones, as their size betrays where nothing else does.
                scale.and_then(|scale| {
                    scale.exponent.or((scale.quantities == [Quantity::Voltage]).then_some(0))
                })
            }
            _ => None,
        };
        exponent.map(|exponent| Decimal::new(mantissa, exponent))
    }

    fn is_power_or_energy(&self) -> bool {
        matches!(
            self.register.quantity(),
            Quantity::ActivePower
                | Quantity::ReactivePower
                | Quantity::ApparentPower
                | Quantity::ActiveEnergy
                | Quantity::ReactiveEnergy
        )
    }

    fn entry(&self, list: &List) -> Entry<'static> {
        let records = matches!(list.shape, Shape::Records);
        let scaler = records.then_some((self.exponent, self.register.quantity().unit()));
        Entry { obis: code(self.register), value: self.value, scaler }
    }
}

/// The list's mark, its texts and its clock, and the numbers behind them.
fn entries<'a>(
    list: &List,
    numbers: &[Number],
    clock: &'a [u8; 12],
    model: &'a str,
    id: &'a str,
) -> Vec<Entry<'a>> {
    let text = |obis, text: &'a str| Entry { obis, value: Value::Octets(text.as_bytes()), scaler: None };
    let names_device = match list.shape {
        Shape::Positional([Column::Text(obis), ..]) => *obis == DEVICE_NAME,
        _ => matches!(list.shape, Shape::Described(_)),
    };
    let clock = Entry { obis: obis!(0-0:1.0.0), value: Value::Octets(clock), scaler: None };
    let mut entries = match list.signature {
        Signature::Title(title) if names_device => vec![text(DEVICE_NAME, title)],
        Signature::Title(title) => vec![text(obis!(1-0:0.2.129), title)],
        Signature::First(_) => vec![clock],
        Signature::Digits(_) | Signature::PushedBy(_) | Signature::Tagged | Signature::Shape => Vec::new(),
        Signature::Ident(_)
        | Signature::Reduced(_)
        | Signature::Command(_)
        | Signature::Device { .. }
        | Signature::Codes(_) => {
            unreachable!("these have no table")
        }
    };
    entries.extend([text(obis!(0-0:96.1.0), id), text(obis!(0-0:96.1.7), model)]);
    if !matches!(list.signature, Signature::First(_)) {
        entries.push(clock);
    }
    entries.extend(numbers.iter().map(|number| number.entry(list)));
    entries
}

const DEVICE_NAME: Obis = obis!(0-0:42.0.0);

fn title(list: &List) -> Option<&'static str> {
    if let Signature::Title(title) = list.signature { Some(title) } else { None }
}

/// How a positional list writes a register.
fn form_of(register: Register, columns: &[Column]) -> Option<Form> {
    columns.iter().find_map(|column| match *column {
        Column::Number(_, known, form) if known == register => Some(form),
        _ => None,
    })
}

/// The register's code on channel 0.
fn code(register: Register) -> Obis {
    register.obis().expect("a register with a code of its own")
}

fn emitted(emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = vec![0; 1 << 17];
    let mut writer = Writer::new(&mut buffer);
    emit(&mut writer);
    let bytes = writer.written().to_vec();
    assert_eq!(writer.finish(), Ok(bytes.len()));
    bytes
}
