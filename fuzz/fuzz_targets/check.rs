//! What must hold of anything that is read.

use han_exporter::meter::{Kind, List, Shape};
use han_exporter::reading::{Content, Reading};
use han_exporter::wire::dlms::cipher::{Key, Keys};

/// The keys of the fixtures: 00 01 … 0F opens, D0 D1 … DF proves.
#[allow(dead_code, reason = "most targets have no use for it")]
pub fn keys() -> Keys {
    let key = |first: u8| Some(Key::new(std::array::from_fn(|index| first + index as u8)));
    Keys { encryption: key(0), authentication: key(0xD0) }
}

/// A reading is finite, printable and does not contradict itself.
pub fn reading(list: &List, reading: &Reading) {
    let _ = reading.clock.and_then(|clock| clock.to_unix(list.zone));
    for (register, value) in reading.registers() {
        assert!(value.to_f64().is_finite());
        assert_eq!(reading.value(register), Some(value));
        let printed: f64 = value.to_string().parse().expect("a number");
        assert_eq!(printed, value.to_f64());
    }
    // Registers of meters behind this one may be all there is.
    let empty = reading.registers().next().is_none();
    assert!(!empty || matches!(list.shape, Shape::Described(_)) && reading.unknown > 0);
    let counts = reading.registers().any(|(register, _)| register.kind() == Kind::Counter);
    assert_eq!(counts || empty, reading.content == Content::Energy);
    let identity = &reading.identity;
    let short = [identity.model, identity.device, identity.list_version];
    for text in short.iter().map(|text| text.as_bytes()).chain([identity.id.as_bytes()]) {
        assert!(text.iter().all(|byte| (b' '..=b'~').contains(byte)));
    }
}
