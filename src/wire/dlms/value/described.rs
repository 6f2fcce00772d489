//! Lists whose first element says of each what it is (Blue Book 4.4.8.2, push_object_list); values follow bare.

use super::tag::{ARRAY, I8, OCTETS, STRUCTURE, U16};
use super::{Elements, Value};
use crate::wire::cursor::{Reader, Writer};
use crate::wire::obis::Obis;
use crate::wire::unit::Unit;

/// One attribute of an object, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The interface class: 1 data, 3 register, 4 extended register, 5 demand register, 8 clock, 40 push setup.
    pub class: u16,
    /// The object.
    pub obis: Obis,
    /// Its attribute: 1 the code itself, 2 the value in all of these classes.
    pub attribute: i8,
    /// 0 all of it, else one element of it.
    pub index: u16,
}

/// Such a list. It exists only if there is one descriptor for each element, the description itself included.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    own: Descriptor,
    descriptors: Elements<'a>,
    values: Elements<'a>,
}

/// What a list that describes itself contains of an object's attribute scaler_unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// Nothing.
    NotSent,
    /// The power of ten and the unit.
    Sent(i8, Unit),
    /// A part of it, something else, or two that differ.
    Unclear,
}

const PUSH_SETUP: u16 = 40;

impl<'a> Described<'a> {
    /// Takes a list's body apart.
    pub fn of(body: &Value<'a>) -> Option<Self> {
        match body {
            // Two tags rule out most lists before anything is walked.
            Value::Structure(elements) if elements.iter().at(ARRAY) => {
                Described::take(elements.len(), elements.iter())
            }
            _ => None,
        }
    }

    fn take(count: usize, mut values: Elements<'a>) -> Option<Self> {
        let description = values.next()?.sequence().filter(|description| description.len() == count)?;
        let mut descriptors = description.iter();
        let own = Descriptor::take(&mut descriptors.reader).filter(|own| own.class == PUSH_SETUP)?;
        let mut all = descriptors;
        while Descriptor::take(&mut all.reader).is_some() {}
        (all.left() == 0).then_some(Described { own, descriptors, values })
    }

    /// The scaler and unit that the list contains for an object's value, before or after it.
    pub fn scaling(self, value: &Descriptor) -> Scaling {
        let Some(attribute) = value.scaler_attribute() else { return Scaling::NotSent };
        let is_scaler = |other: &Descriptor| {
            (other.class, other.obis, other.attribute) == (value.class, value.obis, attribute)
        };
        let mut scaling = Scaling::NotSent;
        for (descriptor, sent) in self.filter(|(descriptor, _)| is_scaler(descriptor)) {
            let found = Scaling::of(&descriptor, &sent);
            scaling = if matches!(scaling, Scaling::NotSent) || scaling == found {
                found
            } else {
                Scaling::Unclear
            };
        }
        scaling
    }

    /// The object that pushes the list.
    pub const fn pushed_by(&self) -> Obis {
        self.own.obis
    }
}

/// The elements after the description.
impl<'a> Iterator for Described<'a> {
    type Item = (Descriptor, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        Some((Descriptor::take(&mut self.descriptors.reader)?, self.values.next()?))
    }
}

impl Scaling {
    fn of(descriptor: &Descriptor, value: &Value<'_>) -> Self {
        let mut elements = match value {
            Value::Null => return Scaling::NotSent,
            Value::Structure(elements) if elements.len() == 2 && descriptor.index == 0 => elements.iter(),
            _ => return Scaling::Unclear,
        };
        match (elements.next(), elements.next()) {
            (Some(Value::I8(exponent)), Some(Value::Enum(unit))) => Scaling::Sent(exponent, Unit(unit)),
            _ => Scaling::Unclear,
        }
    }
}

impl Descriptor {
    /// That of an object's value.
    pub const fn of_value(class: u16, obis: Obis) -> Self {
        Descriptor { class, obis, attribute: 2, index: 0 }
    }

    /// That of the description itself.
    pub const fn of_description(pushed_by: Obis) -> Self {
        Descriptor::of_value(PUSH_SETUP, pushed_by)
    }

    /// Whether it is all of a value: of data, a register of any kind, or a clock.
    pub const fn is_value(&self) -> bool {
        matches!(self.class, 1 | 3 | 4 | 5 | 8) && self.attribute == 2 && self.index == 0
    }

    /// The attribute scaler_unit of the object, if its class has one (Blue Book 4.3.2 to 4.3.4).
    const fn scaler_attribute(&self) -> Option<i8> {
        match self.class {
            3 | 4 => Some(3),
            5 => Some(4),
            _ => None,
        }
    }

    /// Takes a descriptor, if one comes next.
    pub fn take(reader: &mut Reader<'_>) -> Option<Self> {
        let (head, behind): (&[u8; 18], _) = reader.rest().split_first_chunk()?;
        let [STRUCTURE, 4, U16, c, l, OCTETS, 6, a, b, group, d, e, f, I8, attribute, U16, i, x] = *head
        else {
            return None;
        };
        *reader = Reader::new(behind);
        let [class, index] = [[c, l], [i, x]].map(u16::from_be_bytes);
        Some(Descriptor {
            class,
            obis: Obis([a, b, group, d, e, f]),
            attribute: attribute.cast_signed(),
            index,
        })
    }

    /// Writes it as an element of a description.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        writer.bytes(&[STRUCTURE, 4]);
        Value::U16(self.class).emit(writer);
        Value::Octets(&self.obis.0).emit(writer);
        Value::I8(self.attribute).emit(writer);
        Value::U16(self.index).emit(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    const PUSH: Obis = obis!(0-8:25.9.0);

    /// A list of these descriptors and as many values after them.
    fn list(descriptors: &[Descriptor], values: &[u8], count: u8) -> Vec<u8> {
        let mut buffer = [0; 256];
        let mut writer = Writer::new(&mut buffer);
        writer.bytes(&[STRUCTURE, count, ARRAY, descriptors.len() as u8]);
        descriptors.iter().for_each(|descriptor| descriptor.emit(&mut writer));
        writer.bytes(values);
        writer.written().to_vec()
    }

    fn described(bytes: &[u8]) -> Option<Vec<(Descriptor, Value<'_>)>> {
        let body = Value::read(&mut Reader::new(bytes)).expect("a whole value");
        let list = Described::of(&body)?;
        assert_eq!(list.pushed_by(), PUSH);
        Some(list.collect())
    }

    #[test]
    fn each_value_comes_with_its_descriptor() {
        let power = Descriptor::of_value(3, obis!(1-0:1.7.0));
        let part = Descriptor { attribute: -1, index: 0x0102, ..power };
        let bytes = list(&[Descriptor::of_description(PUSH), power, part], &[6, 0, 0, 0, 9, 17, 5], 3);
        assert_eq!(described(&bytes), Some(vec![(power, Value::U32(9)), (part, Value::U8(5))]));
    }

    #[test]
    fn a_value_is_scaled_by_the_attribute_of_its_object_wherever_it_is() {
        let own = Descriptor::of_description(PUSH);
        let kilo: &[u8] = &[STRUCTURE, 2, I8, 3, 22, 27];
        let scaling = |class, attribute, index, obis, sent: &[&[u8]]| {
            let value = Descriptor::of_value(class, obis!(1-0:1.7.0));
            let scaler = Descriptor { class, obis, attribute, index };
            let descriptors = [&[own][..], &vec![scaler; sent.len()], &[value]].concat();
            let values = [&sent.concat(), &[17, 5][..]].concat();
            let bytes = list(&descriptors, &values, descriptors.len() as u8);
            let body = Value::read(&mut Reader::new(&bytes)).unwrap();
            Described::of(&body).unwrap().scaling(&value)
        };
        let (power, export) = (obis!(1-0:1.7.0), obis!(1-0:2.7.0));
        let sent = Scaling::Sent(3, Unit::W);
        assert_eq!(scaling(3, 3, 0, power, &[kilo]), sent);
        assert_eq!(scaling(4, 3, 0, power, &[kilo]), sent);
        assert_eq!(scaling(5, 4, 0, power, &[kilo]), sent);
        assert_eq!(scaling(3, 3, 0, power, &[kilo, kilo]), sent);
        assert_eq!(scaling(3, 3, 0, power, &[&[0], kilo]), sent);
        for (class, attribute, obis) in [(1, 3, power), (3, 4, power), (5, 3, power), (3, 3, export)] {
            assert_eq!(
                scaling(class, attribute, 0, obis, &[kilo]),
                Scaling::NotSent,
                "{class} {attribute} {obis}"
            );
        }
        assert_eq!(scaling(3, 3, 0, power, &[&[0]]), Scaling::NotSent);
        for unclear in
            [&[&[I8, 3][..]][..], &[&[STRUCTURE, 2, 17, 3, 22, 27]], &[kilo, &[STRUCTURE, 2, I8, 2, 22, 27]]]
        {
            assert_eq!(scaling(3, 3, 0, power, unclear), Scaling::Unclear, "{unclear:?}");
        }
        assert_eq!(scaling(3, 3, 1, power, &[&[I8, 3]]), Scaling::Unclear, "its first element alone");
    }

    #[test]
    fn a_description_that_does_not_fit_is_none() {
        let own = Descriptor::of_description(PUSH);
        let power = Descriptor::of_value(3, obis!(1-0:1.7.0));
        for (descriptors, count) in
            [(&[own, power, power][..], 2), (&[own], 2), (&[power, power], 2), (&[], 2)]
        {
            assert_eq!(described(&list(descriptors, &[17, 5], count)), None, "{descriptors:?}");
        }
        let mut bytes = list(&[own, power], &[17, 5], 2);
        assert!(described(&bytes).is_some());
        // The second descriptor's class becomes an i16.
        bytes[4 + 18 + 2] = 16;
        assert_eq!(described(&bytes), None);
        assert_eq!(described(&[STRUCTURE, 0]), None);
        assert_eq!(described(&[ARRAY, 1, ARRAY, 0]), None);
    }
}
