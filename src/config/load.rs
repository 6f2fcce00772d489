//! What the typed options of the main job mean.

use std::path::Path;

use super::{
    Config, Error, Listen, Meter, ServeArgs, capacity,
    credentials::{self, Credentials},
    file::{self, File},
    options::{KeyFiles, ListenArgs, MeterArgs},
};
use crate::{
    platform::log,
    wire::dlms::{cipher::Keys, wipe::wipe_stack},
};

impl Config {
    /// Interprets the options and reads every file they name.
    pub fn load(args: &ServeArgs) -> Result<Self, Error> {
        let config = Self::load_with(args, &Credentials::from_environment());
        wipe_stack();
        config
    }

    fn load_with(args: &ServeArgs, credentials: &Credentials) -> Result<Self, Error> {
        let File { meters, allowed_hosts: of_file } = meters(args, credentials)?;
        capacity::check_files(&meters)?;
        let of_options = args.listen.allowed_host.iter().flat_map(|some| &some.0);
        Ok(Self {
            listen: listen(args)?,
            allowed_hosts: of_options.cloned().chain(of_file).collect(),
            meters,
            max_age_registers: args.meter.max_age_registers,
            web: args.web.clone(),
            log: log::Options { level: args.log.level, format: args.log.format },
        })
    }

    /// Whether there is a key of a meter.
    pub fn has_keys(&self) -> bool {
        self.meters.iter().any(|meter| meter.keys.encryption.is_some())
    }

    /// What is possible, but probably a mistake.
    pub fn doubts(&self) -> impl Iterator<Item = String> {
        self.meters.iter().filter_map(|meter| meter.source.doubt())
    }

    /// What `--check-config` reports of a valid configuration.
    pub fn summary(&self) -> String {
        let names: Vec<_> = self.meters.iter().map(Meter::title).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        let needs = capacity::memory(names.len()).map_or(String::new(), |needs| format!("; {needs}"));
        format!("{} meter{plural}: {}{needs}", names.len(), names.join(", "))
    }
}

impl Meter {
    fn title(&self) -> String {
        let encrypted = if self.keys.encryption.is_some() { " with a key" } else { "" };
        match &self.name {
            Some(name) => format!("{name}{encrypted}"),
            None => format!("{}{encrypted}", self.source),
        }
    }
}

fn listen(ServeArgs { listen, given, .. }: &ServeArgs) -> Result<Listen, Error> {
    let ListenArgs { listen_address, systemd_socket, web_config_file, .. } = listen;
    if let Some(path) = web_config_file {
        return Err(Error::Configuration(format!(
            "{} '{}': TLS and passwords are not supported yet; remove the option and put a reverse proxy in front",
            given.name("web.config.file"),
            path.display(),
        )));
    }
    match (systemd_socket, given.find("web.listen-address")) {
        (true, None) => Ok(Listen::Systemd),
        (true, Some(address)) => Err(Error::Usage(format!(
            "{} and {address} exclude each other; put the address into the .socket unit",
            given.name("web.systemd-socket"),
        ))),
        (false, _) => Ok(Listen::Addresses(listen_address.iter().flat_map(|some| some.0.clone()).collect())),
    }
}

/// The meters and further settings of the file, or the one meter of the options.
fn meters(args: &ServeArgs, credentials: &Credentials) -> Result<File, Error> {
    let MeterArgs { source, key_files, settings, .. } = &args.meter;
    if let Some(path) = &args.config_file {
        nothing_beside_the_file(args, path, credentials)?;
        return file::read(path, settings, credentials);
    }
    let keys = keys(args, key_files, credentials)?;
    let keys = credentials::of_source(source, keys).into();
    let meter = Meter { name: None, source: source.clone(), keys, settings: settings.clone() };
    Ok(File { meters: vec![meter], allowed_hosts: Vec::new() })
}

fn keys(args: &ServeArgs, key_files: &KeyFiles, credentials: &Credentials) -> Result<Keys, Error> {
    key_files.keys(|file| match file.path {
        Some(path) => credentials::read_key(path)
            .map(Some)
            .map_err(|what| format!("{} {what}", args.given.name(file.option))),
        None => credentials.find(file.credential),
    })
}

/// Rejects a source or a key beside a file that names several meters.
fn nothing_beside_the_file(args: &ServeArgs, file: &Path, credentials: &Credentials) -> Result<(), Error> {
    let key_files = args.meter.key_files.both();
    let mut options = ["source"].into_iter().chain(key_files.iter().map(|file| file.option));
    if let Some(option) = options.find_map(|option| args.given.find(option)) {
        return Err(Error::Usage(format!(
            "{option} and {} exclude each other; write it into the file, for each meter",
            args.given.name("config.file"),
        )));
    }
    match key_files.iter().find(|file| credentials.contains(file.credential)) {
        Some(key) => Err(Error::Configuration(format!(
            "credential {name} belongs to no meter of {}; call it {name}.NAME",
            file.display(),
            name = key.credential,
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{DecoderArgs, MeterSettings, Stop};
    use super::*;
    use crate::command::{Command, parse};
    use crate::http::HostName;
    use crate::hub::Limits;
    use crate::reading;

    fn args(words: &[&str]) -> Result<ServeArgs, Error> {
        match parse(["han-exporter"].iter().chain(words).map(Into::into)) {
            Ok(Command::Serve(args) | Command::CheckConfig(args)) => Ok(args),
            Err(Stop::Error(error)) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    fn load(words: &[&str]) -> Result<Config, Error> {
        Config::load_with(&args(words)?, &Credentials::none())
    }

    fn settings(energy_exponent: Option<i8>, max_age: Duration) -> MeterSettings {
        MeterSettings { decoder: DecoderArgs { settings: reading::Settings { energy_exponent } }, max_age }
    }

    fn addresses(words: &[&str]) -> Vec<String> {
        match load(words).unwrap().listen {
            Listen::Addresses(addresses) => addresses.iter().map(ToString::to_string).collect(),
            Listen::Systemd => vec!["systemd".into()],
        }
    }

    #[test]
    fn uses_the_defaults_without_options() {
        let config = load(&[]).unwrap();
        let [meter] = <[Meter; 1]>::try_from(config.meters.clone()).unwrap();
        assert_eq!((meter.name, meter.source.to_string().as_str()), (None, "auto"));
        assert_eq!(*meter.keys, Keys::default());
        let limits = Limits::default();
        assert_eq!(meter.settings, settings(None, limits.instant));
        assert_eq!(config.max_age_registers, limits.register);
        assert_eq!((config.web.telemetry_path.as_str(), config.web.max_requests), ("/metrics", 40));
        assert!(!config.web.disable_exporter_metrics);
        assert_eq!(config.log, log::Options::default());
        assert_eq!(addresses(&[]), [":10170"]);
        assert_eq!(config.summary(), "1 meter: auto");
        assert_eq!(load(&[]).unwrap(), config);
    }

    #[test]
    fn options_replace_the_defaults() {
        let words = "--source - --max-age=0 --max-age-registers 1h30m --kamstrup-energy 1Wh --log.level WARN --log.format=json \
                     --web.max-requests 0 --web.disable-exporter-metrics --web.telemetry-path=/m --web.systemd-socket";
        let config = load(&words.split_whitespace().collect::<Vec<_>>()).unwrap();
        assert_eq!(config.meters[0].source.to_string(), "-");
        assert_eq!(config.meters[0].settings, settings(Some(0), Duration::ZERO));
        assert_eq!(config.max_age_registers, Duration::from_secs(5400));
        assert_eq!(
            config.log,
            log::Options { level: log::level("warn").unwrap(), format: log::Format::Json }
        );
        assert_eq!(config.listen, Listen::Systemd);
        assert_eq!((config.web.telemetry_path.as_str(), config.web.max_requests), ("/m", 0));
        assert!(config.web.disable_exporter_metrics);
    }

    #[test]
    fn listens_on_every_address_given() {
        let twice = ["--web.listen-address=:1", "--web.listen-address", "[::1]:2, localhost:3 :4"];
        assert_eq!(addresses(&twice), [":1", "[::1]:2", "localhost:3", ":4"]);
    }

    #[test]
    fn allows_the_hosts_of_options_and_of_the_file() {
        let path = std::env::temp_dir().join(format!("han-exporter-hosts-{}.yml", std::process::id()));
        let file = "web: {allowed_hosts: [c.example, D.example]}\nmeters: [{name: a, source: auto}]";
        std::fs::write(&path, file).unwrap();
        let options = ["--web.allowed-host=a.example", "--web.allowed-host", "B.example. e.example"];
        let hosts = |words: &[&str]| load(words).unwrap().allowed_hosts;
        let expected =
            |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<HostName>>();
        assert_eq!(hosts(&options), expected(&["a.example", "b.example", "e.example"]));
        let with_file = [&options[..], &["--config.file", path.to_str().unwrap()]].concat();
        assert_eq!(
            hosts(&with_file),
            expected(&["a.example", "b.example", "e.example", "c.example", "d.example"])
        );
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn names_the_option_that_is_wrong() {
        let table: [(&[&str], &str, u8); 15] = [
            (&["--source", ""], "/dev/ttyUSB0", 2),
            (&["--max-age", "5"], "--max-age '5' is not a length of time", 2),
            (&["--max-age-registers", "0s"], "--max-age-registers '0s' must be longer than 0", 2),
            (
                &["--kamstrup-energy", "wh"],
                "--kamstrup-energy 'wh' is not a scale; write auto, 1Wh or 10Wh",
                2,
            ),
            (&["--log.level", "loud"], "--log.level 'loud' is not a level", 2),
            (&["--log.format", "xml"], "--log.format 'xml' is not a format", 2),
            (&["--web.listen-address", "80"], "--web.listen-address '80' is not an address", 2),
            (
                &["--web.listen-address", " , "],
                "--web.listen-address ' , ' contains '', which is not an address",
                2,
            ),
            (&["--web.allowed-host", "http://a.example"], "'http://a.example' is not the name of a host", 2),
            (&["--web.listen-address=:1", "--web.systemd-socket"], "exclude each other", 2),
            (&["--web.telemetry-path", ""], "--web.telemetry-path '' is not a path", 2),
            (&["--web.telemetry-path", "/-/ready"], "already has another meaning", 2),
            (&["--web.max-requests=-1"], "--web.max-requests '-1' is not a number", 2),
            (&["--web.config.file", "w.yml"], "not supported yet", 78),
            (
                &["--config.file", "/nowhere.yml", "--source", "auto"],
                "--source and --config.file exclude each other",
                2,
            ),
        ];
        for (words, expected, code) in table {
            let error = load(words).unwrap_err();
            assert!(error.to_string().contains(expected), "{words:?}: {error}");
            assert_eq!(error.exit_code(), code, "{words:?}");
        }
    }

    #[test]
    fn reads_its_files_again_each_time() {
        let path = std::env::temp_dir().join(format!("han-exporter-load-{}.yml", std::process::id()));
        let args = args(&["--config.file", path.to_str().unwrap()]).unwrap();
        let config = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Config::load_with(&args, &Credentials::none())
        };
        assert_eq!(config("meters: [{name: a, source: auto}]").unwrap().summary(), "1 meter: a");
        let two = "meters: [{name: a, source: auto}, {name: b, source: sim:kaifa}]";
        assert_eq!(config(two).unwrap().summary(), "2 meters: a, b");
        let error = config("metres: []").unwrap_err();
        assert!(error.to_string().starts_with(&format!("{}:1: unknown key", path.display())), "{error}");
        std::fs::remove_file(&path).unwrap();
        let error = Config::load_with(&args, &Credentials::none()).unwrap_err();
        assert_eq!(
            (error.to_string(), error.exit_code()),
            (format!("{} does not exist; check the path", path.display()), 78)
        );
    }
}
