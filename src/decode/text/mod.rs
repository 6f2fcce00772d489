//! The annotated breakdown: every octet, what it is, and what is wrong with it.

mod answer;
mod frame;
mod message;
mod page;
mod telegram;
mod words;

use super::findings::Finding;
use crate::decoder::Outcome;
use crate::meter::List;
use crate::reading::{Reading, Settings};
use crate::wire::cipher;
use crate::wire::frame::Frame;
use crate::wire::hdlc::FLAG;
use crate::wire::telegram::Telegram;
use frame::Head;
use page::Page;

/// Explains a capture, one finding after the other.
pub(super) struct Explainer<'a> {
    input: &'a [u8],
    settings: Settings,
    /// Where the octets explained so far end.
    end: usize,
    findings: usize,
    readings: usize,
    noise: usize,
}

impl<'a> Explainer<'a> {
    /// Starts with nothing explained.
    pub fn new(input: &'a [u8], settings: Settings) -> Self {
        Explainer { input, settings, end: 0, findings: 0, readings: 0, noise: 0 }
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
        let octets = self.input.get(finding.offset..).unwrap_or_default();
        match finding.protocol {
            "hdlc" => self.frame(finding, octets, &mut page),
            "llc" => message::explain(&mut page, octets, self.settings),
            "apdu" => message::explain_bare(&mut page, octets, self.settings),
            "p1" | "iec" => self.telegram(finding, octets, &mut page),
            "kmp382" => answer::explain_kmp382(&mut page, octets.get(..finding.length).unwrap_or(octets)),
            "kmp" => answer::explain_kmp(&mut page, octets.get(..finding.length).unwrap_or(octets)),
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
            page.sentence(&format!("{findings} found, {readings} of them readings; {noise} octets of noise"));
        }
        page.finish()
    }

    /// Flags between frames say nothing; all else there is noise.
    fn skip_to(&mut self, offset: usize, page: &mut Page) {
        let between = self.input.get(self.end..offset).unwrap_or_default();
        if between.iter().all(|&octet| octet == FLAG) {
            return;
        }
        self.noise += between.len();
        page.sentence(&format!("octets that belong to no frame: {} at octet {}", between.len(), self.end));
        let (shown, more) = between.split_at(between.len().min(64));
        page.field(shown, if more.is_empty() { "noise" } else { "noise; only its beginning is shown" });
        page.gap();
    }

    fn frame(&self, finding: &Finding<'_>, octets: &[u8], page: &mut Page) {
        let Some(head) = Head::explain(page, octets) else { return };
        let information = head.information();
        let fragment = matches!(finding.outcome, Outcome::Fragment);
        match finding.segments {
            _ if information.is_empty() => {}
            _ if finding.frame.is_none() => {
                page.remark("what follows may be wrong: this is no good frame");
                message::explain(page, information, self.settings);
            }
            1 if !fragment => message::explain(page, information, self.settings),
            segment => page.field(information, &format!("segment {segment} of a message")),
        }
        head.explain_end(page);
        if finding.frame.is_some() && finding.segments > 1 && !fragment {
            page.gap();
            page.sentence(&format!("message of these {} segments", finding.segments));
            let shown = page.shown;
            message::explain(page, finding.message, self.settings);
            page.shown = shown;
        }
    }

    fn telegram(&self, finding: &Finding<'_>, octets: &[u8], page: &mut Page) {
        let octets = octets.get(..finding.length).unwrap_or_default();
        match finding.frame {
            Some(Frame::Telegram(telegram)) => telegram::explain(page, &telegram),
            _ if octets.first() == Some(&cipher::START) => message::explain_bare(page, octets, self.settings),
            _ => telegram::explain_damaged(page, octets),
        }
    }

    /// Explains what a ciphered message says.
    fn deciphered(&self, finding: &Finding<'_>, page: &mut Page) {
        let is_ciphered = !finding.plain.is_empty() && !finding.message.ends_with(finding.plain);
        if is_ciphered {
            let shown = page.shown;
            page.gap();
            page.sentence("deciphered");
            match Telegram::parse(finding.plain) {
                Ok(telegram) => telegram::explain(page, &telegram),
                Err(_) => message::explain_bare(page, finding.plain, self.settings),
            }
            page.shown = shown;
        }
    }

    fn summary(&mut self, finding: &Finding<'_>, page: &mut Page) {
        page.gap();
        match finding.outcome {
            Outcome::Reading { list, reading, .. } => {
                self.readings += 1;
                summarise(list, reading, page);
            }
            Outcome::Fragment => page.sentence("the rest of the message is still to come"),
            Outcome::Refused(error) | Outcome::Rejected(error, _) => {
                page.sentence(&format!("no reading: {}", words::sentence(error)));
            }
        }
    }
}

fn heading(finding: &Finding<'_>) -> String {
    let Finding { offset, length, protocol, .. } = finding;
    match finding.outcome {
        Outcome::Rejected(..) if *protocol == "hdlc" => {
            format!("damaged frame at octet {offset}")
        }
        Outcome::Rejected(..) if matches!(*protocol, "p1" | "iec") => {
            format!("damaged telegram at octet {offset}, {length} octets")
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
            format!("{name} at octet {offset}, {length} octets")
        }
    }
}

fn nothing(length: usize) -> String {
    match length {
        0 => "nothing to decode: the input is empty\n".into(),
        _ => format!("no frame in {length} octets: none begins as a frame does and has a length that fits\n"),
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
