//! What is said at the end: the verdict, what was seen, and the lines that work.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::reading::Content;
use crate::source::Source;

use super::attempt::Attempt;
use super::list::List;
use super::observation::Observation;
use super::recipe::Recipe;
use super::verdict::judge;
use super::words::remedies;

/// An observation as a text.
pub struct Report<'a>(pub &'a Observation);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report(seen) = self;
        let verdict = judge(seen);
        writeln!(f, "\nVerdict: {verdict}")?;
        remedies(&verdict, seen).iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        match seen.readings() {
            0 => attempts(f, seen)?,
            _ => lists(f, seen)?,
        }
        remarks(f, seen)?;
        if seen.readings() > 0 && seen.source != Source::Stdin {
            writeln!(f, "\n{}", Recipe::of(seen, Path::new("/dev")))?;
        }
        Ok(())
    }
}

fn attempts(f: &mut fmt::Formatter<'_>, seen: &Observation) -> fmt::Result {
    let heard: Vec<_> = seen.attempts.iter().filter(|attempt| attempt.bytes > 0).collect();
    if !heard.is_empty() {
        writeln!(f, "\nWhat came in {} s:", seen.time.as_secs())?;
    }
    heard.iter().try_for_each(|attempt| writeln!(f, "  {}", Row(attempt)))
}

/// What came at one setting, in a line.
struct Row<'a>(&'a Attempt);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row(attempt) = self;
        if let Some(settings) = attempt.settings {
            write!(f, "{settings}: ")?;
        }
        write!(f, "{} bytes, {} good frames", attempt.bytes, attempt.frames)?;
        let errors = &attempt.errors;
        let counts = [
            ("damaged frames", attempt.rejected),
            ("parity errors", errors.parity),
            ("framing errors", errors.frame),
            ("breaks", errors.breaks),
            ("bytes lost", errors.overrun),
        ];
        let counted = counts.iter().filter(|(_, count)| *count > 0);
        counted.into_iter().try_for_each(|(what, count)| write!(f, ", {count} {what}"))?;
        write!(f, "; first {}", Hex(&attempt.first))
    }
}

/// Bytes in hexadecimal digits.
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hex(bytes) = self;
        bytes
            .iter()
            .enumerate()
            .try_for_each(|(index, byte)| write!(f, "{}{byte:02x}", if index == 0 { "" } else { " " }))
    }
}

fn lists(f: &mut fmt::Formatter<'_>, seen: &Observation) -> fmt::Result {
    let identity = &seen.identity;
    let names = [identity.manufacturer, identity.model.as_str(), identity.list_version.as_str()];
    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    if !names.is_empty() {
        writeln!(f, "  Meter: {}", names.join(" "))?;
    }
    if let Some(settings) = seen.best().and_then(|attempt| attempt.settings) {
        writeln!(f, "  Line: {settings}")?;
    }
    writeln!(f, "  Lists:")?;
    seen.lists.iter().try_for_each(|list| writeln!(f, "    {}", Rhythm(list)))
}

/// A list and how often it comes, in a line.
struct Rhythm<'a>(&'a List);

impl fmt::Display for Rhythm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rhythm(list) = self;
        let rhythm = match list.interval() {
            Some(interval) if list.count == 2 => format!("after {}", seconds(interval)),
            Some(interval) => format!("every {}", seconds(interval)),
            None if list.count == 1 => "once so far".to_owned(),
            None => format!("{} times", list.count),
        };
        write!(f, "{:<7} {rhythm:<12} {}, {} bytes", list.content.name(), list.name, list.length)
    }
}

/// To a tenth of a second, and in whole seconds where that is all the same.
fn seconds(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    match (tenths % 10, tenths) {
        (0, _) | (_, 96..) => format!("{} s", (tenths + 5) / 10),
        _ => format!("{}.{} s", tenths / 10, tenths % 10),
    }
}

fn remarks(f: &mut fmt::Formatter<'_>, seen: &Observation) -> fmt::Result {
    let damaged: u64 = seen.best().map(|attempt| attempt.rejected).unwrap_or_default();
    let readings = seen.readings() > 0;
    let simulated = matches!(seen.source, Source::Simulated(_));
    let no_registers = readings && seen.lists.iter().all(|list| list.content != Content::Energy);
    let refused: u64 = seen.refusals.iter().map(|(_, count)| count).sum();
    let (has_key, ciphered) = (!seen.key_files.is_empty(), seen.title.is_some());
    let remarks = [
        (readings && has_key && ciphered, "The lists are encrypted, and the key opens them.".to_owned()),
        (readings && has_key && !ciphered, "The lists are not encrypted: the key is not needed.".to_owned()),
        (simulated, "The meter is simulated: nothing here is measured.".to_owned()),
        (
            no_registers,
            "The energy registers are still to come: most meters send them once an hour.".to_owned(),
        ),
        (
            readings && damaged > 0,
            format!(
                "Damaged: {damaged} beside {} good frames; check the cable if it goes on so.",
                seen.frames()
            ),
        ),
        (readings && refused > 0, format!("Not understood: {refused} of {} good frames.", seen.frames())),
        (seen.bytes() > 0 && seen.losses > 0, format!("The source went away: {} times.", seen.losses)),
    ];
    remarks.iter().filter(|(applies, _)| *applies).try_for_each(|(_, remark)| writeln!(f, "  {remark}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::Error;
    use crate::reading::Identity;
    use crate::source::{LineErrors, SerialSettings};
    use crate::wire::text::Text;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn well(source: &str) -> Observation {
        let mut seen = Observation::new(source.parse().unwrap());
        seen.name = Some("/dev/ttyAMA0".into());
        let held = Attempt { frames: 9, rejected: 2, bytes: 900, ..Attempt::new(Some(SerialSettings::HAN)) };
        seen.attempts = vec![held];
        for second in [0.0, 2.0, 4.1, 6.1, 10.0] {
            seen.list("Kaifa list 1", Content::Power, 41, at(second));
        }
        for second in [8.0, 18.04] {
            seen.list("Kaifa list 2, one phase", Content::Status, 107, at(second));
        }
        let model = Text::of(b"MA105H2E");
        seen.identity = Identity { manufacturer: "Kaifa", model, ..Identity::default() };
        seen
    }

    #[test]
    fn a_line_that_works_is_told_with_its_lists_and_the_lines_to_use() {
        assert_eq!(
            Report(&well("/dev/ttyAMA0")).to_string(),
            "
Verdict: all is well, readings arrive.
  Meter: Kaifa MA105H2E
  Line: 2400 8E1
  Lists:
    power   every 2.1 s  Kaifa list 1, 41 bytes
    status  after 10 s   Kaifa list 2, one phase, 107 bytes
  The energy registers are still to come: most meters send them once an hour.
  Damaged: 2 beside 9 good frames; check the cable if it goes on so.

Start it so:
  han-exporter --source 'serial:/dev/ttyAMA0?baud=2400&parity=even'
or as a service with this line in /etc/default/han-exporter:
  HAN_EXPORTER_SOURCE=\"serial:/dev/ttyAMA0?baud=2400&parity=even\"
"
        );
    }

    #[test]
    fn remarks_are_made_only_where_they_apply() {
        let mut seen = well("sim:kaifa");
        seen.list("Kaifa list 3, one phase", Content::Energy, 137, at(1.0));
        seen.refuse(Error::UnknownList);
        seen.attempts[0].rejected = 0;
        seen.losses = 2;
        let text = Report(&seen).to_string();
        for part in ["simulated", "energy  once so far", "Not understood: 1 of 9", "went away: 2 times"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("Damaged") && !text.contains("still to come"), "{text}");
        assert!(!Report(&well("-")).to_string().contains("Start it so"));
    }

    #[test]
    fn a_line_that_does_not_work_is_told_with_what_came_at_each_setting() {
        let mut seen = Observation::new("auto".parse().unwrap());
        let errors = LineErrors { parity: 50, ..LineErrors::default() };
        let first = vec![0x7E, 0, 0x2B];
        let heard = Attempt { bytes: 100, errors, first, ..Attempt::new(Some(SerialSettings::HAN)) };
        seen.attempts = vec![heard, Attempt::new(None)];
        seen.time = at(12.9);
        let text = Report(&seen).to_string();
        let row =
            "\nWhat came in 12 s:\n  2400 8E1: 100 bytes, 0 good frames, 50 parity errors; first 7e 00 2b\n";
        assert!(text.ends_with(row), "{text}");
    }

    #[test]
    fn times_are_as_exact_as_they_can_be() {
        let said = |milliseconds| seconds(Duration::from_millis(milliseconds));
        assert_eq!(
            [said(2000), said(2500), said(1960), said(9540), said(9960), said(10_040), said(14_600)],
            ["2 s", "2.5 s", "2 s", "9.5 s", "10 s", "10 s", "15 s"]
        );
    }
}
