//! The report at the end: the diagnosis, what was observed, and the commands that work.

use std::path::Path;
use std::time::Duration;

use crate::hex;
use crate::reading::Content;
use crate::source::Source;

use super::attempt::Attempt;
use super::diagnosis::diagnose;
use super::list::SeenList;
use super::messages::fixes;
use super::observation::Observation;
use super::recipe;

/// An observation as text.
pub fn report(seen: &Observation) -> String {
    let diagnosis = diagnose(seen);
    let observed = match seen.readings() {
        0 => attempts(seen),
        _ => lists(seen),
    };
    let mut text = format!("\nDiagnosis: {diagnosis}\n");
    text.extend(fixes(&diagnosis, seen).lines().map(|line| format!("  {line}\n")));
    text.extend(observed.into_iter().chain(remarks(seen)).map(|line| line + "\n"));
    if seen.readings() > 0 && seen.source != Source::Stdin {
        text.extend(["\n", &recipe::start(seen, Path::new("/dev")), "\n"]);
    }
    text
}

fn attempts(seen: &Observation) -> Vec<String> {
    let received = seen.attempts.iter().filter(|attempt| attempt.bytes > 0);
    let mut lines: Vec<_> = received.map(attempt).collect();
    if !lines.is_empty() {
        lines.insert(0, format!("\nReceived in {} s:", seen.time.as_secs()));
    }
    lines
}

fn attempt(attempt: &Attempt) -> String {
    let Attempt { bytes, frames, errors, .. } = attempt;
    let settings = attempt.settings.map(|settings| format!("{settings}: ")).unwrap_or_default();
    let plural = if *frames == 1 { "" } else { "s" };
    let counts = [
        ("damaged frames", attempt.rejected),
        ("parity errors", errors.parity),
        ("framing errors", errors.frame),
        ("breaks", errors.breaks),
        ("overrun errors", errors.overrun),
    ];
    let counted = counts.iter().filter(|(_, count)| *count > 0);
    let counted: String = counted.map(|(what, count)| format!(", {count} {what}")).collect();
    let first = hex::digits(&attempt.first);
    format!("  {settings}{bytes} bytes, {frames} valid frame{plural}{counted}; first {first}")
}

fn lists(seen: &Observation) -> Vec<String> {
    let identity = &seen.identity;
    let names = [identity.manufacturer, identity.model.as_str(), identity.list_version.as_str()];
    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let settings = seen.best().and_then(|attempt| attempt.settings);
    let mut lines = Vec::new();
    lines.extend((!names.is_empty()).then(|| format!("  Meter: {}", names.join(" "))));
    lines.extend(settings.map(|settings| format!("  Serial line: {settings}")));
    lines.push("  Lists:".to_owned());
    lines.extend(seen.lists.iter().map(list));
    lines
}

fn list(list: &SeenList) -> String {
    let interval = match list.interval() {
        Some(interval) if list.count == 2 => format!("after {}", seconds(interval)),
        Some(interval) => format!("every {}", seconds(interval)),
        None if list.count == 1 => "once so far".to_owned(),
        None => format!("{} times", list.count),
    };
    format!("    {:<7} {interval:<12} {}, {} bytes", list.content.name(), list.name, list.length)
}

/// To a tenth of a second, or in whole seconds from ten on.
fn seconds(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    match (tenths % 10, tenths) {
        (0, _) | (_, 96..) => format!("{} s", (tenths + 5) / 10),
        _ => format!("{}.{} s", tenths / 10, tenths % 10),
    }
}

fn remarks(seen: &Observation) -> Vec<String> {
    let frames = seen.frames();
    let readings = seen.readings() > 0;
    let damaged = seen.best().map_or(0, |attempt| attempt.rejected);
    let undecodable: u64 = seen.undecodable.iter().map(|(_, count)| count).sum();
    let no_energy = readings && seen.lists.iter().all(|list| list.content != Content::Energy);
    let (has_key, encrypted) = (readings && !seen.key_files.is_empty(), seen.system_title.is_some());
    let mut remarks = Vec::new();
    let mut remark = |applies: bool, text: &str| remarks.extend(applies.then(|| format!("  {text}")));
    remark(has_key && encrypted, "The messages are encrypted, and the key decrypts them.");
    remark(has_key && !encrypted, "The messages are not encrypted: the key is not needed.");
    let simulated = matches!(seen.source, Source::Simulated(_));
    remark(simulated, "The meter is simulated: nothing here is measured.");
    remark(no_energy, "The energy registers have yet to arrive: most meters send them once an hour.");
    let beside = format!("beside {frames} valid ones; check the cable if this continues.");
    remark(readings && damaged > 0, &format!("Damaged frames: {damaged}, {beside}"));
    let without = format!("Without a reading: {undecodable} of {frames} valid frames.");
    remark(readings && undecodable > 0, &without);
    let lost = format!("Times that the source was lost: {}.", seen.losses);
    remark(seen.bytes() > 0 && seen.losses > 0, &lost);
    remarks
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
        let working =
            Attempt { frames: 9, rejected: 2, bytes: 900, ..Attempt::new(Some(SerialSettings::HAN)) };
        seen.attempts = vec![working];
        for second in [0.0, 2.0, 4.1, 6.1, 10.0] {
            seen.record_list("Kaifa list 1", Content::Power, 41, at(second));
        }
        for second in [8.0, 18.04] {
            seen.record_list("Kaifa list 2, one phase", Content::Status, 107, at(second));
        }
        let model = Text::of(b"MA105H2E");
        seen.identity = Identity { manufacturer: "Kaifa", model, ..Identity::default() };
        seen
    }

    #[test]
    fn reports_a_line_that_works_with_its_lists_and_commands() {
        assert_eq!(
            report(&well("/dev/ttyAMA0")),
            "
Diagnosis: all is well, and readings arrive.
  Meter: Kaifa MA105H2E
  Serial line: 2400 8E1
  Lists:
    power   every 2.1 s  Kaifa list 1, 41 bytes
    status  after 10 s   Kaifa list 2, one phase, 107 bytes
  The energy registers have yet to arrive: most meters send them once an hour.
  Damaged frames: 2, beside 9 valid ones; check the cable if this continues.

Start the exporter with:
  han-exporter --source 'serial:/dev/ttyAMA0?baud=2400&parity=even'
or, as a service, with this line in /etc/default/han-exporter:
  HAN_EXPORTER_SOURCE=\"serial:/dev/ttyAMA0?baud=2400&parity=even\"
"
        );
    }

    #[test]
    fn makes_only_remarks_that_apply() {
        let mut seen = well("sim:kaifa");
        seen.record_list("Kaifa list 3, one phase", Content::Energy, 137, at(1.0));
        seen.count_undecodable(Error::UnknownList);
        seen.attempts[0].rejected = 0;
        seen.losses = 2;
        let text = report(&seen);
        for part in ["simulated", "energy  once so far", "Without a reading: 1 of 9", "was lost: 2."] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("Damaged") && !text.contains("yet to arrive"), "{text}");
        assert!(!report(&well("-")).contains("Start the exporter"));
    }

    #[test]
    fn reports_a_line_that_does_not_work_with_what_each_setting_received() {
        let mut seen = Observation::new("auto".parse().unwrap());
        let errors = LineErrors { parity: 50, ..LineErrors::default() };
        let first = vec![0x7E, 0, 0x2B];
        let received = Attempt { bytes: 100, errors, first, ..Attempt::new(Some(SerialSettings::HAN)) };
        seen.attempts = vec![received, Attempt::new(None)];
        seen.time = at(12.9);
        let text = report(&seen);
        let row =
            "\nReceived in 12 s:\n  2400 8E1: 100 bytes, 0 valid frames, 50 parity errors; first 7e 00 2b\n";
        assert!(text.ends_with(row), "{text}");
    }

    #[test]
    fn writes_intervals_as_exactly_as_they_are_known() {
        let said = |milliseconds| seconds(Duration::from_millis(milliseconds));
        assert_eq!(
            [said(2000), said(2500), said(1960), said(9540), said(9960), said(10_040), said(14_600)],
            ["2 s", "2.5 s", "2 s", "9.5 s", "10 s", "10 s", "15 s"]
        );
    }
}
