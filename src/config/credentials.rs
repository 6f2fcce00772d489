//! Where keys are: files that the user names, or credentials that systemd passes.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Error, key, options::KeyFiles};
use crate::{
    source::Source,
    wire::dlms::cipher::{Key, Keys},
};

/// The folder of the credentials that systemd passes to this process, if it passes any.
pub struct Credentials(Option<PathBuf>);

impl Credentials {
    /// The folder that `$CREDENTIALS_DIRECTORY` names.
    pub fn from_environment() -> Self {
        Self(std::env::var_os("CREDENTIALS_DIRECTORY").filter(|path| !path.is_empty()).map(PathBuf::from))
    }

    /// The key in a credential; `None` if systemd passed no such credential.
    pub fn find(&self, name: &str) -> Result<Option<Key>, String> {
        match self.path(name) {
            Some(path) if path.exists() => {
                read_key(&path).map(Some).map_err(|what| format!("credential {what}"))
            }
            _ => Ok(None),
        }
    }

    /// Whether systemd passed this credential.
    pub fn contains(&self, name: &str) -> bool {
        self.path(name).is_some_and(|path| path.exists())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.as_ref().map(|folder| folder.join(name))
    }

    #[cfg(test)]
    pub fn none() -> Self {
        Self(None)
    }
}

/// One of the two files that keys are read from.
pub struct KeyFile<'a> {
    /// The option that names it.
    pub option: &'static str,
    /// The systemd credential in its place.
    pub credential: &'static str,
    pub path: Option<&'a Path>,
}

impl KeyFiles {
    /// The file of the encryption key, then that of the authentication key.
    pub fn both(&self) -> [KeyFile<'_>; 2] {
        let [encryption, authentication] = [&self.key_file, &self.auth_key_file].map(Option::as_deref);
        [
            KeyFile { option: "key-file", credential: "han-key", path: encryption },
            KeyFile { option: "auth-key-file", credential: "han-auth-key", path: authentication },
        ]
    }

    /// The keys in these files, as `read` finds them.
    pub fn keys(
        &self,
        mut read: impl FnMut(&KeyFile<'_>) -> Result<Option<Key>, String>,
    ) -> Result<Keys, Error> {
        let [encryption, authentication] = self.both();
        let keys = read(&encryption).and_then(|encryption| together(encryption, read(&authentication)?));
        keys.map_err(Error::Configuration)
    }
}

/// Reads the key in a file; the error message begins with the path.
pub fn read_key(path: &Path) -> Result<Key, String> {
    key::read(path).map_err(|error| message(path, error))
}

/// Reads the key in a file that others may read too; that is reported beside the key.
pub fn read_exposed(path: &Path) -> Result<(Key, Option<String>), String> {
    let (key, exposed) = key::read_exposed(path).map_err(|error| message(path, error))?;
    Ok((key, exposed.map(|error| message(path, error))))
}

fn message(path: &Path, error: key::Error) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if error == key::Error::Unreadable(io::ErrorKind::NotFound) && key::is_key(name.trim()) {
        return format!(
            "'{}' is not a file: this is a key, put it into a file that only you can read and give its path",
            path.display()
        );
    }
    format!("'{}' {error}", path.display())
}

/// Joins the keys of a meter: an authentication key verifies what an encryption key decrypts, and is useless alone.
pub fn together(encryption: Option<Key>, authentication: Option<Key>) -> Result<Keys, String> {
    match (encryption, authentication) {
        (None, Some(_)) => Err("an authentication key is given without an encryption key; give both".into()),
        (encryption, authentication) => Ok(Keys { encryption, authentication }),
    }
}

/// The keys of the meter at a source: those given, or else those of a simulated meter, which are no secret.
pub fn of_source(source: &Source, given: Keys) -> Keys {
    match source {
        Source::Simulated(simulated) if given.encryption.is_none() => simulated.keys().unwrap_or_default(),
        _ => given,
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    const DIGITS: &str = "00112233445566778899aabbccddeeff\n";

    fn write(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn each_problem_has_its_own_sentence() {
        let folder = std::env::temp_dir().join(format!("han-exporter-credentials-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let credentials = Credentials(Some(folder.clone()));
        for (name, text, mode, words) in [
            ("exposed", DIGITS, 0o644, "is open to every user (mode 0644)"),
            ("writable", DIGITS, 0o602, "is open to every user (mode 0602)"),
            ("short", "0011", 0o600, "must contain 32 hexadecimal digits but contains 4"),
            ("long", &"ab".repeat(400), 0o600, "must contain 32 hexadecimal digits but contains 256"),
            ("words", "open sesame", 0o600, "and nothing else"),
        ] {
            write(&folder.join(name), text, mode);
            let what = credentials.find(name).unwrap_err();
            assert!(what.contains(words) && what.contains(name), "{what}");
            assert!(!what.contains("sesame") && !what.contains("0011223344"), "{what}");
        }
        write(&folder.join("han-key"), DIGITS, 0o640);
        let key = Key::new(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes());
        assert_eq!(credentials.find("han-key"), Ok(Some(key)));
        assert_eq!(credentials.find("han-auth-key"), Ok(None));
        assert!(credentials.contains("han-key") && !credentials.contains("han-auth-key"));
        assert!(read_key(&folder).is_err());
        fs::remove_dir_all(&folder).unwrap();
        assert!(read_key(&folder.join("gone")).unwrap_err().contains("does not exist"));
    }

    #[test]
    fn keys_that_are_given_replace_those_of_a_simulated_meter() {
        let of = |source: &str, given: &Keys| of_source(&source.parse().unwrap(), given.clone());
        let none = Keys::default();
        let given = Keys { encryption: Some(Key::new([7; 16])), authentication: None };
        for source in ["sim:smarty", "sim:e450?phases=1"] {
            assert!(of(source, &none).encryption.is_some() && of(source, &none).authentication.is_some());
            assert_eq!(of(source, &given), given);
        }
        for source in ["sim:kaifa", "sim:dsmr5", "sim:ehz", "auto", "tcp://h:1"] {
            assert_eq!((of(source, &none), of(source, &given)), (none.clone(), given.clone()), "{source}");
        }
    }
}
