//! Names and sentences for people.

use crate::decoder::Error;
use crate::hex;
use crate::meter::{Quantity, Register};
use crate::wire::clock::{DateTime, Zone};
use crate::wire::decimal::Decimal;
use crate::wire::dlms::apdu;
use crate::wire::dlms::cipher;
use crate::wire::dlms::value::{self, Descriptor, Value};
use crate::wire::frame;
use crate::wire::kmp::NoAnswer;
use crate::wire::message;
use crate::wire::obis::Obis;
use crate::wire::sml;
use crate::wire::unit::Unit;

/// What a code means: "voltage L1"; empty if we do not know.
pub(super) fn name(obis: Obis) -> String {
    let Obis([a, b, c, d, e, _]) = obis;
    if let Some(register) = Register::find(obis) {
        return of_register(register);
    }
    match ([a, b], [c, d, e]) {
        (_, [0, 2, 129]) => "list version",
        ([1, 3], [0, 2, 8]) | ([0, 0], [96, 1, 4]) => "version of the telegram",
        ([0, 0], [96, 1, 1 | 7]) | ([1, 1], [96, 1, 1]) => "meter type",
        ([0, 0], [96, 1, 0 | 255]) | ([1, 1], [0, 0, 1 | 5]) => "meter id",
        ([1, 0], [96, 1, 0] | [0, 0, _]) => "meter id",
        ([0, 0], [42, 0, 0]) => "logical device name",
        ([1, 0], [96, 50, 1]) | ([129, 129], [199, 130, 3]) => "maker",
        ([129, 129], [199, 130, 5]) => "public key",
        ([0, 0 | 1], [1, 0, 0]) => "clock",
        ([1, 0], [96, 5, 0]) => "status",
        ([0, 0], [97, 97, 0]) => "errors",
        ([0, _], [96, 1, 0 | 1]) => "id of the meter behind this channel",
        ([0, _], [24, 1, 0]) => "kind of the meter behind this channel",
        ([0, _], [24, 2, _] | [24, 3, 0]) => "value of the meter behind this channel",
        ([0, _], [24, 4, 0]) => "valve of the meter behind this channel",
        ([0, _], [96, 13, _]) => "message to the customer",
        ([0, 0], [17, 0, 0]) => "limit of the power",
        ([1, _], [31, 4, 0]) => "limit of the current",
        ([1, 0], [99, 97, 0]) => "log of power failures",
        ([0, 0], [98, 1, 0]) => "highest demands of the months before",
        ([1, 0], [1, 4, 0]) => "mean power of this quarter of an hour",
        ([1, 0], [15, 7, 0]) => "active power, whichever way it flows",
        ([1, 0], [16, 7, 0]) => "active power, drawn less delivered",
        ([1, 0], [36, 7, 0]) => "active power L1, drawn less delivered",
        ([1, 0], [56, 7, 0]) => "active power L2, drawn less delivered",
        ([1, 0], [76, 7, 0]) => "active power L3, drawn less delivered",
        _ => "",
    }
    .into()
}

/// What an element of a list is, as the list itself says: "describes 1-0:32.7.0*255  voltage L1".
pub(super) fn descriptor(descriptor: &Descriptor) -> String {
    let Descriptor { class, obis, attribute, index } = *descriptor;
    let name = match descriptor.is_value() {
        true => name(obis),
        false => format!("attribute {attribute} of class {class}"),
    };
    let part = if index == 0 { String::new() } else { format!(", element {index}") };
    format!("describes {obis}  {name}{part}").trim_end().to_owned()
}

/// The metric's name without its unit, and what its label says.
pub(super) fn of_register(register: Register) -> String {
    let family = register.family();
    let name = family.name.trim_start_matches("han_").trim_end_matches("_total");
    let units = ["_var_seconds", "_cubic_meters"].iter().find_map(|unit| name.strip_suffix(unit));
    let name = match register.quantity() {
        Quantity::Count => name,
        _ => units.or_else(|| Some(name.rsplit_once('_')?.0)).unwrap_or(name),
    };
    let name = name.replace('_', " ");
    match (family.label, register.label()) {
        (Some(_), "") => name,
        (None, _) => name,
        (Some("phase"), phase) => format!("{} {phase}", name.strip_prefix("phase ").unwrap_or(&name)),
        (Some(label), value) => {
            let rest = name.strip_prefix(label).unwrap_or(&name).trim_start();
            format!("{rest}, {label} {value}")
        }
    }
}

/// "2305 × 10^-1 V = 230.5 V"; energy in thousands, as it is billed.
pub(super) fn number(decimal: Decimal, unit: Unit) -> String {
    let (raw, exponent) = (decimal.mantissa(), decimal.exponent());
    let is_energy = matches!(unit, Unit::WH | Unit::VARH | Unit::VAH);
    let thousands = decimal.shifted(-3).filter(|_| is_energy);
    let unit = unit.to_string();
    let result = match thousands {
        Some(thousands) => format!("{thousands} k{unit}"),
        None => format!("{decimal} {unit}").trim_end().to_owned(),
    };
    let sent = match exponent {
        0 if !is_energy => return result,
        0 => format!("{raw} {unit}"),
        _ => format!("{raw} × 10^{exponent} {unit}").trim_end().to_owned(),
    };
    format!("{sent} = {result}")
}

/// The same of a number that came in digits: how they were scaled has been seen.
pub(super) fn converted(decimal: Decimal, unit: Unit) -> String {
    let thousands = decimal.shifted(-3).filter(|_| matches!(unit, Unit::WH | Unit::VARH | Unit::VAH));
    let shown = format!("{decimal} {unit}");
    thousands.map_or(shown.trim_end().into(), |thousands| format!("{shown} = {thousands} k{unit}"))
}

/// The sign of a unit, or its number.
pub(super) fn unit(unit: Unit) -> String {
    if unit == Unit::NONE { "none".into() } else { unit.to_string() }
}

/// A value that is no whole number.
pub(super) fn value(value: &Value<'_>) -> String {
    match *value {
        Value::Null => "null".into(),
        Value::Boolean(byte) => if byte == 0 { "false" } else { "true" }.into(),
        Value::F32(bits) => f32::from_bits(bits).to_string(),
        Value::F64(bits) => f64::from_bits(bits).to_string(),
        Value::U64(number) => number.to_string(),
        Value::DateTime(date_time) => clock(&date_time),
        Value::Bits(bits) => format!("{} bits", bits.count),
        Value::Bcd(digits) => format!("bcd {digits:02x}"),
        Value::Date(_) => "date".into(),
        Value::Time(_) => "time".into(),
        Value::Compact(_) => "compact array".into(),
        Value::DontCare => "any value".into(),
        _ => value.string().map_or(String::new(), string),
    }
}

/// Whether a value is a text and no date-time.
pub(super) fn is_text(value: &Value<'_>) -> bool {
    value.string().is_some_and(|bytes| date_time(bytes).is_none())
}

/// A text in quotes, a date-time, or what cannot be shown.
pub(super) fn string(bytes: &[u8]) -> String {
    if let Some(date_time) = date_time(bytes) {
        return clock(&date_time);
    }
    let shown = bytes.iter().all(|byte| *byte == 0 || (b' '..=b'~').contains(byte));
    match bytes {
        [] => "empty".into(),
        _ if shown => format!("\"{}\"", bytes.escape_ascii()),
        _ => format!("{} bytes", bytes.len()),
    }
}

/// Twelve bytes that make a real date, whatever the clock says of itself.
fn date_time(bytes: &[u8]) -> Option<DateTime> {
    let bytes: [u8; 12] = bytes.try_into().ok()?;
    let mut trusted = bytes;
    *trusted.last_mut()? = 0;
    DateTime(trusted).to_unix(Zone::Standard(0)).map(|_| DateTime(bytes))
}

/// "2024-10-01 19:00:10 Tuesday, deviation -60 min".
pub(super) fn clock(clock: &DateTime) -> String {
    let Some(digits) = clock.digits() else { return "not set in full".into() };
    let DateTime([_, _, _, _, day, ..]) = *clock;
    let mut text = digits.as_str().replace('T', " ");
    if let Some(name) = WEEKDAYS.get(usize::from(day).wrapping_sub(1)) {
        text += " ";
        text += name;
    }
    if let Some(deviation) = clock.deviation() {
        text += &format!(", deviation {deviation} min");
    }
    if let Some(status) = clock.status().filter(|&status| status != 0) {
        let bits = [
            (1, "invalid"),
            (2, "doubtful"),
            (4, "other base"),
            (8, "status invalid"),
            (0x80, "summer time"),
        ];
        let set = bits.iter().filter(|(bit, _)| status & bit != 0).map(|&(_, word)| word);
        text += &format!(", status 0x{status:02x}: {}", set.collect::<Vec<_>>().join(", "));
    }
    text
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// How a message is ciphered, by its tag.
pub(super) const fn ciphering(tag: &[u8]) -> &'static str {
    match tag {
        [0xDB] => "general-glo-ciphering",
        [0xDC] => "general-ded-ciphering",
        _ => "general-ciphering",
    }
}

/// Three letters of the maker, then a number.
pub(super) fn system_title(title: &[u8]) -> String {
    match title.split_at_checked(3) {
        Some((maker, number)) => {
            format!("system title: {} {}", maker.escape_ascii(), hex::digits(number)).trim_end().to_owned()
        }
        None => "system title".into(),
    }
}

/// Bit 4 authenticated, bit 5 ciphered, the lowest four the suite (Green Book 9.2.7.2.4.1).
pub(super) fn security_control(byte: &[u8]) -> String {
    let &[byte] = byte else { return String::new() };
    let mut words = vec![format!("suite {}", byte & 0x0F)];
    words.extend((byte & 0x10 != 0).then(|| "authenticated".into()));
    words.extend((byte & 0x20 != 0).then(|| "ciphered".into()));
    format!("security: {}", words.join(", "))
}

/// Bit 7 last block, bit 6 streaming, the rest the window.
pub(super) fn block_control(byte: &[u8]) -> String {
    let &[byte] = byte else { return String::new() };
    let last = if byte & 0x80 != 0 { "last block" } else { "more blocks follow" };
    let streaming = if byte & 0x40 != 0 { ", streaming" } else { "" };
    format!("{last}{streaming}, window {}", byte & 0x3F)
}

/// Why bytes are no value.
pub(super) fn value_error(error: value::Error) -> String {
    match error {
        value::Error::Truncated => "ends here, in the middle of a value".into(),
        value::Error::Tag(tag) => format!("0x{tag:02x} is no type of value"),
        value::Error::Depth => "sequences inside sequences, deeper than any list".into(),
    }
}

/// Why there is no reading.
pub(super) fn sentence(error: Error) -> String {
    match error {
        Error::Frame(error) => of_frame(error).into(),
        Error::SegmentLost => "a part of the message before this one is missing".into(),
        Error::TooLong => "the parts are longer than any message".into(),
        Error::Message(error) => of_message(error),
        Error::Cipher(error) => of_cipher(error).into(),
        Error::UnknownList => "the list is none we know and does not say itself what its values are".into(),
    }
}

const fn of_frame(error: frame::Error) -> &'static str {
    match error {
        frame::Error::Length => "the length cannot be right",
        frame::Error::Address => "the addresses do not end",
        frame::Error::HeaderCheck => "the header is damaged: its check does not hold",
        frame::Error::FrameCheck => "the frame is damaged: its check does not hold",
        frame::Error::Flag => "bytes are missing or too many: the frame does not end where its length says",
        frame::Error::Cut => "the frame is cut off",
        frame::Error::Parity => "a character is damaged: its parity does not hold",
    }
}

const fn of_cipher(error: cipher::Error) -> &'static str {
    match error {
        cipher::Error::NoKey => "the message is encrypted and there is no key: give it with --key-file",
        cipher::Error::Form => "the message is ciphered in a way that is not known",
        cipher::Error::NoAuthenticationKey => {
            "the message has a tag, and there is no authentication key to check it with: give it with --auth-key-file"
        }
        cipher::Error::AuthenticationKey => "the encryption key is right, the authentication key is wrong",
        cipher::Error::Tag => "the tag does not hold: the encryption key is wrong, or the data are damaged",
        cipher::Error::Plaintext => {
            "what is deciphered is no message: the encryption key is wrong, or the data are damaged"
        }
        cipher::Error::Replay => "the message's counter does not rise: it was sent before",
    }
}

fn of_message(error: message::Error) -> String {
    match error {
        message::Error::Apdu(error) => of_apdu(error),
        message::Error::Trailing => "bytes are left over, so a part of the message is missing".into(),
        message::Error::Nested => {
            "a message that was put together is ciphered once more or a part itself".into()
        }
        message::Error::Telegram => "the telegram in the message is damaged".into(),
        message::Error::Sml(error) => of_sml(error),
        message::Error::Answer(NoAnswer::Length) => {
            "the answer is shorter or longer than what it says".into()
        }
        message::Error::Answer(NoAnswer::Command(command)) => {
            format!("it answers the command 0x{command:02x}, which reads no registers")
        }
    }
}

/// Why a file holds no list.
pub(super) fn of_sml(error: sml::Error) -> String {
    match error {
        sml::Error::Truncated => "the messages of the file end in the middle of a value".into(),
        sml::Error::Type(byte) => format!("0x{byte:02x} begins no value of SML"),
        sml::Error::Form => "a value stands where another one has its place".into(),
        sml::Error::Check => "a message in the file is damaged: its check does not hold".into(),
        sml::Error::Trailing => "bytes are left over".into(),
        sml::Error::NoList => "the file holds no list of values".into(),
    }
}

fn of_apdu(error: apdu::Error) -> String {
    match error {
        apdu::Error::Empty => "the frame carries nothing".into(),
        apdu::Error::ForeignLlc => "the message does not begin with a meter's LLC header".into(),
        apdu::Error::Service(service) => format!("service 0x{service:02x} is none that meters push"),
        apdu::Error::Stamp => "the date-time is neither absent nor of twelve bytes".into(),
        apdu::Error::Truncated => "the message ends too early".into(),
        apdu::Error::Value(error) => value_error(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obis;

    #[test]
    fn registers_are_called_as_people_call_them() {
        for (obis, expected) in [
            (obis!(1-0:32.7.0), "voltage L1"),
            (obis!(1-1:21.7.0), "active power import L1"),
            (obis!(1-0:1.8.0), "active energy import"),
            (obis!(1-0:4.8.0), "reactive energy export"),
            (obis!(1-0:1.8.2), "active energy import, tariff 2"),
            (obis!(1-0:6.8.0), "reactive energy, quadrant 2"),
            (obis!(1-0:13.7.0), "power factor"),
            (obis!(1-0:91.7.0), "current N"),
            (obis!(0-0:96.1.0), "meter id"),
            (obis!(0-0:96.14.0), "tariff active"),
            (obis!(0-0:96.3.10), "breaker state"),
            (obis!(0-0:96.7.9), "long power failures"),
            (obis!(1-0:52.36.0), "voltage swells L2"),
            (obis!(9-9:9.9.9), ""),
        ] {
            assert_eq!(name(obis), expected, "{obis}");
        }
    }

    #[test]
    fn numbers_show_how_they_are_scaled() {
        assert_eq!(number(Decimal::new(2305, -1), Unit::V), "2305 × 10^-1 V = 230.5 V");
        assert_eq!(number(Decimal::new(5056, 0), Unit::W), "5056 W");
        assert_eq!(number(Decimal::new(17, 1), Unit::WH), "17 × 10^1 Wh = 0.17 kWh");
        assert_eq!(number(Decimal::new(8_751_759, 0), Unit::VARH), "8751759 varh = 8751.759 kvarh");
        assert_eq!(number(Decimal::new(4, -2), Unit::NONE), "4 × 10^-2 = 0.04");
    }

    #[test]
    fn clocks_say_what_is_special() {
        let mut bytes = DateTime::local(2024, 10, 1, 19, 0, 10).0;
        assert_eq!(clock(&DateTime(bytes)), "2024-10-01 19:00:10");
        bytes[4] = 2;
        bytes[9..].copy_from_slice(&[0xFF, 0xC4, 0x81]);
        assert_eq!(
            clock(&DateTime(bytes)),
            "2024-10-01 19:00:10 Tuesday, deviation -60 min, status 0x81: invalid, summer time"
        );
        assert_eq!(clock(&DateTime([0xFF; 12])), "not set in full");
    }
}
