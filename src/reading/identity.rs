//! Who sent a list, as far as it says.

use crate::meter::{device, maker};
use crate::obis;
use crate::wire::obis::Obis;
use crate::wire::telegram::Telegram;
use crate::wire::text::Text;

/// Who sent a list, as far as it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity {
    /// The maker, told by the list's title or the meter's own letters.
    pub manufacturer: &'static str,
    /// The meter's type.
    pub model: Text<24>,
    /// Its own number, or what stands in its place; else the name of the device.
    pub id: Text<40>,
    /// The logical device name of DLMS: the maker's letters, then a number.
    pub device: Text<24>,
    /// The list's title.
    pub list_version: Text<24>,
    /// The number its owner's contract is kept under.
    pub customer: Text<12>,
    /// The number it was made under, where that is another one than its own.
    pub production: Text<12>,
}

/// Names that only meters which are asked tell beside their own.
const CUSTOMER: Obis = obis!(1-0:0.0.0);
const PRODUCTION: Obis = obis!(0-0:96.1.1);

impl Identity {
    /// Whether the meter says who or of which type it is.
    pub const fn is_named(&self) -> bool {
        !self.id.is_empty() || !self.model.is_empty()
    }

    /// Whether it is of another meter, as far as both say. A name of the device decides: Iskraemeco's lists in Slovenia
    /// go by numbers of their own. Where one list sends it and another the meter's number, the name ends in that.
    pub fn is_of_another(&self, other: &Identity) -> bool {
        match () {
            () if self.is_made_otherwise(other) || self.is_by_another_maker(other) => true,
            () if self.id.is_empty() || other.id.is_empty() => false,
            () if self.device.is_empty() || other.device.is_empty() => {
                self.id != other.id && !self.is_named_after(other) && !other.is_named_after(self)
            }
            () => self.device != other.device,
        }
    }

    fn is_made_otherwise(&self, other: &Identity) -> bool {
        let is_told = !self.production.is_empty() && !other.production.is_empty();
        is_told && self.production != other.production
    }

    fn is_by_another_maker(&self, other: &Identity) -> bool {
        let is_told = !self.manufacturer.is_empty() && !other.manufacturer.is_empty();
        is_told && self.manufacturer != other.manufacturer
    }

    fn is_named_after(&self, other: &Identity) -> bool {
        self.device.as_bytes().ends_with(other.id.as_bytes())
    }

    /// Takes a text of a list of DLMS or SML.
    #[inline]
    pub(super) fn take_text(&mut self, obis: Obis, text: &[u8]) {
        let Obis([a, b, c, d, e, _]) = obis;
        let field = match ([a, b], [c, d, e]) {
            ([1, 0 | 1], [0, 2, 129]) => &mut self.list_version,
            // Channels above 0 are the meters of gas, water and heat behind this one.
            ([0, 0], [96, 1, 0]) | ([1, 1], [0, 0, 5]) => return self.id.set(text),
            ([0, 0], [96, 1, 1 | 7]) | ([1, 1], [96, 1, 1]) => &mut self.model,
            ([0, 0], [42, 0, 0]) => return self.take_device_name(text),
            _ => return self.take_device(obis, text),
        };
        field.set(text);
    }

    #[cold]
    fn take_device_name(&mut self, name: &[u8]) {
        self.device.set(name);
        self.manufacturer = name.get(..3).and_then(maker).unwrap_or_default();
        if self.id.is_empty() {
            self.id.set(name);
        }
    }

    /// What SML says of who sends a list: the first identification, and the maker's letters.
    #[cold]
    fn take_device(&mut self, obis: Obis, text: &[u8]) {
        if device::NUMBERS.contains(&obis) && self.id.is_empty() {
            self.id = device::printed(text);
            self.manufacturer = device::maker_in(text).unwrap_or(self.manufacturer);
        } else if device::MAKERS.contains(&obis) {
            // Hager spells its name out.
            self.manufacturer = text.get(..3).and_then(maker).unwrap_or(self.manufacturer);
        }
    }

    /// Takes a name that an answer spells otherwise than in letters.
    #[cold]
    pub(super) fn take_number(&mut self, obis: Obis, name: &Text<24>) {
        match obis {
            CUSTOMER => self.customer.set(name.as_bytes()),
            PRODUCTION => self.production.set(name.as_bytes()),
            _ => self.take_text(obis, name.as_bytes()),
        }
    }

    /// Takes the first line of a telegram.
    #[inline(never)]
    pub(super) fn take_ident(&mut self, telegram: &Telegram<'_>) {
        let ident = telegram.ident();
        self.manufacturer = maker(ident.flag).unwrap_or_default();
        self.model.set(ident.model());
    }

    /// Takes a text of a telegram; the walker hands over ids from the least to the best known.
    #[inline(never)]
    pub(super) fn take_name(&mut self, Obis([a, b, c, d, e, _]): Obis, text: &[u8]) {
        match [a, b, c, d, e] {
            // DSMR's version; Belgium's.
            [1, 3, 0, 2, 8] | [0, 0, 96, 1, 4] => self.list_version.set(text),
            [0, 0, 96, 1, 0 | 1 | 255] | [0, 0, 42, 0, 0] | [1, 0, 0, 0, 0] => self.id.set_spelled(text),
            _ => {}
        }
    }
}
