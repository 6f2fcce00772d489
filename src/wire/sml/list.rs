//! The list of a file: who sends it, when, and its values.
//!
//! ```text
//! 77  client  server  list name  time  7x (entries)  signature  time of the gateway
//!     77  name  status  time  unit  scaler  value  signature
//! ```

use super::Error;
use super::message::{LIST, each_message};
use super::value::{Integer, Sequence, Value};
use crate::wire::clock::DateTime;
use crate::wire::cursor::{Reader, Writer};
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// A list, as SML_GetList.Res carries it. It exists only if all its entries are some, so walking them cannot fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List<'a> {
    server: &'a [u8],
    time: Value<'a>,
    count: usize,
    entries: &'a [u8],
}

impl<'a> List<'a> {
    /// Finds the list among messages, all of which must be whole. Of several, which no meter sends, it is the first.
    pub fn parse(messages: &'a [u8]) -> Result<Self, Error> {
        let mut list = None;
        for message in each_message(messages) {
            let message = message?;
            if message.tag == LIST && list.is_none() {
                list = Some(List::read(message.body)?);
            }
        }
        list.ok_or(Error::NoList)
    }

    fn read(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        Sequence::enter_exactly(7, &mut reader)?;
        let _client = Value::read(&mut reader)?;
        let server = Value::read(&mut reader)?.bytes().ok_or(Error::Form)?;
        let _name = Value::read(&mut reader)?;
        let time = Value::read(&mut reader)?;
        let count = Sequence::enter(&mut reader)?.ok_or(Error::Form)?;
        let start = reader.rest();
        (0..count).try_for_each(|_| Entry::skip(&mut reader))?;
        Ok(List { server, time, count, entries: reader.taken(start) })
    }

    /// The meter's own identification; empty if it sends none.
    pub const fn server(&self) -> &'a [u8] {
        self.server
    }

    /// When it was made.
    pub fn time(&self) -> Option<Time> {
        Time::of(&self.time)
    }

    /// Walks its entries.
    pub const fn entries(&self) -> Entries<'a> {
        Entries { left: self.count, reader: Reader::new(self.entries) }
    }
}

/// The entries still to come of a list.
#[derive(Debug, Clone, Copy)]
pub struct Entries<'a> {
    left: usize,
    reader: Reader<'a>,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        self.left = self.left.checked_sub(1)?;
        Entry::read(&mut self.reader).ok()
    }
}

/// A value and what belongs to it. Only the name must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The code of the value, in six bytes.
    pub name: &'a [u8],
    /// What the meter thinks of itself.
    pub status: Value<'a>,
    /// When the value was taken.
    pub time: Value<'a>,
    /// The number of the unit.
    pub unit: Value<'a>,
    /// The power of ten.
    pub scaler: Value<'a>,
    /// The value.
    pub value: Value<'a>,
    /// Who vouches for it.
    pub signature: Value<'a>,
}

impl<'a> Entry<'a> {
    /// An entry with a value and no more.
    pub const fn new(name: &'a [u8], value: Value<'a>) -> Self {
        let absent = Value::ABSENT;
        Entry { name, status: absent, time: absent, unit: absent, scaler: absent, value, signature: absent }
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let name = Entry::enter(reader)?;
        let mut next = || Value::read(reader);
        let (status, time, unit) = (next()?, next()?, next()?);
        Ok(Entry { name, status, time, unit, scaler: next()?, value: next()?, signature: next()? })
    }

    /// Steps over an entry.
    fn skip(reader: &mut Reader<'a>) -> Result<(), Error> {
        Entry::enter(reader)?;
        Sequence::read(6, reader).map(drop)
    }

    /// Takes its name.
    fn enter(reader: &mut Reader<'a>) -> Result<&'a [u8], Error> {
        Sequence::enter_exactly(7, reader)?;
        Value::read(reader)?.bytes().ok_or(Error::Form)
    }

    /// Writes the entry.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        let Entry { name, status, time, unit, scaler, value, signature } = *self;
        Sequence::emit(&[Value::Octets(name), status, time, unit, scaler, value, signature], writer);
    }

    /// Its code, if its name is one.
    pub fn obis(&self) -> Option<Obis> {
        self.name.try_into().ok().map(Obis)
    }

    /// Its unit, if there is one.
    pub fn unit(&self) -> Option<Unit> {
        self.unit.integer().and_then(Integer::fit).map(Unit)
    }

    /// Its power of ten, 0 if not sent; `None` if what is sent is not a power of ten.
    pub fn exponent(&self) -> Option<i8> {
        if self.scaler.is_absent() { Some(0) } else { self.scaler.integer()?.fit() }
    }
}

/// A time, as far as it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Seconds counted by the meter, from whenever.
    Index(i64),
    /// Seconds since 1970.
    Unix(i64),
    /// The same, and minutes from UTC to standard time and from there to the time shown.
    Local {
        /// Seconds since 1970.
        seconds: i64,
        /// Minutes east of Greenwich.
        offset: i16,
        /// Minutes of summer time.
        season: i16,
    },
}

impl Time {
    /// The time that a value is. Holley's DTZ541 sends the bare number, others put it in a choice.
    pub fn of(value: &Value<'_>) -> Option<Self> {
        if let Some(seconds) = value.integer() {
            return Some(Time::Index(seconds.value()?));
        }
        let [choice, time] = value.elements()?;
        if let Some([seconds, offset, season]) = time.elements() {
            // The choice is 3; FROETEC's ZG22 is said to send such a list under another one.
            let seconds = seconds.integer()?.value()?;
            return Some(Time::Local {
                seconds,
                offset: offset.integer()?.fit()?,
                season: season.integer()?.fit()?,
            });
        }
        let seconds = time.integer()?.value()?;
        match choice.integer()?.value()? {
            1 => Some(Time::Index(seconds)),
            2 => Some(Time::Unix(seconds)),
            _ => None,
        }
    }

    /// Date and time, if it is the time of a clock.
    pub fn date_time(self) -> Option<DateTime> {
        match self {
            Time::Index(_) => None,
            Time::Unix(seconds) => DateTime::of_unix(seconds, 0, false),
            Time::Local { seconds, offset, season } => {
                DateTime::of_unix(seconds, offset.checked_add(season)?, season != 0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;
    use crate::wire::sml::{CLOSE, seal};

    /// A message with this tag and body.
    fn message(tag: u16, body: &[u8]) -> Vec<u8> {
        let mut buffer = [0; 300];
        let mut writer = Writer::new(&mut buffer);
        writer.bytes(&[0x76, 2, 7, 0x62, 0, 0x62, 0, 0x72, 0x63]);
        writer.u16(tag);
        writer.bytes(body);
        seal(0, &mut writer);
        writer.written().to_vec()
    }

    const ENTRY: [u8; 19] =
        [0x77, 7, 1, 0, 16, 7, 0, 255, 1, 1, 0x62, 27, 0x52, 0xFE, 0x53, 0x8B, 0x28, 1, 0];
    const EMPTY: [u8; 10] = [0x77, 1, 3, b'm', b'1', 1, 1, 0x70, 1, 1];

    fn with_entry(entry: &[u8]) -> Vec<u8> {
        [&EMPTY[..7], &[0x71], entry, &EMPTY[8..]].concat()
    }

    #[test]
    fn a_list_says_who_and_what() {
        let body = with_entry(&ENTRY[..18]);
        let messages = [message(CLOSE, &[1]), message(LIST, &body)].concat();
        let list = List::parse(&messages).unwrap();
        assert_eq!((list.server(), list.time()), (&b"m1"[..], None));
        let entry = list.entries().next().unwrap();
        assert_eq!(entry.obis(), Some(obis!(1-0:16.7.0)));
        assert_eq!((entry.unit(), entry.exponent()), (Some(Unit::W), Some(-2)));
        assert_eq!(entry.value.integer().and_then(Integer::value), Some(-29_912));
        assert_eq!(list.entries().count(), 1);
    }

    #[test]
    fn what_is_not_there_is_not_made_up() {
        let bare = Entry::new(&[1, 0, 1], Value::ABSENT);
        assert_eq!((bare.obis(), bare.unit(), bare.exponent()), (None, None, Some(0)));
        let odd = Value::Integer(Integer::unsigned(&[1, 0]));
        let odd = Entry { unit: odd, scaler: odd, ..bare };
        assert_eq!((odd.unit(), odd.exponent()), (None, None));
    }

    #[test]
    fn what_is_no_list_says_why() {
        for (messages, error) in [
            (vec![], Error::NoList),
            (message(CLOSE, &[1]), Error::NoList),
            (message(LIST, &[1]), Error::Form),
            (message(LIST, &[&[0x76], &EMPTY[1..9]].concat()), Error::Form),
            (message(LIST, &[&EMPTY[..2], &[0x62, 7], &EMPTY[5..]].concat()), Error::Form),
            (message(LIST, &[&EMPTY[..7], &[1], &EMPTY[8..]].concat()), Error::Form),
            (message(LIST, &with_entry(&[1])), Error::Form),
            (message(LIST, &with_entry(&[&[0x77, 0x62, 1], &ENTRY[8..18]].concat())), Error::Form),
            ([message(LIST, &EMPTY), vec![1]].concat(), Error::Form),
        ] {
            assert_eq!(List::parse(&messages), Err(error), "{messages:02x?}");
        }
        let two = [message(LIST, &EMPTY), message(LIST, &with_entry(&ENTRY[..18]))].concat();
        assert_eq!(List::parse(&two).map(|list| list.entries().count()), Ok(0), "the first counts");
    }

    #[test]
    fn times_of_every_form() {
        let time = |bytes: &[u8]| Time::of(&Value::read(&mut Reader::new(bytes)).unwrap());
        assert_eq!(time(&[0x72, 0x62, 1, 0x65, 0, 1, 0, 0]), Some(Time::Index(65_536)));
        assert_eq!(time(&[0x72, 0x62, 1, 0x62, 0]), Some(Time::Index(0)), "shorter (DZG)");
        assert_eq!(time(&[0x65, 0, 1, 0, 0]), Some(Time::Index(65_536)), "without a choice (Holley)");
        assert_eq!(time(&[0x72, 0x62, 2, 0x65, 0x66, 0x82, 0x94, 0x60]), Some(Time::Unix(1_719_833_696)));
        let local = Time::Local { seconds: 0x6682_9460, offset: 60, season: 60 };
        for choice in [2, 3] {
            let bytes = [0x72, 0x62, choice, 0x73, 0x65, 0x66, 0x82, 0x94, 0x60, 0x52, 60, 0x53, 0, 60];
            assert_eq!(time(&bytes), Some(local));
        }
        for none in
            [&[0x01][..], &[0x71, 0x62, 1], &[0x72, 0x62, 4, 0x62, 0], &[0x72, 1, 1], &[0x72, 0x62, 2, 1]]
        {
            assert_eq!(time(none), None, "{none:02x?}");
        }
        let digits =
            |time: Time| Some((time.date_time()?.digits()?.to_string(), time.date_time()?.deviation()?));
        assert_eq!(digits(Time::Index(1_719_833_696)), None);
        assert_eq!(digits(Time::Unix(1_719_833_696)), Some(("2024-07-01T11:34:56".into(), 0)));
        assert_eq!(digits(local), Some(("2024-07-01T13:34:56".into(), -120)));
        assert_eq!(digits(Time::Local { seconds: 0, offset: i16::MAX, season: 1 }), None);
    }
}
