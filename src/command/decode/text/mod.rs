//! The annotated breakdown: every byte, what it is, and what is wrong with it.

mod answer;
mod frame;
mod mbus;
mod message;
mod page;
mod sml;
mod telegram;
mod words;

use super::Options;
use super::findings::Finding;
use crate::decoder::{Error, Outcome};
use crate::meter::List;
use crate::reading::{Reading, Settings};
use crate::wire::dlms::apdu::{Apdu, LLC};
use crate::wire::dlms::cipher;
use crate::wire::frame::Frame;
use crate::wire::hdlc::FLAG;
use crate::wire::telegram::Telegram;
use frame::Head;
use page::Page;

/// Explains a capture, one finding after the other.
pub(super) struct Explainer<'a> {
    input: &'a [u8],
    settings: Settings,
    /// Whether a key was given, and whether anything was ciphered.
    has_key: bool,
    ciphered: bool,
    /// Where the bytes explained so far end.
    end: usize,
    findings: usize,
    readings: usize,
    noise: usize,
}

impl<'a> Explainer<'a> {
    /// Starts with nothing explained.
    pub fn new(input: &'a [u8], options: &Options) -> Self {
        let (settings, has_key) = (options.settings, options.keys.encryption.is_some());
        Explainer { input, settings, has_key, ciphered: false, end: 0, findings: 0, readings: 0, noise: 0 }
    }

    /// What to write for a finding.
    pub fn explain(&mut self, finding: &Finding<'_>) -> String {
        let mut page = Page::default();
        if self.findings > 0 {
            page.gap();
        }
        self.findings += 1;
        self.skip_to(finding.offset, &mut page);
        page.sentence(&heading(finding));
        page.shown = 0;
        let bytes = self.input.get(finding.offset..).unwrap_or_default();
        match finding.protocol {
            "hdlc" => self.frame(finding, bytes, &mut page),
            "mbus" => self.mbus(finding, bytes, &mut page),
            "llc" => message::explain(&mut page, bytes, self.settings),
            "apdu" => message::explain_bare(&mut page, bytes, self.settings),
            "sml" => sml::explain(&mut page, bytes, finding),
            "p1" | "iec" => self.telegram(finding, bytes, &mut page),
            "kmp382" => answer::explain_kmp382(&mut page, bytes.get(..finding.length).unwrap_or(bytes)),
            "kmp" => answer::explain_kmp(&mut page, bytes.get(..finding.length).unwrap_or(bytes)),
            _ => page.shown = finding.length,
        }
        self.deciphered(finding, &mut page);
        self.end = self.end.max(finding.offset + page.shown.max(finding.length));
        self.summary(finding, &mut page);
        page.finish()
    }

    /// What to write at the end.
    pub fn end(&mut self) -> String {
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
        if self.has_key && !self.ciphered && self.readings > 0 {
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

    fn frame(&self, finding: &Finding<'_>, bytes: &[u8], page: &mut Page) {
        let Some(head) = Head::explain(page, bytes) else { return };
        let information = head.information();
        let is_block = matches!(Apdu::parse_llc(information), Ok(Apdu::Block(_)));
        match finding.segments {
            _ if information.is_empty() => {}
            _ if finding.frame.is_none() => {
                page.remark("what follows may be wrong: this is no good frame");
                message::explain(page, information, self.settings);
            }
            _ if is_block => message::explain(page, information, self.settings),
            1 if !is_part(finding) => message::explain(page, information, self.settings),
            segment => page.field(information, &format!("segment {segment} of a message")),
        }
        head.explain_end(page);
        match is_block {
            true => self.assembled(finding, "block", page),
            false if finding.segments > 1 => self.assembled(finding, "segment", page),
            false => {}
        }
    }

    fn mbus(&self, finding: &Finding<'_>, bytes: &[u8], page: &mut Page) {
        let bytes = bytes.get(..finding.length).unwrap_or_default();
        let frame = match &finding.frame {
            Some(Frame::Mbus(frame)) => Some(frame),
            _ => None,
        };
        let whole = frame.is_some() && finding.segments == 1 && !is_part(finding);
        mbus::explain(page, bytes, frame, |page, data| match whole {
            true => message::explain_bare(page, data, self.settings),
            false => page.field(data, "part of a message"),
        });
        if finding.segments > 1 {
            self.assembled(finding, "telegram", page);
        }
    }

    fn telegram(&self, finding: &Finding<'_>, bytes: &[u8], page: &mut Page) {
        let bytes = bytes.get(..finding.length).unwrap_or_default();
        match finding.frame {
            Some(Frame::Telegram(telegram)) => telegram::explain(page, &telegram),
            _ if bytes.first() == Some(&cipher::START) => message::explain_bare(page, bytes, self.settings),
            _ => telegram::explain_damaged(page, bytes),
        }
    }

    /// Explains the message that a frame completes.
    fn assembled(&self, finding: &Finding<'_>, part: &str, page: &mut Page) {
        if finding.frame.is_none() || is_part(finding) {
            return;
        }
        page.gap();
        page.sentence(&match finding.segments {
            1 => format!("message of this {part}"),
            count => format!("message of these {count} {part}s"),
        });
        let shown = page.shown;
        match finding.message.starts_with(&LLC) {
            true => message::explain(page, finding.message, self.settings),
            false => message::explain_bare(page, finding.message, self.settings),
        }
        page.shown = shown;
    }

    /// Explains what a ciphered message says.
    fn deciphered(&mut self, finding: &Finding<'_>, page: &mut Page) {
        let Some(sealed) = finding.sealed() else { return };
        self.ciphered = true;
        if finding.plain.is_empty() {
            return;
        }
        let shown = page.shown;
        page.gap();
        page.sentence(match sealed.envelope.has_tag() {
            true => "deciphered; its tag holds",
            false => "deciphered; it has no tag, so that its form alone proves the key",
        });
        match Telegram::parse(finding.plain) {
            Ok(telegram) => telegram::explain(page, &telegram),
            Err(_) => message::explain_bare(page, finding.plain, self.settings),
        }
        page.shown = shown;
    }

    fn summary(&mut self, finding: &Finding<'_>, page: &mut Page) {
        page.gap();
        match finding.outcome {
            Outcome::Reading { list, reading, .. } => {
                self.readings += 1;
                summarise(list, reading, page);
            }
            Outcome::Fragment => page.sentence("the rest of the message is still to come"),
            Outcome::Undecodable(error) | Outcome::Rejected(error, _) => {
                page.sentence(&format!("no reading: {}", words::sentence(error)));
            }
        }
    }
}

/// Whether the message is still to come, or is lost.
fn is_part(finding: &Finding<'_>) -> bool {
    matches!(finding.outcome, Outcome::Fragment | Outcome::Undecodable(Error::SegmentLost))
}

fn heading(finding: &Finding<'_>) -> String {
    let Finding { offset, length, protocol, .. } = finding;
    match finding.outcome {
        Outcome::Rejected(..) if *protocol == "hdlc" => {
            format!("damaged frame at byte {offset}")
        }
        Outcome::Rejected(..) if *protocol == "mbus" => format!("damaged M-Bus frame at byte {offset}"),
        Outcome::Rejected(..) if *protocol == "sml" => format!("damaged SML file at byte {offset}"),
        Outcome::Rejected(..) if matches!(*protocol, "p1" | "iec") => {
            format!("damaged telegram at byte {offset}, {length} bytes")
        }
        _ => {
            let name = match *protocol {
                "hdlc" => "HDLC frame",
                "llc" => "message behind an LLC header, without frame",
                "apdu" => "message without frame",
                "p1" if matches!(finding.frame, Some(Frame::Ciphered(_))) => "ciphered message on the line",
                "p1" => "P1 telegram",
                "iec" => "readout of IEC 62056-21",
                "mbus" => "M-Bus frame",
                "sml" => "SML file",
                "kmp382" => "answer of a Kamstrup 685-382",
                "kmp" => "answer in Kamstrup's binary protocol",
                other => other,
            };
            format!("{name} at byte {offset}, {length} bytes")
        }
    }
}

fn nothing(length: usize) -> String {
    match length {
        0 => "nothing to decode: the input is empty\n".into(),
        _ => format!("no frame in {length} bytes: none begins as a frame does and has a length that fits\n"),
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
