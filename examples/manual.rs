//! Writes man pages and shell completions from the program's own definition: `cargo run --example manual -- FOLDER`.
//!
//! The pages are `han-exporter.1` and one for each other command; the completions are for bash, zsh and fish.

use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use han_exporter::command;

/// Files that the definition of the command line does not name.
const FILES: [(&str, &str); 4] = [
    ("/etc/default/han-exporter", "Settings of the service: every option is a variable there."),
    (
        "/etc/systemd/system/han-exporter.service.d/key.conf",
        "Hands keys to the service; see key.conf in the examples.",
    ),
    ("/usr/share/han-exporter", "A dashboard for Grafana, and rules for Prometheus."),
    (
        "/usr/share/doc/han-exporter",
        "The README and docs/, which explain meters, wiring, metrics and messages; examples.",
    ),
];
const UNITS: [(&str, &str); 3] = [
    ("han-exporter.service", "Reads serial ports and has no network; serves on the socket below."),
    ("han-exporter.socket", "Listens on port 10170, even while the service restarts."),
    (
        "han-exporter-network.service",
        "Replaces both: listens itself, and reaches meters on a network adapter.",
    ),
];

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("manual: name a folder to write to");
        return ExitCode::from(2);
    };
    match write_all(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("manual: {}: {error}", Path::new(&folder).display());
            ExitCode::FAILURE
        }
    }
}

fn write_all(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut command = command::definition();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command, "han-exporter", folder)?;
    }
    command.build();
    for other in command.get_subcommands() {
        write_page(folder, other, &[])?;
    }
    write_page(folder, &command, &[("UNITS", &UNITS), ("FILES", &FILES)])
}

fn write_page(folder: &Path, command: &clap::Command, lists: &[(&str, &[(&str, &str)])]) -> io::Result<()> {
    let page = Man::new(command.clone()).manual("User Commands");
    let mut out = Vec::new();
    page.render_title(&mut out)?;
    page.render_name_section(&mut out)?;
    page.render_synopsis_section(&mut out)?;
    page.render_description_section(&mut out)?;
    page.render_options_section(&mut out)?;
    if command.has_subcommands() {
        page.render_subcommands_section(&mut out)?;
    }
    let mut rest = Roff::default();
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for block in after.split("\n\n").filter(|block| !block.is_empty()) {
        section(&mut rest, block);
    }
    for (heading, items) in lists {
        rest.control("SH", [*heading]);
        for (name, meaning) in *items {
            rest.control("TP", []).text([bold(*name)]).text([roman(*meaning)]);
        }
    }
    rest.to_writer(&mut out)?;
    fs::write(folder.join(page.get_filename()), out)
}

/// A block of the longer help texts: a heading with lines below it, printed verbatim, or a remark.
fn section(out: &mut Roff, block: &str) {
    let (first, lines) = block.split_once('\n').unwrap_or((block, ""));
    let heading = first.strip_suffix(':').filter(|_| lines.starts_with(' '));
    out.control("SH", [heading.unwrap_or("NOTES").to_uppercase().as_str()]).control("nf", []);
    for line in if heading.is_some() { lines } else { block }.lines() {
        out.text([roman(line)]);
    }
    out.control("fi", []);
}
