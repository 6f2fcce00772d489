//! Requests to a meter.

use super::{END, METER, REGISTERS, REQUEST, SERIAL, Stuffer, TYPE, content, verify};
use crate::wire::cursor::Writer;
use crate::wire::verdict::Error;

/// The most registers in one request.
pub const MOST: usize = 8;

/// A request that changes nothing in the meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request<'a> {
    /// Its type and software.
    Type,
    /// Its number.
    Serial,
    /// Registers, at most [`MOST`].
    Registers(&'a [u16]),
}

impl Request<'_> {
    /// Writes the request to the meter.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        let mut stuffer = Stuffer::begin(REQUEST, writer);
        match *self {
            Request::Type => stuffer.put(&[METER, TYPE]),
            Request::Serial => stuffer.put(&[METER, SERIAL]),
            Request::Registers(ids) => {
                let ids = ids.get(..MOST).unwrap_or(ids);
                stuffer.put(&[METER, REGISTERS, ids.len() as u8]);
                ids.iter().for_each(|id| stuffer.put(&id.to_be_bytes()));
            }
        }
        stuffer.end();
    }

    /// Reads a request as the meter does; the registers it asks for go to `ids`.
    pub fn parse<'i>(bytes: &[u8], ids: &'i mut [u16; MOST]) -> Result<Request<'i>, Error> {
        let stuffed = bytes.strip_prefix(&[REQUEST]).and_then(|rest| rest.strip_suffix(&[END]));
        let mut bytes = content(verify(stuffed.ok_or(Error::Flag)?)?);
        match (bytes.next(), bytes.next()) {
            (Some(_), Some(TYPE)) if bytes.next().is_none() => Ok(Request::Type),
            (Some(_), Some(SERIAL)) if bytes.next().is_none() => Ok(Request::Serial),
            (Some(_), Some(REGISTERS)) => {
                let count = usize::from(bytes.next().ok_or(Error::Length)?);
                let room = ids.get_mut(..count).ok_or(Error::Length)?;
                for id in &mut *room {
                    let pair = bytes.next().zip(bytes.next()).ok_or(Error::Length)?;
                    *id = u16::from_be_bytes([pair.0, pair.1]);
                }
                if bytes.next().is_some() { Err(Error::Length) } else { Ok(Request::Registers(room)) }
            }
            _ => Err(Error::Length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_are_written() {
        let ids = [0x0001, 0x000D, 0x0080, 0x1B06];
        for (request, digits) in [
            (Request::Type, "803f01058a0d"),
            (Request::Serial, "803f0235e90d"),
            (Request::Registers(&[0x80]), "803f1001001b7fd4080d"),
            (Request::Registers(&[0x4A, 0x3C, 0x7B]), "803f1003004a003c007ba19e0d"),
            (Request::Registers(&ids), ""),
            (Request::Registers(&[]), ""),
        ] {
            let mut buffer = [0; 64];
            let mut writer = Writer::new(&mut buffer);
            request.emit(&mut writer);
            let bytes = writer.written();
            let written: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(digits.is_empty() || written == digits, "{written}, not {digits}");
            assert_eq!(Request::parse(bytes, &mut [0; MOST]), Ok(request));
            assert!(Request::parse(&bytes[..bytes.len() - 1], &mut [0; MOST]).is_err());
        }
    }

    #[test]
    fn what_is_no_request_that_reads_is_refused() {
        let written = |bytes: &[u8]| {
            let mut buffer = [0; 64];
            let mut writer = Writer::new(&mut buffer);
            let mut stuffer = Stuffer::begin(REQUEST, &mut writer);
            stuffer.put(bytes);
            stuffer.end();
            Request::parse(writer.written(), &mut [0; MOST]).map(drop)
        };
        assert_eq!(written(&[METER, REGISTERS, 9]), Err(Error::Length), "more than a request may ask for");
        assert_eq!(written(&[METER, REGISTERS, 1, 0]), Err(Error::Length));
        assert_eq!(written(&[METER, REGISTERS, 1, 0, 1, 0]), Err(Error::Length));
        assert_eq!(written(&[METER, TYPE, 0]), Err(Error::Length));
        assert_eq!(written(&[METER, 0x11, 0]), Err(Error::Length), "writes a register");
        assert_eq!(written(&[METER, REGISTERS, 1, 0, 1]), Ok(()));
    }
}
