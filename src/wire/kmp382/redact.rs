//! A response of a Kamstrup 685-382 without the numbers that name a meter or its user.

use alloc::vec;
use alloc::vec::Vec;

use super::Response;
use crate::wire::encode::encode;
use crate::wire::mask::round;
use crate::wire::meaning::{ByteOrder, Layout, Meanings};
use crate::wire::message::Message;

/// The response as it may be shared; `None` if it is not understood well enough to be sure.
pub(in crate::wire) fn masked(content: &[u8], meanings: &dyn Meanings) -> Option<Vec<u8>> {
    let response = Response::parse(content).ok()?;
    let data = masked_block(&response, meanings)?;
    Some(encode(|writer| Response { data: &data, ..response }.emit(writer)))
}

/// What nobody has explained may be somebody's number too.
fn masked_block(response: &Response<'_>, meanings: &dyn Meanings) -> Option<Vec<u8>> {
    let Layout::Block(cells) = meanings.layout(&Message::Kmp382(*response)) else { return None };
    let mut masked = vec![0; response.data.len()];
    for cell in cells {
        let bytes = response.data.get(cell.at..cell.at + cell.width)?;
        let slot = masked.get_mut(cell.at..cell.at + cell.width)?;
        slot.copy_from_slice(bytes);
        let round = |number: u32| u32::try_from(round(number.into())).ok();
        match (cell.names, bytes.first_chunk()) {
            (None, _) => {}
            (Some(ByteOrder::Big), Some(number)) => {
                slot.copy_from_slice(&round(u32::from_be_bytes(*number))?.to_be_bytes());
            }
            (Some(ByteOrder::Little), Some(number)) => {
                slot.copy_from_slice(&round(u32::from_le_bytes(*number))?.to_le_bytes());
            }
            (Some(_), None) => return None,
        }
    }
    Some(masked)
}
