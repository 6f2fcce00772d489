//! The values of a list that DLMS pushes, where they stand.

use super::column::Rows;
use super::item::{End, Take};
use super::{List, Register, Shape};
use crate::obis;
use crate::wire::clock::DateTime;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::value::{Described, Elements, Sequence, Value};
use crate::wire::obis::Obis;

/// What a bare text in front of a list is: its title (OBIS list version identifier).
const TITLE: Obis = obis!(1-0:0.2.129);

/// What a bare date-time in front of a list is (Kaifa, Sagemcom and Landis+Gyr in Austria).
const CLOCK: Obis = obis!(0-0:1.0.0);

/// What bare digits at the end of a list are that begins with a bare date-time (Kaifa and Sagemcom in Austria).
const NUMBER: Obis = obis!(0-0:96.1.0);

/// Walks a list.
pub enum Items<'a> {
    /// By position.
    Rows(Rows<'a>),
    /// With a code for each value.
    Coded(Coded<'a>),
    /// With all codes in front.
    Described(Bare<'a>),
}

impl<'a> Items<'a> {
    #[inline]
    pub(super) fn new(list: &'static List, body: &Value<'a>) -> Self {
        match list.shape {
            Shape::Columns(columns) => Items::Rows(Rows::new(columns, body)),
            Shape::Described(_) => {
                Items::Described(Bare { elements: Described::of(body), long_signed: false })
            }
            _ => Items::Coded(Coded::new(body)),
        }
    }

    /// Whether something stood where it has no place. Then it is another list, whatever it seemed to say so far.
    pub fn strange(&self) -> bool {
        match self {
            Items::Rows(rows) => rows.strange(),
            Items::Coded(coded) => coded.strange,
            Items::Described(bare) => bare.elements.is_none(),
        }
    }

    /// Hands over the next item; returns whether there was one.
    #[inline]
    pub(crate) fn step(&mut self, taker: &mut (impl Take<'a> + ?Sized)) -> bool {
        match self {
            Items::Rows(rows) => rows.step(taker),
            Items::Coded(coded) => coded.step(taker),
            Items::Described(bare) => bare.step(taker),
        }
    }
}

/// Hands over all items of a list at once, without a look at its shape between them.
#[inline]
pub(super) fn all<'a>(list: &'static List, body: &Value<'a>, taker: &mut impl Take<'a>) -> End {
    match list.shape {
        Shape::Columns(columns) => {
            let mut rows = Rows::new(columns, body);
            while rows.step(taker) {}
            End { strange: rows.strange(), long_signed: false }
        }
        Shape::Described(_) => {
            let mut bare = Bare { elements: Described::of(body), long_signed: false };
            while bare.step(taker) {}
            End { strange: bare.elements.is_none(), long_signed: bare.long_signed }
        }
        _ => {
            let mut coded = Coded::new(body);
            while coded.step(taker) {}
            End { strange: coded.strange, long_signed: false }
        }
    }
}

/// Walks pairs and records.
pub struct Coded<'a> {
    elements: Elements<'a>,
    /// Bytes of the whole list: as long as so many are left, nothing was taken.
    length: usize,
    /// A bare date-time stood in front.
    dated: bool,
    /// A number without a code.
    strange: bool,
}

impl<'a> Coded<'a> {
    #[inline]
    fn new(body: &Value<'a>) -> Self {
        let elements = body.sequence().unwrap_or(Sequence::EMPTY).iter();
        Coded { elements, length: elements.left(), dated: false, strange: false }
    }

    #[inline]
    fn step(&mut self, taker: &mut (impl Take<'a> + ?Sized)) -> bool {
        loop {
            self.elements.enter_record();
            if let Some(obis) = self.elements.code() {
                coded(obis, &mut self.elements, taker);
                return true;
            }
            let left = self.elements.left();
            match self.elements.next() {
                Some(Value::Text(text) | Value::Octets(text)) if left == self.length => {
                    self.dated = in_front(text, taker);
                    return true;
                }
                Some(Value::Octets(text)) if self.dated && self.elements.left() == 0 && is_number(text) => {
                    taker.text(NUMBER, None, text);
                    return true;
                }
                // Null: the slots of a phase that is not there, Kamstrup's code and value both. Text: some number of
                // the meter that no code names.
                Some(Value::Null | Value::Text(_) | Value::Octets(_)) => {}
                Some(_) => self.strange = true,
                None => return false,
            }
        }
    }
}

/// Walks values whose codes stand in front.
pub struct Bare<'a> {
    elements: Option<Described<'a>>,
    long_signed: bool,
}

impl<'a> Bare<'a> {
    /// What is no value, a code or a scaler, is passed over.
    #[cold]
    fn step(&mut self, taker: &mut (impl Take<'a> + ?Sized)) -> bool {
        let mut elements = self.elements.iter_mut().flatten();
        let Some((descriptor, value)) = elements.find(|(descriptor, _)| descriptor.is_value()) else {
            return false;
        };
        self.long_signed |= matches!(value, Value::I64(_));
        let (obis, register) = (descriptor.obis, Register::find(descriptor.obis));
        match value.string() {
            Some(bytes) => string(obis, register, bytes, taker),
            None => {
                if let Some(number) = other(obis, register, Some(value), taker) {
                    taker.number(obis, register, Decimal::new(number, 0), None);
                }
            }
        }
        true
    }
}

/// Takes what stands alone in front of a list; returns whether it was a date-time, whose year begins with a byte that
/// no title begins with.
fn in_front<'a>(bytes: &'a [u8], taker: &mut (impl Take<'a> + ?Sized)) -> bool {
    match <[u8; 12]>::try_from(bytes) {
        Ok(clock @ [0..0x20, ..]) => {
            taker.time(CLOCK, None, DateTime(clock));
            true
        }
        _ => {
            taker.text(TITLE, None, bytes);
            false
        }
    }
}

fn is_number(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// Takes the value behind a code, and the scaler and unit behind the value if there are any.
#[inline]
fn coded<'a>(obis: Obis, elements: &mut Elements<'a>, taker: &mut (impl Take<'a> + ?Sized)) {
    let register = Register::find(obis);
    let number = match elements.number() {
        Some(number) => Some(number),
        None => match elements.string() {
            Some(bytes) => {
                string(obis, register, bytes, taker);
                None
            }
            None => other(obis, register, elements.next(), taker),
        },
    };
    match (number, elements.scaler()) {
        (Some(number), Some((exponent, unit))) => {
            taker.number(obis, register, Decimal::new(number, exponent), Some(unit));
        }
        (Some(number), None) => taker.number(obis, register, Decimal::new(number, 0), None),
        (None, _) => {}
    }
}

/// Takes a string for what its code says it is.
#[inline]
fn string<'a>(obis: Obis, register: Option<Register>, bytes: &'a [u8], taker: &mut (impl Take<'a> + ?Sized)) {
    if !is_clock(obis) {
        taker.text(obis, register, bytes);
    } else if let Ok(bytes) = bytes.try_into() {
        taker.time(obis, register, DateTime(bytes));
    } else {
        taker.absent(obis, register);
    }
}

/// Takes a value of a type that lists are not full of; returns the number if it is one.
#[cold]
fn other<'a>(
    obis: Obis,
    register: Option<Register>,
    value: Option<Value<'a>>,
    taker: &mut (impl Take<'a> + ?Sized),
) -> Option<i64> {
    let number = value.as_ref().and_then(Value::integer);
    match value {
        Some(Value::DateTime(clock)) => taker.time(obis, register, clock),
        _ if number.is_none() => taker.absent(obis, register),
        _ => {}
    }
    number
}

/// The clock object; Kamstrup has it on channel 1.
const fn is_clock(Obis([a, b, c, d, e, _]): Obis) -> bool {
    a == 0 && b <= 1 && c == 1 && d == 0 && e == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::LISTS;
    use crate::meter::item::{Item, Items};
    use crate::wire::cursor::Reader;
    use crate::wire::dlms::apdu::{Notification, Stamp};
    use crate::wire::message::Message;
    use crate::wire::unit::Unit;

    fn items(name: &str, bytes: &[u8]) -> (Vec<String>, bool) {
        let list = LISTS.iter().find(|list| list.name == name).expect("a list of that name");
        let mut items = of(list, Value::read(&mut Reader::new(bytes)).expect("a whole value"));
        let shown = |item: Item<'_>| {
            assert_eq!(item.register, Register::find(item.obis));
            format!("{} {:?} {:?}", item.obis, item.datum, item.unit.and_then(Unit::symbol))
        };
        let shown = items.by_ref().map(shown).collect();
        (shown, items.strange())
    }

    fn of<'a>(list: &'static List, body: Value<'a>) -> Items<'a> {
        let notification = Notification { invoke_id: 0, stamp: Stamp::Absent, body, trailing: &[] };
        list.items(&Message::Notification(notification))
    }

    const P: [u8; 8] = [9, 6, 1, 0, 1, 7, 0, 255];
    const CLOCK_CODE: [u8; 8] = [9, 6, 0, 0, 1, 0, 0, 255];

    #[test]
    fn values_of_every_type_behind_a_code() {
        let scaler = [2, 2, 15, 0xFF, 22, 27];
        for (value, shown) in [
            (&[6, 0, 0, 0, 9][..], "Number(9e0) None"),
            (&[&[6, 0, 0, 0, 9][..], &scaler].concat(), "Number(9e-1) Some(\"W\")"),
            (&[&[15, 0xFE][..], &scaler].concat(), "Number(-2e-1) Some(\"W\")"),
            (&[21, 0, 0, 0, 1, 0, 0, 0, 0], "Number(4294967296e0) None"),
            (&[21, 0xFF, 0, 0, 0, 0, 0, 0, 0], "Absent None"),
            (&[&[10, 2, b'h', b'i'][..], &scaler].concat(), "Text([104, 105]) None"),
            (&[12, 1, b'h'], "Text([104]) None"),
            (&[&[13, 9][..], &scaler].concat(), "Absent None"),
            (&[0], "Absent None"),
            (&[], "Absent None"),
        ] {
            let count = if value.is_empty() { 1 } else { 2 + u8::from(value.ends_with(&scaler)) };
            let record = [&[1, 1, 2, count][..], &P, value].concat();
            assert_eq!(
                items("self-describing records", &record),
                (vec![format!("1-0:1.7.0*255 {shown}")], false)
            );
        }
    }

    #[test]
    fn a_clock_has_twelve_bytes_of_any_type() {
        let time = [7, 0xE8, 10, 1, 2, 19, 0, 10, 0xFF, 0x80, 0, 0];
        let shown = format!("0-0:1.0.0*255 Time({:?}) None", DateTime(time));
        for (head, bytes) in [(&[9, 12][..], &time[..]), (&[25], &time)] {
            let pair = [&[2, 2][..], &CLOCK_CODE, head, bytes].concat();
            assert_eq!(items("pairs of code and value", &pair), (vec![shown.clone()], false));
        }
        let short = [&[2, 2][..], &CLOCK_CODE, &[9, 1, 7]].concat();
        assert_eq!(items("pairs of code and value", &short).0, ["0-0:1.0.0*255 Absent None"]);
    }

    #[test]
    fn only_the_first_text_is_a_title_and_no_number_goes_without_a_code() {
        let title = [10, 2, b'h', b'i'];
        let pair = [&P[..], &[18, 0, 7]].concat();
        let shown = ["1-0:0.2.129*255 Text([104, 105]) None", "1-0:1.7.0*255 Number(7e0) None"];
        let body = |parts: &[&[u8]], count: u8| [&[2, count], parts.concat().as_slice()].concat();
        let list = "pairs of code and value";
        assert_eq!(
            items(list, &body(&[&title, &pair, &title], 4)),
            (shown.map(String::from).to_vec(), false)
        );
        assert_eq!(items(list, &body(&[&[0], &title, &pair], 4)), (vec![shown[1].to_string()], false));
        assert_eq!(items(list, &body(&[&pair, &[17, 5]], 3)), (vec![shown[1].to_string()], true));
        assert_eq!(items(list, &body(&[&[12, 1, b'h'], &pair], 3)), (vec![shown[1].to_string()], true));
    }

    #[test]
    fn only_digits_behind_a_dated_list_are_the_meters_number() {
        let list = "pairs of code and value";
        let clock = [&[9, 12][..], &[7, 0xE8, 10, 1, 2, 19, 0, 10, 0xFF, 0x80, 0, 0]].concat();
        let (title, number) = ([9, 2, b'h', b'i'], [9, 2, b'4', b'2']);
        let pair = [&P[..], &[18, 0, 7]].concat();
        let last = |parts: &[&[u8]], count: u8| {
            let (shown, strange) = items(list, &[&[2, count], parts.concat().as_slice()].concat());
            assert!(!strange);
            shown.last().cloned().unwrap()
        };
        let id = "0-0:96.1.0*255 Text([52, 50]) None";
        assert_eq!(last(&[&clock, &pair, &number], 4), id);
        for (parts, count) in [
            ([&clock[..], &pair, &title], 4),
            ([&title[..], &pair, &number], 4),
            ([&clock[..], &number, &pair], 4),
        ] {
            assert_eq!(last(&parts, count), "1-0:1.7.0*255 Number(7e0) None");
        }
    }

    #[test]
    fn a_row_of_another_type_ends_a_list_by_position() {
        assert_eq!(items("Kaifa list 1", &[2, 1, 6, 0, 0, 0, 9]).0.len(), 1);
        assert_eq!(items("Kaifa list 1", &[2, 1, 18, 0, 9]), (vec![], true));
        assert!(items("Kaifa list 2, one phase", &[2, 2, 9, 1, b'K', 6, 0, 0, 0, 9]).1);
        let mut items = of(LISTS[0], Value::Null);
        assert_eq!((items.next(), items.strange()), (None, true), "a list that is none");
    }
}
