//! Where keys lie: files the user names, or credentials that systemd hands over.

use std::path::{Path, PathBuf};

use super::key;
use crate::{
    source::Source,
    wire::dlms::cipher::{Key, Keys},
};

/// The folder of the credentials that systemd gave this process, if it gave any.
pub struct Credentials(Option<PathBuf>);

impl Credentials {
    /// The folder `$CREDENTIALS_DIRECTORY` names.
    pub fn from_environment() -> Self {
        Self(std::env::var_os("CREDENTIALS_DIRECTORY").filter(|path| !path.is_empty()).map(PathBuf::from))
    }

    /// The key of a credential; a credential that was not handed over is none.
    pub fn find(&self, name: &str) -> Result<Option<Key>, String> {
        match self.path(name) {
            Some(path) if path.exists() => read(&path).map(Some).map_err(|what| format!("credential {what}")),
            _ => Ok(None),
        }
    }

    /// Whether a credential was handed over.
    pub fn holds(&self, name: &str) -> bool {
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

/// Reads the key of a file; the complaint begins with the path.
pub fn read(path: &Path) -> Result<Key, String> {
    key::read(path).map_err(|error| complaint(path, error))
}

/// The same from a file that others may read, which is told beside the key.
pub fn read_exposed(path: &Path) -> Result<(Key, Option<String>), String> {
    let (key, exposed) = key::read_exposed(path).map_err(|error| complaint(path, error))?;
    Ok((key, exposed.map(|error| complaint(path, error))))
}

fn complaint(path: &Path, error: key::Error) -> String {
    format!("'{}' {error}", path.display())
}

/// An authentication key proves what an encryption key reveals; alone it has no use.
pub fn together(encryption: Option<Key>, authentication: Option<Key>) -> Result<Keys, String> {
    match (encryption, authentication) {
        (None, Some(_)) => Err("an authentication key is given without an encryption key; give both".into()),
        (encryption, authentication) => Ok(Keys { encryption, authentication }),
    }
}

/// The keys of a source's meter: those that are given; without any, those of a simulated one, which are no secret.
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
    fn each_trouble_has_its_own_sentence() {
        let folder = std::env::temp_dir().join(format!("han-exporter-credentials-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let credentials = Credentials(Some(folder.clone()));
        for (name, text, mode, words) in [
            ("exposed", DIGITS, 0o644, "is open to every user (mode 0644)"),
            ("writable", DIGITS, 0o602, "is open to every user (mode 0602)"),
            ("short", "0011", 0o600, "must hold 32 hexadecimal digits and holds 4"),
            ("long", &"ab".repeat(400), 0o600, "must hold 32 hexadecimal digits and holds 256"),
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
        assert!(credentials.holds("han-key") && !credentials.holds("han-auth-key"));
        assert!(read(&folder).unwrap_err().contains("is open to every user") || read(&folder).is_err());
        fs::remove_dir_all(&folder).unwrap();
        assert!(read(&folder.join("gone")).unwrap_err().contains("does not exist"));
    }

    #[test]
    fn given_keys_go_before_those_of_a_simulated_meter() {
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
