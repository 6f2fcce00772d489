//! The responses of a meter.

use core::fmt;

use super::{METER, REGISTERS, SERIAL, START, Stuffer, TYPE};
use crate::wire::cursor::{Reader, Truncated, Writer};
use crate::wire::decimal::Decimal;

/// The content of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response<'a> {
    /// The meter's type and the revision of its software.
    Type {
        /// Its number among Kamstrup's types.
        model: u16,
        /// The letter and the number of the revision.
        software: [u8; 2],
    },
    /// The meter's number.
    Serial(u32),
    /// Values of registers; those the meter does not have are omitted.
    Registers(Values<'a>),
}

/// Values of registers, each of which parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Values<'a> {
    bytes: &'a [u8],
}

/// The value of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// The register.
    pub id: u16,
    /// The unit, as Kamstrup numbers them.
    pub unit: u8,
    /// Bytes of the number.
    pub width: u8,
    /// The number; none if it is wider than any register that counts.
    pub number: Option<Decimal>,
}

/// Why bytes are not a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoResponse {
    /// They end too early, or are too many.
    Length,
    /// The response to a command that is never sent.
    Command(u8),
}

impl fmt::Display for NoResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoResponse::Length => f.write_str("the response is shorter or longer than its own length says"),
            NoResponse::Command(command) => {
                write!(f, "the response is to the command 0x{command:02x}, which reads no registers")
            }
        }
    }
}

impl<'a> Response<'a> {
    /// Reads the content of a frame.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NoResponse> {
        match bytes {
            &[_, TYPE, high, low, letter, number] => {
                Ok(Response::Type { model: u16::from_be_bytes([high, low]), software: [letter, number] })
            }
            &[_, SERIAL, a, b, c, d] => Ok(Response::Serial(u32::from_be_bytes([a, b, c, d]))),
            [_, REGISTERS, rest @ ..] => Values::parse(rest).map(Response::Registers),
            [_, TYPE | SERIAL, ..] | [] | [_] => Err(NoResponse::Length),
            &[_, command, ..] => Err(NoResponse::Command(command)),
        }
    }

    /// The command it responds to.
    pub const fn command(&self) -> u8 {
        match self {
            Response::Type { .. } => TYPE,
            Response::Serial(_) => SERIAL,
            Response::Registers(_) => REGISTERS,
        }
    }

    /// Writes the response as it is sent, from the meter itself.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        let mut stuffer = Stuffer::begin(START, writer);
        stuffer.put(&[METER, self.command()]);
        match *self {
            Response::Type { model, software } => {
                stuffer.put(&model.to_be_bytes());
                stuffer.put(&software);
            }
            Response::Serial(number) => stuffer.put(&number.to_be_bytes()),
            Response::Registers(values) => stuffer.put(values.bytes),
        }
        stuffer.end();
    }
}

impl<'a> Values<'a> {
    /// Reads the values of a response, all of them.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NoResponse> {
        let mut reader = Reader::new(bytes);
        while !reader.rest().is_empty() {
            Value::read(&mut reader).map_err(|Truncated| NoResponse::Length)?;
        }
        Ok(Values { bytes })
    }

    /// The values, in the order of the response.
    pub fn iter(&self) -> impl Iterator<Item = Value> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        core::iter::from_fn(move || Value::read(&mut reader).ok())
    }

    /// Whether the meter has none of the registers.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl Value {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Truncated> {
        let id = reader.u16()?;
        let [unit, width, sign] = reader.array()?;
        let mantissa = reader.take(width.into())?;
        Ok(Value { id, unit, width, number: number(sign, mantissa) })
    }

    /// Writes the value as in a response. `None` if the number does not fit its width.
    pub fn emit(&self, writer: &mut Writer<'_>) -> Option<()> {
        let number = self.number?;
        let mantissa = number.mantissa().unsigned_abs().to_be_bytes();
        let (unused, digits) = mantissa.split_at_checked(mantissa.len().checked_sub(self.width.into())?)?;
        let power = Some(number.exponent().unsigned_abs()).filter(|power| *power <= POWER)?;
        let negative = if number.mantissa() < 0 { NEGATIVE } else { 0 };
        let below = if number.exponent() < 0 { BELOW_ONE } else { 0 };
        if unused.iter().any(|&byte| byte != 0) {
            return None;
        }
        writer.u16(self.id);
        writer.bytes(&[self.unit, self.width, negative | below | power]);
        writer.bytes(digits);
        Some(())
    }
}

const NEGATIVE: u8 = 0x80;
const BELOW_ONE: u8 = 0x40;
const POWER: u8 = 0x3F;

/// A whole number and its sign and power of ten.
fn number(sign: u8, mantissa: &[u8]) -> Option<Decimal> {
    if mantissa.is_empty() {
        return None;
    }
    let mantissa = mantissa
        .iter()
        .try_fold(0_i64, |sum, &byte| sum.checked_mul(0x100).and_then(|sum| sum.checked_add(byte.into())))?;
    let power = (sign & POWER).cast_signed();
    let power = if sign & BELOW_ONE != 0 { -power } else { power };
    Some(Decimal::new(if sign & NEGATIVE != 0 { -mantissa } else { mantissa }, power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::kmp::{Frame, LONGEST};

    fn parsed(bytes: &[u8]) -> Vec<u8> {
        Frame::parse(bytes).unwrap().bytes().collect()
    }

    #[test]
    fn responses_are_read_as_they_are_written() {
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        let value = |id, unit, mantissa, exponent| Value {
            id,
            unit,
            width: 4,
            number: Some(Decimal::new(mantissa, exponent)),
        };
        let all = [value(0x80, 0x16, 19_591_204, 17), value(0x3C, 3, -55_006, -3), value(6, 0x1B, 0, 0)];
        all.iter().for_each(|value| value.emit(&mut writer).unwrap());
        let values = Values::parse(writer.written()).unwrap();
        assert_eq!(values.iter().collect::<Vec<_>>(), all);
        for response in [
            Response::Type { model: 4, software: [6, 1] },
            Response::Serial(0x0123_4567),
            Response::Registers(values),
            Response::Registers(Values::parse(&[]).unwrap()),
        ] {
            let mut buffer = [0; LONGEST];
            let mut writer = Writer::new(&mut buffer);
            response.emit(&mut writer);
            assert_eq!(Response::parse(&parsed(writer.written())), Ok(response));
        }
    }

    #[test]
    fn numbers_are_exact_and_what_is_too_wide_is_none() {
        let of = |sign, mantissa: &[u8]| number(sign, mantissa).map(|number| number.to_string());
        assert_eq!(of(0xC2, &[0x30, 0x39]).as_deref(), Some("-123.45"));
        assert_eq!(of(0x03, &[0x05, 0x39, 0x7F, 0xB1]).as_deref(), Some("87654321000"));
        assert_eq!(of(0x03, &[0xFF]).as_deref(), Some("255000"));
        assert_eq!(of(0x43, &[0x00, 0xFB]).as_deref(), Some("0.251"));
        assert_eq!(of(0x00, &[0x7F, 255, 255, 255, 255, 255, 255, 255]), Some(i64::MAX.to_string()));
        assert_eq!(of(0x00, &[0x80, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(of(0x00, &[]), None);
        assert_eq!(number(0x7F, &[1]), Some(Decimal::new(1, -63)));
    }

    #[test]
    fn an_response_that_ends_too_early_is_none() {
        let whole = [METER, REGISTERS, 0, 0x3C, 3, 4, 0x43, 0, 0, 0xD6, 0xDE];
        assert!(Response::parse(&whole).is_ok());
        for end in [3, 4, 5, 6, 7, 10] {
            assert_eq!(Response::parse(&whole[..end]), Err(NoResponse::Length), "{end}");
        }
        assert_eq!(Response::parse(&[METER, TYPE, 0]), Err(NoResponse::Length));
        assert_eq!(Response::parse(&[METER, 0x92]), Err(NoResponse::Command(0x92)));
        assert_eq!(Response::parse(&[]), Err(NoResponse::Length));
    }
}
