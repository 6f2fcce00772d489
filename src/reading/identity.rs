//! The meter that sent a list, as far as the list names it.

use core::fmt::Write;

use crate::meter::{Name, device, manufacturer};
use crate::obis;
use crate::wire::obis::Obis;
use crate::wire::telegram::Telegram;
use crate::wire::text::Text;

/// The meter that sent a list, as far as the list names it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Identity {
    /// The manufacturer, recognised by the list version or the meter's letters.
    pub manufacturer: &'static str,
    /// The meter's model.
    pub model: Text<24>,
    /// The meter's number or what replaces it; otherwise the name of the device.
    pub id: Text<40>,
    /// The logical device name of DLMS: the manufacturer's letters, then a number.
    pub device: Text<24>,
    /// The list version.
    pub list_version: Text<24>,
    /// The customer's number.
    pub customer: Text<12>,
    /// The number of production, if it differs from the meter's number.
    pub production: Text<12>,
}

/// Names that only polled meters send beside their own.
const CUSTOMER: Obis = obis!(1-0:0.0.0);
const PRODUCTION: Obis = obis!(0-0:96.1.1);

impl Identity {
    /// Whether the id or the model is known.
    pub const fn is_named(&self) -> bool {
        !self.id.is_empty() || !self.model.is_empty()
    }

    /// Whether it is that of another meter, as far as both are known. The name of the device decides, because
    /// Iskraemeco's lists in Slovenia have numbers of their own. If one list contains it and another the meter's number,
    /// the name ends in that number.
    pub fn is_of_another(&self, other: &Identity) -> bool {
        match () {
            () if differ(self.production.as_bytes(), other.production.as_bytes()) => true,
            () if differ(self.manufacturer.as_bytes(), other.manufacturer.as_bytes()) => true,
            () if self.id.is_empty() || other.id.is_empty() => false,
            () if self.device.is_empty() || other.device.is_empty() => {
                self.id != other.id && !self.is_named_after(other) && !other.is_named_after(self)
            }
            () => self.device != other.device,
        }
    }

    fn is_named_after(&self, other: &Identity) -> bool {
        self.device.as_bytes().ends_with(other.id.as_bytes())
    }

    /// Takes a text of a list of DLMS or SML.
    pub(super) fn take_text(&mut self, obis: Obis, text: &[u8]) {
        let Obis([a, b, c, d, e, _]) = obis;
        let field = match ([a, b], [c, d, e]) {
            ([1, 0 | 1], [0, 2, 129]) => &mut self.list_version,
            // Channels above 0 are connected meters of gas, water and heat.
            ([0, 0], [96, 1, 0]) | ([1, 1], [0, 0, 5]) => return self.take_number(text),
            ([0, 0], [96, 1, 1 | 7]) | ([1, 1], [96, 1, 1]) => &mut self.model,
            ([0, 0], [42, 0, 0]) => return self.take_device_name(text),
            _ => return self.take_device(obis, text),
        };
        field.set(text);
    }

    /// Takes the meter's number. Some lists have a place for it and leave that empty.
    fn take_number(&mut self, text: &[u8]) {
        if text.iter().any(u8::is_ascii_graphic) {
            self.id.set_spelled(text);
        }
    }

    fn take_device_name(&mut self, name: &[u8]) {
        self.device.set(name);
        self.manufacturer = name.get(..3).and_then(manufacturer).unwrap_or_default();
        if self.id.is_empty() {
            self.id.set(name);
        }
    }

    /// Takes what identifies the sender in SML: the first identification, and the manufacturer's letters.
    fn take_device(&mut self, obis: Obis, text: &[u8]) {
        if device::NUMBERS.contains(&obis) && self.id.is_empty() {
            self.id = device::printed(text);
            self.manufacturer = device::manufacturer_in(text).unwrap_or(self.manufacturer);
        } else if device::MANUFACTURERS.contains(&obis) {
            // Hager sends its whole name.
            self.manufacturer = text.get(..3).and_then(manufacturer).unwrap_or(self.manufacturer);
        }
    }

    /// Takes a name that is sent as a number.
    // Cold, as `Reading::take_unknown` is.
    #[cold]
    pub(super) fn take_name(&mut self, obis: Obis, number: Name) {
        let mut name = Text::<24>::EMPTY;
        // A u32 has ten digits at most.
        let _ = write!(name, "{number}");
        match obis {
            CUSTOMER => self.customer.set(name.as_bytes()),
            PRODUCTION => self.production.set(name.as_bytes()),
            _ => self.take_text(obis, name.as_bytes()),
        }
    }

    /// Takes the first line of a telegram.
    pub(super) fn take_ident(&mut self, telegram: &Telegram<'_>) {
        let ident = telegram.ident();
        self.manufacturer = manufacturer(ident.flag).unwrap_or_default();
        self.model.set(ident.model());
    }

    /// Takes a text of a telegram; ids come from the least to the best known.
    pub(super) fn take_telegram_text(&mut self, Obis([a, b, c, d, e, _]): Obis, text: &[u8]) {
        match [a, b, c, d, e] {
            // DSMR's version; Belgium's.
            [1, 3, 0, 2, 8] | [0, 0, 96, 1, 4] => self.list_version.set(text),
            [0, 0, 96, 1, 0 | 1 | 255] | [0, 0, 42, 0, 0] | [1, 0, 0, 0, 0] => self.take_number(text),
            _ => {}
        }
    }
}

/// Whether two texts are both known and not the same.
fn differ(one: &[u8], other: &[u8]) -> bool {
    !one.is_empty() && !other.is_empty() && one != other
}
