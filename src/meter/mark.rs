//! What a list is known by.

use super::Shape;
use crate::obis;
use crate::wire::dlms::apdu::{Notification, Stamp};
use crate::wire::dlms::value::{Described, Value};
use crate::wire::message::Message;
use crate::wire::obis::Obis;
use crate::wire::telegram::Telegram;

/// What a list is known by, beside its shape.
pub enum Mark {
    /// Its first text begins so: "KFM_001"; where it describes itself, the name of the device.
    Title(&'static str),
    /// Its first text is a number of so many digits.
    Digits(usize),
    /// Its first value is this one.
    First(Obis),
    /// It describes itself, names no device, and is pushed by one of these objects.
    PushedBy(&'static [Obis]),
    /// The date-time in front of it is tagged, as Kaifa does.
    Tagged,
    /// The line of identification of its telegram begins with one of these.
    Ident(&'static [&'static str]),
    /// A code of its telegram, its other groups left out, is of these groups C and D.
    Reduced([u8; 2]),
    /// It answers this command.
    Command(u8),
    /// Nothing: its shape says all.
    Shape,
}

/// What a message begins with.
pub(super) struct First<'a> {
    layout: Layout<'a>,
    /// How many elements it has.
    count: usize,
    /// Whether the date-time in front of it is tagged.
    tagged: bool,
    /// A code, or what pushes a list that describes itself.
    code: Option<Obis>,
    /// A text, alone or behind the code, or the name of the device in a list that describes itself.
    text: Option<&'a [u8]>,
}

/// How the elements of a list stand to one another, as far as the first of them tells.
enum Layout<'a> {
    Flat,
    Records,
    Described,
    Telegram(&'a Telegram<'a>),
    Sml,
    /// The answer to a command: a block of so many bytes, or values under a maker's own numbers.
    Block(u8, usize),
    Numbered(u8),
}

impl Shape {
    /// What costs nothing to see: the outermost type, the number of columns.
    #[inline]
    pub(super) fn may_be(&self, first: &First<'_>) -> bool {
        match (self, &first.layout) {
            (Shape::Columns(columns), Layout::Flat) => first.count == columns.len(),
            (Shape::Records, Layout::Records) => first.code.is_some(),
            (Shape::Telegram(dialect), Layout::Telegram(telegram)) => {
                telegram.is_readout() || !dialect.is_readout
            }
            (Shape::Cells { length, .. }, Layout::Block(_, bytes)) => length == bytes,
            (Shape::Pairs(_), Layout::Flat)
            | (Shape::Described(_), Layout::Described)
            | (Shape::Sml, Layout::Sml)
            | (Shape::Numbered(_), Layout::Numbered(_)) => true,
            _ => false,
        }
    }
}

impl Mark {
    #[inline]
    pub(super) fn holds(&self, first: &First<'_>) -> bool {
        match *self {
            Mark::Title(title) => first.text.is_some_and(|text| text.starts_with(title.as_bytes())),
            Mark::Digits(count) => {
                first.text.is_some_and(|text| text.len() == count && text.iter().all(u8::is_ascii_digit))
            }
            Mark::First(obis) => first.code == Some(obis),
            Mark::PushedBy(objects) => {
                first.text.is_none() && first.code.is_some_and(|code| objects.contains(&code))
            }
            Mark::Tagged => first.tagged,
            Mark::Ident(starts) => first.telegram().is_some_and(|telegram| is_named(telegram, starts)),
            Mark::Reduced(groups) => first.telegram().is_some_and(|telegram| is_reduced_to(telegram, groups)),
            Mark::Command(command) => match first.layout {
                Layout::Block(answered, _) | Layout::Numbered(answered) => answered == command,
                _ => false,
            },
            Mark::Shape => true,
        }
    }
}

/// Whether the line of identification of a telegram begins with one of these.
#[cold]
fn is_named(telegram: &Telegram<'_>, starts: &[&str]) -> bool {
    let ident = telegram.ident();
    starts.iter().any(|start| ident.starts_with(start))
}

/// Whether a code of these groups C and D stands in a telegram, its other groups left out.
#[cold]
fn is_reduced_to(telegram: &Telegram<'_>, [c, d]: [u8; 2]) -> bool {
    let bare = Obis([1, 0, c, d, 0, 255]);
    telegram.sets().flatten().any(|set| set.is_reduced && set.obis == bare)
}

impl<'a> First<'a> {
    #[inline]
    pub(super) fn of(message: &'a Message<'_>) -> Option<Self> {
        match message {
            Message::Notification(notification) => First::of_notification(notification),
            Message::Telegram(telegram) => Some(First::nothing_but(Layout::Telegram(telegram))),
            Message::Sml(_) => Some(First::nothing_but(Layout::Sml)),
            Message::Kmp382(answer) => {
                Some(First::nothing_but(Layout::Block(answer.command, answer.data.len())))
            }
            Message::Kmp(answer) => Some(First::nothing_but(Layout::Numbered(answer.command()))),
        }
    }

    /// What names each of its values begins with none that counts more than others.
    fn nothing_but(layout: Layout<'a>) -> Self {
        First { layout, count: 0, tagged: false, code: None, text: None }
    }

    #[inline]
    fn of_notification(Notification { stamp, body, .. }: &Notification<'a>) -> Option<Self> {
        let tagged = matches!(stamp, Stamp::Tagged(_));
        let elements = body.sequence().filter(|elements| !elements.is_empty())?;
        let count = elements.len();
        if let Some(described) = Described::of(body) {
            let (code, text) = (Some(described.pushed_by()), device_name(described));
            return Some(First { layout: Layout::Described, count, tagged, code, text });
        }
        let mut elements = elements.iter();
        let layout = match body {
            _ if elements.at_structure() => Layout::Records,
            Value::Structure(_) => Layout::Flat,
            _ => return None,
        };
        elements.enter_record();
        Some(First { layout, count, tagged, code: elements.code(), text: elements.string() })
    }

    fn telegram(&self) -> Option<&Telegram<'a>> {
        match self.layout {
            Layout::Telegram(telegram) => Some(telegram),
            _ => None,
        }
    }
}

/// The logical device name, if it is among the values.
#[cold]
fn device_name<'a>(mut described: Described<'a>) -> Option<&'a [u8]> {
    const DEVICE_NAME: Obis = obis!(0-0:42.0.0);
    described.find(|(descriptor, _)| descriptor.is_value() && descriptor.obis == DEVICE_NAME)?.1.string()
}
