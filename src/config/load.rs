//! What the typed options of the main job mean.

use std::path::{Path, PathBuf};

use super::{
    Args, Config, Error, Listen, ListenAddress, Meter, Web,
    credentials::{self, Credentials},
    file::{self, Defaults},
    parse_source,
};
use crate::{duration, platform::log, wire::dlms::cipher::Key};

/// Paths that already have a meaning.
const TAKEN: [&str; 3] = ["/", "/-/healthy", "/-/ready"];

impl Config {
    /// Interprets the options and reads every file they name.
    pub fn load(args: &Args) -> Result<Self, Error> {
        Self::load_with(args, &Credentials::from_environment())
    }

    fn load_with(args: &Args, credentials: &Credentials) -> Result<Self, Error> {
        let log = args.log()?;
        let web = args.web()?;
        let max_age_registers = args.read("max-age-registers", &args.max_age_registers, duration::parse)?;
        if max_age_registers.is_zero() {
            return Err(Error::Usage(format!("{} must be more than 0", args.called("max-age-registers"))));
        }
        Ok(Self { meters: args.meters(credentials)?, max_age_registers, web, log })
    }

    /// What `--check-config` says about a right configuration.
    pub fn summary(&self) -> String {
        let names: Vec<_> = self.meters.iter().map(Meter::title).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        format!("{} meter{plural}: {}", names.len(), names.join(", "))
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

impl Args {
    /// Reads the text of an option; the complaint names the option as the user gave it.
    fn read<T>(
        &self,
        option: &str,
        text: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Error> {
        read(text).map_err(|what| Error::Usage(format!("{} '{text}' {what}", self.called(option))))
    }

    fn log(&self) -> Result<log::Options, Error> {
        Ok(log::Options {
            level: self.read("log.level", &self.log_level, log::level)?,
            format: self.read("log.format", &self.log_format, str::parse)?,
        })
    }

    fn web(&self) -> Result<Web, Error> {
        if let Some(path) = &self.web_config_file {
            let option = self.called("web.config.file");
            let path = path.display();
            let advice = "remove the option and put a reverse proxy in front";
            return Err(Error::Configuration(format!(
                "{option} '{path}': TLS and passwords are not supported yet; {advice}"
            )));
        }
        Ok(Web {
            listen: self.listen()?,
            telemetry_path: self.read("web.telemetry-path", &self.web_telemetry_path, telemetry_path)?,
            max_requests: self.read("web.max-requests", &self.web_max_requests, |text| {
                text.parse().map_err(|_| "is not a number; write 0 for no limit".into())
            })?,
            disable_exporter_metrics: self.web_disable_exporter_metrics,
        })
    }

    fn listen(&self) -> Result<Listen, Error> {
        let given = self.web_listen_address.iter().flat_map(|text| text.split([',', ' ', '\t']));
        let mut addresses = Vec::new();
        for text in given.filter(|text| !text.is_empty()) {
            addresses.push(self.read("web.listen-address", text, str::parse::<ListenAddress>)?);
        }
        let option = self.called("web.listen-address");
        match (self.web_systemd_socket, addresses.is_empty(), self.web_listen_address.is_empty()) {
            (true, _, true) => Ok(Listen::Systemd),
            (true, ..) => {
                let socket = self.called("web.systemd-socket");
                Err(Error::Usage(format!(
                    "{socket} and {option} exclude each other; put the address into the .socket unit"
                )))
            }
            (false, true, true) => Ok(Listen::Addresses(vec![ListenAddress::usual()])),
            (false, true, false) => Err(Error::Usage(format!("{option} is empty; write it like :10170"))),
            (false, false, _) => Ok(Listen::Addresses(addresses)),
        }
    }

    fn meters(&self, credentials: &Credentials) -> Result<Vec<Meter>, Error> {
        let kamstrup_energy = self.read("kamstrup-energy", &self.kamstrup_energy, str::parse)?;
        let max_age = self.read("max-age", &self.max_age, duration::parse)?;
        if let Some(path) = &self.config_file {
            self.nothing_beside_the_file(path, credentials)?;
            return file::read(path, &Defaults { kamstrup_energy, max_age, credentials });
        }
        let source = self.read("source", self.source.as_deref().unwrap_or("auto"), parse_source)?;
        let key = self.key("key-file", self.key_file.as_ref(), "han-key", credentials)?;
        let auth_key = self.key("auth-key-file", self.auth_key_file.as_ref(), "han-auth-key", credentials)?;
        let keys = credentials::together(key, auth_key).map_err(Error::Configuration)?;
        let keys = credentials::of_source(&source, keys);
        Ok(vec![Meter { name: None, source, keys, kamstrup_energy, max_age }])
    }

    fn nothing_beside_the_file(&self, file: &Path, credentials: &Credentials) -> Result<(), Error> {
        let given = [
            ("source", self.source.is_some()),
            ("key-file", self.key_file.is_some()),
            ("auth-key-file", self.auth_key_file.is_some()),
        ];
        if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
            let (option, file) = (self.called(option), self.called("config.file"));
            return Err(Error::Usage(format!(
                "{option} and {file} exclude each other; write it into the file, for each meter"
            )));
        }
        match ["han-key", "han-auth-key"].iter().find(|name| credentials.holds(name)) {
            Some(name) => {
                let file = file.display();
                Err(Error::Configuration(format!(
                    "credential {name} belongs to no meter of {file}; call it {name}.NAME"
                )))
            }
            None => Ok(()),
        }
    }

    fn key(
        &self,
        option: &str,
        path: Option<&PathBuf>,
        name: &str,
        credentials: &Credentials,
    ) -> Result<Option<Key>, Error> {
        match path {
            Some(path) => {
                credentials::read(path).map(Some).map_err(|what| format!("{} {what}", self.called(option)))
            }
            None => credentials.find(name),
        }
        .map_err(Error::Configuration)
    }
}

fn telemetry_path(text: &str) -> Result<String, String> {
    if TAKEN.contains(&text) {
        return Err("already has another meaning; choose another path, like /metrics".into());
    }
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '%' | '"' | '<' | '>');
    match text.strip_prefix('/') {
        Some(rest) if rest.chars().all(plain) => Ok(text.to_owned()),
        _ => Err("is not a path; write it like /metrics".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Command, KamstrupEnergy, Stop, parse};
    use super::*;
    use crate::wire::dlms::cipher::Keys;

    fn args(words: &[&str]) -> Args {
        match parse(["han-exporter"].iter().chain(words).map(Into::into)) {
            Ok(Command::Serve(args) | Command::CheckConfig(args)) => args,
            other => panic!("{other:?}"),
        }
    }

    fn load(words: &[&str]) -> Result<Config, Error> {
        Config::load_with(&args(words), &Credentials::none())
    }

    fn addresses(words: &[&str]) -> Vec<String> {
        match load(words).unwrap().web.listen {
            Listen::Addresses(addresses) => addresses.iter().map(ToString::to_string).collect(),
            Listen::Systemd => vec!["systemd".into()],
        }
    }

    #[test]
    fn without_options_the_defaults_hold() {
        let config = load(&[]).unwrap();
        let [meter] = <[Meter; 1]>::try_from(config.meters.clone()).unwrap();
        assert_eq!((meter.name, meter.source.to_string().as_str()), (None, "auto"));
        assert_eq!(meter.keys, Keys::default());
        assert_eq!((meter.kamstrup_energy, meter.max_age), (KamstrupEnergy::Auto, Duration::from_secs(30)));
        assert_eq!(config.max_age_registers, Duration::from_secs(9000));
        assert_eq!((config.web.telemetry_path.as_str(), config.web.max_requests), ("/metrics", 40));
        assert!(!config.web.disable_exporter_metrics);
        assert_eq!(config.log, log::Options::default());
        assert_eq!(addresses(&[]), [":10170"]);
        assert_eq!(config.summary(), "1 meter: auto");
        assert_eq!(load(&[]).unwrap(), config);
    }

    #[test]
    fn options_say_otherwise() {
        let words = "--source - --max-age=0 --max-age-registers 1h30m --kamstrup-energy 1Wh --log.level WARN --log.format=json \
                     --web.max-requests 0 --web.disable-exporter-metrics --web.telemetry-path=/m --web.systemd-socket";
        let config = load(&words.split_whitespace().collect::<Vec<_>>()).unwrap();
        assert_eq!(
            (config.meters[0].source.to_string().as_str(), config.meters[0].max_age),
            ("-", Duration::ZERO)
        );
        assert_eq!(config.meters[0].kamstrup_energy, KamstrupEnergy::Wh);
        assert_eq!(config.max_age_registers, Duration::from_secs(5400));
        assert_eq!(
            config.log,
            log::Options { level: log::level("warn").unwrap(), format: log::Format::Json }
        );
        assert_eq!(config.web.listen, Listen::Systemd);
        assert_eq!((config.web.telemetry_path.as_str(), config.web.max_requests), ("/m", 0));
        assert!(config.web.disable_exporter_metrics);
    }

    #[test]
    fn listens_on_every_address_given() {
        let twice = ["--web.listen-address=:1", "--web.listen-address", "[::1]:2, localhost:3 :4"];
        assert_eq!(addresses(&twice), [":1", "[::1]:2", "localhost:3", ":4"]);
    }

    #[test]
    fn complains_about_the_option_that_is_wrong() {
        let table: [(&[&str], &str, u8); 14] = [
            (&["--source", ""], "/dev/ttyUSB0", 2),
            (&["--max-age", "5"], "--max-age '5' is not a length of time", 2),
            (&["--max-age-registers", "0s"], "--max-age-registers must be more than 0", 2),
            (
                &["--kamstrup-energy", "wh"],
                "--kamstrup-energy 'wh' is not a scale; write auto, 1Wh or 10Wh",
                2,
            ),
            (&["--log.level", "loud"], "--log.level 'loud' is not a level", 2),
            (&["--log.format", "xml"], "--log.format 'xml' is not a format", 2),
            (&["--web.listen-address", "80"], "--web.listen-address '80' is not an address", 2),
            (&["--web.listen-address", " , "], "--web.listen-address is empty", 2),
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
    fn reads_its_files_anew_each_time() {
        let path = std::env::temp_dir().join(format!("han-exporter-load-{}.yml", std::process::id()));
        let args = args(&["--config.file", path.to_str().unwrap()]);
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

    #[test]
    fn nothing_goes_beside_another_command() {
        let stop = parse(["han-exporter", "--check-config", "decode"].map(Into::into)).unwrap_err();
        assert!(matches!(stop, Stop::Error(Error::Usage(_))));
    }
}
