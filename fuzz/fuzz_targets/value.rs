//! Any octets that are a value come out again; what comes out is the same value.

#![no_main]

use han_exporter::wire::apdu::Apdu;
use han_exporter::wire::cursor::{Reader, Writer};
use han_exporter::wire::value::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let mut reader = Reader::new(octets);
    if let Ok(value) = Value::read(&mut reader) {
        let taken = &octets[..octets.len() - reader.rest().len()];
        check(taken, &emitted(octets.len(), |writer| value.emit(writer)));
        walk(&value, 0);
    }
    if let Ok(apdu) = Apdu::parse(octets) {
        let once = emitted(octets.len(), |writer| apdu.emit(writer));
        check(octets, &once);
        let again = Apdu::parse(&once).expect("what was emitted");
        assert_eq!(emitted(octets.len(), |writer| again.emit(writer)), once);
    }
});

/// Octet for octet, unless a length was longer written than it need be.
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
    let octets = writer.written().to_vec();
    assert_eq!(writer.finish(), Ok(octets.len()), "longer than it was");
    octets
}
