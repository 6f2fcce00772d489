//! The lines that work: how to start the exporter on what was found, and how to make a capture to share.

use std::fmt;
use std::path::Path;

use crate::source::{FixedSettings, Parity, SerialSettings, Source, discover};

use super::observation::Observation;

/// A source as it is best written, and the lines that use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    source: String,
    /// The options of the keys, each with its file, if any was needed.
    keys: String,
}

impl Recipe {
    /// The source that was examined, with the settings that held and the port's most lasting name; `dev` is `/dev`.
    pub fn of(seen: &Observation, dev: &Path) -> Self {
        let port = || seen.name.as_deref().map(|name| lasting(Path::new(name), dev));
        let source = match (&seen.source, port()) {
            (Source::Serial { fixed, meter, .. }, Some(port)) if seen.is_polled() => {
                Source::Serial { path: port.into(), fixed: *fixed, meter: *meter }.to_string()
            }
            (Source::Auto | Source::Serial { .. }, Some(port)) => {
                let settings = seen.best().and_then(|attempt| attempt.settings);
                format!("serial:{port}{}", settings.map(fixed).unwrap_or_default())
            }
            (source, _) => source.to_string(),
        };
        let needed = seen.key_files.iter().filter(|_| seen.title.is_some());
        let keys = needed.map(|(option, file)| format!(" {option} '{}'", file.display())).collect();
        Self { source, keys }
    }
}

/// Writes the command line and the line of the environment file.
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Recipe { source, keys } = self;
        writeln!(f, "Start it so:\n  han-exporter --source '{source}'{keys}")?;
        write!(
            f,
            "or as a service with this line in /etc/default/han-exporter:\n  HAN_EXPORTER_SOURCE=\"{source}\""
        )?;
        match keys.is_empty() {
            true => Ok(()),
            false => write!(f, "\nand the keys as credentials: systemd/key.conf.example says how"),
        }
    }
}

/// The command that captures bytes and takes the meter's ids out.
pub fn capture(seen: &Observation) -> String {
    const REDACT: &str = "han-exporter decode --redact";
    let record = |command: String| format!("{command} | {REDACT} - > meter.hex");
    match (&seen.source, &seen.name) {
        (Source::Auto | Source::Serial { .. }, Some(port)) => {
            let settings = seen.best().and_then(|attempt| attempt.settings).unwrap_or(SerialSettings::HAN);
            record(format!("stty -F '{port}' {} && timeout 120 cat '{port}'", stty(settings)))
        }
        (Source::Tcp { host, port, .. }, _) => record(format!("timeout 120 nc {host} {port}")),
        (Source::File { path, .. }, _) => format!("{REDACT} '{}' > meter.hex", path.display()),
        (source, _) => record(format!("(the bytes of {source})")),
    }
}

/// The name that survives unplugging, of a port that the kernel numbered in the order of plugging in.
fn lasting(port: &Path, dev: &Path) -> String {
    let numbered = port
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| ["ttyUSB", "ttyACM"].iter().any(|prefix| name.starts_with(prefix)));
    let same = |other: &Path| other.canonicalize().ok() == port.canonicalize().ok();
    let known = discover::adapters(dev).usb.into_iter().find(|other| numbered && same(other));
    known.as_deref().unwrap_or(port).display().to_string()
}

fn fixed(settings: SerialSettings) -> String {
    let SerialSettings { baud, data, parity, stop } = settings;
    let fixed = FixedSettings {
        baud: Some(baud),
        parity: Some(parity),
        data: Some(data).filter(|data| *data != 8),
        stop: Some(stop).filter(|stop| *stop != 1),
    };
    fixed.to_string()
}

fn stty(settings: SerialSettings) -> String {
    let SerialSettings { baud, data, parity, stop } = settings;
    let parity = match parity {
        Parity::None => "-parenb",
        Parity::Even => "parenb -parodd",
        Parity::Odd => "parenb parodd",
    };
    let stop = if stop == 2 { "cstopb" } else { "-cstopb" };
    format!("raw -echo {baud} cs{data} {parity} {stop}")
}

#[cfg(test)]
mod tests {
    use super::super::attempt::Attempt;
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    const TEXT: SerialSettings = SerialSettings::new(9600, 7, Parity::Even);

    fn seen(source: &str, name: &str, settings: SerialSettings) -> Observation {
        let mut seen = Observation::new(source.parse().unwrap());
        let held = Attempt { frames: 1, ..Attempt::new(Some(settings)) };
        seen.attempts = vec![Attempt::new(Some(TEXT)), held];
        seen.name = Some(name.into());
        seen
    }

    fn source(seen: &Observation, dev: &str) -> String {
        let Recipe { source, .. } = Recipe::of(seen, Path::new(dev));
        assert!(source.parse::<Source>().is_ok(), "{source}");
        source
    }

    #[test]
    fn the_settings_that_held_are_named_as_far_as_they_need_to_be() {
        for (settings, query) in [
            (SerialSettings::HAN, "baud=2400&parity=even"),
            (SerialSettings::new(115_200, 8, Parity::None), "baud=115200&parity=none"),
            (TEXT, "baud=9600&data=7&parity=even"),
            (SerialSettings { stop: 2, ..SerialSettings::HAN }, "baud=2400&parity=even&stop=2"),
        ] {
            let seen = seen("auto", "/dev/ttyAMA0", settings);
            assert_eq!(source(&seen, "/nowhere"), format!("serial:/dev/ttyAMA0?{query}"));
        }
    }

    #[test]
    fn a_numbered_port_gives_way_to_its_lasting_name_and_a_chosen_name_stays() {
        let dev = std::env::temp_dir().join(format!("han-recipe-{}", std::process::id()));
        fs::create_dir_all(dev.join("serial/by-id")).unwrap();
        fs::write(dev.join("ttyUSB3"), "").unwrap();
        fs::write(dev.join("ttyUSB4"), "").unwrap();
        let _ = symlink(dev.join("ttyUSB3"), dev.join("serial/by-id/usb-x"));
        let _ = symlink(dev.join("ttyUSB3"), dev.join("han"));
        let of = |name| {
            let seen = seen("auto", dev.join(name).to_str().unwrap(), SerialSettings::HAN);
            source(&seen, dev.to_str().unwrap())
        };
        assert!(of("ttyUSB3").contains("/serial/by-id/usb-x?"));
        assert!(of("ttyUSB4").contains("/ttyUSB4?"));
        assert!(of("han").contains("/han?"));
        fs::remove_dir_all(dev).unwrap();
    }

    #[test]
    fn what_is_no_serial_port_is_named_as_it_was() {
        let asked = "/dev/ttyAMA0?stop=2&protocol=iec&interval=5m";
        for text in
            ["tcp://h:2000", "sim:kaifa?phases=1", "file:x.hex?pace=max", "tcp://h:1?protocol=kmp", asked]
        {
            let name = if text == asked { "/dev/ttyAMA0" } else { text };
            let source = source(&seen(text, name, SerialSettings::HAN), "/dev");
            assert_eq!(source.parse::<Source>(), text.parse(), "{source}");
        }
    }

    #[test]
    fn keys_are_named_by_their_files_where_they_are_needed() {
        let mut seen = seen("tcp://h:2000", "tcp://h:2000", SerialSettings::HAN);
        seen.key_files = vec![("--key-file", "/k".into()), ("--auth-key-file", "/a b".into())];
        let said = |seen: &Observation| Recipe::of(seen, Path::new("/dev")).to_string();
        assert!(!said(&seen).contains("key"), "nothing was ciphered");
        seen.title = Some(b"KAM12345".to_vec());
        let said = said(&seen);
        assert!(said.contains("'tcp://h:2000' --key-file '/k' --auth-key-file '/a b'\n"), "{said}");
        assert!(said.ends_with("key.conf.example says how"), "{said}");
    }

    #[test]
    fn a_capture_is_made_with_the_settings_that_held() {
        assert_eq!(
            capture(&seen("auto", "/dev/ttyUSB0", SerialSettings::HAN)),
            "stty -F '/dev/ttyUSB0' raw -echo 2400 cs8 parenb -parodd -cstopb && \
             timeout 120 cat '/dev/ttyUSB0' | han-exporter decode --redact - > meter.hex"
        );
        assert!(
            capture(&seen("tcp://h:2000", "tcp://h:2000", TEXT)).starts_with("timeout 120 nc h 2000 | han")
        );
        assert_eq!(
            capture(&seen("file:a b.hex", "file:a b.hex", TEXT)),
            "han-exporter decode --redact 'a b.hex' > meter.hex"
        );
    }
}
