//! Walks the body of a message byte by byte, also one that nothing is known about or that breaks off.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use super::value::{Described, Descriptor, Error, Value};
use crate::wire::cursor::Reader;
use crate::wire::meaning::Position;
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// One field of a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    /// Bytes of the body before it.
    pub at: usize,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How many sequences contain it.
    pub depth: usize,
    /// The code of a value, sent in front of it or known by its position.
    pub code: Option<Obis>,
    /// What it is.
    pub content: Content<'a>,
}

/// What a field is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    /// The head of an array or structure and how many elements it announces.
    Open { array: bool, count: usize },
    /// The code of the value that follows.
    Code(Obis),
    /// A value, and its power of ten and unit where the list or its table gives them.
    Value(Value<'a>, Option<(i8, Unit)>),
    /// What one of the list's elements is.
    Descriptor(Descriptor),
    /// The power of ten and unit of the value before.
    Scaler(i8, Unit),
    /// All the rest: bytes that are no value.
    Broken(Error),
}

/// The fields of a body.
pub(super) struct Fields<'a> {
    body: &'a [u8],
    reader: Reader<'a>,
    /// Elements still to come of each open sequence; the body itself is the first.
    open: Vec<usize>,
    positions: VecDeque<Position>,
    /// What the elements after the first are, if that describes them.
    described: VecDeque<Descriptor>,
    code: Option<Obis>,
}

impl<'a> Fields<'a> {
    /// Starts at the first byte of a body, whose values have these positions if it contains no codes.
    pub fn new(body: &'a [u8], positions: Vec<Position>) -> Self {
        let described = Value::read(&mut Reader::new(body)).ok().as_ref().and_then(Described::of);
        let described = described.into_iter().flatten().map(|(descriptor, _)| descriptor).collect();
        let positions = positions.into();
        Fields { body, reader: Reader::new(body), open: vec![1], positions, described, code: None }
    }

    /// The bytes after those walked.
    pub fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    fn content(&mut self) -> Result<(Option<Obis>, Content<'a>), Error> {
        match *self.reader.rest() {
            [1 | 2, ..] if !self.described.is_empty() => self.described_or_open(),
            [tag @ (1 | 2), ..] => self.open(tag == 1).map(|content| (None, content)),
            [9, 6, a, b, c, d, e, f, ..] if self.is_bare() => {
                let obis = Obis([a, b, c, d, e, f]);
                // Six letters or digits are a text: no code has all its groups above 32.
                if obis.0.iter().all(|group| (b' '..=b'~').contains(group)) {
                    return Ok((None, Content::Value(Value::read(&mut self.reader)?, None)));
                }
                self.reader.take(8)?;
                self.code = Some(obis);
                Ok((None, Content::Code(obis)))
            }
            _ => self.value(),
        }
    }

    /// Whether nothing yet says what comes next.
    fn is_bare(&self) -> bool {
        self.code.is_none() && self.positions.is_empty() && self.described.is_empty()
    }

    /// A descriptor, or a sequence; one among the values is a value itself.
    fn described_or_open(&mut self) -> Result<(Option<Obis>, Content<'a>), Error> {
        if let Some(descriptor) = Descriptor::take(&mut self.reader) {
            return Ok((None, Content::Descriptor(descriptor)));
        }
        let code = self.is_among_values().then(|| self.described.pop_front()).flatten();
        let array = self.reader.rest().first() == Some(&1);
        Ok((code.map(|descriptor| descriptor.obis), self.open(array)?))
    }

    /// The list itself is open and no sequence within it; its first element is the description.
    fn is_among_values(&self) -> bool {
        self.open.len() == 2 && self.described.len() == self.open.last().map_or(0, |left| left + 1)
    }

    fn open(&mut self, array: bool) -> Result<Content<'a>, Error> {
        if let [2, 2, 15, exponent, 22, unit, ..] = *self.reader.rest()
            && self.open.len() > 1
        {
            self.reader.take(6)?;
            return Ok(Content::Scaler(exponent.cast_signed(), Unit(unit)));
        }
        self.reader.u8()?;
        let count = self.reader.length()?;
        self.open.push(count);
        self.code = None;
        Ok(Content::Open { array, count })
    }

    fn value(&mut self) -> Result<(Option<Obis>, Content<'a>), Error> {
        let value = Value::read(&mut self.reader)?;
        if let Some(Position { code, scale }) = self.positions.pop_front() {
            return Ok((code, Content::Value(value, scale)));
        }
        if self.is_among_values() {
            let descriptor = self.described.pop_front().filter(Descriptor::is_value);
            return Ok((descriptor.map(|descriptor| descriptor.obis), Content::Value(value, None)));
        }
        let scale = match *self.reader.rest() {
            [2, 2, 15, exponent, 22, unit, ..] => Some((exponent.cast_signed(), Unit(unit))),
            _ => None,
        };
        Ok((self.code.take(), Content::Value(value, scale)))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
        let left = self.open.last_mut()?;
        *left -= 1;
        let depth = self.open.len() - 1;
        let before = self.reader.rest();
        let at = self.body.len() - before.len();
        let (code, content) = self.content().unwrap_or_else(|error| {
            self.open.clear();
            self.reader = Reader::new(&[]);
            (None, Content::Broken(error))
        });
        Some(Field { at, bytes: self.reader.taken(before), depth, code, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(body: &[u8]) -> Vec<(usize, usize, char)> {
        let shape = |field: Field<'_>| {
            let letter = match field.content {
                Content::Open { .. } => '(',
                Content::Code(_) => 'c',
                Content::Value(..) => 'v',
                Content::Descriptor(_) => 'd',
                Content::Scaler(..) => 's',
                Content::Broken(_) => '!',
            };
            (field.at, field.depth, letter)
        };
        Fields::new(body, Vec::new()).map(shape).collect()
    }

    const RECORD: [u8; 23] =
        [1, 1, 2, 3, 9, 6, 1, 0, 32, 7, 0, 255, 18, 9, 36, 2, 2, 15, 255, 22, 35, 0xAA, 0xBB];

    #[test]
    fn every_byte_belongs_to_a_field_or_to_the_rest() {
        let whole = [(0, 0, '('), (2, 1, '('), (4, 2, 'c'), (12, 2, 'v'), (15, 2, 's')];
        assert_eq!(shapes(&RECORD), whole);
        let mut fields = Fields::new(&RECORD, Vec::new());
        assert_eq!(fields.by_ref().map(|field| field.bytes.len()).sum::<usize>(), 21);
        assert_eq!(fields.rest(), [0xAA, 0xBB]);
    }

    #[test]
    fn a_body_that_breaks_off_ends_with_the_break() {
        for end in 0..21 {
            let fields = shapes(&RECORD[..end]);
            let bytes: usize = Fields::new(&RECORD[..end], Vec::new()).map(|field| field.bytes.len()).sum();
            assert_eq!((fields.last().map(|field| field.2), bytes), (Some('!'), end));
        }
    }

    #[test]
    fn six_letters_are_no_code() {
        assert_eq!(shapes(&[2, 1, 9, 6, b'1', b'2', b'3', b'4', b'5', b'6']), [(0, 0, '('), (2, 1, 'v')]);
    }
}
