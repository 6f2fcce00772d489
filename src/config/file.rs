//! The file that names several meters.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::{
    Error, KamstrupEnergy, Meter,
    credentials::{self, Credentials},
    parse_source,
    yaml::{self, Fault, Node},
};
use crate::{duration, wire::dlms::cipher::Key};

/// More than any number of meters needs.
const LARGEST: u64 = 64 * 1024;

const KEYS: [&str; 6] = ["name", "source", "key_file", "auth_key_file", "kamstrup_energy", "max_age"];

/// What holds for a meter that says nothing else.
pub struct Defaults<'a> {
    pub kamstrup_energy: KamstrupEnergy,
    pub max_age: std::time::Duration,
    pub credentials: &'a Credentials,
}

/// Reads the meters of a file.
pub fn read(path: &Path, defaults: &Defaults) -> Result<Vec<Meter>, Error> {
    let place = path.display();
    let text = text(path).map_err(|error| Error::Configuration(format!("{place} {error}")))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    meters(&text, folder, defaults).map_err(|fault| {
        let Fault { line, what } = fault;
        Error::Configuration(if line == 0 {
            format!("{place}: {what}")
        } else {
            format!("{place}:{line}: {what}")
        })
    })
}

fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "does not exist; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "may not be read by this user; change its owner or mode".to_owned()
        }
        kind => format!("cannot be read ({kind}); check the path"),
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {LARGEST} bytes; is it the right file?"));
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text; is it the right file?".to_owned())
}

fn meters(text: &str, folder: &Path, defaults: &Defaults) -> Result<Vec<Meter>, Fault> {
    let needed = "needs 'meters:' with at least one '- name: …' and 'source: …' under it";
    let document = yaml::read(text)?.ok_or_else(|| fault(0, format!("is empty; it {needed}")))?;
    let [list] = document.mapping("the file", ["meters"])?;
    let list = list.ok_or_else(|| fault(document.line, format!("the file {needed}")))?.list("'meters'")?;
    let mut meters: Vec<Meter> = Vec::with_capacity(list.len());
    for node in list {
        let meter = meter(node, folder, defaults)?;
        distinct(&meters, &meter, node.line)?;
        meters.push(meter);
    }
    Ok(meters)
}

fn meter(node: &Node, folder: &Path, defaults: &Defaults) -> Result<Meter, Fault> {
    let [name, source, key, auth_key, energy, max_age] = node.mapping("a meter", KEYS)?;
    let name = name.ok_or_else(|| fault(node.line, "this meter has no name; add 'name: …'"))?;
    let source = source.ok_or_else(|| fault(node.line, "this meter has no source; add 'source: …'"))?;
    let name = value(name, "name", |text| checked_name(text).map(str::to_owned))?;
    let credential = |kind: &str| defaults.credentials.find(&format!("{kind}.{name}"));
    let key = secret(key, "key_file", folder, || credential("han-key"))?;
    let auth_key = secret(auth_key, "auth_key_file", folder, || credential("han-auth-key"))?;
    let source = value(source, "source", parse_source)?;
    let keys = credentials::together(key, auth_key).map_err(|what| fault(node.line, what))?;
    Ok(Meter {
        keys: credentials::of_source(&source, keys),
        source,
        kamstrup_energy: optional(energy, "kamstrup_energy", str::parse, defaults.kamstrup_energy)?,
        max_age: optional(max_age, "max_age", duration::parse, defaults.max_age)?,
        name: Some(name),
    })
}

/// The key of a file named in the mapping, relative to its folder, else the meter's systemd credential.
fn secret(
    node: Option<&Node>,
    key: &str,
    folder: &Path,
    credential: impl FnOnce() -> Result<Option<Key>, String>,
) -> Result<Option<Key>, Fault> {
    let Some(node) = node else { return credential().map_err(|what| fault(0, what)) };
    let path = folder.join(node.text(&format!("'{key}'"))?);
    let read = credentials::read(&path).map_err(|what| fault(node.line, format!("{key} {what}")))?;
    Ok(Some(read))
}

/// Two meters of one name would share their series, two of one adapter would share its bytes.
fn distinct(meters: &[Meter], new: &Meter, line: usize) -> Result<(), Fault> {
    let name = new.name.as_deref().unwrap_or_default();
    if meters.iter().any(|meter| meter.name == new.name) {
        return Err(fault(line, format!("a second meter is named '{name}'; names must differ")));
    }
    match meters.iter().find(|meter| meter.source.rivals(&new.source)) {
        Some(other) => {
            let other = other.name.as_deref().unwrap_or_default();
            Err(fault(
                line,
                format!("meters '{other}' and '{name}' have the same source; each needs its own"),
            ))
        }
        None => Ok(()),
    }
}

fn checked_name(text: &str) -> Result<&str, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if text.is_empty() || text.len() > 64 || !text.chars().all(plain) {
        return Err("is not a name; use up to 64 letters, digits, '_', '.' and '-'".into());
    }
    Ok(text)
}

fn optional<T>(
    node: Option<&Node>,
    key: &str,
    read: impl Fn(&str) -> Result<T, String>,
    usual: T,
) -> Result<T, Fault> {
    node.map_or(Ok(usual), |node| value(node, key, read))
}

fn value<T>(node: &Node, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Fault> {
    let text = node.text(&format!("'{key}'"))?;
    read(text).map_err(|what| fault(node.line, format!("{key} '{text}' {what}")))
}

fn fault(line: usize, what: impl Into<String>) -> Fault {
    Fault { line, what: what.into() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wire::dlms::cipher::Keys;

    fn judge(text: &str) -> Result<Vec<Meter>, (usize, String)> {
        let credentials = Credentials::none();
        let max_age = Duration::from_secs(30);
        let defaults =
            Defaults { kamstrup_energy: KamstrupEnergy::TenWh, max_age, credentials: &credentials };
        meters(text, Path::new("/nowhere"), &defaults).map_err(|fault| (fault.line, fault.what))
    }

    #[test]
    fn takes_what_a_meter_says_and_defaults_for_the_rest() {
        let text = "meters:\n- name: house\n  source: auto\n- {name: cabin.2, source: 'tcp://10.0.0.7:2001', kamstrup_energy: 1Wh, max_age: 2m}\n";
        let [house, cabin] = <[Meter; 2]>::try_from(judge(text).unwrap()).unwrap();
        assert_eq!((house.name.as_deref(), house.source.to_string().as_str()), (Some("house"), "auto"));
        assert_eq!((house.kamstrup_energy, house.max_age), (KamstrupEnergy::TenWh, Duration::from_secs(30)));
        assert_eq!(
            (cabin.name.as_deref(), cabin.source.to_string().as_str()),
            (Some("cabin.2"), "tcp://10.0.0.7:2001")
        );
        assert_eq!((cabin.kamstrup_energy, cabin.max_age), (KamstrupEnergy::Wh, Duration::from_secs(120)));
        assert_eq!((house.keys, cabin.keys), (Keys::default(), Keys::default()));
    }

    #[test]
    fn says_which_line_is_wrong_and_what_would_be_right() {
        let table: [(&str, usize, &str); 18] = [
            ("", 0, "is empty; it needs 'meters:'"),
            ("# later\n", 0, "is empty"),
            ("- a\n", 1, "allowed keys: meters"),
            ("meter: 1\n", 1, "unknown key 'meter' in the file; allowed keys: meters"),
            ("{}\n", 1, "needs 'meters:'"),
            ("meters:\n", 1, "at least one"),
            ("meters: []\n", 1, "at least one"),
            ("meters:\n- name: a\n", 2, "no source"),
            ("meters:\n- source: auto\n", 2, "no name"),
            (
                "meters:\n- name: a\n  sorce: auto\n",
                3,
                "unknown key 'sorce' in a meter; allowed keys: name, source, key_file",
            ),
            ("meters:\n- name: a\n  source: auto\n  name: b\n", 4, "key 'name' stands twice"),
            ("meters:\n- name: a b\n  source: auto\n", 2, "'a b' is not a name"),
            ("meters:\n- name: a\n  source:\n", 3, "'source' has no value"),
            (
                "meters:\n- {name: a, source: auto}\n- {name: a, source: sim:kaifa}\n",
                3,
                "second meter is named 'a'",
            ),
            (
                "meters:\n- {name: a, source: auto}\n- {name: b, source: auto}\n",
                3,
                "'a' and 'b' have the same source",
            ),
            (
                "meters:\n- {name: a, source: /dev/ttyUSB0}\n- {name: b, source: '/dev/ttyUSB0?protocol=iec'}\n",
                3,
                "'a' and 'b' have the same source",
            ),
            ("meters:\n- name: a\n  source: auto\n  max_age: 5\n", 4, "max_age '5' is not a length of time"),
            ("meters:\n- name: a\n  source: auto\n  kamstrup_energy: 5Wh\n", 4, "auto, 1Wh or 10Wh"),
        ];
        for (text, line, words) in table {
            let (at, what) = judge(text).unwrap_err();
            assert!(at == line && what.contains(words), "{text:?}: {at}: {what}");
        }
    }

    #[test]
    fn lets_several_simulated_meters_be_the_same() {
        assert_eq!(
            judge("meters:\n- {name: a, source: sim:kaifa}\n- {name: b, source: sim:kaifa}\n").unwrap().len(),
            2
        );
    }

    #[test]
    fn complains_about_keys_by_their_path() {
        let (line, what) = judge("meters:\n- name: a\n  source: auto\n  key_file: k\n").unwrap_err();
        assert_eq!((line, what.as_str()), (4, "key_file '/nowhere/k' does not exist; check the path"));
    }
}
