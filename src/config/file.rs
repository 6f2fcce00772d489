//! The file that names several meters.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{self, Read},
    path::Path,
};

use super::{
    DecoderArgs, Error, Meter, MeterSettings,
    credentials::{self, Credentials},
    input, options,
    yaml::{self, Fault, Field, Node, fault},
};
use crate::{http::HostName, source::duration, wire::dlms::cipher::Key};

/// The size in bytes of the largest file that is read: some ten thousand meters.
const LARGEST: u64 = 1024 * 1024;

/// What a file says.
pub struct File {
    pub meters: Vec<Meter>,
    /// Further names under which browsers may ask.
    pub allowed_hosts: Vec<HostName>,
}

/// Reads a file; `defaults` are the settings of a meter that sets none.
pub fn read(path: &Path, defaults: &MeterSettings, credentials: &Credentials) -> Result<File, Error> {
    let place = path.display();
    let text = text(path).map_err(|error| Error::Configuration(format!("{place} {error}")))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let context = Context { folder, defaults, credentials };
    context.file(&text).map_err(|fault| {
        let Fault { line, what } = fault;
        let line = if line == 0 { String::new() } else { format!("{line}:") };
        Error::Configuration(format!("{place}:{line} {what}"))
    })
}

fn text(path: &Path) -> Result<String, String> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "does not exist; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => "cannot be read by this user; change its owner or mode".to_owned(),
        kind => format!("cannot be read ({kind}); check the path"),
    };
    let file = input::open(path).map_err(unreadable)?;
    // It is read again at each reload, which a pipe does not allow.
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err("is no regular file; put the meters into one".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {LARGEST} bytes; is it the right file?"));
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text; is it the right file?".to_owned())
}

/// What the meaning of a file depends on besides its text.
struct Context<'a> {
    /// The folder of the file: paths in it are relative to this.
    folder: &'a Path,
    defaults: &'a MeterSettings,
    credentials: &'a Credentials,
}

impl Context<'_> {
    fn file(&self, text: &str) -> Result<File, Fault> {
        let needed = "needs 'meters:' with at least one '- name: …' and 'source: …' under it";
        let document = yaml::read(text)?.ok_or_else(|| fault(0, format!("is empty; it {needed}")))?;
        let [list, web] = document.mapping("the file", ["meters", "web"])?;
        let list = list.ok_or_else(|| document.fault(format!("the file {needed}")))?;
        let nodes = list.node.list("'meters'")?;
        let meters = nodes.iter().map(|node| self.meter(node)).collect::<Result<Vec<_>, _>>()?;
        distinct(nodes.iter().zip(&meters))?;
        Ok(File { meters, allowed_hosts: web.map_or(Ok(Vec::new()), allowed_hosts)? })
    }

    fn meter(&self, node: &Node) -> Result<Meter, Fault> {
        let [name, source, key_file, auth_key_file, energy_scale, max_age] = node.mapping(
            "a meter",
            ["name", "source", "key_file", "auth_key_file", "kamstrup_energy", "max_age"],
        )?;
        let name = name.ok_or_else(|| node.fault("this meter has no name; add 'name: …'"))?;
        let source = source.ok_or_else(|| node.fault("this meter has no source; add 'source: …'"))?;
        let name = name.read(checked_name)?;
        let encryption = self.key(key_file, "han-key", &name)?;
        let authentication = self.key(auth_key_file, "han-auth-key", &name)?;
        let source = source.read(options::source)?;
        let keys = credentials::together(encryption, authentication).map_err(|what| node.fault(what))?;
        let MeterSettings { decoder, max_age: usual_max_age } = *self.defaults;
        Ok(Meter {
            keys: credentials::of_source(&source, keys).into(),
            source,
            settings: MeterSettings {
                decoder: DecoderArgs {
                    settings: optional(energy_scale, options::energy_scale, decoder.settings)?,
                },
                max_age: optional(max_age, duration::parse, usual_max_age)?,
            },
            name: Some(name),
        })
    }

    /// The key in the file that the mapping names, or else in the meter's systemd credential.
    fn key(&self, file: Option<Field<'_>>, credential: &str, meter: &str) -> Result<Option<Key>, Fault> {
        match file {
            Some(field) => {
                let key = credentials::read_key(&self.folder.join(field.text()?));
                key.map(Some).map_err(|what| field.node.fault(format!("{} {what}", field.key)))
            }
            None => self.credentials.find(&format!("{credential}.{meter}")).map_err(|what| fault(0, what)),
        }
    }
}

fn allowed_hosts(web: Field<'_>) -> Result<Vec<HostName>, Fault> {
    let [hosts] = web.node.mapping("'web'", ["allowed_hosts"])?;
    let Some(hosts) = hosts else { return Ok(Vec::new()) };
    let names = hosts.node.list("'allowed_hosts'")?;
    names.iter().map(|node| Field { key: hosts.key, node }.read(str::parse)).collect()
}

/// Rejects a meter with the name of another, whose series it would share, or with its source, whose bytes it would share.
fn distinct<'a>(meters: impl Iterator<Item = (&'a Node, &'a Meter)>) -> Result<(), Fault> {
    let (mut names, mut sources) = (BTreeSet::new(), BTreeMap::new());
    for (node, meter) in meters {
        let name = meter.name.as_deref().unwrap_or_default();
        if !names.insert(name) {
            return Err(node.fault(format!("a second meter is named '{name}'; names must differ")));
        }
        let other = meter.source.exclusive().and_then(|source| sources.insert(source, name));
        if let Some(other) = other {
            let same = format!("meters '{other}' and '{name}' have the same source; each needs its own");
            return Err(node.fault(same));
        }
    }
    Ok(())
}

fn checked_name(text: &str) -> Result<String, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if text.is_empty() || text.len() > 64 || !text.chars().all(is_plain) {
        return Err("is not a name; use up to 64 letters, digits, '_', '.' and '-'");
    }
    Ok(text.to_owned())
}

fn optional<T, E: fmt::Display>(
    field: Option<Field<'_>>,
    read: impl Fn(&str) -> Result<T, E>,
    default: T,
) -> Result<T, Fault> {
    field.map_or(Ok(default), |field| field.read(read))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::reading;
    use crate::wire::dlms::cipher::Keys;

    const DEFAULTS: MeterSettings = settings(Some(1), 30);

    const fn settings(energy_exponent: Option<i8>, max_age: u64) -> MeterSettings {
        let decoder = DecoderArgs { settings: reading::Settings { energy_exponent } };
        MeterSettings { decoder, max_age: Duration::from_secs(max_age) }
    }

    fn read(text: &str) -> Result<Vec<Meter>, (usize, String)> {
        let credentials = Credentials::none();
        let folder = Path::new("/nowhere");
        let context = Context { folder, defaults: &DEFAULTS, credentials: &credentials };
        context.file(text).map(|file| file.meters).map_err(|fault| (fault.line, fault.what))
    }

    #[test]
    fn uses_the_defaults_for_what_a_meter_does_not_set() {
        let text = "meters:\n- name: house\n  source: auto\n- {name: cabin.2, source: 'tcp://10.0.0.7:2001', kamstrup_energy: 1Wh, max_age: 2m}\n";
        let [house, cabin] = <[Meter; 2]>::try_from(read(text).unwrap()).unwrap();
        assert_eq!((house.name.as_deref(), house.source.to_string().as_str()), (Some("house"), "auto"));
        assert_eq!(house.settings, DEFAULTS);
        assert_eq!(
            (cabin.name.as_deref(), cabin.source.to_string().as_str()),
            (Some("cabin.2"), "tcp://10.0.0.7:2001")
        );
        assert_eq!(cabin.settings, settings(Some(0), 120));
        assert_eq!((house.keys, cabin.keys), (Keys::default().into(), Keys::default().into()));
    }

    #[test]
    fn reports_the_wrong_line_and_what_would_be_right() {
        let table: [(&str, usize, &str); 21] = [
            ("", 0, "is empty; it needs 'meters:'"),
            ("# later\n", 0, "is empty"),
            ("- a\n", 1, "allowed keys: meters, web"),
            ("meter: 1\n", 1, "unknown key 'meter' in the file; allowed keys: meters, web"),
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
            ("meters:\n- name: a\n  source: auto\n  name: b\n", 4, "key 'name' is repeated"),
            ("meters:\n- {name: a, source: auto}\nweb:\n", 3, "'web' must consist of 'key: value'"),
            (
                "meters:\n- {name: a, source: auto}\nweb: {allowed_hosts: }\n",
                3,
                "'allowed_hosts' must be a list",
            ),
            (
                "meters:\n- {name: a, source: auto}\nweb:\n  allowed_hosts:\n  - 'a:80'\n",
                5,
                "allowed_hosts 'a:80' is not the name of a host",
            ),
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
            let (at, what) = read(text).unwrap_err();
            assert!(at == line && what.contains(words), "{text:?}: {at}: {what}");
        }
    }

    #[test]
    fn allows_several_meters_with_the_same_simulated_source() {
        assert_eq!(
            read("meters:\n- {name: a, source: sim:kaifa}\n- {name: b, source: sim:kaifa}\n").unwrap().len(),
            2
        );
    }

    #[test]
    fn names_the_path_of_a_key_that_cannot_be_read() {
        let (line, what) = read("meters:\n- name: a\n  source: auto\n  key_file: k\n").unwrap_err();
        assert_eq!((line, what.as_str()), (4, "key_file '/nowhere/k' does not exist; check the path"));
    }
}
