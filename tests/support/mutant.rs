//! Messages made wrong, and what must hold of anything that is read from them.

use han_exporter::meter::{Kind, LISTS, List, Shape};
use han_exporter::reading::{Content, Identity, Reading};
use han_exporter::wire::hdlc::MAX_LENGTH;

use super::random::Random;

/// A reading does not contradict itself.
pub fn check_reading(list: &'static List, reading: &Reading, name: &dyn Fn() -> String) {
    assert!(LISTS.iter().any(|known| std::ptr::eq(*known, list)), "{}: no list of ours", name());
    let mut counts = false;
    let mut empty = true;
    for (register, value) in reading.registers() {
        assert!(value.to_f64().is_finite(), "{}: {value:?}", name());
        assert_eq!(reading.value(register), Some(value), "{}", name());
        counts |= register.kind() == Kind::Counter;
        empty = false;
    }
    // Registers of meters behind this one may be all there is.
    let alone = empty && reading.unknown > 0 && matches!(list.shape, Shape::Described(_));
    assert!(!empty || alone, "{}: a reading that says nothing", name());
    assert_eq!(counts || alone, reading.content == Content::Energy, "{}", name());
    let Identity { model, id, device, list_version, .. } = &reading.identity;
    for text in [model.as_bytes(), id.as_bytes(), device.as_bytes(), list_version.as_bytes()] {
        assert!(text.iter().all(|byte| (b' '..=b'~').contains(byte)), "{}: {text:?}", name());
    }
    if let Some(seconds) = reading.clock.and_then(|clock| clock.to_unix(list.zone)) {
        // One day around the years 1970 to 9999.
        assert!((-86_400..253_402_387_200).contains(&seconds), "{}: {seconds}", name());
    }
}

/// Does one to three things to a message that somebody who knows the format might do. Most leave its header alone, or
/// hardly any would reach what lies behind it.
pub fn mutate(information: &mut Vec<u8>, header: usize, random: &mut Random) {
    let spared = if random.below(16) == 0 { 0 } else { header.min(information.len()) };
    for _ in 0..=random.below(3) {
        if information.len() <= spared {
            information.push(random.byte());
        }
        let place = spared + random.below(information.len() - spared);
        // What moves nothing is tried most: a list whose structure is gone is refused at once.
        match random.below(16) {
            0 => drop_some(information, place, random),
            1 => information.insert(place, interesting(random)),
            2 => information.truncate(place),
            3 => splice(information, place, random),
            4..7 => information[place] = interesting(random),
            7..10 => information[place] ^= 1 << random.below(8),
            10..13 => information[place] = information[place].wrapping_add(1),
            _ => information[place] = random.byte(),
        }
        information.truncate(MAX_LENGTH - 20);
    }
}

/// Tags, lengths and limits.
fn interesting(random: &mut Random) -> u8 {
    const LIKELY: [u8; 32] = [
        0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 0x7E,
        0x7F, 0x80, 0x81, 0x82, 0xFF,
    ];
    LIKELY[random.below(LIKELY.len())]
}

fn drop_some(information: &mut Vec<u8>, place: usize, random: &mut Random) {
    let end = (place + 1 + random.below(8)).min(information.len());
    information.drain(place..end);
}

/// Puts a piece of the message in a second time, over or between what is there.
fn splice(information: &mut Vec<u8>, place: usize, random: &mut Random) {
    let start = random.below(information.len());
    let end = (start + 1 + random.below(24)).min(information.len());
    let piece = information[start..end].to_vec();
    let over = if random.below(2) == 0 { piece.len() } else { 0 };
    let until = (place + over).min(information.len());
    information.splice(place..until, piece);
}
