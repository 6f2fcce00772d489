//! A file as meters push it: a response without a request, with one list.

use super::message::{CLOSE, LIST, OPEN, seal};
use super::value::{Integer, Sequence, Value};
use super::{Entry, File};
use crate::wire::cursor::{Overflow, Writer};

/// What a pushed file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Push<'a> {
    /// The transaction id of the first message; those of the others follow.
    pub transaction: u32,
    /// The meter's own identification.
    pub server: &'a [u8],
    /// When the list was made.
    pub time: Value<'a>,
    /// The list.
    pub entries: &'a [Entry<'a>],
}

impl Push<'_> {
    /// Writes the file. Its messages are written to `scratch` before, which needs nearly as much room.
    pub fn emit(&self, scratch: &mut [u8], writer: &mut Writer<'_>) -> Result<(), Overflow> {
        let mut messages = Writer::new(scratch);
        self.emit_messages(&mut messages);
        let length = messages.finish()?;
        File::emit(scratch.get(..length).unwrap_or_default(), writer);
        Ok(())
    }

    /// Writes its three messages.
    pub fn emit_messages(&self, writer: &mut Writer<'_>) {
        let (server, absent) = (Value::Octets(self.server), Value::ABSENT);
        self.emit_message(0, OPEN, writer, |writer| {
            Sequence::emit(&[absent, absent, absent, server, self.time, absent], writer)
        });
        self.emit_message(1, LIST, writer, |writer| {
            Sequence::open(7, writer);
            [absent, server, absent, self.time].iter().for_each(|it| it.emit(writer));
            Sequence::open(self.entries.len(), writer);
            self.entries.iter().for_each(|entry| entry.emit(writer));
            [absent, absent].iter().for_each(|it| it.emit(writer));
        });
        self.emit_message(2, CLOSE, writer, |writer| Sequence::emit(&[absent], writer));
    }

    fn emit_message(
        &self,
        number: u32,
        tag: u16,
        writer: &mut Writer<'_>,
        body: impl FnOnce(&mut Writer<'_>),
    ) {
        let start = writer.written().len();
        let id = self.transaction.wrapping_add(number).to_be_bytes();
        Sequence::open(6, writer);
        let zero = Value::Integer(Integer::unsigned(&[0]));
        [Value::Octets(&id), zero, zero].iter().for_each(|it| it.emit(writer));
        Sequence::open(2, writer);
        Value::Integer(Integer::unsigned(&tag.to_be_bytes())).emit(writer);
        body(writer);
        seal(start, writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;
    use crate::wire::sml::{List, Rule, Time, each_message};

    #[test]
    fn a_list_is_read_as_it_was_pushed() {
        let time = [0x62, 1, 0x65, 0, 0, 0x10, 0];
        let time = Value::List(Sequence::parse(2, &time).unwrap());
        let name = obis!(1-0:1.8.0);
        let number = |bytes| Value::Integer(Integer::signed(bytes));
        let energy = Entry {
            unit: Value::Integer(Integer::unsigned(&[30])),
            scaler: number(&[0xFF]),
            ..Entry::new(&name.0, number(&[0x1B; 4]))
        };
        let manufacturer = Entry::new(&[1, 0, 96, 50, 1, 1], Value::Octets(b"HAN"));
        let push = Push { transaction: u32::MAX, server: b"number", time, entries: &[energy, manufacturer] };
        let (mut scratch, mut buffer) = ([0; 200], [0; 220]);
        let mut writer = Writer::new(&mut buffer);
        assert_eq!(push.emit(&mut scratch, &mut writer), Ok(()));
        let file = File::parse(writer.written()).unwrap();
        let messages = file.pieces().collect::<Vec<_>>().concat();
        assert_eq!(file.messages(), None, "the number is an escape");
        let list = List::parse(&messages).unwrap();
        assert_eq!((list.server(), list.time()), (&b"number"[..], Some(Time::Index(0x1000))));
        assert_eq!(list.entries().collect::<Vec<_>>(), [energy, manufacturer]);
        let tags: Vec<_> =
            each_message(&messages).flatten().map(|it| (it.tag, it.covered[5], it.rule)).collect();
        assert_eq!(tags, [(OPEN, 255, Rule::X25), (LIST, 0, Rule::X25), (CLOSE, 1, Rule::X25)]);
        let mut writer = Writer::new(&mut buffer);
        assert_eq!(push.emit(&mut scratch[..100], &mut writer), Err(Overflow));
    }
}
