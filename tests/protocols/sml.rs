//! SML beyond single files: the contents of public captures, field by field, and damage to a line of many files.
//!
//! The captures are not part of the package: `HAN_VECTORS`, or `../shared/protocol/vectors`. Without them the first two
//! tests pass and print that they were skipped.

use crate::support;
use std::path::PathBuf;
use std::{env, fs};

use crate::support::json::Json;
use crate::support::line::{Line, flip};
use crate::support::random::Random;
use crate::support::share::share;
use crate::support::{each_event, events, fixture, readings};
use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::meter::{COUNT, Register};
use han_exporter::wire::clock::Zone;
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::decimal::Decimal;
use han_exporter::wire::deframer::LONGEST;
use han_exporter::wire::frame::Error;
use han_exporter::wire::obis::Obis;
use han_exporter::wire::sml::{Entry, File, Integer, List, Push, Rule, Sequence, Time, Value, each_message};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

#[test]
fn every_field_of_every_capture_is_exact() {
    let mut compared = 0;
    for case in cases() {
        let bytes = fixture::unhex(text(case.get("frame_hex")));
        let (name, expected) = (text(case.get("id")), case.get("expect"));
        if text(expected.get("error")) == "crc" {
            assert_eq!(File::parse(&bytes), Err(Error::FrameCheck), "{name}");
            assert_eq!(
                support::outcomes(&bytes),
                [format!("rejected, frame_check, {} bytes\n", bytes.len())]
            );
            compared += 1;
            continue;
        }
        let file = File::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(Some(i64::from(bytes[bytes.len() - 3])), whole(expected.get("padding")), "{name}");
        let messages = file.pieces().collect::<Vec<_>>().concat();
        let said: Vec<_> = each_message(&messages).map(|message| message.expect(name)).collect();
        assert_eq!(said.len(), expected.get("messages").list().len(), "{name}");
        for (said, expected) in said.iter().zip(expected.get("messages").list()) {
            assert_eq!(format!("0x{:04x}", said.tag), text(expected.get("tag")), "{name}");
            assert_eq!(rule(said.rule), text(expected.get("message_crc")), "{name}");
            compared += 2;
            if let [_, ..] = expected.get("entries").list() {
                let list = List::parse(&messages).unwrap_or_else(|error| panic!("{name}: {error:?}"));
                compared += compare(name, &list, expected);
            }
        }
    }
    println!("{compared} fields compared");
}

#[test]
fn every_register_of_every_capture_is_exact() {
    let mut compared = 0;
    for case in cases() {
        let bytes = fixture::unhex(text(case.get("frame_hex")));
        let name = text(case.get("id"));
        each_event(&bytes, bytes.len(), |event| {
            let Outcome::Reading { reading, .. } = event.outcome else {
                assert_eq!(text(case.get("expect").get("error")), "crc", "{name}");
                return;
            };
            let lists = case.get("expect").get("messages").list();
            let mut expected = Vec::new();
            lists
                .iter()
                .flat_map(|list| list.get("entries").list())
                .for_each(|entry| expect(entry, name, &mut expected));
            expected.sort_by_key(|(register, _)| *register);
            let said: Vec<_> = reading.registers().collect();
            assert_eq!(said, expected, "{name}");
            compared += said.len();
        });
    }
    println!("{compared} registers compared");
}

/// A frame with wrong bits may hold by the rule that it was not sent by, one in 65,536. It is never read.
#[test]
fn rejects_damage_to_a_file_checked_by_the_other_rule() {
    let fixture = fixture::named(fixture::OTHER_CHECK);
    assert_eq!(readings(&fixture.bytes).len(), 1);
    let mut line = Line::of(&fixture);
    let bits = fixture.bytes.len() * 8;
    for first in share(0..bits) {
        for second in first..bits {
            line.damage(|bytes| {
                flip(bytes, first);
                if second > first {
                    flip(bytes, second);
                }
            });
            line.expect_no_reading();
        }
    }
    for place in share(0..fixture.bytes.len()) {
        line.damage(|bytes| _ = bytes.remove(place));
        line.expect_no_reading();
        for added in 0..=u8::MAX {
            line.damage(|bytes| bytes.insert(place, added));
            line.expect_no_other();
        }
    }
}

/// Files in a row, some of them damaged in all the ways that lines do it: the others are all read, and none besides.
#[test]
fn a_damaged_file_costs_no_other() {
    let files: Vec<_> = fixture::of("sml").into_iter().filter(|it| !readings(&it.bytes).is_empty()).collect();
    let mut random = Random::new(1);
    for _ in 0..200 {
        let (mut stream, mut expected) = (Vec::new(), Vec::new());
        // The stream begins in the middle.
        stream.extend_from_slice(&files[0].bytes[random.below(files[0].bytes.len() - 1) + 1..]);
        for _ in 0..20 {
            let file = &files[random.below(files.len())];
            let mut bytes = file.bytes.clone();
            match random.below(6) {
                0 => damage(&mut bytes, &mut random),
                1 => stream.extend((0..random.below(40)).map(|_| random.byte() & 0x0F)),
                _ => {}
            }
            if bytes == file.bytes {
                expected.extend(readings(&file.bytes));
            }
            stream.extend_from_slice(&bytes);
        }
        assert_eq!(readings(&stream), expected);
        assert_eq!(events(&stream, 1), events(&stream, stream.len()));
    }
}

/// A start without an end claims no more than the longest file, and what lies behind is found.
#[test]
fn a_file_without_an_end_costs_no_other() {
    let good = fixture::named("iskraemeco/mt691");
    for filler in [0, 1000, LONGEST - 9, LONGEST - 8, LONGEST, 3 * LONGEST] {
        let stream =
            [&START[..], &vec![0x55; filler], &good.bytes, &START, &vec![0x1B; filler], &good.bytes].concat();
        let whole = events(&stream, stream.len());
        assert_eq!(readings(&stream).len(), 2, "{filler}: {whole:?}");
        assert_eq!(whole.len(), 4, "{filler}: {whole:?}");
        assert_eq!(events(&stream, 1), whole);
    }
}

/// Cuts, loses, doubles or flips something.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let place = random.below(bytes.len());
    match random.below(5) {
        0 => bytes.truncate(place),
        1 => drop(bytes.drain(..place + 1)),
        2 => _ = bytes.remove(place),
        3 => bytes.insert(place, bytes[place] ^ 0x40),
        _ => bytes[place] ^= 1 << random.below(8),
    }
}

/// When the end of a file was lost, silence alone does not give it up; the next start does, at once.
#[test]
fn a_truncated_file_ends_at_the_next_start() {
    let file = fixture::named("iskraemeco/mt691").bytes;
    let mut decoder = Decoder::default();
    assert!(decoder.feed(&mut &file[..100]).is_none() && decoder.idle().is_none());
    let mut rest = &file[100..];
    assert!(matches!(decoder.feed(&mut rest).map(|event| event.outcome), Some(Outcome::Reading { .. })));
    assert!(decoder.feed(&mut &file[..100]).is_none() && decoder.idle().is_none());
    let mut rest = &file[..9];
    let cut = decoder.feed(&mut rest).map(|event| (event.length, event.outcome));
    assert!(matches!(cut, Some((100, Outcome::Rejected(error, _))) if error.reason() == "cut"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pushed_list_is_read_as_it_was_written(
        transaction: u32, server in vec(byte(), 1..16), seconds in 0..=u32::MAX,
        numbers in btree_map(0..COUNT, (vec(byte(), 1..9), any::<bool>(), -9..9_i8), 1..60),
    ) {
        let registers = numbers.iter().filter_map(|(index, number)| Some((Register::at(*index)?, number)));
        let named: Vec<_> = registers.filter_map(|(register, number)| Some((register.obis()?, register, number))).collect();
        let units: Vec<_> = named.iter().map(|(_, register, _)| [register.quantity().unit().0]).collect();
        let scalers: Vec<_> = named.iter().map(|(_, _, (_, _, exponent))| [exponent.cast_unsigned()]).collect();
        let entry = |index: usize| {
            let (obis, _, (bytes, signed, _)) = &named[index];
            let integer = Integer { signed: *signed, bytes };
            let (unit, scaler) = (Integer::unsigned(&units[index]), Integer::signed(&scalers[index]));
            let (unit, scaler) = (Value::Integer(unit), Value::Integer(scaler));
            (Entry { unit, scaler, ..Entry::new(&obis.0, Value::Integer(integer)) }, integer)
        };
        let (entries, integers): (Vec<_>, Vec<_>) = (0..named.len()).map(entry).unzip();
        let time = [&[0x62, 2, 0x65][..], &seconds.to_be_bytes()].concat();
        let time = Value::List(Sequence::parse(2, &time).expect("a time"));
        let (mut scratch, mut buffer) = (vec![0; LONGEST], vec![0; 2 * LONGEST]);
        let mut writer = Writer::new(&mut buffer);
        let push = Push { transaction, server: &server, time, entries: &entries };
        prop_assert_eq!(push.emit(&mut scratch, &mut writer), Ok(()));

        let expected = named.iter().zip(integers).filter_map(|((_, register, (_, _, exponent)), integer)| {
            Some((*register, Decimal::new(integer.value()?, *exponent)))
        });
        let expected: Vec<_> = expected.collect();
        let mut seen = 0;
        each_event(writer.written(), 7, |event| {
            seen += 1;
            match event.outcome {
                Outcome::Reading { reading, .. } => {
                    assert_eq!(reading.registers().collect::<Vec<_>>(), expected);
                    let unix = reading.clock.and_then(|clock| clock.to_unix(Zone::Sent));
                    assert_eq!(unix, Some(seconds.into()));
                }
                Outcome::Undecodable(error) => assert!(expected.is_empty(), "{error:?}"),
                _ => panic!("a whole good file"),
            }
        });
        prop_assert_eq!(seen, 1);
    }

    #[test]
    fn bytes_that_look_like_files_decode_the_same_in_pieces(
        pieces in vec(prop_oneof![
            4 => vec(byte(), 1..5),
            2 => Just(START.to_vec()),
            2 => any::<[u8; 3]>().prop_map(|end| [&[0x1B, 0x1B, 0x1B, 0x1B, 0x1A][..], &end].concat()),
            1 => vec(any::<u8>(), 0..300),
        ], 0..40),
        chunk in 1_usize..20,
    ) {
        let noise = pieces.concat();
        prop_assert_eq!(events(&noise, chunk), events(&noise, noise.len()));
    }
}

const START: [u8; 8] = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1];

/// Bytes that look like escapes more often than chance would have it.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![3 => any::<u8>(), 2 => Just(0x1B)]
}

/// The registers that an entry of a capture's description becomes.
fn expect(entry: &Json, name: &str, expected: &mut Vec<(Register, Decimal)>) {
    let obis = Obis::parse(text(entry.get("obis")).as_bytes()).unwrap();
    let (Some(mantissa), Some(unit)) = (whole(entry.get("value")), whole(entry.get("unit"))) else {
        return;
    };
    // The one capture among them of a meter that means its power unsigned.
    let mantissa = if name == "DZG_DVS-7412.2_jmberg.bin" && mantissa == -29_912 { 35_624 } else { mantissa };
    let value = Decimal::new(mantissa, whole(entry.get("scaler")).unwrap_or(0) as i8);
    let register = |c: u8| Register::find(Obis([1, 0, c, 7, 0, 255])).unwrap();
    let ways = match obis.0 {
        [1, 0, 16, 7, 0, 255] => Some([1, 2]),
        [1, 0, c @ (36 | 56 | 76), 7, 0, 255] => Some([c - 15, c - 14]),
        _ => None,
    };
    if let Some([import, export]) = ways.map(|ways| ways.map(register)) {
        let zero = Decimal::new(0, 0);
        let negative = value.times(-1).unwrap();
        expected.push((import, if mantissa < 0 { zero } else { value }));
        expected.push((export, if mantissa < 0 { negative } else { zero }));
    } else if let Some(register) = Register::find(obis) {
        assert_eq!(i64::from(register.quantity().unit().0), unit, "{name}: {obis}");
        expected.push((register, value));
    }
}

/// Holds a list against its description; returns how many fields that are.
fn compare(name: &str, list: &List<'_>, expected: &Json) -> usize {
    assert_eq!(hex(list.server()), text(expected.get("server_id")), "{name}");
    assert_eq!(list.time(), time(expected.get("act_sensor_time")), "{name}");
    let described = expected.get("entries").list();
    assert_eq!(list.entries().count(), described.len(), "{name}");
    for (entry, described) in list.entries().zip(described) {
        let what = format!("{name}, {}", text(described.get("obis")));
        assert_eq!(
            entry.obis().map(|obis| obis.to_string()).as_deref(),
            Some(text(described.get("obis"))),
            "{what}"
        );
        for (value, field) in [(entry.status, "status"), (entry.unit, "unit"), (entry.scaler, "scaler")] {
            assert_eq!(number(value), whole(described.get(field)), "{what}, {field}");
        }
        assert_eq!(Time::of(&entry.time), time(described.get("time")), "{what}");
        match text(described.get("type")) {
            "octets" => {
                assert_eq!(hex(entry.value.bytes().unwrap()), text(described.get("value"))[4..], "{what}")
            }
            "int" => assert_eq!(number(entry.value), whole(described.get("value")), "{what}"),
            _ => assert!(entry.value.is_absent() && *described.get("value") == Json::Null, "{what}"),
        }
    }
    2 + described.len() * 6
}

/// A text; empty of anything else.
fn text(json: &Json) -> &str {
    json.text().unwrap_or_default()
}

/// A whole number, if it is one.
fn whole(json: &Json) -> Option<i64> {
    match json {
        Json::Number(digits) => digits.parse().ok(),
        _ => None,
    }
}

fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::X25 => "x25",
        Rule::Kermit => "kermit",
    }
}

fn number(value: Value<'_>) -> Option<i64> {
    value.integer().and_then(Integer::value)
}

/// `[choice, seconds]`, or seconds alone.
fn time(described: &Json) -> Option<Time> {
    match described.list() {
        [choice, seconds] => match whole(choice) {
            Some(1) => Some(Time::Index(whole(seconds)?)),
            _ => Some(Time::Unix(whole(seconds)?)),
        },
        _ => Some(Time::Index(whole(described)?)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cases() -> Vec<Json> {
    let vectors = env::var_os("HAN_VECTORS").map(PathBuf::from);
    let vectors = vectors
        .unwrap_or_else(|| [env!("CARGO_MANIFEST_DIR"), "../shared/protocol/vectors"].iter().collect());
    let Ok(content) = fs::read_to_string(vectors.join("sml.json")) else {
        println!("nothing compared: there is no {}", vectors.join("sml.json").display());
        return Vec::new();
    };
    let json = Json::read(&content);
    let cases = json.get("cases").list().iter().filter(|case| !text(case.get("frame_hex")).is_empty());
    cases.cloned().collect()
}
