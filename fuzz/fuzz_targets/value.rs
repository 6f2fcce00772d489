//! Any bytes that are a value come out again; what comes out is the same value.

#![no_main]

use han_exporter::wire::dlms::apdu::Apdu;
use han_exporter::wire::cursor::{Reader, Writer};
use han_exporter::wire::dlms::value::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = Reader::new(bytes);
    if let Ok(value) = Value::read(&mut reader) {
        let taken = &bytes[..bytes.len() - reader.rest().len()];
        check(taken, &emitted(bytes.len(), |writer| value.emit(writer)));
        walk(&value, 0);
    }
    if let Ok(apdu) = Apdu::parse(bytes) {
        let once = emitted(bytes.len(), |writer| apdu.emit(writer));
        check(bytes, &once);
        let again = Apdu::parse(&once).expect("what was emitted");
        assert_eq!(emitted(bytes.len(), |writer| again.emit(writer)), once);
    }
});

/// Byte for byte, unless a length was longer written than it need be.
fn check(taken: &[u8], emitted: &[u8]) {
    assert!(emitted.len() <= taken.len());
    if emitted.len() == taken.len() {
        assert_eq!(emitted, taken);
    }
}

/// A sequence has as many elements as it says, and no element is deeper than the bound.
fn walk(value: &Value<'_>, depth: usize) {
    assert!(depth <= 6);
    if let Some(sequence) = value.sequence() {
        assert_eq!(sequence.iter().count(), sequence.len());
        sequence.iter().for_each(|element| walk(&element, depth + 1));
    }
}

fn emitted(room: usize, emit: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = vec![0; room];
    let mut writer = Writer::new(&mut buffer);
    emit(&mut writer);
    let bytes = writer.written().to_vec();
    assert_eq!(writer.finish(), Ok(bytes.len()), "longer than it was");
    bytes
}
