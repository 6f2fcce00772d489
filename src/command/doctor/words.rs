//! A verdict in plain words: one sentence of what is the matter, and what to do about it.

use std::fmt;

use crate::decoder::Error;
use crate::hub::health::explain;
use crate::meter;
use crate::source::{Problem, Source};
use crate::wire::dlms::cipher;

use super::observation::Observation;
use super::recipe;
use super::verdict::Verdict;

/// Says what is the matter.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unopened(Some(trouble)) => unopened(f, trouble),
            Self::Unopened(None) => f.write_str("the source could not be opened in this time."),
            Self::Gone => f.write_str("the source was open, went away and stayed away."),
            Self::Silent => f.write_str("the source is open, but not one byte arrives."),
            Self::Unanswered(trouble) => write!(f, "{trouble}."),
            Self::NotTaken(trouble) => write!(f, "no frame holds, and {trouble}."),
            Self::Parity { settings, .. } => {
                write!(f, "the receiver counts parity errors at {settings}: the meter uses another parity.")
            }
            Self::Inverted => f.write_str("bytes arrive, but the line rests on the wrong level."),
            Self::Damaged => f.write_str("frames begin, but all of them arrive damaged."),
            Self::Cut { passes, needs } => write!(
                f,
                "long frames never arrive whole: up to {passes} bytes pass, and a frame of {needs} does not."
            ),
            Self::Fixed(settings) => write!(f, "bytes arrive, but no frame holds at {settings}."),
            Self::Noise => f.write_str("bytes arrive, but nothing in them looks like a frame."),
            Self::Encrypted => f.write_str("frames arrive whole, but the meter encrypts them."),
            Self::Refused(error) => f.write_str(&lower(&explain(*error))),
            Self::Well => f.write_str("all is well, readings arrive."),
        }
    }
}

/// What to do, each in a line of its own.
pub fn remedies(verdict: &Verdict, seen: &Observation) -> Vec<String> {
    let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    match verdict {
        Verdict::Unopened(trouble) => opening(trouble.as_ref(), seen),
        Verdict::Gone if is_network(seen) => {
            lines(&["Check that nobody else reads from the bridge, and its power and network."])
        }
        Verdict::Gone => lines(&["Check plug and power; 'dmesg | tail' says what became of the adapter."]),
        Verdict::Silent => silence(seen),
        Verdict::Unanswered(_) => unanswered(seen),
        Verdict::NotTaken(_) | Verdict::Well => Vec::new(),
        Verdict::Parity { fixed: true, .. } => {
            lines(&["Leave the parity out of the source: it is then found by itself."])
        }
        Verdict::Parity { fixed: false, .. } => {
            lines(&["Check the cable, or use another adapter: some cannot do parity."])
        }
        Verdict::Inverted => lines(&[
            "A P1 or H1 port (RJ12) is inverted: it needs a cable that inverts, sold as P1 or DSMR cable.",
            "On an M-Bus port (RJ45) check that both wires have contact and the adapter is one for M-Bus.",
        ]),
        Verdict::Damaged => {
            lines(&["Check contacts and length of the cable, and try another USB port without a hub."])
        }
        Verdict::Cut { .. } => lines(&[
            "The adapter cuts or garbles long frames, most often for want of power or of room in its buffer.",
            "Use another: an M-Bus slave adapter that is isolated and draws its power from the bus.",
        ]),
        Verdict::Fixed(_) => {
            lines(&["Leave the settings out of the source: they are then found by themselves."])
        }
        Verdict::Noise => lines(&[
            "Check the wiring, and that the adapter is one for this port (M-Bus for RJ45 in Norway, P1 for RJ12).",
            "Not all settings may have had their turn: listen longer with --seconds 180.",
        ]),
        Verdict::Encrypted => encryption(seen),
        Verdict::Refused(Error::UnknownList | Error::Message(_) | Error::Cipher(cipher::Error::Form)) => {
            vec![
                "Please report the meter's type with a capture, its ids replaced, made so:".to_owned(),
                format!("  {}", recipe::capture(seen)),
            ]
        }
        Verdict::Refused(Error::Cipher(error)) => {
            let mut advice = lines(closed(*error));
            // Without a frame around them nothing tells a wrong key from damage.
            if seen.frames() == 0 {
                advice.push(
                    "Or the messages arrive damaged: check contacts and length of the cable.".to_owned(),
                );
            }
            advice
        }
        Verdict::Refused(_) => Vec::new(),
    }
}

/// What to do about a key that does not fit.
const fn closed(error: cipher::Error) -> &'static [&'static str] {
    match error {
        cipher::Error::NoAuthenticationKey => &[
            "It has 32 hexadecimal digits like the other one (Kamstrup: GPK61); give both to doctor:",
            "  --key-file FILE --auth-key-file FILE",
        ],
        cipher::Error::AuthenticationKey => {
            &["Every meter has keys of its own; Kamstrup calls the authentication key GPK61."]
        }
        cipher::Error::Tag | cipher::Error::Plaintext => &[
            "Every meter has keys of its own, and one that was exchanged has new ones.",
            "Are the two in each other's place? Kamstrup calls the encryption key GPK60, the authentication key GPK61.",
        ],
        cipher::Error::Replay => {
            &["A bridge that sends its memory again may do so, or a capture that is played back."]
        }
        cipher::Error::NoKey | cipher::Error::Form => &[],
    }
}

fn unopened(f: &mut fmt::Formatter<'_>, trouble: &Problem) -> fmt::Result {
    match trouble {
        Problem::NoAdapter => f.write_str("no serial adapter was found."),
        Problem::Several { .. } => f.write_str("several serial adapters were found; name one of them."),
        Problem::Absent { port } => write!(f, "{port} does not exist."),
        Problem::Busy { port, holder } => {
            write!(f, "{port} is in use by {}.", holder.as_deref().unwrap_or("another program"))
        }
        other => write!(f, "{other}."),
    }
}

fn opening(trouble: Option<&Problem>, seen: &Observation) -> Vec<String> {
    let examine = |port: &String| format!("  han-exporter doctor {port}");
    match trouble {
        Some(Problem::NoAdapter) => vec![
            "Plug it in; 'dmesg | tail' then says what the kernel makes of it.".to_owned(),
            "Behind a network bridge: han-exporter doctor tcp://HOST:PORT".to_owned(),
        ],
        Some(Problem::Several { ports }) => ports.iter().map(examine).collect(),
        Some(Problem::Absent { .. }) if seen.adapters.is_empty() => {
            vec!["No other serial adapter is there: plug it in, or correct the path.".to_owned()]
        }
        Some(Problem::Absent { .. }) => {
            std::iter::once("Correct the path; these adapters are there:".to_owned())
                .chain(seen.adapters.iter().map(examine))
                .collect()
        }
        Some(Problem::Busy { port, .. }) => vec![
            "If it is the exporter's own service: sudo systemctl stop han-exporter".to_owned(),
            format!("Else stop the other program; 'sudo fuser -v {port}' names it."),
        ],
        _ => Vec::new(),
    }
}

fn silence(seen: &Observation) -> Vec<String> {
    const SHORT: u64 = 20;
    let mut lines = Vec::new();
    if matches!(seen.source, Source::File { .. } | Source::Stdin) {
        return vec!["There is nothing in it.".to_owned()];
    }
    if seen.time.as_secs() < SHORT {
        lines.push("The time was short: most meters send every 10 s, some every 15 s or 60 s.".to_owned());
    }
    if seen.asked {
        lines.push(
            "If there is an optical head on a meter that waits to be asked: it was asked in every protocol, and does not \
             answer. Check the head's position, and that it is fed."
                .to_owned(),
        );
    }
    lines
        .push("The customer port may have to be ordered first: ask your grid company to open it.".to_owned());
    lines.push(match is_network(seen) {
        true => "Check the cable at the bridge, and the bridge's own serial settings (mostly 2400 8E1)."
            .to_owned(),
        false => {
            "Check the cable, its plug, and that the adapter is one for this port (M-Bus or P1).".to_owned()
        }
    });
    lines
}

fn unanswered(seen: &Observation) -> Vec<String> {
    let Source::Serial { path, .. } = &seen.source else {
        return vec!["Check the adapter's own settings; they are what the line has.".to_owned()];
    };
    let path = path.display();
    let mut lines = vec![format!("To have every protocol tried: han-exporter doctor {path}")];
    if let (Some(protocol), None) = (seen.source.meter_options().protocol, seen.source.meter_options().dtr) {
        lines.push("To feed the optical head the other way round:".to_owned());
        lines.push(format!("  han-exporter doctor '{path}?protocol={protocol}&dtr=on&rts=off'"));
    }
    lines
}

fn encryption(seen: &Observation) -> Vec<String> {
    let maker = match seen.title.as_deref().map(maker) {
        Some(Some(maker)) => format!("The meter names {maker} as its maker."),
        Some(None) | None => "The meter does not name its maker.".to_owned(),
    };
    vec![
        maker,
        explain(Error::Cipher(cipher::Error::NoKey)),
        "It has 32 hexadecimal digits, and so has the authentication key that many meters need besides (Kamstrup: \
         GPK60 and GPK61)."
            .to_owned(),
        "Write it into a file that only you may read, and try it:".to_owned(),
        format!("  han-exporter doctor '{}' --key-file FILE", seen.source),
    ]
}

/// Who the first three letters of a system title stand for.
fn maker(title: &[u8]) -> Option<String> {
    let letters = title.get(..3).filter(|letters| letters.iter().all(u8::is_ascii_uppercase))?;
    let known = meter::maker(letters).map(str::to_owned);
    known.or_else(|| Some(format!("\"{}\"", String::from_utf8_lossy(letters))))
}

fn is_network(seen: &Observation) -> bool {
    matches!(seen.source, Source::Tcp { .. })
}

/// A sentence as it goes on after a colon.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SerialSettings;
    use std::time::Duration;

    fn said(verdict: &Verdict, seen: &Observation) -> String {
        let text = format!("{verdict}\n{}", remedies(verdict, seen).join("\n"));
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
    fn every_verdict_says_what_and_what_to_do() {
        let seen = observation("/dev/ttyUSB0");
        let (port, holder) = ("/dev/ttyUSB0".to_owned(), Some("cat (pid 7)".to_owned()));
        let unopened = |trouble| Verdict::Unopened(Some(trouble));
        let protocol = crate::wire::protocol::Protocol::Iec;
        let silent = Problem::Unanswered { port: port.clone(), protocol, settings: None, bytes: 0 };
        let ports = vec!["/dev/a".to_owned(), "/dev/b".to_owned()];
        for (verdict, parts) in [
            (unopened(Problem::NoAdapter), ["no serial adapter", "doctor tcp://"]),
            (unopened(Problem::Several { ports }), ["several", "han-exporter doctor /dev/b"]),
            (unopened(Problem::Absent { port: port.clone() }), ["does not exist", "plug it in"]),
            (unopened(Problem::Busy { port: port.clone(), holder }), ["by cat (pid 7).", "systemctl stop"]),
            (unopened(Problem::Forbidden { port, group: "dialout".into() }), ["dialout", "usermod"]),
            (Verdict::Unopened(None), ["could not be opened", ""]),
            (Verdict::Gone, ["went away", "dmesg"]),
            (Verdict::Silent, ["not one byte", "grid company"]),
            (Verdict::Unanswered(silent), ["does not answer in iec", "han-exporter doctor /dev/ttyUSB0"]),
            (
                Verdict::Parity { settings: SerialSettings::HAN, fixed: true },
                ["parity errors at 2400 8E1", "Leave"],
            ),
            (
                Verdict::Parity { settings: SerialSettings::HAN, fixed: false },
                ["parity errors", "another adapter"],
            ),
            (Verdict::Inverted, ["wrong level", "inverts"]),
            (Verdict::Damaged, ["damaged", "cable"]),
            (
                Verdict::Cut { passes: 41, needs: 137 },
                ["up to 41 bytes pass, and a frame of 137", "isolated"],
            ),
            (Verdict::Fixed(SerialSettings::HAN), ["no frame holds at 2400 8E1", "Leave the settings out"]),
            (Verdict::Noise, ["nothing in them", "--seconds"]),
            (Verdict::Encrypted, ["encrypts", "doctor '/dev/ttyUSB0' --key-file FILE"]),
            (
                Verdict::Refused(Error::Cipher(cipher::Error::NoAuthenticationKey)),
                ["carry a tag", "--auth-key-file FILE"],
            ),
            (
                Verdict::Refused(Error::Cipher(cipher::Error::AuthenticationKey)),
                ["the authentication key is wrong", "GPK61"],
            ),
            (
                Verdict::Refused(Error::Cipher(cipher::Error::Tag)),
                ["the encryption key is wrong", "in each other's place"],
            ),
            (
                Verdict::Refused(Error::Cipher(cipher::Error::Plaintext)),
                ["the encryption key is wrong", "exchanged has new ones"],
            ),
            (Verdict::Refused(Error::Cipher(cipher::Error::Replay)), ["came before", "bridge"]),
            (Verdict::Refused(Error::UnknownList), ["frames arrive whole", "decode --redact - >"]),
            (Verdict::Refused(Error::Cipher(cipher::Error::Form)), ["does not know", "decode --redact - >"]),
            (Verdict::Refused(Error::SegmentLost), ["parts of the lists", "cable"]),
            (Verdict::Well, ["all is well", ""]),
        ] {
            let text = said(&verdict, &seen);
            assert!(parts.iter().all(|part| text.contains(part)), "{parts:?} in {text}");
        }
    }

    #[test]
    fn a_driver_that_drops_the_parity_is_told_with_its_cure() {
        let got = SerialSettings { parity: crate::source::Parity::None, ..SerialSettings::HAN };
        let trouble =
            Problem::Settings { port: "/dev/ttyS0".into(), asked: SerialSettings::HAN, got, mini_uart: true };
        let text = said(&Verdict::NotTaken(trouble), &observation("/dev/ttyS0"));
        assert!(text.contains("dtoverlay=disable-bt"), "{text}");
    }

    #[test]
    fn an_absent_port_is_told_with_those_that_are_there() {
        let adapters = vec!["/dev/serial/by-id/usb-x".to_owned()];
        let seen = Observation { adapters, ..observation("/dev/ttyUSB9") };
        let text = said(&Verdict::Unopened(Some(Problem::Absent { port: "/dev/ttyUSB9".into() })), &seen);
        assert!(text.ends_with("  han-exporter doctor /dev/serial/by-id/usb-x"), "{text}");
    }

    #[test]
    fn silence_is_explained_by_what_was_listened_to_and_how_long() {
        let silent = |source, seconds| {
            let time = Duration::from_secs(seconds);
            said(&Verdict::Silent, &Observation { time, ..observation(source) })
        };
        assert!(silent("tcp://h:1", 60).contains("bridge"));
        assert!(!silent("/dev/ttyUSB0", 60).contains("short"));
        assert!(silent("/dev/ttyUSB0", 5).contains("The time was short"));
        assert!(silent("file:x", 0).ends_with("There is nothing in it."));
        let asked = Observation { asked: true, ..observation("/dev/ttyUSB0") };
        assert!(said(&Verdict::Silent, &asked).contains("asked in every protocol"));
        let asked = observation("/dev/ttyUSB0?protocol=kmp382");
        assert!(remedies(&Verdict::Unanswered(unanswered_in()), &asked).join(" ").contains("dtr=on&rts=off"));
    }

    fn unanswered_in() -> Problem {
        let protocol = crate::wire::protocol::Protocol::Kmp382;
        Problem::Unanswered { port: "/dev/ttyUSB0".into(), protocol, settings: None, bytes: 0 }
    }

    #[test]
    fn the_maker_is_read_from_the_system_title() {
        assert_eq!(maker(b"KAM\x45\x01\x02\x03\x04").as_deref(), Some("Kamstrup"));
        assert_eq!(maker(b"XYZ12345").as_deref(), Some("\"XYZ\""));
        assert_eq!(maker(b"\x00\x01\x02"), None);
        assert_eq!(maker(b""), None);
        let title = |title: &[u8]| {
            let title = Some(title.to_vec());
            said(&Verdict::Encrypted, &Observation { title, ..observation("/dev/ttyUSB0") })
        };
        assert!(title(b"LGZ12345").contains("names Landis+Gyr"));
        assert!(title(b"").contains("does not name"));
    }
}
