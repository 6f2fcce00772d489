//! What a meter sent, without what carried it.

use core::fmt;

use super::clock::DateTime;
use super::dlms::apdu::{self, Apdu, Notification};
use super::protocol::Protocol;
use super::telegram::Telegram;
use super::{kmp, kmp382, sml, telegram};

/// One message of any protocol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Message<'a> {
    /// A list pushed by DLMS.
    Notification(Notification<'a>),
    /// An ASCII telegram.
    Telegram(Telegram<'a>),
    /// The list of an SML file.
    Sml(sml::List<'a>),
    /// The response of a Kamstrup 685-382.
    Kmp382(kmp382::Response<'a>),
    /// A response in Kamstrup's binary protocol.
    Kmp(kmp::Response<'a>),
}

impl<'a> Message<'a> {
    /// Reads a message that came alone, assembled or decrypted: nothing may be left over.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        match bytes.first() {
            Some(&telegram::START) => return Message::read_telegram(bytes),
            Some(&sml::MESSAGE) => return sml::List::parse(bytes).map(Message::Sml).map_err(Error::Sml),
            _ => {}
        }
        match Apdu::parse(bytes) {
            Ok(Apdu::Notification(notification)) if notification.trailing.is_empty() => {
                Ok(Message::Notification(notification))
            }
            Ok(Apdu::Notification(_)) => Err(Error::Trailing),
            Ok(Apdu::Ciphered(_) | Apdu::Block(_)) => Err(Error::Nested),
            Err(error) => Err(Error::Apdu(error)),
        }
    }

    /// Reads the response of a polled meter in its protocol, and any other message as [`Message::read`] does.
    pub fn read_response(bytes: &'a [u8], polled: Option<Protocol>) -> Result<Self, Error> {
        match polled {
            Some(Protocol::Kmp382) => {
                kmp382::Response::parse(bytes).map(Message::Kmp382).map_err(Error::Response)
            }
            Some(Protocol::Kmp) => kmp::Response::parse(bytes).map(Message::Kmp).map_err(Error::Response),
            _ => Message::read(bytes),
        }
    }

    /// When it was made, if that is sent before its values.
    pub const fn stamp(&self) -> Option<DateTime> {
        match self {
            Message::Notification(notification) => notification.stamp.date_time(),
            _ => None,
        }
    }

    fn read_telegram(bytes: &'a [u8]) -> Result<Self, Error> {
        match Telegram::parse(bytes) {
            Ok(telegram) if telegram.is_ciphered() => Err(Error::Nested),
            Ok(telegram) => Ok(Message::Telegram(telegram)),
            Err(_) => Err(Error::Telegram),
        }
    }
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// No application message of DLMS.
    Apdu(apdu::Error),
    /// Bytes are left over: a part of the message is missing.
    Trailing,
    /// A message that is encrypted, or a block, inside one that was: no meter does so.
    Nested,
    /// A damaged telegram.
    Telegram,
    /// No messages of SML with a list.
    Sml(sml::Error),
    /// A response that does not fit its request.
    Response(kmp::NoResponse),
}

impl Error {
    /// The value of the label `reason` of `han_frame_errors_total`, and the text in the log.
    pub const fn reason(self) -> &'static str {
        match self {
            Error::Apdu(error) => error.reason(),
            Error::Trailing => "trailing",
            Error::Nested => "service",
            Error::Telegram => "frame_check",
            Error::Sml(error) => error.reason(),
            Error::Response(kmp::NoResponse::Length) => "truncated",
            Error::Response(kmp::NoResponse::Command(_)) => "service",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Apdu(error) => error.fmt(f),
            Error::Trailing => f.write_str("bytes are left over, so a part of the message is missing"),
            Error::Nested => {
                f.write_str("an assembled or decrypted message is encrypted again or a part itself")
            }
            Error::Telegram => f.write_str("the telegram in the message is damaged"),
            Error::Sml(error) => error.fmt(f),
            Error::Response(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_not_encrypted_twice() {
        let telegram = |inside: &[u8]| [b"/KFM5KAIFA-METER\r\n\r\n", inside, b"!\r\n"].concat();
        assert!(matches!(Message::read(&telegram(b"1-0:1.8.0(1*kWh)\r\n")), Ok(Message::Telegram(_))));
        assert_eq!(Message::read(&telegram(b"\0\x05 any ")), Err(Error::Nested));
        assert_eq!(Message::read(&telegram(b"0x")), Err(Error::Telegram));
    }
}
