//! Any bytes in a good SML file give one event, and a reading that does not contradict itself; a value comes out again.

#![no_main]

mod check;

use han_exporter::decoder::{Decoder, Error, Outcome};
use han_exporter::wire::cursor::{Reader, Writer};
use han_exporter::wire::deframer::LONGEST;
use han_exporter::wire::frame::Frame;
use han_exporter::wire::message::Message;
use han_exporter::wire::sml::{Entry, File, LIST, List, Time, Value, each_message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|messages: &[u8]| {
    check_value(messages);
    // What ends in the first byte of an escape cannot be sent, and no message does.
    if messages.last() == Some(&0x1B) {
        return;
    }
    let mut buffer = [0; 2 * LONGEST + 32];
    let mut writer = Writer::new(&mut buffer);
    File::emit(messages, &mut writer);
    let bytes = writer.written();
    if bytes.len() > LONGEST {
        return;
    }
    let file = File::parse(bytes).expect("what was emitted");
    assert_eq!(file.pieces().collect::<Vec<_>>().concat(), messages);
    let mut decoder = Decoder::default();
    let mut rest = bytes;
    let event = decoder.feed(&mut rest).expect("one event");
    assert_eq!((event.frame, event.length), (Some(Frame::Sml(file)), bytes.len()));
    match event.outcome {
        Outcome::Reading { list, message: Message::Sml(sml), reading } => {
            check::reading(list, reading);
            check_list(&sml, messages);
        }
        Outcome::Undecodable(error) => assert!(Error::REASONS.contains(&error.reason())),
        _ => panic!("a whole good file"),
    }
    assert!(decoder.feed(&mut rest).is_none());
});

/// A walk over the values of its message finds the same list.
fn check_list<'a>(list: &List<'a>, messages: &'a [u8]) {
    let sent = each_message(messages).flatten().find(|message| message.tag == LIST).expect("its message");
    let body = Value::read(&mut Reader::new(sent.body)).expect("a value");
    let Some([_, server, _, time, Value::List(entries), _, _]) = body.elements() else { panic!("{body:?}") };
    assert_eq!((Some(list.server()), list.time()), (server.bytes(), Time::of(&time)));
    let of_entry = |Entry { name, status, time, unit, scaler, value, signature }: Entry<'a>| {
        Some([Value::Octets(name), status, time, unit, scaler, value, signature])
    };
    assert!(list.entries().map(of_entry).eq(entries.iter().map(|entry| entry.elements())));
}

/// A value is emitted as it was parsed, its elements are as many as it says, and what is emitted is the same value.
fn check_value(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    let Ok(value) = Value::read(&mut reader) else { return };
    let taken = &bytes[..bytes.len() - reader.rest().len()];
    let mut buffer = vec![0; bytes.len()];
    let mut writer = Writer::new(&mut buffer);
    value.emit(&mut writer);
    assert!(writer.written().len() <= taken.len());
    if writer.written().len() == taken.len() {
        assert_eq!(writer.written(), taken);
    }
    assert_eq!(Value::read(&mut Reader::new(writer.written())), Ok(value));
    if let Value::List(list) = value {
        assert_eq!(list.iter().count(), list.len());
    }
}
