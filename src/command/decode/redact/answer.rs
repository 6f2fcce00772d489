//! Answers of meters that are asked, without the numbers that name a meter or its owner.

use super::round;
use crate::meter::{BlockField, BlockForm, List, Shape};
use crate::wire::cursor::Writer;
use crate::wire::frame::Frame;
use crate::wire::kmp::{self, Answer, Values};
use crate::wire::kmp382;
use crate::wire::message::Message;

/// The answer as it may be shared; `None` if it is not understood well enough to be sure.
pub(super) fn masked(frame: &Frame<'_>, message: &[u8]) -> Option<Vec<u8>> {
    let mut buffer = [0; kmp382::LONGEST + kmp::LONGEST];
    let mut writer = Writer::new(&mut buffer);
    match frame {
        Frame::Kmp382(_) => {
            let answer = kmp382::Answer::parse(message).ok()?;
            let data = masked_block(&answer)?;
            kmp382::Answer { data: &data, ..answer }.emit(&mut writer);
        }
        _ => match Answer::parse(message).ok()? {
            Answer::Serial(number) => {
                let number = round(number.into()).try_into().ok()?;
                Answer::Serial(number).emit(&mut writer);
            }
            Answer::Registers(values) => {
                let bytes = masked_values(values, message.get(2..)?)?;
                Answer::Registers(Values::parse(&bytes).ok()?).emit(&mut writer);
            }
            answer => answer.emit(&mut writer),
        },
    }
    Some(writer.written().to_vec())
}

/// What nobody has explained may be a number of somebody too.
fn masked_block(answer: &kmp382::Answer<'_>) -> Option<Vec<u8>> {
    let &Shape::FixedBlock { fields, .. } = &List::of(&Message::Kmp382(*answer))?.shape else { return None };
    let mut masked = vec![0; answer.data.len()];
    for &BlockField { at, form, .. } in fields {
        let width = if let BlockForm::Text(length) = form { length } else { 4 };
        let bytes = answer.data.get(at..at + width)?;
        let slot = masked.get_mut(at..at + width)?;
        slot.copy_from_slice(bytes);
        let name = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
        let round = |name: u32| u32::try_from(round(name.into())).ok();
        match form {
            BlockForm::Name => slot.copy_from_slice(&round(name)?.to_be_bytes()),
            BlockForm::NameBackwards => slot.copy_from_slice(&round(name.swap_bytes())?.to_le_bytes()),
            _ => {}
        }
    }
    Some(masked)
}

/// Registers that no table names may hold the meter's number.
fn masked_values(values: Values<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
    let message = Message::Kmp(Answer::Registers(values));
    let &Shape::ById { rows, .. } = &List::of(&message)?.shape else { return None };
    let mut masked = bytes.to_vec();
    let mut at = 0;
    for value in values.iter() {
        let end = at + 5 + usize::from(value.width);
        if rows.iter().all(|row| row.id != value.id) {
            masked.get_mut(at + 5..end)?.fill(0);
        }
        at = end;
    }
    Some(masked)
}
