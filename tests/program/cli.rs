//! The program as scripts see it: exit codes, and one helpful line on standard error.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

const KEY: &str = "00112233445566778899aAbBcCdDeEfF\n";

/// A run of the program without the variables of the machine that runs the test.
fn program(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_han-exporter"));
    let ours = |name: &str| name.starts_with("HAN_EXPORTER_") || name == "CREDENTIALS_DIRECTORY";
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        command.env_remove(name);
    }
    command.args(words).stdin(Stdio::null());
    command
}

fn assert_rejected(command: &mut Command, code: i32, words: &[&str]) {
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}: {error}");
    assert_eq!(error.lines().count(), 1, "{command:?}: {error}");
    assert!(error.starts_with("han-exporter: ") && error.ends_with('\n'), "{command:?}: {error}");
    assert!(output.stdout.is_empty(), "{command:?}: {output:?}");
    for word in words {
        assert!(error.contains(word), "{command:?}: no {word:?} in {error}");
    }
}

fn assert_accepted(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let error = String::from_utf8_lossy(&stderr);
    assert!(status.success() && error.is_empty(), "{command:?}: {status}: {error}");
    String::from_utf8(stdout).unwrap()
}

/// A folder of files that is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("han-exporter-cli-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>, mode: u32) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for words in [&["-h"][..], &["--help"], &["decode", "--help"], &["simulate", "-h"], &["doctor", "--help"]]
    {
        assert!(assert_accepted(&mut program(words)).contains("Usage: han-exporter"), "{words:?}");
    }
    for command in ["", "decode", "simulate", "doctor"] {
        let words = |words: &[&'static str]| {
            words.iter().copied().filter(|word| !word.is_empty()).collect::<Vec<_>>()
        };
        let help = assert_accepted(&mut program(&words(&["help", command])));
        assert_eq!(help, assert_accepted(&mut program(&words(&[command, "--help"]))), "{command}");
    }
    assert_eq!(assert_accepted(&mut program(&["help", "help"])), assert_accepted(&mut program(&["help"])));
    assert_rejected(&mut program(&["help", "frobnicate"]), 2, &["unexpected argument 'frobnicate'"]);
    let version = assert_accepted(&mut program(&["--version"]));
    let first = format!("han-exporter, version {} (revision: ", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(&first) && version.contains("\n  rust version: "), "{version}");
    assert_eq!(version, assert_accepted(&mut program(&["-V"])));
}

#[test]
fn exits_with_0_if_nobody_reads_the_help() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = program(&["--help"]).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn exits_with_2_on_usage_errors() {
    let table: [(&[&str], &[&str]); 16] = [
        (
            &["--sorce", "x"],
            &["unexpected option '--sorce'; did you mean '--source'?", "See 'han-exporter --help'"],
        ),
        (&["-web.listen-address=:1"], &["'-web.listen-address'", "'--web.listen-address'"]),
        (&["frobnicate"], &["unexpected argument 'frobnicate'"]),
        (&["--source"], &["'--source' needs a value"]),
        (&["--source=auto", "--source=-"], &["'--source' is given more than once"]),
        (&["--log.level", "loud"], &["--log.level 'loud'", "debug, info, warn or error"]),
        (&["--log.format", "xml"], &["--log.format 'xml'", "logfmt or json"]),
        (&["--web.listen-address", "10170"], &["--web.listen-address '10170'", ":10170"]),
        (&["--web.telemetry-path", ""], &["--web.telemetry-path", "/metrics"]),
        (&["--web.max-requests", "many"], &["--web.max-requests 'many'", "not a number"]),
        (&["--max-age", "a\nb"], &["--max-age 'a\\nb'", "30s"]),
        (
            &["--config.file", "f.yml", "--key-file", "k"],
            &["--key-file", "--config.file", "exclude each other"],
        ),
        (&["decode", "--format", "xml"], &["--format 'xml'", "text, json or prom"]),
        (&["decode", "--fromat", "json"], &["did you mean '--format'?", "See 'han-exporter decode --help'"]),
        (&["simulate"], &["<METER> is missing"]),
        (&["doctor", "--seconds", "0"], &["--seconds '0'"]),
    ];
    for (words, expected) in table {
        assert_rejected(&mut program(words), 2, expected);
    }
}

#[test]
fn exits_with_78_on_a_key_that_cannot_be_used() {
    let folder = Folder::new("keys");
    let right = folder.write("right", KEY, 0o600);
    let exposed = folder.write("exposed", KEY, 0o644);
    let short = folder.write("short", &KEY[..30], 0o600);
    let words = folder.write("words", "correct horse battery staple 123", 0o600);
    let absent = folder.0.join("absent").to_str().unwrap().to_owned();
    let check = |options: &[&str]| program(&[&["--check-config"], options].concat());

    assert_eq!(
        assert_accepted(&mut check(&["--key-file", &right, "--auth-key-file", &right])),
        "1 meter: auto with a key\n"
    );
    for (path, sentence) in [
        (&exposed, "is open to every user (mode 0644); run chmod o-rwx"),
        (&short, "must contain 32 hexadecimal digits but contains 30"),
        (&words, "and nothing else"),
        (&absent, "does not exist; check the path"),
    ] {
        assert_rejected(&mut check(&["--key-file", path]), 78, &["--key-file", path, sentence]);
        assert_rejected(
            &mut check(&["--key-file", &right, "--auth-key-file", path]),
            78,
            &["--auth-key-file", path, sentence],
        );
        let error = String::from_utf8(check(&["--key-file", path]).output().unwrap().stderr).unwrap();
        assert!(!error.contains("00112233") && !error.contains("horse"), "{error}");
    }
    assert_rejected(&mut check(&["--auth-key-file", &right]), 78, &["without an encryption key"]);
}

#[test]
fn a_key_in_the_wrong_place_is_never_shown() {
    let key = KEY.trim();
    let spaced: Vec<_> = key.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    let folder = Folder::new("pasted");
    let file =
        folder.write("m.yml", format!("meters:\n- name: a\n  source: auto\n  key_file: {key}\n"), 0o644);
    let advice = "this is a key, put it into a file";
    for pasted in [key, &key[..31], &spaced.join(" "), &spaced.join(":")] {
        for variable in ["HAN_EXPORTER_KEY_FILE", "HAN_EXPORTER_AUTH_KEY_FILE"] {
            for words in [&[][..], &["--check-config"]] {
                let mut command = program(words);
                assert_rejected(command.env(variable, pasted), 78, &[variable, advice, "(a key, not shown)"]);
                assert_key_is_not_in(&mut command);
            }
        }
        for (words, code) in [
            (&["--check-config", "--key-file", pasted][..], 78),
            (&["--check-config", "--source", pasted], 2),
            (&["--check-config", "--web.listen-address", pasted], 2),
            (&["--check-config", "--log.level", pasted], 2),
            (&["--check-config", "--config.file", pasted], 78),
            (&[pasted], 2),
            (&["doctor", "--key-file", pasted], 78),
            (&["decode", "--key-file", pasted], 78),
            (&["decode", pasted], 1),
        ] {
            let mut command = program(words);
            assert_rejected(&mut command, code, &["(a key, not shown)"]);
            assert_key_is_not_in(&mut command);
        }
    }
    let mut command = program(&["--check-config", "--config.file", &file]);
    assert_rejected(&mut command, 78, &[&format!("{file}:4: key_file"), advice]);
    assert_key_is_not_in(&mut command);
}

fn assert_key_is_not_in(command: &mut Command) {
    let Output { stdout, stderr, .. } = command.output().unwrap();
    let digits = String::from_utf8([stdout, stderr].concat()).unwrap().replace([' ', ':'], "");
    assert!(!digits.contains("778899aAbB"), "{digits}");
}

#[test]
fn a_variable_that_no_option_has_is_refused_with_a_suggestion() {
    let check = |name: &str| {
        let mut command = program(&["--check-config"]);
        command.env(name, "x");
        command
    };
    for (name, meant) in [
        ("HAN_EXPORTER_SORCE", "; did you mean 'HAN_EXPORTER_SOURCE'?"),
        ("HAN_EXPORTER_KEY", "; did you mean 'HAN_EXPORTER_KEY_FILE'?"),
        ("HAN_EXPORTER_WEB_LISTEN", "; did you mean 'HAN_EXPORTER_WEB_LISTEN_ADDRESS'?"),
        ("HAN_EXPORTER_FROBNICATE", ". See 'han-exporter --help'"),
    ] {
        assert_rejected(&mut check(name), 2, &[&format!("unexpected variable '{name}'{meant}")]);
        assert_rejected(program(&[]).env(name, "x"), 2, &[name]);
        assert_accepted(check(name).env(name, ""));
    }
    for name in [
        "HAN_EXPORTER_SERVICE_HOST",
        "HAN_EXPORTER_SERVICE_PORT",
        "HAN_EXPORTER_SERVICE_PORT_HTTP_METRICS",
        "HAN_EXPORTER_PORT_10170_TCP_PROTO",
    ] {
        assert_accepted(&mut check(name));
    }
    // Other commands read no variables.
    assert_accepted(program(&["decode", "--help"]).env("HAN_EXPORTER_SORCE", "x"));
}

#[test]
fn decode_uses_an_exposed_key_and_warns() {
    let folder = Folder::new("exposed");
    let [exposed, closed] =
        [("exposed", 0o644), ("closed", 0o600)].map(|(name, mode)| folder.write(name, KEY, mode));
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kaifa/list-1.hex");
    let said = |key: &str| {
        let output = program(&["decode", "--format", "json", "--key-file", key, capture]).output().unwrap();
        assert!(output.status.success());
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (out, err)
    };
    let (lines, warning) = said(&exposed);
    assert!(
        warning.contains("--key-file") && warning.contains("open to every user (mode 0644)"),
        "{warning}"
    );
    assert_eq!((lines, String::new()), said(&closed));
}

#[test]
fn reads_keys_from_systemd_credentials() {
    let folder = Folder::new("credentials");
    folder.write("han-key", KEY, 0o400);
    let directory = folder.0.to_str().unwrap();
    let check = |options: &[&str]| {
        let mut command = program(&[&["--check-config"], options].concat());
        command.env("CREDENTIALS_DIRECTORY", directory);
        command
    };
    assert_eq!(assert_accepted(&mut check(&[])), "1 meter: auto with a key\n");
    let file = folder.write(
        "meters.yml",
        "meters:\n- {name: house, source: auto}\n- {name: cabin, source: sim:kaifa}\n",
        0o644,
    );
    assert_rejected(&mut check(&["--config.file", &file]), 78, &["credential han-key", "han-key.NAME"]);
    fs::rename(folder.0.join("han-key"), folder.0.join("han-key.cabin")).unwrap();
    assert_eq!(assert_accepted(&mut check(&["--config.file", &file])), "2 meters: house, cabin with a key\n");
    folder.write("han-auth-key.house", "xyz", 0o400);
    assert_rejected(
        &mut check(&["--config.file", &file]),
        78,
        &["credential", "han-auth-key.house", "and nothing else"],
    );
}

#[test]
fn check_config_reports_what_is_wrong_in_a_file() {
    let folder = Folder::new("file");
    folder.write("house.key", KEY, 0o640);
    let right = "meters:\n- name: house\n  source: /dev/ttyUSB0\n  key_file: house.key\n- name: cabin\n  source: sim:aidon\n";
    let right = folder.write("right.yml", right, 0o644);
    let check = |path: &str| program(&["--check-config", "--config.file", path]);
    assert_eq!(assert_accepted(&mut check(&right)), "2 meters: house with a key, cabin\n");

    for (name, text, line, words) in [
        ("empty", &b""[..], "", "is empty; it needs 'meters:'"),
        (
            "key",
            b"meters:\n- name: a\n  sorce: auto\n",
            ":3",
            "unknown key 'sorce' in a meter; allowed keys: name, source,",
        ),
        ("twice", b"meters:\n- name: a\n  source: auto\n  name: b\n", ":4", "key 'name' is repeated"),
        (
            "same",
            b"meters:\n- {name: a, source: auto}\n- {name: a, source: sim:kaifa}\n",
            ":3",
            "second meter is named 'a'",
        ),
        ("syntax", b"meters:\n- name: [\n", "", "not valid YAML"),
        ("bytes", b"\xff\xfe", "", "not UTF-8"),
        ("large", &[b'#'; 2_000_000], "", "larger than"),
        ("no-key", b"meters:\n- name: a\n  source: auto\n  key_file: gone\n", ":4", "gone' does not exist"),
    ] {
        let path = folder.write(name, text, 0o644);
        assert_rejected(&mut check(&path), 78, &[&format!("{path}{line}"), words]);
    }
    let absent = folder.0.join("absent").to_str().unwrap().to_owned();
    assert_rejected(&mut check(&absent), 78, &[&absent, "does not exist; check the path"]);
    assert_rejected(&mut check(folder.0.to_str().unwrap()), 78, &["is no regular file"]);
    assert_rejected(&mut program(&["--config.file", &absent]), 78, &["does not exist"]);
}

#[test]
fn rejects_what_the_server_does_not_support_yet() {
    for words in [&["--web.config.file", "web.yml"][..], &["--check-config", "--web.config.file=web.yml"]] {
        assert_rejected(&mut program(words), 78, &["--web.config.file 'web.yml'", "not supported yet"]);
    }
}

#[test]
fn a_baud_rate_that_no_meter_uses_is_questioned() {
    let check = |source: &str| program(&["--check-config", "--source", source]).output().unwrap();
    for baud in ["2401", "24000", "57600", "921600"] {
        let output = check(&format!("/dev/ttyUSB0?baud={baud}"));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && said.contains(&format!("no known meter uses {baud} baud")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
        let output =
            program(&["doctor", &format!("/dev/ttyNONE?baud={baud}"), "--seconds", "1"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("no known meter uses {baud} baud")), "{said}");
    }
    for baud in ["300", "1200", "2400", "9600", "115200"] {
        assert_accepted(&mut program(&["--check-config", "--source", &format!("/dev/ttyUSB0?baud={baud}")]));
    }
}

#[test]
fn every_option_is_also_a_variable() {
    let check = |name: &str, value: &str| {
        let mut command = program(&["--check-config"]);
        command.env(name, value);
        command
    };
    assert_eq!(assert_accepted(&mut check("HAN_EXPORTER_SOURCE", "sim:kaifa")), "1 meter: sim:kaifa\n");
    assert_eq!(assert_accepted(check("HAN_EXPORTER_SOURCE", "-").arg("--source=auto")), "1 meter: auto\n");
    assert_accepted(&mut check("HAN_EXPORTER_WEB_LISTEN_ADDRESS", ":1, [::1]:2 127.0.0.1:3"));
    assert_accepted(&mut check("HAN_EXPORTER_LOG_LEVEL", "DEBUG"));
    assert_accepted(
        check("HAN_EXPORTER_WEB_SYSTEMD_SOCKET", "false").env("HAN_EXPORTER_WEB_LISTEN_ADDRESS", ":1"),
    );
    for (name, value, words) in [
        ("HAN_EXPORTER_KEY_FILE", "/nowhere/key", "does not exist"),
        ("HAN_EXPORTER_AUTH_KEY_FILE", "/nowhere/key", "does not exist"),
        ("HAN_EXPORTER_WEB_CONFIG_FILE", "web.yml", "not supported yet"),
    ] {
        assert_rejected(&mut check(name, value), 78, &[name, value, words]);
    }
    assert_rejected(
        &mut check("HAN_EXPORTER_CONFIG_FILE", "/nowhere/file"),
        78,
        &["/nowhere/file does not exist"],
    );
    for (name, value, words) in [
        ("HAN_EXPORTER_KAMSTRUP_ENERGY", "1", "10Wh"),
        ("HAN_EXPORTER_MAX_AGE", "soon", "30s"),
        ("HAN_EXPORTER_MAX_AGE_REGISTERS", "soon", "2.5h"),
        ("HAN_EXPORTER_WEB_LISTEN_ADDRESS", ":1,x", "'x', which is not an address"),
        ("HAN_EXPORTER_WEB_TELEMETRY_PATH", "metrics", "/metrics"),
        ("HAN_EXPORTER_WEB_SYSTEMD_SOCKET", "maybe", "true or false"),
        ("HAN_EXPORTER_WEB_MAX_REQUESTS", "-1", "not a number"),
        ("HAN_EXPORTER_WEB_DISABLE_EXPORTER_METRICS", "maybe", "true or false"),
        ("HAN_EXPORTER_LOG_LEVEL", "loud", "debug, info, warn or error"),
        ("HAN_EXPORTER_LOG_FORMAT", "xml", "logfmt or json"),
    ] {
        assert_rejected(&mut check(name, value), 2, &[name, words]);
        assert_accepted(&mut check(name, ""));
    }
    let mut command = check("HAN_EXPORTER_CONFIG_FILE", "f.yml");
    assert_rejected(
        command.env("HAN_EXPORTER_SOURCE", "auto"),
        2,
        &["HAN_EXPORTER_SOURCE and HAN_EXPORTER_CONFIG_FILE exclude"],
    );
}

#[test]
fn the_environment_file_has_a_line_for_every_option() {
    let help = assert_accepted(&mut program(&["--help"]));
    let options = help.lines().filter_map(|line| line.trim_start().strip_prefix("--")?.split(' ').next());
    let mut expected: Vec<_> = options
        .filter(|name| *name != "check-config")
        .map(|name| format!("HAN_EXPORTER_{}", name.to_uppercase().replace(['.', '-'], "_")))
        .collect();
    let file = include_str!("../../systemd/han-exporter.default");
    let mut named: Vec<_> = file.lines().filter_map(|line| line.strip_prefix('#')?.split_once('=')).collect();
    named.retain(|(name, _)| name.starts_with("HAN_EXPORTER_"));
    let mut names: Vec<_> = named.iter().map(|(name, _)| (*name).to_owned()).collect();
    expected.sort();
    expected.dedup();
    names.sort();
    assert_eq!(names, expected);
    for (name, value) in named.iter().filter(|(name, _)| !name.ends_with("CONFIG_FILE")) {
        assert_accepted(program(&["--check-config"]).env(name, value.trim_matches('"')));
    }
    assert!(file.lines().all(|line| line.is_empty() || line.starts_with('#')));
}

#[test]
fn decode_reads_what_xxd_and_hexdump_print() {
    let folder = Folder::new("dumps");
    let bytes = han_exporter::hex::bytes(include_bytes!("../../fixtures/kaifa/list-1.hex")).into_owned();
    let row = |(index, row): (usize, &[u8]), style: fn(usize, &[u8], String) -> String| {
        let shown = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
        style(index * 16, row, row.iter().map(shown).collect())
    };
    let dump = |style| bytes.chunks(16).enumerate().map(|each| row(each, style)).collect::<String>();
    let xxd = dump(|offset, row, shown| {
        let pairs: Vec<String> =
            row.chunks(2).map(|pair| pair.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
        format!("{offset:08x}: {:39}  {shown}\n", pairs.join(" "))
    });
    let hexdump = dump(|offset, row, shown| {
        let halves: Vec<String> = row.chunks(8).map(han_exporter::hex::digits).collect();
        format!("{offset:08x}  {:48}  |{shown}|\n", halves.join("  "))
    });
    let hexdump = format!("{hexdump}{:08x}\n", bytes.len());
    let decoded = |name: &str, text: &[u8]| {
        assert_accepted(&mut program(&["decode", "--format", "json", &folder.write(name, text, 0o600)]))
    };
    let expected = decoded("raw", &bytes);
    assert_eq!(decoded("xxd", xxd.as_bytes()), expected, "{xxd}");
    assert_eq!(decoded("hexdump", hexdump.as_bytes()), expected, "{hexdump}");
}
