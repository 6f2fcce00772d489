//! Test vectors of ASCII telegrams, which are not part of the package: `HAN_VECTORS`, or `../shared/protocol/vectors`.
//!
//! Without them the tests that need them pass and print that they were skipped.

use std::path::PathBuf;
use std::{env, fs};

use crate::support::json::Json;
use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::reading::Settings;
use han_exporter::wire::check::arc;
use han_exporter::wire::dlms::cipher::{Cipher, Key, Keys};
use han_exporter::wire::telegram::set::{Raw, Sets};
use han_exporter::wire::telegram::{Check, Telegram};

#[test]
fn parses_every_telegram_exactly() {
    let mut compared = 0;
    for case in cases("p1") {
        let name = case.get("id").text().unwrap();
        let bytes = case.get("telegram_hex").bytes().unwrap();
        let expected = case.get("expect");
        let Json::List(_) = expected.get("datasets") else { continue };
        let start = bytes.iter().position(|&byte| byte == b'/').unwrap();
        let telegram = Telegram::parse(&bytes[start..]);
        let (wrong, sent) = (expected.get("crc_ok") == &Json::Bool(false), expected.get("crc_in_telegram"));
        let end = bytes.iter().position(|&byte| byte == b'!').unwrap();
        assert_eq!(
            format!("{:04X}", arc(&bytes[start..=end])),
            expected.get("crc_calculated").text().unwrap()
        );
        assert_sets(name, expected, &bytes[..end]);
        match telegram {
            Err(error) => assert!(wrong && error.reason() == "frame_check", "{name}: {error:?}"),
            Ok(telegram) => {
                assert!(!wrong, "{name} is damaged");
                let check = if *sent == Json::Null { Check::None } else { Check::Crc };
                assert_eq!((telegram.check(), telegram.is_readout()), (check, false), "{name}");
                assert_ident(name, expected.get("ident"), &telegram);
            }
        }
        compared += 1;
    }
    println!("{compared} telegrams compared");
}

#[test]
fn parses_every_readout_exactly() {
    let mut compared = 0;
    for case in cases("iec62056-21") {
        let name = case.get("id").text().unwrap();
        let (Some(bytes), expected) = (case.get("response_hex").bytes(), case.get("expect")) else {
            continue;
        };
        let end = bytes.iter().rposition(|&byte| byte == b'!').unwrap();
        assert_sets(name, expected, &bytes[..end]);
        let kind = expected.get("bcc").get("kind").text();
        let mut found = Vec::new();
        for stream in [Some(bytes), case.get("response_hex_with_echo").bytes()].into_iter().flatten() {
            let mut decoder = Decoder::default();
            let mut rest = &stream[..];
            let mut take = |decoder: &mut Decoder, last: bool| {
                while let Some(event) = if last { decoder.finish() } else { decoder.feed(&mut rest) } {
                    match event.frame {
                        Some(frame) => found.push(format!("{:?}", check_frame(name, expected, frame))),
                        None => found.push(reason(&event.outcome).into()),
                    }
                }
            };
            take(&mut decoder, false);
            take(&mut decoder, true);
        }
        let wanted = match kind {
            None => "None",
            Some("mismatch") => "frame_check",
            Some("sum7") => "Sum",
            Some(_) => "Xor",
        };
        assert!(
            !found.is_empty() && found.iter().all(|said| said == wanted),
            "{name}: {found:?}, not {wanted}"
        );
        compared += 1;
    }
    println!("{compared} readouts compared");
}

#[test]
fn decrypts_every_telegram_or_reports_why_not() {
    for case in cases("p1_encrypted") {
        let name = case.get("id").text().unwrap();
        let expected = case.get("expect");
        let key = |member: &str| case.get(member).bytes().map(|key| Key::new(key.try_into().unwrap()));
        let given = || Keys { encryption: key("key_hex"), authentication: key("auth_key_hex") };
        let bytes = case.get("frame_hex").bytes().unwrap();
        let said = |keys: Keys| opened(&bytes, &keys);
        match (expected.get("error").text(), expected.get("plain_text").text()) {
            (Some(_), _) => assert_eq!(said(given()), ["tag"], "{name}"),
            _ if name.starts_with("poland") => assert_eq!(said(Keys::default()), ["encrypted"], "{name}"),
            (None, plain) => {
                let plain = plain.unwrap();
                assert_eq!(said(given()), [plain], "{name}");
                assert_eq!(said(Keys::default()), ["encrypted"], "{name}");
                let public = case.get("auth_key_hex").text() == Some("00112233445566778899aabbccddeeff");
                let alone = said(Keys { authentication: None, ..given() });
                let has_tag = expected.get("security_control") == &Json::Number("48".into());
                assert_eq!(alone == [plain], public || !has_tag, "{name}: Luxembourg's key is known");
                let wrong = || Some(Key::new([0x55; 16]));
                let closed = if has_tag { "tag" } else { "key" };
                assert_eq!(said(Keys { encryption: wrong(), ..given() }), [closed], "{name}");
                if has_tag {
                    assert_eq!(
                        said(Keys { authentication: wrong(), ..given() }),
                        ["authentication_key"],
                        "{name}"
                    );
                }
            }
        }
    }
}

/// What comes of ciphered bytes: the plain text, or the reason why there is none.
fn opened(bytes: &[u8], keys: &Keys) -> Vec<String> {
    let mut decoder = Decoder::new(Settings::default(), Cipher::new(keys));
    let mut said = Vec::new();
    let mut rest = bytes;
    let mut last = false;
    loop {
        let event = if last { decoder.finish() } else { decoder.feed(&mut rest) };
        match event {
            Some(event) => said.push(match event.outcome {
                Outcome::Reading { .. } => String::from_utf8(event.message.to_vec()).unwrap(),
                outcome => reason(&outcome).into(),
            }),
            None if last => return said,
            None => last = true,
        }
    }
}

fn reason(outcome: &Outcome<'_>) -> &'static str {
    match outcome {
        Outcome::Undecodable(error) | Outcome::Rejected(error, _) => error.reason(),
        Outcome::Reading { .. } => "reading",
        Outcome::Fragment => "fragment",
    }
}

fn check_frame(name: &str, expected: &Json, frame: han_exporter::wire::frame::Frame<'_>) -> Check {
    let han_exporter::wire::frame::Frame::Telegram(telegram) = frame else { panic!("{name}: {frame:?}") };
    assert_ident(name, expected.get("ident"), &telegram);
    let empty_line = ["emh_ehz_push", "telegram_esy5q3db1024_v304", "telegram_esy5q3da1004_v304"];
    assert_eq!(telegram.is_readout(), !empty_line.contains(&name), "{name}");
    telegram.check()
}

fn assert_ident(name: &str, expected: &Json, telegram: &Telegram<'_>) {
    let ident = telegram.ident();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let enhanced: String = expected.get("enhanced").list().iter().filter_map(Json::text).collect();
    assert_eq!(Some(text(ident.flag).as_str()), expected.get("flag").text(), "{name}");
    assert_eq!(Some(text(&[ident.speed]).as_str()), expected.get("baud_char").text(), "{name}");
    assert_eq!(text(ident.enhanced).replace('\\', ""), enhanced, "{name}");
    assert_eq!(Some(text(ident.id).trim_end()), expected.get("id").text().map(str::trim_end), "{name}");
}

/// The sets of the bytes up to the end, in the form of the vectors.
fn assert_sets(name: &str, expected: &Json, bytes: &[u8]) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    // Behind the last line of identification.
    let stx = bytes.iter().position(|&byte| byte == 0x02).filter(|&stx| bytes[stx - 1] == b'\n');
    let slash = bytes.iter().rposition(|&byte| byte == b'/').unwrap();
    let line = slash + bytes[slash..].iter().position(|&byte| byte == b'\n').unwrap();
    let body = stx.map_or(line, |stx| stx + 1);
    let sets: Vec<_> = Sets::of(&bytes[body..]).filter_map(Result::ok).collect();
    let wanted = expected.get("datasets").list();
    assert_eq!(sets.len(), wanted.len(), "{name}");
    for (set, wanted) in sets.iter().zip(wanted) {
        let [code, values] = wanted.list() else { panic!("{name}: {wanted:?}") };
        assert_eq!(
            text(set.bytes.split(|&byte| byte == b'(').next().unwrap()),
            code.text().unwrap(),
            "{name}"
        );
        let said: Vec<(String, Option<String>)> = set
            .values()
            .map(|Raw(raw)| {
                let mut parts = raw.splitn(2, |&byte| byte == b'*').map(<[u8]>::trim_ascii);
                (text(parts.next().unwrap()), parts.next().map(text))
            })
            .collect();
        let wanted: Vec<(String, Option<String>)> = values
            .list()
            .iter()
            .map(|pair| {
                let pair = pair.list();
                (pair[0].text().unwrap().trim().into(), pair[1].text().map(str::to_owned))
            })
            .collect();
        assert_eq!(said, wanted, "{name}: {}", code.text().unwrap());
    }
}

fn cases(file: &str) -> Vec<Json> {
    let folder = env::var_os("HAN_VECTORS").map(PathBuf::from);
    let folder =
        folder.unwrap_or_else(|| [env!("CARGO_MANIFEST_DIR"), "../shared/protocol/vectors"].iter().collect());
    let path = folder.join(file).with_extension("json");
    match fs::read_to_string(&path) {
        Ok(text) => Json::read(&text).get("cases").list().to_vec(),
        Err(error) => {
            println!("nothing compared: {}: {error}", path.display());
            Vec::new()
        }
    }
}
