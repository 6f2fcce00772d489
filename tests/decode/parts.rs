//! `decode` of what comes in parts or ciphered: M-Bus telegrams, blocks, segments.

use crate::support;
use std::fs;

use crate::support::decoded::{JSON, NOT_NEEDED, Options, REDACT, TEXT, check_explained, opened, written};
use crate::support::fixture::{self, Fixture};
use han_exporter::explain;
use han_exporter::hex;
use han_exporter::wire::dlms::apdu::LLC;
use han_exporter::wire::dlms::cipher::{Key, Keys};
use han_exporter::wire::hdlc::Frame;

fn text(input: &[u8], keys: Keys) -> String {
    written(input, Options { known: explain::Options { keys, ..TEXT.known }, ..TEXT })
}

/// People share the message alone, as it stands in a log.
#[test]
fn a_ciphered_message_without_its_frame_is_read_as_one() {
    let mut tried = 0;
    for fixture in
        fixture::of("hdlc").into_iter().filter(|fixture| fixture.ciphered && fixture.frames.len() == 1)
    {
        let framed = opened(&fixture.bytes, JSON);
        let Some((_, values)) = framed.split_once("\"values\"").filter(|_| framed.contains("reading")) else {
            continue;
        };
        let information = Frame::parse(&fixture.bytes).expect("one frame").information;
        for (message, protocol) in [(information, "llc"), (&information[LLC.len()..], "apdu")] {
            let line = opened(message, JSON);
            let said = format!(r#""protocol":"{protocol}","outcome":"reading""#);
            assert!(line.contains(&said) && line.ends_with(values), "{}: {line}", fixture.name);
            let closed = written(message, JSON);
            let said = format!(r#""protocol":"{protocol}","outcome":"encrypted""#);
            assert!(closed.contains(&said), "{}: {closed}", fixture.name);
        }
        tried += 1;
    }
    assert!(tried > 3, "{tried} messages");
}

/// What scripts are told, without whose meter it is.
fn anonymous(input: &[u8]) -> Vec<String> {
    let lines = opened(input, JSON);
    let nameless = |line: &str| {
        let (start, rest) = line.split_once("\"meter\":{").expect("every line names the meter");
        let (_, end) = rest.split_once('}').expect("an object ends");
        // Kamstrup's push lists send the number as one of their values.
        let end = end.split(r#"{"obis":"1-1:0.0.1*255""#).next().unwrap_or_default();
        format!("{start}{end}")
    };
    lines.lines().map(nameless).collect()
}

fn other() -> Option<Key> {
    Some(Key::new([7; 16]))
}

#[test]
fn the_breakdown_is_as_it_was() {
    check_explained(&["kaifa/austria-mbus", "landis-gyr/burgenland", "landis-gyr/e450-blocks-media"]);
}

#[test]
fn a_message_that_is_not_decrypted_says_what_is_missing() {
    let right = support::keys;
    for (name, keys, sentence) in [
        ("burgenland", Keys::default(), "there is no key: pass it with --key-file"),
        ("burgenland", Keys { authentication: None, ..right() }, "pass it with --auth-key-file"),
        ("burgenland", Keys { authentication: other(), ..right() }, "the authentication key is wrong"),
        (
            "burgenland",
            Keys { encryption: other(), ..right() },
            "the authentication tag is wrong: the encryption key",
        ),
        (
            "e570-blocks-ciphered",
            Keys { encryption: other(), ..right() },
            "not a message: the encryption key",
        ),
    ] {
        let text = text(&fixture::named(&format!("landis-gyr/{name}")).bytes, keys);
        let last = text.lines().find(|line| line.starts_with("no reading: ")).expect("the reason");
        assert!(last.contains(sentence) && !text.contains("decrypted;"), "{name}: {text}");
    }
    let twice = fixture::named("landis-gyr/burgenland").bytes.repeat(2);
    assert!(text(&twice, right()).contains("counter does not rise: it was sent before"));
}

#[test]
fn a_key_that_is_not_needed_is_reported() {
    let plain = fixture::named("kamstrup/push-1").bytes;
    let ciphered = fixture::named("kamstrup/push-1-ciphered").bytes;
    assert!(text(&plain, support::keys()).ends_with(&format!("{NOT_NEEDED}\n")));
    for (bytes, keys) in [
        (&plain, Keys::default()),
        (&ciphered, support::keys()),
        (&[&plain[..], &ciphered].concat(), support::keys()),
    ] {
        assert!(!text(bytes, keys).contains(NOT_NEEDED));
    }
}

#[test]
fn a_damaged_mbus_frame_is_located() {
    let fixture = fixture::named("sagemcom/t210-mbus-plain");
    let mut damaged = fixture.bytes.clone();
    damaged[60] ^= 4;
    let said = text(&damaged, Keys::default());
    for part in [
        "damaged M-Bus frame at byte 0",
        "checksum: wrong, received ",
        "frame 1 of the message, the last",
        "a part of the message before this one is missing",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let json = written(&damaged, JSON);
    assert!(json.contains(r#""protocol":"mbus","outcome":"rejected","reason":"frame_check""#), "{json}");
    let cut = text(&fixture.bytes[..100], Keys::default());
    assert!(cut.contains("length 205, twice") && cut.contains("the frame is cut off"), "{cut}");
}

#[test]
fn a_redacted_fixture_decodes_to_the_same_values_or_stays_encrypted() {
    // What else there is loses more than names, and is compared in tests of its own.
    let in_frames = |fixture: &Fixture| ["hdlc", "mbus"].contains(&fixture.protocol);
    for fixture in fixture::all().into_iter().filter(in_frames) {
        let redacted = written(&fixture.bytes, REDACT);
        let bytes = hex::bytes(redacted.as_bytes()).into_owned();
        if redacted.contains("left out") {
            assert!(bytes.is_empty(), "{}", fixture.name);
            continue;
        }
        assert_eq!(written(&bytes, REDACT), redacted, "{}", fixture.name);
        match fixture.ciphered {
            true => assert_closed(&fixture, &redacted, &bytes),
            false => assert_eq!(anonymous(&bytes), anonymous(&fixture.bytes), "{}", fixture.name),
        }
    }
}

fn assert_closed(fixture: &Fixture, redacted: &str, bytes: &[u8]) {
    assert!(redacted.contains("# the number in the title is replaced"), "{}: {redacted}", fixture.name);
    let title = fixture.bytes.windows(3).position(|letters| {
        ["KAM", "LGZ", "ISK", "KFM", "SAG", "SMS"].iter().any(|maker| maker.as_bytes() == letters)
    });
    let number = title.expect("the maker's letters") + 3;
    assert_eq!(bytes[number..number + 5], [0; 5], "{}", fixture.name);
    assert!(support::readings(bytes).is_empty(), "{}", fixture.name);
}

/// No id of a fixture's golden is left in what is meant to be shared.
#[test]
fn no_id_is_left() {
    let mut hidden = 0;
    for fixture in fixture::all() {
        let golden = fs::read_to_string(fixture.path.with_extension("txt")).unwrap();
        let Some(id) = golden.lines().find_map(|line| line.strip_prefix("  id ")) else { continue };
        let redacted = written(&fixture.bytes, REDACT);
        let bytes = hex::bytes(redacted.as_bytes()).into_owned();
        let digits = id.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        let found = digits.len() > 4 && bytes.windows(digits.len()).any(|part| part == digits.as_bytes());
        assert!(!found, "{} still says {id}", fixture.name);
        hidden += 1;
    }
    assert!(hidden > 50, "only {hidden} ids were there to hide");
}
