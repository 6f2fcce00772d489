//! With alloc: the bytes of whatever is written to them.

use alloc::vec;
use alloc::vec::Vec;

use super::cursor::Writer;
use super::verdict::LONGEST;

/// What `write` writes, as bytes. There is room for a frame of any protocol with each of its bytes sent twice.
pub(crate) fn encode(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = vec![0; 2 * LONGEST];
    let mut writer = Writer::new(&mut buffer);
    write(&mut writer);
    let length = writer.written().len();
    buffer.truncate(length);
    buffer
}
