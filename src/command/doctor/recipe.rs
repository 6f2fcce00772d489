//! The commands that work: how to start the exporter on what was found, and how to make a capture to share.

use std::path::Path;

use crate::source::{FixedSettings, Parity, SerialSettings, Source, discover};

use super::observation::Observation;

/// How to start the exporter on the source that was found: the command line, and the line of the environment file.
pub fn start(seen: &Observation, dev: &Path) -> String {
    let source = source(seen, dev);
    let needed = seen.key_files.iter().filter(|_| seen.system_title.is_some());
    let keys: String = needed.map(|(option, file)| format!(" --{option} '{}'", file.display())).collect();
    let credentials = match keys.is_empty() {
        true => String::new(),
        false => format!("\nand pass the keys as credentials: see {KEY_CONF}"),
    };
    format!(
        "Start the exporter with:\n  han-exporter --source '{source}'{keys}\n\
         or, as a service, with this line in /etc/default/han-exporter:\n  \
         HAN_EXPORTER_SOURCE=\"{source}\"{credentials}"
    )
}

/// Where the package puts what passes keys to the service.
const KEY_CONF: &str = "/usr/share/doc/han-exporter/examples/key.conf";

/// The source that was examined, with the settings that work and the port's most stable name; `dev` is `/dev`.
fn source(seen: &Observation, dev: &Path) -> String {
    let port = || seen.name.as_deref().map(|name| stable_name(Path::new(name), dev));
    match (&seen.source, port()) {
        (Source::Serial { fixed, meter, .. }, Some(port)) if seen.is_polled() => {
            Source::Serial { path: port.into(), fixed: *fixed, meter: *meter }.to_string()
        }
        (Source::Auto | Source::Serial { .. }, Some(port)) => {
            let settings = seen.best().and_then(|attempt| attempt.settings);
            format!("serial:{port}{}", settings.map(query).unwrap_or_default())
        }
        (source, _) => source.to_string(),
    }
}

/// The command that captures bytes and replaces the meter's ids.
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

/// The name that stays the same after re-plugging, for a port that the kernel numbered in the order of plugging in.
fn stable_name(port: &Path, dev: &Path) -> String {
    let numbered = port
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| ["ttyUSB", "ttyACM"].iter().any(|prefix| name.starts_with(prefix)));
    let same = |other: &Path| other.canonicalize().ok() == port.canonicalize().ok();
    let alias = discover::adapters(dev).usb.into_iter().find(|other| numbered && same(other));
    alias.as_deref().unwrap_or(port).display().to_string()
}

fn query(settings: SerialSettings) -> String {
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
        let valid = Attempt { frames: 1, ..Attempt::new(Some(settings)) };
        seen.attempts = vec![Attempt::new(Some(TEXT)), valid];
        seen.name = Some(name.into());
        seen
    }

    fn source(seen: &Observation, dev: &str) -> String {
        let source = super::source(seen, Path::new(dev));
        assert!(source.parse::<Source>().is_ok(), "{source}");
        source
    }

    #[test]
    fn names_the_settings_that_work_except_the_usual_ones() {
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
    fn replaces_a_numbered_port_by_its_stable_name_and_keeps_a_chosen_one() {
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
    fn keeps_the_source_as_given_without_a_detected_port() {
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
    fn names_the_key_files_only_if_the_messages_are_encrypted() {
        let mut seen = seen("tcp://h:2000", "tcp://h:2000", SerialSettings::HAN);
        seen.key_files = vec![("key-file", "/k".into()), ("auth-key-file", "/a b".into())];
        let said = |seen: &Observation| start(seen, Path::new("/dev"));
        assert!(!said(&seen).contains("key"), "nothing was encrypted");
        seen.system_title = Some(b"KAM12345".to_vec());
        let said = said(&seen);
        assert!(said.contains("'tcp://h:2000' --key-file '/k' --auth-key-file '/a b'\n"), "{said}");
        assert!(said.ends_with("see /usr/share/doc/han-exporter/examples/key.conf"), "{said}");
    }

    #[test]
    fn captures_with_the_settings_that_work() {
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
