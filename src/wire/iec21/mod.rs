//! How a readout of IEC 62056-21 is requested: the sign-on, the meter's identification, and the acknowledgement.
//!
//! ```text
//! reader  / ? [address] !  CR LF                    300 baud, 7E1
//! meter   / MMM Z [\W] id  CR LF                    MMM: the manufacturer; Z: the speed it proposes
//! reader  06 0 Z 0  CR LF                           modes C and E alone; then both change to that speed
//! meter   STX data ! CR LF ETX BCC
//! ```
//!
//! The response of a meter is a telegram. The standard can program meters too: this module has only requests that read.

use super::description::{Description, Polling};
use super::serial::{Parity, SerialSettings};
use core::fmt::Write;
use core::time::Duration;

use super::cursor::Writer;
use super::text::Text;

/// The protocol as a whole.
pub(super) const DESCRIPTION: Description = Description {
    name: "iec",
    title: "readout of IEC 62056-21",
    settings: &[SerialSettings::new(300, 7, Parity::Even)],
    polling: Some(Polling { has_sign_on: true, head_power: Some((false, true)) }),
};

/// A request that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Who is there: any meter, or the one of this address.
    SignOn(Address),
    /// The same in the words of an Ultraheat UH50.
    SignOnUltraheat,
    /// All its data, at a speed.
    Readout(Speed),
}

/// A speed that both sides can change to, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed(u8);

/// How a meter continues after its identification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// At once, at the same speed.
    A,
    /// At once, at another speed.
    B(Speed),
    /// Only when this speed, or another one, is acknowledged.
    C(Speed),
}

/// What the line of identification says of how to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeting {
    /// How it goes on.
    pub mode: Mode,
    /// How long the meter needs before it hears again.
    pub reaction: Duration,
}

/// The number of a meter among several on a serial line; it may be empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Address(Text<32>);

/// What wakes a battery-powered meter before a request (IEC 62056-21, annex B).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wake {
    /// It does not sleep.
    #[default]
    None,
    /// Two seconds of zeros.
    Zeros,
    /// The way of an Ultraheat UH50.
    Ultraheat,
}

/// Wakes a meter that runs on a battery: some two seconds of zeros at 300 baud.
pub const WAKE: [u8; 84] = [0; 84];
/// The same for an Ultraheat UH50.
pub const WAKE_ULTRAHEAT: [u8; 40] = [0; 40];

/// `/`, three letters of the manufacturer, the speed, pairs of a backslash and a character, sixteen characters.
pub const LONGEST_GREETING: usize = 48;

const ACKNOWLEDGE: u8 = 0x06;

impl Request {
    /// Writes the request.
    pub fn emit(&self, writer: &mut Writer<'_>) {
        match self {
            Request::SignOn(address) => {
                writer.bytes(b"/?");
                writer.bytes(address.digits());
                writer.bytes(b"!\r\n");
            }
            Request::SignOnUltraheat => writer.bytes(b"/#!\r\n"),
            // The normal protocol; a speed; data readout. 1 in its place would ask for programming.
            Request::Readout(Speed(speed)) => {
                writer.bytes(&[ACKNOWLEDGE, b'0', b'0' + speed, b'0', b'\r', b'\n']);
            }
        }
    }

    /// Reads a request as the meter does.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let line = bytes.strip_suffix(b"\r\n")?;
        match line {
            b"/#!" => Some(Request::SignOnUltraheat),
            [b'/', b'?', address @ .., b'!'] => Address::read(address).map(Request::SignOn),
            [ACKNOWLEDGE, b'0', speed, b'0'] => Speed::of(*speed).map(Request::Readout),
            _ => None,
        }
    }
}

impl Address {
    /// Any meter.
    pub const NONE: Self = Address(Text::EMPTY);

    /// Reads an address: digits, letters and blanks.
    pub fn read(digits: &[u8]) -> Option<Self> {
        let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ';
        let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(may_stand))?;
        let mut address = Text::EMPTY;
        address.write_str(digits).ok()?;
        Some(Address(address))
    }

    /// Its characters.
    pub fn digits(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Speed {
    /// 300 baud, at which everything begins.
    pub const SLOWEST: Self = Speed(0);

    /// The speed that a character means in mode C.
    pub const fn of(character: u8) -> Option<Self> {
        match character {
            b'0'..=b'6' => Some(Speed(character - b'0')),
            _ => None,
        }
    }

    /// Bits a second.
    pub const fn baud(self) -> u32 {
        300 << self.0
    }

    /// The next lower one.
    pub const fn lower(self) -> Option<Self> {
        match self.0 {
            0 => None,
            number => Some(Speed(number - 1)),
        }
    }
}

impl Mode {
    /// The mode that the character after the manufacturer's letters means (IEC 62056-21, 6.3.2).
    pub const fn of(character: u8) -> Self {
        match character {
            b'0'..=b'6' => Mode::C(Speed(character - b'0')),
            b'A'..=b'F' => Mode::B(Speed(character - b'A' + 1)),
            _ => Mode::A,
        }
    }
}

impl Greeting {
    /// Reads a line from `/` on, without its end; `None` if it is no identification, such as the echo of the sign-on.
    pub fn read(line: &[u8]) -> Option<Self> {
        match line {
            &[b'/', first, second, third, speed, ..]
                if [first, second, third].iter().all(u8::is_ascii_alphabetic) =>
            {
                // A small third letter announces a fast response (IEC 62056-21, 6.3.14, item 12).
                let reaction = if third.is_ascii_lowercase() { 20 } else { 200 };
                Some(Greeting { mode: Mode::of(speed), reaction: Duration::from_millis(reaction) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(request: Request) -> Vec<u8> {
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        request.emit(&mut writer);
        writer.written().to_vec()
    }

    #[test]
    fn requests_are_read_as_they_are_written() {
        let address = Address::read(b"12345678").unwrap();
        for (request, bytes) in [
            (Request::SignOn(Address::NONE), &b"/?!\r\n"[..]),
            (Request::SignOn(address), b"/?12345678!\r\n"),
            (Request::SignOnUltraheat, b"/#!\r\n"),
            (Request::Readout(Speed::SLOWEST), b"\x06000\r\n"),
            (Request::Readout(Speed(5)), b"\x06050\r\n"),
        ] {
            assert_eq!(emitted(request), bytes);
            assert_eq!(Request::parse(bytes), Some(request));
        }
    }

    #[test]
    fn nothing_that_programs_a_meter_is_a_request() {
        for bytes in [
            &b"\x06051\r\n"[..],
            b"\x06252\r\n",
            b"\x06070\r\n",
            b"\x01P1\x02(00000000)\x03a",
            b"\x01W2\x02C003(910324092239)\x03\x1b",
            b"/?!",
            b"/?1/2!\r\n",
            b"/?123456789012345678901234567890123!\r\n",
        ] {
            assert_eq!(Request::parse(bytes), None, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn the_character_after_the_manufacturer_decides_how_to_continue() {
        for (line, mode, reaction) in [
            (&b"/KAM 685-382-OK-10"[..], Mode::A, 200),
            (b"/ISk5MT174-0001", Mode::C(Speed(5)), 20),
            (b"/ACE0\\3k260V01.18", Mode::C(Speed::SLOWEST), 200),
            (b"/SIEC2WR5", Mode::B(Speed(3)), 200),
            (b"/LGZ4ZMF100AC.M27", Mode::C(Speed(4)), 200),
            (b"/XYZ9", Mode::A, 200),
            (b"/XYZG", Mode::A, 200),
            (b"/XYZ-", Mode::A, 200),
        ] {
            let greeting = Greeting { mode, reaction: Duration::from_millis(reaction) };
            assert_eq!(Greeting::read(line), Some(greeting), "{}", line.escape_ascii());
        }
        assert_eq!(Greeting::read(b"/?!"), None, "the echo of the sign-on");
        assert_eq!(Greeting::read(b"/KA"), None);
    }

    #[test]
    fn speeds_double_up_to_the_last() {
        let bauds: Vec<_> = (b'0'..=b'9').filter_map(Speed::of).map(Speed::baud).collect();
        assert_eq!(bauds, [300, 600, 1200, 2400, 4800, 9600, 19_200]);
        let slower: Vec<_> = std::iter::successors(Some(Speed(2)), |speed| speed.lower()).collect();
        assert_eq!(slower, [Speed(2), Speed(1), Speed(0)]);
    }

    #[test]
    fn an_address_is_digits_letters_and_blanks() {
        assert_eq!(Address::read(b"Bla 0").unwrap().digits(), b"Bla 0");
        assert_eq!(Address::read(b""), Some(Address::NONE));
        for wrong in [&b"1!"[..], b"/", b"\r", &[b'1'; 33]] {
            assert_eq!(Address::read(wrong), None);
        }
    }
}
