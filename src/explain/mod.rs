//! What `decode` shows of a capture: a breakdown for people, JSON for scripts, the same capture redacted.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "the bytes come from outside: no sequence of them may end the program"
)]

mod findings;
mod json;
mod meanings;
mod names;
mod redact;

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;

use crate::decoder::{Error, Outcome};
use crate::meter::List;
use crate::reading::{Reading, Settings};
use crate::wire::dlms::{self, cipher::Keys};
use crate::wire::frame::{self, Frame, Proof};
use crate::wire::hdlc::FLAG;
use crate::wire::page::Page;
use crate::wire::subject::Subject;
use crate::wire::telegram::{self, Telegram};
use crate::wire::words;
pub use findings::{Finding, Origin, each};
use meanings::Tables;

/// What is known of the meter besides the capture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What the user knows better than the frames.
    pub settings: Settings,
    /// The keys of its messages.
    pub keys: Keys,
}

/// What takes a text, or fails.
pub type WriteText<'a, E> = dyn FnMut(&str) -> Result<(), E> + 'a;

/// Writes the breakdown of a capture: bytes on the left, their meaning on the right. Returns whether it contains a
/// reading or a part of one.
pub fn text<E>(input: &[u8], options: &Options, write: &mut WriteText<'_, E>) -> Result<bool, E> {
    let (tables, has_key) = (Tables { settings: options.settings }, options.keys.encryption.is_some());
    let mut explainer =
        Explainer { input, tables, has_key, encrypted: false, end: 0, findings: 0, readings: 0, noise: 0 };
    let found =
        each(input, options, |finding| write(&explainer.explain(finding)).map(|()| finding.is_found()))?;
    write(&explainer.end()).map(|()| found)
}

/// Writes a line of JSON for each finding. Returns whether the capture contains a reading or a part of one.
pub fn json<E>(input: &[u8], options: &Options, write: &mut WriteText<'_, E>) -> Result<bool, E> {
    each(input, options, |finding| write(&(json::line(finding) + "\n")).map(|()| finding.is_found()))
}

/// Writes the capture as a hex dump without what identifies the meter. Returns whether anything is left of it.
pub fn redacted<E>(input: &[u8], options: &Options, write: &mut WriteText<'_, E>) -> Result<bool, E> {
    let mut redactor = redact::Redactor::new(input, Tables { settings: options.settings });
    let found = each(input, options, |finding| {
        // What stays encrypted can be shared too.
        write(&redactor.redact(finding)).map(|()| !matches!(finding.outcome, Outcome::Rejected(..)))
    })?;
    write(&redactor.end()).map(|()| found)
}

/// Explains a capture, one finding after the other.
struct Explainer<'a> {
    input: &'a [u8],
    tables: Tables,
    /// Whether a key was given, and whether anything was encrypted.
    has_key: bool,
    encrypted: bool,
    /// Where the bytes explained so far end.
    end: usize,
    findings: usize,
    readings: usize,
    noise: usize,
}

impl Explainer<'_> {
    /// What to write for a finding.
    fn explain(&mut self, finding: &Finding<'_>) -> String {
        let mut page = Page::default();
        if self.findings > 0 {
            page.gap();
        }
        self.findings += 1;
        self.skip_to(finding.offset, &mut page);
        page.sentence(&heading(finding));
        page.shown = 0;
        let rest = self.input.get(finding.offset..).unwrap_or_default();
        match finding.origin {
            Origin::Llc => dlms::explain::information(&mut page, rest, &self.tables),
            Origin::Apdu => dlms::explain::message(&mut page, rest, &self.tables),
            Origin::Protocol(protocol) => {
                let subject = Subject {
                    rest,
                    length: finding.length,
                    is_valid: finding.frame.is_some(),
                    message: finding.message,
                    segments: finding.segments,
                    is_part: is_part(finding),
                    meanings: &self.tables,
                };
                frame::explain(&mut page, finding.frame.as_ref(), protocol, &subject);
            }
        }
        self.decrypted(finding, &mut page);
        self.end = self.end.max(finding.offset + page.shown.max(finding.length));
        self.summary(finding, &mut page);
        page.finish()
    }

    /// What to write at the end.
    fn end(&mut self) -> String {
        let mut page = Page::default();
        if self.findings == 0 {
            return nothing(self.input.len());
        }
        self.skip_to(self.input.len(), &mut page);
        if self.findings > 1 || self.noise > 0 {
            let Explainer { findings, readings, noise, .. } = self;
            page.gap();
            page.sentence(&format!("{findings} found, {readings} of them readings; {noise} bytes of noise"));
        }
        if self.has_key && !self.encrypted && self.readings > 0 {
            page.gap();
            page.sentence("nothing here is encrypted: the key was not needed");
        }
        page.finish()
    }

    /// Flags between frames say nothing; all else there is noise.
    fn skip_to(&mut self, offset: usize, page: &mut Page) {
        let between = self.input.get(self.end..offset).unwrap_or_default();
        if between.iter().all(|&byte| byte == FLAG) {
            return;
        }
        self.noise += between.len();
        page.sentence(&format!("bytes that belong to no frame: {} at byte {}", between.len(), self.end));
        let (shown, more) = between.split_at(between.len().min(64));
        page.field(shown, if more.is_empty() { "noise" } else { "noise; only its beginning is shown" });
        page.gap();
    }

    /// Explains what an encrypted message says.
    fn decrypted(&mut self, finding: &Finding<'_>, page: &mut Page) {
        let Some(sealed) = finding.sealed() else { return };
        self.encrypted = true;
        if finding.plain.is_empty() {
            return;
        }
        let shown = page.shown;
        page.gap();
        page.sentence(match sealed.envelope.has_tag() {
            true => "decrypted; its authentication tag is right",
            false => "decrypted; it has no authentication tag: only its form proves the key",
        });
        match Telegram::parse(finding.plain) {
            Ok(telegram) => telegram::explain::explain(page, &telegram, &self.tables),
            Err(_) => dlms::explain::message(page, finding.plain, &self.tables),
        }
        page.shown = shown;
    }

    fn summary(&mut self, finding: &Finding<'_>, page: &mut Page) {
        page.gap();
        match finding.outcome {
            Outcome::Reading { list, reading, .. } => {
                self.readings += 1;
                summarise(list, reading, page);
                match finding.proof() {
                    Proof::Everything => {}
                    Proof::Data => {
                        page.sentence("proof  the block check, which does not cover the first line")
                    }
                    Proof::Nothing => {
                        page.sentence("proof  none: any of this may be wrong, because no check covers it")
                    }
                }
            }
            Outcome::Fragment => page.sentence("the rest of the message is still to come"),
            Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
                page.sentence(&format!("no reading: {error}"));
            }
        }
    }
}

/// Whether the message is still to come, or is lost.
fn is_part(finding: &Finding<'_>) -> bool {
    matches!(finding.outcome, Outcome::Fragment | Outcome::Undecodable(Error::SegmentLost))
}

fn heading(finding: &Finding<'_>) -> String {
    let Finding { offset, length, .. } = finding;
    let damaged = if let Outcome::Rejected(..) = finding.outcome { "damaged " } else { "" };
    let title = match finding.origin {
        Origin::Llc => "message after an LLC header, without frame",
        Origin::Apdu => "message without frame",
        Origin::Protocol(_) if matches!(finding.frame, Some(Frame::Ciphered(_))) => {
            "encrypted message without frame"
        }
        Origin::Protocol(protocol) => protocol.title(),
    };
    format!("{damaged}{title} at byte {offset}, {length} bytes")
}

fn nothing(length: usize) -> String {
    match length {
        0 => "nothing to decode: the input is empty\n".into(),
        _ => format!("nothing in these {length} bytes looks like a frame\n"),
    }
}

fn summarise(list: &List, reading: &Reading, page: &mut Page) {
    let identity = &reading.identity;
    let name = format!("{} {}", identity.manufacturer, identity.model);
    let mut parts = vec![name.trim().to_owned()];
    for (word, text) in [
        ("id", identity.id.as_str()),
        ("list version", identity.list_version.as_str()),
        ("customer", identity.customer.as_str()),
        ("production number", identity.production.as_str()),
    ] {
        if !text.is_empty() {
            parts.push(format!("{word} {text}"));
        }
    }
    parts.retain(|part| !part.is_empty());
    let meter = if parts.is_empty() { "not named by this list".into() } else { parts.join(", ") };
    page.sentence(&format!("meter  {meter}"));
    page.sentence(&format!("list   {} ({})", list.name, reading.content.name()));
    let clock = reading.clock.map_or("not sent".into(), |clock| words::clock(&clock));
    page.sentence(&format!("clock  {clock}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::check::arc;
    use crate::wire::protocol::Protocol;
    use crate::wire::telegram::Check;

    fn explained(bytes: &[u8]) -> String {
        let (mut page, tables) = (Page::default(), Tables { settings: Settings::default() });
        let telegram = Telegram::parse(bytes).ok().map(Frame::Telegram);
        let subject = Subject {
            rest: bytes,
            length: bytes.len(),
            is_valid: telegram.is_some(),
            message: &[],
            segments: 1,
            is_part: false,
            meanings: &tables,
        };
        frame::explain(&mut page, telegram.as_ref(), Protocol::P1, &subject);
        assert_eq!(page.shown, bytes.len());
        page.finish()
    }

    #[test]
    fn every_line_of_a_telegram_is_explained() {
        let data = "/ISk5\\2MT382-1004\r\n\r\n0-0:96.1.1(4B384547303030303030303030303132)\r\n0-0:1.0.0(240701120000S)\r\n\
                    1-0:1.8.1(00001.130*kWh)\r\n1-0:32.7.0(12*A)\r\n0-0:98.1.0(1)(2)\r\nnonsense\r\n!";
        let text = explained(format!("{data}{:04X}\r\n", arc(data.as_bytes())).as_bytes());
        for part in [
            "/ISk5\\2MT382-1004 ",
            "Iskraemeco, type MT382-1004",
            "\"K8EG000000000012\"",
            "clock  2024-07-01 12:00:00",
            "active energy import, tariff 1  1130 Wh = 1.13 kWh",
            "voltage L1  12 A: of another quantity, left out",
            "no data set",
            "end, check: ok",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let damaged = explained(format!("{data}0000\r\n").as_bytes());
        assert!(damaged.contains("not a valid telegram") && damaged.contains("end; computed "), "{damaged}");
        let cut = explained(&data.as_bytes()[..100]);
        assert!(cut.contains("type MT382-1004") && cut.contains("no data set"), "{cut}");
    }

    #[test]
    fn readouts_report_which_check_they_have() {
        let block = b"0.0(10000012)\r\n1.20(0009147*kWh)!\r\n\x03";
        let check = [Check::Sum.of_bytes(block)];
        let text = explained(&[b"/KAM 685-382-OK-10\r\n\x02", &block[..], &check].concat());
        assert!(text.contains("1-0:1.20.0*255  active energy import  9147000 Wh = 9147 kWh"), "{text}");
        assert!(text.contains("block check: ok, the sum of all characters"), "{text}");
    }
}
