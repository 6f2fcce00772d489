//! Where a telegram ends, and whether it is one.

use super::characters::{Characters, is_even};
use super::set::{Raw, Set, Sets};
use super::{Check, END, Kind, LONGEST, Layout, START, START_EVEN, is_line_end};
use crate::wire::check::arc;
use crate::wire::hdlc::FLAG;
use crate::wire::mbus;
use crate::wire::verdict::{Error, Stream, Verdict};

pub(super) const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const ACK: u8 = 0x06;
/// The tag of an encrypted message, which some meters leave out, and the length of its empty title.
const CIPHERED: u8 = 0xDB;
const NO_TITLE: u8 = 0x00;
/// The length of the title of an encrypted message outside of a telegram.
const TITLE: u8 = 8;
/// The first byte of an SML file.
const SML: u8 = 0x1B;

/// `/`, three letters of the manufacturer, the character of the speed, sixteen of the type and some in between.
const LONGEST_IDENT: usize = 64;

/// Judges the bytes from a start on. Those that carry parity bits are judged twice: as they are for where they end,
/// and without the bits for what they say.
pub(in crate::wire) fn judge(held: &[u8], seen: &mut usize, stream: Stream) -> Verdict<Layout> {
    // All places in it then have room in a layout.
    let held = held.get(..LONGEST + 16).unwrap_or(held);
    let with_parity = held.first() == Some(&START_EVEN);
    let scan = Scan { text: Characters::of(held, with_parity), stream };
    let layout = match scan.layout(seen) {
        Ok(layout) => layout,
        Err(Verdict::Failure { error, claimed }) => return scan.failed(error, claimed),
        Err(other) => return other,
    };
    let bytes = held.get(..layout.total()).unwrap_or_default();
    match with_parity {
        true if is_even(bytes) && !scan.hides_start(&layout) => Verdict::Parity { length: layout.total() },
        true => scan.failed(Error::Parity, layout.total()),
        false => match layout.verify(bytes) {
            Some(check) => Verdict::Frame(Layout { check, ..layout }),
            None => scan.failed(Error::FrameCheck, layout.total()),
        },
    }
}

/// A candidate, and whether it may go on.
struct Scan<'a> {
    text: Characters<'a>,
    stream: Stream,
}

type Found<T> = Result<T, Verdict<Layout>>;

/// What begins with a slash.
enum FirstLine {
    /// A line of identification, which ends there.
    Until(usize),
    /// As much of one as there is.
    Unfinished,
    /// None: values contain slashes too (`m3/h`, `24/02/12`).
    None,
}

impl FirstLine {
    /// Reads from a slash on.
    fn of(text: Characters<'_>, slash: usize) -> Self {
        for index in 1..LONGEST_IDENT {
            let Some(character) = text.get(slash + index) else { return FirstLine::Unfinished };
            match character {
                b'\r' | b'\n' if index > 4 => return FirstLine::Until(slash + index),
                // A bracket ends a value, as in `(012.3*l/min)`.
                END | START | b'(' | b')' => break,
                b'A'..=b'Z' | b'a'..=b'z' => {}
                // Some send the digit of "\2", which announces mode E, as the control character of that number.
                b' '..=b'~' | 0x01..=0x09 if index > 3 => {}
                _ => break,
            }
        }
        FirstLine::None
    }

    /// The place, between two others, of a slash that begins one.
    fn find(text: Characters<'_>, from: usize, to: usize) -> Option<usize> {
        let text = text.before(to);
        let mut slash = text.find_slash(from)?;
        while let FirstLine::None = FirstLine::of(text, slash) {
            slash = text.find_slash(slash + 1)?;
        }
        Some(slash)
    }
}

impl Scan<'_> {
    /// Finds where the parts are. Their content is not checked.
    fn layout(&self, seen: &mut usize) -> Found<Layout> {
        let ident = self.ident()?;
        let (kind, body) = self.behind_ident(ident)?;
        let layout = Layout {
            total: 0,
            ident: ident as u16,
            body: body as u16,
            end: 0,
            kind,
            check: Check::None,
            parity: false,
        };
        if let Kind::Ciphered = kind {
            let end = self.end_of_ciphered(body)?;
            return self.pushed(layout, end);
        }
        let end = self.end_of_data(body, seen)?;
        *seen = end;
        match self.text.get(body - 1) {
            Some(STX) => self.read_out(layout, end),
            _ => self.pushed(layout, end),
        }
    }

    /// Where the first line ends. Without one nothing is proven: any byte may be a slash.
    fn ident(&self) -> Found<usize> {
        match FirstLine::of(self.text, 0) {
            FirstLine::Until(end) => Ok(end),
            FirstLine::Unfinished => Err(Verdict::unproven(self.text.len() + 1, self.stream)),
            FirstLine::None => Err(Verdict::Noise),
        }
    }

    /// What follows the first line, and where it begins. An acknowledgement may come between: some meters, and some
    /// optical heads, repeat the reader's.
    fn behind_ident(&self, ident: usize) -> Found<(Kind, usize)> {
        let ends = |from: usize| from + self.text.run(from, is_line_end);
        let mut at = ends(ident);
        let empty_line = (ident..at).filter(|&index| self.text.get(index) == Some(b'\n')).count() > 1;
        while self.need(at)? == ACK {
            at += self.text.run(at, |character| !is_line_end(character) && character != START);
            self.need(at)?;
            at = ends(at);
        }
        Ok(match self.need(at)? {
            STX => (Kind::Readout, at + 1),
            CIPHERED | NO_TITLE if empty_line => (Kind::Ciphered, at),
            _ if empty_line => (Kind::Push, at),
            _ => (Kind::Readout, at),
        })
    }

    /// The place of the `!` after the data.
    fn end_of_data(&self, body: usize, seen: &mut usize) -> Found<usize> {
        match self.text.find_end(body.max(*seen)) {
            Some(place) if place >= LONGEST => Err(failure(Error::Length, LONGEST)),
            Some(place) if self.text.get(place) == Some(END) => Ok(place),
            Some(place) => Err(failure(Error::FrameCheck, place + 1)),
            None => {
                *seen = self.text.len();
                Err(self.wait(self.text.len()))
            }
        }
    }

    /// The place of the `!` after an encrypted message: its bytes may be any, so only its length counts.
    fn end_of_ciphered(&self, body: usize) -> Found<usize> {
        let mut at = body;
        if self.need(at)? == CIPHERED {
            at += 1;
        }
        if self.need(at)? != NO_TITLE {
            return Err(failure(Error::Flag, at));
        }
        let (bytes, start) = match self.need(at + 1)? {
            short @ ..=0x7F => (usize::from(short), at + 2),
            0x81 => (self.need(at + 2)?.into(), at + 3),
            0x82 => (u16::from_be_bytes([self.need(at + 2)?, self.need(at + 3)?]).into(), at + 4),
            _ => return Err(failure(Error::Length, at + 1)),
        };
        let end = start + bytes;
        if end >= LONGEST {
            return Err(failure(Error::Length, start));
        }
        match self.need(end)? {
            END => Ok(end),
            _ => Err(failure(Error::Flag, end)),
        }
    }

    /// The end of a pushed telegram: up to four digits of its check, if it has one, and the end of the line, which may
    /// be missing after digits.
    fn pushed(&self, layout: Layout, end: usize) -> Found<Layout> {
        // A fifth is one too many, and how many more there are must not matter.
        let digits = self.text.run(end + 1, |character| character.is_ascii_hexdigit()).min(5);
        let mut at = end + 1 + digits;
        let layout = |total: usize| {
            let kind = if digits > 0 && layout.kind != Kind::Ciphered { Kind::Push } else { layout.kind };
            Ok(Layout { total: total as u16, end: end as u16, kind, ..layout })
        };
        if digits > 4 {
            return Err(failure(Error::FrameCheck, at));
        }
        if self.text.get(at) == Some(0) {
            at += 1;
        }
        let is_over = |whole: bool| match self.stream {
            Stream::Open => false,
            Stream::Silent => digits == 4,
            Stream::Ended => whole,
        };
        // After an empty line that end is always sent: without it the telegram was cut, and perhaps digits with it.
        let whole = digits > 0 || layout(0)?.kind == Kind::Readout;
        match (self.text.get(at), self.text.get(at + 1)) {
            (None, _) if is_over(whole) => layout(at),
            (Some(b'\r'), None) if is_over(whole) => layout(at + 1),
            (None, _) | (Some(b'\r'), None) => Err(self.wait(self.text.len())),
            (Some(b'\r'), Some(b'\n')) => self.unless_more_follows(digits, at + 2).and_then(layout),
            (Some(b'\n'), _) => self.unless_more_follows(digits, at + 1).and_then(layout),
            (Some(b'\r'), _) if digits > 0 => layout(at + 1),
            _ if digits > 0 && self.may_begin_another(at) => layout(at),
            _ => Err(failure(Error::FrameCheck, at)),
        }
    }

    /// Without a check, damage may have made a `!` in the midst of the data. Then more of them follow.
    fn unless_more_follows(&self, digits: usize, total: usize) -> Found<usize> {
        let next = total + self.text.run(total, is_line_end);
        match (self.begins_another(next), self.text.get(next)) {
            _ if digits > 0 => Ok(total),
            (None, _) if self.stream == Stream::Open => Err(self.wait(self.text.len())),
            (Some(true), _) => Ok(total),
            // ETX: the STX that belongs to it was lost, and with it the place where the check begins.
            (_, Some(ETX | b'!'..=b'~')) => Err(failure(Error::FrameCheck, total)),
            _ => Ok(total),
        }
    }

    /// Whether the byte at a place may begin another telegram or a frame.
    fn may_begin_another(&self, at: usize) -> bool {
        let first = self.text.bytes_from(at).first();
        matches!(first, Some(&(START | START_EVEN | FLAG | mbus::START | CIPHERED | SML)))
    }

    /// Whether another telegram or a frame begins at a place; `None` until its bytes tell. M-Bus and, with parity bits,
    /// encrypted messages begin with a byte that may be a character of this telegram.
    fn begins_another(&self, at: usize) -> Option<bool> {
        match self.text.bytes_from(at) {
            [] | [mbus::START] | [mbus::START, _] | [mbus::START, _, _] | [CIPHERED] => None,
            [mbus::START, length, again, start, ..] => Some(length == again && *start == mbus::START),
            [CIPHERED, title, ..] => Some(*title == TITLE),
            _ => Some(self.may_begin_another(at)),
        }
    }

    /// The end of a readout: ETX and BCC. At the end of a capture they may be missing.
    fn read_out(&self, layout: Layout, end: usize) -> Found<Layout> {
        let at = end + 1 + self.text.run(end + 1, is_line_end);
        let total = match (self.text.get(at), self.text.get(at + 1)) {
            (Some(ETX), Some(_)) => at + 2,
            (None, _) if self.stream == Stream::Ended => at,
            (None, _) | (Some(ETX), None) => return Err(self.wait(self.text.len())),
            _ => return Err(failure(Error::FrameCheck, at)),
        };
        Ok(Layout { total: total as u16, end: end as u16, ..layout })
    }

    /// A character after the first line.
    fn need(&self, at: usize) -> Found<u8> {
        self.text.get(at).ok_or_else(|| self.wait(at))
    }

    /// The verdict if bytes are missing after so many.
    fn wait(&self, held: usize) -> Verdict<Layout> {
        match self.stream {
            _ if held >= LONGEST => failure(Error::Length, LONGEST),
            Stream::Ended => failure(Error::Cut, self.text.len()),
            Stream::Open | Stream::Silent => Verdict::More { enough: held + 1 },
        }
    }

    /// Whether another telegram begins among the bytes.
    fn hides_start(&self, layout: &Layout) -> bool {
        FirstLine::find(self.text, 1, usize::from(layout.end)).is_some()
    }

    /// The verdict on bytes that are not a telegram. If another begins among them, this one was cut, and what seemed to
    /// be its end belongs to the other.
    fn failed(&self, error: Error, claimed: usize) -> Verdict<Layout> {
        match FirstLine::find(self.text, 1, claimed) {
            Some(place) => failure(Error::Cut, place),
            None => failure(error, claimed),
        }
    }
}

const fn failure(error: Error, claimed: usize) -> Verdict<Layout> {
    Verdict::Failure { error, claimed }
}

impl Layout {
    /// What proves the bytes; `None` if they are damaged.
    fn verify(&self, bytes: &[u8]) -> Option<Check> {
        if let Kind::Ciphered = self.kind {
            return Some(Check::None);
        }
        let (body, end) = (usize::from(self.body), usize::from(self.end));
        let behind = bytes.get(end + 1..)?;
        let digits = behind.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let check = match behind {
            [.., ETX, received] => {
                Check::of_block(bytes.get(body..bytes.len() - 1)?, *received, bytes.get(1..4)?)?
            }
            _ if digits > 0 => {
                let received = str::from_utf8(behind.get(..digits)?).ok()?;
                let holds = u16::from_str_radix(received, 16) == Ok(arc(bytes.get(..=end)?));
                return (holds || cfg!(fuzzing)).then_some(Check::Crc);
            }
            _ => Check::None,
        };
        // Characters bits of check are one damage in 64 that passes, and no bits are all of them.
        let mut sets = Sets::of(bytes.get(body..end)?).peekable();
        let is_well_formed = sets.peek().is_some() && sets.all(|set| set.is_ok_and(is_plausible));
        let hides_start = FirstLine::find(Characters::of(bytes, false), body, end).is_some();
        (is_well_formed && !hides_start).then_some(check)
    }
}

/// Whether no slash is in a number, where it is a damaged point. In a unit or a date it belongs.
fn is_plausible(set: Set<'_>) -> bool {
    set.values().all(|Raw(value)| {
        let mut parts = value.splitn(2, |&byte| byte == b'*');
        let (number, unit) = (parts.next().unwrap_or_default(), parts.next());
        unit.is_none() || !number.contains(&START)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::deframer::Deframer;
    use crate::wire::frame::Frame;
    use crate::wire::telegram::{Telegram, with_parity};

    const DATA: &str = "/ISk5\\2MT382-1004\r\n\r\n1-0:1.8.1(00001.130*kWh)\r\n0-1:24.3.0(161107190000)(m3)\r\n(00000.830)\r\n!";

    fn crc() -> String {
        format!("{DATA}{:04X}\r\n", arc(DATA.as_bytes()))
    }

    /// The bytes of a telegram and what proves it, or the reason why there is none and the bytes claimed.
    type Told = Result<(usize, Check), (&'static str, usize)>;

    /// What is found in a stream, in pieces of any size.
    fn found(stream: &[u8]) -> Vec<Told> {
        let whole = found_in(stream, stream.len().max(1));
        for chunk in [1, 2, 7] {
            assert_eq!(found_in(stream, chunk), whole, "in pieces of {chunk}");
        }
        whole
    }

    fn found_in(stream: &[u8], chunk: usize) -> Vec<Told> {
        let mut deframer = Deframer::default();
        let mut all = Vec::new();
        let mut pieces = stream.chunks(chunk);
        loop {
            let mut piece = pieces.next().unwrap_or_default();
            let last = piece.is_empty();
            while let Some(found) = if last { deframer.finish() } else { deframer.feed(&mut piece) } {
                all.push(match found.frame {
                    Ok(Frame::Telegram(telegram)) => Ok((found.length, telegram.check())),
                    Ok(other) => panic!("{other:?}"),
                    Err(rejected) => Err((rejected.error.reason(), rejected.bytes.len())),
                });
            }
            if last {
                return all;
            }
        }
    }

    #[test]
    fn every_way_to_end_is_known() {
        let digits = format!("{:04X}", arc(DATA.as_bytes()));
        for (end, bytes, check) in [
            ("\r\n", 6, Check::Crc),
            ("\n", 5, Check::Crc),
            ("\r", 5, Check::Crc),
            ("\0\r\n", 7, Check::Crc),
            ("", 4, Check::Crc),
        ] {
            let stream = format!("{DATA}{digits}{end}");
            assert_eq!(found(stream.as_bytes()), [Ok((DATA.len() + bytes, check))], "{end:?}");
            let small = format!("{DATA}{}{end}", digits.to_lowercase());
            assert_eq!(found(small.as_bytes()), [Ok((DATA.len() + bytes, check))], "{end:?}");
        }
        for end in ["\r\n", "\n"] {
            let stream = format!("{DATA}{end}");
            assert_eq!(found(stream.as_bytes()), [Ok((stream.len(), Check::None))], "{end:?}");
            assert_eq!(found(format!("{stream}{stream}").as_bytes()).len(), 2);
            assert_eq!(found(format!("{stream}  25803103\r\n").as_bytes()).len(), 1, "a gateway's own line");
        }
        let by_return = format!("{DATA}{digits}\r");
        let each = Ok((by_return.len(), Check::Crc));
        assert_eq!(found(format!("{by_return}{by_return}").as_bytes()), [each; 2]);
        for wrong in
            ["", "\r", "\rx", "0000\r\n", "12345\r\n", "G\r\n", "x", "\r\n1-0:2.8.0(1)\r\n", "\r\n\r\n!"]
        {
            let said = found(format!("{DATA}{wrong}").as_bytes());
            assert!(matches!(said[..], [Err(("frame_check" | "cut", _))]), "{wrong:?}: {said:?}");
        }
    }

    #[test]
    fn zeros_in_front_of_the_check_may_be_missing() {
        let data =
            "/NWA-WARMTELINK\r\n\r\n1-3:0.2.8(50)\r\n0-0:96.1.1(ADC0000000000012)\r\n0-0:96.13.1()\r\n!";
        let filled = (0..1000).map(|filler| data.replace("50", &format!("{filler:03}")));
        let data = filled.into_iter().find(|data| arc(data.as_bytes()) < 0x100).unwrap();
        let stream = format!("{data}{:X}\r\n", arc(data.as_bytes()));
        assert_eq!(found(stream.as_bytes()), [Ok((stream.len(), Check::Crc))]);
    }

    #[test]
    fn a_slash_begins_anew() {
        let good = crc();
        for cut in 20..DATA.len() {
            let stream = format!("{}{good}", &DATA[..cut]);
            assert_eq!(found(stream.as_bytes()), [Err(("cut", cut)), Ok((good.len(), Check::Crc))], "{cut}");
        }
        let fragments = format!("{}{}/?!\r\n{good}", &DATA[30..], &DATA[..10]);
        assert_eq!(
            found(fragments.as_bytes()),
            [Ok((good.len(), Check::Crc))],
            "what has no first line is noise"
        );
    }

    #[test]
    fn a_slash_in_a_value_begins_nothing() {
        let values = ["012.3*m3/h", "012.3*l/min", "24/02/12", "kW/hour", "/", "a/bcd"];
        let sets: String = values.iter().map(|value| format!("0-1:24.2.2({value})\r\n")).collect();
        let data = DATA.replace("1-0:1.8.1", &format!("{sets}1-0:1.8.1"));
        let (unchecked, checked) = (format!("{data}\r\n"), format!("{data}{:04X}\r\n", arc(data.as_bytes())));
        for (good, check) in [(&unchecked, Check::None), (&checked, Check::Crc)] {
            assert_eq!(found(format!("{good}{good}").as_bytes()), [Ok((good.len(), check)); 2]);
            // Wherever a reader begins to listen, or a telegram is cut, the next one is found and nothing else.
            for cut in 1..data.len() {
                let stream = format!("{}{good}", &good[cut..]);
                assert_eq!(found(stream.as_bytes()), [Ok((good.len(), check))], "from {cut} on");
                let stream = format!("{}{good}", &good[..cut]);
                assert_eq!(found(stream.as_bytes()).last(), Some(&Ok((good.len(), check))), "{cut}");
                assert!(found(stream.as_bytes()).len() <= 2, "{cut}");
            }
        }
        let parity: Vec<u8> = unchecked.bytes().map(with_parity).collect();
        assert_eq!(found(&parity), [Ok((parity.len(), Check::None))]);
        let damaged = format!("{DATA}\r\n").replace("00000.830)", "00000/830*m3)");
        assert_eq!(found(damaged.as_bytes()), [Err(("frame_check", damaged.len()))], "a point was meant");
    }

    #[test]
    fn an_identification_begins_with_three_letters() {
        for other in ["/1Sk5", "/I\x015", "/IS 5", "/IS-5"] {
            assert_eq!(found(DATA.replace("/ISk5", other).as_bytes()), [], "{other:?}");
        }
    }

    #[test]
    fn an_identification_may_contain_digits_as_control_characters() {
        for digit in ["\\1", "\x01", "\x02", "\x03"] {
            let data = DATA.replace("\\2", digit);
            let stream = format!("{data}{:04X}\r\n", arc(data.as_bytes()));
            assert_eq!(found(stream.as_bytes()), [Ok((stream.len(), Check::Crc))], "{digit:?}");
            assert_eq!(Telegram::parse(stream.as_bytes()).unwrap().ident().model(), b"MT382-1004");
        }
    }

    #[test]
    fn what_no_telegram_has_damages_it() {
        let good = crc();
        for byte in [0x00, 0x80, 0xFF] {
            let mut damaged = good.clone().into_bytes();
            damaged[40] = byte;
            assert_eq!(found(&damaged), [Err(("frame_check", 41))], "{byte:02x}");
        }
        let unchecked = format!("{DATA}\r\n").replace("(00001", "(0(001");
        assert_eq!(
            found(unchecked.as_bytes()),
            [Err(("frame_check", unchecked.len()))],
            "a line is malformed"
        );
    }

    #[test]
    fn readouts_end_with_a_block_check() {
        let block = "0.0(10000012)\r\n1.20(0009147*kWh)!\r\n\x03";
        let bytes = |ident: &str, check: u8| [ident.as_bytes(), block.as_bytes(), &[check]].concat();
        let (xor, sum) = (Check::Xor.of_bytes(block.as_bytes()), Check::Sum.of_bytes(block.as_bytes()));
        for ident in ["/KAM 685-382-OK-10\r\n\x02", "/KAM5x\r\n\x06050\r\n\x02", "/KAM5x\n\n\x06\n\n\x02"] {
            let good = bytes(ident, xor);
            assert_eq!(found(&good), [Ok((good.len(), Check::Xor))]);
            assert_eq!(found(&bytes(ident, sum)), [Ok((good.len(), Check::Sum))]);
            assert_eq!(found(&bytes(ident, xor ^ sum ^ 1)), [Err(("frame_check", good.len()))]);
            let end = good.len() - 2;
            assert_eq!(found(&good[..end]), [Ok((end, Check::None))], "a capture that ends without ETX");
            assert_eq!(found(&good[..end - 4]), [Err(("cut", end - 4))]);
            assert!(Telegram::parse(&good).unwrap().is_readout());
        }
        let mut malformed = bytes("/KAM 685\r\n\x02", 0);
        malformed[15] = b'(';
        let last = malformed.len() - 1;
        malformed[last] = Check::Xor.of_bytes(&malformed[11..last]);
        assert_eq!(found(&malformed), [Err(("frame_check", last + 1))], "seven bits alone prove little");
    }

    #[test]
    fn parity_is_verified_and_taken_off() {
        let good: Vec<u8> = crc().bytes().map(with_parity).collect();
        assert_eq!(found(&[&good[..], &good].concat()), [Ok((good.len(), Check::Crc)); 2]);
        let cut = [&good[..50], &good].concat();
        assert_eq!(found(&cut), [Err(("cut", 50)), Ok((good.len(), Check::Crc))]);
        for place in 1..DATA.len() - 1 {
            let mut damaged = good.clone();
            damaged[place] ^= 0x80;
            assert_eq!(found(&damaged), [Err(("parity", good.len()))], "{place}");
        }
        let mut even = good.clone();
        even[45] ^= 0x03;
        assert_eq!(
            found(&even),
            [Err(("frame_check", good.len()))],
            "two bits of a character pass, not the check"
        );
    }

    #[test]
    fn a_telegram_that_is_ciphered_inside_ends_by_its_length() {
        let cipher: Vec<u8> = (0..=255).chain(*b"/ABC5x\r\n!1234\r\n").collect();
        let length = (cipher.len() as u16).to_be_bytes();
        let bytes =
            |head: &[u8]| [&b"/KFM5KAIFA-METER\r\n\r\n"[..], head, &length, &cipher, b"!BB9A\r\n"].concat();
        for head in [&[0x00, 0x82][..], &[0xDB, 0x00, 0x82]] {
            let good = bytes(head);
            assert_eq!(found(&[&good[..], &good].concat()), [Ok((good.len(), Check::None)); 2]);
            let telegram = Telegram::parse(&good).unwrap();
            assert!(telegram.is_ciphered() && telegram.body().is_empty() && telegram.sets().next().is_none());
            let mut damaged = good.clone();
            damaged[21 + head.len()] ^= 1;
            assert!(found(&damaged).iter().all(Result::is_err));
        }
        for (size, length) in [(0x7F, &[0x7F][..]), (0x80, &[0x81, 0x80]), (0xFF, &[0x81, 0xFF])] {
            let parts = [b"/KFM5KAIFA-METER\r\n\r\n\0", length, &cipher[..size], b"!BB9A\r\n"];
            let good = parts.concat();
            assert_eq!(found(&good), [Ok((good.len(), Check::None))], "{size} bytes");
        }
    }

    #[test]
    fn silence_ends_what_is_whole_and_nothing_else() {
        let good = crc();
        for (end, whole) in
            [(good.len() - 2, true), (good.len() - 3, false), (DATA.len(), false), (40, false)]
        {
            let mut deframer = Deframer::default();
            assert!(deframer.feed(&mut &good.as_bytes()[..end]).is_none());
            assert_eq!(deframer.idle().is_some(), whole, "after {end} bytes");
        }
        let mut deframer = Deframer::default();
        assert!(deframer.feed(&mut format!("{DATA}\r\n").as_bytes()).is_none(), "another line may follow");
        assert!(deframer.idle().is_some());
    }

    #[test]
    fn memory_is_bounded() {
        let line = "1-0:1.8.0*01(0007904.135*kWh)\r\n";
        let of_lines = |count: usize| format!("/ISk5MT174-0001\r\n\r\n{}!\r\n", line.repeat(count));
        let (most, more) = (of_lines(LONGEST / line.len() - 2), of_lines(LONGEST / line.len() + 1));
        assert_eq!(found(most.as_bytes()), [Ok((most.len(), Check::None))]);
        assert!(matches!(found(more.as_bytes())[..], [Err(("length", LONGEST))]));
        let ending_at = |place: usize| {
            let (head, tail) = ("/ISk5MT174-0001\r\n\r\n0-0:96.13.1(", ")\r\n");
            format!("{head}{}{tail}!\r\n", "3".repeat(place - head.len() - tail.len()))
        };
        let most = ending_at(LONGEST - 4);
        assert_eq!(found(most.as_bytes()), [Ok((most.len(), Check::None))]);
        assert!(matches!(found(ending_at(LONGEST).as_bytes())[..], [Err(("length", LONGEST))]));
        assert!(Telegram::parse(ending_at(LONGEST).as_bytes()).is_err());
        let endless = [b"/ISk5x\r\n".to_vec(), vec![b'('; 3 * LONGEST]].concat();
        assert!(matches!(found(&endless)[..], [Err(("length", LONGEST))]));
        assert!(Telegram::parse(&[b"/ISk5x".to_vec(), vec![b'\n'; 100_000]].concat()).is_err());
    }
}
