//! Every fixture decodes to its golden, also from pieces of any size, and to nothing before it is complete.
//!
//! `BLESS=1 cargo test --test protocols fixtures` rewrites the goldens; check the differences before committing.

use crate::support;
use crate::support::share::all;
use crate::support::{arc, each_event, events, fixture, outcomes, readings};
use han_exporter::decoder::Outcome;
use han_exporter::meter::LISTS;
use han_exporter::wire::cursor::{Reader, Writer};
use han_exporter::wire::deframer::LONGEST;
use han_exporter::wire::dlms::apdu::Apdu;
use han_exporter::wire::dlms::value::Value;
use han_exporter::wire::frame::Frame;
use han_exporter::wire::hdlc::FLAG;
use han_exporter::wire::message;
use han_exporter::wire::sml::{self, File, Message, Rule, each_message, seal};
use han_exporter::wire::telegram::START_EVEN;

#[test]
fn decodes_to_its_golden() {
    support::check_goldens(fixture::all().into_iter().map(|fixture| {
        let said = events(&fixture.bytes, fixture.bytes.len()).concat();
        (fixture.path.with_extension("txt"), said)
    }));
}

#[test]
fn decodes_the_same_in_pieces_of_any_size() {
    for fixture in fixture::all() {
        let whole = events(&fixture.bytes, fixture.bytes.len());
        for chunk in [1, 2, 3, 7, 64] {
            assert_eq!(events(&fixture.bytes, chunk), whole, "{} in pieces of {chunk}", fixture.name);
        }
    }
}

#[test]
fn decodes_to_nothing_before_it_is_complete() {
    for fixture in fixture::all() {
        // A tag proves its message before the frame around it ends.
        let whole = readings(&fixture.bytes);
        for end in all(0..fixture.bytes.len()) {
            let said = readings(&fixture.bytes[..end]);
            let may_speak = end >= fixture.needed || fixture.proves_itself();
            let speaks_truly = said.is_empty() || may_speak && said == whole;
            assert!(speaks_truly, "{} cut after {end} bytes: {said:?}", fixture.name);
        }
    }
}

#[test]
fn each_frame_is_emitted_as_it_was_sent() {
    for fixture in fixture::all() {
        let mut frames = fixture.frames.iter();
        each_event(&fixture.bytes, fixture.bytes.len(), |event| {
            let &(start, length) = frames.next().unwrap();
            let frame = event.frame.unwrap();
            let bytes = &fixture.bytes[start..start + length];
            assert_eq!(emitted(|writer| frame.emit(writer)), bytes, "{}", fixture.name);
        });
    }
}

#[test]
fn each_message_is_emitted_as_it_was_sent() {
    for fixture in fixture::all() {
        each_event(&fixture.bytes, fixture.bytes.len(), |event| {
            if let Ok(message::Message::Notification(notification)) = message::Message::read(event.message) {
                let apdu = Apdu::Notification(notification);
                assert_eq!(emitted(|writer| apdu.emit(writer)), event.message, "{}", fixture.name);
                check_value(&notification.body, &fixture.name);
            }
        });
    }
}

#[test]
fn each_sml_file_is_rebuilt_from_its_messages() {
    for fixture in fixture::of("sml") {
        let file = File::parse(&fixture.bytes).unwrap_or_else(|error| panic!("{}: {error:?}", fixture.name));
        let messages = file.pieces().collect::<Vec<_>>().concat();
        let anew = emitted(|writer| File::emit_padded(&messages, file.padding(), writer));
        let by_kermit = fixture.name.ends_with("kermit");
        let compared = anew.len() - if by_kermit { 2 } else { 0 };
        assert_eq!(anew[..compared], fixture.bytes[..compared], "{}", fixture.name);
        assert_eq!(anew != fixture.bytes, by_kermit, "{}", fixture.name);
        for message in each_message(&messages).flatten() {
            let body = sml::Value::read(&mut Reader::new(message.body)).expect("its body");
            assert_eq!(emitted(|writer| body.emit(writer)), message.body, "{}", fixture.name);
            assert!(message.covered.ends_with(message.body), "{}", fixture.name);
            let sealed = emitted(|writer| {
                writer.bytes(message.covered);
                seal(0, writer);
            });
            assert_eq!(each_message(&sealed).next(), Some(Ok(Message { rule: Rule::X25, ..message })));
        }
    }
}

#[test]
fn readings_from_telegrams_without_a_check_are_unproven() {
    let mut proofs = [Vec::new(), Vec::new()];
    for fixture in fixture::all() {
        each_event(&fixture.bytes, fixture.bytes.len(), |event| {
            if let Outcome::Reading { .. } = event.outcome {
                let unchecked =
                    matches!(event.frame, Some(Frame::Telegram(telegram)) if !telegram.is_checked());
                proofs[usize::from(unchecked)].push(fixture.name.clone());
            }
        });
    }
    let [checked, unchecked] = proofs.map(|names| move |name: &str| names.iter().any(|known| known == name));
    assert!(unchecked("netherlands/dsmr-2") && unchecked("netherlands/dsmr-4-no-check"));
    assert!(
        checked("netherlands/dsmr-5") && checked("kaifa/list-1") && checked("austria/steiermark-ciphered")
    );
}

#[test]
fn every_list_has_a_fixture() {
    let mut reached = vec![false; LISTS.len()];
    for fixture in fixture::all() {
        each_event(&fixture.bytes, fixture.bytes.len(), |event| {
            if let Outcome::Reading { list, .. } = event.outcome {
                let index = LISTS.iter().position(|&known| std::ptr::eq(known, list)).unwrap();
                reached[index] = true;
            }
        });
    }
    for (list, reached) in LISTS.iter().zip(reached) {
        assert!(reached, "no fixture is read by the list '{}'", list.name);
    }
}

#[test]
fn each_is_read_between_others() {
    let neighbours = Neighbours::default();
    for fixture in fixture::pushed() {
        let said = outcomes(&fixture.bytes);
        // Behind a flag, a slash with its parity bit looks like the head of a frame, whose check then fails.
        let look = if fixture.bytes[0] == START_EVEN { readings } else { outcomes };
        assert_eq!(look(&neighbours.around(&fixture.bytes)), neighbours.and(&said), "{}", fixture.name);
        if fixture.protocol != "hdlc" {
            continue;
        }
        // One flag may close a frame and open the next.
        let shared = neighbours.around(&fixture.bytes[1..fixture.bytes.len() - 1]);
        assert_eq!(outcomes(&shared), neighbours.and(&said), "{} sharing both flags", fixture.name);
    }
}

#[test]
fn a_lost_doubled_or_added_byte_costs_no_neighbour() {
    let neighbours = Neighbours::default();
    for fixture in fixture::pushed() {
        let own = readings(&fixture.bytes);
        for place in all(0..fixture.bytes.len()) {
            let doubled = fixture.bytes[place];
            let (before, behind) = fixture.bytes.split_at(place);
            let check = |damaged: &[u8]| {
                // One telegram in 65,536 with a byte more or less is as good as any.
                let proven = fixture.is_proven && (damaged == fixture.bytes || !arc::holds(damaged));
                neighbours.check(damaged, proven.then_some(&own[..]), &fixture.name, place);
            };
            check(&[before, &behind[1..]].concat());
            for added in [doubled, 0x00, FLAG, 0xA0, 0xFF] {
                check(&[before, &[added], behind].concat());
            }
        }
    }
}

/// A short frame before and another behind.
struct Neighbours {
    before: Vec<u8>,
    behind: Vec<u8>,
    said: [String; 2],
}

impl Default for Neighbours {
    fn default() -> Self {
        let [before, behind] = ["aidon/list-1", "kaifa/list-1"].map(|name| fixture::named(name).bytes);
        let said = [&before, &behind].map(|bytes| readings(bytes).concat());
        Neighbours { before, behind, said }
    }
}

impl Neighbours {
    fn around(&self, between: &[u8]) -> Vec<u8> {
        [&self.before, between, &self.behind].concat()
    }

    fn and(&self, between: &[String]) -> Vec<String> {
        let [before, behind] = self.said.clone();
        [&[before], between, &[behind]].concat()
    }

    /// Both neighbours are read; what is read between them is the fixture's own or nothing, if any check proves it.
    #[track_caller]
    fn check(&self, damaged: &[u8], own: Option<&[String]>, name: &str, place: usize) {
        let said = readings(&self.around(damaged));
        let [before, behind] = &self.said;
        assert!(
            said.first() == Some(before) && said.last() == Some(behind),
            "{name}, byte {place}: {said:?}"
        );
        let between = said.get(1..said.len() - 1);
        let allowed = between.is_some_and(|said| said.is_empty() || own.is_none_or(|own| said == own));
        assert!(allowed, "{name}, byte {place}: {said:?}");
    }
}

fn emitted(emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = [0; LONGEST];
    let mut writer = Writer::new(&mut buffer);
    emit(&mut writer);
    let bytes = writer.written().to_vec();
    assert_eq!(writer.finish(), Ok(bytes.len()));
    bytes
}

/// Every value inside parses again from what it emits.
fn check_value(value: &Value<'_>, name: &str) {
    let bytes = emitted(|writer| value.emit(writer));
    let mut reader = Reader::new(&bytes);
    assert_eq!(Value::read(&mut reader).as_ref(), Ok(value), "{name}");
    assert!(reader.rest().is_empty(), "{name}");
    value.sequence().into_iter().flatten().for_each(|element| check_value(&element, name));
}
