//! README and `docs/` are true: their tables are made from the program's own, every command runs, every link resolves,
//! every message that they quote exists.
//!
//! `BLESS=1 cargo test --test repository pages` writes the tables; look at the difference before you keep it.

use crate::meters::{METERS, Meters, SEVERAL};
use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use han_exporter::command;
use han_exporter::config::Stop;
use han_exporter::decoder::{Error, Outcome};
use han_exporter::hex;
use han_exporter::meter::{FAMILIES, Kind, LISTS};
use han_exporter::outlet::prometheus::exposition::Format;
use han_exporter::outlet::prometheus::{Metrics, Reloads};
use han_exporter::simulator::{self, Simulated};
use han_exporter::wire::protocol::Protocol;

#[test]
fn every_meter_has_captures_that_decode_and_every_list_has_a_meter() {
    let mut table = String::from(
        "| Manufacturer | Meters | Country | Serial settings | What it sends | Captures |\n|---|---|---|---|---|---|\n",
    );
    let mut proven = BTreeSet::new();
    for Meters { manufacturer, models, country, serial, sends, fixtures } in METERS {
        let mut links = Vec::new();
        for name in *fixtures {
            let (list, sender) = read(name);
            assert!(
                sender.is_empty() || *manufacturer == SEVERAL || sender == *manufacturer,
                "{name} is from {sender}, not from {manufacturer}"
            );
            proven.insert(list);
            let file = Path::new(name).file_name().unwrap().to_string_lossy();
            links.push(format!("[{file}](../fixtures/{name}.hex)"));
        }
        let links = links.join(", ");
        table += &format!("| {manufacturer} | {models} | {country} | {serial} | {sends} | {links} |\n");
    }
    for list in LISTS {
        assert!(proven.contains(list.name), "no meter in docs/meters.md sends the list \"{}\"", list.name);
    }
    compare("docs/meters.md", "meters", &table);
}

#[test]
fn the_protocols_are_those_that_a_source_accepts() {
    let mut table = String::from("| `protocol=` | Meters | Serial settings | Polled |\n|---|---|---|---|\n");
    for protocol in Protocol::ALL {
        let (meters, polled) = match protocol {
            Protocol::Kmp382 => ("Kamstrup 685-382, in its own protocol", "every 10 s"),
            Protocol::Kmp => ("Kamstrup 382J and 382L; MULTICAL", "every 60 s; a MULTICAL every 30 min"),
            Protocol::Iec => ("any with an IEC 62056-21 readout in mode A, B or C", "every 60 s"),
            Protocol::Hdlc | Protocol::Mbus | Protocol::P1 | Protocol::Sml => {
                ("meters that push; only these settings are then tried", "never")
            }
        };
        let settings: Vec<_> = protocol.settings().iter().map(ToString::to_string).collect();
        let settings = match protocol {
            Protocol::Iec => "300 7E1, then what the meter offers".to_owned(),
            _ => settings.join(", "),
        };
        table += &format!("| `{protocol}` | {meters} | {settings} | {polled} |\n");
        let source = format!("/dev/ttyUSB0?protocol={protocol}");
        assert!(source.parse::<han_exporter::source::Source>().is_ok(), "{source}");
    }
    compare("docs/optical-heads.md", "protocols", &table);
}

#[test]
fn every_simulated_meter_is_listed() {
    let mut table = String::from("| Serial settings | Names | Encrypted |\n|---|---|---|\n");
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
    compare("docs/meters.md", "simulated", &table);
    let text = read_page("docs/meters.md");
    for key in simulator::KEYS {
        assert!(text.contains(&format!("`{key:032x}`")), "the key {key:032x} of simulated meters");
    }
}

#[test]
fn every_reading_metric_is_listed() {
    let mut table = String::from("| Metric | Type | Label | Meaning |\n|---|---|---|---|\n");
    for family in FAMILIES {
        let kind = if family.kind == Kind::Counter { "counter" } else { "gauge" };
        let label = family.label.map(|label| format!("`{label}`")).unwrap_or_default();
        table += &format!("| `{}` | {kind} | {label} | {} |\n", family.name, family.help);
    }
    compare("docs/metrics.md", "readings", &table);
}

#[test]
fn every_health_metric_is_listed() {
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
    compare("docs/metrics.md", "health", &table);
}

#[test]
fn every_command_is_accepted() {
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let words = command.split_whitespace().map(|word| word.trim_matches('\'').into());
        if let Err(Stop::Error(error)) = command::parse(words) {
            panic!("{command}: {error}");
        }
    }
}

#[test]
fn every_script_that_a_page_runs_exists() {
    let is_ours = |word: &&str| ["packaging/", "ci/", ".ci/"].iter().any(|folder| word.starts_with(folder));
    for page in manual() {
        for line in shell(&read_page(&page)) {
            for script in line.split_whitespace().take(1).filter(is_ours) {
                assert!(root().join(script).exists(), "{page}: {line}");
            }
        }
    }
}

#[test]
fn every_link_resolves() {
    for page in pages() {
        let text = read_page(&page);
        let folder = root().join(&page).parent().unwrap().to_owned();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { root().join(&page) } else { folder.join(file) };
            assert!(file.exists(), "{page}: {target}");
            let lines = fs::read_to_string(file).unwrap_or_default();
            let found = lines.lines().any(|line| line.starts_with('#') && anchor(line) == heading);
            assert!(heading.is_empty() || found, "{page}: {target}");
        }
    }
}

/// A guard that is gone guards nothing.
#[test]
fn every_file_that_the_architecture_names_exists() {
    let page = read_page("ARCHITECTURE.md");
    let (_, rest) = page.split_once("| Invariant | Guard |").unwrap();
    let (table, _) = rest.split_once("\n\n").unwrap();
    for row in table.lines().skip(2) {
        assert!(code_spans(row).any(is_a_file), "no test guards: {row}");
    }
    let letter = |c: char| c.is_alphanumeric() || "/_.-".contains(c);
    let paths = |span: &&str| span.contains('/') && !span.starts_with('/') && span.chars().all(letter);
    for path in code_spans(&page).filter(paths) {
        assert!(is_a_file(path), "ARCHITECTURE.md names {path}, which does not exist");
    }
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether a path, from the root or within `src`, with or without `.rs`, is a file or a folder.
fn is_a_file(path: &str) -> bool {
    let folders = [root(), root().join("src")];
    let places = folders.iter().flat_map(|folder| [folder.join(path), folder.join(format!("{path}.rs"))]);
    path.contains('/') && places.into_iter().any(|place| place.exists())
}

#[test]
fn the_readme_is_short_and_leads_to_every_page() {
    let readme = read_page("README.md");
    assert!(readme.lines().count() <= 250, "the README is for the first hour: move the rest to docs/");
    for page in manual() {
        assert!(
            page == "README.md" || readme.contains(&format!("({page})")),
            "the README does not link {page}"
        );
    }
}

#[test]
fn every_option_is_listed() {
    let mut table = String::from("| Option | Variable | Default | Meaning |\n|---|---|---|---|\n");
    let definition = command::definition();
    for option in definition.get_arguments() {
        let (Some(name), Some(help)) = (option.get_long(), option.get_help()) else { continue };
        let code = |text: &str| format!("`{text}`");
        let variable = option.get_env().map(|name| code(&name.to_string_lossy())).unwrap_or_default();
        let help = help.to_string();
        let (help, noted) = help.split_once(" [default: ").unwrap_or((&help, ""));
        let defaults = option.get_default_values().iter().map(|text| code(&text.to_string_lossy()));
        let defaults = defaults.collect::<Vec<_>>().join(", ") + noted.trim_end_matches(']');
        table += &format!("| `--{name}` | {variable} | {defaults} | {help} |\n");
    }
    compare("docs/install.md", "options", &table);
}

#[test]
fn every_reason_of_a_frame_error_is_explained() {
    let page = read_page("docs/metrics.md");
    let reasons = rows(&page, "reasons").map(|cells| cells[1].trim_matches('`').to_owned());
    assert_eq!(reasons.collect::<BTreeSet<_>>(), Error::REASONS.map(str::to_owned).into());
}

#[test]
fn every_quoted_message_exists() {
    let (page, sources) = (read_page("docs/troubleshooting.md"), source_text(&root().join("src")));
    let mut count = 0;
    for cells in rows(&page, "messages").chain(rows(&page, "diagnoses")) {
        for part in cells[1].split("; ").flat_map(|message| message.split('…')).map(str::trim) {
            assert!(
                sources.contains(part),
                "docs/troubleshooting.md quotes \"{part}\", which no message contains"
            );
            count += 1;
        }
    }
    assert!(count > 20, "{count} quotes found");
}

/// The pages for users: README and `docs/`.
fn manual() -> Vec<String> {
    let files = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut pages: Vec<_> = files.map(|name| format!("docs/{}", name.to_string_lossy())).collect();
    pages.sort();
    pages.insert(0, "README.md".to_owned());
    pages
}

fn pages() -> Vec<String> {
    let others = ["ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md", "fuzz/README.md"];
    manual().into_iter().chain(others.map(str::to_owned)).collect()
}

pub fn read_page(page: &str) -> String {
    let _alone = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// The cells of each row of the table between two marks.
pub fn rows<'a>(page: &'a str, name: &str) -> impl Iterator<Item = Vec<&'a str>> {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->")).unwrap_or_else(|| panic!("no table {name}"));
    let (table, _) =
        rest.split_once(&format!("<!-- /{name} -->")).unwrap_or_else(|| panic!("no end of {name}"));
    let lines = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
}

/// The sources without their tests; string literals that continue on the next line are joined.
fn source_text(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            text += &source_text(&entry);
        } else {
            let file = fs::read_to_string(&entry).unwrap();
            let code = file.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let mut lines = code.split("\\\n");
            text += lines.next().unwrap_or_default();
            lines.for_each(|line| text += line.trim_start());
        }
    }
    text
}

/// The list in a fixture, and the manufacturer that its meter reports.
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
    found.unwrap_or_else(|| panic!("{name} contains no reading"))
}

/// Every metric of a meter that pushes, of one that is polled, and of one that is silent.
fn exposition() -> String {
    let streams = ["kaifa/list-3", "kamstrup/685-registers"].map(|name| {
        let path = root().join("fixtures").join(name).with_extension("hex");
        (name, hex::bytes(&fs::read(path).unwrap()).into_owned())
    });
    let streams = [&streams[..], &[("silent", Vec::new())]].concat();
    let hub = support::meters::hub(&streams);
    streams.iter().for_each(|(name, _)| support::meters::count_line_errors(&hub, name));
    let families = Metrics::new(hub, "/metrics", &Reloads::default(), false).gather();
    String::from_utf8(Format::Text.encode(&families)).unwrap()
}

/// The names of a sample's labels, without the one that tells the meter.
fn labels(sample: &str) -> Vec<String> {
    let Some((_, rest)) = sample.split_once('{') else { return Vec::new() };
    let pairs = rest.split("\",").filter_map(|pair| pair.split_once("=\""));
    pairs.filter(|(name, _)| *name != "meter").map(|(name, _)| format!("`{name}`")).collect()
}

/// The lines of the pages' shell blocks, without comments.
fn shell(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap_or_default());
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Runs of our own program in those, up to what the shell does with them.
fn commands() -> Vec<String> {
    let lines = manual().iter().flat_map(|page| shell(&read_page(page))).collect::<Vec<_>>();
    let ours = lines.iter().flat_map(|line| line.split('|').map(str::trim));
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

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    plain
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Held while a page is read or written.
static PAGES: Mutex<()> = Mutex::new(());

/// Compares the table between two marks of a page with what it should be.
fn compare(page: &str, name: &str, table: &str) {
    let _alone = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let path = root().join(page);
    let text = fs::read_to_string(&path).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("{page} lacks {open}"));
    let (inside, after) = rest.split_once(&close).unwrap_or_else(|| panic!("{page} lacks {close}"));
    let table = format!("\n{table}\n");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, [before, &open, &table, &close, after].concat()).unwrap();
    } else {
        assert_eq!(inside, table, "BLESS=1 cargo test --test repository pages writes the table \"{name}\"");
    }
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
