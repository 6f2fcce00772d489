//! Bytes of whatever is written to them.

use crate::wire::cursor::Writer;
use crate::wire::deframer::LONGEST;

/// What `write` writes, as bytes.
pub fn encode(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = vec![0; LONGEST];
    let mut writer = Writer::new(&mut buffer);
    write(&mut writer);
    let length = writer.written().len();
    buffer.truncate(length);
    buffer
}
