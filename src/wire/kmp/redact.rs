//! A response in Kamstrup's binary protocol without the numbers that name a meter or its user.

use alloc::vec::Vec;

use super::{Response, Values, seal};
use crate::wire::encode::encode;
use crate::wire::mask::round;
use crate::wire::meaning::{Layout, Meanings};
use crate::wire::message::Message;

/// Address and command.
const HEAD: usize = 2;
/// Number, unit, width and exponent of a register, before its value.
const REGISTER: usize = 5;

/// The response as it may be shared; `None` if it is not understood well enough to be sure.
pub(in crate::wire) fn masked(content: &[u8], meanings: &dyn Meanings) -> Option<Vec<u8>> {
    let mut masked = content.to_vec();
    match Response::parse(content).ok()? {
        Response::Serial(number) => {
            let number = u32::try_from(round(number.into())).ok()?;
            masked.get_mut(HEAD..)?.last_chunk_mut().map(|bytes| *bytes = number.to_be_bytes())?;
        }
        Response::Registers(values) => mask_values(values, meanings, masked.get_mut(HEAD..)?)?,
        Response::Type { .. } => {}
    }
    Some(encode(|writer| seal(&masked, writer)))
}

/// Registers that no table names may contain the meter's number.
fn mask_values(values: Values<'_>, meanings: &dyn Meanings, bytes: &mut [u8]) -> Option<()> {
    let Layout::Numbers(known) = meanings.layout(&Message::Kmp(Response::Registers(values))) else {
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
