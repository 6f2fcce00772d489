//! Walks the messages of an SML file node by node, including those that break off or are damaged.

use alloc::vec;
use alloc::vec::Vec;

use super::{CLOSE, Error, Integer, LIST, OPEN, Sequence, Value};
use crate::wire::cursor::Reader;
use crate::wire::obis::Obis;

/// One node: a value, or where a list begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    /// Bytes of the messages before it.
    pub at: usize,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How many lists contain it.
    pub depth: usize,
    /// What has its place there.
    pub place: Place,
    /// The code of the entry it belongs to.
    pub code: Option<Obis>,
    /// What it is.
    pub content: Content<'a>,
}

/// What a node is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    /// The head of a list and how many elements it announces.
    Open(usize),
    /// A value; a time is one as a whole.
    Value(Value<'a>),
    /// The end of a message.
    End,
    /// All the rest: bytes that are no value.
    Broken(Error),
}

/// A kind of list, and the number of an element in it.
pub(super) type Place = (Kind, usize);

/// The lists of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The messages, which are in no list.
    File,
    /// Transaction id, group, what to do after an error, choice, check sequence, end.
    Message,
    /// Tag and body.
    Choice,
    /// Code page, client, request id, server, time, version.
    Open,
    /// Client, server, name, time, entries, signature, time of the gateway.
    List,
    /// Entries.
    Entries,
    /// Name, status, time, unit, scaler, value, signature.
    Entry,
    /// Signature.
    Close,
    /// Any other.
    Other,
}

/// The nodes of messages.
pub(super) struct Nodes<'a> {
    messages: &'a [u8],
    reader: Reader<'a>,
    /// What comes next in each open list, and how many of it are still to come; the file itself is the first.
    open: Vec<(Place, usize)>,
    tag: Option<u16>,
    code: Option<Obis>,
}

impl<'a> Nodes<'a> {
    /// Starts with the first message.
    pub fn new(messages: &'a [u8]) -> Self {
        let open = vec![((Kind::File, 0), usize::MAX)];
        Nodes { messages, reader: Reader::new(messages), open, tag: None, code: None }
    }

    fn content(&mut self, place: Place) -> Result<Content<'a>, Error> {
        if place == (Kind::Message, 5) && self.reader.rest().first() == Some(&0) {
            self.reader.u8()?;
            return Ok(Content::End);
        }
        let is_time = matches!(place, (Kind::Open, 4) | (Kind::List, 3 | 6) | (Kind::Entry, 2));
        let list = if is_time { None } else { Sequence::enter(&mut self.reader)? };
        let Some(count) = list else {
            return Value::read(&mut self.reader).map(|value| self.value(place, value));
        };
        self.open.push(((self.inside(place), 0), count));
        Ok(Content::Open(count))
    }

    fn value(&mut self, place: Place, value: Value<'a>) -> Content<'a> {
        match place {
            (Kind::Choice, 0) => self.tag = value.integer().and_then(Integer::fit),
            (Kind::Entry, 0) => self.code = value.obis(),
            _ => {}
        }
        Content::Value(value)
    }

    /// What a list at this place is.
    fn inside(&self, place: Place) -> Kind {
        match (place, self.tag) {
            ((Kind::File, _), _) => Kind::Message,
            ((Kind::Message, 3), _) => Kind::Choice,
            ((Kind::Choice, 1), Some(OPEN)) => Kind::Open,
            ((Kind::Choice, 1), Some(LIST)) => Kind::List,
            ((Kind::Choice, 1), Some(CLOSE)) => Kind::Close,
            ((Kind::List, 4), _) => Kind::Entries,
            ((Kind::Entries, _), _) => Kind::Entry,
            _ => Kind::Other,
        }
    }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        while let Some(((kind, _), _)) = self.open.pop_if(|(_, left)| *left == 0) {
            self.code = self.code.filter(|_| kind != Kind::Entry);
        }
        let depth = self.open.len().checked_sub(1)?;
        let before = self.reader.rest();
        if before.is_empty() && depth == 0 {
            return None;
        }
        let (next, left) = self.open.last_mut()?;
        let place = *next;
        next.1 += 1;
        *left -= 1;
        let content = self.content(place).unwrap_or_else(|error| {
            self.open.clear();
            self.reader = Reader::new(&[]);
            Content::Broken(error)
        });
        let (at, bytes) = (self.messages.len() - before.len(), self.reader.taken(before));
        Some(Node { at, bytes, depth, place, code: self.code, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    const MESSAGES: [u8; 49] = [
        0x76, 2, 7, 0x62, 0, 0x62, 0, 0x72, 0x63, 7, 1, 0x77, 1, 2, 9, 1, 0x72, 0x62, 1, 0x62, 0, 0x71, 0x77,
        7, 1, 0, 1, 8, 0, 255, 1, 1, 1, 1, 0x62, 5, 1, 1, 1, 0x63, 1, 2, 0, 0x76, 2, 7, 0x62, 0, 9,
    ];

    #[test]
    fn every_byte_belongs_to_a_node_that_knows_its_place() {
        let nodes: Vec<Node<'_>> = Nodes::new(&MESSAGES).collect();
        assert_eq!(nodes.iter().map(|node| node.bytes).collect::<Vec<_>>().concat(), MESSAGES);
        let at = |place: Place| nodes.iter().find(|node| node.place == place).unwrap();
        assert_eq!((at((Kind::Entry, 5)).at, at((Kind::Entry, 5)).depth), (34, 5));
        assert_eq!(at((Kind::Entry, 5)).code, Some(obis!(1-0:1.8.0)));
        assert_eq!(at((Kind::List, 5)).code, None);
        assert_eq!(at((Kind::List, 3)).bytes.len(), 5, "a time is one node");
        assert!(matches!(at((Kind::Message, 5)).content, Content::End));
        assert!(matches!(nodes.last().unwrap().content, Content::Broken(Error::Truncated)));
    }

    #[test]
    fn messages_that_break_off_end_with_the_break() {
        for end in 0..43 {
            let nodes: Vec<Node<'_>> = Nodes::new(&MESSAGES[..end]).collect();
            assert_eq!(nodes.iter().map(|node| node.bytes.len()).sum::<usize>(), end);
            let broken = nodes.last().is_some_and(|node| matches!(node.content, Content::Broken(_)));
            assert_eq!(broken, end > 0, "{end}");
        }
    }
}
