//! An answer in Kamstrup's binary protocol without the numbers that name a meter or its user.

use alloc::vec;
use alloc::vec::Vec;

use super::{Answer, LONGEST, Values, seal};
use crate::wire::cursor::Writer;
use crate::wire::mask::round;
use crate::wire::meaning::{Layout, Meanings};
use crate::wire::message::Message;

/// Address and command.
const HEAD: usize = 2;
/// Number, unit, width and exponent of a register, before its value.
const REGISTER: usize = 5;

/// The answer as it may be shared; `None` if it is not understood well enough to be sure.
pub(in crate::wire) fn masked(content: &[u8], meanings: &dyn Meanings) -> Option<Vec<u8>> {
    let mut masked = content.to_vec();
    match Answer::parse(content).ok()? {
        Answer::Serial(number) => {
            let number = u32::try_from(round(number.into())).ok()?;
            masked.get_mut(HEAD..)?.last_chunk_mut().map(|bytes| *bytes = number.to_be_bytes())?;
        }
        Answer::Registers(values) => mask_values(values, meanings, masked.get_mut(HEAD..)?)?,
        Answer::Type { .. } => {}
    }
    let mut buffer = vec![0; LONGEST];
    let mut writer = Writer::new(&mut buffer);
    seal(&masked, &mut writer);
    Some(writer.written().to_vec())
}

/// Registers that no table names may contain the meter's number.
fn mask_values(values: Values<'_>, meanings: &dyn Meanings, bytes: &mut [u8]) -> Option<()> {
    let Layout::Numbers(known) = meanings.layout(&Message::Kmp(Answer::Registers(values))) else {
        return None;
    };
    let mut at = 0;
    for value in values.iter() {
        let end = at + REGISTER + usize::from(value.width);
        if !known.contains(&value.id) {
            bytes.get_mut(at + REGISTER..end)?.fill(0);
        }
        at = end;
    }
    Some(())
}
