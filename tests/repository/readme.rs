//! The README says what the program knows: its tables are made from the program's own, its commands and links hold.
//!
//! `BLESS=1 cargo test --test repository readme` writes the tables anew; look at the difference before you keep it.

use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use han_exporter::config::{self, Stop};
use han_exporter::decoder::{Decoder, Outcome};
use han_exporter::hex;
use han_exporter::hub::snapshot::{Limits, Snapshot};
use han_exporter::meter::{FAMILIES, Kind, LISTS};
use han_exporter::outlet::prometheus::exporter::{self, Reload};
use han_exporter::outlet::prometheus::exposition::{Exposition, Format};
use han_exporter::outlet::prometheus::metrics::{self, View};
use han_exporter::simulator::{self, Simulated};
use han_exporter::wire::frame::asked_for;
use han_exporter::wire::protocol::Protocol;

/// Meters that work, and the captures that show it.
struct Meters {
    maker: &'static str,
    models: &'static str,
    country: &'static str,
    /// Line settings; detected all the same.
    line: &'static str,
    rhythm: &'static str,
    fixtures: &'static [&'static str],
}

/// The maker of meters that many make alike.
const SEVERAL: &str = "several";

#[rustfmt::skip]
const METERS: [Meters; 46] = [
    Meters { maker: "Kaifa", models: "MA105H2, MA304H3, MA304H4, MA304T4", country: "Norway", line: "2400 8E1", rhythm: "power every 2 s, voltage and current every 10 s, energy every hour", fixtures: &["kaifa/list-1", "kaifa/list-2", "kaifa/list-2-single", "kaifa/list-2-it", "kaifa/list-3", "kaifa/list-3-single", "kaifa/list-3-ct"] },
    Meters { maker: "Kaifa", models: "MA105H2E, MA304H4D", country: "Sweden", line: "detected", rhythm: "everything, about every 15 s", fixtures: &["kaifa/sweden-14", "kaifa/sweden-18"] },
    Meters { maker: "Kaifa", models: "MA304H4 that sends OBIS codes", country: "Sweden", line: "detected", rhythm: "everything, about every 15 s", fixtures: &["kaifa/sweden-pairs"] },
    Meters { maker: "Kaifa", models: "MA309M, encrypted, M-Bus", country: "Austria, Poland", line: "2400 8E1", rhythm: "as the grid company sets it", fixtures: &["kaifa/austria-mbus", "kaifa/austria-records", "kaifa/poland-mbus"] },
    Meters { maker: "Sagemcom", models: "T210-D, encrypted, M-Bus", country: "Austria", line: "2400 8E1", rhythm: "as the grid company sets it", fixtures: &["sagemcom/t210-mbus", "sagemcom/t210-mbus-tag"] },
    Meters { maker: "Kamstrup", models: "Omnipower", country: "Norway", line: "2400 8N1", rhythm: "power, voltage and current every 10 s, energy every hour", fixtures: &["kamstrup/list-1", "kamstrup/list-1-single", "kamstrup/list-1-ct", "kamstrup/hour", "kamstrup/hour-single"] },
    Meters { maker: "Kamstrup", models: "Omnipower", country: "Sweden", line: "2400 8N1", rhythm: "power, voltage and current every 10 s, energy every hour", fixtures: &["kamstrup/sweden", "kamstrup/sweden-hour"] },
    Meters { maker: "Kamstrup", models: "Omnipower, encrypted or not", country: "Denmark, Switzerland", line: "2400 8N1", rhythm: "power, voltage and current every 10 s, energy with them or every hour", fixtures: &["kamstrup/denmark", "kamstrup/denmark-centivolt", "kamstrup/push-1", "kamstrup/push-1-single", "kamstrup/push-1-ct", "kamstrup/push-1-ciphered"] },
    Meters { maker: "Aidon", models: "6515, 6525, 6534 and kin", country: "Norway", line: "2400 8E1 or 8N1", rhythm: "power every 2.5 s, voltage and current every 10 s, energy every hour", fixtures: &["aidon/list-1", "aidon/list-2", "aidon/list-2-single", "aidon/list-2-it", "aidon/list-3", "aidon/list-3-it"] },
    Meters { maker: "Aidon", models: "with an RJ12 port that speaks HDLC", country: "Sweden", line: "115200 8N1", rhythm: "everything every 10 s", fixtures: &["aidon/sweden"] },
    Meters { maker: "Landis+Gyr", models: "E350", country: "Norway", line: "2400, parity detected", rhythm: "power often, voltage and current more rarely", fixtures: &["landis-gyr/e350-list-1", "landis-gyr/e350-list-2"] },
    Meters { maker: "Landis+Gyr", models: "E450, encrypted or not", country: "Switzerland, Austria", line: "2400 8E1", rhythm: "as the grid company sets it", fixtures: &["landis-gyr/e450-blocks", "landis-gyr/e450-blocks-14", "landis-gyr/e450-blocks-17", "landis-gyr/e450-blocks-pairs", "landis-gyr/burgenland"] },
    Meters { maker: "Landis+Gyr", models: "E360", country: "Switzerland", line: "9600 8N1", rhythm: "as the grid company sets it", fixtures: &["landis-gyr/e360-described"] },
    Meters { maker: "Landis+Gyr", models: "E570, encrypted or not", country: "Switzerland", line: "2400 8E1", rhythm: "as the grid company sets it", fixtures: &["landis-gyr/e570-blocks", "landis-gyr/e570-blocks-ciphered"] },
    Meters { maker: "Iskraemeco", models: "AM550, encrypted or not", country: "Switzerland", line: "115200 8N1", rhythm: "as the grid company sets it", fixtures: &["iskraemeco/am550-records", "iskraemeco/described-14", "iskraemeco/described-28", "iskraemeco/described-14-ciphered"] },
    Meters { maker: "Iskraemeco", models: "AM550, encrypted or not", country: "Slovenia", line: "115200 or 38400 8N1", rhythm: "as the grid company sets it", fixtures: &["iskraemeco/slovenia-18", "iskraemeco/slovenia-18-ciphered", "iskraemeco/slovenia-12", "iskraemeco/slovenia-12-energy", "iskraemeco/slovenia-10", "iskraemeco/slovenia-9", "iskraemeco/slovenia-9-tariffs", "iskraemeco/slovenia-4"] },
    Meters { maker: "Iskraemeco", models: "IE.5", country: "Croatia", line: "detected", rhythm: "every 30 s", fixtures: &["iskraemeco/croatia-33"] },
    Meters { maker: "Iskraemeco", models: "AM550, encrypted", country: "Austria (Kelag)", line: "detected", rhythm: "as the grid company sets it", fixtures: &["iskraemeco/kelag"] },
    Meters { maker: "Kamstrup", models: "685-382", country: "Denmark", line: "optical eye, 1200 8E2", rhythm: "asked for: `protocol=kmp382`", fixtures: &["kamstrup/685-identity", "kamstrup/685-registers", "kamstrup/685-tariffs"] },
    Meters { maker: "Kamstrup", models: "382J, 382L", country: "Denmark", line: "optical eye, 9600 8N1", rhythm: "asked for: `protocol=kmp`", fixtures: &["kamstrup/kmp-type", "kamstrup/kmp-number", "kamstrup/kmp-electricity"] },
    Meters { maker: "Kamstrup", models: "MULTICAL 302, 402, 403, 601, 602, 603 (heat)", country: "any", line: "optical eye, 1200 8N2", rhythm: "asked for: `protocol=kmp`", fixtures: &["kamstrup/kmp-heat"] },
    Meters { maker: SEVERAL, models: "DSMR 2.2, 3.0, 4 and 5 of any maker", country: "Netherlands", line: "115200 8N1, before DSMR 4 9600 7E1", rhythm: "everything every second, before DSMR 5 every 10 s; gas, water and heat as their meters send", fixtures: &["netherlands/dsmr-2", "netherlands/dsmr-2-parity", "netherlands/dsmr-3", "netherlands/dsmr-4", "netherlands/dsmr-4-no-check", "netherlands/dsmr-5", "netherlands/dsmr-5-two-gas", "netherlands/heat"] },
    Meters { maker: SEVERAL, models: "Fluvius", country: "Belgium", line: "115200 8N1", rhythm: "everything every second, with the highest demand of the month", fixtures: &["belgium/fluvius", "belgium/fluvius-unset"] },
    Meters { maker: SEVERAL, models: "Smarty", country: "Luxembourg", line: "115200 8N1", rhythm: "everything every 10 s, encrypted", fixtures: &["luxembourg/smarty", "luxembourg/smarty-ciphered"] },
    Meters { maker: SEVERAL, models: "Sagemcom T210-D-r", country: "Austria (Steiermark)", line: "115200 8N1", rhythm: "power and energy every 10 s, encrypted with two keys", fixtures: &["austria/steiermark", "austria/steiermark-ciphered", "austria/steiermark-no-tag"] },
    Meters { maker: SEVERAL, models: "P1 ports of E.ON, ESO", country: "Hungary, Lithuania", line: "115200 8N1", rhythm: "everything every 10 s", fixtures: &["hungary/eon", "lithuania/eso"] },
    Meters { maker: SEVERAL, models: "H1 ports of Aidon, Kamstrup, Landis+Gyr E360, Sagemcom, NES", country: "Sweden, Finland, Denmark", line: "115200 8N1, NES 8E1", rhythm: "everything every 10 s", fixtures: &["aidon/h1", "kamstrup/h1", "landis-gyr/e360-p1", "sagemcom/sweden-ellevio", "nes/denmark"] },
    Meters { maker: "Iskraemeco", models: "AM550, IE.5 with a P1 port", country: "Slovenia and others", line: "115200 7N1 or 8N1", rhythm: "as the grid company sets it", fixtures: &["iskraemeco/am550-slovenia", "iskraemeco/ie5-p1"] },
    Meters { maker: "EasyMeter", models: "Q3D", country: "Germany", line: "9600 7E1", rhythm: "power and energy every 2 s", fixtures: &["easymeter/q3d", "easymeter/q3d-one-way"] },
    Meters { maker: SEVERAL, models: "eHZ of EMH and Hager that send text", country: "Germany", line: "9600 7E1", rhythm: "energy every 2 s", fixtures: &["emh/ehz", "hager/ehz"] },
    Meters { maker: "Kamstrup", models: "685-382, 684-38, read out", country: "any", line: "optical eye, 300 7E1", rhythm: "asked for: `protocol=iec`", fixtures: &["kamstrup/685-382", "kamstrup/684-38"] },
    Meters { maker: SEVERAL, models: "any that is read out by IEC 62056-21: MT174, EM214, ZMD120, ZMF100 and kin", country: "any", line: "optical eye, 300 7E1 and faster", rhythm: "asked for: `protocol=iec`", fixtures: &["iskraemeco/mt174", "itron/em214", "landis-gyr/zmd120-readout", "landis-gyr/zmf100-readout"] },
    Meters { maker: SEVERAL, models: "heat meters that are read out: 2WR5, MULTICAL 41", country: "any", line: "optical eye, 300 7E1 and faster", rhythm: "asked for: `protocol=iec`", fixtures: &["siemens/2wr5", "kamstrup/multical-41"] },
    Meters { maker: "EMH", models: "eHZ, mME40", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["emh/ehz-edl", "emh/ehz-gw", "emh/mme40"] },
    Meters { maker: "DZG", models: "DVS74, DWSB20", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["dzg/dvs74", "dzg/dvs74-far", "dzg/dvs74-export", "dzg/dwsb20"] },
    Meters { maker: "Holley", models: "DTZ541", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["holley/dtz541", "holley/dtz541-kermit"] },
    Meters { maker: "Iskraemeco", models: "MT175, MT691", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["iskraemeco/mt175", "iskraemeco/mt691"] },
    Meters { maker: "Itron", models: "OpenWay 3.HZ", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["itron/openway"] },
    Meters { maker: "eBZ", models: "DD3", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["ebz/dd3"] },
    Meters { maker: "EasyMeter", models: "Q3A", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["easymeter/q3a"] },
    Meters { maker: "Hager", models: "eHZ361", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["hager/ehz361"] },
    Meters { maker: "Dr. Neuhaus", models: "SMARTY ix-130", country: "Germany", line: "9600 8N1", rhythm: "everything every few seconds", fixtures: &["dr-neuhaus/smarty"] },
    Meters { maker: "any other", models: "that pushes HDLC frames with OBIS codes in the list", country: "any", line: "detected", rhythm: "as it likes", fixtures: &["other/records-unseen", "other/pairs-unseen", "other/described-unseen"] },
    Meters { maker: "any other", models: "that pushes the same in M-Bus frames", country: "any", line: "2400 8E1", rhythm: "as it likes", fixtures: &["sagemcom/t210-mbus-plain"] },
    Meters { maker: "any other", models: "that pushes telegrams with OBIS codes", country: "any", line: "detected", rhythm: "as it likes", fixtures: &["other/p1-unseen"] },
    Meters { maker: "any other", models: "that pushes SML", country: "Germany", line: "9600 8N1", rhythm: "as it likes", fixtures: &["froetec/zg22", "other/sml-unseen"] },
];

#[test]
fn the_meters_are_those_that_fixtures_prove() {
    let mut table = String::from(
        "| Maker | Meters | Country | Line | What comes when | Proven by |\n|---|---|---|---|---|---|\n",
    );
    let mut proven = BTreeSet::new();
    for Meters { maker, models, country, line, rhythm, fixtures } in METERS {
        let mut links = Vec::new();
        for name in fixtures {
            let (list, said) = read(name);
            assert!(
                said.is_empty() || maker == SEVERAL || said == maker,
                "{name} is of {said}, not of {maker}"
            );
            proven.insert(list);
            let file = Path::new(name).file_name().unwrap().to_string_lossy();
            links.push(format!("[{file}](fixtures/{name}.hex)"));
        }
        let links = links.join(", ");
        table += &format!("| {maker} | {models} | {country} | {line} | {rhythm} | {links} |\n");
    }
    for list in LISTS {
        assert!(proven.contains(list.name), "no meter of the README sends the list \"{}\"", list.name);
    }
    compare("meters", &table);
}

#[test]
fn the_protocols_are_those_that_a_source_takes() {
    let mut table = String::from("| `protocol=` | Meters | Line | Asked |\n|---|---|---|---|\n");
    for protocol in Protocol::ALL {
        let (meters, rhythm) = match protocol {
            Protocol::Kmp382 => ("Kamstrup 685-382, in its own protocol", "every 10 s"),
            Protocol::Kmp => ("Kamstrup 382J and 382L; MULTICAL", "every 60 s; a MULTICAL every 30 min"),
            Protocol::Iec => ("any of IEC 62056-21 in mode A, B or C", "every 60 s"),
            Protocol::Hdlc | Protocol::Mbus | Protocol::P1 | Protocol::Sml => {
                ("that push; only these settings are tried then", "never")
            }
        };
        let settings: Vec<_> = protocol.settings().iter().map(ToString::to_string).collect();
        let settings = match protocol {
            Protocol::Iec => "300 7E1, then as the meter offers".to_owned(),
            _ => settings.join(", "),
        };
        table += &format!("| `{protocol}` | {meters} | {settings} | {rhythm} |\n");
        let source = format!("/dev/ttyUSB0?protocol={protocol}");
        assert!(source.parse::<han_exporter::source::Source>().is_ok(), "{source}");
    }
    compare("protocols", &table);
}

#[test]
fn the_simulated_meters_are_those_that_there_are() {
    let mut table = String::from("| Line | Names | Encrypted |\n|---|---|---|\n");
    let meters: Vec<Simulated> = simulator::names().map(|name| name.parse().unwrap()).collect();
    let mut lines: Vec<_> = meters.iter().map(Simulated::line).collect();
    lines.sort_by_key(|line| (line.baud, line.to_string()));
    lines.dedup();
    for line in lines {
        let [plain, encrypted] = [false, true].map(|is_encrypted| {
            let meters = meters.iter().filter(|it| it.line() == line && it.keys().is_some() == is_encrypted);
            meters.map(|meter| format!("`{meter}`")).collect::<Vec<_>>().join(", ")
        });
        table += &format!("| {line} | {plain} | {encrypted} |\n");
    }
    compare("simulated", &table);
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    for key in simulator::KEYS {
        assert!(text.contains(&format!("`{key:032x}`")), "the key {key:032x} of simulated meters");
    }
}

#[test]
fn the_readings_are_the_families() {
    let mut table = String::from("| Metric | Type | Label | Meaning |\n|---|---|---|---|\n");
    for family in &FAMILIES {
        let kind = if family.kind == Kind::Counter { "counter" } else { "gauge" };
        let label = family.label.map(|label| format!("`{label}`")).unwrap_or_default();
        table += &format!("| `{}` | {kind} | {label} | {} |\n", family.name, family.help);
    }
    compare("readings", &table);
}

#[test]
fn the_other_metrics_are_those_of_a_meter_about_which_everything_is_known() {
    let mut table = String::from("| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n");
    let text = exposition();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) else {
            continue;
        };
        let kind = lines.next().unwrap().rsplit(' ').next().unwrap();
        if FAMILIES.iter().all(|family| family.name != name) {
            let labels = labels(lines.peek().unwrap()).join(", ");
            table += &format!("| `{name}` | {kind} | {labels} | {help} |\n");
        }
    }
    compare("health", &table);
}

#[test]
fn every_command_is_understood() {
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let words = command.split_whitespace().map(|word| word.trim_matches('\'').into());
        if let Err(Stop::Error(error)) = config::parse(words) {
            panic!("{command}: {error}");
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { page } else { file };
            assert!(root().join(file).exists(), "{page}: {target}");
            let lines = fs::read_to_string(root().join(file)).unwrap_or_default();
            let found = lines.lines().any(|line| line.starts_with('#') && anchor(line) == heading);
            assert!(heading.is_empty() || found, "{page}: {target}");
        }
    }
}

/// The list in a fixture, and who its meter says has made it.
fn read(name: &str) -> (&'static str, &'static str) {
    let path = root().join("fixtures").join(name).with_extension("hex");
    let content = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let bytes = hex::bytes(&content);
    let mut found = None;
    support::each_event(&bytes, bytes.len(), |event| {
        if let Outcome::Reading { list, reading, .. } = event.outcome {
            found = Some((list.name, reading.identity.manufacturer));
        }
    });
    found.unwrap_or_else(|| panic!("{name} holds no reading"))
}

fn decoder_of(bytes: &[u8]) -> Decoder {
    let decoder = Decoder::default();
    match asked_for(bytes) {
        Some(protocol) => decoder.asking(protocol),
        None => decoder,
    }
}

/// Everything there is to show, of a meter that pushes and of one that is asked.
fn exposition() -> String {
    let now = Instant::now();
    let snapshots = ["kaifa/list-3", "kamstrup/685-registers"].map(|name| {
        let path = root().join("fixtures").join(name).with_extension("hex");
        let bytes = hex::bytes(&fs::read(path).unwrap()).into_owned();
        let (mut snapshot, mut input, mut decoder) = (Snapshot::default(), &bytes[..], decoder_of(&bytes));
        while let Some(event) = decoder.feed(&mut input) {
            snapshot.absorb(&event, now, SystemTime::now());
        }
        snapshot.port.line_errors = Some([0; 4]);
        snapshot
    });
    let view = |snapshot| View { name: None, simulated: false, limits: Limits::default(), snapshot };
    let mut out = Exposition::new(Format::Text);
    metrics::write(&snapshots.each_ref().map(view), now, &mut out);
    exporter::write(&Reload { successful: true, succeeded: SystemTime::now() }, &mut out);
    String::from_utf8(out.end()).unwrap()
}

/// The names of a sample's labels.
fn labels(sample: &str) -> Vec<String> {
    let Some((_, rest)) = sample.split_once('{') else { return Vec::new() };
    let pairs = rest.split("\",").filter_map(|pair| pair.split_once("=\""));
    pairs.map(|(name, _)| format!("`{name}`")).collect()
}

/// Runs of our own program in the README's blocks of shell, up to what the shell does with them.
fn commands() -> Vec<String> {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap_or_default());
    let ours = lines.flat_map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    ours.filter_map(|command| {
        let command = command.strip_prefix("sudo ").unwrap_or(command);
        let command = command
            .strip_prefix("cargo run --release -- ")
            .map_or(command.to_owned(), |rest| format!("han-exporter {rest}"));
        let command = command.split(['>', '<', '&']).next().unwrap_or_default().trim().to_owned();
        (command.split(' ').next() == Some("han-exporter")).then_some(command)
    })
    .collect()
}

/// How a heading is called in a link.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    plain
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Holds what stands between two marks in the README against what should.
fn compare(name: &str, table: &str) {
    static README: Mutex<()> = Mutex::new(());
    let _alone = README.lock().unwrap_or_else(PoisonError::into_inner);
    let path = root().join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("README.md lacks {open}"));
    let (inside, behind) = rest.split_once(&close).unwrap_or_else(|| panic!("README.md lacks {close}"));
    let table = format!("\n{table}\n");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, [before, &open, &table, &close, behind].concat()).unwrap();
    } else {
        assert_eq!(
            inside, table,
            "BLESS=1 cargo test --test repository readme writes the table \"{name}\" anew"
        );
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
