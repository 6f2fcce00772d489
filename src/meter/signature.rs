//! What a list is recognised by, beside its shape.

use core::ops::RangeInclusive;

use super::device::Identification;
use crate::obis;
use crate::wire::dlms::apdu::{Notification, Stamp};
use crate::wire::dlms::value::{Described, Sequence, Value};
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::telegram::Telegram;

/// What a list is recognised by, beside its shape.
pub enum Signature {
    /// Its first text begins like this: "KFM_001"; in a list that describes itself, the name of the device does.
    Title(&'static str),
    /// Its first text is a number with so many digits.
    Digits(usize),
    /// Its first value has this code.
    First(Obis),
    /// After a bare date-time these groups C, D and E of its codes follow, and no others.
    Codes(&'static [[u8; 3]]),
    /// It describes itself, names no device, and is pushed by one of these objects.
    PushedBy(&'static [Obis]),
    /// The date-time of the message is tagged, as Kaifa sends it.
    Tagged,
    /// The identification line of its telegram begins with one of these.
    Ident(&'static [&'static str]),
    /// A code of its telegram has only groups C and D, and these are their values.
    Reduced([u8; 2]),
    /// It is the response to this command.
    Command(u8),
    /// The meter's identification in SML has these letters and one of these numbers.
    Device {
        /// The manufacturer's letters.
        letters: [u8; 3],
        /// Ranges of numbers, both ends included.
        numbers: &'static [RangeInclusive<u32>],
    },
    /// Nothing more: the shape is enough.
    Shape,
}

/// The beginning of a message, as far as signatures and shapes need it.
pub(super) struct Opening<'a> {
    message: &'a Message<'a>,
    pub layout: Layout<'a>,
    /// Number of elements.
    pub count: usize,
    /// Whether the date-time of the message is tagged.
    tagged: bool,
    /// The first code, or that of the object which pushes a list that describes itself.
    pub code: Option<Obis>,
    /// The first text, alone or after the code, or the name of the device in a list that describes itself.
    text: Option<&'a [u8]>,
}

/// How the values of a message are arranged, as far as its beginning shows.
pub(super) enum Layout<'a> {
    Flat,
    Records,
    Described,
    /// The message is of a protocol that has one way to arrange them.
    OfProtocol(&'a Message<'a>),
}

impl Signature {
    /// Whether a list that has it is certain to be of its manufacturer.
    pub(crate) const fn names_manufacturer(&self) -> bool {
        matches!(self, Signature::Title(_) | Signature::Command(_))
    }

    pub(super) fn matches(&self, opening: &Opening<'_>) -> bool {
        match *self {
            Signature::Title(title) => opening.text.is_some_and(|text| text.starts_with(title.as_bytes())),
            Signature::Digits(count) => {
                opening.text.is_some_and(|text| text.len() == count && text.iter().all(u8::is_ascii_digit))
            }
            Signature::First(obis) => opening.code == Some(obis),
            Signature::Codes(codes) => sends_codes(opening.message, codes),
            Signature::PushedBy(objects) => {
                opening.text.is_none() && opening.code.is_some_and(|code| objects.contains(&code))
            }
            Signature::Tagged => opening.tagged,
            Signature::Ident(starts) => opening.telegram().is_some_and(|telegram| {
                let ident = telegram.ident();
                starts.iter().any(|start| ident.starts_with(start))
            }),
            Signature::Reduced(groups) => {
                opening.telegram().is_some_and(|telegram| is_reduced_to(telegram, groups))
            }
            Signature::Command(command) => match opening.layout {
                Layout::OfProtocol(Message::Kmp382(response)) => response.command == command,
                Layout::OfProtocol(Message::Kmp(response)) => response.command() == command,
                _ => false,
            },
            Signature::Device { letters, numbers } => match opening.layout {
                Layout::OfProtocol(Message::Sml(list)) => {
                    Identification::parse(list.server()).is_some_and(|device| {
                        device.letters == letters
                            && numbers.iter().any(|range| range.contains(&device.number))
                    })
                }
                _ => false,
            },
            Signature::Shape => true,
        }
    }
}

/// Whether these codes of electricity follow a bare date-time, each with a value.
// Cold: inlined, its walk costs every message a larger stack frame.
#[cold]
fn sends_codes(message: &Message<'_>, codes: &[[u8; 3]]) -> bool {
    let Message::Notification(Notification { body, .. }) = message else { return false };
    let mut rest = body.sequence().unwrap_or(Sequence::EMPTY).iter();
    let begins_with_time = rest.string().is_some_and(|time| time.len() == 12);
    let mut follows =
        |&[c, d, e]: &[u8; 3]| rest.code() == Some(Obis([1, 0, c, d, e, 255])) && rest.next().is_some();
    begins_with_time && codes.iter().all(&mut follows) && rest.left() == 0
}

/// Whether a telegram contains a code that has only groups C and D, with these values.
fn is_reduced_to(telegram: &Telegram<'_>, [c, d]: [u8; 2]) -> bool {
    let bare = Obis([1, 0, c, d, 0, 255]);
    telegram.sets().flatten().any(|set| set.is_reduced && set.obis == bare)
}

impl<'a> Opening<'a> {
    /// `None` for a message without values.
    pub(super) fn of(message: &'a Message<'_>) -> Option<Self> {
        match message {
            Message::Notification(notification) => Opening::of_notification(message, notification),
            other => Some(Opening {
                message,
                layout: Layout::OfProtocol(other),
                count: 0,
                tagged: false,
                code: None,
                text: None,
            }),
        }
    }

    fn of_notification(
        message: &'a Message<'a>,
        Notification { stamp, body, .. }: &Notification<'a>,
    ) -> Option<Self> {
        let tagged = matches!(stamp, Stamp::Tagged(_));
        let elements = body.sequence().filter(|elements| !elements.is_empty())?;
        let count = elements.len();
        if let Some(described) = Described::of(body) {
            let (code, text) = (Some(described.pushed_by()), device_name(described));
            return Some(Opening { message, layout: Layout::Described, count, tagged, code, text });
        }
        let mut elements = elements.iter();
        let layout = match body {
            _ if elements.at_structure() => Layout::Records,
            Value::Structure(_) => Layout::Flat,
            _ => return None,
        };
        elements.enter_record();
        Some(Opening { message, layout, count, tagged, code: elements.code(), text: elements.string() })
    }

    fn telegram(&self) -> Option<&Telegram<'a>> {
        match self.layout {
            Layout::OfProtocol(Message::Telegram(telegram)) => Some(telegram),
            _ => None,
        }
    }
}

/// The logical device name, if the list contains it.
fn device_name<'a>(mut described: Described<'a>) -> Option<&'a [u8]> {
    const DEVICE_NAME: Obis = obis!(0-0:42.0.0);
    described.find(|(descriptor, _)| descriptor.is_value() && descriptor.obis == DEVICE_NAME)?.1.string()
}
