//! DLMS lists with a code for each value: pairs and records.

use crate::meter::family::Kind;
use crate::meter::item::{Item, SCALERS};
use crate::meter::register::Register;
use crate::obis;
use crate::wire::clock::DateTime;
use crate::wire::datum::Datum;
use crate::wire::decimal::Decimal;
use crate::wire::dlms::value::{Elements, Sequence, Value};
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// A bare text in front of a list: its version (OBIS list version identifier).
const LIST_VERSION: Obis = obis!(1-0:0.2.129);

/// A bare date-time in front of a list (Kaifa, Sagemcom and Landis+Gyr in Austria).
const CLOCK: Obis = obis!(0-0:1.0.0);

/// Bare digits at the end of a list that begins with a bare date-time: the meter's number (Kaifa and Sagemcom in
/// Austria).
const METER_NUMBER: Obis = obis!(0-0:96.1.0);

/// The values of a list of pairs or records.
pub struct Items<'a> {
    elements: Elements<'a>,
    /// Bytes of the whole list: as long as so many are left, nothing was read.
    length: usize,
    /// Whether the list begins with a bare date-time.
    begins_with_time: bool,
    /// Whether a number came without a code.
    mismatch: bool,
}

impl<'a> Items<'a> {
    pub(super) fn new(body: &Value<'a>) -> Self {
        let elements = body.sequence().unwrap_or(Sequence::EMPTY).iter();
        Items { elements, length: elements.left(), begins_with_time: false, mismatch: false }
    }

    pub(super) fn mismatch(&self) -> bool {
        self.mismatch
    }

    pub(super) fn each(mut self, mut take: impl FnMut(Item<'a>)) -> Self {
        loop {
            self.elements.enter_record();
            if let Some(obis) = self.elements.code() {
                self.value(obis, &mut take);
                continue;
            }
            let is_first = self.elements.left() == self.length;
            match self.elements.next() {
                Some(Value::Text(text) | Value::Octets(text)) if is_first => take(self.first(text)),
                Some(Value::Octets(text))
                    if self.begins_with_time && self.elements.left() == 0 && is_number(text) =>
                {
                    take(Item::new(METER_NUMBER, None, Datum::Text(text)));
                }
                // Null: code and value of a phase that the meter does not have (Kamstrup). Text: some number of the
                // meter that no code names.
                Some(Value::Null | Value::Text(_) | Value::Octets(_)) => {}
                Some(_) => self.mismatch = true,
                None => return self,
            }
        }
    }

    /// Passes on the value after a code.
    fn value(&mut self, obis: Obis, take: &mut impl FnMut(Item<'a>)) {
        let register = Register::find(obis);
        if let Some(number) = self.elements.number() {
            return take(self.number(obis, register, number));
        }
        let datum = match self.elements.string() {
            Some(bytes) => text_or_time(obis, bytes),
            None => self.elements.next().map_or(Datum::Absent, |value| rarer(&value, register)),
        };
        match datum {
            Datum::Number(number) => take(self.number(obis, register, number.mantissa())),
            _ => {
                self.elements.scaler();
                take(Item::new(obis, register, datum));
            }
        }
    }

    /// A number, and the scaler and unit after it if there are any.
    fn number(&mut self, obis: Obis, register: Option<Register>, number: i64) -> Item<'a> {
        let (exponent, unit) = match self.elements.scaler() {
            Some((exponent, unit)) if SCALERS.contains(&exponent) => (exponent, Some(unit)),
            Some((exponent, _)) => (exponent, Some(Unit::OTHER)),
            None => (0, None),
        };
        Item::number(obis, register, Decimal::new(number, exponent), unit)
    }

    /// A bare text or date-time in front of the list. The year of a date-time begins with a byte that no text begins
    /// with.
    fn first(&mut self, bytes: &'a [u8]) -> Item<'a> {
        match <[u8; 12]>::try_from(bytes) {
            Ok(clock @ [0..0x20, ..]) => {
                self.begins_with_time = true;
                Item::new(CLOCK, None, Datum::Time(DateTime(clock)))
            }
            _ => Item::new(LIST_VERSION, None, Datum::Text(bytes)),
        }
    }
}

fn is_number(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// A string is a text, or a date-time if its code is the clock's.
pub(super) fn text_or_time(obis: Obis, bytes: &[u8]) -> Datum<'_> {
    match <[u8; 12]>::try_from(bytes) {
        _ if !is_clock(obis) => Datum::Text(bytes),
        Ok(clock) => Datum::Time(DateTime(clock)),
        Err(_) => Datum::Absent,
    }
}

/// The whole number that a value is for its register; that of an enum only for a state.
pub(super) fn number(value: &Value<'_>, register: Option<Register>) -> Option<i64> {
    match (value, register.map(Register::kind)) {
        (Value::Enum(state), Some(Kind::State(_))) => Some((*state).into()),
        _ => value.integer(),
    }
}

/// A value of a type that is rare in lists.
fn rarer<'a>(value: &Value<'a>, register: Option<Register>) -> Datum<'a> {
    match (value, number(value, register)) {
        (Value::DateTime(clock), _) => Datum::Time(*clock),
        (_, Some(number)) => Datum::Number(Decimal::new(number, 0)),
        _ => Datum::Absent,
    }
}

/// The clock object; Kamstrup has it on channel 1.
const fn is_clock(Obis([a, b, c, d, e, _]): Obis) -> bool {
    a == 0 && b <= 1 && c == 1 && d == 0 && e == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::{LISTS, List};
    use crate::wire::cursor::Reader;
    use crate::wire::dlms::apdu::{Notification, Stamp};
    use crate::wire::message::Message;

    fn items(name: &str, bytes: &[u8]) -> (Vec<String>, bool) {
        let list = LISTS.iter().find(|list| list.name == name).expect("a list of that name");
        of(list, Value::read(&mut Reader::new(bytes)).expect("a whole value"))
    }

    fn of(list: &List, body: Value<'_>) -> (Vec<String>, bool) {
        let notification = Notification { invoke_id: 0, stamp: Stamp::Absent, body, trailing: &[] };
        let mut shown = Vec::new();
        let items = list.items(&Message::Notification(notification)).each(|item| {
            assert_eq!(item.register, Register::find(item.obis));
            let unit = item.unit.and_then(Unit::symbol);
            shown.push(format!("{} {:?} {unit:?}", item.obis, item.datum));
        });
        (shown, items.mismatch())
    }

    const P: [u8; 8] = [9, 6, 1, 0, 1, 7, 0, 255];
    const CLOCK_CODE: [u8; 8] = [9, 6, 0, 0, 1, 0, 0, 255];

    #[test]
    fn reads_values_of_every_type_after_a_code() {
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
            (&[&[22, 5][..], &scaler].concat(), "Absent None"),
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
    fn reads_a_clock_of_twelve_bytes_of_any_type() {
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
    fn takes_the_first_text_as_list_version_and_rejects_numbers_without_a_code() {
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
    fn takes_digits_after_a_dated_list_as_the_meters_number() {
        let list = "pairs of code and value";
        let clock = [&[9, 12][..], &[7, 0xE8, 10, 1, 2, 19, 0, 10, 0xFF, 0x80, 0, 0]].concat();
        let (title, number) = ([9, 2, b'h', b'i'], [9, 2, b'4', b'2']);
        let pair = [&P[..], &[18, 0, 7]].concat();
        let last = |parts: &[&[u8]], count: u8| {
            let (shown, mismatch) = items(list, &[&[2, count], parts.concat().as_slice()].concat());
            assert!(!mismatch);
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
    fn a_value_of_another_type_ends_a_positional_list() {
        assert_eq!(items("Kaifa list 1", &[2, 1, 6, 0, 0, 0, 9]).0.len(), 1);
        assert_eq!(items("Kaifa list 1", &[2, 1, 18, 0, 9]), (vec![], true));
        assert!(items("Kaifa list 2, one phase", &[2, 2, 9, 1, b'K', 6, 0, 0, 0, 9]).1);
        assert_eq!(of(LISTS[0], Value::Null), (vec![], true), "not a list at all");
    }
}
