//! A diagnosis in plain words: one sentence that says what is wrong, and how to fix it.

use std::fmt;

use crate::decoder::Error;
use crate::hub::advice;
use crate::meter;
use crate::source::{Problem, Source};
use crate::wire::dlms::cipher;

use super::diagnosis::Diagnosis;
use super::observation::{Observation, Polled};
use super::recipe;

/// Writes what is wrong.
impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unopened(Some(problem)) => unopened(f, problem),
            Self::Unopened(None) => f.write_str("the source could not be opened within this time."),
            Self::Lost => f.write_str("the source was open, then it was lost and did not return."),
            Self::Silent => f.write_str("the source is open, but no data arrives."),
            Self::Unanswered(problem) => write!(f, "{problem}."),
            Self::NotApplied(problem) => write!(f, "no valid frame arrives, and {problem}."),
            Self::Parity { settings, .. } => {
                write!(f, "the receiver counts parity errors at {settings}: the meter uses another parity.")
            }
            Self::WrongLevel => f.write_str("bytes arrive, but the line idles at the wrong level."),
            Self::Damaged => f.write_str("frames arrive, but all of them are damaged."),
            Self::Cut { passes, needs } => write!(
                f,
                "long frames never arrive complete: up to {passes} bytes pass, but a frame of {needs} does not."
            ),
            Self::WrongSettings(settings) => write!(f, "bytes arrive, but no valid frame at {settings}."),
            Self::Noise => f.write_str("bytes arrive, but nothing in them looks like a frame."),
            Self::Encrypted => f.write_str("frames arrive intact, but the meter encrypts their messages."),
            Self::Undecodable(error) => f.write_str(&lower(&advice(*error))),
            Self::Well => f.write_str("all is well, and readings arrive."),
        }
    }
}

/// What to do, in lines.
pub fn fixes(diagnosis: &Diagnosis, seen: &Observation) -> String {
    match diagnosis {
        Diagnosis::Unopened(problem) => opening(problem.as_ref(), seen),
        Diagnosis::Silent => silence(seen),
        Diagnosis::Unanswered(_) => unanswered(seen),
        Diagnosis::Encrypted => encryption(seen),
        Diagnosis::Undecodable(
            Error::UnknownList | Error::Message(_) | Error::Cipher(cipher::Error::Form),
        ) => format!(
            "Please report the meter's type with a capture in which the ids are replaced. To make it:\n  {}",
            recipe::capture(seen)
        ),
        // Without a frame around the messages, a wrong key cannot be distinguished from damage.
        Diagnosis::Undecodable(Error::Cipher(error)) if seen.frames() == 0 => format!(
            "{}\nOr the messages arrive damaged: check the contacts and length of the cable.",
            not_decrypted(*error)
        ),
        Diagnosis::Undecodable(Error::Cipher(error)) => not_decrypted(*error).to_owned(),
        Diagnosis::NotApplied(_) | Diagnosis::Undecodable(_) | Diagnosis::Well => String::new(),
        _ => line_fixes(diagnosis, is_network(seen)).to_owned(),
    }
}

/// What to do about a line, whatever the source.
const fn line_fixes(diagnosis: &Diagnosis, is_network: bool) -> &'static str {
    match diagnosis {
        Diagnosis::Lost if is_network => {
            "Check that no other program reads from the network adapter, and check its power and network."
        }
        Diagnosis::Lost => "Check the plug and the power; 'dmesg | tail' shows what happened to the adapter.",
        Diagnosis::Parity { fixed: true, .. } => "Remove the parity from the source, so that it is detected.",
        Diagnosis::Parity { fixed: false, .. } => {
            "Check the cable, or use another adapter: some do not support parity."
        }
        Diagnosis::WrongLevel => {
            "A P1 or H1 port (RJ12) is inverted: it needs a cable that inverts the signal, sold as P1 or DSMR cable.\n\
             On an M-Bus port (RJ45), check that both wires have contact and that the adapter is for M-Bus."
        }
        Diagnosis::Damaged => {
            "Check the contacts and length of the cable, and try another USB port, without a hub."
        }
        Diagnosis::Cut { .. } => {
            "The adapter cuts or garbles long frames, usually because it lacks power or buffer space.\n\
             Use another one: an M-Bus slave adapter that is isolated and powered by the bus."
        }
        Diagnosis::WrongSettings(_) => "Remove the settings from the source, so that they are detected.",
        Diagnosis::Noise => {
            "Check the wiring, and that the adapter is for this port (M-Bus for RJ45 in Norway, P1 for RJ12).\n\
             Perhaps not all settings were tried: listen longer, with --seconds 180."
        }
        _ => "",
    }
}

/// What to do about a key that does not decrypt the messages.
const fn not_decrypted(error: cipher::Error) -> &'static str {
    match error {
        cipher::Error::NoAuthenticationKey => {
            concat!(
                "It has 32 hexadecimal digits like the other key (Kamstrup: GPK61); give both keys to doctor:\n",
                "  --key-file FILE --auth-key-file FILE"
            )
        }
        cipher::Error::AuthenticationKey => {
            "Every meter has its own keys; Kamstrup calls the authentication key GPK61."
        }
        cipher::Error::Tag | cipher::Error::Plaintext => {
            "Every meter has its own keys, and a replaced meter has new ones.\n\
             Kamstrup calls the encryption key GPK60 and the authentication key GPK61."
        }
        cipher::Error::Replay => {
            "A network adapter that sends its memory again can cause this, and so can a capture that is played back."
        }
        cipher::Error::NoKey | cipher::Error::Form | cipher::Error::CountsAnew => "",
    }
}

fn unopened(f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
    match problem {
        Problem::NoAdapter => f.write_str("no serial adapter was found."),
        Problem::Several { .. } => f.write_str("several serial adapters were found; name one of them."),
        Problem::Absent { port } => write!(f, "{port} does not exist."),
        Problem::Busy { port, holder } => {
            write!(f, "{port} is in use by {}.", holder.as_deref().unwrap_or("another program"))
        }
        other => write!(f, "{other}."),
    }
}

fn opening(problem: Option<&Problem>, seen: &Observation) -> String {
    let examine = |ports: &[String]| {
        let commands: Vec<_> = ports.iter().map(|port| format!("  han-exporter doctor {port}")).collect();
        commands.join("\n")
    };
    match problem {
        Some(Problem::NoAdapter) => "Plug it in; 'dmesg | tail' then shows how the kernel identifies it.\n\
             For a network adapter: han-exporter doctor tcp://HOST:PORT"
            .to_owned(),
        Some(Problem::Several { ports }) => examine(ports),
        Some(Problem::Absent { .. }) if seen.adapters.is_empty() => {
            "There is no other serial adapter: plug it in, or correct the path.".to_owned()
        }
        Some(Problem::Absent { .. }) => {
            format!("Correct the path; these adapters are present:\n{}", examine(&seen.adapters))
        }
        Some(Problem::Busy { port, .. }) => format!(
            "If it is the exporter's own service, stop it with its socket, or the next scrape starts it again:\n  \
             sudo systemctl stop han-exporter.socket han-exporter han-exporter-network\n\
             Otherwise stop the other program; 'sudo fuser -v {port}' names it."
        ),
        _ => String::new(),
    }
}

fn silence(seen: &Observation) -> String {
    const SHORT: u64 = 20;
    if matches!(seen.source, Source::File { .. } | Source::Stdin) {
        return "The input is empty.".to_owned();
    }
    let mut fixes = Vec::new();
    let mut fix = |applies: bool, text: &'static str| fixes.extend(applies.then_some(text));
    let is_short = seen.time.as_secs() < SHORT;
    fix(is_short, "The time was short: most meters send every 10 s, some every 15 s or 60 s.");
    fix(
        seen.polled == Polled::Partly,
        "The time was too short to poll every protocol of meters with an optical port: listen longer, with \
         --seconds 180.",
    );
    fix(
        seen.polled == Polled::Fully,
        "If an optical head is on a meter that must be polled: it was polled in every protocol and does not answer. \
         Check the position of the head, and that it is powered.",
    );
    fix(true, "The customer port may have to be activated first: ask your grid operator.");
    fix(
        is_network(seen),
        "Check the cable at the network adapter, and the adapter's own serial settings (usually 2400 8E1).",
    );
    let is_local = !is_network(seen);
    fix(is_local, "Check the cable, its plug, and that the adapter is for this port (M-Bus or P1).");
    fixes.join("\n")
}

fn unanswered(seen: &Observation) -> String {
    let Source::Serial { path, meter, .. } = &seen.source else {
        return "Check the serial settings of the network adapter itself: they are those of the line."
            .to_owned();
    };
    let path = path.display();
    let every = format!("To try every protocol: han-exporter doctor {path} --seconds 180");
    match (meter.protocol, meter.dtr) {
        (Some(protocol), None) => format!(
            "{every}\nTo power the optical head the other way round:\n  \
             han-exporter doctor '{path}?protocol={protocol}&dtr=on&rts=off'"
        ),
        _ => every,
    }
}

fn encryption(seen: &Observation) -> String {
    let manufacturer = match seen.system_title.as_deref().and_then(manufacturer) {
        Some(manufacturer) => format!("names {manufacturer} as its manufacturer"),
        None => "does not name its manufacturer".to_owned(),
    };
    let (advice, source) = (advice(Error::Cipher(cipher::Error::NoKey)), &seen.source);
    format!(
        "The meter {manufacturer}.\n{advice}\n\
         It has 32 hexadecimal digits, and so has the authentication key that many meters need as well (Kamstrup: GPK60 \
         and GPK61).\n\
         Write it to a file that only you can read, and try it:\n  \
         han-exporter doctor '{source}' --key-file FILE"
    )
}

/// The manufacturer whose three letters begin a system title.
fn manufacturer(title: &[u8]) -> Option<String> {
    let letters = title.get(..3).filter(|letters| letters.iter().all(u8::is_ascii_uppercase))?;
    let known = meter::manufacturer(letters).map(str::to_owned);
    known.or_else(|| Some(format!("\"{}\"", String::from_utf8_lossy(letters))))
}

fn is_network(seen: &Observation) -> bool {
    matches!(seen.source, Source::Tcp { .. })
}

/// A sentence as it continues after a colon.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SerialSettings;
    use std::time::Duration;

    fn said(diagnosis: &Diagnosis, seen: &Observation) -> String {
        let text = format!("{diagnosis}\n{}", fixes(diagnosis, seen));
        assert!(
            !text.contains("  \n") && !text.contains("..") && text.lines().all(|line| line.len() < 240),
            "{text}"
        );
        text
    }

    fn observation(source: &str) -> Observation {
        let name = Some(source.to_owned());
        Observation { name, time: Duration::from_secs(60), ..Observation::new(source.parse().unwrap()) }
    }

    #[test]
    fn every_diagnosis_names_what_is_wrong_and_the_fix() {
        let seen = observation("/dev/ttyUSB0");
        let (port, holder) = ("/dev/ttyUSB0".to_owned(), Some("cat (pid 7)".to_owned()));
        let unopened = |problem| Diagnosis::Unopened(Some(problem));
        let protocol = crate::wire::protocol::Protocol::Iec;
        let silent = Problem::Unanswered { port: port.clone(), protocol, settings: None, bytes: 0 };
        let ports = vec!["/dev/a".to_owned(), "/dev/b".to_owned()];
        for (diagnosis, parts) in [
            (unopened(Problem::NoAdapter), ["no serial adapter", "doctor tcp://"]),
            (unopened(Problem::Several { ports }), ["several", "han-exporter doctor /dev/b"]),
            (unopened(Problem::Absent { port: port.clone() }), ["does not exist", "plug it in"]),
            (
                unopened(Problem::Busy { port: port.clone(), holder }),
                ["by cat (pid 7).", "systemctl stop han-exporter.socket han-exporter"],
            ),
            (unopened(Problem::Forbidden { port, group: "dialout".into() }), ["dialout", "usermod"]),
            (Diagnosis::Unopened(None), ["could not be opened", ""]),
            (Diagnosis::Lost, ["was lost", "dmesg"]),
            (Diagnosis::Silent, ["no data arrives", "grid operator"]),
            (Diagnosis::Unanswered(silent), ["does not answer in iec", "han-exporter doctor /dev/ttyUSB0"]),
            (
                Diagnosis::Parity { settings: SerialSettings::HAN, fixed: true },
                ["parity errors at 2400 8E1", "Remove"],
            ),
            (
                Diagnosis::Parity { settings: SerialSettings::HAN, fixed: false },
                ["parity errors", "another adapter"],
            ),
            (Diagnosis::WrongLevel, ["wrong level", "inverts"]),
            (Diagnosis::Damaged, ["damaged", "cable"]),
            (
                Diagnosis::Cut { passes: 41, needs: 137 },
                ["up to 41 bytes pass, but a frame of 137", "isolated"],
            ),
            (
                Diagnosis::WrongSettings(SerialSettings::HAN),
                ["no valid frame at 2400 8E1", "Remove the settings"],
            ),
            (Diagnosis::Noise, ["nothing in them", "--seconds"]),
            (Diagnosis::Encrypted, ["encrypts", "doctor '/dev/ttyUSB0' --key-file FILE"]),
            (
                Diagnosis::Undecodable(Error::Cipher(cipher::Error::NoAuthenticationKey)),
                ["authentication tag", "--auth-key-file FILE"],
            ),
            (
                Diagnosis::Undecodable(Error::Cipher(cipher::Error::AuthenticationKey)),
                ["the authentication key is wrong", "GPK61"],
            ),
            (
                Diagnosis::Undecodable(Error::Cipher(cipher::Error::Tag)),
                ["the encryption key is wrong", "keys are swapped"],
            ),
            (
                Diagnosis::Undecodable(Error::Cipher(cipher::Error::Plaintext)),
                ["the encryption key is wrong", "a replaced meter has new ones"],
            ),
            (
                Diagnosis::Undecodable(Error::Cipher(cipher::Error::Replay)),
                ["repeat earlier counters", "network adapter"],
            ),
            (Diagnosis::Undecodable(Error::UnknownList), ["frames arrive intact", "decode --redact - >"]),
            (
                Diagnosis::Undecodable(Error::Cipher(cipher::Error::Form)),
                ["does not know", "decode --redact - >"],
            ),
            (Diagnosis::Undecodable(Error::SegmentLost), ["parts of the messages", "cable"]),
            (Diagnosis::Well, ["all is well", ""]),
        ] {
            let text = said(&diagnosis, &seen);
            assert!(parts.iter().all(|part| text.contains(part)), "{parts:?} in {text}");
        }
    }

    #[test]
    fn names_the_fix_for_a_driver_that_drops_the_parity() {
        let got = SerialSettings { parity: crate::source::Parity::None, ..SerialSettings::HAN };
        let problem =
            Problem::Settings { port: "/dev/ttyS0".into(), asked: SerialSettings::HAN, got, mini_uart: true };
        let text = said(&Diagnosis::NotApplied(problem), &observation("/dev/ttyS0"));
        assert!(text.contains("dtoverlay=disable-bt"), "{text}");
    }

    #[test]
    fn lists_the_adapters_that_are_present_instead_of_an_absent_one() {
        let adapters = vec!["/dev/serial/by-id/usb-x".to_owned()];
        let seen = Observation { adapters, ..observation("/dev/ttyUSB9") };
        let text = said(&Diagnosis::Unopened(Some(Problem::Absent { port: "/dev/ttyUSB9".into() })), &seen);
        assert!(text.ends_with("  han-exporter doctor /dev/serial/by-id/usb-x"), "{text}");
    }

    #[test]
    fn explains_silence_by_the_source_and_the_time() {
        let silent = |source, seconds| {
            let time = Duration::from_secs(seconds);
            said(&Diagnosis::Silent, &Observation { time, ..observation(source) })
        };
        assert!(silent("tcp://h:1", 60).contains("network adapter"));
        assert!(!silent("/dev/ttyUSB0", 60).contains("short"));
        assert!(silent("/dev/ttyUSB0", 5).contains("The time was short"));
        assert!(silent("file:x", 0).ends_with("The input is empty."));
        let polled =
            |polled| said(&Diagnosis::Silent, &Observation { polled, ..observation("/dev/ttyUSB0") });
        assert!(polled(Polled::Fully).contains("polled in every protocol"));
        assert!(polled(Polled::Partly).contains("--seconds 180"));
        assert!(!polled(Polled::No).contains("poll"));
        let polled = observation("/dev/ttyUSB0?protocol=kmp382");
        assert!(fixes(&Diagnosis::Unanswered(unanswered_in()), &polled).contains("dtr=on&rts=off"));
    }

    fn unanswered_in() -> Problem {
        let protocol = crate::wire::protocol::Protocol::Kmp382;
        Problem::Unanswered { port: "/dev/ttyUSB0".into(), protocol, settings: None, bytes: 0 }
    }

    #[test]
    fn reads_the_manufacturer_from_the_system_title() {
        assert_eq!(manufacturer(b"KAM\x45\x01\x02\x03\x04").as_deref(), Some("Kamstrup"));
        assert_eq!(manufacturer(b"XYZ12345").as_deref(), Some("\"XYZ\""));
        assert_eq!(manufacturer(b"\x00\x01\x02"), None);
        assert_eq!(manufacturer(b""), None);
        let title = |title: &[u8]| {
            let system_title = Some(title.to_vec());
            said(&Diagnosis::Encrypted, &Observation { system_title, ..observation("/dev/ttyUSB0") })
        };
        assert!(title(b"LGZ12345").contains("names Landis+Gyr"));
        assert!(title(b"").contains("does not name"));
    }
}
