//! What the doctor reports about keys: each way in which one can be missing, wrong or not needed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::fixture;

pub const ENCRYPTION: &str = "000102030405060708090A0B0C0D0E0F";
pub const AUTHENTICATION: &str = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
pub const OTHER: &str = "0123456789abcdef0123456789ABCDEF";

/// A folder of its own for each test, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("han-doctor-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    /// Examines bytes with these keys.
    fn examine(&self, bytes: &[u8], encryption: Option<&str>, authentication: Option<&str>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_han-exporter"));
        command.arg("doctor").arg(format!("file:{}?pace=max", self.write("capture", bytes)));
        for (option, key) in [("--key-file", encryption), ("--auth-key-file", authentication)] {
            if let Some(key) = key {
                command.args([option, &self.write(&option[2..], key.as_bytes())]);
            }
        }
        command.output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[track_caller]
fn assert_said(output: &Output, code: i32, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{text}");
    parts.iter().for_each(|part| assert!(text.contains(part), "{part}\nis not in\n{text}"));
    for key in [ENCRYPTION, AUTHENTICATION, OTHER] {
        assert!(!text.to_uppercase().contains(&key.to_uppercase()), "a key was shown: {text}");
    }
}

#[test]
fn reports_the_keys_of_messages_without_a_frame_too() {
    let folder = Folder::new("bare");
    for name in ["austria/steiermark-ciphered", "luxembourg/smarty-ciphered"] {
        let bytes = fixture::named(name).bytes;
        let said = |encryption, authentication, parts| {
            assert_said(&folder.examine(&bytes, encryption, authentication), 1, parts)
        };
        said(None, None, &["the meter encrypts", "--key-file FILE"]);
        said(Some(ENCRYPTION), None, &["authentication tag", "--auth-key-file"]);
        said(Some(OTHER), Some(AUTHENTICATION), &["the encryption key is wrong"]);
        said(Some(ENCRYPTION), Some(OTHER), &["the authentication key is wrong"]);
    }
    let no_tag = fixture::named("austria/steiermark-no-tag").bytes;
    assert_said(&folder.examine(&no_tag, Some(OTHER), None), 1, &["the encryption key is wrong"]);
}

#[test]
fn reports_each_wrong_key_with_its_fix() {
    let folder = Folder::new("fit");
    // With a tag: one frame. Without: blocks, whose first begins the message.
    let tag = fixture::named("landis-gyr/burgenland").bytes;
    let no_tag = fixture::named("landis-gyr/e570-blocks-ciphered").bytes;
    let tag_said = |encryption, authentication, parts| {
        assert_said(&folder.examine(&tag, encryption, authentication), 1, parts)
    };
    tag_said(None, None, &["the meter encrypts", "names Landis+Gyr", "--key-file FILE"]);
    tag_said(Some(ENCRYPTION), None, &["authentication tag", "--auth-key-file"]);
    tag_said(Some(OTHER), Some(AUTHENTICATION), &["the encryption key is wrong", "has its own keys"]);
    tag_said(Some(AUTHENTICATION), Some(ENCRYPTION), &["keys are swapped"]);
    tag_said(Some(ENCRYPTION), Some(OTHER), &["the authentication key is wrong", "GPK61"]);
    assert_said(&folder.examine(&no_tag, None, None), 1, &["the meter encrypts", "names Landis+Gyr"]);
    assert_said(&folder.examine(&no_tag, Some(OTHER), None), 1, &["the encryption key is wrong"]);
}

#[test]
fn prints_the_command_with_the_keys_that_work() {
    let folder = Folder::new("fits");
    for name in ["landis-gyr/burgenland", "kaifa/austria-mbus", "iskraemeco/described-14-ciphered"] {
        let bytes = fixture::named(name).bytes;
        let output = folder.examine(&bytes, Some(ENCRYPTION), Some(AUTHENTICATION));
        let start = format!("?pace=max' --key-file '{}/key-file'", folder.0.display());
        assert_said(&output, 0, &["all is well", "are encrypted, and the key decrypts them", &start]);
    }
}

#[test]
fn reports_a_repeated_message() {
    let folder = Folder::new("again");
    let bytes = fixture::named("landis-gyr/burgenland").bytes;
    let output = folder.examine(&bytes.repeat(3), Some(ENCRYPTION), Some(AUTHENTICATION));
    assert_said(&output, 0, &["Without a reading: 2 of 3 valid frames", "without a reading: replay"]);
}

#[test]
fn reports_a_key_that_is_not_needed() {
    let folder = Folder::new("needless");
    let bytes = fixture::named("landis-gyr/e360-described").bytes;
    let output = folder.examine(&bytes, Some(ENCRYPTION), None);
    assert_said(&output, 0, &["all is well", "not encrypted: the key is not needed"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("--key-file"));
}

#[test]
fn rejects_a_key_file_without_a_key_at_once() {
    let folder = Folder::new("none");
    for (key, sentence) in [("0011", "contains 4"), ("no key at all", "hexadecimal")] {
        let output = folder.examine(&[], Some(key), None);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{error}");
        assert!(error.contains("--key-file") && error.contains(sentence), "{error}");
    }
}
