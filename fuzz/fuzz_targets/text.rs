//! Any content of a valid frame, as text: the exposition in both formats, JSON, and the explanation are well-formed,
//! whatever a meter calls itself, and both formats show the same samples.
//!
//! The first byte chooses the protocol.

#![no_main]

use std::convert::Infallible;

use han_exporter::decoder::Decoder;
use han_exporter::explain::{self, Options, WriteText};
use han_exporter::hub::{Hub, Intake, Meter, Moment};
use han_exporter::outlet::prometheus::exposition::Format;
use han_exporter::outlet::prometheus::registry_of_meters;
use han_exporter::wire::cursor::Writer;
use han_exporter::wire::hdlc::{Frame, MAX_LENGTH};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&kind, content)) = input.split_first() else { return };
    let Some(bytes) = framed(kind, content) else { return };
    check_explanations(&bytes);
    let [text, open] = expositions(&bytes);
    let samples = |exposition: &str| {
        let mut samples: Vec<_> =
            exposition.lines().filter(|line| !line.starts_with('#')).map(sample).collect();
        samples.sort_by(|one, other| one.partial_cmp(other).expect("no NaN"));
        samples
    };
    let open = open.strip_suffix("# EOF\n").expect("an end");
    assert_eq!(samples(&text), samples(open));
});

fn framed(kind: u8, content: &[u8]) -> Option<Vec<u8>> {
    match kind % 3 {
        0 => {
            let frame = Frame {
                segmented: false,
                destination: &[0x41],
                source: &[0x08, 0x83],
                control: 0x13,
                information: content,
            };
            let mut buffer = [0; MAX_LENGTH + 2];
            let mut writer = Writer::new(&mut buffer);
            (frame.length() <= MAX_LENGTH).then(|| {
                frame.emit(&mut writer);
                writer.written().to_vec()
            })
        }
        1 => Some([b"/ISk5\\2MT382-1000\r\n\r\n", content, b"!0000\r\n"].concat()),
        _ => {
            let padding = content.len().wrapping_neg() % 4;
            let escaped = [0x1B, 0x1B, 0x1B, 0x1B];
            let end = [0x1A, padding as u8, 0, 0];
            Some([&escaped, &[1; 4], content, &[0; 3][..padding], &escaped, &end].concat())
        }
    }
}

/// What is told to people has no control characters, and what is told to scripts is JSON.
fn check_explanations(bytes: &[u8]) {
    let options = Options::default();
    let written = |write: fn(&[u8], &Options, &mut WriteText<'_, Infallible>) -> Result<bool, Infallible>| {
        let mut all = String::new();
        let Ok(_) = write(bytes, &options, &mut |text| {
            all.push_str(text);
            Ok(())
        });
        all
    };
    for text in [written(explain::text), written(explain::redacted)] {
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }
    for line in written(explain::json).lines() {
        assert_eq!(value(line), Some(""), "{line}");
    }
}

fn expositions(bytes: &[u8]) -> [String; 2] {
    let hub = Hub::default();
    hub.set_meters(vec![Meter::default()]);
    let mut intake = Intake::of_capture(hub.clone(), Meter::default().name);
    let (mut decoder, mut rest) = (Decoder::default(), bytes);
    while let Some(event) = decoder.feed(&mut rest) {
        intake.decoded(&event, Moment::now());
    }
    while let Some(event) = decoder.finish() {
        intake.decoded(&event, Moment::now());
    }
    let families = registry_of_meters(hub).gather();
    [Format::Text, Format::OpenMetrics]
        .map(|format| String::from_utf8(format.encode(&families)).expect("UTF-8"))
}

/// A sample's name, without the ending that one format has and the other has not, its labels and its value.
fn sample(line: &str) -> (String, f64) {
    let name = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').expect("an end of the name");
    let (name, mut rest) = line.split_at(name);
    if let Some(labels) = rest.strip_prefix('{') {
        let mut is_quoted = false;
        let mut letters = labels.char_indices();
        let end = loop {
            match letters.next().expect("an end of the labels") {
                (_, '\\') if is_quoted => {
                    let (_, escaped) = letters.next().expect("an escaped letter");
                    assert!(matches!(escaped, '\\' | '"' | 'n'), "{line}");
                }
                (_, '"') => is_quoted = !is_quoted,
                (at, '}') if !is_quoted => break at,
                (_, letter) => assert!(!letter.is_control(), "{line:?}"),
            }
        };
        rest = &labels[end + 1..];
    }
    let number = rest.strip_prefix(' ').expect("a blank");
    let number: f64 = number.parse().unwrap_or_else(|_| panic!("{line}"));
    assert!(number.is_finite(), "{line}");
    (line[..line.len() - rest.len()].replacen(name, name.trim_end_matches("_info"), 1), number)
}

/// What is left behind a value of JSON (RFC 8259), if one is there; nothing of ours has blanks between values.
fn value(text: &str) -> Option<&str> {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match text.as_bytes().first()? {
        b'{' => list(&text[1..], '}', |text| value(string(text)?.strip_prefix(':')?)),
        b'[' => list(&text[1..], ']', value),
        b'"' => string(text),
        b'n' => text.strip_prefix("null"),
        _ => {
            let text = text.strip_prefix('-').unwrap_or(text);
            let whole = digits(text);
            let mut rest = &text[whole..];
            if whole == 0 || whole > 1 && text.starts_with('0') {
                return None;
            }
            if let Some(part) = rest.strip_prefix('.') {
                rest = &part[Some(digits(part)).filter(|&count| count > 0)?..];
            }
            if let Some(power) = rest.strip_prefix('e') {
                let power = power.strip_prefix('-').unwrap_or(power);
                rest = &power[Some(digits(power)).filter(|&count| count > 0)?..];
            }
            Some(rest)
        }
    }
}

fn list<'a>(text: &'a str, end: char, member: impl Fn(&'a str) -> Option<&'a str>) -> Option<&'a str> {
    let mut rest = text;
    if let Some(rest) = rest.strip_prefix(end) {
        return Some(rest);
    }
    loop {
        rest = member(rest)?;
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return rest.strip_prefix(end),
        }
    }
}

fn string(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('"')?;
    let mut letters = inside.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some(&inside[at + 1..]),
            (_, '\\') => match letters.next()?.1 {
                '"' | '\\' => {}
                'u' => (0..4)
                    .try_for_each(|_| letters.next().filter(|(_, c)| c.is_ascii_hexdigit()).map(drop))?,
                _ => return None,
            },
            (_, letter) => (!letter.is_control()).then_some(())?,
        }
    }
}
